/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Stacks as those who draw them want them. */
#include "tool.h"
#include "stack.h"

#include <math.h>

/* Stand for frames that there are not. */
static const struct sampled_line no_stack = { "(no stack)", NULL, 0 };
static const struct sampled_line no_room = { "(no room for more stacks)",
					     NULL, 0 };
static const struct sampled_line more = { "(more)", NULL, 0 };

static bool is_cut(const struct sampled_site *site)
{
	unsigned int which = site->n > site->natives ? PROFILE_CUT_PYTHON
						     : PROFILE_CUT_NATIVE;

	return (site->flags & which) != 0;
}

size_t stack_frames(const struct sampled *profile,
		    const struct sampled_site *site,
		    struct stack_frame *frames)
{
	size_t n = 0;

	if (site->n == 0) {
		frames[0].line = site->flags & PROFILE_OVERFLOW ? &no_room
								: &no_stack;
		frames[0].python = false;
		return 1;
	}
	if (is_cut(site))
		frames[n++] = (struct stack_frame){ &more, false };
	for (size_t i = site->n; i-- > 0;) {
		const struct sampled_place *place =
			&profile->places[site->first + i];

		for (size_t k = place->nlines; k-- > 0 && n < STACK_MOST;)
			frames[n++] = (struct stack_frame){ &place->lines[k],
							    place->python };
	}
	return n;
}

char *stack_name(const struct sampled_line *line)
{
	const char *function = line->function ? line->function : "?";
	const char *slash;

	if (!line->file || line->file[0] == '\0')
		return ctl_strdup(function);
	slash = strrchr(line->file, '/');
	if (line->line == 0)
		return ctl_printf("%s (%s)", function,
				  slash ? slash + 1 : line->file);
	return ctl_printf("%s (%s:%u)", function,
			  slash ? slash + 1 : line->file, line->line);
}

int64_t stack_round(double number)
{
	/* Not so far that sums of a few could overflow. */
	const double most = (double)(INT64_MAX / 1024);

	if (!(number < most))
		return INT64_MAX / 1024;
	return number > -most ? (int64_t)llround(number) : -(INT64_MAX / 1024);
}
