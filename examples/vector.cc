// SPDX-License-Identifier: BSD-3-Clause
// Copyright (C) 2026 The libdatamem authors

// std::vector with its items in memory of libdatamem.
#include <datamem.h>
#include <cstdint>
#include <cstdio>
#include <new>
#include <numeric>
#include <vector>

template <class T> struct data_allocator {
	using value_type = T;

	data_allocator() = default;
	template <class U> data_allocator(const data_allocator<U> &) {}

	T *allocate(std::size_t n)
	{
		if (n > PTRDIFF_MAX / sizeof(T))
			throw std::bad_alloc();
		void *ptr = datamem_alloc_aligned(n * sizeof(T), alignof(T));
		if (!ptr)
			throw std::bad_alloc();
		return static_cast<T *>(ptr);
	}

	void deallocate(T *ptr, std::size_t n)
	{
		datamem_free(ptr, n * sizeof(T));
	}
};

// Stateless: any allocator may free the blocks of any other.
template <class T, class U>
bool operator==(const data_allocator<T> &, const data_allocator<U> &)
{
	return true;
}

template <class T, class U>
bool operator!=(const data_allocator<T> &, const data_allocator<U> &)
{
	return false;
}

int main()
{
	std::vector<double, data_allocator<double>> x(1000000, 0.5);

	x.push_back(1.0);
	std::printf("%zu items, sum %.1f\n", x.size(),
		    std::accumulate(x.begin(), x.end(), 0.0));
	return 0;
}
