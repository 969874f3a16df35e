# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Models of protocols, for spin(1).

EXTRA_DIST += %D%/caches.pml %D%/slabs.pml %D%/check-promela.sh

#: check-promela     all interleavings of what caches of threads and slabs of
#:                   classes do to each other, in models of it; needs spin
.PHONY: check-promela
check-promela:
	$(MAKE) check TESTS=%D%/check-promela.sh
