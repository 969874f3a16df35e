/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * Layout of the profile: sampled blocks of a process and the stacks that
 * allocated them. Shared by library and datamem-ctl.
 *
 * A sealed memfd (SHRINK, GROW, SEAL: its size is fixed) named PROFILE_NAME, as
 * live-page.h has it: found among /proc/PID/fd, under the same permissions.
 * There is one while the setting `profile` is not `off`; each switching on makes
 * another. A file that datamem_profile_write(DATAMEM_PROFILE_RAW) wrote has the
 * same layout, byte for byte; its state is PROFILE_COPY.
 *
 * A forked child closes its parent's file at once, and makes its own at its
 * first event (a sample, the free of a sampled block); until then it has none.
 * The child's begins with all of the parent's as of fork(2).
 *
 * All numbers are in the byte order of the machine, of fixed width, at
 * multiples of their size. Readers find every part by offset, size of an entry
 * and number of entries in the header; members and entries are only ever
 * appended within a layout version. The file is mostly holes: parts that were
 * never used read as zeros, and are not to be touched in vain.
 *
 * Neither side trusts it: the library never acts on what it reads back; readers
 * check offsets, counts and references, and copy before they look.
 *
 * What is written when. Frames, strings and mappings are written once, before
 * the number that makes them known is raised (release order), and never change:
 * entries below frames_used, strings_used and mappings_used may be read at any
 * time. Stacks below stacks_used exist for good; their totals change, bracketed
 * by their `seq`. Samples below samples_used come and go, bracketed by theirs.
 * A reader copies an entry, and takes the copy if `seq` was even and the same
 * before and after; it tries again some times, and then leaves the entry out: a
 * process that was stopped or died within a change leaves two entries odd at
 * most (a sample and its stack), and all else whole.
 *
 * The estimate. A block of Z bytes was sampled with the probability
 * p = 1 - exp(-Z/R), where R is the interval of its sample. So a sample stands
 * for 1/p blocks and Z/p bytes. Each sample carries its own R: that of a thread
 * rises while samples would take more than 2 % of its time. A stack's totals
 * are sums of these weights, rounded: bytes to whole ones, counts to multiples
 * of 1/PROFILE_COUNT_UNIT. The variance of a sum of samples is estimated
 * without bias by the sum of (Z/p)^2 (1-p) over its samples; `variance` in the
 * totals is that sum in KiB^2, of allocated bytes.
 */
#ifndef PROFILE_PAGE_H
#define PROFILE_PAGE_H

#include <stdint.h>

#define PROFILE_NAME "datamem-profile"
#define PROFILE_MAGIC "dmemprf"       /* 8 bytes with its NUL */
#define PROFILE_LAYOUT 1u

/* Counts in the totals are multiples of 1/65536 block. */
#define PROFILE_COUNT_UNIT 65536u

/* The most frames of a stack: native ones and Python's. */
#define PROFILE_NATIVE_MAX 64u
#define PROFILE_PYTHON_MAX 64u

enum profile_state {
	PROFILE_RUNS = 1,
	PROFILE_ENDED = 2,        /* switched off; nothing changes any more */
	PROFILE_COPY = 3,         /* a file that was written */
};

/* A live block that was sampled. */
struct profile_sample {
	uint32_t seq;             /* odd while it changes */
	uint32_t stack;           /* index into the stacks */
	uint64_t address;         /* 0: no block, the entry is free */
	uint64_t size;            /* Z: bytes asked for */
	uint64_t interval;        /* R */
	uint64_t time;            /* when made: CLOCK_BOOTTIME, nanoseconds */
	uint64_t serial;          /* number of the sample, from 1 on */
	uint32_t tid;             /* thread that made it, as it sees itself */
	uint32_t spare[3];
};

/* Estimates of bytes, counts in units of 1/PROFILE_COUNT_UNIT. */
struct profile_totals {
	uint64_t samples;         /* blocks sampled, not weighted */
	uint64_t count;
	uint64_t bytes;
};

/*
 * A stack with a handler and a domain: the same frames with another handler are
 * another stack. Its frames are contiguous, innermost first: native ones, then
 * Python's. Where there are Python's, the native ones end before the first that
 * lies in the interpreter: they are the C function that the innermost Python
 * line called, and what that called. Frames of the library itself are left out.
 */
struct profile_stack {
	uint32_t seq;             /* odd while its totals change */
	uint32_t frames_first;    /* index into the frames */
	uint16_t natives;         /* so many native frames, */
	uint16_t pythons;         /* and then so many of Python */
	uint16_t flags;           /* enum profile_stack_flags */
	uint16_t spare;
	uint32_t handler;         /* offset of its name in the strings */
	uint32_t domain;          /* as datamem_trace_*() */
	struct profile_totals allocated;
	struct profile_totals live;
	uint64_t peak;            /* the most that live.bytes was */
	uint64_t peak_time;       /* when: CLOCK_BOOTTIME, nanoseconds */
	uint64_t first_time, last_time;  /* of its samples */
	uint64_t variance;        /* of allocated.bytes, KiB^2 */
	uint64_t spare2[2];
};

enum profile_stack_flags {
	PROFILE_CUT_NATIVE = 1 << 0,  /* more frames than PROFILE_NATIVE_MAX */
	PROFILE_CUT_PYTHON = 1 << 1,
	/* Frames were not taken: little of the stack was left, no unwinder, or a
	 * stack of unknown bounds. */
	PROFILE_NO_NATIVE = 1 << 2,
	/* No room in the tables: stands for all stacks that came later. */
	PROFILE_OVERFLOW = 1 << 3,
};

enum profile_frame_kind {
	PROFILE_NATIVE = 1,
	PROFILE_PYTHON = 2,
};

struct profile_frame {
	uint32_t kind;            /* enum profile_frame_kind */
	uint32_t line;            /* Python: 0: not known */
	union {
		uint64_t address; /* returned to: the call is before it */
		struct {
			uint32_t file, function;  /* offsets in the strings */
		} python;
	} u;
};

/*
 * Executable segments that native frames lie in, as they were when a stack was
 * first met; a segment that was loaded in place of another comes later in the
 * table, and later ones hold for later stacks.
 */
struct profile_mapping {
	uint64_t start, end;      /* addresses */
	uint64_t bias;            /* address minus the ELF file's address */
	uint64_t offset;          /* of start in the file */
	uint32_t path;            /* offset in the strings; "": the kernel's */
	uint32_t stacks;          /* stacks_used when it was noted */
	uint32_t build_id_bytes;  /* 0: none */
	uint8_t build_id[20];
};

struct profile_header {
	char magic[8];            /* last to be written */
	uint32_t layout;
	uint32_t header_bytes;
	uint64_t file_bytes;
	uint32_t version;         /* of the library, datamem_version_number() */
	int32_t pid;              /* as the process itself sees it */
	uint64_t made;            /* CLOCK_BOOTTIME, nanoseconds */
	uint64_t made_realtime;   /* CLOCK_REALTIME, nanoseconds */
	uint64_t written;         /* of a copy: CLOCK_BOOTTIME, nanoseconds */
	uint64_t interval;        /* bytes between samples, as set */
	uint32_t state;           /* enum profile_state */
	uint32_t page_bytes;      /* of memory */

	/* Offset in the file, bytes of an entry, most entries. */
	uint64_t samples_offset, stacks_offset, frames_offset, strings_offset,
		mappings_offset;
	uint32_t sample_bytes, samples_count;
	uint32_t stack_bytes, stacks_count;
	uint32_t frame_bytes, frames_count;
	uint32_t strings_bytes;   /* the room for strings, of NUL-terminated
				   * UTF-8; offset 0 is the empty one */
	uint32_t mapping_bytes, mappings_count;

	/* How far each part was used; grows only. */
	uint32_t samples_used, stacks_used, frames_used, strings_used,
		mappings_used;

	/* All of the process; each is whole by itself. */
	uint64_t taken;           /* samples */
	uint64_t ended;           /* of these, blocks freed */
	struct profile_totals allocated;  /* sums of those of the stacks */
	struct profile_totals live;
	uint64_t peak;            /* the most that live.bytes was */
	uint64_t peak_time;

	/* What had no room, and is missing. */
	uint64_t dropped_samples; /* counted as allocated, not as live */
	uint64_t dropped_bytes;   /* estimated bytes of these */
	uint64_t dropped_stacks;  /* samples under PROFILE_OVERFLOW instead */
	uint64_t raised;          /* times that an interval of a thread rose */
};

_Static_assert(sizeof(struct profile_sample) == 64 &&
	       sizeof(struct profile_stack) == 128 &&
	       sizeof(struct profile_frame) == 16 &&
	       sizeof(struct profile_mapping) == 64 &&
	       sizeof(struct profile_header) <= 4096, "parts have changed");

#endif /* PROFILE_PAGE_H */
