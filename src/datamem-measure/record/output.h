/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The file of a recording, and what is known of the process. */
#ifndef RECORD_OUTPUT_H
#define RECORD_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct record_output {
	const char *name;
	char *path;             /* of the part that is written, if compressed */
	int fd;
	bool made;              /* there was none */
};

/* All of these end the tool where the file cannot be written. What it had stays
 * until the header is written. */
void record_output_open(struct record_output *output, const char *name);
void record_output_write(struct record_output *output, const char *text,
			 size_t n);
void record_output_header(struct record_output *output, pid_t pid,
			  uint64_t min);
void record_output_close(struct record_output *output);
/* Leave what there was. */
void record_output_discard(struct record_output *output);

/*
 * Whether a process writes to a file, or has it mapped to do so: cut shorter, it
 * would be the end of that process. -1 where it cannot be told: it is another
 * user's, or on a file system without leases.
 */
int record_output_is_used(const char *path);
/* Ends the tool where one does. */
void record_output_refuse_used(const char *path);

/* Whether a file is to be compressed, by its name. */
bool record_output_is_gz(const char *name);
void record_output_compress(const char *from, const char *to);

/* What a process has used so far. */
struct record_facts {
	uint64_t user_ns, system_ns, faults;
	uint64_t peak_rss;
};

/* Nothing changes where they cannot be read. */
void record_facts_read(pid_t pid, struct record_facts *facts);

void record_output_facts(struct record_output *output,
			 const struct record_facts *before,
			 const struct record_facts *after, double seconds,
			 uint64_t lost, bool cut);

#endif /* RECORD_OUTPUT_H */
