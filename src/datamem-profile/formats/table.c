/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Rows of a profile, printed as all tables of the tool. */
#include "tool.h"
#include "formats.h"

#include <math.h>

#include "stack.h"

const struct ctl_column formats_columns[FORMATS_COLUMNS] = {
	[FORMATS_LIVE] = { "LIVE", CTL_SIZE, CTL_SHOWN, "live bytes" },
	[FORMATS_PEAK] = { "PEAK", CTL_SIZE, CTL_SHOWN,
		"the most that were live, of each stack by itself" },
	[FORMATS_ALLOCATED] = { "ALLOCATED", CTL_SIZE, CTL_SHOWN,
		"bytes allocated since the profile began" },
	[FORMATS_RESIDENT] = { "RESIDENT", CTL_SIZE, CTL_SHOWN,
		"live bytes that are in memory" },
	[FORMATS_HUGE] = { "HUGE", CTL_SIZE, CTL_SHOWN,
		"of these, bytes in huge pages" },
	[FORMATS_COUNT] = { "COUNT", CTL_COUNT, CTL_SHOWN, "live blocks" },
	[FORMATS_ERROR] = { "ERROR", CTL_SIZE, 0, "standard error of LIVE" },
	[FORMATS_ALLOCS] = { "ALLOCS", CTL_COUNT, 0, "blocks allocated" },
	[FORMATS_LINE] = { "LINE", CTL_STRING, CTL_SHOWN,
		"the line of the program" },
	[FORMATS_FUNCTION] = { "FUNCTION", CTL_STRING, 0,
		"the function that it is in" },
	[FORMATS_HANDLER] = { "HANDLER", CTL_STRING, 0,
		"the handler that was asked" },
	[FORMATS_DOMAIN] = { "DOMAIN", CTL_STRING, 0, "of accounts" },
	[FORMATS_AGE] = { "AGE", CTL_STRING, 0, "how old the blocks are" },
	[FORMATS_STACK] = { "STACK", CTL_LIST, 0, "all frames, innermost first" },
};

static const size_t keys[SAMPLED_WAYS] = {
	[SAMPLED_LINE] = FORMATS_LINE,
	[SAMPLED_FUNCTION] = FORMATS_FUNCTION,
	[SAMPLED_HANDLER] = FORMATS_HANDLER,
	[SAMPLED_DOMAIN] = FORMATS_DOMAIN,
	[SAMPLED_AGE] = FORMATS_AGE,
	[SAMPLED_STACK] = FORMATS_STACK,
};

void formats_table_select(struct ctl_output *out, enum sampled_by by)
{
	if (!out->list)
		out->selected[out->nselected - 1] = keys[by];
}

static void put_stack(struct ctl_output *out, const struct sampled_row *row)
{
	struct stack_frame frames[STACK_MOST + 1];
	size_t n = stack_frames(row->profile, row->site, frames);

	while (n-- > 0) {
		char *text = sampled_line_text(frames[n].line);

		ctl_output_list(out, FORMATS_STACK, text);
		free(text);
	}
}

static void put(struct ctl_output *out, size_t column, double number)
{
	ctl_output_change(out, column, stack_round(number));
}

static void put_row(struct ctl_output *out, const struct sampled_rows *rows,
		    const struct sampled_row *row, enum sampled_by by)
{
	const struct sampled_numbers *n = &row->numbers;

	ctl_output_row(out);
	put(out, FORMATS_LIVE, n->live);
	put(out, FORMATS_COUNT, n->live_count);
	put(out, FORMATS_ERROR, sqrt(n->variance));
	if (rows->whole) {
		put(out, FORMATS_PEAK, n->peak);
		put(out, FORMATS_ALLOCATED, n->allocated);
		put(out, FORMATS_ALLOCS, n->alloc_count);
	}
	if (rows->resident)
		put(out, FORMATS_RESIDENT, n->resident);
	if (rows->huge)
		put(out, FORMATS_HUGE, n->huge);
	if (by == SAMPLED_STACK)
		put_stack(out, row);
	else
		ctl_output_string(out, keys[by], row->key);
}

/* Estimates that cancel each other do not do so to the last bit. */
static bool is_nothing(const struct sampled_rows *rows,
		       const struct sampled_numbers *n)
{
	return fabs(n->live) < 0.5 &&
	       (!rows->whole || fabs(n->allocated) < 0.5);
}

void formats_table_fill(struct ctl_output *out,
			const struct formats_input *input, enum sampled_by by)
{
	struct sampled_rows rows = sampled_rows_make(input->profiles, input->n,
						     by, input->older);

	for (size_t i = 0; i < rows.n; i++)
		if (!is_nothing(&rows, &rows.rows[i].numbers))
			put_row(out, &rows, &rows.rows[i], by);
	sampled_rows_free(&rows);
}
