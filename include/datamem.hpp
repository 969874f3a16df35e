// SPDX-License-Identifier: BSD-3-Clause
// Copyright (C) 2026 The libdatamem authors

/**
 * \file datamem.hpp
 * \brief libdatamem for C++17: allocator, memory resource, owners, guards.
 *
 * Header only, over <datamem.h>, whose rules hold here as well. Nothing is
 * called that needs a newer library than the header's.
 *
 * - What has no memory throws std::bad_alloc (a count of elements that
 *   overflows: std::bad_array_new_length); every other error is a
 *   std::system_error with the errno value in std::generic_category().
 *   Programs built without exceptions end by std::terminate() instead.
 * - What throws has changed nothing, unless said otherwise.
 * - Files with exceptions and files without may be parts of one program: an
 *   inline namespace gives each kind types and functions of its own. A function
 *   of the other kind that takes these types is not found by the linker; one that
 *   only returns them is, as its name does not tell, and is not to be called.
 * - Functions marked noexcept cannot fail. errno is as in <datamem.h>.
 */
#ifndef DATAMEM_HPP
#define DATAMEM_HPP

#if !defined(__cplusplus) || __cplusplus < 201703L
#error "datamem.hpp needs C++17"
#endif

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#if __has_include(<memory_resource>)
#include <memory_resource>
#endif

#include <datamem.h>

namespace datamem {

#if defined(__cpp_exceptions)
inline namespace throwing {
#else
inline namespace terminating {
#endif

/** \brief What is not for callers. */
namespace detail {

/** The alignment of every block; more has to be asked for. */
inline constexpr std::size_t natural_alignment = 16;
/** The largest one that can be asked for. */
inline constexpr std::size_t largest_alignment = std::size_t{1} << 21;

template <class Error> [[noreturn]] inline void raise(const Error &error)
{
#if defined(__cpp_exceptions)
	throw error;
#else
	static_cast<void>(error);
	std::terminate();
#endif
}

/** Throw what an errno value stands for. */
[[noreturn]] inline void fail(int error, const char *what)
{
	if (error == ENOMEM)
		raise(std::bad_alloc());
	raise(std::system_error(error, std::generic_category(), what));
}

/** Bytes of n elements. */
inline std::size_t product(std::size_t n, std::size_t elsize)
{
	if (elsize != 0 && n > std::size_t{PTRDIFF_MAX} / elsize)
		raise(std::bad_array_new_length());
	return n * elsize;
}

inline void *allocate(std::size_t nbytes, std::size_t alignment)
{
	void *ptr = alignment <= natural_alignment
			    ? datamem_alloc(nbytes)
			    : datamem_alloc_aligned(nbytes, alignment);

	if (!ptr)
		fail(errno, "datamem_alloc");
	return ptr;
}

} // namespace detail

/**
 * \brief Throw the error that a function of <datamem.h> returned, if any.
 *
 * \param result  0 or more: nothing is thrown; a negative errno value.
 * \param what    For the message.
 *
 * \return The result.
 */
inline int check(int result, const char *what = "libdatamem")
{
	if (result < 0)
		detail::fail(-result, what);
	return result;
}

/**
 * \brief An allocator for containers, std::allocate_shared() and the like.
 *
 * Stateless: any one frees the blocks of any other. Blocks come from
 * datamem_alloc(), so they follow the setting `handler`, not the current
 * handler of a thread.
 *
 * Alignment is that of the first element; 0 stands for alignof(T), which holds
 * in any case. T may be incomplete where a container allows it.
 */
template <class T, std::size_t Alignment = 0> class allocator {
	static_assert(!std::is_const_v<T> && !std::is_volatile_v<T>,
		      "elements can be written");
	static_assert((Alignment & (Alignment - 1)) == 0 &&
			      Alignment <= detail::largest_alignment,
		      "an alignment is a power of two up to 2 MiB");

public:
	using value_type = T;
	using size_type = std::size_t;
	using difference_type = std::ptrdiff_t;
	using propagate_on_container_move_assignment = std::true_type;
	using is_always_equal = std::true_type;
	template <class U> struct rebind {
		using other = allocator<U, Alignment>;
	};

	constexpr allocator() noexcept = default;
	template <class U>
	constexpr allocator(const allocator<U, Alignment> &) noexcept
	{
	}

	/** \brief Room for n elements; 0 has an address of its own, too. */
	[[nodiscard]] T *allocate(std::size_t n)
	{
		static_assert(alignof(T) <= detail::largest_alignment,
			      "an alignment is at most 2 MiB");
		constexpr std::size_t alignment =
			Alignment > alignof(T) ? Alignment : alignof(T);

		return static_cast<T *>(detail::allocate(
			detail::product(n, sizeof(T)), alignment));
	}

	/** \brief Free what allocate() returned. */
	void deallocate(T *ptr, std::size_t n) noexcept
	{
		datamem_free(ptr, n * sizeof(T));
	}
};

template <class T, class U, std::size_t A>
constexpr bool operator==(const allocator<T, A> &,
			  const allocator<U, A> &) noexcept
{
	return true;
}

template <class T, class U, std::size_t A>
constexpr bool operator!=(const allocator<T, A> &,
			  const allocator<U, A> &) noexcept
{
	return false;
}

#if defined(__cpp_lib_memory_resource) ||                                    \
	(__has_include(<memory_resource>) && defined(__GLIBCXX__))
#define DATAMEM_HAS_MEMORY_RESOURCE 1

/**
 * \brief Memory for containers of std::pmr. Each is equal to itself alone, as
 *        the resources of the C++ library are: containers that exchange what
 *        they hold share one, resource() for instance.
 *
 * Missing where the C++ library has no <memory_resource>; then
 * DATAMEM_HAS_MEMORY_RESOURCE is not defined.
 */
class memory_resource : public std::pmr::memory_resource {
	void *do_allocate(std::size_t nbytes, std::size_t alignment) override
	{
		return detail::allocate(detail::product(nbytes, 1), alignment);
	}

	void do_deallocate(void *ptr, std::size_t nbytes,
			   std::size_t) override
	{
		datamem_free(ptr, nbytes);
	}

	/* The type of the other one cannot be asked for: it may be of code that
	 * was built without RTTI, for which dynamic_cast crashes. */
	bool do_is_equal(const std::pmr::memory_resource &other)
		const noexcept override
	{
		return this == &other;
	}
};

/**
 * \brief The resource of the process, never destroyed: for
 *        std::pmr::set_default_resource().
 */
inline memory_resource *resource() noexcept
{
	alignas(memory_resource) static unsigned char
		room[sizeof(memory_resource)];
	static memory_resource *const made = ::new (room) memory_resource;

	return made;
}
#endif

/**
 * \brief Frees a block of datamem_alloc() and its family, without destroying
 *        what is in it: std::unique_ptr<double[], datamem::free_block>.
 */
struct free_block {
	template <class T> void operator()(T *ptr) const noexcept
	{
		datamem_free(const_cast<std::remove_cv_t<T> *>(ptr), 0);
	}
};

/**
 * \brief Destroys an object and frees its block.
 *
 * Converts to that of `const T` only: a base class may lie at another address
 * than its block.
 */
template <class T> struct deleter {
	constexpr deleter() noexcept = default;
	template <class U,
		  class = std::enable_if_t<std::is_same_v<
			  std::remove_cv_t<U>, std::remove_cv_t<T>> &&
					   std::is_convertible_v<U *, T *>>>
	constexpr deleter(const deleter<U> &) noexcept
	{
	}

	void operator()(T *ptr) const noexcept
	{
		std::destroy_at(ptr);
		datamem_free(const_cast<std::remove_cv_t<T> *>(ptr), sizeof(T));
	}
};

/** \brief Destroys an array, which it knows the length of, and frees it. */
template <class T> class deleter<T[]> {
	std::size_t n_ = 0;

public:
	constexpr deleter() noexcept = default;
	explicit constexpr deleter(std::size_t n) noexcept : n_(n) {}
	template <class U,
		  class = std::enable_if_t<
			  std::is_same_v<std::remove_cv_t<U>,
					 std::remove_cv_t<T>> &&
			  std::is_convertible_v<U (*)[], T (*)[]>>>
	constexpr deleter(const deleter<U[]> &other) noexcept
		: n_(other.size())
	{
	}

	/** \brief The number of elements. */
	constexpr std::size_t size() const noexcept { return n_; }

	void operator()(T *ptr) const noexcept
	{
		std::destroy_n(ptr, n_);
		datamem_free(const_cast<std::remove_cv_t<T> *>(ptr),
			     n_ * sizeof(T));
	}
};

/** \brief Owns an object or an array in memory of the library. */
template <class T> using unique_ptr = std::unique_ptr<T, deleter<T>>;

namespace detail {

/** Memory that is freed unless what is made in it is complete. */
template <class T> class room {
	T *ptr_;

public:
	explicit room(std::size_t n) : ptr_(allocator<T>().allocate(n)) {}
	room(const room &) = delete;
	room &operator=(const room &) = delete;
	~room() { free_block()(ptr_); }
	T *get() const noexcept { return ptr_; }
	T *release() noexcept { return std::exchange(ptr_, nullptr); }
};

/** Zero bytes are what value-initialisation gives. */
template <class T>
inline constexpr bool zeros_will_do =
	std::is_arithmetic_v<T> && alignof(T) <= natural_alignment;

} // namespace detail

/**
 * \brief Make an object.
 *
 * \param args  For its constructor.
 *
 * \return Its owner.
 */
template <class T, class... Args>
[[nodiscard]] std::enable_if_t<!std::is_array_v<T>, unique_ptr<T>>
make_unique(Args &&...args)
{
	detail::room<std::remove_cv_t<T>> room(1);

	::new (static_cast<void *>(room.get())) T(std::forward<Args>(args)...);
	return unique_ptr<T>(room.release());
}

/**
 * \brief Make an array of n value-initialised elements, for T[].
 *
 * Numbers are zeros as of datamem_alloc_zeroed(): those that are not written
 * need not become resident.
 *
 * \param n  Number of elements.
 *
 * \return Its owner, whose deleter knows n.
 */
template <class T>
[[nodiscard]] std::enable_if_t<std::is_array_v<T> && std::extent_v<T> == 0,
			       unique_ptr<T>>
make_unique(std::size_t n)
{
	using Item = std::remove_cv_t<std::remove_extent_t<T>>;

	if constexpr (detail::zeros_will_do<Item>) {
		detail::product(n, sizeof(Item));
		void *ptr = datamem_alloc_zeroed(n, sizeof(Item));

		if (!ptr)
			detail::fail(errno, "datamem_alloc_zeroed");
		return unique_ptr<T>(static_cast<Item *>(ptr), deleter<T>(n));
	} else {
		detail::room<Item> room(n);

		std::uninitialized_value_construct_n(room.get(), n);
		return unique_ptr<T>(room.release(), deleter<T>(n));
	}
}

/**
 * \brief Make an array of n default-initialised elements, for T[]: numbers
 *        have any value.
 *
 * \param n  Number of elements.
 *
 * \return Its owner, whose deleter knows n.
 */
template <class T>
[[nodiscard]] std::enable_if_t<std::is_array_v<T> && std::extent_v<T> == 0,
			       unique_ptr<T>>
make_unique_for_overwrite(std::size_t n)
{
	using Item = std::remove_cv_t<std::remove_extent_t<T>>;
	detail::room<Item> room(n);

	std::uninitialized_default_construct_n(room.get(), n);
	return unique_ptr<T>(room.release(), deleter<T>(n));
}

/**
 * \brief A struct datamem_buffer that is released when it goes, and moved, not
 *        copied.
 *
 * Bytes, not objects: what is in it is copied by resizes and not destroyed.
 */
class buffer {
	struct datamem_buffer raw_ = {};

public:
	/** \brief An empty one: no data, no handler. */
	buffer() noexcept = default;

	/**
	 * \brief Unspecified bytes of the current handler.
	 *
	 * \param nbytes  Size in bytes.
	 */
	explicit buffer(std::size_t nbytes)
	{
		check(datamem_buffer_init(&raw_, nbytes),
		      "datamem_buffer_init");
	}

	/**
	 * \brief Unspecified bytes of a given handler.
	 *
	 * \param nbytes     Size in bytes.
	 * \param handler    NULL: the current one.
	 * \param alignment  A power of two up to 2 MiB; 0: the handler's.
	 */
	buffer(std::size_t nbytes, const struct datamem_handler *handler,
	       std::size_t alignment = 0)
	{
		check(datamem_buffer_init_with(&raw_, handler, nbytes,
					       alignment),
		      "datamem_buffer_init_with");
	}

	/** \brief nelem * elsize unspecified bytes of the current handler. */
	[[nodiscard]] static buffer array(std::size_t nelem, std::size_t elsize)
	{
		buffer made;

		check(datamem_buffer_init_array(&made.raw_, nelem, elsize),
		      "datamem_buffer_init_array");
		return made;
	}

	/** \brief nelem * elsize zero bytes of the current handler. */
	[[nodiscard]] static buffer zeroed(std::size_t nelem,
					   std::size_t elsize = 1)
	{
		buffer made;

		check(datamem_buffer_init_zeroed(&made.raw_, nelem, elsize),
		      "datamem_buffer_init_zeroed");
		return made;
	}

	/** \brief Memory that stays the caller's. */
	[[nodiscard]] static buffer view(void *data, std::size_t nbytes)
	{
		buffer made;

		check(datamem_buffer_init_view(&made.raw_, data, nbytes),
		      "datamem_buffer_init_view");
		return made;
	}

	/** \brief Take over what a struct holds; it is empty afterwards. */
	[[nodiscard]] static buffer
	adopt(struct datamem_buffer &raw) noexcept
	{
		buffer made;

		datamem_buffer_move(&made.raw_, &raw);
		return made;
	}

	buffer(const buffer &) = delete;
	buffer &operator=(const buffer &) = delete;
	buffer(buffer &&other) noexcept
	{
		datamem_buffer_move(&raw_, &other.raw_);
	}
	buffer &operator=(buffer &&other) noexcept
	{
		if (this != &other) {
			datamem_buffer_release(&raw_);
			datamem_buffer_move(&raw_, &other.raw_);
		}
		return *this;
	}
	~buffer() { datamem_buffer_release(&raw_); }

	/** \brief Resize; one that does not own its data cannot be
	 *         (std::errc::invalid_argument). */
	void resize(std::size_t nbytes)
	{
		check(datamem_buffer_resize(&raw_, nbytes),
		      "datamem_buffer_resize");
	}

	/** \brief Resize; the bytes that it has more are zero. */
	void resize_zeroed(std::size_t nbytes)
	{
		check(datamem_buffer_resize_zeroed(&raw_, nbytes),
		      "datamem_buffer_resize_zeroed");
	}

	/** \brief Free what it owns; it is empty afterwards. */
	void reset() noexcept { datamem_buffer_release(&raw_); }

	/** \brief Hand the struct out, for datamem_buffer_release(). */
	[[nodiscard]] struct datamem_buffer release() noexcept
	{
		struct datamem_buffer out;

		datamem_buffer_move(&out, &raw_);
		return out;
	}

	void swap(buffer &other) noexcept { std::swap(raw_, other.raw_); }

	void *data() noexcept { return raw_.data; }
	const void *data() const noexcept { return raw_.data; }
	/** \brief The data as elements of a type. */
	template <class T> T *as() noexcept
	{
		return static_cast<T *>(raw_.data);
	}
	template <class T> const T *as() const noexcept
	{
		return static_cast<const T *>(raw_.data);
	}
	/** \brief Bytes. */
	std::size_t size() const noexcept { return raw_.nbytes; }
	/** \brief Whether it has data, its own or not. */
	explicit operator bool() const noexcept { return raw_.data != nullptr; }
	/** \brief Whether it frees its data. */
	bool owns() const noexcept { return raw_.handler != nullptr; }
	/** \brief The handler that made it; NULL: it does not own its data. */
	const struct datamem_handler *handler() const noexcept
	{
		return raw_.handler;
	}
	/** \brief The struct, for functions of <datamem.h>. */
	struct datamem_buffer *get() noexcept { return &raw_; }
	const struct datamem_buffer *get() const noexcept { return &raw_; }
};

inline void swap(buffer &a, buffer &b) noexcept
{
	a.swap(b);
}

/** \brief Owns a struct datamem_context. */
class context {
	struct free_context {
		void operator()(struct datamem_context *context) const noexcept
		{
			datamem_context_free(context);
		}
	};
	std::unique_ptr<struct datamem_context, free_context> raw_;

public:
	/** \brief Holds the caller's current handler. */
	context() : raw_(datamem_context_copy())
	{
		if (!raw_)
			detail::fail(errno, "datamem_context_copy");
	}

	/** \brief Holds a given handler; NULL: the process-wide one. */
	explicit context(const struct datamem_handler *handler)
		: raw_(datamem_context_new(handler))
	{
		if (!raw_)
			detail::fail(errno, "datamem_context_new");
	}

	/** \brief NULL once it was moved from. */
	struct datamem_context *get() const noexcept { return raw_.get(); }

	/**
	 * \brief Call a function in the context, which is left however the
	 *        call ends; contexts that it enters, the function leaves.
	 *
	 * \param run   Called on this thread.
	 * \param args  Passed to run.
	 *
	 * \return What run returns.
	 */
	template <class Run, class... Args>
	decltype(auto) run(Run &&run, Args &&...args) const;
};

/** \brief The calling thread is in a context as long as the guard lives. */
class context_guard {
	struct datamem_context *entered_;

public:
	/** \brief Enter; a context that is entered already:
	 *         std::errc::device_or_resource_busy. */
	explicit context_guard(struct datamem_context *entered)
		: entered_(entered)
	{
		check(datamem_context_enter(entered), "datamem_context_enter");
	}
	explicit context_guard(const context &entered)
		: context_guard(entered.get())
	{
	}
	context_guard(const context_guard &) = delete;
	context_guard &operator=(const context_guard &) = delete;
	/** \brief Leave. On the thread that entered, the last one first. */
	~context_guard() { datamem_context_leave(entered_); }
};

template <class Run, class... Args>
decltype(auto) context::run(Run &&run, Args &&...args) const
{
	context_guard guard(*this);

	return std::invoke(std::forward<Run>(run), std::forward<Args>(args)...);
}

/** \brief A handler is the calling thread's current one as long as the guard
 *         lives; then the one before it is again. */
class handler_guard {
	context context_;
	context_guard guard_;

public:
	/** \brief NULL: the process-wide handler. */
	explicit handler_guard(const struct datamem_handler *handler)
		: context_(handler), guard_(context_)
	{
	}
	/** \brief The process-wide handler. */
	explicit handler_guard(std::nullptr_t)
		: context_(nullptr), guard_(context_)
	{
	}
	/**
	 * \brief The handler of a name; one that is not registered:
	 *        std::errc::no_such_file_or_directory.
	 */
	explicit handler_guard(const char *name) : handler_guard(find(name)) {}

	/** \brief The registered handler of a name. */
	static const struct datamem_handler *find(const char *name)
	{
		const struct datamem_handler *found =
			datamem_handler_find(name);

		if (!found) {
			const int error = errno;
			const std::string what = name ? name : "NULL";

			detail::fail(error, ("handler " + what).c_str());
		}
		return found;
	}
};

/** \brief Change a setting. */
inline void set(const char *name, const char *value)
{
	const int result = datamem_setting_set(name, value);

	if (result < 0) {
		std::string what = name ? name : "NULL";

		what.append("=").append(value ? value : "NULL");
		check(result, what.c_str());
	}
}

/** \brief The value of a setting as text. */
[[nodiscard]] inline std::string get(const char *name)
{
	std::string value(64, '\0');
	int result;

	while ((result = datamem_setting_get(name, value.data(),
					     value.size())) == -ERANGE)
		value.resize(2 * value.size());
	check(result, name ? name : "setting");
	value.resize(std::char_traits<char>::length(value.c_str()));
	return value;
}

} // inline namespace
} // namespace datamem

#endif // DATAMEM_HPP
