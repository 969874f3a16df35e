/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What keys do. */
#include "tool.h"
#include "top.h"

#include <stdarg.h>

#include "options.h"

/* Those of top(1), as far as they make sense here. */
const char ctl_top_keys[] =
	"top: keys\n"
	"KEY     WHAT IT DOES\n"
	"< >     sort by the column to the left, to the right\n"
	"R       reverse the order\n"
	"/       show those with a text in name, user or command; nothing: all\n"
	"up down select a process (also k and j)\n"
	"Enter   show the process that is selected\n"
	"t       have it give free memory back, after asking\n"
	"e       change one of its settings, after asking\n"
	"d or s  change the delay between two refreshes\n"
	"space   refresh at once\n"
	"h or ?  this help; any key leaves it\n"
	"q       quit\n";

/* Seconds that the screen may stand still. */
#define TIMEOUT 2

static void remark(struct ctl_top *top, const char *format, ...)
	CTL_PRINTF(2, 3);
static void remark(struct ctl_top *top, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(top->remark, sizeof(top->remark), format, args);
	va_end(args);
}

static void ask_delay(struct ctl_top *top)
{
	char question[64], answer[32];

	snprintf(question, sizeof(question), "Change delay from %g to ",
		 top->delay);
	if (ctl_screen_ask(question, answer, sizeof(answer)) &&
	    answer[0] != '\0' &&
	    !ctl_seconds_parse(answer, CTL_TOP_MIN_DELAY, &top->delay))
		remark(top, "not a number of seconds from 0.1 on");
}

static void ask_filter(struct ctl_top *top)
{
	char answer[sizeof(top->filter)];

	if (ctl_screen_ask("Show those with this in name, user or command: ",
			   answer, sizeof(answer)))
		strcpy(top->filter, answer);
}

static void select_row(struct ctl_top *top, int step)
{
	const struct ctl_summaries *all = &top->summaries;

	if (all->n == 0)
		return;
	if (step < 0 && top->row > 0)
		top->row--;
	if (step > 0 && top->row + 1 < all->n)
		top->row++;
	snprintf(top->selected, sizeof(top->selected), "%s",
		 all->rows[top->row].key);
}

/* The process that a key is for; NULL: none, and why is said. */
static const struct ctl_summary *find_one(struct ctl_top *top)
{
	if (top->by != CTL_BY_PROCESS || top->summaries.n == 0) {
		remark(top, "no process is selected");
		return NULL;
	}
	select_row(top, 0);
	return &top->summaries.rows[top->row];
}

static bool ask_whether(const struct ctl_summary *one, const char *what)
{
	char question[320], answer[8];
	char *command = ctl_printable(one->is.command);

	snprintf(question, sizeof(question),
		 "%.200s, process %d (%.15s)? y or n: ", what, (int)one->pid,
		 command);
	free(command);
	return ctl_screen_ask(question, answer, sizeof(answer)) &&
	       strcmp(answer, "y") == 0;
}

/* Ask the process itself; the page is opened again, as it may have changed. */
static void send(struct ctl_top *top, const struct ctl_summary *one,
		 struct ctl_request *request)
{
	static struct ctl_process process;
	const char *error = ctl_process_open(one->pid, 0, &process);
	char bytes[32];
	int result;

	if (error) {
		remark(top, "%s", error);
		return;
	}
	result = ctl_request(&process, request);
	ctl_process_close(&process);
	ctl_format_size(bytes, sizeof(bytes), request->result, false);
	if (result != CTL_OK && request->kind == LIVE_SET)
		remark(top, "%s=%s: %s", request->name, request->value,
		       request->text);
	else if (result != CTL_OK)
		remark(top, "%s", request->text);
	else if (request->kind == LIVE_TRIM)
		remark(top, "%s given back", bytes);
	else
		remark(top, "%s was %s", request->name, request->text);
}

static void trim(struct ctl_top *top)
{
	const struct ctl_summary *one = find_one(top);
	struct ctl_request request = { .kind = LIVE_TRIM, .timeout = TIMEOUT };

	if (one && ask_whether(one, "Trim"))
		send(top, one, &request);
}

static void edit(struct ctl_top *top)
{
	const struct ctl_summary *one = find_one(top);
	struct ctl_request request = { .kind = LIVE_SET, .timeout = TIMEOUT };
	char answer[200], what[220], *value;

	if (!one || !ctl_screen_ask("Change a setting, NAME=VALUE: ", answer,
				    sizeof(answer)) || answer[0] == '\0')
		return;
	snprintf(what, sizeof(what), "Set %s", answer);
	value = strchr(answer, '=');
	if (!value || value == answer) {
		remark(top, "not NAME=VALUE");
		return;
	}
	*value++ = '\0';
	request.name = answer;
	request.value = value;
	if (ask_whether(one, what))
		send(top, one, &request);
}

static void obey_in_table(struct ctl_top *top, int key)
{
	switch (key) {
	case '<':
		ctl_top_move_order(top, -1);
		break;
	case '>':
		ctl_top_move_order(top, 1);
		break;
	case 'R':
		top->reverse = !top->reverse;
		break;
	case '/':
		ask_filter(top);
		break;
	case CTL_KEY_UP:
	case 'k':
		select_row(top, -1);
		break;
	case CTL_KEY_DOWN:
	case 'j':
		select_row(top, 1);
		break;
	case CTL_KEY_ENTER:
		if (find_one(top))
			top->page = CTL_TOP_ONE;
		break;
	case 'd':
	case 's':
		ask_delay(top);
		break;
	case 'h':
	case '?':
		top->page = CTL_TOP_HELP;
		break;
	}
}

bool ctl_top_obey(struct ctl_top *top, int key)
{
	if (key == CTL_KEY_END)
		return false;
	if (key == CTL_KEY_NONE)
		return true;
	top->remark[0] = '\0';
	if (top->page == CTL_TOP_HELP) {
		top->page = CTL_TOP_TABLE;
	} else if (key == 't') {
		trim(top);
	} else if (key == 'e') {
		edit(top);
	} else if (top->page == CTL_TOP_ONE) {
		if (key != ' ')
			top->page = CTL_TOP_TABLE;
	} else if (key == 'q') {
		return false;
	} else {
		obey_in_table(top, key);
	}
	return true;
}
