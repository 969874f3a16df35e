/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Documents of JSON as they are to be, and tables one after the other. */
#include "tool.h"
#include "output.h"

#include "render.h"

/*
 * smartcols prints an array of nothing as one with a null in it, over three
 * lines. No string of JSON has a line break.
 */
static void print_arrays(const char *text, FILE *stream)
{
	for (const char *at = text; (at = strstr(at, "[\n")); at++) {
		const char *word = at + 2 + strspn(at + 2, " ");
		const char *end;

		if (strncmp(word, "null\n", 5) != 0)
			continue;
		end = word + 5 + strspn(word + 5, " ");
		if (*end != ']')
			continue;
		fwrite(text, 1, (size_t)(at - text), stream);
		fputs("[]", stream);
		at = text = end + 1;
	}
	fputs(text, stream);
}

static int render_all(const struct ctl_output *out, FILE *stream)
{
	return ctl_render(out, stream, NULL);
}

/* What print() writes, to be freed in any case; -errno. */
static int into_text(const struct ctl_output *out,
		     int (*print)(const struct ctl_output *out, FILE *stream),
		     char **text)
{
	size_t length = 0;
	FILE *stream;
	int result;

	*text = NULL;
	stream = open_memstream(text, &length);
	if (!stream)
		return -ENOMEM;
	result = print(out, stream);
	if (fclose(stream) != 0 && result == 0)
		result = -ENOMEM;
	return result;
}

/* One whose empty lists are to be mended. */
static int print_document(const struct ctl_output *out, FILE *stream)
{
	char *text;
	int result = into_text(out, render_all, &text);

	if (result == 0)
		print_arrays(text, stream);
	free(text);
	return result == 0 && ferror(stream) ? -EIO : result;
}

static bool has_lists(const struct ctl_output *out)
{
	for (size_t i = 0; i < out->nselected; i++)
		if (out->columns[out->selected[i]].type == CTL_LIST)
			return true;
	return false;
}

/* smartcols breaks lines between the parts of a document, never in a text. */
static int print_line(const struct ctl_output *out, FILE *stream)
{
	char *text;
	int result = into_text(out, print_document, &text);

	for (char *at = text; result == 0 && *at != '\0';) {
		size_t n = strcspn(at, "\n");

		fwrite(at, 1, n, stream);
		at += n;
		at += strspn(at, "\n ");
	}
	fputc('\n', stream);
	free(text);
	return result == 0 && ferror(stream) ? -EIO : result;
}

int ctl_output_print(const struct ctl_output *out, FILE *stream)
{
	size_t nrecords = 0;
	int result = 0;

	if (out->json && out->one_line)
		return print_line(out, stream);
	if (out->json && has_lists(out))
		return print_document(out, stream);
	if (out->layout == CTL_RECORD && !out->json)
		nrecords = out->nrows > 0;
	else if (out->layout == CTL_RECORDS && !out->json && !out->raw)
		nrecords = out->nrows;
	if (nrecords == 0)
		return render_all(out, stream);
	for (size_t row = 0; row < nrecords && result == 0; row++) {
		if (row > 0)
			fputc('\n', stream);
		result = ctl_render(out, stream, &row);
	}
	return result;
}
