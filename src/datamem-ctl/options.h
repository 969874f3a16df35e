/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Options that several commands take, read in one way. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

/* The argument of an option as a number; a wrong one ends the tool. */

/* From 1 to max; what: "rounds", for the message. */
unsigned int ctl_options_count(const char *text, unsigned int max,
			       const char *what, struct argp_state *state);
/* Seconds, from min to 1000000. */
double ctl_options_seconds(const char *text, double min,
			   struct argp_state *state);
/* Bytes, as the sizes of settings: digits and at most one of K, M, G, T. */
uint64_t ctl_options_size(const char *text, struct argp_state *state);
/* Seconds, a size, with no message; false where it is none. */
bool ctl_seconds_parse(const char *text, double min, double *seconds);
bool ctl_size_parse(const char *text, uint64_t *nbytes);

#endif /* CTL_OPTIONS_H */
