// SPDX-License-Identifier: BSD-3-Clause
// Copyright (C) 2026 The libdatamem authors

// Owners, guards and errors in C++.
#include <datamem.hpp>
#include <cstdio>
#include <system_error>
#include <utility>

static datamem::buffer table(std::size_t rows)
{
	return datamem::buffer::zeroed(rows, 16 * sizeof(double));
}

int main()
{
	try {
		auto numbers = datamem::make_unique<double[]>(1000000);
		datamem::buffer first = table(100);

		numbers[5] = first.as<double>()[7];
		{
			// For this thread, until the end of the block.
			datamem::handler_guard guard("debug");
			datamem::buffer second = table(100);

			std::printf("%s\n", second.handler()->name);
			first = std::move(second);
		}
		first.resize_zeroed(1 << 20);
		std::printf("%s, %zu bytes\n", first.handler()->name,
			    first.size());
		datamem::handler_guard none("no-such");
	} catch (const std::system_error &error) {
		std::printf("%s\n", error.what());
	}
	return 0;
}
