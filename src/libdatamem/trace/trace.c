/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* Tickets, the hook, and the switch of accounts; the table is in ledger.c. */
#include "trace.h"

#include "live.h"
#include "stats.h"
#include "ledger.h"

/* Held over start and stop as a whole, outside the locks of the ledger. */
static struct dmem_lock switch_lock = DMEM_LOCK_INIT(ACCOUNTS);
static void (*watcher)(bool on);
static void (*settler)(void);

/* A thread inside the hook; on its stack. */
struct visitor {
	pthread_t thread;
	struct visitor *next;
};
static struct dmem_lock hook_lock = DMEM_LOCK_INIT(HOOK);
static datamem_trace_hook hook_fn; /* read without the lock only for NULL */
static void *hook_arg;
static struct visitor *visitors;

static void leave_hook(void *arg)
{
	struct visitor *self = arg, **link = &visitors;

	dmem_lock(&hook_lock);
	while (*link != self)
		link = &(*link)->next;
	*link = self->next;
	dmem_unlock(&hook_lock);
}

/*
 * A list of the threads inside the hook stands for a thread-local flag: it
 * needs neither TLS nor the C library's heap, and it is short.
 */
static void tell_hook(int event, unsigned int domain, const void *old_ptr,
		      const void *new_ptr, size_t nbytes)
{
	struct visitor self = { .thread = pthread_self() }, *other;
	datamem_trace_hook fn;
	int saved = errno;
	void *arg;

	dmem_host_call("the hook of accounts");
	if (dmem_likely(!dmem_load(&hook_fn)))
		return;
	dmem_lock(&hook_lock);
	fn = hook_fn;
	arg = hook_arg;
	for (other = visitors; other && fn; other = other->next)
		if (pthread_equal(other->thread, self.thread))
			fn = NULL;
	if (fn) {
		self.next = visitors;
		visitors = &self;
	}
	dmem_unlock(&hook_lock);
	if (!fn)
		return;
	/* A hook that is cancelled must not leave its stack in the list. */
	pthread_cleanup_push(leave_hook, &self);
	fn(arg, event, domain, old_ptr, new_ptr, nbytes);
	pthread_cleanup_pop(1);
	/* The call that it was told of has succeeded. */
	errno = saved;
}

int datamem_trace_set_hook(datamem_trace_hook hook, void *arg)
{
	dmem_lock(&hook_lock);
	dmem_store(&hook_fn, hook);
	hook_arg = arg;
	dmem_unlock(&hook_lock);
	return 0;
}

int dmem_trace_begin(struct dmem_trace_ticket *ticket, unsigned int domain,
		     const void *old_ptr)
{
	return dmem_ledger_begin(ticket, domain, old_ptr);
}

void dmem_trace_commit(struct dmem_trace_ticket *ticket, const void *ptr,
		       size_t nbytes)
{
	if (!ticket->entry || dmem_ledger_enter(ticket, ptr, nbytes) < 0)
		return;
	tell_hook(ticket->old_ptr ? DATAMEM_TRACE_RESIZE : DATAMEM_TRACE_ALLOC,
		  ticket->domain, ticket->old_ptr, ptr, nbytes);
}

void dmem_trace_cancel(struct dmem_trace_ticket *ticket)
{
	if (ticket->entry)
		dmem_ledger_restore(ticket);
}

void dmem_trace_free(unsigned int domain, const void *ptr)
{
	size_t nbytes = 0;

	if (!dmem_trace_on() || !ptr)
		return;
	dmem_ledger_forget(domain, ptr, &nbytes);
	tell_hook(DATAMEM_TRACE_FREE, domain, ptr, NULL, nbytes);
}

int datamem_trace_track(unsigned int domain, const void *ptr, size_t nbytes)
{
	struct dmem_trace_ticket ticket;
	int err;

	if (!ptr || nbytes > DMEM_SIZE_MAX)
		return -EINVAL;
	err = dmem_trace_begin(&ticket, domain, NULL);
	if (err || !ticket.entry)
		return err;
	err = dmem_ledger_enter(&ticket, ptr, nbytes);
	if (err >= 0)
		tell_hook(err ? DATAMEM_TRACE_RESIZE : DATAMEM_TRACE_ALLOC,
			  domain, err ? ptr : NULL, ptr, nbytes);
	return 0;
}

int datamem_trace_untrack(unsigned int domain, const void *ptr)
{
	size_t nbytes;

	if (!dmem_trace_on() || !ptr ||
	    !dmem_ledger_forget(domain, ptr, &nbytes))
		return -ENOENT;
	tell_hook(DATAMEM_TRACE_FREE, domain, ptr, NULL, nbytes);
	return 0;
}

int datamem_trace_totals_get(unsigned int domain,
			     struct datamem_trace_totals *out, size_t out_size)
{
	struct datamem_trace_totals totals;

	if (!out || !out_size)
		return -EINVAL;
	dmem_ledger_totals(domain, &totals);
	dmem_struct_copy(out, out_size, &totals, sizeof(totals));
	return 0;
}

void dmem_trace_watch(void (*toggled)(bool on), void (*settle)(void))
{
	dmem_store_release(&settler, settle);
	dmem_store_release(&watcher, toggled);
}

static void tell_watcher(bool on)
{
	void (*toggled)(bool on) = dmem_load_acquire(&watcher);

	dmem_live_store(accounts, on);
	if (toggled)
		toggled(on);
}

/* Tell the host's functions what was found while caches were emptied. */
static void settle(void)
{
	void (*act)(void) = dmem_load_acquire(&settler);

	if (act)
		act();
}

static void collect(struct datamem_stats *stats)
{
	stats->meta_bytes += dmem_ledger_mapped();
}

int datamem_trace_start(void)
{
	static bool collecting;
	int err = 0;

	dmem_library_init();
	dmem_lock(&switch_lock);
	if (dmem_trace_on())
		goto out;
	err = dmem_ledger_prepare();
	if (err)
		goto out;
	if (!collecting)
		dmem_stats_collect(collect);
	collecting = true;
	tell_watcher(true);
	dmem_ledger_open();
out:
	dmem_unlock(&switch_lock);
	settle();
	return err;
}

void datamem_trace_stop(void)
{
	dmem_library_init();
	dmem_lock(&switch_lock);
	if (dmem_trace_on()) {
		dmem_ledger_close();
		tell_watcher(false);
	}
	dmem_unlock(&switch_lock);
	settle();
}

void dmem_trace_fork_prepare(void)
{
	dmem_lock(&switch_lock);
	dmem_ledger_lock();
	dmem_lock(&hook_lock);
}

void dmem_trace_fork_parent(void)
{
	dmem_unlock(&hook_lock);
	dmem_ledger_unlock();
	dmem_unlock(&switch_lock);
}

void dmem_trace_fork_child(void)
{
	struct visitor *visitor = visitors;

	/* The other threads are gone, and their stacks may be used again. */
	while (visitor && !pthread_equal(visitor->thread, pthread_self()))
		visitor = visitor->next;
	visitors = visitor;
	if (visitor)
		visitor->next = NULL;
	dmem_trace_fork_parent();
}
