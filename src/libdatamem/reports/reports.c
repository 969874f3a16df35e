/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Writes reports, without the C library's formatting. */
#include "reports.h"

#include <sched.h>
#include <string.h>

#include "kernel/kernel.h"
#include "log.h"

/* Waits for another thread's report: it may never go on. */
#define WAITS_MAX 10000

/* Who reports; 0: nobody. What follows is that thread's. */
static int reporter;
/* Who forks; while all locks are held. */
static int forker;

static struct {
	char text[DMEM_LOG_MAX];
	size_t used;
	const char *who;
	bool in_handler;
	struct dmem_module own;      /* what the library itself is in */
	struct dmem_module modules[DMEM_STACK_DEPTH + 1];
} report DMEM_TABLE;

void dmem_report_add(const char *text)
{
	size_t len = strlen(text), room = sizeof(report.text) - 1 - report.used;

	len = DMEM_MIN(len, room);
	memcpy(report.text + report.used, text, len);
	report.used += len;
	report.text[report.used] = '\0';
}

void dmem_report_number(uint64_t number, unsigned int base)
{
	char digits[21], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = "0123456789abcdef"[number % base];
	while (number /= base);
	dmem_report_add(base == 16 ? "0x" : "");
	dmem_report_add(at);
}

static void start_line(void)
{
	report.used = 0;
	dmem_report_add(report.who);
	dmem_report_add(": ");
}

void dmem_report_line(void)
{
	if (report.in_handler)
		dmem_log_plain(report.text);
	else
		dmem_log("%s", report.text);
	start_line();
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

	dmem_report_add("  #");
	dmem_report_number(number, 10);
	dmem_report_add(" ");
	dmem_report_number(address, 16);
	if (*module->name) {
		dmem_report_add(" ");
		dmem_report_add(name ? name + 1 : module->name);
		dmem_report_add("+");
		dmem_report_number(module->base ? address - module->base :
						  address, 16);
	}
	dmem_report_line();
}

void dmem_report_stack(const char *what, const struct dmem_stack *stack)
{
	uintptr_t addrs[DMEM_STACK_DEPTH + 1];
	uint32_t skipped, depth = DMEM_MIN(stack->depth, DMEM_STACK_DEPTH);

	dmem_report_add(what);
	dmem_report_add(" by thread ");
	dmem_report_number((uint64_t)stack->tid, 10);
	dmem_report_add(":");
	dmem_report_line();
	memset(report.modules, 0, sizeof(report.modules));
	for (uint32_t i = 0; i < depth; i++)
		addrs[i] = place_of(stack, i);
	addrs[depth] = (uintptr_t)dmem_report_stack;
	dmem_kernel_modules(addrs, depth + 1, note_module, NULL);
	report.own = report.modules[depth];
	skipped = own_frames(stack);
	for (uint32_t i = skipped; i < depth; i++)
		add_frame(i - skipped, addrs[i], &report.modules[i]);
}

static bool replace(int *before, int self)
{
	return __atomic_compare_exchange_n(&reporter, before, self, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Be the one who reports; a thread that has ended in the log function does so
 * no more. */
static bool take_over(int self)
{
	int other;

	for (int waits = 0; waits < WAITS_MAX; waits++) {
		other = 0;
		if (replace(&other, self))
			return true;
		if (other == self)
			return false;
		if (!dmem_kernel_thread_alive(other) && replace(&other, self))
			return true;
		sched_yield();
	}
	return false;
}

bool dmem_report_begin(const char *who, bool in_handler)
{
	if (!take_over(dmem_kernel_thread_id()))
		return false;
	report.who = who;
	report.in_handler = in_handler;
	start_line();
	return true;
}

void dmem_report_end(void)
{
	dmem_store_release(&reporter, 0);
}

void dmem_report_fork_prepare(void)
{
	forker = dmem_kernel_thread_id();
}

/* The log function of the one who reports may have forked. */
void dmem_report_fork_child(void)
{
	bool goes_on = dmem_load(&reporter) == forker;

	dmem_store(&reporter, goes_on ? dmem_kernel_thread_id() : 0);
}
