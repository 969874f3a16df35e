/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Writes reports, without the C library's formatting. */
#include "report.h"

#include <sched.h>
#include <string.h>

#include "kernel/kernel.h"
#include "log.h"
#include "stats.h"

/* Waits for another thread's report: it may never go on. */
#define WAITS_MAX 10000

/* Who reports; 0: nobody. What follows is that thread's. */
static int reporter;

static struct {
	char text[DMEM_LOG_MAX];
	size_t used;
	bool in_handler;
	struct dmem_module own;      /* what the library itself is in */
	struct dmem_module modules[DMEM_STACK_DEPTH + 1];
} report;

static void add(const char *text)
{
	size_t len = strlen(text), room = sizeof(report.text) - 1 - report.used;

	len = DMEM_MIN(len, room);
	memcpy(report.text + report.used, text, len);
	report.used += len;
	report.text[report.used] = '\0';
}

static void add_number(uint64_t number, unsigned int base)
{
	char digits[21], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = "0123456789abcdef"[number % base];
	while (number /= base);
	add(base == 16 ? "0x" : "");
	add(at);
}

static void end_line(void)
{
	if (report.in_handler)
		dmem_log_plain(report.text);
	else
		dmem_log("%s", report.text);
	report.used = 0;
}

static void note_module(void *arg DMEM_UNUSED, size_t i,
			const struct dmem_module *module)
{
	report.modules[i] = *module;
}

/* Frames of the library say nothing; but linked statically all are one. */
static uint32_t own_frames(const struct dmem_stack *stack)
{
	uint32_t n = 0;

	while (n < stack->depth && report.modules[n].base &&
	       report.modules[n].base == report.own.base)
		n++;
	return n == stack->depth ? 0 : n;
}

/* In the line of the call, not the one behind it. */
static uintptr_t place_of(const struct dmem_stack *stack, uint32_t i)
{
	return stack->frames[i] - !(stack->exact && !i);
}

static void add_frame(uint32_t number, uintptr_t address,
		      const struct dmem_module *module)
{
	const char *name = strrchr(module->name, '/');

	add("guard:   #");
	add_number(number, 10);
	add(" ");
	add_number(address, 16);
	if (*module->name) {
		add(" ");
		add(name ? name + 1 : module->name);
		add("+");
		add_number(module->base ? address - module->base : address, 16);
	}
	end_line();
}

static void add_stack(const char *what, const struct dmem_stack *stack)
{
	uintptr_t addrs[DMEM_STACK_DEPTH + 1];
	uint32_t skipped, depth = DMEM_MIN(stack->depth, DMEM_STACK_DEPTH);

	add("guard: ");
	add(what);
	add(" by thread ");
	add_number((uint64_t)stack->tid, 10);
	add(":");
	end_line();
	memset(report.modules, 0, sizeof(report.modules));
	for (uint32_t i = 0; i < depth; i++)
		addrs[i] = place_of(stack, i);
	addrs[depth] = (uintptr_t)add_stack;
	dmem_kernel_modules(addrs, depth + 1, note_module, NULL);
	report.own = report.modules[depth];
	skipped = own_frames(stack);
	for (uint32_t i = skipped; i < depth; i++)
		add_frame(i - skipped, addrs[i], &report.modules[i]);
}

/* Where in the block, or how far beside it, an address is. */
static void add_place(const struct dmem_guard_finding *finding)
{
	const struct dmem_guarded *block = finding->block;
	const char *where = finding->where;

	if (where < block->start) {
		add(", ");
		add_number((size_t)(block->start - where), 10);
		add(" bytes before it");
	} else if (where >= block->start + block->nbytes) {
		add(", ");
		add_number((size_t)(where - block->start) - block->nbytes, 10);
		add(" bytes behind its end");
	} else {
		add(", at byte ");
		add_number((size_t)(where - block->start), 10);
	}
}

static void write_report(const struct dmem_guard_finding *finding)
{
	const struct dmem_guarded *block = finding->block;

	add("guard: ");
	add(finding->what);
	add(finding->freed ? " freed block " : " block ");
	add_number((uintptr_t)block->start, 16);
	add(" of ");
	add_number(block->nbytes, 10);
	add(" bytes");
	if (finding->where)
		add_place(finding);
	end_line();
	if (finding->stack)
		add_stack(finding->by, finding->stack);
	add_stack("allocated", &block->made);
	if (finding->freed)
		add_stack("freed", &block->freed);
}

/* False: another thread reports for too long, or this one does. */
static bool begin(int self)
{
	for (int waits = 0; waits < WAITS_MAX; waits++) {
		int none = 0;

		if (__atomic_compare_exchange_n(&reporter, &none, self, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
		if (none == self)
			return false;
		sched_yield();
	}
	return false;
}

void dmem_report(const struct dmem_guard_finding *finding, bool in_handler)
{
	dmem_stats_count(DMEM_COUNT_GUARD_REPORTS);
	if (!begin(dmem_kernel_thread_id()))
		return;
	report.in_handler = in_handler;
	report.used = 0;
	write_report(finding);
	dmem_store_release(&reporter, 0);
}
