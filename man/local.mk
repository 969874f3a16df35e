# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The manual pages. Extra names of a page are installed as symlinks, one line
# NAME:PAGE each; build-aux/check-man.sh holds that every function has one.

dist_man_MANS =
dist_man_MANS += \
	%D%/datamem_alloc.3 \
	%D%/datamem_buffer_init.3 \
	%D%/datamem_context_copy.3 \
	%D%/datamem_control_start.3 \
	%D%/datamem_dims_alloc.3 \
	%D%/datamem_handler_alloc.3 \
	%D%/datamem_handler_get.3 \
	%D%/datamem_handler_register.3 \
	%D%/datamem_hugepage_probe_get.3 \
	%D%/datamem_profile_start.3 \
	%D%/datamem_raw_new.3 \
	%D%/datamem_scope_new.3 \
	%D%/datamem_setting_set.3 \
	%D%/datamem_shared_send.3 \
	%D%/datamem_stats_get.3 \
	%D%/datamem_trace_start.3 \
	%D%/datamem_version_number.3 \
	%D%/libdatamem-cpp.7 \
	%D%/libdatamem-gdb.7 \
	%D%/libdatamem.7

# Distributed whatever is built.
EXTRA_DIST += %D%/datamem-ctl.1 %D%/datamem-numpy.7
man_MANS =
if ENABLE_TOOL
man_MANS += %D%/datamem-ctl.1
endif
if HAVE_PYTHON
man_MANS += %D%/datamem-numpy.7
endif

man_links =
man_links += \
	datamem_alloc_array.3:datamem_alloc.3 \
	datamem_alloc_zeroed.3:datamem_alloc.3 \
	datamem_alloc_lazy.3:datamem_alloc.3 \
	datamem_alloc_aligned.3:datamem_alloc.3 \
	datamem_realloc.3:datamem_alloc.3 \
	datamem_realloc_array.3:datamem_alloc.3 \
	datamem_try_resize.3:datamem_alloc.3 \
	datamem_free.3:datamem_alloc.3 \
	datamem_usable_size.3:datamem_alloc.3 \
	datamem_buffer_init_array.3:datamem_buffer_init.3 \
	datamem_buffer_init_zeroed.3:datamem_buffer_init.3 \
	datamem_buffer_init_with.3:datamem_buffer_init.3 \
	datamem_buffer_init_view.3:datamem_buffer_init.3 \
	datamem_buffer_resize.3:datamem_buffer_init.3 \
	datamem_buffer_resize_zeroed.3:datamem_buffer_init.3 \
	datamem_buffer_move.3:datamem_buffer_init.3 \
	datamem_buffer_release.3:datamem_buffer_init.3 \
	datamem_buffer_handler_name.3:datamem_buffer_init.3 \
	datamem_buffer_handler_version.3:datamem_buffer_init.3 \
	datamem_context_new.3:datamem_context_copy.3 \
	datamem_context_run.3:datamem_context_copy.3 \
	datamem_context_enter.3:datamem_context_copy.3 \
	datamem_context_leave.3:datamem_context_copy.3 \
	datamem_context_free.3:datamem_context_copy.3 \
	datamem_control_stop.3:datamem_control_start.3 \
	datamem_control_note.3:datamem_control_start.3 \
	datamem_control_poll.3:datamem_control_start.3 \
	datamem_dims_free.3:datamem_dims_alloc.3 \
	datamem_handler_alloc_zeroed.3:datamem_handler_alloc.3 \
	datamem_handler_realloc.3:datamem_handler_alloc.3 \
	datamem_handler_free.3:datamem_handler_alloc.3 \
	datamem_handler_set.3:datamem_handler_get.3 \
	datamem_handler_unregister.3:datamem_handler_register.3 \
	datamem_handler_find.3:datamem_handler_register.3 \
	datamem_handler_foreach.3:datamem_handler_register.3 \
	datamem_handler_default.3:datamem_handler_register.3 \
	datamem_handler_aligned.3:datamem_handler_register.3 \
	datamem_hugepage_receipt_get.3:datamem_hugepage_probe_get.3 \
	datamem_hugepage_advice.3:datamem_hugepage_probe_get.3 \
	datamem_hugepage_set_advice.3:datamem_hugepage_probe_get.3 \
	datamem_promote.3:datamem_hugepage_probe_get.3 \
	datamem_hugepage_state_name.3:datamem_hugepage_probe_get.3 \
	datamem_hugepage_reason_text.3:datamem_hugepage_probe_get.3 \
	datamem_profile_stop.3:datamem_profile_start.3 \
	datamem_profile_write.3:datamem_profile_start.3 \
	datamem_raw_new_zeroed.3:datamem_raw_new.3 \
	datamem_raw_renew.3:datamem_raw_new.3 \
	datamem_raw_free.3:datamem_raw_new.3 \
	datamem_scope_handler.3:datamem_scope_new.3 \
	datamem_scope_get.3:datamem_scope_new.3 \
	datamem_scope_free.3:datamem_scope_new.3 \
	datamem_shared_receive.3:datamem_shared_send.3 \
	datamem_shared_attach.3:datamem_shared_send.3 \
	datamem_shared_pending.3:datamem_shared_send.3 \
	datamem_setting_get.3:datamem_setting_set.3 \
	datamem_setting_foreach.3:datamem_setting_set.3 \
	datamem_log_set.3:datamem_setting_set.3 \
	datamem_peak_reset.3:datamem_stats_get.3 \
	datamem_trim.3:datamem_stats_get.3 \
	datamem_trace_stop.3:datamem_trace_start.3 \
	datamem_trace_track.3:datamem_trace_start.3 \
	datamem_trace_untrack.3:datamem_trace_start.3 \
	datamem_trace_totals_get.3:datamem_trace_start.3 \
	datamem_trace_set_hook.3:datamem_trace_start.3 \
	datamem_version_string.3:datamem_version_number.3 \
	datamem_build_info_get.3:datamem_version_number.3

dist_check_SCRIPTS += %D%/check-pages.sh

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
