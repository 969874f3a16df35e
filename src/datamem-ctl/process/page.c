/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Reads a control page into a struct, whatever it holds. */
#include "page.h"

#include <string.h>
#include <unistd.h>

/* A library with pages of 64 KiB has 16 MiB. */
#define SIZE_MOST ((uint64_t)64 << 20)
/* Before the first number. */
#define NUMBERS_HEAD (offsetof(struct live_numbers, spare) + sizeof(uint32_t))
/* How often numbers that change together are read again. */
#define TRIES 20

static bool read_file(const struct ctl_source *source, void *out, size_t n,
		      uint64_t offset)
{
	/* Not through a mapping: a hole read there becomes memory. */
	return pread(source->fd, out, n, (off_t)offset) == (ssize_t)n;
}

static bool read_memory(const struct ctl_source *source, void *out, size_t n,
			uint64_t offset)
{
	if (offset > source->size || n > source->size - offset)
		return false;
	memcpy(out, (const char *)source->bytes + offset, n);
	return true;
}

struct ctl_source ctl_source_file(int fd, uint64_t size)
{
	return (struct ctl_source) { read_file, size, fd, NULL };
}

struct ctl_source ctl_source_memory(const void *bytes, uint64_t size)
{
	return (struct ctl_source) { read_memory, size, -1, bytes };
}

/* Whether count entries of size bytes at offset lie in the file. */
static bool lies_inside(const struct ctl_source *source, uint32_t offset,
			uint64_t count, uint32_t size)
{
	return offset <= source->size && size > 0 &&
	       count <= (source->size - offset) / size;
}

/* Appended to the header later. */
static bool has_rest(const struct live_header *h)
{
	return h->header_bytes >= offsetof(struct live_header,
					   shelves_offset) &&
	       h->rest_bytes >= sizeof(struct live_rest);
}

/* A part of another library's page: longer for a newer one, shorter for an
 * older one. What is missing reads as 0, and is not known. */
static bool read_part(const struct ctl_source *source, void *out, size_t size,
		      uint64_t offset, uint64_t nbytes)
{
	return source->read(source, out, nbytes < size ? (size_t)nbytes : size,
			    offset);
}

static bool has_shelves(const struct live_header *h)
{
	return h->header_bytes >= offsetof(struct live_header, locks_offset) &&
	       h->shelf_bytes >= sizeof(struct live_shelf);
}

/* Only where the library was configured to count what its locks cost. */
static bool has_locks(const struct live_header *h)
{
	return h->header_bytes >= offsetof(struct live_header,
					   handlers_offset) &&
	       h->locks_count > 0 &&
	       h->lock_bytes >= sizeof(struct live_lock);
}

static const char *check_header(const struct ctl_source *source,
				const struct live_header *h)
{
	if (memcmp(h->magic, LIVE_MAGIC, sizeof(h->magic)) != 0)
		return "its page is not (yet) one of libdatamem";
	if (h->layout != LIVE_LAYOUT)
		return "its page has a layout that this tool does not know";
	if (h->header_bytes < offsetof(struct live_header, rest_offset) ||
	    h->file_bytes != source->size ||
	    source->size > SIZE_MOST ||
	    h->numbers_bytes < NUMBERS_HEAD ||
	    !lies_inside(source, h->numbers_offset, 1, h->numbers_bytes) ||
	    !lies_inside(source, h->classes_offset, h->classes_count,
			 sizeof(uint32_t)) ||
	    h->request_offset % 8 != 0 ||
	    h->request_bytes < sizeof(struct live_request) ||
	    !lies_inside(source, h->request_offset, 1, h->request_bytes) ||
	    h->setting_bytes < sizeof(struct live_setting) ||
	    !lies_inside(source, h->settings_offset, h->settings_count,
			 h->setting_bytes) ||
	    !lies_inside(source, h->slots_offset, h->slots_count,
			 h->slot_bytes) ||
	    h->counts_bytes < sizeof(struct live_counts) ||
	    h->counts_offset < sizeof(struct live_slot) ||
	    h->counts_offset > h->slot_bytes ||
	    h->counts_count >
		    (h->slot_bytes - h->counts_offset) / h->counts_bytes ||
	    (has_rest(h) && !lies_inside(source, h->rest_offset, 1,
					 h->rest_bytes)) ||
	    (has_shelves(h) && !lies_inside(source, h->shelves_offset,
					    h->shelves_count, h->shelf_bytes)) ||
	    (has_locks(h) && !lies_inside(source, h->locks_offset,
					  h->locks_count, h->lock_bytes)))
		return "the header of its page is damaged";
	return NULL;
}

static bool read_numbers(const struct ctl_source *source, struct ctl_page *page)
{
	uint64_t offset = page->header.numbers_offset;
	uint32_t seq;

	for (int i = 0; i < TRIES; i++) {
		if (!read_part(source, &page->numbers, sizeof(page->numbers),
			       offset, page->header.numbers_bytes) ||
		    !source->read(source, &seq, sizeof(seq), offset))
			return false;
		if (seq == page->numbers.arena_seq && seq % 2 == 0)
			break;
	}
	/* Else torn: they differ by an allocation or two. */
	return true;
}

static void terminate(struct live_setting *s)
{
	s->name[sizeof(s->name) - 1] = '\0';
	s->value[sizeof(s->value) - 1] = '\0';
	s->builtin[sizeof(s->builtin) - 1] = '\0';
	s->note[sizeof(s->note) - 1] = '\0';
}

static bool read_settings(const struct ctl_source *source,
			  struct ctl_page *page)
{
	const struct live_header *h = &page->header;

	for (uint32_t i = 0; i < h->settings_count && i < LIVE_SETTINGS; i++) {
		struct live_setting *to = &page->settings[page->nsettings];
		uint64_t offset = h->settings_offset +
				  (uint64_t)i * h->setting_bytes;
		uint32_t seq;

		for (int tries = 0; tries < TRIES; tries++) {
			if (!source->read(source, to, sizeof(*to), offset) ||
			    !source->read(source, &seq, sizeof(seq), offset))
				return false;
			if (seq == to->seq && seq % 2 == 0)
				break;
		}
		terminate(to);
		if (to->name[0] != '\0')
			page->nsettings++;
	}
	return true;
}

static bool read_classes(const struct ctl_source *source,
			 struct ctl_page *page)
{
	const struct live_header *h = &page->header;
	uint32_t sizes[LIVE_CLASSES] = { 0 };

	page->nclasses = h->classes_count < LIVE_CLASSES ? h->classes_count
							 : LIVE_CLASSES;
	if (!source->read(source, sizes, page->nclasses * sizeof(*sizes),
			  h->classes_offset))
		return false;
	for (size_t i = 0; i < page->nclasses; i++)
		page->classes[i].size = sizes[i];
	return true;
}

/* Sums wrap where the numbers are nonsense. */
static void add_counts(struct ctl_page *page, size_t cls,
		       const struct live_counts *counts)
{
	page->classes[cls].hits += counts->hits;
	page->classes[cls].misses += counts->misses;
	page->classes[cls].cached += counts->cached;
	page->derived.hits += counts->hits;
	page->derived.misses += counts->misses;
	page->derived.cached_bytes += counts->cached * page->classes[cls].size;
}

static bool add_slot(const struct ctl_source *source, struct ctl_page *page,
		     uint64_t offset)
{
	const struct live_header *h = &page->header;
	struct live_counts counts;
	struct live_slot slot;

	if (!source->read(source, &slot, sizeof(slot), offset))
		return false;
	page->derived.threads += slot.tid != 0;
	for (size_t i = 1; i < page->nclasses && i < h->counts_count; i++) {
		if (!source->read(source, &counts, sizeof(counts),
				  offset + h->counts_offset +
					  i * h->counts_bytes))
			return false;
		add_counts(page, i, &counts);
	}
	return true;
}

/* Of those who have no slot. */
static bool read_rest(const struct ctl_source *source, struct ctl_page *page)
{
	struct live_rest rest;

	if (!has_rest(&page->header))
		return true;
	if (!source->read(source, &rest, sizeof(rest),
			  page->header.rest_offset))
		return false;
	page->derived.threads += rest.threads;
	page->derived.unseen_threads = rest.threads;
	for (size_t i = 1; i < page->nclasses; i++)
		add_counts(page, i, &rest.counts[i]);
	return true;
}

static bool read_slots(const struct ctl_source *source, struct ctl_page *page)
{
	const struct live_header *h = &page->header;
	uint64_t records = page->numbers.records;
	/* One read a slot, then out of memory. */
	static char copy[65536];

	for (uint64_t i = 0; i < records && i < h->slots_count &&
			     i < LIVE_SLOTS; i++) {
		size_t n = h->slot_bytes < sizeof(copy) ? h->slot_bytes
							: sizeof(copy);
		struct ctl_source slot = ctl_source_memory(copy, n);

		if (!source->read(source, copy, n,
				  h->slots_offset + i * h->slot_bytes) ||
		    !add_slot(&slot, page, 0))
			return false;
	}
	return true;
}

/* Blocks that went over a shelf; sums wrap in between. */
static void add_shelf(struct live_numbers *n, const struct live_shelf *shelf)
{
	n->large_allocs += shelf->allocs;
	n->large_frees += shelf->frees;
	n->large_hits += shelf->allocs;
	n->large_blocks += shelf->allocs - shelf->frees;
	n->large_bytes += shelf->nbytes;
	n->used_bytes -= shelf->kept;
	n->retained_bytes += shelf->kept;
	n->charged_bytes -= shelf->charged;
	n->faults_avoided += shelf->faults_avoided;
}

static void not_below_zero(uint64_t *sum)
{
	if (*sum > INT64_MAX)
		*sum = 0;
}

/* What a shelf has may have come to it since the numbers were read. */
static void end_sums(struct live_numbers *n)
{
	not_below_zero(&n->large_blocks);
	not_below_zero(&n->large_bytes);
	not_below_zero(&n->used_bytes);
	not_below_zero(&n->charged_bytes);
}

static bool read_shelves(const struct ctl_source *source, struct ctl_page *page)
{
	const struct live_header *h = &page->header;
	struct live_shelf shelf;

	if (!has_shelves(h))
		return true;
	for (uint32_t i = 0; i < h->shelves_count && i < LIVE_SHELVES; i++) {
		if (!source->read(source, &shelf, sizeof(shelf),
				  h->shelves_offset +
					  (uint64_t)i * h->shelf_bytes))
			return false;
		add_shelf(&page->numbers, &shelf);
	}
	end_sums(&page->numbers);
	return true;
}

static bool read_locks(const struct ctl_source *source, struct ctl_page *page)
{
	const struct live_header *h = &page->header;
	struct live_lock *lock = page->locks;

	page->nlocks = 0;
	if (!has_locks(h))
		return true;
	for (uint32_t i = 0; i < h->locks_count && i < LIVE_LOCKS; i++) {
		if (!source->read(source, lock, sizeof(*lock),
				  h->locks_offset +
					  (uint64_t)i * h->lock_bytes))
			return false;
		lock->name[sizeof(lock->name) - 1] = '\0';
		if (lock->holds > 0) {
			lock++;
			page->nlocks++;
		}
	}
	return true;
}

/* Threads report cached blocks at their slow paths only. */
static void derive(struct ctl_page *page)
{
	const struct live_numbers *n = &page->numbers;
	struct ctl_derived *d = &page->derived;

	uint64_t free_bytes = d->cached_bytes + n->quarantined_bytes;

	d->live_bytes = n->charged_bytes > free_bytes ?
				n->charged_bytes - free_bytes : 0;
	d->held_bytes = n->used_bytes + n->retained_bytes + n->outside_bytes +
			n->guarded_bytes;
	d->held_bytes -= d->held_bytes > n->opened_small_bytes ?
				 n->opened_small_bytes : d->held_bytes;
	d->allocs = d->hits + d->misses + n->large_allocs + n->guarded_allocs +
		    n->hosted_allocs;
}

static void know(struct ctl_page *page, enum ctl_statistic which,
		 uint64_t value, bool known)
{
	bool truth = ctl_statistics[which].type == CTL_BOOL;

	page->statistics.values[which] = truth ? value != 0 : value;
	page->statistics.known[which] = known;
}

#define HAS(page, member)                                                    \
	((page)->header.numbers_bytes >=                                     \
	 offsetof(struct live_numbers, member) + sizeof(uint64_t))

/* An older library has fewer numbers, and what follows from them is not known
 * either. */
static void forget_underived(struct ctl_page *page)
{
	bool slots = HAS(page, records), *known = page->statistics.known;

	known[CTL_STATISTIC_CACHED] = slots;
	known[CTL_STATISTIC_HITS] = slots;
	known[CTL_STATISTIC_MISSES] = slots;
	known[CTL_STATISTIC_THREADS] = slots;
	known[CTL_STATISTIC_LIVE] = slots && HAS(page, charged_bytes);
	known[CTL_STATISTIC_ALLOCS] = slots && HAS(page, large_allocs);
	known[CTL_STATISTIC_HELD] = HAS(page, used_bytes) &&
				    HAS(page, retained_bytes) &&
				    HAS(page, outside_bytes);
	known[CTL_STATISTIC_UNSEEN] = has_rest(&page->header);
}

static void fill_statistics(struct ctl_page *page)
{
#define STATISTIC(column, member, ctype, unit, kind, place, help)            \
	STATISTIC_IN_PAGE_##place(know(page, CTL_STATISTIC_##column,         \
				       page->numbers.member,                 \
				       HAS(page, member));)                  \
	STATISTIC_DERIVED_##place(know(page, CTL_STATISTIC_##column,         \
				       page->derived.member, true);)
	STATISTICS(STATISTIC)
#undef STATISTIC
	forget_underived(page);
}

const char *ctl_page_header(const struct ctl_source *source,
			    struct live_header *out)
{
	if (!source->read(source, out, sizeof(*out), 0))
		return "its page is too short";
	return check_header(source, out);
}

const char *ctl_page_read(const struct ctl_source *source,
			  struct ctl_page *out)
{
	const char *error;

	memset(out, 0, sizeof(*out));
	error = ctl_page_header(source, &out->header);
	if (error)
		return error;
	/* Shelves at once: they and the numbers are of one sum. */
	if (!read_numbers(source, out) || !read_shelves(source, out) ||
	    !read_settings(source, out) || !read_classes(source, out) ||
	    !read_slots(source, out) || !read_rest(source, out) ||
	    !read_locks(source, out))
		return "its page cannot be read";
	ctl_page_read_handlers(source, out);
	ctl_page_read_domains(source, out);
	derive(out);
	fill_statistics(out);
	return NULL;
}

const struct live_setting *ctl_page_setting(const struct ctl_page *page,
					    const char *name)
{
	for (size_t i = 0; i < page->nsettings; i++)
		if (strcmp(page->settings[i].name, name) == 0)
			return &page->settings[i];
	return NULL;
}
