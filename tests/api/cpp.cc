// SPDX-License-Identifier: BSD-3-Clause
// Copyright (C) 2026 The libdatamem authors

// <datamem.hpp>: containers, owners and guards, also when memory is short, a
// count overflows, or a constructor throws. Compiled and run by check-cpp.sh.
#include <datamem.hpp>
#include <datamem.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

static int wrong;

#define EXPECT(...)                                                          \
	do {                                                                 \
		if (!(__VA_ARGS__)) {                                        \
			std::printf("# line %d: %s\n", __LINE__,             \
				    #__VA_ARGS__);                           \
			wrong++;                                             \
		}                                                            \
	} while (0)

#define SAYS(type, text, ...)                                                \
	try {                                                                \
		__VA_ARGS__;                                                 \
		EXPECT(false && #__VA_ARGS__);                               \
	} catch (const type &error) {                                        \
		EXPECT(std::string(error.what()).rfind(text, 0) == 0);       \
	}
#define THROWS(error, ...) SAYS(error, "", __VA_ARGS__)

static std::size_t live()
{
	struct datamem_stats stats;

	datamem::check(datamem_stats_get(&stats, sizeof(stats)));
	return stats.live_bytes;
}

template <class T> static bool aligned(const T *ptr, std::size_t alignment)
{
	return reinterpret_cast<std::uintptr_t>(ptr) % alignment == 0;
}

struct alignas(256) wide {
	char bytes[300];
};

// A type that a vector of it is part of.
struct tree {
	std::vector<tree, datamem::allocator<tree>> branches;
};

static void containers()
{
	std::vector<double, datamem::allocator<double>> v(100000, 0.5);
	for (int i = 0; i < 100000; i++)
		v.push_back(i);
	EXPECT(v[0] == 0.5 && v[199999] == 99999);
	auto moved = std::move(v);
	EXPECT(moved.size() == 200000);
	auto copy = moved;
	EXPECT(copy == moved && copy.data() != moved.data());

	std::unordered_map<
		int, std::string, std::hash<int>, std::equal_to<int>,
		datamem::allocator<std::pair<const int, std::string>>>
		map;
	for (int i = 0; i < 3000; i++)
		map[i] = std::to_string(i);
	EXPECT(map.at(2999) == "2999" && map.erase(5) == 1);

	std::list<int, datamem::allocator<int>> list(1000, 7);
	std::set<int, std::less<int>, datamem::allocator<int>> set{3, 1, 2};
	EXPECT(list.size() == 1000 && *set.begin() == 1);

	std::basic_string<char, std::char_traits<char>,
			  datamem::allocator<char>>
		text(5000, 'x');
	text += "end";
	EXPECT(text.size() == 5003);

	tree root;
	root.branches.resize(3);
	root.branches[1].branches.resize(2);
	EXPECT(root.branches[1].branches.size() == 2);

	std::vector<bool, datamem::allocator<bool>> bits(1000, true);
	EXPECT(bits[999]);
}

static void alignments()
{
	std::vector<wide, datamem::allocator<wide>> wides(3);
	for (const auto &w : wides)
		EXPECT(aligned(&w, 256));
	std::vector<float, datamem::allocator<float, 4096>> page;
	for (int i = 0; i < 100000; i += 1000) {
		page.resize(static_cast<std::size_t>(i) + 1);
		EXPECT(aligned(page.data(), 4096));
	}
	std::list<float, datamem::allocator<float, 64>> nodes(10);
	EXPECT(nodes.size() == 10);
	datamem::allocator<char> any;
	char *none = any.allocate(0);
	EXPECT(none != nullptr);
	any.deallocate(none, 0);
	EXPECT(datamem::allocator<int>() == datamem::allocator<char>());
	EXPECT(!(datamem::allocator<int>() != datamem::allocator<char>()));
	static_assert(std::allocator_traits<
		      datamem::allocator<int>>::is_always_equal::value);
}

static void shared()
{
	std::weak_ptr<wide> weak;
	{
		auto one = std::allocate_shared<wide>(
			datamem::allocator<wide>());
		auto two = one;
		EXPECT(aligned(one.get(), 256) && two.use_count() == 2);
		weak = two;
	}
	EXPECT(weak.expired());
	std::shared_ptr<double> raw(
		static_cast<double *>(datamem_alloc(80)),
		datamem::free_block(), datamem::allocator<double>());
	*raw = 1;
}

static void overflow()
{
	const auto most = static_cast<std::size_t>(-1);
	datamem::allocator<double> doubles;
	for (std::size_t n : {most, most / 2, most / 8 + 1, most / 16 + 2})
		THROWS(std::bad_array_new_length,
		       static_cast<void>(doubles.allocate(n)));
	THROWS(std::bad_alloc, static_cast<void>(doubles.allocate(most)));
	THROWS(std::bad_alloc, static_cast<void>(doubles.allocate(
				       std::size_t{PTRDIFF_MAX} / 8)));
	THROWS(std::bad_array_new_length,
	       static_cast<void>(datamem::make_unique<double[]>(most / 4)));
	THROWS(std::bad_array_new_length,
	       static_cast<void>(datamem::make_unique<wide[]>(most / 4)));
	THROWS(std::bad_alloc,
	       static_cast<void>(datamem::buffer::array(most, 2)));
	THROWS(std::bad_alloc,
	       static_cast<void>(datamem::buffer::zeroed(most, 2)));
	THROWS(std::bad_alloc, datamem::buffer none(most));
}

static int objects, made_before_throw;

struct counted {
	int value;

	counted() : counted(0) {}
	explicit counted(int v) : value(v)
	{
		if (made_before_throw-- == 0)
			throw std::runtime_error("told to");
		objects++;
	}
	counted(const counted &other) : counted(other.value) {}
	counted &operator=(const counted &) = default;
	~counted() { objects--; }
};

static void throwing_constructors()
{
	for (int n = 0; n < 20; n++) {
		made_before_throw = n;
		try {
			auto many = datamem::make_unique<counted[]>(10);
			EXPECT(many.get_deleter().size() == 10 && n >= 10);
		} catch (const std::runtime_error &) {
			EXPECT(n < 10);
		}
		EXPECT(objects == 0);
		made_before_throw = n;
		try {
			auto many =
				datamem::make_unique_for_overwrite<counted[]>(
					10);
			EXPECT(many[9].value == 0);
		} catch (const std::runtime_error &) {
			EXPECT(n < 10);
		}
		EXPECT(objects == 0);
		made_before_throw = n;
		try {
			std::vector<counted, datamem::allocator<counted>> v;
			for (int i = 0; i < 6; i++)
				v.emplace_back(i);
		} catch (const std::runtime_error &) {
		}
		EXPECT(objects == 0);
	}
	made_before_throw = 0;
	THROWS(std::runtime_error,
	       static_cast<void>(datamem::make_unique<counted>(1)));
	made_before_throw = -1;
	auto one = datamem::make_unique<counted>(5);
	EXPECT(objects == 1 && one->value == 5);
	datamem::unique_ptr<const counted> fixed = std::move(one);
	EXPECT(fixed->value == 5);
	fixed = datamem::make_unique<const counted>(6);
	EXPECT(objects == 1 && fixed->value == 6);
	fixed.reset();
	EXPECT(objects == 0);
}

struct base {
	int b;
	virtual ~base() = default;
};
struct derived : wide, base {};
static_assert(!std::is_convertible_v<datamem::unique_ptr<derived>,
				     datamem::unique_ptr<base>>,
	      "a base may lie at another address");
static_assert(!std::is_copy_constructible_v<datamem::buffer> &&
	      !std::is_copy_assignable_v<datamem::buffer> &&
	      std::is_nothrow_move_constructible_v<datamem::buffer> &&
	      std::is_nothrow_move_assignable_v<datamem::buffer>);
static_assert(!std::is_copy_constructible_v<datamem::context> &&
	      !std::is_copy_constructible_v<datamem::context_guard> &&
	      !std::is_move_constructible_v<datamem::context_guard>);

static void owners()
{
	auto zeros = datamem::make_unique<double[]>(300000);
	for (int i = 0; i < 300000; i++)
		EXPECT(zeros[static_cast<std::size_t>(i)] == 0);
	zeros[5] = 1;
	datamem::unique_ptr<const double[]> read = std::move(zeros);
	EXPECT(read[5] == 1 && read.get_deleter().size() == 300000);
	auto any = datamem::make_unique_for_overwrite<int[]>(1000);
	any[999] = 1;
	EXPECT(datamem::make_unique<const int[]>(0) != nullptr);
	EXPECT(aligned(datamem::make_unique<wide[]>(2).get(), 256));
	std::unique_ptr<double[], datamem::free_block> block(
		static_cast<double *>(datamem_alloc_zeroed(10, 8)));
	EXPECT(block[9] == 0);
	std::unique_ptr<const char, datamem::free_block> fixed(
		static_cast<const char *>(datamem_alloc(10)));
	EXPECT(fixed != nullptr);
	auto many = datamem::make_unique<std::string[]>(10);
	many[3] = std::string(1000, 'x');
}

static void buffers()
{
	datamem::buffer empty;
	EXPECT(!empty && empty.size() == 0 && !empty.owns());
	datamem::buffer one(100);
	std::memset(one.data(), 7, one.size());
	EXPECT(one && one.owns() && one.size() == 100);
	EXPECT(one.handler() == datamem_handler_default());
	void *data = one.data();
	datamem::buffer two(std::move(one));
	EXPECT(two.data() == data && !one && one.size() == 0);
	two.resize_zeroed(200000);
	EXPECT(two.as<char>()[99] == 7 && two.as<char>()[100] == 0);
	one = std::move(two);
	EXPECT(!two && one.size() == 200000);
	datamem::buffer &same = one;
	one = std::move(same);
	EXPECT(one.size() == 200000);
	using std::swap;
	swap(one, two);
	EXPECT(!one && two.size() == 200000);
	EXPECT((two = datamem::buffer(10)).size() == 10);

	datamem::buffer page(5000, datamem_handler_find("system"), 4096);
	EXPECT(aligned(page.as<char>(), 4096));
	page.resize(100000);
	EXPECT(aligned(page.as<char>(), 4096));
	EXPECT(std::string(datamem_buffer_handler_name(page.get())) ==
	       "system");
	THROWS(std::system_error, datamem::buffer none(10, nullptr, 3));

	auto zeros = datamem::buffer::zeroed(1000, 8);
	EXPECT(zeros.size() == 8000 && zeros.as<double>()[999] == 0);
	auto view = datamem::buffer::view(zeros.data(), 80);
	EXPECT(view && !view.owns() && view.handler() == nullptr);
	try {
		view.resize(40);
		EXPECT(false);
	} catch (const std::system_error &error) {
		EXPECT(error.code() == std::errc::invalid_argument);
	}
	EXPECT(view.size() == 80);
	struct datamem_buffer raw = zeros.release();
	EXPECT(!zeros && raw.nbytes == 8000);
	auto back = datamem::buffer::adopt(raw);
	EXPECT(back.size() == 8000 && raw.data == nullptr);
	back.reset();
	EXPECT(!back);
	std::vector<datamem::buffer> many;
	for (std::size_t i = 0; i < 100; i++)
		many.emplace_back(i);
	EXPECT(many[99].size() == 99);
}

// Strong guarantee: what throws changes nothing.
static void shortage()
{
	datamem::buffer buffer(1000);
	std::vector<char, datamem::allocator<char>> bytes(1000, 'x');
	std::memset(buffer.data(), 7, 1000);
	datamem::set("limit.max", "8M");
	EXPECT(datamem::get("limit.max") == "8M");
	THROWS(std::bad_alloc, buffer.resize(100u << 20));
	THROWS(std::bad_alloc, buffer.resize_zeroed(100u << 20));
	EXPECT(buffer.size() == 1000 && buffer.as<char>()[999] == 7);
	THROWS(std::bad_alloc, bytes.resize(100u << 20));
	EXPECT(bytes.size() == 1000 && bytes[999] == 'x');
	THROWS(std::bad_alloc,
	       static_cast<void>(datamem::make_unique<char[]>(100u << 20)));
	THROWS(std::bad_alloc,
	       static_cast<void>(datamem::make_unique<wide[]>(1u << 20)));
	datamem::set("limit.max", "0");
}

static void settings()
{
	THROWS(std::system_error, datamem::set("no.such", "1"));
	SAYS(std::system_error, "limit.max=plenty: ",
	     datamem::set("limit.max", "plenty"));
	THROWS(std::system_error, static_cast<void>(datamem::get("no.such")));
	THROWS(std::system_error, datamem::set(nullptr, nullptr));
	EXPECT(datamem::get("limit.max") == "0");
	EXPECT(datamem::check(3) == 3);
	THROWS(std::bad_alloc, datamem::check(-ENOMEM));
}

static std::string current()
{
	return datamem_handler_get()->name;
}

static void contexts()
{
	const auto *system = datamem::handler_guard::find("system");
	datamem::context context(system);
	EXPECT(current() == "default_allocator");
	EXPECT(context.run([](int i) { return current() +
					      std::to_string(i); },
			   5) == "system5");
	int value = 1;
	context.run([](int &ref) -> int & { return ref; }, value) = 2;
	EXPECT(value == 2);
	THROWS(std::runtime_error,
	       context.run([] { throw std::runtime_error("out"); }));
	EXPECT(current() == "default_allocator");
	{
		datamem::context_guard guard(context);
		EXPECT(current() == "system");
		datamem::context copy;
		try {
			datamem::context_guard again(context);
			EXPECT(false);
		} catch (const std::system_error &error) {
			EXPECT(error.code() ==
			       std::errc::device_or_resource_busy);
		}
		std::string seen;
		std::thread other([&] {
			datamem::context_guard there(copy);
			seen = current();
		});
		other.join();
		EXPECT(seen == "system");
		datamem::handler_guard inner("debug");
		EXPECT(current() == "debug");
		datamem::buffer made(100);
		EXPECT(std::string(datamem_buffer_handler_name(made.get())) ==
		       "debug");
	}
	EXPECT(current() == "default_allocator");
	datamem::context moved = std::move(context);
	EXPECT(context.get() == nullptr && moved.get() != nullptr);
	THROWS(std::system_error, datamem::context_guard guard(context));
	SAYS(std::system_error, "handler no such: ",
	     datamem::handler_guard guard("no such"));
	const char *none = nullptr;
	THROWS(std::system_error, datamem::handler_guard guard(none));
	struct datamem_handler bad = {};
	THROWS(std::system_error, datamem::context invalid(&bad));
	datamem::handler_guard whole(nullptr);
	EXPECT(current() == "default_allocator");
}

static void resources()
{
#if defined(DATAMEM_HAS_MEMORY_RESOURCE)
	datamem::memory_resource own;
	std::pmr::vector<double> v(1000, 0.5, &own);
	EXPECT(own.is_equal(own) && !own.is_equal(*datamem::resource()));
	EXPECT(!own.is_equal(*std::pmr::new_delete_resource()));
	EXPECT(v.get_allocator().resource() == &own);
	void *page = own.allocate(100, 4096);
	EXPECT(aligned(page, 4096));
	own.deallocate(page, 100, 4096);
	THROWS(std::system_error, static_cast<void>(own.allocate(1, 4 << 20)));
	/* Volatile: gcc knows that there is no object of this size. */
	volatile std::size_t most = static_cast<std::size_t>(-1);
	THROWS(std::bad_alloc, static_cast<void>(own.allocate(most)));
	std::pmr::monotonic_buffer_resource pool(datamem::resource());
	std::pmr::map<int, std::pmr::string> map(&pool);
	for (int i = 0; i < 1000; i++)
		map[i] = "a text that is longer than its object has room for";
	EXPECT(map.size() == 1000);
	auto *before = std::pmr::set_default_resource(datamem::resource());
	{
		std::pmr::vector<int> other(10);
		EXPECT(other.get_allocator().resource() ==
		       datamem::resource());
	}
	std::pmr::set_default_resource(before);
#else
	std::puts("# no <memory_resource> here");
#endif
}

int main()
{
	containers();
	alignments();
	shared();
	overflow();
	throwing_constructors();
	owners();
	buffers();
	shortage();
	settings();
	contexts();
	resources();
	EXPECT(live() == 0 && objects == 0);
	return wrong != 0;
}
