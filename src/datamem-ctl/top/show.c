/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The table of top: as it fits, with what stands out. */
#include "tool.h"
#include "top.h"

#include <time.h>

/* Lines above the rows: summary, heading. */
#define HEADING 1
#define FIRST_ROW 2

/* Columns that are shown where the screen is so wide. */
static const struct {
	size_t column;
	int width;
} extra[] = {
	{ CTL_PROC_RETAINED, 92 },
	{ CTL_PROC_UPTIME, 100 },
	{ CTL_PROC_UNIT, 116 },
};

static bool fits(size_t column, int width)
{
	for (size_t i = 0; i < CTL_ARRAY_SIZE(extra); i++)
		if (extra[i].column == column)
			return width >= extra[i].width;
	return false;
}

/* More than the default columns, unless the user said which ones. */
static void select_columns(struct ctl_top *top, int width)
{
	struct ctl_output *out = &top->out;

	out->width = (size_t)width;
	if (out->list || top->by != CTL_BY_PROCESS)
		return;
	out->nselected = 0;
	for (size_t i = 0; i < CTL_PROC_COLUMNS; i++)
		if ((out->columns[i].flags & CTL_SHOWN) || fits(i, width))
			out->selected[out->nselected++] = i;
}

static void print_summary(const struct ctl_top *top, FILE *stream)
{
	const struct ctl_summaries *all = &top->summaries;
	size_t hidden = top->targets.uninspected + top->targets.failed;
	char live_text[32], held_text[32], clock[16];
	uint64_t live = 0, held = 0;
	time_t now = time(NULL);
	size_t processes = 0;
	struct tm tm;

	for (size_t i = 0; i < all->n; i++) {
		const uint64_t *values = all->rows[i].statistics.values;

		live += values[CTL_STATISTIC_LIVE];
		held += values[CTL_STATISTIC_HELD];
		processes += all->rows[i].processes;
	}
	ctl_format_size(live_text, sizeof(live_text), live, false);
	ctl_format_size(held_text, sizeof(held_text), held, false);
	strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	fprintf(stream, "top %s by %s: %zu process%s", clock,
		top->out.columns[ctl_top_sorted_by(top)].name, processes,
		processes == 1 ? "" : "es");
	if (top->filter[0] != '\0')
		fprintf(stream, " with '%s'", top->filter);
	if (hidden > 0)
		fprintf(stream, ", %zu not inspected", hidden);
	fprintf(stream, ", live %s, held %s (%s)\n", live_text, held_text,
		top->remark[0] != '\0' ? top->remark : "h: help");
}

/* The first row that is drawn, so that the selected one is on the screen. */
static size_t first_row(const struct ctl_top *top, int lines)
{
	size_t room = lines > FIRST_ROW ? (size_t)(lines - FIRST_ROW) : 1;

	return top->screen && top->row >= room ? top->row - room + 1 : 0;
}

/* The summary, then the table, into a text that is to be freed. */
static char *render(struct ctl_top *top, size_t first)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		ctl_die("%s", strerror(errno));
	for (size_t i = first; i < top->summaries.n; i++)
		ctl_summary_row(&top->out, top->by, &top->summaries.rows[i]);
	if (top->screen)
		print_summary(top, stream);
	ctl_output_print(&top->out, stream);
	ctl_output_clear(&top->out);
	if (fclose(stream) != 0)
		ctl_die("%s", strerror(errno));
	return text;
}

/* Where a name stands among those of the heading; false: nowhere. */
static bool find_heading(const char *text, const char *name, int *from,
			 int *end)
{
	const char *line = strchr(text, '\n');
	size_t n = strlen(name);
	const char *at, *next;

	if (!line)
		return false;
	line++;
	next = line + strcspn(line, "\n");
	for (at = line; (at = strstr(at, name)) && at < next; at++) {
		char after = at[n];

		if ((at == line || at[-1] == ' ') &&
		    (after == ' ' || after == '\n' || after == '\0')) {
			*from = (int)(at - line);
			*end = *from + (int)n;
			return true;
		}
	}
	return false;
}

static void draw_table(struct ctl_top *top)
{
	struct ctl_frame frame = { .heading = HEADING, .selected = -1,
				   .levels = CTL_HISTORY_LEVELS };
	int columns, lines;
	size_t first;
	char *text;

	ctl_screen_size(&columns, &lines);
	select_columns(top, columns);
	first = first_row(top, lines);
	text = render(top, first);
	frame.text = text;
	if (top->summaries.n > 0)
		frame.selected = (int)(top->row - first) + FIRST_ROW;
	/* Without a heading the rows begin one line above. */
	if (top->out.noheadings) {
		frame.heading = 0;
		frame.selected--;
	} else {
		find_heading(text, top->out.columns[ctl_top_sorted_by(top)].name,
			     &frame.marked, &frame.marked_end);
		if (find_heading(text, "HISTORY", &frame.past,
				 &frame.past_end))
			frame.past_end = frame.past + CTL_HISTORY_LOOKS;
	}
	ctl_screen_draw(&frame);
	free(text);
}

static void draw_text(const char *text)
{
	struct ctl_frame frame = { .text = text, .heading = HEADING,
				   .selected = -1, .levels = "" };

	ctl_screen_draw(&frame);
}

bool ctl_top_show(struct ctl_top *top)
{
	char *text;

	if (!top->screen) {
		text = render(top, 0);
		fputs(text, stdout);
		free(text);
	} else if (top->page == CTL_TOP_HELP) {
		draw_text(ctl_top_keys);
	} else if (top->page == CTL_TOP_ONE) {
		text = ctl_top_describe(top);
		draw_text(text);
		free(text);
	} else {
		draw_table(top);
	}
	fflush(stdout);
	return !ferror(stdout);
}
