/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The process's own memory, looked at with care: for handlers of signals. */
#include "kernel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* qemu-user takes advice that it does not know for done: so an impossible one is
 * asked for, too, once. */
static bool is_advice_done(void *addr, size_t nbytes)
{
	static enum { UNKNOWN, DONE, IGNORED } known;

	if (dmem_load(&known) == UNKNOWN)
		dmem_store(&known, madvise(addr, nbytes, -1) ? DONE : IGNORED);
	return dmem_load(&known) == DONE;
}

int dmem_kernel_forbid(void *addr, size_t nbytes)
{
	int saved = errno, err = 0;

	if (!dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_GUARD) &&
	    is_advice_done(addr, nbytes)) {
		errno = saved;
		return 0;
	}
	/* In this order: what is written in between must not come back. */
	if (mprotect(addr, nbytes, PROT_NONE))
		err = -errno;
	else
		dmem_kernel_advise(addr, nbytes, DMEM_ADVICE_PURGE);
	errno = saved;
	return err;
}

int dmem_kernel_send_again(int sig, siginfo_t *info)
{
	return syscall(SYS_rt_tgsigqueueinfo, getpid(), dmem_kernel_thread_id(),
		       sig, info) ? -errno : 0;
}

bool dmem_kernel_peek(const void *addr, uintptr_t *words, size_t n)
{
	size_t nbytes = n * sizeof(*words);
	struct iovec here = { words, nbytes };
	struct iovec there = { (void *)(uintptr_t)addr, nbytes };
	int saved = errno;
	ssize_t got;

	got = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
	errno = saved;
	return got == (ssize_t)nbytes;
}

/* A line of maps: "begin-end rwxp offset device inode   path". */
struct mapping {
	uintptr_t begin, end, offset;
	const char *path;
};

static const char *parse_hex(const char *at, uintptr_t *out)
{
	for (*out = 0;; at++) {
		if (*at >= '0' && *at <= '9')
			*out = *out << 4 | (uintptr_t)(*at - '0');
		else if (*at >= 'a' && *at <= 'f')
			*out = *out << 4 | (uintptr_t)(*at - 'a' + 10);
		else
			return at;
	}
}

static bool parse(const char *line, struct mapping *out)
{
	line = parse_hex(line, &out->begin);
	if (*line++ != '-')
		return false;
	line = parse_hex(line, &out->end);
	if (strlen(line) < 7)
		return false;
	line = parse_hex(line + 6, &out->offset);
	out->path = strchr(line, '/');
	return out->path;
}

/* What is found, and for whom. */
struct search {
	const uintptr_t *addrs;
	size_t n;
	void (*tell)(void *arg, size_t i, const struct dmem_module *module);
	void *arg;
	struct dmem_module module;
};

/* Of a file's mappings the first has its beginning. */
static void look(struct search *search, const char *line)
{
	struct dmem_module *module = &search->module;
	struct mapping mapping;
	const char *name;
	size_t len;

	if (!parse(line, &mapping))
		return;
	len = strlen(mapping.path);
	name = mapping.path + (len < sizeof(module->name) ? 0 :
			       len - sizeof(module->name) + 1);
	if (strcmp(name, module->name) || !mapping.offset) {
		strcpy(module->name, name);
		module->base = mapping.offset ? 0 : mapping.begin;
	}
	for (size_t i = 0; i < search->n; i++)
		if (search->addrs[i] >= mapping.begin &&
		    search->addrs[i] < mapping.end)
			search->tell(search->arg, i, module);
}

void dmem_kernel_modules(const uintptr_t *addrs, size_t n,
			 void (*tell)(void *arg, size_t i,
				      const struct dmem_module *module),
			 void *arg)
{
	/* Too much for the stack of a handler. */
	static char text[1024] DMEM_TABLE, line[512] DMEM_TABLE;
	static struct search search;
	size_t used = 0;
	ssize_t got;
	int fd, saved = errno, state = dmem_cancel_off();

	search = (struct search) { addrs, n, tell, arg, { 0, "" } };
	fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && (got = read(fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < got; i++) {
			if (text[i] == '\n') {
				line[used] = '\0';
				look(&search, line);
				used = 0;
			} else if (used < sizeof(line) - 1) {
				line[used++] = text[i];
			}
		}
	}
	if (fd >= 0)
		close(fd);
	dmem_cancel_restore(state);
	errno = saved;
}
