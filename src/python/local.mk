# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The NumPy adapter: pure Python. In the source tree it finds the library by
# DATAMEM_LIBRARY; what is installed knows libdir.

python_sources = \
	%D%/datamem/__init__.py \
	%D%/datamem/__main__.py \
	%D%/datamem/_arguments.py \
	%D%/datamem/_arrays.py \
	%D%/datamem/_bench_report.py \
	%D%/datamem/_bench_worker.py \
	%D%/datamem/_current.py \
	%D%/datamem/_errors.py \
	%D%/datamem/_handlers.py \
	%D%/datamem/_hugepages.py \
	%D%/datamem/_library.py \
	%D%/datamem/_locks.py \
	%D%/datamem/_notebook.py \
	%D%/datamem/_numpy.py \
	%D%/datamem/_profile.py \
	%D%/datamem/_references.py \
	%D%/datamem/_report.py \
	%D%/datamem/_run.py \
	%D%/datamem/_scopes.py \
	%D%/datamem/_settings.py \
	%D%/datamem/_shared.py \
	%D%/datamem/_shared_array.py \
	%D%/datamem/_spawn.py \
	%D%/datamem/_statistics.py \
	%D%/datamem/_stats_table.py \
	%D%/datamem/_status.py \
	%D%/datamem/_switch.py \
	%D%/datamem/_threads.py \
	%D%/datamem/bench.py \
	%D%/datamem/dask.py

# Beside the package: what Python reads and calls when it starts.
python_start = \
	%D%/_datamem_start.py \
	%D%/datamem.pth \
	%D%/datamem.start

EXTRA_DIST += $(python_sources) $(python_start) %D%/datamem/py.typed \
	%D%/datamem_build.py %D%/say_pythondir.py %D%/pyproject.toml \
	pyproject.toml

if HAVE_PYTHON
datamempythondir = $(pythondir)/datamem
python_DATA = $(python_start)
datamempython_DATA = $(python_sources) %D%/datamem/py.typed
nodist_datamempython_DATA = %D%/datamem/_config.py

CLEANFILES += %D%/datamem/_config.py
%D%/datamem/_config.py: Makefile
	$(AM_V_GEN)$(MKDIR_P) %D%/datamem && { \
	  head -n 2 $(srcdir)/%D%/datamem/__init__.py; \
	  echo '"""Written by make."""'; \
	  echo 'LIBDIR = "$(libdir)"'; } >$@
endif

install-data-hook: say-pythondir
.PHONY: say-pythondir
say-pythondir:
	@test -z "$(datamempythondir)" || test -n '$(DESTDIR)' || \
	  '$(PYTHON)' '$(srcdir)/%D%/say_pythondir.py' '$(pythondir)'

# Files that Python has compiled since; the folder only if it was installed.
uninstall-hook: uninstall-python-cache
.PHONY: uninstall-python-cache
uninstall-python-cache:
	@test -z "$(datamempythondir)" || \
	  rm -f "$(DESTDIR)$(pythondir)"/__pycache__/_datamem_start.*
	@test -z "$(datamempythondir)" || \
	  test ! -d "$(DESTDIR)$(pythondir)/__pycache__" || \
	  rmdir --ignore-fail-on-non-empty \
	    "$(DESTDIR)$(pythondir)/__pycache__"
	@test -z "$(datamempythondir)" || \
	  test ! -d "$(DESTDIR)$(datamempythondir)" || { \
	    rm -rf "$(DESTDIR)$(datamempythondir)/__pycache__"; \
	    rmdir "$(DESTDIR)$(datamempythondir)"; }

# Of what `make dist` distributes, so that a source distribution gives the same.
#: wheel             a wheel that carries the library and datamem-ctl, and the
#:                   source distribution, in wheel/; their names are printed
.PHONY: wheel
wheel:
	@test '$(PYTHON)' != : || { echo 'make wheel: needs Python' >&2; exit 1; }
	rm -rf wheel
	$(MKDIR_P) wheel
	$(MAKE) distdir distdir=wheel/tree >wheel/distdir.log
	SOURCE_DATE_EPOCH=$(dist_time); export SOURCE_DATE_EPOCH; \
	for kind in sdist wheel; do \
	  CC='$(CC)' '$(PYTHON)' wheel/tree/src/python/datamem_build.py $$kind \
	    wheel/tree wheel || exit 1; \
	done
	chmod -R u+w wheel/tree
	rm -rf wheel/tree wheel/distdir.log

distclean-local: clean-wheel
.PHONY: clean-wheel
clean-wheel:
	rm -rf wheel
