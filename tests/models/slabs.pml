/* SPDX-License-Identifier: BSD-3-Clause */
/* Copyright (C) 2026 The libdatamem authors */

/*
 * How a slab comes to a class and leaves it beside those who look at it:
 * src/libdatamem/slab/, in the language of spin(1). All interleavings of two
 * threads that take and give blocks of a class each, of which only one can have
 * the slab, of one that opens (gives whole free pages back) and, as one asks by
 * -DLIVE, one that goes through the blocks in use. With -DAGAIN the two free
 * blocks again that they have freed.
 *
 * Shown: no page of a block in use is given back; nothing but blocks in use is
 * visited; no block is handed out twice; no slab is ended of which blocks are
 * held.
 *
 * Names are those of the code. What the model takes for granted of it has a
 * comment "slabs.pml, An" there:
 *
 *   A1  A record's counts and bits are written with the class locked whose slab
 *       it is, and a slab comes to a class and leaves it with that locked.
 *                                                            slab/central.h
 *   A2  What is held is in no list, and its blocks look used. Who takes such for
 *       blocks in use locks opening out.                       slab/live.c
 *   A3  Whoever asks whether a block is free, with the class locked, is told so of
 *       one that is held.                                      slab/open.h
 *
 * With one of these defined there is a mistake, which spin has to find:
 *
 *   KEEPS_CLASS        an empty slab has its class until it is another's
 *   EARLY_LOOK         whose slab it is is asked before the class is locked
 *   UNLOCKED_OPENING   blocks in use are visited while some are held
 *   HELD_LOOKS_USED    with AGAIN: a block that is held can be freed again
 */

#define BLOCKS 2                /* a page each */
#ifndef TURNS
#define TURNS 2
#endif

byte class_lock[3], spans_lock, opening;
bool span_free = true;
byte classes;                   /* dmem_window.classes[] of the span */

/* The record. */
byte cls, nfree;
bool is_free[BLOCKS];

bool partial[3];                /* the slab is in the list of a class */
bool used[BLOCKS];              /* by the program */

/* Of the slab that is opened; the class's. */
bool is_held;                   /* dmem_slab.held */
bool held[BLOCKS];

#define acquire(l) atomic { l == 0 -> l = 1 }
#define release(l) l = 0

/* retire(), with the class locked */
inline retire(c)
{
	assert(!is_held);
	partial[c] = false;
#ifndef KEEPS_CLASS
	cls = 0
#endif
}

inline spans_give()
{
	acquire(spans_lock);
	classes = 0;
	span_free = true;
	release(spans_lock)
}

/* dmem_slab_is_of(); with the mistake there was one more question. */
#ifdef KEEPS_CLASS
#define is_of(c) (c && cls == c && classes == c)
#else
#define is_of(c) (c && cls == c)
#endif

/* new_slab() */
inline new_slab(c)
{
	acquire(spans_lock);
	if
	:: span_free ->
		span_free = false;
		cls = c;
		classes = c;
		release(spans_lock);
		nfree = BLOCKS;
		is_free[0] = true;
		is_free[1] = true;
		partial[c] = true
	:: else -> release(spans_lock)
	fi
}

/* take_from(): number b of the blocks, BLOCKS if there is none */
inline take(c)
{
	acquire(class_lock[c]);
	if
	:: partial[c]
	:: else -> new_slab(c)
	fi;
	b = BLOCKS;
	if
	:: partial[c] ->
		if
		:: is_free[0] -> b = 0
		:: is_free[1] -> b = 1
		fi;
		assert(!used[b] && !(is_held && held[b]));
		atomic { is_free[b] = false; used[b] = true; have[b] = true }
		nfree--;
		if
		:: nfree == 0 -> partial[c] = false
		:: else
		fi
	:: else
	fi;
	release(class_lock[c])
}

/* put(), and what it leaves to return_slabs() */
inline put(c, which)
{
	acquire(class_lock[c]);
	atomic {
		assert(!is_free[which]);
		is_free[which] = true;
		used[which] = false;
		have[which] = false
	}
	if
	:: nfree == 0 -> partial[c] = true
	:: else
	fi;
	nfree++;
	if
	:: nfree == BLOCKS ->
		retire(c);
		release(class_lock[c]);
		spans_give()
	:: else -> release(class_lock[c])
	fi
}

/* dmem_slab_open_holds() */
#ifdef HELD_LOOKS_USED
#define holds(which) false
#else
#define holds(which) (is_held && held[which])
#endif

/* put() of a block that the thread does not have. */
inline put_again(c, which)
{
	acquire(class_lock[c]);
	if
	:: !is_of(c) || is_free[which] || holds(which) ->
		release(class_lock[c])
	:: else ->
		is_free[which] = true;
		if
		:: nfree == 0 -> partial[c] = true
		:: else
		fi;
		nfree++;
		if
		:: nfree == BLOCKS ->
			retire(c);
			release(class_lock[c]);
			spans_give()
		:: else -> release(class_lock[c])
		fi
	fi
}

proctype User(byte c)
{
	byte b, turns = TURNS;
	bool have[BLOCKS];
#ifdef AGAIN
	bool again = true;
#endif

	do
	:: turns -> turns--; take(c)
	:: have[0] -> put(c, 0)
	:: have[1] -> put(c, 1)
#ifdef AGAIN
	:: again && !have[0] -> again = false; put_again(c, 0)
#endif
	:: !turns && !have[0] && !have[1] -> break
	od
}

/* hold(), discard, unhold() */
proctype Opener()
{
	byte c, more;
	bool part;

	acquire(opening);
	c = cls;
#ifdef EARLY_LOOK
	part = is_of(c);
	acquire(class_lock[c]);
#else
	acquire(class_lock[c]);
	part = is_of(c);
#endif
	if
	:: part && nfree > 0 -> part = nfree < BLOCKS
	:: else -> part = false
	fi;
	if
	:: !part -> release(class_lock[c])
	:: else ->
		held[0] = is_free[0];
		held[1] = is_free[1];
		is_free[0] = false;
		is_free[1] = false;
		partial[c] = false;
		nfree = 0;
		is_held = true;
		release(class_lock[c]);
		assert(!(held[0] && used[0]) && !(held[1] && used[1]));
		acquire(class_lock[c]);
		is_held = false;
		more = held[0] + held[1];
		if
		:: held[0] -> is_free[0] = true
		:: else
		fi;
		if
		:: held[1] -> is_free[1] = true
		:: else
		fi;
		if
		:: nfree == 0 && more -> partial[c] = true
		:: else
		fi;
		nfree = nfree + more;
		if
		:: nfree == BLOCKS ->
			retire(c);
			release(class_lock[c]);
			spans_give()
		:: else -> release(class_lock[c])
		fi
	fi;
	release(opening)
}

/* visit_slab() */
proctype Live()
{
	byte c;

	c = classes;
#ifndef UNLOCKED_OPENING
	acquire(opening);
#endif
	acquire(class_lock[c]);
	if
	:: is_of(c) ->
		atomic { assert(is_free[0] || used[0]) }
		atomic { assert(is_free[1] || used[1]) }
	:: else
	fi;
	release(class_lock[c]);
#ifndef UNLOCKED_OPENING
	release(opening)
#endif
}

init {
	atomic {
		run User(1);
		run User(2);
		run Opener();
#ifdef LIVE
		run Live()
#endif
	}
}
