# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The commands for gdb, which loads them with the library whose file has the name
# of the script without "-gdb.py".

gdb_script = libdatamem.so.$(LIBDATAMEM_FILE_VERSION)-gdb.py
EXTRA_DIST += %D%/datamem.py

install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(datadir)/gdb/auto-load$(libdir)"
	$(INSTALL_DATA) $(srcdir)/%D%/datamem.py \
		"$(DESTDIR)$(datadir)/gdb/auto-load$(libdir)/$(gdb_script)"

uninstall-local:
	rm -f "$(DESTDIR)$(datadir)/gdb/auto-load$(libdir)/$(gdb_script)"
