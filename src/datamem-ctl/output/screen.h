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
/* Its size; 80x24 where it does not tell. */
void ctl_screen_size(int *columns, int *lines);

/* Whether it is drawn in colours. */
enum ctl_screen_colours { CTL_COLOURS_AUTO, CTL_COLOURS_ALWAYS,
			  CTL_COLOURS_NEVER };
/* auto: where the terminal has them and NO_COLOR does not forbid them. */
void ctl_screen_colour(enum ctl_screen_colours when);

/* What stands out of a text; lines and columns count from 0. */
struct ctl_frame {
	const char *text;
	int heading;                     /* line; -1: none */
	int marked, marked_end;          /* columns of the heading */
	int selected;                    /* line; -1: none */
	/* Columns of a line of the past below the heading, and the characters
	 * that it is made of, from the least on; from == end: none. */
	int past, past_end;
	const char *levels;
};
/* Draw the lines of a text, cut at the edges. */
void ctl_screen_draw(const struct ctl_frame *frame);

/* Keys that are no character. */
enum { CTL_KEY_NONE = 0, CTL_KEY_END = -1, CTL_KEY_ENTER = '\n',
       CTL_KEY_ESCAPE = 0x1b, CTL_KEY_UP = 0x101, CTL_KEY_DOWN };
/* Wait for a key, at most so long; none also where the size changed. */
int ctl_screen_key(double seconds);
/*
 * Ask for a word, in the first line. False: Escape, or the end. It may be
 * empty.
 */
bool ctl_screen_ask(const char *question, char *answer, size_t size);

#endif /* CTL_SCREEN_H */
