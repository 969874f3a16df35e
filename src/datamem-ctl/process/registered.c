/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* What a program has registered: handlers, and domains of accounts. */
#include "tool.h"
#include "page.h"

/* While it changes it is read again so often. */
#define TRIES 100

/* The offset of an entry; false: there is none. */
static bool find(uint32_t offset, uint32_t count, uint32_t bytes, size_t least,
		 uint32_t i, uint64_t *out)
{
	if (i >= count || bytes < least)
		return false;
	*out = offset + (uint64_t)i * bytes;
	return true;
}

void ctl_page_read_handlers(const struct ctl_source *source,
			    struct ctl_page *page)
{
	const struct live_header *h = &page->header;
	uint64_t offset;

	if (h->header_bytes < offsetof(struct live_header, domains_offset))
		return;
	for (uint32_t i = 0; i < LIVE_HANDLERS &&
			     find(h->handlers_offset, h->handlers_count,
				  h->handler_bytes,
				  sizeof(struct live_handler), i, &offset);
	     i++) {
		struct live_handler *to = &page->handlers[page->nhandlers];
		uint32_t seq;

		for (int tries = 0; tries < TRIES; tries++) {
			if (!source->read(source, to, sizeof(*to), offset) ||
			    !source->read(source, &seq, sizeof(seq), offset))
				return;
			if (seq == to->seq && seq % 2 == 0)
				break;
		}
		to->name[sizeof(to->name) - 1] = '\0';
		page->nhandlers += to->name[0] != '\0';
	}
}

void ctl_page_read_domains(const struct ctl_source *source,
			   struct ctl_page *page)
{
	const struct live_header *h = &page->header;
	uint64_t offset;

	if (h->header_bytes < offsetof(struct live_header, note))
		return;
	for (uint32_t i = 0; i < LIVE_DOMAINS &&
			     find(h->domains_offset, h->domains_count,
				  h->domain_bytes, sizeof(struct live_domain),
				  i, &offset);
	     i++) {
		struct live_domain *to = &page->domains[page->ndomains];

		if (!source->read(source, to, sizeof(*to), offset))
			return;
		page->ndomains += to->number != 0;
	}
}
