/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Finds out, by doing, what pages the kernel gives to advised memory. */
#include "probe.h"

#include "kernel/kernel.h"
#include "live.h"

/* Enough for 32 MiB in 4 KiB pages. */
#define TEST_PAGES_MAX 8192

/* Both results, each in one word: see probe.h. 0: not known yet. */
#define DONE ((uint64_t)1 << 0)
#define ALWAYS ((uint64_t)1 << 1)
#define OLD ((uint64_t)1 << 2)
#define RECORDED ((uint64_t)1 << 3)
#define NEVER ((uint64_t)1 << 4)
#define TOO_LARGE ((uint64_t)1 << 5)
#define LITTLE ((uint64_t)1 << 6)
#define SIZE_SHIFT 8 /* log2 of a size, 0 for none */
#define STATE_SHIFT 16
#define REASON_SHIFT 24

static uint64_t basics_word;
static uint64_t result_word;

/*
 * A test that failed is tried again when its result is asked for, after pauses
 * that double from one to the other, ms: a cgroup may have been full, memory
 * fragmented. A try costs some 10 us.
 */
#define PAUSE_MIN 1000
#define PAUSE_MAX 64000
static uint64_t next_look;
static uint32_t pause_ms = PAUSE_MIN;
static bool differs;      /* a later try had another result */

/* The size whose own file said never when it was asked last; 0: it did not. */
static size_t size_never;

static unsigned int field(uint64_t word, unsigned int shift)
{
	return (unsigned int)(word >> shift) & 0xff;
}

static uint64_t pack_size(size_t size)
{
	return size ? (uint64_t)dmem_log2(size) << SIZE_SHIFT : 0;
}

static size_t unpack_size(uint64_t word)
{
	unsigned int shift = field(word, SIZE_SHIFT);

	return shift ? (size_t)1 << shift : 0;
}

/* The mode of the huge page itself: its own file, else the one above. */
static int effective_mode(const struct dmem_kernel_facts *facts)
{
	if (facts->size_mode == DATAMEM_MODE_UNKNOWN ||
	    facts->size_mode == DATAMEM_MODE_INHERIT)
		return facts->mode;
	return facts->size_mode;
}

/* PR_SET_THP_DISABLE; since 6.18 it can except advised memory (bit 1). */
static bool denied(const struct dmem_kernel_facts *facts)
{
	return facts->prctl_state > 0 && !(facts->prctl_state & 2);
}

static size_t hugepage_size(const struct dmem_kernel_facts *facts)
{
	/* Unnamed before 4.10, and where /sys cannot be read. One level of
	 * page tables holds as many pages as a page holds words. */
	if (facts->hugepage_size)
		return facts->hugepage_size;
	return facts->page_size / 8 * facts->page_size;
}

/* As the limit is at the start. The files are read on such machines alone. */
static uint64_t pack_largeness(size_t huge)
{
	uint64_t ram, cgroup;

	if (huge <= 2 * DMEM_MIB)
		return 0;
	if (huge > DMEM_HUGEPAGE_MAX)
		return TOO_LARGE;
	ram = dmem_kernel_ram();
	cgroup = dmem_kernel_cgroup_limit();
	return huge > DMEM_MIN(ram ? ram : UINT64_MAX, cgroup) /
			      DMEM_HUGEPAGE_PART ? TOO_LARGE | LITTLE : 0;
}

static uint64_t pack_basics(const struct dmem_kernel_facts *facts)
{
	uint64_t word = DONE | pack_size(hugepage_size(facts));
	unsigned int major, minor;

	word |= pack_largeness(hugepage_size(facts));
	/* With "except advised" in force, `always` is for advised memory. */
	if (effective_mode(facts) == DATAMEM_MODE_ALWAYS &&
	    facts->prctl_state <= 0)
		word |= ALWAYS;
	if (effective_mode(facts) == DATAMEM_MODE_NEVER || denied(facts))
		word |= NEVER;
	if (facts->recorded)
		word |= RECORDED;
	/* A release that cannot be read vetoes nothing: the test decides. */
	if (dmem_kernel_release_parse(facts->release, &major, &minor) &&
	    (major < 4 || (major == 4 && minor < 6)))
		word |= OLD;
	return word;
}

void dmem_probe_basics_get(struct dmem_probe_basics *out)
{
	uint64_t word = dmem_load(&basics_word);

	if (!word) {
		struct dmem_kernel_facts facts;
		uint64_t known = 0;

		dmem_kernel_facts_start(&facts);
		word = pack_basics(&facts);
		/* The first answer stays: chunks must not change their size. */
		if (!__atomic_compare_exchange_n(&basics_word, &known, word,
						 false, __ATOMIC_RELAXED,
						 __ATOMIC_RELAXED))
			word = known;
	}
	out->hugepage_size = unpack_size(word);
	out->too_large = word & TOO_LARGE;
	out->little = word & LITTLE;
	out->always = word & ALWAYS;
	out->never = word & NEVER;
	out->old = word & OLD;
	out->recorded = word & RECORDED;
}

/* The resident part of a row of pages. */
struct row {
	size_t beginning;  /* pages, up to the first that is not */
	bool any;
};

/* False: the kernel does not tell. In parts, as there may be 8192 pages. */
static bool look(char *area, size_t nbytes, struct row *row)
{
	size_t page_size = dmem_kernel_page_size();
	size_t pages = nbytes / page_size;
	unsigned char vec[512];

	*row = (struct row) { 0, false };
	for (size_t at = 0; at < pages; at += sizeof(vec)) {
		size_t n = DMEM_MIN(sizeof(vec), pages - at);

		if (dmem_kernel_resident(area + at * page_size, n * page_size,
					 vec))
			return false;
		for (size_t i = 0; i < n; i++) {
			if (!(vec[i] & 1))
				continue;
			row->any = true;
			if (row->beginning == at + i)
				row->beginning++;
		}
	}
	return true;
}

/* Not instrumented: every 32 KiB ASan's shadow has a fault of its own. */
static DMEM_NOINLINE __attribute__((__no_sanitize_address__,
				    __no_sanitize_thread__))
void touch(char *at)
{
	*(volatile char *)at = 0;
}

/*
 * The first power of two at which a write faults again is the size of the page
 * that the first write brought.
 */
static size_t size_by_faults(char *area, size_t nbytes)
{
	for (size_t at = dmem_kernel_page_size(); at < nbytes; at *= 2) {
		long before = dmem_kernel_minor_faults();

		touch(area + at);
		if (dmem_kernel_minor_faults() != before)
			return at;
	}
	return nbytes;
}

/*
 * The second witness, where faults are not counted (gVisor) or may not be asked
 * for. Second, as there are filters that kill for mincore(2), which calls all
 * mapped memory resident in gVisor.
 */
static size_t size_by_residency(char *area, size_t nbytes)
{
	struct row row;

	/* As if it had not been touched: nothing of it is resident then. */
	if (dmem_kernel_advise(area, nbytes, DMEM_ADVICE_PURGE) ||
	    !look(area, nbytes, &row) || row.any)
		return 0;
	touch(area);
	return look(area, nbytes, &row) ?
		       row.beginning * dmem_kernel_page_size() : 0;
}

/*
 * The functional test: one byte written to an aligned area of nbytes, advised
 * as memory will be: not in mode always, as advice stays and parts mappings.
 * Returns the bytes of the page that came, 0 when that cannot be told; *refused
 * is what the kernel or a filter said to the advice.
 */
static size_t test(char *area, size_t nbytes, bool advised, int *refused)
{
	long before, after;

	*refused = advised ? dmem_kernel_advise(area, nbytes,
						DMEM_ADVICE_HUGEPAGE) : 0;
	before = dmem_kernel_minor_faults();
	touch(area);
	after = dmem_kernel_minor_faults();
	/* Only where faults are counted at all. */
	return before >= 0 && after > before ? size_by_faults(area, nbytes) :
					       size_by_residency(area, nbytes);
}

/* Test with the caller's memory if a huge page fits into it, or with other. */
static size_t test_somewhere(char *addr, size_t given, size_t nbytes,
			     const struct dmem_probe_basics *basics,
			     int *refused)
{
	bool advised = !basics->always;
	char *area = (char *)DMEM_ROUND_UP((uintptr_t)addr, nbytes), *map;
	size_t arrived;

	if (nbytes / dmem_kernel_page_size() > TEST_PAGES_MAX)
		return 0;
	/* Its beginning is what is used next: the page is not in vain. */
	if (addr && area == addr && given >= nbytes && !basics->never)
		return test(area, nbytes, advised, refused);
	map = dmem_kernel_map(2 * nbytes);
	if (!map)
		return 0;
	area = (char *)DMEM_ROUND_UP((uintptr_t)map, nbytes);
	arrived = test(area, nbytes, advised, refused);
	dmem_kernel_unmap(map, 2 * nbytes);
	return arrived;
}

/* Whether files or prctl(2) forbid huge pages. */
static int forbidden(const struct dmem_kernel_facts *facts)
{
	dmem_store(&size_never, facts->size_mode == DATAMEM_MODE_NEVER ?
					hugepage_size(facts) : 0);
	if (effective_mode(facts) == DATAMEM_MODE_NEVER)
		return DATAMEM_REASON_MODE_NEVER;
	return denied(facts) ? DATAMEM_REASON_PRCTL : DATAMEM_REASON_NONE;
}

int dmem_probe_forbidden(void)
{
	struct dmem_kernel_facts facts;

	dmem_kernel_facts_read(&facts);
	return forbidden(&facts);
}

size_t dmem_probe_size_never(void)
{
	return dmem_load(&size_never);
}

/* Why no larger page came, as far as the kernel says. */
static int explain(const struct dmem_kernel_facts *facts, bool too_large,
		   int refused, bool measured, int *state)
{
	int reason;

	*state = DATAMEM_HUGEPAGE_OFF;
	if (refused == -EINVAL || (facts->sys_readable && !facts->thp_dir))
		return DATAMEM_REASON_NO_SUPPORT;
	if (too_large)
		return DATAMEM_REASON_HUGEPAGE_TOO_LARGE;
	reason = forbidden(facts);
	if (reason == DATAMEM_REASON_PRCTL)
		*state = DATAMEM_HUGEPAGE_DENIED;
	if (reason != DATAMEM_REASON_NONE)
		return reason;
	if (refused == -EPERM || refused == -ENOSYS || refused == -EACCES) {
		*state = DATAMEM_HUGEPAGE_DENIED;
		return DATAMEM_REASON_FILTER;
	}
	*state = measured ? DATAMEM_HUGEPAGE_NOT_ARRIVING :
			    DATAMEM_HUGEPAGE_UNKNOWN;
	return measured ? DATAMEM_REASON_NOT_ARRIVING :
			  DATAMEM_REASON_UNMEASURED;
}

static void probe(struct dmem_probe_result *out, char *addr, size_t nbytes)
{
	struct dmem_probe_basics basics;
	struct dmem_kernel_facts facts;
	int refused = 0;
	size_t huge;

	dmem_probe_basics_get(&basics);
	huge = basics.hugepage_size;
	out->arrived = 0;
	/* In 2 MiB no larger page fits, yet smaller ones may come. */
	if (!basics.recorded)
		out->arrived = test_somewhere(addr, nbytes,
					      basics.too_large ? 2 * DMEM_MIB
							       : huge,
					      &basics, &refused);
	if (out->arrived >= huge) {
		out->state = DATAMEM_HUGEPAGE_ACTIVE;
		out->reason = DATAMEM_REASON_NONE;
	} else if (out->arrived > dmem_kernel_page_size()) {
		out->state = DATAMEM_HUGEPAGE_MTHP;
		out->reason = basics.too_large ?
			      DATAMEM_REASON_HUGEPAGE_TOO_LARGE :
			      DATAMEM_REASON_MTHP;
	} else {
		dmem_kernel_facts_read(&facts);
		out->reason = explain(&facts, basics.too_large, refused,
				      out->arrived > 0, &out->state);
	}
}

static uint64_t probe_packed(void *addr, size_t nbytes)
{
	struct dmem_probe_result result;
	int saved = errno;

	probe(&result, addr, nbytes);
	errno = saved;
	/* A run that is no power of two is rounded down. */
	return DONE | pack_size(result.arrived) |
	       (uint64_t)result.state << STATE_SHIFT |
	       (uint64_t)result.reason << REASON_SHIFT;
}

/* Whether a result may be another one some time later. */
static bool may_change(uint64_t word)
{
	unsigned int reason = field(word, REASON_SHIFT);

	return field(word, STATE_SHIFT) != DATAMEM_HUGEPAGE_ACTIVE &&
	       reason != DATAMEM_REASON_NO_SUPPORT &&
	       reason != DATAMEM_REASON_HUGEPAGE_TOO_LARGE &&
	       !(dmem_load(&basics_word) & RECORDED);
}

/* Whether it is time for another look; then it is the caller's. */
static bool is_due(void)
{
	uint64_t at = dmem_load(&next_look), now = dmem_kernel_clock_ms();
	uint32_t pause = dmem_load(&pause_ms);

	if (now < at || !__atomic_compare_exchange_n(&next_look, &at,
						     now + pause, false,
						     __ATOMIC_RELAXED,
						     __ATOMIC_RELAXED))
		return false;
	dmem_store(&pause_ms, DMEM_MIN(2 * pause, (uint32_t)PAUSE_MAX));
	/* The first result only begins the pauses. */
	return at;
}

/* Instead of one that was there before; 0: of none. */
static void set_result(uint64_t word)
{
	uint64_t before = __atomic_exchange_n(&result_word, word,
					      __ATOMIC_RELAXED);

	if (before && before != word)
		dmem_store(&differs, true);
	if (before ? before != word :
		     field(word, REASON_SHIFT) != DATAMEM_REASON_NONE)
		dmem_live_errand_add(DMEM_ERRAND_SHOW);
}

void dmem_probe_result_get(struct dmem_probe_result *out, void *addr,
			   size_t nbytes)
{
	uint64_t word = dmem_load(&result_word);

	if (!word) {
		word = probe_packed(addr, nbytes);
		/* Another thread's may be another one. */
		set_result(word);
		if (may_change(word))
			is_due();
	} else if (dmem_unlikely(may_change(word)) && is_due()) {
		/* Not with the caller's memory: that is used next only while
		 * the arena is young, and would be resident unseen. */
		word = probe_packed(NULL, 0);
		set_result(word);
	}
	out->state = (int)field(word, STATE_SHIFT);
	out->reason = (int)field(word, REASON_SHIFT);
	out->arrived = unpack_size(word);
}

bool dmem_probe_made(void)
{
	return dmem_load(&result_word);
}

bool dmem_probe_differs(void)
{
	return dmem_load(&differs);
}

void dmem_probe_reset(void)
{
	dmem_store(&basics_word, 0);
	dmem_store(&result_word, 0);
	dmem_store(&next_look, 0);
	dmem_store(&pause_ms, PAUSE_MIN);
	dmem_store(&differs, false);
	dmem_store(&size_never, 0);
}
