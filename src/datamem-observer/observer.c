/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Which process is recorded, its threads, and its events in order. */
#include "observer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "family.h"
#include "table.h"

/* "TOOL MIN CHILDREN FILE": the parent's id, bytes, 0 or 1, a path. */
#define VARIABLE "LIBDATAMEM_OBSERVE"
#define THREADS_MAX 1024        /* RECORDING_MAX_THREADS */

size_t observer_min = SIZE_MAX;

/*
 * On a page that the kernel wipes in every forked child, however that was made:
 * there nothing is recorded, and the lock is free.
 */
static struct state {
	int on;
	pthread_mutex_t lock;
	struct observer_clock clock;
	uint64_t names;         /* given to blocks */
	uint64_t threads[THREADS_MAX / 64];  /* numbers in use */
	bool advised;
} *state;

/* It is held for so short a time that who waits does so awake at first. */
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
static const pthread_mutex_t free_lock = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;
#else
static const pthread_mutex_t free_lock = PTHREAD_MUTEX_INITIALIZER;
#endif

static bool with_children;
static char file[4096];
static size_t wanted_min;
static pthread_key_t thread_key;

/* What this thread does: it may be inside already, in a signal handler. */
OBSERVER_TLS bool inside;
OBSERVER_TLS unsigned int number;  /* of the thread, plus 1 */
OBSERVER_TLS bool forks_whole;     /* it was not inside when it began to fork */

/* --- Threads -------------------------------------------------------------- */

/* Numbers of threads that have ended are given again. */
static void end_thread(void *value)
{
	size_t n = (size_t)value - 1;

	if (!__atomic_load_n(&state->on, __ATOMIC_RELAXED) || inside)
		return;
	inside = true;
	pthread_mutex_lock(&state->lock);
	state->threads[n / 64] &= ~(UINT64_C(1) << n % 64);
	pthread_mutex_unlock(&state->lock);
	number = 0;
	inside = false;
}

/* Of the calling thread, with the lock held. */
static unsigned int thread_number(void)
{
	if (observer_likely(number))
		return number - 1;
	for (unsigned int i = 0; i < THREADS_MAX / 64; i++) {
		unsigned int bit;

		if (!~state->threads[i])
			continue;
		bit = (unsigned int)__builtin_ctzll(~state->threads[i]);
		state->threads[i] |= UINT64_C(1) << bit;
		number = i * 64 + bit + 1;
		/* It may allocate, which is not recorded: inside is set. */
		pthread_setspecific(thread_key, (void *)(uintptr_t)number);
		return number - 1;
	}
	return THREADS_MAX - 1;
}

/* --- Events --------------------------------------------------------------- */

static bool enter(void)
{
	if (!state || !__atomic_load_n(&state->on, __ATOMIC_RELAXED) || inside)
		return false;
	inside = true;
	pthread_mutex_lock(&state->lock);
	if (observer_likely(state->on))
		return true;
	pthread_mutex_unlock(&state->lock);
	inside = false;
	return false;
}

static void leave(void)
{
	pthread_mutex_unlock(&state->lock);
	inside = false;
}

static void stop(void)
{
	__atomic_store_n(&state->on, 0, __ATOMIC_RELAXED);
	observer_min = SIZE_MAX;
}

static inline void write_event(char op, uint64_t name, size_t nbytes)
{
	uint64_t since = observer_clock_since(&state->clock);

	if (!observer_spool_event(op, thread_number(), name, nbytes, since))
		stop();
}

static void end_block(struct observer_entry *entry)
{
	write_event('f', entry->name, entry->nbytes);
	observer_table_remove(entry);
}

/* Without memory the block is one that is never freed. */
static void fill(struct observer_entry *entry, uint64_t name, size_t nbytes,
		 enum observer_source source)
{
	if (observer_unlikely(!entry))
		return;
	entry->name = name;
	entry->nbytes = nbytes;
	entry->source = source;
}

/* Where a block comes to stand. The free of one that is still there was not
 * seen. */
static struct observer_entry *place(const void *ptr)
{
	struct observer_entry *entry = observer_table_place((uintptr_t)ptr);

	if (observer_likely(entry) && observer_unlikely(entry->name))
		write_event('f', entry->name, entry->nbytes);
	return entry;
}

/* A handler of libdatamem may work on malloc(3). */
static bool is_below(const void *ptr)
{
	const struct observer_entry *entry =
		observer_table_find((uintptr_t)ptr);

	return entry && entry->source == OBSERVER_MALLOC;
}

void observer_made(char op, const void *ptr, size_t nbytes,
		   enum observer_source source)
{
	int saved = errno;

	if (enter()) {
		if (source == OBSERVER_MALLOC || !is_below(ptr)) {
			struct observer_entry *entry = place(ptr);
			uint64_t name = ++state->names;

			write_event(op, name, nbytes);
			fill(entry, name, nbytes, source);
		}
		leave();
	}
	errno = saved;
}

void observer_freed(const void *ptr, enum observer_source source)
{
	int saved = errno;

	if (enter()) {
		struct observer_entry *old =
			observer_table_find((uintptr_t)ptr);

		if (old && old->source == (unsigned int)source)
			end_block(old);
		leave();
	}
	errno = saved;
}

bool observer_take(const void *ptr, enum observer_source source,
		   struct observer_block *block)
{
	int saved = errno;
	bool found = false;

	if (enter()) {
		struct observer_entry *old =
			observer_table_find((uintptr_t)ptr);

		if (old && old->source == (unsigned int)source) {
			block->name = old->name;
			block->nbytes = old->nbytes;
			observer_table_remove(old);
			found = true;
		}
		leave();
	}
	errno = saved;
	return found;
}

void observer_put_back(const void *ptr, const struct observer_block *block)
{
	int saved = errno;

	if (enter()) {
		fill(place(ptr), block->name, block->nbytes, OBSERVER_MALLOC);
		leave();
	}
	errno = saved;
}

void observer_resized(const void *ptr, size_t nbytes,
		      enum observer_source source,
		      const struct observer_block *block)
{
	int saved = errno;

	if (enter()) {
		struct observer_entry *entry;

		if (nbytes >= observer_min) {
			entry = place(ptr);
			write_event('r', block->name, nbytes);
			fill(entry, block->name, nbytes, source);
		} else {
			entry = observer_table_find((uintptr_t)ptr);
			if (entry)
				end_block(entry);
			write_event('f', block->name, block->nbytes);
		}
		leave();
	}
	errno = saved;
}

bool observer_note(const char *line, size_t length)
{
	if (!enter())
		return false;
	if (!observer_spool_line(line, length))
		stop();
	leave();
	return true;
}

void observer_advised(size_t nbytes)
{
	int saved = errno;

	if (enter()) {
		char line[64];
		int n = snprintf(line, sizeof(line), "# hugepage-advice: %zu\n",
				 nbytes);

		/* Once: that it does so is what a replay has to know. */
		if (!state->advised && !observer_spool_line(line, (size_t)n))
			stop();
		state->advised = true;
		leave();
	}
	errno = saved;
}

/* --- Beginning ------------------------------------------------------------ */

/* "# KEY: TEXT", whose control characters and zeros become spaces. */
static bool write_text(const char *key, const char *text, size_t length)
{
	char line[SPOOL_LINE];
	int n = snprintf(line, sizeof(line), "# %s: ", key);
	size_t end = (size_t)n;

	for (size_t i = 0; i < length && end < sizeof(line) - 1; i++)
		line[end++] = (unsigned char)text[i] < ' ' ? ' ' : text[i];
	line[end++] = '\n';
	return observer_spool_line(line, end);
}

static bool write_header(void)
{
	static const char first[] = SPOOL_FIRST;
	const char *tunables = getenv("GLIBC_TUNABLES");
	const char *allocator = observer_family_library();
	char text[SPOOL_LINE];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));
	bool good;

	if (fd >= 0)
		close(fd);
	good = observer_spool_line(first, sizeof(first) - 1) &&
	       write_text("program", text, n > 1 ? (size_t)n - 1 : 0) &&
	       write_text("allocator", allocator, strlen(allocator));
	if (good && tunables && *tunables)
		good = write_text("tunables", tunables, strlen(tunables));
	n = snprintf(text, sizeof(text), "%zu", wanted_min);
	return good && write_text("min-bytes", text, (size_t)n);
}

static void begin(const char *path)
{
	if (!observer_spool_open(path) || !write_header())
		return;
	observer_min = wanted_min;
	__atomic_store_n(&state->on, 1, __ATOMIC_RELEASE);
}

/*
 * The child of a fork has no other threads, and all blocks of its parent. A
 * handler of signals may fork, in the middle of an event: what its child would
 * begin with is in pieces.
 */
static void fork_prepare(void)
{
	forks_whole = !inside;
	if (forks_whole)
		pthread_mutex_lock(&state->lock);
}

static void fork_parent(void)
{
	if (forks_whole)
		pthread_mutex_unlock(&state->lock);
}

static void fork_child(void)
{
	const struct observer_entry *entry;
	char path[sizeof(file) + 16];
	size_t i = 0;

	/* The page was wiped: the names begin anew. */
	state->lock = free_lock;
	number = 0;
	if (!forks_whole) {
		observer_min = SIZE_MAX;
		return;
	}
	inside = true;
	observer_spool_forget();
	snprintf(path, sizeof(path), "%s.%d", file, (int)getpid());
	begin(path);
	while (state->on && (entry = observer_table_next(&i))) {
		write_event('a', entry->name, entry->nbytes);
		if (entry->name > state->names)
			state->names = entry->name;
	}
	inside = false;
}

static bool make_state(void)
{
	void *page = mmap(NULL, sizeof(*state), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED ||
	    madvise(page, sizeof(*state), MADV_WIPEONFORK) < 0)
		return false;
	state = page;
	state->lock = free_lock;
	return pthread_key_create(&thread_key, end_thread) == 0 &&
	       (!with_children ||
		pthread_atfork(fork_prepare, fork_parent, fork_child) == 0);
}

/* This process's own programs are not to be observed. */
static void drop_variables(void)
{
	const char *preload = getenv("LD_PRELOAD");
	const char *behind = preload ? strchr(preload, ':') : NULL;

	/* The tool has put itself first. */
	if (behind && behind[1])
		setenv("LD_PRELOAD", behind + 1, 1);
	else
		unsetenv("LD_PRELOAD");
	unsetenv(VARIABLE);
}

static bool parse_variable(long *tool)
{
	const char *text = getenv(VARIABLE);
	char *end;

	if (!text)
		return false;
	*tool = strtol(text, &end, 10);
	wanted_min = strtoul(end, &end, 10);
	with_children = strtol(end, &end, 10) != 0;
	if (*end != ' ' || strlen(end + 1) >= sizeof(file))
		return false;
	strcpy(file, end + 1);
	return true;
}

/* Before main(). */
__attribute__((__constructor__)) void observer_begin(void)
{
	char path[sizeof(file) + 16];
	static bool loaded;
	bool first;
	long tool;

	if (loaded)
		return;
	loaded = true;
	observer_family_resolve();
	if (!parse_variable(&tool))
		return;
	/*
	 * What the process executes is recorded instead of what it was: its
	 * parent stays the tool.
	 */
	first = getppid() == (pid_t)tool;
	if (!first && !with_children) {
		drop_variables();
		return;
	}
	if (!make_state())
		return;
	snprintf(path, sizeof(path), "%s", file);
	if (!first)
		snprintf(path, sizeof(path), "%s.%d", file, (int)getpid());
	begin(path);
}
