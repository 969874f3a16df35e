/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * profile-maker MODE: makes a profile by hand, whose numbers are known.
 *
 *	write FILE   as a file
 *	live         as a process has it; prints "ready", and goes on until the
 *	             end of its standard input
 *	lies         the same, but all of it changes at random, all the time
 *	damaged      the same, and its header stays so
 *	torn         live, but it stopped while it changed a sample and a stack
 *
 * Sites: two blocks of 4 MiB of sim.py:31, of which the first is resident as to
 * its first half; 16 sampled blocks of 64 KiB of numpy's, for load.py:12; blocks
 * of 1 MiB of this program's allocate_native(); and one without a stack. All
 * with an interval of 512 KiB. The first block is 100 seconds old, others 5.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <profile-page.h>

#include "must.h"

#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#define F_SEAL_SEAL 1
#define F_SEAL_SHRINK 2
#define F_SEAL_GROW 4
#endif

#define MIB (1u << 20)
#define INTERVAL (512u << 10)

struct made {
	struct profile_header header;
	char pad[4096 - sizeof(struct profile_header)];
	struct profile_sample samples[64];
	struct profile_stack stacks[8];
	struct profile_frame frames[64];
	struct profile_mapping mappings[8];
	char strings[4096];
};

static struct made *made;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint32_t string(const char *text)
{
	uint32_t at = made->header.strings_used;

	must(at + strlen(text) < sizeof(made->strings), "strings");
	memcpy(made->strings + at, text, strlen(text) + 1);
	made->header.strings_used += (uint32_t)strlen(text) + 1;
	return at;
}

static void python(const char *file, uint32_t line, const char *function)
{
	struct profile_frame *f = &made->frames[made->header.frames_used++];

	f->kind = PROFILE_PYTHON;
	f->line = line;
	f->u.python.file = string(file);
	f->u.python.function = string(function);
}

static void native(const void *address)
{
	struct profile_frame *f = &made->frames[made->header.frames_used++];

	f->kind = PROFILE_NATIVE;
	f->u.address = (uintptr_t)address;
}

/* Of the frames since the last one. */
static struct profile_stack *stack(uint16_t natives, uint16_t pythons,
				   const char *handler, uint32_t domain)
{
	struct profile_stack *s = &made->stacks[made->header.stacks_used++];

	s->frames_first = made->header.frames_used - natives - pythons;
	s->natives = natives;
	s->pythons = pythons;
	s->handler = string(handler);
	s->domain = domain;
	return s;
}

static void sample(const void *address, uint64_t size, double age)
{
	struct profile_sample *s = &made->samples[made->header.samples_used++];

	s->stack = made->header.stacks_used - 1;
	s->address = (uintptr_t)address;
	s->size = size;
	s->interval = INTERVAL;
	s->time = made->header.made + (uint64_t)((200 - age) * 1e9);
	s->serial = made->header.samples_used;
}

static void allocated(struct profile_stack *s, uint64_t count, uint64_t bytes)
{
	s->allocated.count = count * PROFILE_COUNT_UNIT;
	s->allocated.bytes = bytes;
	s->peak = bytes / 2;
}

/* The address behind the call, and of this program, as a profile has them. */
__attribute__((noinline)) static void *return_address(void)
{
	return __builtin_return_address(0);
}

__attribute__((noinline)) static void *allocate_native(void)
{
	void *address = return_address();

	__asm__ volatile("" : "+r"(address));
	return address;
}

/* Of this program: the first object that there is. */
static int note_program(struct dl_phdr_info *info, size_t size, void *path)
{
	struct profile_mapping *m = &made->mappings[0];

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uint64_t start = info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_LOAD && p->p_flags & PF_X) {
			m->start = start & ~(uint64_t)4095;
			m->end = start + p->p_memsz;
			m->bias = info->dlpi_addr;
			m->offset = p->p_offset & ~(uint64_t)4095;
		}
	}
	m->path = string(path);
	made->header.mappings_used = 1;
	return 1;
}

#define PLACE(entry, part)                                                   \
	do {                                                                 \
		h->part##_offset = offsetof(struct made, part);              \
		h->entry##_bytes = sizeof(made->part[0]);                    \
		h->part##_count = sizeof(made->part) / sizeof(made->part[0]); \
	} while (0)

static void fill_header(enum profile_state state)
{
	struct profile_header *h = &made->header;

	memcpy(h->magic, PROFILE_MAGIC, sizeof(h->magic));
	h->layout = PROFILE_LAYOUT;
	h->header_bytes = sizeof(*h);
	h->file_bytes = sizeof(*made);
	h->pid = getpid();
	h->made = now_ns() - 200 * UINT64_C(1000000000);
	h->made_realtime = 1764374400 * UINT64_C(1000000000);
	h->written = h->made + 200 * UINT64_C(1000000000);
	h->interval = INTERVAL;
	h->state = state;
	h->page_bytes = (uint32_t)sysconf(_SC_PAGESIZE);
	PLACE(sample, samples);
	PLACE(stack, stacks);
	PLACE(frame, frames);
	PLACE(mapping, mappings);
	h->strings_offset = offsetof(struct made, strings);
	h->strings_bytes = sizeof(made->strings);
	string("");
}

static void fill(enum profile_state state)
{
	char *memory = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	static char path[4096];

	must(memory != MAP_FAILED, "mmap");
	madvise(memory, 8 * MIB, MADV_NOHUGEPAGE);
	memset(memory, 1, 2 * MIB);
	fill_header(state);
	must(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0, "exe");
	dl_iterate_phdr(note_program, path);

	native(allocate_native());
	python("/home/user/sim.py", 31, "step");
	python("/home/user/sim.py", 90, "<module>");
	allocated(stack(1, 2, "datamem", 389047), 10, 40 * MIB);
	sample(memory, 4 * MIB, 100);
	sample(memory + 4 * MIB, 4 * MIB, 5);

	python("/usr/lib/python3/dist-packages/numpy/core/numeric.py", 343,
	       "full");
	python("/home/user/load.py", 12, "read <all> & \"more\";");
	python("/home/user/sim.py", 88, "<module>");
	allocated(stack(0, 3, "datamem", 389047), 200, 200 * 65536);
	for (int i = 0; i < 16; i++)
		sample(memory + 4 * MIB + i * 65536, 65536, 5);

	native(allocate_native());
	allocated(stack(1, 0, "default_allocator", 7), 3, 3 * MIB);
	sample(memory + 7 * MIB, MIB, 5);

	allocated(stack(0, 0, "default_allocator", 0), 1, MIB);
}

static uint64_t draw(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void scribble(size_t from, size_t to)
{
	static const uint32_t edges[] = {
		0, 1, 2, 7, 64, 65, 128, 4095, 4096, sizeof(struct made) - 1,
		sizeof(struct made), sizeof(struct made) + 1, INT32_MAX,
		UINT32_MAX - 7, UINT32_MAX,
	};

	for (int i = 0; i < 200; i++) {
		size_t at = from + draw() % ((to - from) / 4) * 4;
		uint32_t word = draw() % 2 ? (uint32_t)draw() :
			edges[draw() % (sizeof(edges) / sizeof(*edges))];

		memcpy((char *)made + at, &word, sizeof(word));
	}
}

static void lie(const struct made *sound)
{
	bool header = draw() % 4 == 0;

	memcpy(made, sound, sizeof(*made));
	/* Not the process and the magic: then it would not be looked at. */
	if (header)
		scribble(offsetof(struct profile_header, interval),
			 sizeof(made->header));
	scribble(offsetof(struct made, samples), sizeof(*made));
	usleep(200);
}

static void make_shared(void)
{
	int fd = memfd_create(PROFILE_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	must(fd >= 0 && ftruncate(fd, sizeof(*made)) == 0 &&
	     fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK |
		   F_SEAL_GROW) == 0, PROFILE_NAME);
	made = mmap(NULL, sizeof(*made), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	must(made != MAP_FAILED, "mmap");
}

static void say_ready(void)
{
	puts("ready");
	fflush(stdout);
}

static void change(const char *mode)
{
	static struct made sound;

	memcpy(&sound, made, sizeof(sound));
	if (!strcmp(mode, "torn"))
		made->samples[0].seq = made->stacks[0].seq = 1;
	if (!strcmp(mode, "damaged"))
		made->header.stacks_used = UINT32_MAX;
	say_ready();
	if (strcmp(mode, "lies")) {
		while (getchar() != EOF)
			;
		return;
	}
	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	for (char c; read(STDIN_FILENO, &c, 1) != 0;)
		lie(&sound);
}

int main(int argc, char **argv)
{
	FILE *file;

	must(argc >= 2, "arguments");
	if (strcmp(argv[1], "write")) {
		make_shared();
		fill(PROFILE_RUNS);
		change(argv[1]);
		return 0;
	}
	must(argc == 3, "arguments");
	made = calloc(1, sizeof(*made));
	must(made != NULL, "calloc");
	fill(PROFILE_COPY);
	file = fopen(argv[2], "w");
	must(file && fwrite(made, sizeof(*made), 1, file) == 1 &&
	     fclose(file) == 0, argv[2]);
	return 0;
}
