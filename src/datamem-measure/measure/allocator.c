/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The allocators to measure: their list, their set-up, and NumPy's way. */

#include "tool.h"
#include "allocator.h"

#include <dlfcn.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* ALLOCATOR_NAMES, for messages and --help, has the same. */
static const struct allocator builtin[] = {
	{ .name = "datamem", .kind = ALLOCATOR_DATAMEM },
	{ .name = "glibc", .kind = ALLOCATOR_MALLOC },
	{ .name = "glibc-mallopt", .kind = ALLOCATOR_MALLOC, .keep = true },
	{ .name = "glibc-hugetlb", .kind = ALLOCATOR_MALLOC,
	  .tunables = "glibc.malloc.hugetlb=1" },
	{ .name = "numpy", .kind = ALLOCATOR_NUMPY },
};

static void append(struct allocator_list *list,
		   const struct allocator *allocator)
{
	if (allocator_list_find(list, allocator->name) < list->n)
		ctl_die("allocator %s is given twice", allocator->name);
	if (list->n == ALLOCATOR_MAX)
		ctl_die("more than %d allocators", ALLOCATOR_MAX);
	list->items[list->n++] = *allocator;
}

void allocator_list_names(struct allocator_list *list, const char *names)
{
	char *copy = ctl_strdup(names);
	char *rest = copy;
	char *name;

	while ((name = strsep(&rest, ","))) {
		struct allocator allocator = allocator_by_name(name, NULL);

		append(list, &allocator);
	}
	free(copy);
}

void allocator_list_defaults(struct allocator_list *list, const char *names)
{
	struct allocator_list all = { .n = 0 };

	allocator_list_names(&all, names);
	for (size_t i = 0; i < list->n; i++)
		append(&all, &list->items[i]);
	*list = all;
}

/* libjemalloc.so.2 -> jemalloc */
static char *library_name(const char *path)
{
	const char *base = strrchr(path, '/');
	char *name, *end;

	base = base ? base + 1 : path;
	if (!strncmp(base, "lib", 3))
		base += 3;
	name = ctl_strdup(base);
	end = strstr(name, ".so");
	if (end && end > name)
		*end = '\0';
	return name;
}

void allocator_list_library(struct allocator_list *list, const char *path)
{
	struct allocator allocator = { .kind = ALLOCATOR_MALLOC };

	/* Without a slash the dynamic linker looks in its own folders. */
	if (strchr(path, '/')) {
		char *full = realpath(path, NULL);

		if (!full)
			ctl_die("%s: %s", path, strerror(errno));
		allocator.preload = full;
	} else {
		allocator.preload = ctl_strdup(path);
	}
	if (strpbrk(allocator.preload, ": \t\n"))
		ctl_die("%s: the dynamic linker cannot preload a path with "
			"spaces or colons", path);
	allocator.name = library_name(path);
	append(list, &allocator);
}

size_t allocator_list_find(const struct allocator_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (!strcmp(list->items[i].name, name))
			break;
	}
	return i;
}

struct allocator allocator_by_name(const char *name, const char *preload)
{
	if (preload)
		return (struct allocator){
			.name = name,
			.kind = ALLOCATOR_MALLOC,
			.preload = preload,
		};
	for (size_t i = 0; i < CTL_ARRAY_SIZE(builtin); i++) {
		if (!strcmp(builtin[i].name, name))
			return builtin[i];
	}
	ctl_die("no allocator %s; there are " ALLOCATOR_NAMES ", and shared "
		"objects with --with", name);
}

/* The dynamic linker only warns when it cannot preload: look ourselves. */
static void check_preload(const struct allocator *allocator)
{
	void *library = dlopen(allocator->preload, RTLD_LAZY | RTLD_NOLOAD);
	void *function = dlsym(RTLD_DEFAULT, "malloc");
	Dl_info found;
	void *own;

	if (!library)
		ctl_die("%s: could not be preloaded", allocator->preload);
	own = dlsym(library, "malloc");
	/* A library without one answers with that of libc, its dependency. */
	if (!own || own != function || !dladdr(own, &found) ||
	    strstr(found.dli_fname, "/libc.so"))
		ctl_die("%s: does not provide malloc", allocator->preload);
}

void allocator_enter(const struct allocator *allocator)
{
	if (allocator->preload)
		check_preload(allocator);
	if (allocator->keep &&
	    (!mallopt(M_MMAP_MAX, 0) || !mallopt(M_TRIM_THRESHOLD, -1)))
		ctl_die("mallopt failed");
}

/* The address of a function of the C library or of a preloaded one. */
static bool find_function(const char *name, void *pointer)
{
	void *function = dlsym(RTLD_DEFAULT, name);

	memcpy(pointer, &function, sizeof(function));
	return function;
}

void allocator_give_back(enum allocator_kind kind)
{
	int (*mallctl)(const char *name, void *old, size_t *old_size,
		       void *fresh, size_t fresh_size);
	void (*mi_collect)(bool force);
	void (*release)(void);

	if (kind == ALLOCATOR_DATAMEM) {
		datamem_trim(0);
	} else if (find_function("mallctl", &mallctl)) {
		mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
		/* 4096: of all arenas. */
		mallctl("arena.4096.purge", NULL, NULL, NULL, 0);
	} else if (find_function("mi_collect", &mi_collect)) {
		mi_collect(true);
	} else if (find_function("MallocExtension_ReleaseFreeMemory",
				 &release)) {
		release();
	} else {
		malloc_trim(0);
	}
}

void allocator_count(enum allocator_kind kind)
{
	static struct datamem_stats stats;
	int (*mallctl)(const char *name, void *old, size_t *old_size,
		       void *fresh, size_t fresh_size);
	int (*property)(const char *name, size_t *value);
	static FILE *null;
	uint64_t epoch = 1;
	size_t bytes;

	if (kind == ALLOCATOR_DATAMEM)
		datamem_stats_get(&stats, sizeof(stats));
	else if (find_function("mallctl", &mallctl))
		mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
	else if (find_function("MallocExtension_GetNumericProperty", &property))
		property("generic.current_allocated_bytes", &bytes);
	else if (null || (null = fopen("/dev/null", "we")))
		malloc_info(0, null);
}

/* --- NumPy's way ---------------------------------------------------------- */

#define NUMPY_BUCKETS 1024
#define NUMPY_DEPTH 7
#define NUMPY_PAGE 4096u
#define NUMPY_ADVICE_MIN ((size_t)1 << 22)

static struct {
	size_t available;
	void *ptrs[NUMPY_DEPTH];
} numpy_cache[NUMPY_BUCKETS];

static pthread_mutex_t numpy_mutex = PTHREAD_MUTEX_INITIALIZER;
static bool numpy_locked;

void allocator_numpy_lock(bool on)
{
	numpy_locked = on;
}

static void lock(void)
{
	if (numpy_locked)
		pthread_mutex_lock(&numpy_mutex);
}

static void unlock(void)
{
	if (numpy_locked)
		pthread_mutex_unlock(&numpy_mutex);
}

static void *numpy_pop(size_t nbytes)
{
	void *ptr = NULL;

	lock();
	if (numpy_cache[nbytes].available)
		ptr = numpy_cache[nbytes].ptrs[
			--numpy_cache[nbytes].available];
	unlock();
	return ptr;
}

void *allocator_numpy_alloc(size_t nbytes)
{
	void *ptr = nbytes < NUMPY_BUCKETS ? numpy_pop(nbytes) : NULL;

	if (ptr)
		return ptr;
	ptr = malloc(nbytes);
	if (ptr && nbytes >= NUMPY_ADVICE_MIN) {
		/* A whole page is skipped when there is nothing to align; the
		 * page is 4096 whatever the machine's is: as NumPy has it. */
		size_t offset = NUMPY_PAGE - (uintptr_t)ptr % NUMPY_PAGE;

		madvise((char *)ptr + offset, nbytes - offset, MADV_HUGEPAGE);
	}
	return ptr;
}

void *allocator_numpy_zeroed(size_t nbytes)
{
	void *ptr;

	if (nbytes >= NUMPY_BUCKETS)
		return calloc(nbytes, 1);
	ptr = allocator_numpy_alloc(nbytes);
	return ptr ? memset(ptr, 0, nbytes) : NULL;
}

void *allocator_numpy_resize(void *ptr, size_t nbytes)
{
	return realloc(ptr, nbytes);
}

void allocator_numpy_free(void *ptr, size_t nbytes)
{
	if (ptr && nbytes < NUMPY_BUCKETS) {
		bool kept = false;

		lock();
		if (numpy_cache[nbytes].available < NUMPY_DEPTH) {
			numpy_cache[nbytes].ptrs[
				numpy_cache[nbytes].available++] = ptr;
			kept = true;
		}
		unlock();
		if (kept)
			return;
	}
	free(ptr);
}
