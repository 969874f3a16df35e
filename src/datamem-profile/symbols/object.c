/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Programs and libraries by elfutils' libdw. */
#include "tool.h"
#include "object.h"

#ifdef DATAMEM_HAVE_LIBDW

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libdw.h"

/* Functions inlined into each other that are told apart. */
#define INLINED_MOST 64

struct object {
	Dwfl *dwfl;
	Dwfl_Module *module;
};

/* A path of a process leads to its own root; only regular files are read. */
static int open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat stat;

	if (fd >= 0 && (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Whether the file is the one that was mapped, as far as can be told. */
static bool is_same(Dwfl_Module *module, const struct sampled_mapping *mapping)
{
	const unsigned char *bits;
	GElf_Addr at;
	int n;

	if (!DW(dwfl_module_getelf)(module, &(GElf_Addr){ 0 }))
		return false;
	n = DW(dwfl_module_build_id)(module, &bits, &at);
	return mapping->build_id_bytes == 0 ||
	       (n > 0 && (size_t)n >= mapping->build_id_bytes &&
		memcmp(bits, mapping->build_id, mapping->build_id_bytes) == 0);
}

static struct object *report(const struct sampled_mapping *mapping,
			     const char *path, int fd)
{
	struct object *object = ctl_alloc(1, sizeof(*object));
	/* Kept by what is begun with it. */
	static Dwfl_Callbacks callbacks;

	callbacks.find_debuginfo = DW(dwfl_standard_find_debuginfo);
	callbacks.section_address = DW(dwfl_offline_section_address);
	object->dwfl = DW(dwfl_begin)(&callbacks);
	if (!object->dwfl) {
		free(object);
		close(fd);
		return NULL;
	}
	DW(dwfl_report_begin)(object->dwfl);
	/* Takes the descriptor over when it succeeds. */
	object->module = DW(dwfl_report_elf)(object->dwfl, mapping->path, path,
					     fd, mapping->bias, true);
	if (!object->module)
		close(fd);
	DW(dwfl_report_end)(object->dwfl, NULL, NULL);
	if (object->module && is_same(object->module, mapping))
		return object;
	object_close(object);
	return NULL;
}

struct object *object_open(const struct sampled_mapping *mapping, pid_t pid)
{
	struct object *object = NULL;
	char *path;
	int fd;

	if (mapping->path[0] != '/' || !libdw_is_here())
		return NULL;
	path = pid != 0 ? ctl_printf("/proc/%d/root%s", (int)pid, mapping->path)
			: ctl_strdup(mapping->path);
	fd = open_regular(path);
	/* The process may be gone, or its root out of reach. */
	if (fd < 0)
		fd = open_regular(mapping->path);
	if (fd >= 0)
		object = report(mapping, path, fd);
	free(path);
	return object;
}

void object_close(struct object *object)
{
	DW(dwfl_end)(object->dwfl);
	free(object);
}

/* Where an inlined function was called. */
static void find_call(Dwarf_Die *inlined, Dwarf_Files *files,
		      struct sampled_line *line)
{
	Dwarf_Attribute attribute;
	Dwarf_Word file, number;

	line->file = NULL;
	line->line = 0;
	if (DW(dwarf_formudata)(DW(dwarf_attr)(inlined, DW_AT_call_file,
					       &attribute), &file) == 0)
		line->file = DW(dwarf_filesrc)(files, file, NULL, NULL);
	if (line->file &&
	    DW(dwarf_formudata)(DW(dwarf_attr)(inlined, DW_AT_call_line,
					       &attribute), &number) == 0)
		line->line = (unsigned int)number;
}

/* The scopes around an address, where calls that were inlined nest. */
static int find_scopes(Dwfl_Module *module, Dwarf_Die *unit, Dwarf_Addr pc,
		       Dwarf_Die **scopes)
{
	int n = DW(dwarf_getscopes)(unit, pc, scopes);
	Dwarf_Die innermost;
	Dwarf_Addr bias;
	Dwarf *dwarf;

	if (n <= 0)
		return 0;
	dwarf = DW(dwfl_module_getdwarf)(module, &bias);
	if (!DW(dwarf_offdie)(dwarf, DW(dwarf_dieoffset)(&(*scopes)[0]),
			      &innermost))
		n = 0;
	free(*scopes);
	*scopes = NULL;
	return n > 0 ? DW(dwarf_getscopes_die)(&innermost, scopes) : 0;
}

/* The functions inlined at an address; *line becomes that which they are in. */
static size_t visit_inlined(Dwfl_Module *module, Dwarf_Die *unit, Dwarf_Addr pc,
			    struct sampled_line *line,
			    void (*visit)(void *arg,
					  const struct sampled_line *line),
			    void *arg)
{
	Dwarf_Die *scopes = NULL;
	Dwarf_Files *files;
	size_t visited = 0;
	int n = find_scopes(module, unit, pc, &scopes);

	if (n > 0 && DW(dwarf_getsrcfiles)(unit, &files, NULL) != 0)
		n = 0;
	for (int i = 0; i < n && visited < INLINED_MOST; i++) {
		int tag = DW(dwarf_tag)(&scopes[i]);
		const char *name = DW(dwarf_diename)(&scopes[i]);

		if (tag == DW_TAG_subprogram) {
			line->function = name ? name : line->function;
			break;
		}
		if (tag != DW_TAG_inlined_subroutine)
			continue;
		visit(arg, &(struct sampled_line){ name, line->file,
						   line->line });
		visited++;
		find_call(&scopes[i], files, line);
	}
	free(scopes);
	return visited;
}

/* elfutils 0.188 looks in .debug_aranges only, which clang does
 * not write. */
static Dwarf_Die *find_unit(Dwfl_Module *module, Dwarf_Addr address,
			    Dwarf_Addr *bias)
{
	Dwarf_Die *unit = DW(dwfl_module_addrdie)(module, address, bias);

	if (unit)
		return unit;
	while ((unit = DW(dwfl_module_nextcu)(module, unit, bias)))
		if (DW(dwarf_haspc)(unit, address - *bias) == 1)
			return unit;
	return NULL;
}

static void find_source(Dwarf_Die *unit, Dwarf_Addr pc,
			struct sampled_line *line)
{
	Dwarf_Line *source = DW(dwarf_getsrc_die)(unit, pc);
	int number;

	if (!source || DW(dwarf_lineno)(source, &number) != 0)
		return;
	line->file = DW(dwarf_linesrc)(source, NULL, NULL);
	line->line = line->file ? (unsigned int)number : 0;
}

size_t object_lines(struct object *object, uint64_t address,
		    void (*visit)(void *arg, const struct sampled_line *line),
		    void *arg)
{
	Dwfl_Module *module = object->module;
	struct sampled_line line = { NULL, NULL, 0 };
	Dwarf_Addr bias;
	Dwarf_Die *unit;
	size_t n = 0;

	line.function = DW(dwfl_module_addrname)(module, address);
	unit = find_unit(module, address, &bias);
	if (unit) {
		find_source(unit, address - bias, &line);
		n = visit_inlined(module, unit, address - bias, &line, visit,
				  arg);
	}
	if (!line.function && !line.file)
		return n;
	visit(arg, &line);
	return n + 1;
}

const char *object_missing(void)
{
	return libdw_is_here() ? NULL :
	       "elfutils' libdw.so.1 is not here (Debian: libdw1): native "
	       "code is shown as addresses";
}

#else

const char *object_missing(void)
{
	return "built without elfutils (Debian: libdw-dev): native code is "
	       "shown as addresses";
}

struct object *object_open(const struct sampled_mapping *mapping CTL_UNUSED,
			   pid_t pid CTL_UNUSED)
{
	return NULL;
}

void object_close(struct object *object CTL_UNUSED)
{
}

size_t object_lines(struct object *object CTL_UNUSED,
		    uint64_t address CTL_UNUSED,
		    void (*visit)(void *arg, const struct sampled_line *line)
			    CTL_UNUSED,
		    void *arg CTL_UNUSED)
{
	return 0;
}

#endif
