/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A filter of system calls, by their numbers. */
#ifndef TESTS_API_FILTER_H
#define TESTS_API_FILTER_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

/* Instructions of a filter for so many calls. */
#define FILTER_LEN(count) (2 * (count) + 2)

/* What the action befalls; all others are allowed. In `filter`, which has room. */
static inline struct sock_fprog make_filter(struct sock_filter *filter,
					    const int *numbers, size_t count,
					    unsigned int action)
{
	size_t n = 0;

	filter[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < count; i++) {
		filter[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)numbers[i],
			0, 1);
		filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							   action);
	}
	filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						   SECCOMP_RET_ALLOW);
	return (struct sock_fprog){ (unsigned short)n, filter };
}

#endif /* TESTS_API_FILTER_H */
