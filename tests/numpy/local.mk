# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The adapter, inside NumPy. `make check` runs what takes seconds; NumPy's own
# tests are run by check-numpy and check-numpy-long only.

numpy_quick_tests = %D%/check-adapter.sh %D%/check-threads.sh \
	%D%/check-profile.sh %D%/check-program.sh %D%/check-switch.sh \
	%D%/check-values.sh %D%/check-dask.sh %D%/check-scopes.sh \
	%D%/check-notebook.sh %D%/check-shared.sh %D%/check-many-threads.sh \
	%D%/check-pythondir.sh %D%/check-arrays.sh %D%/check-profile-files.sh \
	%D%/check-beside.sh %D%/check-interrupted.sh %D%/check-surroundings.sh
numpy_long_tests = %D%/check-suites-long.sh %D%/check-packages.sh
dist_check_SCRIPTS += $(numpy_quick_tests)
EXTRA_DIST += \
	%D%/check-newer.sh \
	%D%/check-packages.sh \
	%D%/check-suites-long.sh \
	%D%/check-suites.sh \
	%D%/adapter.py \
	%D%/check_adapter.py \
	%D%/check_arrays.py \
	%D%/environment.py \
	%D%/check_beside.py \
	%D%/check_dask.py \
	%D%/check_interrupted.py \
	%D%/check-freethreaded.sh \
	%D%/check_many_threads.py \
	%D%/check_notebook.py \
	%D%/check_packages.py \
	%D%/check_profile.py \
	%D%/check_profile_files.py \
	%D%/check_program.py \
	%D%/check_scopes.py \
	%D%/check_shared.py \
	%D%/check_suites.py \
	%D%/check_surroundings.py \
	%D%/check_switch.py \
	%D%/check_threads.py \
	%D%/check_values.py \
	%D%/check-venv.sh \
	%D%/check_venv.py \
	%D%/check-wheel.sh \
	%D%/check_wheel.py \
	%D%/counts \
	%D%/datamem_plugin.py \
	%D%/make-freethreaded.sh \
	%D%/python.sh \
	%D%/tap.py

numpy_tests += $(numpy_quick_tests) %D%/check-suites.sh

#: check-numpy-long  the rest of NumPy's tests, all of them under the handler
#:                   debug, and short jobs of SciPy, pandas, scikit-image
.PHONY: check-numpy-long
check-numpy-long:
	$(MAKE) check TESTS='$(numpy_long_tests)'

#: check-wheel       the wheel of `make wheel`, which is made, in fresh virtual
#:                   environments; with a network also beside NumPy of PyPI
.PHONY: check-wheel
check-wheel: wheel
	$(MAKE) check TESTS='%D%/check-wheel.sh'

#: freethreaded      a Python without the global lock, of Debian's source, and
#:                   NumPy, in the folder FREETHREADED, which is kept; minutes, a
#:                   network
FREETHREADED = $${XDG_CACHE_HOME:-$$HOME/.cache}/libdatamem/freethreaded
.PHONY: freethreaded
freethreaded:
	sh '$(srcdir)/%D%/make-freethreaded.sh' "$(FREETHREADED)"

#: check-numpy-freethreaded  in that Python, or in PYTHON if it is one: the
#:                   adapter's tests, and NumPy's, one by one and in parallel
#:                   threads (pytest-run-parallel); those of check-venv
.PHONY: check-numpy-freethreaded
check-numpy-freethreaded: wheel
	python=$$(sh '$(srcdir)/%D%/make-freethreaded.sh' --find \
	  "$(FREETHREADED)" '$(PYTHON)') && \
	$(MAKE) check PYTHON="$$python" \
	  TESTS='$(numpy_quick_tests) %D%/check-venv.sh \
	    %D%/check-freethreaded.sh'

#: check-venv        a fresh virtual environment with NumPy 2, joblib, Dask,
#:                   pytest-xdist and a notebook of PyPI, and that wheel; about
#:                   3 minutes, and a network
.PHONY: check-venv
check-venv: wheel
	$(MAKE) check TESTS='%D%/check-venv.sh'

#: check-numpy-newer the tests inside newer NumPys: those of the Debian suites
#:                   NEWER_SUITES, in NEWER_ROOTS. As root; downloads 1 GB each
NEWER_SUITES = trixie sid
NEWER_ROOTS =
.PHONY: check-numpy-newer
check-numpy-newer:
	NEWER_SUITES='$(NEWER_SUITES)' NEWER_ROOTS='$(NEWER_ROOTS)' \
	$(MAKE) check TESTS='%D%/check-newer.sh'

#: bench-numpy       NumPy on the library and on other allocators; some minutes.
#:                   BENCH_NUMPY_FLAGS: options. Results: bench-results/
BENCH_NUMPY_FLAGS =
.PHONY: bench-numpy
bench-numpy: libdatamem.la
	@$(MKDIR_P) bench-results
	PYTHONPATH='$(abs_top_srcdir)/src/python' PYTHONDONTWRITEBYTECODE=1 \
	DATAMEM_LIBRARY='$(abs_top_builddir)/.libs/libdatamem.so' \
	  '$(PYTHON)' -m datamem.bench --json=bench-results/numpy.json \
	  --plot=bench-results/numpy.svg $(BENCH_NUMPY_FLAGS)
