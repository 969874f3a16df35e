/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Draws lines on the screen; what stands out does so without colours, too. */
#include "tool.h"
#include "screen.h"

#include <langinfo.h>
#include <locale.h>

#define PLAIN "\033[0m"
#define REVERSED "\033[7m"
#define BOLD "\033[1m"
#define GREEN "\033[30;42m"
#define CYAN "\033[36m"

static bool colours;

/* Terminals without colours are few, and have names of their own. */
static bool has_colours(void)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

	if (no_color && *no_color != '\0')
		return false;
	return term && *term != '\0' && strcmp(term, "dumb") != 0 &&
	       strncmp(term, "vt", 2) != 0 && !strstr(term, "mono");
}

void ctl_screen_colour(enum ctl_screen_colours when)
{
	colours = when == CTL_COLOURS_ALWAYS ||
		  (when == CTL_COLOURS_AUTO && has_colours());
}

/* The rest of the tool has the C locale. */
static bool is_utf8(void)
{
	static int known = -1;

	if (known < 0) {
		locale_t own = newlocale(LC_CTYPE_MASK, "", (locale_t)0);

		known = own && strcmp(nl_langinfo_l(CODESET, own), "UTF-8") ==
				       0;
		if (own)
			freelocale(own);
	}
	return known;
}

static void put_level(const struct ctl_frame *frame, char c)
{
	static const char *const blocks[] = {
		" ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585",
		"\u2586", "\u2588",
	};
	const char *level = c != '\0' ? strchr(frame->levels, c) : NULL;
	size_t at = level ? (size_t)(level - frame->levels) : SIZE_MAX;

	if (is_utf8() && at < CTL_ARRAY_SIZE(blocks))
		fputs(blocks[at], stdout);
	else
		putchar(c);
}

static void draw_row(const struct ctl_frame *frame, const char *text,
		     int length, bool selected)
{
	if (selected)
		fputs(colours ? BOLD CYAN : BOLD, stdout);
	for (int i = 0; i < length; i++) {
		if (i >= frame->past && i < frame->past_end)
			put_level(frame, text[i]);
		else
			putchar(text[i]);
	}
	fputs(selected ? PLAIN "\033[K" : "\033[K", stdout);
}

/* The column in it that rows are sorted by is not reversed. */
static void draw_heading(const struct ctl_frame *frame, const char *text,
			 int length, int columns)
{
	int from = frame->marked < length ? frame->marked : length;
	int to = frame->marked_end < length ? frame->marked_end : length;

	printf(REVERSED "%.*s", from, text);
	if (to > from)
		printf(PLAIN "%s%.*s" PLAIN REVERSED,
		       colours ? BOLD GREEN : BOLD, to - from, text + from);
	printf("%-*.*s" PLAIN, columns - to, length - to, text + to);
}

void ctl_screen_draw(const struct ctl_frame *frame)
{
	const char *text = frame->text;
	int columns, lines;

	ctl_screen_size(&columns, &lines);
	fputs("\033[H", stdout);
	for (int line = 0; line < lines; line++) {
		int length = (int)strcspn(text, "\n");
		int shown = length < columns ? length : columns;

		if (line == frame->heading)
			draw_heading(frame, text, shown, columns);
		else if (line > frame->heading)
			draw_row(frame, text, shown, line == frame->selected);
		else
			printf("%.*s\033[K", shown, text);
		text += length;
		if (*text == '\n')
			text++;
		/* A break in the last line would scroll. */
		if (line + 1 < lines)
			fputs("\r\n", stdout);
	}
	fflush(stdout);
}
