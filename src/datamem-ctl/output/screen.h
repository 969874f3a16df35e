/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A terminal that is drawn on from the top, and single keys. */
#ifndef CTL_SCREEN_H
#define CTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* False: standard input or output is no terminal. Undone at exit and when a
 * signal ends the tool; Ctrl-Z does not stop it meanwhile. */
bool ctl_screen_open(void);
/* Draw the lines of a text, cut at the edges; line `heading` stands out. */
void ctl_screen_draw(const char *text, int heading);
/* Wait for a key, at most so long; 0: none (or the size changed). -1: end. */
int ctl_screen_key(double seconds);
/* Ask for a word, in the first line. False: nothing given, or Escape. */
bool ctl_screen_ask(const char *question, char *answer, size_t size);

#endif /* CTL_SCREEN_H */
