/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * elfutils' libdw: linked, or with --with-elfutils=dlopen loaded where a system
 * has it: the wheel cannot bring it along. DW(name) is its function of that name
 * in both cases.
 */
#ifndef SYMBOLS_LIBDW_H
#define SYMBOLS_LIBDW_H

#include <dwarf.h>
#include <elfutils/libdwfl.h>

#ifdef DATAMEM_LOADS_LIBDW

#define LIBDW_FUNCTIONS(each)                                                \
	each(dwarf_attr)                                                     \
	each(dwarf_diename)                                                  \
	each(dwarf_dieoffset)                                                \
	each(dwarf_filesrc)                                                  \
	each(dwarf_formudata)                                                \
	each(dwarf_getscopes)                                                \
	each(dwarf_getscopes_die)                                            \
	each(dwarf_getsrc_die)                                               \
	each(dwarf_getsrcfiles)                                              \
	each(dwarf_haspc)                                                    \
	each(dwarf_lineno)                                                   \
	each(dwarf_linesrc)                                                  \
	each(dwarf_offdie)                                                   \
	each(dwarf_tag)                                                      \
	each(dwfl_begin)                                                     \
	each(dwfl_end)                                                       \
	each(dwfl_module_addrdie)                                            \
	each(dwfl_module_addrname)                                           \
	each(dwfl_module_build_id)                                           \
	each(dwfl_module_getdwarf)                                           \
	each(dwfl_module_getelf)                                             \
	each(dwfl_module_nextcu)                                             \
	each(dwfl_offline_section_address)                                   \
	each(dwfl_report_begin)                                              \
	each(dwfl_report_elf)                                                \
	each(dwfl_report_end)                                                \
	each(dwfl_standard_find_debuginfo)

struct libdw {
#define LIBDW_POINTER(name) __typeof__(name) *name;
	LIBDW_FUNCTIONS(LIBDW_POINTER)
#undef LIBDW_POINTER
};

/* Of use once libdw_is_here() has said so. */
extern struct libdw libdw;

bool libdw_is_here(void);

#define DW(name) (libdw.name)

#else

#define DW(name) name

static inline bool libdw_is_here(void)
{
	return true;
}

#endif

#endif /* SYMBOLS_LIBDW_H */
