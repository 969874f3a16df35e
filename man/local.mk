# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The manual pages. Extra names of a page are installed as symlinks: one line
# NAME:PAGE each; build-aux/check-man holds that every public function has one.

dist_man_MANS =
man_links =

# The section is the suffix of the name.
install-data-hook: install-man-links
.PHONY: install-man-links
install-man-links:
	@for link in $(man_links); do \
	  name=$${link%%:*}; page=$${link#*:}; \
	  dir="$(DESTDIR)$(mandir)/man$${name##*.}"; \
	  $(MKDIR_P) "$$dir" && rm -f "$$dir/$$name" && \
	  $(LN_S) "$$page" "$$dir/$$name" || exit 1; \
	done
uninstall-hook: uninstall-man-links
.PHONY: uninstall-man-links
uninstall-man-links:
	@for link in $(man_links); do \
	  name=$${link%%:*}; \
	  rm -f "$(DESTDIR)$(mandir)/man$${name##*.}/$$name"; \
	done
