/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Reads uname(2), prctl(2), /proc and /sys for what concerns memory. */
#include "kernel.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "files.h"
#include "missing.h"

#define THP_DIR "/sys/kernel/mm/transparent_hugepage"

/* The range of sizes for which there may be a hugepages-<n>kB directory. */
#define THP_SMALLEST (4 * DMEM_KIB)
#define THP_LARGEST (2 * DMEM_GIB)

size_t dmem_kernel_page_size(void)
{
	static size_t page_size;
	size_t size = dmem_load(&page_size);

	if (!size) {
		size = getauxval(AT_PAGESZ);
		size = size ? size : 4096;
		dmem_store(&page_size, size);
	}
	return size;
}

/* The word in brackets of "always [madvise] never", on its own and only one. */
static bool bracketed_word(char *text, const char **word)
{
	char *open = strchr(text, '[');
	char *close = open ? strchr(open, ']') : NULL;

	if (!close || (open != text && open[-1] != ' ') ||
	    (close[1] && close[1] != ' ' && close[1] != '\n') ||
	    strchr(close + 1, '[') || strchr(close + 1, ']'))
		return false;
	*close = '\0';
	*word = open + 1;
	return true;
}

static int read_mode(const char *path)
{
	static const struct {
		const char *word;
		int mode;
	} words[] = {
		{ "never", DATAMEM_MODE_NEVER },
		{ "madvise", DATAMEM_MODE_MADVISE },
		{ "always", DATAMEM_MODE_ALWAYS },
		{ "inherit", DATAMEM_MODE_INHERIT },
		{ "defer", DATAMEM_MODE_DEFER },
		{ "defer+madvise", DATAMEM_MODE_DEFER_MADVISE },
	};
	char text[128];
	const char *word;

	if (dmem_files_read(path, text, sizeof(text)) ||
	    !bracketed_word(text, &word))
		return DATAMEM_MODE_UNKNOWN;
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i].word))
			return words[i].mode;
	return DATAMEM_MODE_UNKNOWN;
}

/* Write size as "<n>" of a directory name hugepages-<n>kB. */
static void size_mode_path(char *path, size_t path_size, size_t size)
{
	char digits[24];
	char *p = digits + sizeof(digits) - 1;
	size_t kib = size / DMEM_KIB;

	*p = '\0';
	do {
		*--p = (char)('0' + kib % 10);
		kib /= 10;
	} while (kib);
	path[0] = '\0';
	dmem_text_append(path, path_size, THP_DIR "/hugepages-");
	dmem_text_append(path, path_size, p);
	dmem_text_append(path, path_size, "kB/enabled");
}

static int read_size_mode(size_t size)
{
	char path[128];

	size_mode_path(path, sizeof(path), size);
	return read_mode(path);
}

static size_t read_hugepage_size(size_t page_size)
{
	uint64_t size;

	if (!dmem_files_number(THP_DIR "/hpage_pmd_size", &size))
		return 0;
	/* In a recorded tree it belongs to the page size of that machine. */
	if (!size || (size & (size - 1)) || size > SIZE_MAX / 4 ||
	    (!*dmem_files_root() && size < 2 * page_size))
		return 0;
	return (size_t)size;
}

/*
 * Where the architecture knows no other size of a huge page: to read it would
 * be a part of what a program's first block costs. 0: it is to be read.
 */
static size_t only_hugepage_size(size_t page_size)
{
#if defined(__x86_64__) || defined(__aarch64__)
	/* One level of page tables: as many pages as a page holds words. */
	return *dmem_files_root() ? 0 : page_size / 8 * page_size;
#else
	(void)page_size;
	return 0;
#endif
}

/* A small number or -1. */
static int read_small(const char *path)
{
	uint64_t value;

	if (!dmem_files_number(path, &value) || value > INT32_MAX)
		return -1;
	return (int)value;
}

static void read_release(char *out, size_t out_size)
{
	struct utsname names;
	int saved = errno;

	out[0] = '\0';
	if (*dmem_files_root()) {
		if (dmem_files_read("/proc/sys/kernel/osrelease", out,
				    out_size))
			out[0] = '\0';
		out[strcspn(out, "\n")] = '\0';
	} else if (!uname(&names)) {
		memccpy(out, names.release, 0, out_size - 1);
		out[out_size - 1] = '\0';
	}
	errno = saved;
}

static int read_prctl_state(void)
{
	int saved = errno;
	int state;

	if (dmem_files_recorded())
		return -1;
	state = prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0);
	errno = saved;
	return state;
}

/* With the size of a huge page given. */
static void read_modes(struct dmem_kernel_facts *out)
{
	out->recorded = dmem_files_recorded();
	read_release(out->release, sizeof(out->release));
	out->mode = read_mode(THP_DIR "/enabled");
	if (out->hugepage_size)
		out->size_mode = read_size_mode(out->hugepage_size);
	/* Not asked for nothing: there are filters that kill for it. */
	out->prctl_state = out->mode == DATAMEM_MODE_ALWAYS ||
			   out->size_mode == DATAMEM_MODE_ALWAYS ?
				   read_prctl_state() : -1;
}

void dmem_kernel_facts_start(struct dmem_kernel_facts *out)
{
	memset(out, 0, sizeof(*out));
	out->page_size = dmem_kernel_page_size();
	out->hugepage_size = only_hugepage_size(out->page_size);
	if (!out->hugepage_size)
		out->hugepage_size = read_hugepage_size(out->page_size);
	read_modes(out);
}

void dmem_kernel_facts_read(struct dmem_kernel_facts *out)
{
	memset(out, 0, sizeof(*out));
	out->page_size = dmem_kernel_page_size();
	out->hugepage_size = read_hugepage_size(out->page_size);
	read_modes(out);
	out->sys_readable = dmem_files_exist("/sys/kernel/mm");
	out->thp_dir = dmem_files_exist(THP_DIR);
	out->defrag = read_mode(THP_DIR "/defrag");
	out->prctl_state = read_prctl_state();
	out->max_ptes_none = read_small(THP_DIR "/khugepaged/max_ptes_none");
	out->khugepaged_defrag = read_small(THP_DIR "/khugepaged/defrag");
}

bool dmem_kernel_release_parse(const char *release, unsigned int *major,
			       unsigned int *minor)
{
	const char *p = release;
	uint64_t first, second = 0;

	if (!dmem_text_number(&p, 10, &first))
		return false;
	if (*p && (*p++ != '.' || !dmem_text_number(&p, 10, &second)))
		return false;
	if (first > UINT32_MAX || second > UINT32_MAX)
		return false;
	*major = (unsigned int)first;
	*minor = (unsigned int)second;
	return true;
}

size_t dmem_kernel_thp_sizes(struct datamem_hugepage_size *out, size_t max)
{
	char path[128];
	size_t count = 0;

	/* Trying the sizes instead of listing the directory: it may hold
	 * anything, and readdir(3) allocates. */
	for (size_t size = THP_SMALLEST; size <= THP_LARGEST; size *= 2) {
		size_mode_path(path, sizeof(path), size);
		if (!dmem_files_exist(path))
			continue;
		if (count < max) {
			out[count].size = size;
			out[count].mode = read_mode(path);
		}
		count++;
	}
	return count;
}

/* "MemTotal:       24689176 kB"; 0: not found. */
static uint64_t find_bytes(struct dmem_lines *lines, const char *name)
{
	size_t length = strlen(name);
	uint64_t kib;
	const char *p;
	char *line;

	while ((line = dmem_lines_next(lines))) {
		if (strncmp(line, name, length))
			continue;
		p = line + length;
		p += strspn(p, " ");
		return dmem_text_number(&p, 10, &kib) && !strcmp(p, " kB") &&
		       kib <= UINT64_MAX / 1024 ? kib * 1024 : 0;
	}
	return 0;
}

static uint64_t ram_from_meminfo(void)
{
	struct dmem_files_work *work = dmem_files_work_get();
	uint64_t bytes = 0;

	if (!work)
		return 0;
	if (!dmem_lines_open(&work->lines, "/proc/meminfo", false)) {
		bytes = find_bytes(&work->lines, "MemTotal:");
		dmem_lines_close(&work->lines);
	}
	dmem_files_work_put(work);
	return bytes;
}

uint64_t dmem_facts_available(struct dmem_files_work *work)
{
	uint64_t bytes;

	if (dmem_lines_open(&work->lines, "/proc/meminfo", false))
		return UINT64_MAX;
	bytes = find_bytes(&work->lines, "MemAvailable:");
	dmem_lines_close(&work->lines);
	return bytes ? bytes : UINT64_MAX;
}

uint64_t dmem_kernel_ram(void)
{
	uint64_t ram = ram_from_meminfo();
	struct sysinfo info;
	int saved = errno;
	bool known;

	/* Second, as there are filters that kill for it. */
	if (ram || *dmem_files_root())
		return ram;
	known = !sysinfo(&info) && info.totalram;
	errno = saved;
	return known ? (uint64_t)info.totalram *
			       (info.mem_unit ? info.mem_unit : 1) : 0;
}

size_t dmem_kernel_max_map_count(void)
{
	uint64_t count;

	if (!dmem_files_number("/proc/sys/vm/max_map_count", &count) ||
	    count > SIZE_MAX)
		return 0;
	return (size_t)count;
}
