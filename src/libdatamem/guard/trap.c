/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The handler of signals, and the one before it. */
#include "trap.h"

#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "kernel/kernel.h"
#include "report.h"

static const int signals[] = { SIGSEGV, SIGBUS };

/*
 * What was there before ours; written while ours is not set. Ours reads it without
 * a barrier: the kernel takes a handler from where sigaction(2) put it after that,
 * under one lock. A call of ours that is under way while the guard is switched off
 * and on may find it half written, if the host has set another in between.
 */
static struct sigaction former[DMEM_ARRAY_SIZE(signals)] DMEM_TABLE;
static bool covered[DMEM_ARRAY_SIZE(signals)];
static bool set;

static size_t index_of(int sig)
{
	return sig == signals[0] ? 0 : 1;
}

/* The instruction that was interrupted; 0: not known on this machine. */
static uintptr_t instruction(const ucontext_t *context)
{
#if defined(__x86_64__)
	return (uintptr_t)context->uc_mcontext.gregs[16];  /* REG_RIP */
#elif defined(__aarch64__)
	return (uintptr_t)context->uc_mcontext.pc;
#elif defined(__riscv)
	return (uintptr_t)context->uc_mcontext.__gregs[0];
#elif defined(__powerpc64__)
	return (uintptr_t)context->uc_mcontext.gp_regs[32];
#elif defined(__s390x__)
	return (uintptr_t)context->uc_mcontext.psw.addr;
#else
	(void)context;
	return 0;
#endif
}

static const char *what_it_does(const ucontext_t *context)
{
#if defined(__x86_64__)
	/* REG_ERR: the page fault's code; bit 1: a write. */
	return context->uc_mcontext.gregs[19] & 2 ? "write to" : "read of";
#else
	(void)context;
	return "access to";
#endif
}

static void look(const siginfo_t *info, const ucontext_t *context)
{
	struct dmem_guarded *block = dmem_blocks_find(info->si_addr);
	struct dmem_stack stack;

	/* The second of two is the same, made again. */
	if (!block || __atomic_exchange_n(&block->reported, 1,
					  __ATOMIC_RELAXED))
		return;
	dmem_stack_take(&stack, instruction(context));
	dmem_guard_report(&(struct dmem_guard_finding) {
			    .what = what_it_does(context),
			    .by = "accessed",
			    .block = block,
			    .freed = dmem_blocks_is_freed(block),
			    .where = info->si_addr,
			    .stack = &stack,
		    }, true);
}

/* The default action: a fault comes again as soon as the handler returns, and
 * then the process is where the access is; a signal that was sent is sent. */
static void give_up(int sig, siginfo_t *info)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = SIG_DFL;
	sigaction(sig, &action, NULL);
	if (info->si_code <= 0 && dmem_kernel_send_again(sig, info))
		raise(sig);
}

/* With the mask that the kernel would have given it; that of the interrupted
 * code comes back when ours returns. */
static void call_former(int sig, siginfo_t *info, void *context,
			const struct sigaction *action)
{
	sigset_t self;

	pthread_sigmask(SIG_BLOCK, &action->sa_mask, NULL);
	if (action->sa_flags & SA_NODEFER) {
		sigemptyset(&self);
		sigaddset(&self, sig);
		pthread_sigmask(SIG_UNBLOCK, &self, NULL);
	}
	if (action->sa_flags & SA_SIGINFO)
		action->sa_sigaction(sig, info, context);
	else
		action->sa_handler(sig);
}

static void pass_on(int sig, siginfo_t *info, void *context)
{
	struct sigaction *last = &former[index_of(sig)], action = *last;

	if (action.sa_flags & (int)SA_RESETHAND)
		last->sa_handler = SIG_DFL;
	if (action.sa_flags & SA_SIGINFO && action.sa_sigaction)
		call_former(sig, info, context, &action);
	else if (action.sa_handler == SIG_IGN && info->si_code <= 0)
		;
	else if (action.sa_handler == SIG_DFL || action.sa_handler == SIG_IGN)
		give_up(sig, info);
	else
		call_former(sig, info, context, &action);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	int saved = errno;

	if (info->si_code > 0 && dmem_load_acquire(&set))
		look(info, context);
	errno = saved;
	pass_on(sig, info, context);
}

static bool is_ours(const struct sigaction *action)
{
	return action->sa_flags & SA_SIGINFO &&
	       action->sa_sigaction == on_signal;
}

/* One of two; the host has put its own over it, which may pass on to ours: then
 * ours must not be put over that. */
static int set_one(size_t i, const struct sigaction *action)
{
	struct sigaction now;

	if (sigaction(signals[i], NULL, &now))
		return -errno;
	if (is_ours(&now) || covered[i])
		return 0;
	former[i] = now;
	return sigaction(signals[i], action, NULL) ? -errno : 0;
}

int dmem_trap_set(void)
{
	struct sigaction action;
	int saved = errno, err = 0;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_signal;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(signals) && !err; i++)
		err = set_one(i, &action);
	errno = saved;
	dmem_store_release(&set, !err);
	return err;
}

void dmem_trap_clear(void)
{
	struct sigaction now;
	int saved = errno;

	dmem_store_release(&set, false);
	for (size_t i = 0; i < DMEM_ARRAY_SIZE(signals); i++) {
		if (sigaction(signals[i], NULL, &now))
			continue;
		covered[i] = !is_ours(&now);
		if (!covered[i])
			sigaction(signals[i], &former[i], NULL);
	}
	errno = saved;
}

bool dmem_trap_is_first(void)
{
	struct sigaction now;
	int saved = errno;
	bool first;

	first = !sigaction(signals[0], NULL, &now) && is_ours(&now);
	errno = saved;
	return first;
}
