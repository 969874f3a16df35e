/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* A flame graph: one SVG file that a browser can zoom and search. */
#include "tool.h"
#include "formats.h"

#include <math.h>

#include "flame-page.h"
#include "stack.h"

/* Narrower frames, as parts of the width, are left out. */
#define NARROWEST (1.0 / 20000)
#define TOP 60
#define BOTTOM 34

struct node {
	const char *name;
	bool python;
	double now, before;
	size_t child, sibling;    /* 0: none, as the root is neither */
};

struct tree {
	struct sampled_texts names;
	struct sampled_texts keys;  /* number of the parent, and of the name */
	struct node *nodes;
	size_t room;
	size_t depth;             /* of what is drawn */
	double most;              /* the largest change */
	bool compared;
};

/* --- Building ------------------------------------------------------------- */

static struct node *add_node(struct tree *tree, size_t parent, size_t name,
			     bool python, size_t *at)
{
	size_t before = tree->keys.n;
	struct node *node;
	char key[64];

	snprintf(key, sizeof(key), "%zx %zx", parent, name);
	*at = sampled_texts_add(&tree->keys, key);
	tree->nodes = sampled_texts_beside(&tree->keys, tree->nodes,
					   &tree->room, sizeof(*tree->nodes));
	node = &tree->nodes[*at];
	if (tree->keys.n == before)
		return node;
	*node = (struct node){ .name = tree->names.texts[name],
			       .python = python };
	if (*at > 0) {
		node->sibling = tree->nodes[parent].child;
		tree->nodes[parent].child = *at;
	}
	return node;
}

static void add_bytes(struct node *node, double nbytes, bool before)
{
	*(before ? &node->before : &node->now) += nbytes;
}

static void add_site(struct tree *tree, const struct sampled *profile,
		     const struct sampled_site *site, double nbytes)
{
	struct stack_frame frames[STACK_MOST + 1];
	size_t n = stack_frames(profile, site, frames), at = 0;
	bool before = profile->sign < 0;

	add_bytes(&tree->nodes[0], nbytes, before);
	for (size_t i = 0; i < n; i++) {
		char *text = stack_name(frames[i].line);
		size_t name = sampled_texts_add(&tree->names, text);

		free(text);
		add_bytes(add_node(tree, at, name, frames[i].python, &at),
			  nbytes, before);
	}
}

/* Live bytes, or allocated ones. */
static void add_profile(struct tree *tree, const struct sampled *profile,
			double older, bool allocated)
{
	struct sampled_numbers *numbers = sampled_sites(profile, older);

	for (size_t i = 0; i < profile->nsites; i++) {
		double nbytes = allocated ? numbers[i].allocated
					  : numbers[i].live;

		if (nbytes > 0)
			add_site(tree, profile, &profile->sites[i], nbytes);
	}
	free(numbers);
}

static void build(struct tree *tree, const struct formats_input *input,
		  bool allocated)
{
	size_t root;

	memset(tree, 0, sizeof(*tree));
	tree->compared = input->compared;
	add_node(tree, 0, sampled_texts_add(&tree->names, "all"), false, &root);
	for (size_t i = 0; i < input->n; i++)
		add_profile(tree, &input->profiles[i], input->older, allocated);
	for (size_t i = 0; i < tree->keys.n; i++)
		tree->most = fmax(tree->most, fabs(tree->nodes[i].now -
						   tree->nodes[i].before));
}

static void free_tree(struct tree *tree)
{
	sampled_texts_free(&tree->names);
	sampled_texts_free(&tree->keys);
	free(tree->nodes);
}

/* --- Drawing -------------------------------------------------------------- */

static void print_text(FILE *stream, const char *text, size_t most)
{
	for (; *text != '\0' && most > 0; text++) {
		/* A character of UTF-8 is not cut. */
		most -= ((unsigned char)text[1] & 0xc0) != 0x80;
		switch (*text) {
		case '&':
			fputs("&amp;", stream);
			break;
		case '<':
			fputs("&lt;", stream);
			break;
		case '>':
			fputs("&gt;", stream);
			break;
		default:
			fputc(*text, stream);
		}
	}
}

/* Red grew, blue shrank; else Python is warm and native code cool, each name
 * in a shade of its own. */
static void print_colour(FILE *stream, const struct tree *tree,
			 const struct node *node)
{
	double change = tree->most > 0 ?
			(node->now - node->before) / tree->most : 0;
	unsigned int shade = 0, pale = 235 - (unsigned int)(180 * fabs(change));

	for (const char *c = node->name; *c != '\0'; c++)
		shade = shade * 31 + (unsigned char)*c;
	shade %= 50;
	if (tree->compared)
		fprintf(stream, "rgb(%u,%u,%u)", change < 0 ? pale : 240, pale,
			change > 0 ? pale : 240);
	else if (node->python)
		fprintf(stream, "rgb(%u,%u,%u)", 235 + shade / 5, 140 + shade,
			60 + shade / 2);
	else
		fprintf(stream, "rgb(%u,%u,%u)", 110 + shade, 180 + shade,
			200 + shade / 2);
}

static void print_numbers(FILE *stream, const struct tree *tree,
			  const struct node *node)
{
	double change = node->now - node->before;
	char text[32];

	ctl_format_size(text, sizeof(text), (uint64_t)stack_round(node->now),
			false);
	fprintf(stream, "%s, %.1f%%", text,
		100 * node->now / tree->nodes[0].now);
	if (!tree->compared)
		return;
	ctl_format_size(text, sizeof(text),
			(uint64_t)stack_round(fabs(change)), false);
	fprintf(stream, ", %s%s", change < 0 ? "-" : "+", text);
}

static void print_frame(FILE *stream, const struct tree *tree,
			const struct node *node, double x, size_t depth)
{
	double width = FLAME_WIDTH - 2 * FLAME_MARGIN;
	double w = node->now / tree->nodes[0].now, left = FLAME_MARGIN + x * width;
	double room = (w * width - 6) / FLAME_CHARACTER;
	size_t top = TOP + (tree->depth - depth) * FLAME_ROW;

	fprintf(stream, "<g class=\"f\" data-x=\"%.7f\" data-w=\"%.7f\" "
		"data-d=\"%zu\"><title>", x, w, depth);
	print_text(stream, node->name, SIZE_MAX);
	fputc('\n', stream);
	print_numbers(stream, tree, node);
	fprintf(stream, "</title><rect x=\"%.2f\" y=\"%zu\" width=\"%.2f\" "
		"height=\"%d\" rx=\"1\" fill=\"", left, top, w * width,
		FLAME_ROW - 1);
	print_colour(stream, tree, node);
	fprintf(stream, "\"/><text x=\"%.2f\" y=\"%zu\">", left + 3, top + 12);
	if (room >= (double)strlen(node->name)) {
		print_text(stream, node->name, SIZE_MAX);
	} else if (room >= 3) {
		print_text(stream, node->name, (size_t)room - 2);
		fputs("..", stream);
	}
	fputs("</text></g>\n", stream);
}

static const struct node *all_nodes;

static int by_width(const void *a, const void *b)
{
	double x = all_nodes[*(const size_t *)a].now;
	double y = all_nodes[*(const size_t *)b].now;

	return (x < y) - (x > y);
}

/* The children that are wide enough, the widest first; the caller frees them. */
static size_t *list_children(const struct tree *tree, size_t parent, size_t *n)
{
	double least = NARROWEST * tree->nodes[0].now;
	size_t *children, room = 0;

	for (size_t i = tree->nodes[parent].child; i != 0;
	     i = tree->nodes[i].sibling)
		room++;
	children = ctl_alloc(room, sizeof(*children));
	*n = 0;
	for (size_t i = tree->nodes[parent].child; i != 0;
	     i = tree->nodes[i].sibling)
		if (tree->nodes[i].now >= least)
			children[(*n)++] = i;
	all_nodes = tree->nodes;
	if (*n > 1)
		qsort(children, *n, sizeof(*children), by_width);
	return children;
}

/* Without a stream, only finds out how deep it goes. */
static void draw(FILE *stream, struct tree *tree, size_t at, double x,
		 size_t depth)
{
	size_t n, *children = list_children(tree, at, &n);

	if (stream)
		print_frame(stream, tree, &tree->nodes[at], x, depth);
	else if (depth > tree->depth)
		tree->depth = depth;
	for (size_t i = 0; i < n; i++) {
		draw(stream, tree, children[i], x, depth + 1);
		x += tree->nodes[children[i]].now / tree->nodes[0].now;
	}
	free(children);
}

static void print_head(FILE *stream, const struct tree *tree,
		       const char *title, const char *what)
{
	size_t height = TOP + (tree->depth + 1) * FLAME_ROW + BOTTOM;

	fprintf(stream, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
		"width=\"%d\" height=\"%zu\" viewBox=\"0 0 %d %zu\">\n"
		"<style>\n" FLAME_STYLE "</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fafafa\"/>\n"
		"<text id=\"title\" x=\"%d\" y=\"24\">", FLAME_WIDTH, height,
		FLAME_WIDTH, height, FLAME_WIDTH / 2);
	print_text(stream, title, SIZE_MAX);
	fprintf(stream, ": %s</text>\n"
		"<text id=\"reset\" class=\"b\" x=\"%d\" y=\"44\" "
		"style=\"display:none\">reset zoom</text>\n"
		"<text id=\"search\" class=\"b\" x=\"%d\" y=\"44\">search</text>\n"
		"<text id=\"found\" x=\"%d\" y=\"44\"></text>\n"
		"<text id=\"detail\" x=\"%d\" y=\"%zu\"></text>\n", what,
		FLAME_MARGIN, FLAME_WIDTH - 60, FLAME_WIDTH - 180,
		FLAME_MARGIN, height - 12);
}

void formats_flame(FILE *stream, const struct formats_input *input)
{
	const char *what = "live bytes by stack";
	struct tree tree;

	build(&tree, input, false);
	if (!(tree.nodes[0].now > 0)) {
		free_tree(&tree);
		build(&tree, input, true);
		what = "allocated bytes by stack (none are live)";
	}
	/* An empty profile has a root all the same. */
	if (!(tree.nodes[0].now > 0))
		tree.nodes[0].now = 1e-9;
	draw(NULL, &tree, 0, 0, 0);
	print_head(stream, &tree, input->title, what);
	draw(stream, &tree, 0, 0, 0);
	fputs("<script><![CDATA[\n" FLAME_SCRIPT "]]></script>\n</svg>\n",
	      stream);
	free_tree(&tree);
}
