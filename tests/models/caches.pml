/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * How a thread's cache of freed blocks is emptied by others, survives fork(2)
 * and ends with its thread: src/libdatamem/cache/, in the language of spin(1).
 * All interleavings of a thread that calls malloc and free with, as one asks by
 * -D, TRIMS that trim, a REACH that looks at all caches, a FORK, and the NEXT
 * thread that has the record after it, on a machine that delays a thread's
 * stores and lets them pass each other.
 *
 * Shown: no block is handed out twice, or is free and in a bin; nobody waits for
 * ever; a child finds bins that are whole; a thread that is gone leaves nothing.
 *
 * Names are those of the code. What the model takes for granted of it has a
 * comment "caches.pml, An" there:
 *
 *   A1  The fast path stores busy=1, loads `bins` and what is behind it, stores
 *       slot and top, and then busy=0 with release. The processor may do the
 *       loads before others see busy=1.                          cache.h
 *   A2  membarrier(2): what others stored before is seen by the caller, and what
 *       the caller stored before is seen by others from then on. It may fail,
 *       too.                                            kernel/threads.c
 *   A3  Who writes the word `bins`, or what is behind closed bins, holds the
 *       cache's lock; who finds a record in a list holds the list's. The next
 *       holder sees what the last one stored.            cache/threads.c
 *   A4  The thread that forks holds both. The child has the stores of the others
 *       up to some point of each.                         cache/groups.c
 *   A5  A thread whose number the kernel does not know stores nothing any
 *       more.                                               cache/gone.c
 *
 * With one of these defined there is a mistake, which spin has to find:
 *
 *   NO_BARRIER         the owner is waited for without membarrier(2)
 *   NO_WAIT            `busy` is not looked at
 *   CLOSED_IS_ENOUGH   closed bins count as bins without an owner
 *   NO_MARK            the second walk empties what was opened meanwhile
 *   EARLY_BUSY         busy=0 is stored without release
 *   UNLOCKED_FORK      fork(2) does not wait for the cache
 *   LATE_FREE          a thread that has left frees into its cache
 */

#ifndef CALLS
#define CALLS 3                 /* to malloc or free, of a thread */
#endif
#ifndef TRIMS
#define TRIMS 1
#endif
#define BLOCKS 2

/* Words of the record that the fast path stores, as others see them. */
#define BUSY 0
#define TOP 1
#define SLOT 2                  /* and the next */
byte mem[4];

/* Words that are written under a lock. */
bool own_bins;                  /* `bins` is the own ones, not the closed */
bool open;                      /* thread->open */
byte drain;                     /* thread->drain */
bool in_list;                   /* of caches with an owner */
byte registry, lock;            /* held by nobody (0), or by whom */

/* Where each block is, as the program has it; numbers begin at 1. */
mtype = { FREE, CACHED, LIVE };
mtype block[BLOCKS + 1] = FREE;

bool alive;                     /* the kernel knows the owner's number */
bool frozen;                    /* in a child, where only the forker is left */
byte begun, done;

/* The owner's stores that others do not see yet, the oldest first. */
chan buffer = [8] of { byte, byte };
byte pending[4], latest[4];

/* A child's world has no other threads. */
#ifdef FORK
#define STOPS provided (!frozen)
#else
#define STOPS
#endif

#define acquire(l, me) atomic { l == 0 -> l = me }
#define release(l) l = 0

inline store(where, what)
{
	atomic {
		buffer ! where, what;
		latest[where] = what;
		pending[where]++
	}
}

/* A thread sees its own stores at once. */
#define load(where) (pending[where] -> latest[where] : mem[where])

#define commit() mem[w] = v; pending[w]--; \
	latest[w] = (pending[w] -> latest[w] : 0); w = 0; v = 0

/* Everybody sees all of them. */
inline fence()
{
	atomic {
		do
		:: buffer ? w, v -> commit()
		:: empty(buffer) -> break
		od
	}
}

/* Each store of a word after the one before, busy=0 after all before. */
active proctype Memory() STOPS
{
	byte w, v;

end:	do
	:: atomic { buffer ?? TOP, v -> w = TOP; commit() }
	:: atomic { buffer ?? SLOT, v -> w = SLOT; commit() }
	:: atomic { buffer ?? eval(SLOT + 1), v -> w = SLOT + 1; commit() }
#ifdef EARLY_BUSY
	:: atomic { buffer ?? BUSY, v -> w = BUSY; commit() }
#else
	:: atomic { buffer ? BUSY, v -> w = BUSY; commit() }
#endif
	od
}

/* dmem_threads_empty(), by who has the bins for his own; not in one go. */
inline empty_bins()
{
	t = mem[TOP];
	i = 0;
	do
	:: i < t ->
		atomic {
			b = mem[SLOT + i];
			assert(b && block[b] == CACHED);
			block[b] = FREE;
			i++
		}
	:: else -> break
	od;
	atomic { mem[TOP] = 0; i = 0; t = 0; b = 0 }
}

/* dmem_threads_open(), with the lock held. */
inline open_bins()
{
	if
	:: drain -> drain = 0; empty_bins()
	:: else
	fi;
	atomic { open = true; own_bins = true }
}

inline take_free()
{
	atomic {
		if
		:: block[1] == FREE -> b = 1
		:: block[1] != FREE && block[2] == FREE -> b = 2
		:: else -> b = 0
		fi
	}
}

/* dmem_cache_refill() */
inline refill()
{
	acquire(lock, _pid);
	fence();
	open_bins();
	t = mem[TOP];
	if
	:: t ->
		atomic {
			got = mem[SLOT + t - 1];
			mem[TOP] = t - 1;
			assert(block[got] == CACHED);
			block[got] = LIVE
		}
	:: else ->
		take_free();
		atomic {
			got = b;
			if
			:: got -> block[got] = LIVE
			:: else
			fi
		}
		take_free();
		atomic {
			if
			:: b -> mem[SLOT] = b; block[b] = CACHED; mem[TOP] = 1
			:: else
			fi;
			b = 0
		}
	fi;
	t = 0;
	release(lock)
}

/* dmem_cache_pop() */
inline pop()
{
	store(BUSY, 1);
	if
	:: own_bins ->
		t = load(TOP);
		if
		:: t ->
			got = load(SLOT + t - 1);
			atomic {
				assert(block[got] == CACHED);
				block[got] = LIVE;
				store(TOP, t - 1)
			}
		:: else
		fi
	:: else
	fi;
	t = 0;
	store(BUSY, 0);
	if
	:: !got -> refill()
	:: else
	fi;
	have[got] = got != 0;
	got = 0
}

/* dmem_cache_push(), else dmem_cache_flush() */
inline push(which)
{
	have[which] = false;
	store(BUSY, 1);
	if
	:: own_bins ->
		t = load(TOP);
		if
		:: t < BLOCKS ->
			store(SLOT + t, which);
			atomic {
				assert(block[which] == LIVE);
				block[which] = CACHED;
				store(TOP, t + 1)
			}
			got = 1
		:: else
		fi
	:: else
	fi;
	t = 0;
	store(BUSY, 0);
	if
	:: got -> got = 0
	:: else ->
		acquire(lock, _pid);
		fence();
		open_bins();
		atomic {
			t = mem[TOP];
			assert(t < BLOCKS && block[which] == LIVE);
			mem[SLOT + t] = which;
			block[which] = CACHED;
			mem[TOP] = t + 1;
			t = 0
		}
		release(lock)
	fi
}

/* leave(): the destructor of the thread's key */
inline leave()
{
	acquire(lock, _pid);
	fence();
	own_bins = false;
	open = false;
	empty_bins();
	release(lock);
	acquire(registry, _pid);
	in_list = false;
	release(registry)
}

proctype Owner(byte calls) STOPS
{
	byte t, i, b, got, w, v;
	bool have[BLOCKS + 1];

	/* A record that another thread has is not this one's. */
	acquire(registry, _pid);
	if
	:: in_list -> release(registry); goto out
	:: else
	fi;
	atomic { in_list = true; alive = true; release(registry) }
	do
	:: calls -> calls--; pop()
	:: calls && have[1] -> calls--; push(1)
	:: calls && have[2] -> calls--; push(2)
	:: !calls -> break
	od;
	if
	:: leave();
#ifdef LATE_FREE
		if
		:: have[1] -> push(1)
		:: else
		fi
#endif
	/* Its first use was in its last destructor: nobody is told. */
	:: fence(); alive = false
	fi;
out:	done++
}

/* dmem_threads_let_go(), with the lock held; may give up. */
inline let_go()
{
	if
	:: !open -> ours = true
	:: open && barrier ->
		if
#ifdef NO_WAIT
		:: ours = true
#else
		:: mem[BUSY] == 0 -> ours = true
#endif
		:: ours = false
		fi
	:: else -> ours = false
	fi
}

inline membarrier()
{
	if
#ifdef NO_BARRIER
	:: barrier = true
#else
	:: fence(); barrier = true
#endif
	:: barrier = false
	fi
}

/* take_over(): of an owner that is gone. */
inline take_over()
{
	own_bins = false;
	mem[BUSY] = 0;
	open = false;
	empty_bins();
	in_list = false
}

/* dmem_drain_all(), and what dmem_cache_trim() does after it */
proctype Trim() STOPS
{
	byte t, i, b, w, v;
	bool barrier, ours;

	acquire(registry, _pid);
	if
	:: in_list ->
		acquire(lock, _pid);
		own_bins = false;
		drain = _pid;
		release(lock)
	:: else
	fi;
	release(registry);
	membarrier();
	acquire(registry, _pid);
	if
	:: in_list ->
		acquire(lock, _pid);
#ifdef NO_MARK
		let_go();
#else
		if
		:: drain == _pid -> let_go()
		:: else
		fi;
#endif
		if
		:: ours -> open = false; drain = 0; empty_bins()
		:: else
		fi;
		release(lock)
	:: else
	fi;
	if
	:: in_list && !alive && lock == 0 ->
		acquire(lock, _pid);
		take_over();
		release(lock)
	:: else
	fi;
	release(registry);
	done++
}

/* dmem_threads_reach(), which needs the bins whole. */
proctype Reach() STOPS
{
	byte w, v;
	bool barrier, ours, was_own;

	acquire(registry, _pid);
	if
	:: in_list ->
		acquire(lock, _pid);
		was_own = own_bins;
		own_bins = false;
		membarrier();
		let_go();
#ifdef CLOSED_IS_ENOUGH
		ours = ours || !was_own;
#endif
		if
		:: ours ->
			assert(mem[TOP] == (block[1] == CACHED) +
					   (block[2] == CACHED));
			assert(mem[TOP] < 1 || block[mem[SLOT]] == CACHED);
			assert(mem[TOP] < 2 || block[mem[SLOT + 1]] == CACHED);
			own_bins = was_own
		:: else
		fi;
		release(lock)
	:: else
	fi;
	release(registry);
	done++
}

/* dmem_cache_fork_prepare(), and what dmem_gone_inherit() finds in the child */
proctype Fork()
{
	byte b, w, v;

	acquire(registry, _pid);
#ifndef UNLOCKED_FORK
	acquire(lock, _pid);
#endif
	if
	:: true
	:: atomic {
		frozen = true;
		fence()
	   }
#ifdef UNLOCKED_FORK
	   acquire(lock, _pid);
#endif
	   assert(mem[TOP] <= BLOCKS);
	   b = mem[SLOT];
	   assert(mem[TOP] < 1 || (b && block[b] != FREE));
	   assert(mem[TOP] < 2 || (mem[SLOT + 1] && mem[SLOT + 1] != b &&
				   block[mem[SLOT + 1]] != FREE))
	fi;
	release(lock);
	release(registry);
	done++
}

#define begin(process) run process; begun++

init
{
	atomic {
		begin(Owner(CALLS));
#ifdef NEXT
		begin(Owner(CALLS));
#endif
#if TRIMS > 0
		begin(Trim());
#endif
#if TRIMS > 1
		begin(Trim());
#endif
#ifdef REACH
		begin(Reach());
#endif
#ifdef FORK
		begin(Fork())
#endif
	}
	/* Nothing goes on any more. */
	timeout;
	assert(registry == 0 && lock == 0);
	assert(frozen || done == begun);
	assert(frozen || in_list ||
	       (block[1] != CACHED && block[2] != CACHED))
}
