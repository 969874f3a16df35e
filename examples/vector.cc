// SPDX-License-Identifier: BSD-3-Clause
// Copyright (C) 2026 The libdatamem authors

// Containers of C++ with their items in memory of libdatamem.
#include <datamem.hpp>
#include <cstdio>
#include <memory>
#include <numeric>
#include <string>
#include <unordered_map>
#include <vector>

template <class T> using vector = std::vector<T, datamem::allocator<T>>;

int main()
{
	vector<double> x(1000000, 0.5);

	x.push_back(1.0);
	std::printf("%zu items, sum %.1f\n", x.size(),
		    std::accumulate(x.begin(), x.end(), 0.0));

	// Rows that begin on a cache line.
	std::vector<float, datamem::allocator<float, 64>> row(1000);
	auto shared = std::allocate_shared<std::string>(
		datamem::allocator<std::string>(), "shared");
	std::unordered_map<int, double, std::hash<int>, std::equal_to<int>,
			   datamem::allocator<std::pair<const int, double>>>
		map{{1, 0.5}, {2, 0.25}};

	std::printf("%zu in a row, %s, %.2f\n", row.size(), shared->c_str(),
		    map[2]);
	return 0;
}
