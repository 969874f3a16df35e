/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* One process on the screen: numbers, classes, settings. */
#include "tool.h"
#include "top.h"

#include <inttypes.h>

/* Numbers beside each other, in 80 columns. */
#define BESIDE 3
/* The busiest classes; more would push the settings off the screen. */
#define CLASSES_MOST 5

/* What a process writes may drive a terminal. */
static void print_text(FILE *stream, const char *text)
{
	char *printable = ctl_printable(text);

	fputs(printable, stream);
	free(printable);
}

static void print_numbers(FILE *stream, const struct ctl_statistics *statistics)
{
	int n = 0;

	for (int i = 0; i < CTL_STATISTICS_COUNT; i++) {
		const struct ctl_statistic_info *info = &ctl_statistics[i];
		uint64_t value = statistics->values[i];
		char text[32];

		/* Most counts of rare events are 0. */
		if (!(info->places & CTL_PAGE) || !statistics->known[i] ||
		    value == 0)
			continue;
		if (info->type == CTL_SIZE)
			ctl_format_size(text, sizeof(text), value, false);
		else
			snprintf(text, sizeof(text), "%" PRIu64, value);
		fprintf(stream, "%-16s %8s%s", info->column, text,
			++n % BESIDE == 0 ? "\n" : "  ");
	}
	if (n % BESIDE != 0)
		fputc('\n', stream);
}

static uint64_t uses(const struct ctl_class *class)
{
	return class->hits + class->misses;
}

static int by_uses(const void *a, const void *b)
{
	uint64_t x = uses(*(const struct ctl_class *const *)a);
	uint64_t y = uses(*(const struct ctl_class *const *)b);

	return (x < y) - (x > y);
}

static void print_classes(FILE *stream, const struct ctl_page *page)
{
	const struct ctl_class *order[LIVE_CLASSES];
	size_t n = 0;

	for (size_t i = 0; i < page->nclasses; i++)
		if (uses(&page->classes[i]) > 0)
			order[n++] = &page->classes[i];
	if (n == 0)
		return;
	qsort(order, n, sizeof(*order), by_uses);
	fprintf(stream, "\nclasses: %zu in use, the busiest are\n"
		"%10s %14s %14s %10s\n", n, "SIZE", "HITS", "MISSES", "CACHED");
	for (size_t i = 0; i < n && i < CLASSES_MOST; i++)
		fprintf(stream, "%10" PRIu32 " %14" PRIu64 " %14" PRIu64
			" %10" PRIu64 "\n", order[i]->size, order[i]->hits,
			order[i]->misses, order[i]->cached);
}

/* Of the program; those that are built in are known. */
static void print_handlers(FILE *stream, const struct ctl_page *page)
{
	if (page->nhandlers == 0)
		return;
	fputs("\nhandlers registered:", stream);
	for (size_t i = 0; i < page->nhandlers; i++) {
		fputs(i > 0 ? ", " : " ", stream);
		print_text(stream, page->handlers[i].name);
	}
	fputs(page->nhandlers == LIVE_HANDLERS ? " ...\n" : "\n", stream);
}

/* Accounts that are off have forgotten. */
static void print_domains(FILE *stream, const struct ctl_page *page)
{
	if (!page->numbers.accounts || page->ndomains == 0)
		return;
	fprintf(stream, "\naccounts:\n%10s %14s %10s %10s\n", "DOMAIN",
		"BLOCKS", "BYTES", "PEAK");
	for (size_t i = 0; i < page->ndomains; i++) {
		const struct live_domain *domain = &page->domains[i];
		char bytes[32], peak[32];

		ctl_format_size(bytes, sizeof(bytes), domain->bytes, false);
		ctl_format_size(peak, sizeof(peak), domain->peak, false);
		fprintf(stream, "%10" PRIu64 " %14" PRIu64 " %10s %10s\n",
			domain->number - 1, domain->blocks, bytes, peak);
	}
}

static void print_profile(FILE *stream, const struct ctl_process *process)
{
	const struct live_setting *setting =
		ctl_page_setting(&process->page, "profile");
	char *lines;

	if (!setting || strcmp(setting->value, "off") == 0)
		return;
	lines = ctl_top_lines(process->pid);
	fprintf(stream, "\nprofile:%s\n%s", *lines ? "" : " no lines yet, or "
		"no datamem-profile is installed", lines);
	free(lines);
}

/* Those that are not as built in; live control has the last word. */
static void print_settings(FILE *stream, const struct ctl_page *page)
{
	bool any = false;

	fprintf(stream, "\nsettings:");
	for (size_t i = 0; i < page->nsettings; i++) {
		const struct live_setting *s = &page->settings[i];

		if (s->origin == DATAMEM_ORIGIN_BUILTIN && s->note[0] == '\0')
			continue;
		fputs("\n  ", stream);
		print_text(stream, s->name);
		fputc('=', stream);
		print_text(stream, s->value);
		fprintf(stream, " (%s%s%s", ctl_origin_name(s->origin),
			s->origin == DATAMEM_ORIGIN_CONTROL ? ", fixed" : "",
			s->note[0] != '\0' ? "; " : "");
		print_text(stream, s->note);
		fputc(')', stream);
		any = true;
	}
	fputs(any ? "\n" : " as built in\n", stream);
}

static void print_identity(FILE *stream, const struct ctl_summary *summary)
{
	const struct ctl_identity *is = &summary->is;

	fprintf(stream, "process %d: ", (int)summary->pid);
	print_text(stream, is->command);
	fputs(", user ", stream);
	print_text(stream, is->user);
	if (is->unit[0] != '\0') {
		fputs(", unit ", stream);
		print_text(stream, is->unit);
	}
	fputs(", handler ", stream);
	print_text(stream, summary->handler);
}

char *ctl_top_describe(const struct ctl_top *top)
{
	const struct ctl_summary *summary = &top->summaries.rows[top->row];
	static struct ctl_process process;
	const char *error;
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	if (!stream)
		ctl_die("%s", strerror(errno));
	print_identity(stream, summary);
	fprintf(stream, "\n%s\n", top->remark[0] != '\0' ? top->remark :
		"t trims, e edits a setting, space refreshes, q leaves");
	error = ctl_process_open(summary->pid, 0, &process);
	if (error) {
		fprintf(stream, "%s\n", error);
	} else {
		print_numbers(stream, &process.page.statistics);
		print_profile(stream, &process);
		print_classes(stream, &process.page);
		print_domains(stream, &process.page);
		print_handlers(stream, &process.page);
		print_settings(stream, &process.page);
		ctl_process_close(&process);
	}
	if (fclose(stream) != 0)
		ctl_die("%s", strerror(errno));
	return text;
}
