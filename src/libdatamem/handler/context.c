/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/* The current handler of a thread, and contexts. */
#include "context.h"

#include "records.h"
#include "registry.h"

/*
 * One word decides who may touch the rest of a context: only the thread that
 * took it from IDLE to ENTERED, until it puts it back.
 */
enum context_state { CONTEXT_IDLE, CONTEXT_ENTERED, CONTEXT_FREED };

struct datamem_context {
	struct datamem_context *outer;          /* the one entered before */
	const struct datamem_handler *handler;  /* NULL: the process-wide one */
	int state;                              /* atomic, enum context_state */
};

struct record {
	struct datamem_context *innermost;
	const struct datamem_handler *handler;  /* NULL: the process-wide one */
};

static struct dmem_records records =
	DMEM_RECORDS_INIT(struct record, CONTEXT_RECORDS);
static struct dmem_records contexts =
	DMEM_RECORDS_INIT(struct datamem_context, CONTEXTS);
static pthread_key_t key;
static bool have_key;  /* constant after init */

static struct record *own_record(void)
{
	return have_key ? pthread_getspecific(key) : NULL;
}

static struct record *make_record(void)
{
	struct record *record = own_record();

	if (record || !have_key)
		return record;
	record = dmem_records_get(&records);
	if (record && pthread_setspecific(key, record)) {
		dmem_records_put(&records, record);
		record = NULL;
	}
	return record;
}

/* Where the current handler of this thread is noted. */
static const struct datamem_handler **current_slot(struct record *record)
{
	return record->innermost ? &record->innermost->handler :
				   &record->handler;
}

const struct datamem_handler *dmem_context_current(void)
{
	struct record *record = own_record();
	const struct datamem_handler *handler = NULL;

	if (record)
		handler = *current_slot(record);
	return handler ? handler : dmem_registry_process_wide();
}

const struct datamem_handler *datamem_handler_get(void)
{
	dmem_library_init();
	return dmem_context_current();
}

const struct datamem_handler *datamem_handler_set(
	const struct datamem_handler *handler)
{
	const struct datamem_handler *previous, **slot;
	struct record *record;

	dmem_library_init();
	if (handler && !dmem_registry_valid(handler)) {
		errno = EINVAL;
		return NULL;
	}
	previous = dmem_context_current();
	if (!handler && !own_record())
		return previous;
	record = make_record();
	if (!record || (handler && dmem_registry_use(handler))) {
		errno = ENOMEM;
		return NULL;
	}
	slot = current_slot(record);
	if (*slot)
		dmem_registry_unuse(*slot);
	*slot = handler;
	return previous;
}

static void destroy(struct datamem_context *context)
{
	if (context->handler)
		dmem_registry_unuse(context->handler);
	dmem_records_put(&contexts, context);
}

static void leave_innermost(struct record *record)
{
	struct datamem_context *context = record->innermost;
	int state = CONTEXT_ENTERED;

	record->innermost = context->outer;
	context->outer = NULL;
	if (!__atomic_compare_exchange_n(&context->state, &state, CONTEXT_IDLE,
					 false, __ATOMIC_RELEASE,
					 __ATOMIC_ACQUIRE))
		destroy(context);
}

/* Runs as often as other destructors make the thread a new record. */
static void thread_exits(void *arg)
{
	struct record *record = arg;

	while (record->innermost)
		leave_innermost(record);
	if (record->handler)
		dmem_registry_unuse(record->handler);
	dmem_records_put(&records, record);
}

/* handler NULL: the process-wide one. */
static struct datamem_context *make(const struct datamem_handler *handler)
{
	struct datamem_context *context = dmem_records_get(&contexts);

	if (!context) {
		errno = ENOMEM;
		return NULL;
	}
	if (handler && dmem_registry_use(handler)) {
		dmem_records_put(&contexts, context);
		errno = ENOMEM;
		return NULL;
	}
	context->handler = handler;
	/* Publishes the handler to threads that enter or free it. */
	dmem_store_release(&context->state, CONTEXT_IDLE);
	return context;
}

struct datamem_context *datamem_context_copy(void)
{
	dmem_library_init();
	return make(dmem_context_current());
}

struct datamem_context *datamem_context_new(
	const struct datamem_handler *handler)
{
	dmem_library_init();
	if (handler && !dmem_registry_valid(handler)) {
		errno = EINVAL;
		return NULL;
	}
	return make(handler);
}

int datamem_context_enter(struct datamem_context *context)
{
	int state = CONTEXT_IDLE;
	struct record *record;

	dmem_library_init();
	if (!context)
		return -EINVAL;
	record = make_record();
	if (!record)
		return -ENOMEM;
	if (!__atomic_compare_exchange_n(&context->state, &state,
					 CONTEXT_ENTERED, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return state == CONTEXT_FREED ? -EINVAL : -EBUSY;
	context->outer = record->innermost;
	record->innermost = context;
	return 0;
}

int datamem_context_leave(struct datamem_context *context)
{
	struct record *record;

	dmem_library_init();
	record = own_record();
	if (!context || !record || record->innermost != context)
		return -EINVAL;
	leave_innermost(record);
	return 0;
}

static bool entered_here(const struct record *record,
			 const struct datamem_context *context)
{
	const struct datamem_context *c = record->innermost;

	while (c && c != context)
		c = c->outer;
	return c;
}

int datamem_context_run(struct datamem_context *context,
			void (*run)(void *arg), void *arg)
{
	struct record *record;
	int ret;

	if (!run)
		return -EINVAL;
	ret = datamem_context_enter(context);
	if (ret)
		return ret;
	dmem_host_call("a function that runs in a context");
	run(arg);
	/* It may have left the context, or not those that it entered. */
	record = own_record();
	while (record && entered_here(record, context))
		leave_innermost(record);
	return 0;
}

void datamem_context_free(struct datamem_context *context)
{
	int state;

	dmem_library_init();
	if (!context)
		return;
	/* An idle one is taken, so that nobody can enter it any more. */
	state = __atomic_exchange_n(&context->state, CONTEXT_FREED,
				    __ATOMIC_ACQ_REL);
	if (state == CONTEXT_IDLE)
		destroy(context);
}

void dmem_context_init(void)
{
	if (!have_key)
		have_key = !pthread_key_create(&key, thread_exits);
}

size_t dmem_context_meta_bytes(void)
{
	return dmem_load(&records.mapped) + dmem_load(&contexts.mapped);
}

void dmem_context_fork_prepare(void)
{
	dmem_lock(&records.lock);
	dmem_lock(&contexts.lock);
}

void dmem_context_fork_parent(void)
{
	dmem_unlock(&contexts.lock);
	dmem_unlock(&records.lock);
}
