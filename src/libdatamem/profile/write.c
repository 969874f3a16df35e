/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Writes a copy of the tables. Other processes may have written to these, so
 * indexes in them are checked.
 */
#include "write.h"

#include <dlfcn.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/kernel.h"

#define BUFFER_BYTES ((size_t)64 << 10)

struct output {
	int fd;
	int error;          /* -errno of the first that failed */
	size_t used;
	char *buffer;       /* of BUFFER_BYTES */
};

bool dmem_write_knows(int format)
{
	return format >= DATAMEM_PROFILE_RAW &&
	       format <= DATAMEM_PROFILE_COLLAPSED_ALLOCATED;
}

static void write_all(struct output *out, const char *from, size_t n)
{
	while (n && !out->error) {
		ssize_t done = write(out->fd, from, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			out->error = done ? -errno : -EIO;
			break;
		}
		from += done;
		n -= (size_t)done;
	}
}

static void flush(struct output *out)
{
	write_all(out, out->buffer, out->used);
	out->used = 0;
}

static void put(struct output *out, const char *text, size_t n)
{
	n = DMEM_MIN(n, BUFFER_BYTES);
	if (n > BUFFER_BYTES - out->used)
		flush(out);
	memcpy(out->buffer + out->used, text, n);
	out->used += n;
}

static void print(struct output *out, const char *format, ...)
	DMEM_PRINTF(2, 3);
static void print(struct output *out, const char *format, ...)
{
	char line[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n > 0)
		put(out, line, DMEM_MIN((size_t)n, sizeof(line) - 1));
}

static const void *table(const struct profile_header *profile, uint64_t offset)
{
	return (const char *)profile + offset;
}

/* Never beyond the table: its last byte is made a NUL. */
static const char *string(const struct profile_header *profile, uint32_t offset)
{
	const char *strings = table(profile, profile->strings_offset);

	return offset < profile->strings_used ? strings + offset : "";
}

/* The frames of a stack; false: they are not where they should be. */
static const struct profile_frame *frames(const struct profile_header *profile,
					  const struct profile_stack *stack)
{
	const struct profile_frame *all = table(profile,
						profile->frames_offset);
	uint32_t n = (uint32_t)stack->natives + stack->pythons;

	if (n > profile->frames_used ||
	    stack->frames_first > profile->frames_used - n)
		return NULL;
	return all + stack->frames_first;
}

static uint64_t blocks(const struct profile_totals *totals)
{
	return (totals->count + PROFILE_COUNT_UNIT / 2) / PROFILE_COUNT_UNIT;
}

static void print_counts(struct output *out, const struct profile_totals *live,
			 const struct profile_totals *allocated)
{
	print(out, "%6" PRIu64 ": %8" PRIu64 " [%6" PRIu64 ": %8" PRIu64 "] @",
	      blocks(live), live->bytes, blocks(allocated), allocated->bytes);
}

/* The mappings as the kernel has them, whatever they are by now. */
static void copy_maps(struct output *out)
{
	int fd = dmem_kernel_maps_open();
	ssize_t n;

	if (fd < 0)
		return;
	print(out, "\nMAPPED_LIBRARIES:\n");
	flush(out);
	while ((n = read(fd, out->buffer, BUFFER_BYTES)) > 0)
		write_all(out, out->buffer, (size_t)n);
	close(fd);
}

/*
 * The sums are estimates already, from samples of several intervals: an
 * interval of 1 has readers take them as they are. Python's frames have no
 * address, and are not in it.
 */
static void write_heap(struct output *out, const struct profile_header *profile)
{
	const struct profile_stack *stack = table(profile,
						  profile->stacks_offset);

	print(out, "heap profile: ");
	print_counts(out, &profile->live, &profile->allocated);
	print(out, " heap_v2/1\n");
	for (uint32_t i = 0; i < profile->stacks_used; i++, stack++) {
		const struct profile_frame *frame = frames(profile, stack);

		if (!frame || !stack->allocated.samples)
			continue;
		print_counts(out, &stack->live, &stack->allocated);
		for (uint16_t k = 0; k < stack->natives; k++)
			print(out, " 0x%" PRIx64, frame[k].u.address);
		print(out, "\n");
	}
	copy_maps(out);
}

/* Separators of the format, and what terminals act on, are replaced. */
static void put_name(struct output *out, const char *name)
{
	char text[512];
	size_t n = 0;

	for (; *name && n < sizeof(text); name++) {
		unsigned char c = (unsigned char)*name;

		text[n++] = c == ';' ? ':' : c < ' ' || c == 0x7f ? '?' : *name;
	}
	put(out, text, n);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Return addresses: the call is before. Exported functions have names. */
static void put_native(struct output *out, uint64_t address)
{
	const void *call = (const void *)((uintptr_t)address - 1);
	Dl_info info;

	if (!dladdr(call, &info) || !info.dli_fname) {
		print(out, "0x%" PRIx64, address);
		return;
	}
	if (info.dli_sname) {
		put_name(out, info.dli_sname);
		return;
	}
	put_name(out, base_name(info.dli_fname));
	print(out, "+0x%" PRIx64, address - (uintptr_t)info.dli_fbase);
}

static void put_frame(struct output *out, const struct profile_header *profile,
		      const struct profile_frame *frame)
{
	if (frame->kind == PROFILE_NATIVE) {
		put_native(out, frame->u.address);
		return;
	}
	put_name(out, string(profile, frame->u.python.function));
	put(out, " (", 2);
	put_name(out, base_name(string(profile, frame->u.python.file)));
	print(out, ":%" PRIu32 ")", frame->line);
}

/* From the outermost on, as flame graphs are. */
static void write_collapsed(struct output *out,
			    const struct profile_header *profile,
			    bool allocated)
{
	const struct profile_stack *stack = table(profile,
						  profile->stacks_offset);

	for (uint32_t i = 0; i < profile->stacks_used; i++, stack++) {
		const struct profile_frame *frame = frames(profile, stack);
		uint64_t bytes = allocated ? stack->allocated.bytes
					   : stack->live.bytes;
		uint32_t n = (uint32_t)stack->natives + stack->pythons;

		if (!frame || !bytes)
			continue;
		if (!n)
			print(out, "%s", stack->flags & PROFILE_OVERFLOW ?
			      "[no room]" : "[no stack]");
		while (n-- > 0) {
			put_frame(out, profile, &frame[n]);
			if (n)
				put(out, ";", 1);
		}
		print(out, " %" PRIu64 "\n", bytes);
	}
}

int dmem_write(int fd, int format, struct profile_header *profile,
	       size_t nbytes)
{
	char *strings = (char *)profile + profile->strings_offset;
	struct output out = { .fd = fd };

	out.buffer = dmem_kernel_map(BUFFER_BYTES);
	if (!out.buffer)
		return -ENOMEM;
	strings[profile->strings_used - 1] = '\0';
	switch (format) {
	case DATAMEM_PROFILE_RAW:
		write_all(&out, (const char *)profile, nbytes);
		break;
	case DATAMEM_PROFILE_HEAP:
		write_heap(&out, profile);
		break;
	default:
		write_collapsed(&out, profile,
				format == DATAMEM_PROFILE_COLLAPSED_ALLOCATED);
	}
	flush(&out);
	dmem_kernel_unmap(out.buffer, BUFFER_BYTES);
	return out.error;
}
