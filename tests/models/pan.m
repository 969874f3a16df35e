#define rand	pan_rand
#define pthread_equal(a,b)	((a)==(b))
#if defined(HAS_CODE) && defined(VERBOSE)
	#ifdef BFS_PAR
		bfs_printf("Pr: %d Tr: %d\n", II, t->forw);
	#else
		cpu_printf("Pr: %d Tr: %d\n", II, t->forw);
	#endif
#endif
	switch (t->forw) {
	default: Uerror("bad forward move");
	case 0:	/* if without executable clauses */
		continue;
	case 1: /* generic 'goto' or 'skip' */
		IfNotBlocked
		_m = 3; goto P999;
	case 2: /* generic 'else' */
		IfNotBlocked
		if (trpt->o_pm&1) continue;
		_m = 3; goto P999;

		 /* PROC :init: */
	case 3: // STATE 1 - caches.pml:462 - [(run Owner(3))] (0:0:0 - 0)
		IfNotBlocked
		reached[5][1] = 1;
		if (!(addproc(II, 1, 1, 3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 4: // STATE 2 - caches.pml:463 - [(run Owner(2))] (0:0:0 - 0)
		IfNotBlocked
		reached[5][2] = 1;
		if (!(addproc(II, 1, 1, 2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 5: // STATE 3 - caches.pml:464 - [(run Trim())] (0:0:0 - 0)
		IfNotBlocked
		reached[5][3] = 1;
		if (!(addproc(II, 1, 2, 0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 6: // STATE 4 - caches.pml:465 - [(run Trim())] (0:0:0 - 0)
		IfNotBlocked
		reached[5][4] = 1;
		if (!(addproc(II, 1, 2, 0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 7: // STATE 5 - caches.pml:466 - [(run Reach())] (0:0:0 - 0)
		IfNotBlocked
		reached[5][5] = 1;
		if (!(addproc(II, 1, 3, 0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 8: // STATE 6 - caches.pml:467 - [(run Fork())] (0:0:0 - 0)
		IfNotBlocked
		reached[5][6] = 1;
		if (!(addproc(II, 1, 4, 0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 9: // STATE 8 - caches.pml:470 - [(timeout)] (0:0:0 - 0)
		IfNotBlocked
		reached[5][8] = 1;
		if (!(((trpt->tau)&1)))
			continue;
		_m = 1; goto P999; /* 0 */
	case 10: // STATE 9 - caches.pml:471 - [assert(((registry==0)&&(lock==0)))] (0:0:0 - 0)
		IfNotBlocked
		reached[5][9] = 1;
		spin_assert(((((int)now.registry)==0)&&(((int)now.lock)==0)), "((registry==0)&&(lock==0))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 11: // STATE 10 - caches.pml:472 - [assert((frozen||(done==6)))] (0:0:0 - 0)
		IfNotBlocked
		reached[5][10] = 1;
		spin_assert((((int)now.frozen)||(((int)now.done)==6)), "(frozen||(done==6))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 12: // STATE 11 - caches.pml:474 - [assert(((frozen||in_list)||((block[1]!=CACHED)&&(block[2]!=CACHED))))] (0:0:0 - 0)
		IfNotBlocked
		reached[5][11] = 1;
		spin_assert(((((int)now.frozen)||((int)now.in_list))||((now.block[1]!=2)&&(now.block[2]!=2))), "((frozen||in_list)||((block[1]!=2)&&(block[2]!=2)))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 13: // STATE 12 - caches.pml:475 - [-end-] (0:0:0 - 0)
		IfNotBlocked
		reached[5][12] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */

		 /* PROC Fork */
	case 14: // STATE 1 - caches.pml:435 - [((registry==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[4][1] = 1;
		if (!((((int)now.registry)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 15: // STATE 2 - caches.pml:435 - [registry = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[4][2] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = ((int)((P4 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 16: // STATE 3 - caches.pml:437 - [((lock==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[4][3] = 1;
		if (!((((int)now.lock)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 17: // STATE 4 - caches.pml:437 - [lock = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[4][4] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = ((int)((P4 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 18: // STATE 6 - caches.pml:442 - [frozen = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[4][6] = 1;
		(trpt+1)->bup.oval = ((int)now.frozen);
		now.frozen = 1;
#ifdef VAR_RANGES
		logval("frozen", ((int)now.frozen));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 19: // STATE 7 - caches.pml:95 - [buffer?w,v] (0:0:2 - 0)
		reached[4][7] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P4 *)_this)->w);
		(trpt+1)->bup.ovals[1] = ((int)((P4 *)_this)->v);
		;
		((P4 *)_this)->w = qrecv(now.buffer, XX-1, 0, 0);
#ifdef VAR_RANGES
		logval("Fork:w", ((int)((P4 *)_this)->w));
#endif
		;
		((P4 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Fork:v", ((int)((P4 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", ((int)((P4 *)_this)->w)); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P4 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 20: // STATE 8 - caches.pml:95 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[4][8] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P4 *)_this)->w), 4) ]);
		now.mem[ Index(((P4 *)_this)->w, 4) ] = ((int)((P4 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Fork:w]", ((int)now.mem[ Index(((int)((P4 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 21: // STATE 9 - caches.pml:95 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[4][9] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P4 *)_this)->w), 4) ]);
		now.pending[ Index(((P4 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P4 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Fork:w]", ((int)now.pending[ Index(((int)((P4 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 22: // STATE 10 - caches.pml:95 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[4][10] = 1;
		(trpt+1)->bup.oval = ((int)((P4 *)_this)->w);
		((P4 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Fork:w", ((int)((P4 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 23: // STATE 11 - caches.pml:95 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[4][11] = 1;
		(trpt+1)->bup.oval = ((int)((P4 *)_this)->v);
		((P4 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Fork:v", ((int)((P4 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 24: // STATE 12 - caches.pml:96 - [(empty(buffer))] (0:0:0 - 0)
		IfNotBlocked
		reached[4][12] = 1;
		if (!((q_len(now.buffer)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 25: // STATE 20 - caches.pml:448 - [assert((mem[1]<=2))] (0:0:0 - 0)
		IfNotBlocked
		reached[4][20] = 1;
		spin_assert((((int)now.mem[1])<=2), "(mem[1]<=2)", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 26: // STATE 21 - caches.pml:449 - [b = mem[2]] (0:0:1 - 0)
		IfNotBlocked
		reached[4][21] = 1;
		(trpt+1)->bup.oval = ((int)((P4 *)_this)->b);
		((P4 *)_this)->b = ((int)now.mem[2]);
#ifdef VAR_RANGES
		logval("Fork:b", ((int)((P4 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 27: // STATE 22 - caches.pml:450 - [assert(((mem[1]<1)||(b&&(block[b]!=FREE))))] (0:0:0 - 0)
		IfNotBlocked
		reached[4][22] = 1;
		spin_assert(((((int)now.mem[1])<1)||(((int)((P4 *)_this)->b)&&(now.block[ Index(((int)((P4 *)_this)->b), 3) ]!=3))), "((mem[1]<1)||(b&&(block[b]!=3)))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 28: // STATE 23 - caches.pml:452 - [assert(((mem[1]<2)||((mem[(2+1)]&&(mem[(2+1)]!=b))&&(block[mem[(2+1)]]!=FREE))))] (0:0:0 - 0)
		IfNotBlocked
		reached[4][23] = 1;
		spin_assert(((((int)now.mem[1])<2)||((((int)now.mem[ Index((2+1), 4) ])&&(((int)now.mem[ Index((2+1), 4) ])!=((int)((P4 *)_this)->b)))&&(now.block[ Index(((int)now.mem[ Index((2+1), 4) ]), 3) ]!=3))), "((mem[1]<2)||((mem[(2+1)]&&(mem[(2+1)]!=b))&&(block[mem[(2+1)]]!=3)))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 29: // STATE 26 - caches.pml:454 - [lock = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[4][26] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = 0;
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 30: // STATE 27 - caches.pml:455 - [registry = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[4][27] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = 0;
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 31: // STATE 28 - caches.pml:456 - [done = (done+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[4][28] = 1;
		(trpt+1)->bup.oval = ((int)now.done);
		now.done = (((int)now.done)+1);
#ifdef VAR_RANGES
		logval("done", ((int)now.done));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 32: // STATE 29 - caches.pml:457 - [-end-] (0:0:0 - 0)
		IfNotBlocked
		reached[4][29] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */

		 /* PROC Reach */
	case 33: // STATE 1 - caches.pml:403 - [((registry==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[3][1] = 1;
		if (!((((int)now.registry)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 34: // STATE 2 - caches.pml:403 - [registry = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[3][2] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = ((int)((P3 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 35: // STATE 3 - caches.pml:405 - [(in_list)] (0:0:0 - 0)
		IfNotBlocked
		reached[3][3] = 1;
		if (!(((int)now.in_list)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 36: // STATE 4 - caches.pml:406 - [((lock==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[3][4] = 1;
		if (!((((int)now.lock)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 37: // STATE 5 - caches.pml:406 - [lock = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[3][5] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = ((int)((P3 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 38: // STATE 6 - caches.pml:407 - [was_own = own_bins] (0:0:1 - 0)
		IfNotBlocked
		reached[3][6] = 1;
		(trpt+1)->bup.oval = ((int)((P3 *)_this)->was_own);
		((P3 *)_this)->was_own = ((int)now.own_bins);
#ifdef VAR_RANGES
		logval("Reach:was_own", ((int)((P3 *)_this)->was_own));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 39: // STATE 7 - caches.pml:408 - [own_bins = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[3][7] = 1;
		(trpt+1)->bup.oval = ((int)now.own_bins);
		now.own_bins = 0;
#ifdef VAR_RANGES
		logval("own_bins", ((int)now.own_bins));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 40: // STATE 8 - caches.pml:95 - [buffer?w,v] (0:0:2 - 0)
		reached[3][8] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P3 *)_this)->w);
		(trpt+1)->bup.ovals[1] = ((int)((P3 *)_this)->v);
		;
		((P3 *)_this)->w = qrecv(now.buffer, XX-1, 0, 0);
#ifdef VAR_RANGES
		logval("Reach:w", ((int)((P3 *)_this)->w));
#endif
		;
		((P3 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Reach:v", ((int)((P3 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", ((int)((P3 *)_this)->w)); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P3 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 41: // STATE 9 - caches.pml:95 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[3][9] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P3 *)_this)->w), 4) ]);
		now.mem[ Index(((P3 *)_this)->w, 4) ] = ((int)((P3 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Reach:w]", ((int)now.mem[ Index(((int)((P3 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 42: // STATE 10 - caches.pml:95 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[3][10] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P3 *)_this)->w), 4) ]);
		now.pending[ Index(((P3 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P3 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Reach:w]", ((int)now.pending[ Index(((int)((P3 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 43: // STATE 11 - caches.pml:95 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[3][11] = 1;
		(trpt+1)->bup.oval = ((int)((P3 *)_this)->w);
		((P3 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Reach:w", ((int)((P3 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 44: // STATE 12 - caches.pml:95 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[3][12] = 1;
		(trpt+1)->bup.oval = ((int)((P3 *)_this)->v);
		((P3 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Reach:v", ((int)((P3 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 45: // STATE 13 - caches.pml:96 - [(empty(buffer))] (0:0:0 - 0)
		IfNotBlocked
		reached[3][13] = 1;
		if (!((q_len(now.buffer)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 46: // STATE 20 - caches.pml:334 - [barrier = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[3][20] = 1;
		(trpt+1)->bup.oval = ((int)((P3 *)_this)->barrier);
		((P3 *)_this)->barrier = 1;
#ifdef VAR_RANGES
		logval("Reach:barrier", ((int)((P3 *)_this)->barrier));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 47: // STATE 21 - caches.pml:336 - [barrier = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[3][21] = 1;
		(trpt+1)->bup.oval = ((int)((P3 *)_this)->barrier);
		((P3 *)_this)->barrier = 0;
#ifdef VAR_RANGES
		logval("Reach:barrier", ((int)((P3 *)_this)->barrier));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 48: // STATE 25 - caches.pml:314 - [(!(open))] (0:0:0 - 0)
		IfNotBlocked
		reached[3][25] = 1;
		if (!( !(((int)now.open))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 49: // STATE 26 - caches.pml:314 - [ours = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[3][26] = 1;
		(trpt+1)->bup.oval = ((int)((P3 *)_this)->ours);
		((P3 *)_this)->ours = 1;
#ifdef VAR_RANGES
		logval("Reach:ours", ((int)((P3 *)_this)->ours));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 50: // STATE 27 - caches.pml:315 - [((open&&barrier))] (0:0:1 - 0)
		IfNotBlocked
		reached[3][27] = 1;
		if (!((((int)now.open)&&((int)((P3 *)_this)->barrier))))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: barrier */  (trpt+1)->bup.oval = ((P3 *)_this)->barrier;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P3 *)_this)->barrier = 0;
		_m = 3; goto P999; /* 0 */
	case 51: // STATE 28 - caches.pml:320 - [((mem[0]==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[3][28] = 1;
		if (!((((int)now.mem[0])==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 52: // STATE 29 - caches.pml:320 - [ours = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[3][29] = 1;
		(trpt+1)->bup.oval = ((int)((P3 *)_this)->ours);
		((P3 *)_this)->ours = 1;
#ifdef VAR_RANGES
		logval("Reach:ours", ((int)((P3 *)_this)->ours));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 53: // STATE 30 - caches.pml:322 - [ours = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[3][30] = 1;
		(trpt+1)->bup.oval = ((int)((P3 *)_this)->ours);
		((P3 *)_this)->ours = 0;
#ifdef VAR_RANGES
		logval("Reach:ours", ((int)((P3 *)_this)->ours));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 54: // STATE 34 - caches.pml:324 - [ours = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[3][34] = 1;
		(trpt+1)->bup.oval = ((int)((P3 *)_this)->ours);
		((P3 *)_this)->ours = 0;
#ifdef VAR_RANGES
		logval("Reach:ours", ((int)((P3 *)_this)->ours));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 55: // STATE 38 - caches.pml:415 - [(ours)] (0:0:1 - 0)
		IfNotBlocked
		reached[3][38] = 1;
		if (!(((int)((P3 *)_this)->ours)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: ours */  (trpt+1)->bup.oval = ((P3 *)_this)->ours;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P3 *)_this)->ours = 0;
		_m = 3; goto P999; /* 0 */
	case 56: // STATE 39 - caches.pml:417 - [assert((mem[1]==((block[1]==CACHED)+(block[2]==CACHED))))] (0:0:0 - 0)
		IfNotBlocked
		reached[3][39] = 1;
		spin_assert((((int)now.mem[1])==((now.block[1]==2)+(now.block[2]==2))), "(mem[1]==((block[1]==2)+(block[2]==2)))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 57: // STATE 40 - caches.pml:418 - [assert(((mem[1]<1)||(block[mem[2]]==CACHED)))] (0:0:0 - 0)
		IfNotBlocked
		reached[3][40] = 1;
		spin_assert(((((int)now.mem[1])<1)||(now.block[ Index(((int)now.mem[2]), 3) ]==2)), "((mem[1]<1)||(block[mem[2]]==2))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 58: // STATE 41 - caches.pml:419 - [assert(((mem[1]<2)||(block[mem[(2+1)]]==CACHED)))] (0:0:0 - 0)
		IfNotBlocked
		reached[3][41] = 1;
		spin_assert(((((int)now.mem[1])<2)||(now.block[ Index(((int)now.mem[ Index((2+1), 4) ]), 3) ]==2)), "((mem[1]<2)||(block[mem[(2+1)]]==2))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 59: // STATE 42 - caches.pml:420 - [own_bins = was_own] (0:0:1 - 0)
		IfNotBlocked
		reached[3][42] = 1;
		(trpt+1)->bup.oval = ((int)now.own_bins);
		now.own_bins = ((int)((P3 *)_this)->was_own);
#ifdef VAR_RANGES
		logval("own_bins", ((int)now.own_bins));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 60: // STATE 46 - caches.pml:423 - [lock = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[3][46] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = 0;
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 61: // STATE 50 - caches.pml:426 - [registry = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[3][50] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = 0;
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 62: // STATE 51 - caches.pml:427 - [done = (done+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[3][51] = 1;
		(trpt+1)->bup.oval = ((int)now.done);
		now.done = (((int)now.done)+1);
#ifdef VAR_RANGES
		logval("done", ((int)now.done));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 63: // STATE 52 - caches.pml:428 - [-end-] (0:0:0 - 0)
		IfNotBlocked
		reached[3][52] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */

		 /* PROC Trim */
	case 64: // STATE 1 - caches.pml:356 - [((registry==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][1] = 1;
		if (!((((int)now.registry)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 65: // STATE 2 - caches.pml:356 - [registry = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[2][2] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = ((int)((P2 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 66: // STATE 3 - caches.pml:358 - [(in_list)] (0:0:0 - 0)
		IfNotBlocked
		reached[2][3] = 1;
		if (!(((int)now.in_list)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 67: // STATE 4 - caches.pml:359 - [((lock==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][4] = 1;
		if (!((((int)now.lock)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 68: // STATE 5 - caches.pml:359 - [lock = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[2][5] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = ((int)((P2 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 69: // STATE 6 - caches.pml:360 - [own_bins = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][6] = 1;
		(trpt+1)->bup.oval = ((int)now.own_bins);
		now.own_bins = 0;
#ifdef VAR_RANGES
		logval("own_bins", ((int)now.own_bins));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 70: // STATE 7 - caches.pml:361 - [drain = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[2][7] = 1;
		(trpt+1)->bup.oval = ((int)now.drain);
		now.drain = ((int)((P2 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("drain", ((int)now.drain));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 71: // STATE 8 - caches.pml:362 - [lock = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][8] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = 0;
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 72: // STATE 12 - caches.pml:365 - [registry = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][12] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = 0;
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 73: // STATE 13 - caches.pml:95 - [buffer?w,v] (0:0:2 - 0)
		reached[2][13] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P2 *)_this)->w);
		(trpt+1)->bup.ovals[1] = ((int)((P2 *)_this)->v);
		;
		((P2 *)_this)->w = qrecv(now.buffer, XX-1, 0, 0);
#ifdef VAR_RANGES
		logval("Trim:w", ((int)((P2 *)_this)->w));
#endif
		;
		((P2 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Trim:v", ((int)((P2 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", ((int)((P2 *)_this)->w)); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P2 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 74: // STATE 14 - caches.pml:95 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[2][14] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P2 *)_this)->w), 4) ]);
		now.mem[ Index(((P2 *)_this)->w, 4) ] = ((int)((P2 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Trim:w]", ((int)now.mem[ Index(((int)((P2 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 75: // STATE 15 - caches.pml:95 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[2][15] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P2 *)_this)->w), 4) ]);
		now.pending[ Index(((P2 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P2 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Trim:w]", ((int)now.pending[ Index(((int)((P2 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 76: // STATE 16 - caches.pml:95 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][16] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->w);
		((P2 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Trim:w", ((int)((P2 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 77: // STATE 17 - caches.pml:95 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][17] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->v);
		((P2 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Trim:v", ((int)((P2 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 78: // STATE 18 - caches.pml:96 - [(empty(buffer))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][18] = 1;
		if (!((q_len(now.buffer)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 79: // STATE 25 - caches.pml:334 - [barrier = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[2][25] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->barrier);
		((P2 *)_this)->barrier = 1;
#ifdef VAR_RANGES
		logval("Trim:barrier", ((int)((P2 *)_this)->barrier));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 80: // STATE 26 - caches.pml:336 - [barrier = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][26] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->barrier);
		((P2 *)_this)->barrier = 0;
#ifdef VAR_RANGES
		logval("Trim:barrier", ((int)((P2 *)_this)->barrier));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 81: // STATE 30 - caches.pml:367 - [((registry==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][30] = 1;
		if (!((((int)now.registry)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 82: // STATE 31 - caches.pml:367 - [registry = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[2][31] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = ((int)((P2 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 83: // STATE 32 - caches.pml:369 - [(in_list)] (0:0:0 - 0)
		IfNotBlocked
		reached[2][32] = 1;
		if (!(((int)now.in_list)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 84: // STATE 33 - caches.pml:370 - [((lock==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][33] = 1;
		if (!((((int)now.lock)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 85: // STATE 34 - caches.pml:370 - [lock = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[2][34] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = ((int)((P2 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 86: // STATE 35 - caches.pml:375 - [((drain==_pid))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][35] = 1;
		if (!((((int)now.drain)==((int)((P2 *)_this)->_pid))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 87: // STATE 36 - caches.pml:314 - [(!(open))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][36] = 1;
		if (!( !(((int)now.open))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 88: // STATE 37 - caches.pml:314 - [ours = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[2][37] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->ours);
		((P2 *)_this)->ours = 1;
#ifdef VAR_RANGES
		logval("Trim:ours", ((int)((P2 *)_this)->ours));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 89: // STATE 38 - caches.pml:315 - [((open&&barrier))] (0:0:1 - 0)
		IfNotBlocked
		reached[2][38] = 1;
		if (!((((int)now.open)&&((int)((P2 *)_this)->barrier))))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: barrier */  (trpt+1)->bup.oval = ((P2 *)_this)->barrier;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P2 *)_this)->barrier = 0;
		_m = 3; goto P999; /* 0 */
	case 90: // STATE 39 - caches.pml:320 - [((mem[0]==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][39] = 1;
		if (!((((int)now.mem[0])==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 91: // STATE 40 - caches.pml:320 - [ours = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[2][40] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->ours);
		((P2 *)_this)->ours = 1;
#ifdef VAR_RANGES
		logval("Trim:ours", ((int)((P2 *)_this)->ours));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 92: // STATE 41 - caches.pml:322 - [ours = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][41] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->ours);
		((P2 *)_this)->ours = 0;
#ifdef VAR_RANGES
		logval("Trim:ours", ((int)((P2 *)_this)->ours));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 93: // STATE 45 - caches.pml:324 - [ours = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][45] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->ours);
		((P2 *)_this)->ours = 0;
#ifdef VAR_RANGES
		logval("Trim:ours", ((int)((P2 *)_this)->ours));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 94: // STATE 52 - caches.pml:380 - [(ours)] (0:0:1 - 0)
		IfNotBlocked
		reached[2][52] = 1;
		if (!(((int)((P2 *)_this)->ours)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: ours */  (trpt+1)->bup.oval = ((P2 *)_this)->ours;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P2 *)_this)->ours = 0;
		_m = 3; goto P999; /* 0 */
	case 95: // STATE 53 - caches.pml:380 - [open = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][53] = 1;
		(trpt+1)->bup.oval = ((int)now.open);
		now.open = 0;
#ifdef VAR_RANGES
		logval("open", ((int)now.open));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 96: // STATE 54 - caches.pml:380 - [drain = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][54] = 1;
		(trpt+1)->bup.oval = ((int)now.drain);
		now.drain = 0;
#ifdef VAR_RANGES
		logval("drain", ((int)now.drain));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 97: // STATE 55 - caches.pml:121 - [t = mem[1]] (0:0:1 - 0)
		IfNotBlocked
		reached[2][55] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->t);
		((P2 *)_this)->t = ((int)now.mem[1]);
#ifdef VAR_RANGES
		logval("Trim:t", ((int)((P2 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 98: // STATE 56 - caches.pml:122 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][56] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->i);
		((P2 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Trim:i", ((int)((P2 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 99: // STATE 57 - caches.pml:124 - [((i<t))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][57] = 1;
		if (!((((int)((P2 *)_this)->i)<((int)((P2 *)_this)->t))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 100: // STATE 58 - caches.pml:126 - [b = mem[(2+i)]] (0:0:1 - 0)
		IfNotBlocked
		reached[2][58] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->b);
		((P2 *)_this)->b = ((int)now.mem[ Index((2+((int)((P2 *)_this)->i)), 4) ]);
#ifdef VAR_RANGES
		logval("Trim:b", ((int)((P2 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 101: // STATE 59 - caches.pml:127 - [assert((b&&(block[b]==CACHED)))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][59] = 1;
		spin_assert((((int)((P2 *)_this)->b)&&(now.block[ Index(((int)((P2 *)_this)->b), 3) ]==2)), "(b&&(block[b]==2))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 102: // STATE 60 - caches.pml:128 - [block[b] = FREE] (0:0:1 - 0)
		IfNotBlocked
		reached[2][60] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P2 *)_this)->b), 3) ];
		now.block[ Index(((P2 *)_this)->b, 3) ] = 3;
#ifdef VAR_RANGES
		logval("block[Trim:b]", now.block[ Index(((int)((P2 *)_this)->b), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 103: // STATE 61 - caches.pml:129 - [i = (i+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[2][61] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->i);
		((P2 *)_this)->i = (((int)((P2 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("Trim:i", ((int)((P2 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 104: // STATE 68 - caches.pml:133 - [mem[1] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][68] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = 0;
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 105: // STATE 69 - caches.pml:133 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][69] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->i);
		((P2 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Trim:i", ((int)((P2 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 106: // STATE 70 - caches.pml:133 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][70] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->t);
		((P2 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Trim:t", ((int)((P2 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 107: // STATE 71 - caches.pml:133 - [b = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][71] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->b);
		((P2 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("Trim:b", ((int)((P2 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 108: // STATE 77 - caches.pml:383 - [lock = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][77] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = 0;
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 109: // STATE 81 - caches.pml:387 - [(((in_list&&!(alive))&&(lock==0)))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][81] = 1;
		if (!(((((int)now.in_list)&& !(((int)now.alive)))&&(((int)now.lock)==0))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 110: // STATE 82 - caches.pml:388 - [((lock==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][82] = 1;
		if (!((((int)now.lock)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 111: // STATE 83 - caches.pml:388 - [lock = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[2][83] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = ((int)((P2 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 112: // STATE 84 - caches.pml:343 - [own_bins = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][84] = 1;
		(trpt+1)->bup.oval = ((int)now.own_bins);
		now.own_bins = 0;
#ifdef VAR_RANGES
		logval("own_bins", ((int)now.own_bins));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 113: // STATE 85 - caches.pml:344 - [mem[0] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][85] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[0]);
		now.mem[0] = 0;
#ifdef VAR_RANGES
		logval("mem[0]", ((int)now.mem[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 114: // STATE 86 - caches.pml:345 - [open = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][86] = 1;
		(trpt+1)->bup.oval = ((int)now.open);
		now.open = 0;
#ifdef VAR_RANGES
		logval("open", ((int)now.open));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 115: // STATE 87 - caches.pml:121 - [t = mem[1]] (0:0:1 - 0)
		IfNotBlocked
		reached[2][87] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->t);
		((P2 *)_this)->t = ((int)now.mem[1]);
#ifdef VAR_RANGES
		logval("Trim:t", ((int)((P2 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 116: // STATE 88 - caches.pml:122 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][88] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->i);
		((P2 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Trim:i", ((int)((P2 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 117: // STATE 89 - caches.pml:124 - [((i<t))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][89] = 1;
		if (!((((int)((P2 *)_this)->i)<((int)((P2 *)_this)->t))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 118: // STATE 90 - caches.pml:126 - [b = mem[(2+i)]] (0:0:1 - 0)
		IfNotBlocked
		reached[2][90] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->b);
		((P2 *)_this)->b = ((int)now.mem[ Index((2+((int)((P2 *)_this)->i)), 4) ]);
#ifdef VAR_RANGES
		logval("Trim:b", ((int)((P2 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 119: // STATE 91 - caches.pml:127 - [assert((b&&(block[b]==CACHED)))] (0:0:0 - 0)
		IfNotBlocked
		reached[2][91] = 1;
		spin_assert((((int)((P2 *)_this)->b)&&(now.block[ Index(((int)((P2 *)_this)->b), 3) ]==2)), "(b&&(block[b]==2))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 120: // STATE 92 - caches.pml:128 - [block[b] = FREE] (0:0:1 - 0)
		IfNotBlocked
		reached[2][92] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P2 *)_this)->b), 3) ];
		now.block[ Index(((P2 *)_this)->b, 3) ] = 3;
#ifdef VAR_RANGES
		logval("block[Trim:b]", now.block[ Index(((int)((P2 *)_this)->b), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 121: // STATE 93 - caches.pml:129 - [i = (i+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[2][93] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->i);
		((P2 *)_this)->i = (((int)((P2 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("Trim:i", ((int)((P2 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 122: // STATE 100 - caches.pml:133 - [mem[1] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][100] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = 0;
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 123: // STATE 101 - caches.pml:133 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][101] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->i);
		((P2 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Trim:i", ((int)((P2 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 124: // STATE 102 - caches.pml:133 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][102] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->t);
		((P2 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Trim:t", ((int)((P2 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 125: // STATE 103 - caches.pml:133 - [b = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][103] = 1;
		(trpt+1)->bup.oval = ((int)((P2 *)_this)->b);
		((P2 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("Trim:b", ((int)((P2 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 126: // STATE 106 - caches.pml:347 - [in_list = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][106] = 1;
		(trpt+1)->bup.oval = ((int)now.in_list);
		now.in_list = 0;
#ifdef VAR_RANGES
		logval("in_list", ((int)now.in_list));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 127: // STATE 108 - caches.pml:390 - [lock = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][108] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = 0;
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 128: // STATE 112 - caches.pml:393 - [registry = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[2][112] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = 0;
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 129: // STATE 113 - caches.pml:394 - [done = (done+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[2][113] = 1;
		(trpt+1)->bup.oval = ((int)now.done);
		now.done = (((int)now.done)+1);
#ifdef VAR_RANGES
		logval("done", ((int)now.done));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 130: // STATE 114 - caches.pml:395 - [-end-] (0:0:0 - 0)
		IfNotBlocked
		reached[2][114] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */

		 /* PROC Owner */
	case 131: // STATE 1 - caches.pml:284 - [((registry==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][1] = 1;
		if (!((((int)now.registry)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 132: // STATE 2 - caches.pml:284 - [registry = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[1][2] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = ((int)((P1 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 133: // STATE 3 - caches.pml:286 - [(in_list)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][3] = 1;
		if (!(((int)now.in_list)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 134: // STATE 4 - caches.pml:286 - [registry = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][4] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = 0;
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 135: // STATE 9 - caches.pml:289 - [in_list = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][9] = 1;
		(trpt+1)->bup.oval = ((int)now.in_list);
		now.in_list = 1;
#ifdef VAR_RANGES
		logval("in_list", ((int)now.in_list));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 136: // STATE 10 - caches.pml:289 - [alive = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][10] = 1;
		(trpt+1)->bup.oval = ((int)now.alive);
		now.alive = 1;
#ifdef VAR_RANGES
		logval("alive", ((int)now.alive));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 137: // STATE 11 - caches.pml:289 - [registry = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][11] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = 0;
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 138: // STATE 13 - caches.pml:291 - [(calls)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][13] = 1;
		if (!(((int)((P1 *)_this)->calls)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 139: // STATE 14 - caches.pml:291 - [calls = (calls-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][14] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->calls);
		((P1 *)_this)->calls = (((int)((P1 *)_this)->calls)-1);
#ifdef VAR_RANGES
		logval("Owner:calls", ((int)((P1 *)_this)->calls));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 140: // STATE 15 - caches.pml:79 - [buffer!0,1] (0:0:0 - 0)
		IfNotBlocked
		reached[1][15] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", 1); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, 0, 1, 2);
		_m = 2; goto P999; /* 0 */
	case 141: // STATE 16 - caches.pml:80 - [latest[0] = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][16] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[0]);
		now.latest[0] = 1;
#ifdef VAR_RANGES
		logval("latest[0]", ((int)now.latest[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 142: // STATE 17 - caches.pml:81 - [pending[0] = (pending[0]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][17] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[0]);
		now.pending[0] = (((int)now.pending[0])+1);
#ifdef VAR_RANGES
		logval("pending[0]", ((int)now.pending[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 143: // STATE 20 - caches.pml:199 - [(own_bins)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][20] = 1;
		if (!(((int)now.own_bins)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 144: // STATE 21 - caches.pml:200 - [t = ( (pending[1]) -> (latest[1]) : (mem[1]) )] (0:0:1 - 0)
		IfNotBlocked
		reached[1][21] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ( (((int)now.pending[1])) ? (((int)now.latest[1])) : (((int)now.mem[1])) );
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 145: // STATE 22 - caches.pml:202 - [(t)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][22] = 1;
		if (!(((int)((P1 *)_this)->t)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 146: // STATE 23 - caches.pml:203 - [got = ( (pending[((2+t)-1)]) -> (latest[((2+t)-1)]) : (mem[((2+t)-1)]) )] (0:0:1 - 0)
		IfNotBlocked
		reached[1][23] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->got);
		((P1 *)_this)->got = ( (((int)now.pending[ Index(((2+((int)((P1 *)_this)->t))-1), 4) ])) ? (((int)now.latest[ Index(((2+((int)((P1 *)_this)->t))-1), 4) ])) : (((int)now.mem[ Index(((2+((int)((P1 *)_this)->t))-1), 4) ])) );
#ifdef VAR_RANGES
		logval("Owner:got", ((int)((P1 *)_this)->got));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 147: // STATE 24 - caches.pml:205 - [assert((block[got]==CACHED))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][24] = 1;
		spin_assert((now.block[ Index(((int)((P1 *)_this)->got), 3) ]==2), "(block[got]==2)", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 148: // STATE 25 - caches.pml:206 - [block[got] = LIVE] (0:0:1 - 0)
		IfNotBlocked
		reached[1][25] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P1 *)_this)->got), 3) ];
		now.block[ Index(((P1 *)_this)->got, 3) ] = 1;
#ifdef VAR_RANGES
		logval("block[Owner:got]", now.block[ Index(((int)((P1 *)_this)->got), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 149: // STATE 26 - caches.pml:79 - [buffer!1,(t-1)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][26] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", 1); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", (((int)((P1 *)_this)->t)-1)); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, 1, (((int)((P1 *)_this)->t)-1), 2);
		_m = 2; goto P999; /* 0 */
	case 150: // STATE 27 - caches.pml:80 - [latest[1] = (t-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][27] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[1]);
		now.latest[1] = (((int)((P1 *)_this)->t)-1);
#ifdef VAR_RANGES
		logval("latest[1]", ((int)now.latest[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 151: // STATE 28 - caches.pml:81 - [pending[1] = (pending[1]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][28] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[1]);
		now.pending[1] = (((int)now.pending[1])+1);
#ifdef VAR_RANGES
		logval("pending[1]", ((int)now.pending[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 152: // STATE 38 - caches.pml:213 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][38] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 153: // STATE 39 - caches.pml:79 - [buffer!0,0] (0:0:0 - 0)
		IfNotBlocked
		reached[1][39] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, 0, 0, 2);
		_m = 2; goto P999; /* 0 */
	case 154: // STATE 40 - caches.pml:80 - [latest[0] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][40] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[0]);
		now.latest[0] = 0;
#ifdef VAR_RANGES
		logval("latest[0]", ((int)now.latest[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 155: // STATE 41 - caches.pml:81 - [pending[0] = (pending[0]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][41] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[0]);
		now.pending[0] = (((int)now.pending[0])+1);
#ifdef VAR_RANGES
		logval("pending[0]", ((int)now.pending[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 156: // STATE 44 - caches.pml:216 - [(!(got))] (0:0:1 - 0)
		IfNotBlocked
		reached[1][44] = 1;
		if (!( !(((int)((P1 *)_this)->got))))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: got */  (trpt+1)->bup.oval = ((P1 *)_this)->got;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P1 *)_this)->got = 0;
		_m = 3; goto P999; /* 0 */
	case 157: // STATE 45 - caches.pml:160 - [((lock==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][45] = 1;
		if (!((((int)now.lock)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 158: // STATE 46 - caches.pml:160 - [lock = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[1][46] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = ((int)((P1 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 159: // STATE 47 - caches.pml:95 - [buffer?w,v] (0:0:2 - 0)
		reached[1][47] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P1 *)_this)->w);
		(trpt+1)->bup.ovals[1] = ((int)((P1 *)_this)->v);
		;
		((P1 *)_this)->w = qrecv(now.buffer, XX-1, 0, 0);
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		((P1 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->w)); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 160: // STATE 48 - caches.pml:95 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[1][48] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.mem[ Index(((P1 *)_this)->w, 4) ] = ((int)((P1 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Owner:w]", ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 161: // STATE 49 - caches.pml:95 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][49] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.pending[ Index(((P1 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Owner:w]", ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 162: // STATE 50 - caches.pml:95 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][50] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->w);
		((P1 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 163: // STATE 51 - caches.pml:95 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][51] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->v);
		((P1 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 164: // STATE 52 - caches.pml:96 - [(empty(buffer))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][52] = 1;
		if (!((q_len(now.buffer)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 165: // STATE 59 - caches.pml:140 - [(drain)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][59] = 1;
		if (!(((int)now.drain)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 166: // STATE 60 - caches.pml:140 - [drain = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][60] = 1;
		(trpt+1)->bup.oval = ((int)now.drain);
		now.drain = 0;
#ifdef VAR_RANGES
		logval("drain", ((int)now.drain));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 167: // STATE 61 - caches.pml:121 - [t = mem[1]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][61] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ((int)now.mem[1]);
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 168: // STATE 62 - caches.pml:122 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][62] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 169: // STATE 63 - caches.pml:124 - [((i<t))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][63] = 1;
		if (!((((int)((P1 *)_this)->i)<((int)((P1 *)_this)->t))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 170: // STATE 64 - caches.pml:126 - [b = mem[(2+i)]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][64] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = ((int)now.mem[ Index((2+((int)((P1 *)_this)->i)), 4) ]);
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 171: // STATE 65 - caches.pml:127 - [assert((b&&(block[b]==CACHED)))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][65] = 1;
		spin_assert((((int)((P1 *)_this)->b)&&(now.block[ Index(((int)((P1 *)_this)->b), 3) ]==2)), "(b&&(block[b]==2))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 172: // STATE 66 - caches.pml:128 - [block[b] = FREE] (0:0:1 - 0)
		IfNotBlocked
		reached[1][66] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P1 *)_this)->b), 3) ];
		now.block[ Index(((P1 *)_this)->b, 3) ] = 3;
#ifdef VAR_RANGES
		logval("block[Owner:b]", now.block[ Index(((int)((P1 *)_this)->b), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 173: // STATE 67 - caches.pml:129 - [i = (i+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][67] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = (((int)((P1 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 174: // STATE 74 - caches.pml:133 - [mem[1] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][74] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = 0;
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 175: // STATE 75 - caches.pml:133 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][75] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 176: // STATE 76 - caches.pml:133 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][76] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 177: // STATE 77 - caches.pml:133 - [b = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][77] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 178: // STATE 83 - caches.pml:143 - [open = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][83] = 1;
		(trpt+1)->bup.oval = ((int)now.open);
		now.open = 1;
#ifdef VAR_RANGES
		logval("open", ((int)now.open));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 179: // STATE 84 - caches.pml:143 - [own_bins = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][84] = 1;
		(trpt+1)->bup.oval = ((int)now.own_bins);
		now.own_bins = 1;
#ifdef VAR_RANGES
		logval("own_bins", ((int)now.own_bins));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 180: // STATE 87 - caches.pml:163 - [t = mem[1]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][87] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ((int)now.mem[1]);
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 181: // STATE 88 - caches.pml:165 - [(t)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][88] = 1;
		if (!(((int)((P1 *)_this)->t)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 182: // STATE 89 - caches.pml:167 - [got = mem[((2+t)-1)]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][89] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->got);
		((P1 *)_this)->got = ((int)now.mem[ Index(((2+((int)((P1 *)_this)->t))-1), 4) ]);
#ifdef VAR_RANGES
		logval("Owner:got", ((int)((P1 *)_this)->got));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 183: // STATE 90 - caches.pml:168 - [mem[1] = (t-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][90] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = (((int)((P1 *)_this)->t)-1);
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 184: // STATE 91 - caches.pml:169 - [assert((block[got]==CACHED))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][91] = 1;
		spin_assert((now.block[ Index(((int)((P1 *)_this)->got), 3) ]==2), "(block[got]==2)", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 185: // STATE 92 - caches.pml:170 - [block[got] = LIVE] (0:0:1 - 0)
		IfNotBlocked
		reached[1][92] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P1 *)_this)->got), 3) ];
		now.block[ Index(((P1 *)_this)->got, 3) ] = 1;
#ifdef VAR_RANGES
		logval("block[Owner:got]", now.block[ Index(((int)((P1 *)_this)->got), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 186: // STATE 95 - caches.pml:150 - [((block[1]==FREE))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][95] = 1;
		if (!((now.block[1]==3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 187: // STATE 96 - caches.pml:150 - [b = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][96] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 1;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 188: // STATE 97 - caches.pml:151 - [(((block[1]!=FREE)&&(block[2]==FREE)))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][97] = 1;
		if (!(((now.block[1]!=3)&&(now.block[2]==3))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 189: // STATE 98 - caches.pml:151 - [b = 2] (0:0:1 - 0)
		IfNotBlocked
		reached[1][98] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 2;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 190: // STATE 100 - caches.pml:152 - [b = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][100] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 191: // STATE 105 - caches.pml:175 - [got = b] (0:0:1 - 0)
		IfNotBlocked
		reached[1][105] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->got);
		((P1 *)_this)->got = ((int)((P1 *)_this)->b);
#ifdef VAR_RANGES
		logval("Owner:got", ((int)((P1 *)_this)->got));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 192: // STATE 106 - caches.pml:177 - [(got)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][106] = 1;
		if (!(((int)((P1 *)_this)->got)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 193: // STATE 107 - caches.pml:177 - [block[got] = LIVE] (0:0:1 - 0)
		IfNotBlocked
		reached[1][107] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P1 *)_this)->got), 3) ];
		now.block[ Index(((P1 *)_this)->got, 3) ] = 1;
#ifdef VAR_RANGES
		logval("block[Owner:got]", now.block[ Index(((int)((P1 *)_this)->got), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 194: // STATE 112 - caches.pml:150 - [((block[1]==FREE))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][112] = 1;
		if (!((now.block[1]==3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 195: // STATE 113 - caches.pml:150 - [b = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][113] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 1;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 196: // STATE 114 - caches.pml:151 - [(((block[1]!=FREE)&&(block[2]==FREE)))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][114] = 1;
		if (!(((now.block[1]!=3)&&(now.block[2]==3))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 197: // STATE 115 - caches.pml:151 - [b = 2] (0:0:1 - 0)
		IfNotBlocked
		reached[1][115] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 2;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 198: // STATE 117 - caches.pml:152 - [b = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][117] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 199: // STATE 122 - caches.pml:184 - [(b)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][122] = 1;
		if (!(((int)((P1 *)_this)->b)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 200: // STATE 123 - caches.pml:184 - [mem[2] = b] (0:0:1 - 0)
		IfNotBlocked
		reached[1][123] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[2]);
		now.mem[2] = ((int)((P1 *)_this)->b);
#ifdef VAR_RANGES
		logval("mem[2]", ((int)now.mem[2]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 201: // STATE 124 - caches.pml:184 - [block[b] = CACHED] (0:0:1 - 0)
		IfNotBlocked
		reached[1][124] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P1 *)_this)->b), 3) ];
		now.block[ Index(((P1 *)_this)->b, 3) ] = 2;
#ifdef VAR_RANGES
		logval("block[Owner:b]", now.block[ Index(((int)((P1 *)_this)->b), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 202: // STATE 125 - caches.pml:184 - [mem[1] = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][125] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = 1;
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 203: // STATE 129 - caches.pml:187 - [b = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][129] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 204: // STATE 133 - caches.pml:190 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][133] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 205: // STATE 134 - caches.pml:191 - [lock = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][134] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = 0;
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 206: // STATE 139 - caches.pml:219 - [have[got] = (got!=0)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][139] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->have[ Index(((int)((P1 *)_this)->got), 3) ]);
		((P1 *)_this)->have[ Index(((P1 *)_this)->got, 3) ] = (((int)((P1 *)_this)->got)!=0);
#ifdef VAR_RANGES
		logval("Owner:have[Owner:got]", ((int)((P1 *)_this)->have[ Index(((int)((P1 *)_this)->got), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 207: // STATE 140 - caches.pml:220 - [got = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][140] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->got);
		((P1 *)_this)->got = 0;
#ifdef VAR_RANGES
		logval("Owner:got", ((int)((P1 *)_this)->got));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 208: // STATE 142 - caches.pml:292 - [((calls&&have[1]))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][142] = 1;
		if (!((((int)((P1 *)_this)->calls)&&((int)((P1 *)_this)->have[1]))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 209: // STATE 143 - caches.pml:292 - [calls = (calls-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][143] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->calls);
		((P1 *)_this)->calls = (((int)((P1 *)_this)->calls)-1);
#ifdef VAR_RANGES
		logval("Owner:calls", ((int)((P1 *)_this)->calls));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 210: // STATE 144 - caches.pml:226 - [have[1] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][144] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->have[1]);
		((P1 *)_this)->have[1] = 0;
#ifdef VAR_RANGES
		logval("Owner:have[1]", ((int)((P1 *)_this)->have[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 211: // STATE 145 - caches.pml:79 - [buffer!0,1] (0:0:0 - 0)
		IfNotBlocked
		reached[1][145] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", 1); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, 0, 1, 2);
		_m = 2; goto P999; /* 0 */
	case 212: // STATE 146 - caches.pml:80 - [latest[0] = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][146] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[0]);
		now.latest[0] = 1;
#ifdef VAR_RANGES
		logval("latest[0]", ((int)now.latest[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 213: // STATE 147 - caches.pml:81 - [pending[0] = (pending[0]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][147] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[0]);
		now.pending[0] = (((int)now.pending[0])+1);
#ifdef VAR_RANGES
		logval("pending[0]", ((int)now.pending[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 214: // STATE 150 - caches.pml:229 - [(own_bins)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][150] = 1;
		if (!(((int)now.own_bins)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 215: // STATE 151 - caches.pml:230 - [t = ( (pending[1]) -> (latest[1]) : (mem[1]) )] (0:0:1 - 0)
		IfNotBlocked
		reached[1][151] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ( (((int)now.pending[1])) ? (((int)now.latest[1])) : (((int)now.mem[1])) );
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 216: // STATE 152 - caches.pml:232 - [((t<2))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][152] = 1;
		if (!((((int)((P1 *)_this)->t)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 217: // STATE 153 - caches.pml:79 - [buffer!(2+t),1] (0:0:0 - 0)
		IfNotBlocked
		reached[1][153] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", (2+((int)((P1 *)_this)->t))); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", 1); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, (2+((int)((P1 *)_this)->t)), 1, 2);
		_m = 2; goto P999; /* 0 */
	case 218: // STATE 154 - caches.pml:80 - [latest[(2+t)] = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][154] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[ Index((2+((int)((P1 *)_this)->t)), 4) ]);
		now.latest[ Index((2+((P1 *)_this)->t), 4) ] = 1;
#ifdef VAR_RANGES
		logval("latest[(2+Owner:t)]", ((int)now.latest[ Index((2+((int)((P1 *)_this)->t)), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 219: // STATE 155 - caches.pml:81 - [pending[(2+t)] = (pending[(2+t)]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][155] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index((2+((int)((P1 *)_this)->t)), 4) ]);
		now.pending[ Index((2+((P1 *)_this)->t), 4) ] = (((int)now.pending[ Index((2+((int)((P1 *)_this)->t)), 4) ])+1);
#ifdef VAR_RANGES
		logval("pending[(2+Owner:t)]", ((int)now.pending[ Index((2+((int)((P1 *)_this)->t)), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 220: // STATE 158 - caches.pml:235 - [assert((block[1]==LIVE))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][158] = 1;
		spin_assert((now.block[1]==1), "(block[1]==1)", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 221: // STATE 159 - caches.pml:236 - [block[1] = CACHED] (0:0:1 - 0)
		IfNotBlocked
		reached[1][159] = 1;
		(trpt+1)->bup.oval = now.block[1];
		now.block[1] = 2;
#ifdef VAR_RANGES
		logval("block[1]", now.block[1]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 222: // STATE 160 - caches.pml:79 - [buffer!1,(t+1)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][160] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", 1); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", (((int)((P1 *)_this)->t)+1)); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, 1, (((int)((P1 *)_this)->t)+1), 2);
		_m = 2; goto P999; /* 0 */
	case 223: // STATE 161 - caches.pml:80 - [latest[1] = (t+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][161] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[1]);
		now.latest[1] = (((int)((P1 *)_this)->t)+1);
#ifdef VAR_RANGES
		logval("latest[1]", ((int)now.latest[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 224: // STATE 162 - caches.pml:81 - [pending[1] = (pending[1]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][162] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[1]);
		now.pending[1] = (((int)now.pending[1])+1);
#ifdef VAR_RANGES
		logval("pending[1]", ((int)now.pending[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 225: // STATE 166 - caches.pml:239 - [got = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][166] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->got);
		((P1 *)_this)->got = 1;
#ifdef VAR_RANGES
		logval("Owner:got", ((int)((P1 *)_this)->got));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 226: // STATE 173 - caches.pml:244 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][173] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 227: // STATE 174 - caches.pml:79 - [buffer!0,0] (0:0:0 - 0)
		IfNotBlocked
		reached[1][174] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, 0, 0, 2);
		_m = 2; goto P999; /* 0 */
	case 228: // STATE 175 - caches.pml:80 - [latest[0] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][175] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[0]);
		now.latest[0] = 0;
#ifdef VAR_RANGES
		logval("latest[0]", ((int)now.latest[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 229: // STATE 176 - caches.pml:81 - [pending[0] = (pending[0]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][176] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[0]);
		now.pending[0] = (((int)now.pending[0])+1);
#ifdef VAR_RANGES
		logval("pending[0]", ((int)now.pending[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 230: // STATE 179 - caches.pml:247 - [(got)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][179] = 1;
		if (!(((int)((P1 *)_this)->got)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: got */  (trpt+1)->bup.oval = ((P1 *)_this)->got;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P1 *)_this)->got = 0;
		_m = 3; goto P999; /* 0 */
	case 231: // STATE 180 - caches.pml:247 - [got = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][180] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->got);
		((P1 *)_this)->got = 0;
#ifdef VAR_RANGES
		logval("Owner:got", ((int)((P1 *)_this)->got));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 232: // STATE 182 - caches.pml:249 - [((lock==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][182] = 1;
		if (!((((int)now.lock)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 233: // STATE 183 - caches.pml:249 - [lock = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[1][183] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = ((int)((P1 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 234: // STATE 184 - caches.pml:95 - [buffer?w,v] (0:0:2 - 0)
		reached[1][184] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P1 *)_this)->w);
		(trpt+1)->bup.ovals[1] = ((int)((P1 *)_this)->v);
		;
		((P1 *)_this)->w = qrecv(now.buffer, XX-1, 0, 0);
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		((P1 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->w)); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 235: // STATE 185 - caches.pml:95 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[1][185] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.mem[ Index(((P1 *)_this)->w, 4) ] = ((int)((P1 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Owner:w]", ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 236: // STATE 186 - caches.pml:95 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][186] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.pending[ Index(((P1 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Owner:w]", ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 237: // STATE 187 - caches.pml:95 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][187] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->w);
		((P1 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 238: // STATE 188 - caches.pml:95 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][188] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->v);
		((P1 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 239: // STATE 189 - caches.pml:96 - [(empty(buffer))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][189] = 1;
		if (!((q_len(now.buffer)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 240: // STATE 196 - caches.pml:140 - [(drain)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][196] = 1;
		if (!(((int)now.drain)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 241: // STATE 197 - caches.pml:140 - [drain = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][197] = 1;
		(trpt+1)->bup.oval = ((int)now.drain);
		now.drain = 0;
#ifdef VAR_RANGES
		logval("drain", ((int)now.drain));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 242: // STATE 198 - caches.pml:121 - [t = mem[1]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][198] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ((int)now.mem[1]);
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 243: // STATE 199 - caches.pml:122 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][199] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 244: // STATE 200 - caches.pml:124 - [((i<t))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][200] = 1;
		if (!((((int)((P1 *)_this)->i)<((int)((P1 *)_this)->t))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 245: // STATE 201 - caches.pml:126 - [b = mem[(2+i)]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][201] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = ((int)now.mem[ Index((2+((int)((P1 *)_this)->i)), 4) ]);
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 246: // STATE 202 - caches.pml:127 - [assert((b&&(block[b]==CACHED)))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][202] = 1;
		spin_assert((((int)((P1 *)_this)->b)&&(now.block[ Index(((int)((P1 *)_this)->b), 3) ]==2)), "(b&&(block[b]==2))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 247: // STATE 203 - caches.pml:128 - [block[b] = FREE] (0:0:1 - 0)
		IfNotBlocked
		reached[1][203] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P1 *)_this)->b), 3) ];
		now.block[ Index(((P1 *)_this)->b, 3) ] = 3;
#ifdef VAR_RANGES
		logval("block[Owner:b]", now.block[ Index(((int)((P1 *)_this)->b), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 248: // STATE 204 - caches.pml:129 - [i = (i+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][204] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = (((int)((P1 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 249: // STATE 211 - caches.pml:133 - [mem[1] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][211] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = 0;
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 250: // STATE 212 - caches.pml:133 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][212] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 251: // STATE 213 - caches.pml:133 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][213] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 252: // STATE 214 - caches.pml:133 - [b = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][214] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 253: // STATE 220 - caches.pml:143 - [open = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][220] = 1;
		(trpt+1)->bup.oval = ((int)now.open);
		now.open = 1;
#ifdef VAR_RANGES
		logval("open", ((int)now.open));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 254: // STATE 221 - caches.pml:143 - [own_bins = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][221] = 1;
		(trpt+1)->bup.oval = ((int)now.own_bins);
		now.own_bins = 1;
#ifdef VAR_RANGES
		logval("own_bins", ((int)now.own_bins));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 255: // STATE 224 - caches.pml:253 - [t = mem[1]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][224] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ((int)now.mem[1]);
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 256: // STATE 225 - caches.pml:254 - [assert(((t<2)&&(block[1]==LIVE)))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][225] = 1;
		spin_assert(((((int)((P1 *)_this)->t)<2)&&(now.block[1]==1)), "((t<2)&&(block[1]==1))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 257: // STATE 226 - caches.pml:255 - [mem[(2+t)] = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][226] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index((2+((int)((P1 *)_this)->t)), 4) ]);
		now.mem[ Index((2+((P1 *)_this)->t), 4) ] = 1;
#ifdef VAR_RANGES
		logval("mem[(2+Owner:t)]", ((int)now.mem[ Index((2+((int)((P1 *)_this)->t)), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 258: // STATE 227 - caches.pml:256 - [block[1] = CACHED] (0:0:1 - 0)
		IfNotBlocked
		reached[1][227] = 1;
		(trpt+1)->bup.oval = now.block[1];
		now.block[1] = 2;
#ifdef VAR_RANGES
		logval("block[1]", now.block[1]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 259: // STATE 228 - caches.pml:257 - [mem[1] = (t+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][228] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = (((int)((P1 *)_this)->t)+1);
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 260: // STATE 229 - caches.pml:258 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][229] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 261: // STATE 231 - caches.pml:260 - [lock = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][231] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = 0;
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 262: // STATE 235 - caches.pml:293 - [((calls&&have[2]))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][235] = 1;
		if (!((((int)((P1 *)_this)->calls)&&((int)((P1 *)_this)->have[2]))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 263: // STATE 236 - caches.pml:293 - [calls = (calls-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][236] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->calls);
		((P1 *)_this)->calls = (((int)((P1 *)_this)->calls)-1);
#ifdef VAR_RANGES
		logval("Owner:calls", ((int)((P1 *)_this)->calls));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 264: // STATE 237 - caches.pml:226 - [have[2] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][237] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->have[2]);
		((P1 *)_this)->have[2] = 0;
#ifdef VAR_RANGES
		logval("Owner:have[2]", ((int)((P1 *)_this)->have[2]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 265: // STATE 238 - caches.pml:79 - [buffer!0,1] (0:0:0 - 0)
		IfNotBlocked
		reached[1][238] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", 1); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, 0, 1, 2);
		_m = 2; goto P999; /* 0 */
	case 266: // STATE 239 - caches.pml:80 - [latest[0] = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][239] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[0]);
		now.latest[0] = 1;
#ifdef VAR_RANGES
		logval("latest[0]", ((int)now.latest[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 267: // STATE 240 - caches.pml:81 - [pending[0] = (pending[0]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][240] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[0]);
		now.pending[0] = (((int)now.pending[0])+1);
#ifdef VAR_RANGES
		logval("pending[0]", ((int)now.pending[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 268: // STATE 243 - caches.pml:229 - [(own_bins)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][243] = 1;
		if (!(((int)now.own_bins)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 269: // STATE 244 - caches.pml:230 - [t = ( (pending[1]) -> (latest[1]) : (mem[1]) )] (0:0:1 - 0)
		IfNotBlocked
		reached[1][244] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ( (((int)now.pending[1])) ? (((int)now.latest[1])) : (((int)now.mem[1])) );
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 270: // STATE 245 - caches.pml:232 - [((t<2))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][245] = 1;
		if (!((((int)((P1 *)_this)->t)<2)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 271: // STATE 246 - caches.pml:79 - [buffer!(2+t),2] (0:0:0 - 0)
		IfNotBlocked
		reached[1][246] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", (2+((int)((P1 *)_this)->t))); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", 2); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, (2+((int)((P1 *)_this)->t)), 2, 2);
		_m = 2; goto P999; /* 0 */
	case 272: // STATE 247 - caches.pml:80 - [latest[(2+t)] = 2] (0:0:1 - 0)
		IfNotBlocked
		reached[1][247] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[ Index((2+((int)((P1 *)_this)->t)), 4) ]);
		now.latest[ Index((2+((P1 *)_this)->t), 4) ] = 2;
#ifdef VAR_RANGES
		logval("latest[(2+Owner:t)]", ((int)now.latest[ Index((2+((int)((P1 *)_this)->t)), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 273: // STATE 248 - caches.pml:81 - [pending[(2+t)] = (pending[(2+t)]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][248] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index((2+((int)((P1 *)_this)->t)), 4) ]);
		now.pending[ Index((2+((P1 *)_this)->t), 4) ] = (((int)now.pending[ Index((2+((int)((P1 *)_this)->t)), 4) ])+1);
#ifdef VAR_RANGES
		logval("pending[(2+Owner:t)]", ((int)now.pending[ Index((2+((int)((P1 *)_this)->t)), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 274: // STATE 251 - caches.pml:235 - [assert((block[2]==LIVE))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][251] = 1;
		spin_assert((now.block[2]==1), "(block[2]==1)", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 275: // STATE 252 - caches.pml:236 - [block[2] = CACHED] (0:0:1 - 0)
		IfNotBlocked
		reached[1][252] = 1;
		(trpt+1)->bup.oval = now.block[2];
		now.block[2] = 2;
#ifdef VAR_RANGES
		logval("block[2]", now.block[2]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 276: // STATE 253 - caches.pml:79 - [buffer!1,(t+1)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][253] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", 1); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", (((int)((P1 *)_this)->t)+1)); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, 1, (((int)((P1 *)_this)->t)+1), 2);
		_m = 2; goto P999; /* 0 */
	case 277: // STATE 254 - caches.pml:80 - [latest[1] = (t+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][254] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[1]);
		now.latest[1] = (((int)((P1 *)_this)->t)+1);
#ifdef VAR_RANGES
		logval("latest[1]", ((int)now.latest[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 278: // STATE 255 - caches.pml:81 - [pending[1] = (pending[1]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][255] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[1]);
		now.pending[1] = (((int)now.pending[1])+1);
#ifdef VAR_RANGES
		logval("pending[1]", ((int)now.pending[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 279: // STATE 259 - caches.pml:239 - [got = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][259] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->got);
		((P1 *)_this)->got = 1;
#ifdef VAR_RANGES
		logval("Owner:got", ((int)((P1 *)_this)->got));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 280: // STATE 266 - caches.pml:244 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][266] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 281: // STATE 267 - caches.pml:79 - [buffer!0,0] (0:0:0 - 0)
		IfNotBlocked
		reached[1][267] = 1;
		if (q_full(now.buffer))
			continue;
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[64];
			sprintf(simvals, "%d!", now.buffer);
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		}
#endif
		
		qsend(now.buffer, 0, 0, 0, 2);
		_m = 2; goto P999; /* 0 */
	case 282: // STATE 268 - caches.pml:80 - [latest[0] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][268] = 1;
		(trpt+1)->bup.oval = ((int)now.latest[0]);
		now.latest[0] = 0;
#ifdef VAR_RANGES
		logval("latest[0]", ((int)now.latest[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 283: // STATE 269 - caches.pml:81 - [pending[0] = (pending[0]+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][269] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[0]);
		now.pending[0] = (((int)now.pending[0])+1);
#ifdef VAR_RANGES
		logval("pending[0]", ((int)now.pending[0]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 284: // STATE 272 - caches.pml:247 - [(got)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][272] = 1;
		if (!(((int)((P1 *)_this)->got)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: got */  (trpt+1)->bup.oval = ((P1 *)_this)->got;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P1 *)_this)->got = 0;
		_m = 3; goto P999; /* 0 */
	case 285: // STATE 273 - caches.pml:247 - [got = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][273] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->got);
		((P1 *)_this)->got = 0;
#ifdef VAR_RANGES
		logval("Owner:got", ((int)((P1 *)_this)->got));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 286: // STATE 275 - caches.pml:249 - [((lock==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][275] = 1;
		if (!((((int)now.lock)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 287: // STATE 276 - caches.pml:249 - [lock = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[1][276] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = ((int)((P1 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 288: // STATE 277 - caches.pml:95 - [buffer?w,v] (0:0:2 - 0)
		reached[1][277] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P1 *)_this)->w);
		(trpt+1)->bup.ovals[1] = ((int)((P1 *)_this)->v);
		;
		((P1 *)_this)->w = qrecv(now.buffer, XX-1, 0, 0);
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		((P1 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->w)); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 289: // STATE 278 - caches.pml:95 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[1][278] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.mem[ Index(((P1 *)_this)->w, 4) ] = ((int)((P1 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Owner:w]", ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 290: // STATE 279 - caches.pml:95 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][279] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.pending[ Index(((P1 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Owner:w]", ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 291: // STATE 280 - caches.pml:95 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][280] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->w);
		((P1 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 292: // STATE 281 - caches.pml:95 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][281] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->v);
		((P1 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 293: // STATE 282 - caches.pml:96 - [(empty(buffer))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][282] = 1;
		if (!((q_len(now.buffer)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 294: // STATE 289 - caches.pml:140 - [(drain)] (0:0:0 - 0)
		IfNotBlocked
		reached[1][289] = 1;
		if (!(((int)now.drain)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 295: // STATE 290 - caches.pml:140 - [drain = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][290] = 1;
		(trpt+1)->bup.oval = ((int)now.drain);
		now.drain = 0;
#ifdef VAR_RANGES
		logval("drain", ((int)now.drain));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 296: // STATE 291 - caches.pml:121 - [t = mem[1]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][291] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ((int)now.mem[1]);
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 297: // STATE 292 - caches.pml:122 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][292] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 298: // STATE 293 - caches.pml:124 - [((i<t))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][293] = 1;
		if (!((((int)((P1 *)_this)->i)<((int)((P1 *)_this)->t))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 299: // STATE 294 - caches.pml:126 - [b = mem[(2+i)]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][294] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = ((int)now.mem[ Index((2+((int)((P1 *)_this)->i)), 4) ]);
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 300: // STATE 295 - caches.pml:127 - [assert((b&&(block[b]==CACHED)))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][295] = 1;
		spin_assert((((int)((P1 *)_this)->b)&&(now.block[ Index(((int)((P1 *)_this)->b), 3) ]==2)), "(b&&(block[b]==2))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 301: // STATE 296 - caches.pml:128 - [block[b] = FREE] (0:0:1 - 0)
		IfNotBlocked
		reached[1][296] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P1 *)_this)->b), 3) ];
		now.block[ Index(((P1 *)_this)->b, 3) ] = 3;
#ifdef VAR_RANGES
		logval("block[Owner:b]", now.block[ Index(((int)((P1 *)_this)->b), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 302: // STATE 297 - caches.pml:129 - [i = (i+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][297] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = (((int)((P1 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 303: // STATE 304 - caches.pml:133 - [mem[1] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][304] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = 0;
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 304: // STATE 305 - caches.pml:133 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][305] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 305: // STATE 306 - caches.pml:133 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][306] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 306: // STATE 307 - caches.pml:133 - [b = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][307] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 307: // STATE 313 - caches.pml:143 - [open = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][313] = 1;
		(trpt+1)->bup.oval = ((int)now.open);
		now.open = 1;
#ifdef VAR_RANGES
		logval("open", ((int)now.open));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 308: // STATE 314 - caches.pml:143 - [own_bins = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[1][314] = 1;
		(trpt+1)->bup.oval = ((int)now.own_bins);
		now.own_bins = 1;
#ifdef VAR_RANGES
		logval("own_bins", ((int)now.own_bins));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 309: // STATE 317 - caches.pml:253 - [t = mem[1]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][317] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ((int)now.mem[1]);
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 310: // STATE 318 - caches.pml:254 - [assert(((t<2)&&(block[2]==LIVE)))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][318] = 1;
		spin_assert(((((int)((P1 *)_this)->t)<2)&&(now.block[2]==1)), "((t<2)&&(block[2]==1))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 311: // STATE 319 - caches.pml:255 - [mem[(2+t)] = 2] (0:0:1 - 0)
		IfNotBlocked
		reached[1][319] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index((2+((int)((P1 *)_this)->t)), 4) ]);
		now.mem[ Index((2+((P1 *)_this)->t), 4) ] = 2;
#ifdef VAR_RANGES
		logval("mem[(2+Owner:t)]", ((int)now.mem[ Index((2+((int)((P1 *)_this)->t)), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 312: // STATE 320 - caches.pml:256 - [block[2] = CACHED] (0:0:1 - 0)
		IfNotBlocked
		reached[1][320] = 1;
		(trpt+1)->bup.oval = now.block[2];
		now.block[2] = 2;
#ifdef VAR_RANGES
		logval("block[2]", now.block[2]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 313: // STATE 321 - caches.pml:257 - [mem[1] = (t+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][321] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = (((int)((P1 *)_this)->t)+1);
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 314: // STATE 322 - caches.pml:258 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][322] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 315: // STATE 324 - caches.pml:260 - [lock = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][324] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = 0;
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 316: // STATE 328 - caches.pml:294 - [(!(calls))] (0:0:1 - 0)
		IfNotBlocked
		reached[1][328] = 1;
		if (!( !(((int)((P1 *)_this)->calls))))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: calls */  (trpt+1)->bup.oval = ((P1 *)_this)->calls;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P1 *)_this)->calls = 0;
		_m = 3; goto P999; /* 0 */
	case 317: // STATE 333 - caches.pml:267 - [((lock==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][333] = 1;
		if (!((((int)now.lock)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 318: // STATE 334 - caches.pml:267 - [lock = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[1][334] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = ((int)((P1 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 319: // STATE 335 - caches.pml:95 - [buffer?w,v] (0:0:2 - 0)
		reached[1][335] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P1 *)_this)->w);
		(trpt+1)->bup.ovals[1] = ((int)((P1 *)_this)->v);
		;
		((P1 *)_this)->w = qrecv(now.buffer, XX-1, 0, 0);
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		((P1 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->w)); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 320: // STATE 336 - caches.pml:95 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[1][336] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.mem[ Index(((P1 *)_this)->w, 4) ] = ((int)((P1 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Owner:w]", ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 321: // STATE 337 - caches.pml:95 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][337] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.pending[ Index(((P1 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Owner:w]", ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 322: // STATE 338 - caches.pml:95 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][338] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->w);
		((P1 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 323: // STATE 339 - caches.pml:95 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][339] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->v);
		((P1 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 324: // STATE 340 - caches.pml:96 - [(empty(buffer))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][340] = 1;
		if (!((q_len(now.buffer)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 325: // STATE 347 - caches.pml:269 - [own_bins = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][347] = 1;
		(trpt+1)->bup.oval = ((int)now.own_bins);
		now.own_bins = 0;
#ifdef VAR_RANGES
		logval("own_bins", ((int)now.own_bins));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 326: // STATE 348 - caches.pml:270 - [open = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][348] = 1;
		(trpt+1)->bup.oval = ((int)now.open);
		now.open = 0;
#ifdef VAR_RANGES
		logval("open", ((int)now.open));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 327: // STATE 349 - caches.pml:121 - [t = mem[1]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][349] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = ((int)now.mem[1]);
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 328: // STATE 350 - caches.pml:122 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][350] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 329: // STATE 351 - caches.pml:124 - [((i<t))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][351] = 1;
		if (!((((int)((P1 *)_this)->i)<((int)((P1 *)_this)->t))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 330: // STATE 352 - caches.pml:126 - [b = mem[(2+i)]] (0:0:1 - 0)
		IfNotBlocked
		reached[1][352] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = ((int)now.mem[ Index((2+((int)((P1 *)_this)->i)), 4) ]);
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 331: // STATE 353 - caches.pml:127 - [assert((b&&(block[b]==CACHED)))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][353] = 1;
		spin_assert((((int)((P1 *)_this)->b)&&(now.block[ Index(((int)((P1 *)_this)->b), 3) ]==2)), "(b&&(block[b]==2))", II, tt, t);
		_m = 3; goto P999; /* 0 */
	case 332: // STATE 354 - caches.pml:128 - [block[b] = FREE] (0:0:1 - 0)
		IfNotBlocked
		reached[1][354] = 1;
		(trpt+1)->bup.oval = now.block[ Index(((int)((P1 *)_this)->b), 3) ];
		now.block[ Index(((P1 *)_this)->b, 3) ] = 3;
#ifdef VAR_RANGES
		logval("block[Owner:b]", now.block[ Index(((int)((P1 *)_this)->b), 3) ]);
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 333: // STATE 355 - caches.pml:129 - [i = (i+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][355] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = (((int)((P1 *)_this)->i)+1);
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 334: // STATE 362 - caches.pml:133 - [mem[1] = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][362] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[1]);
		now.mem[1] = 0;
#ifdef VAR_RANGES
		logval("mem[1]", ((int)now.mem[1]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 335: // STATE 363 - caches.pml:133 - [i = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][363] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->i);
		((P1 *)_this)->i = 0;
#ifdef VAR_RANGES
		logval("Owner:i", ((int)((P1 *)_this)->i));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 336: // STATE 364 - caches.pml:133 - [t = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][364] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->t);
		((P1 *)_this)->t = 0;
#ifdef VAR_RANGES
		logval("Owner:t", ((int)((P1 *)_this)->t));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 337: // STATE 365 - caches.pml:133 - [b = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][365] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->b);
		((P1 *)_this)->b = 0;
#ifdef VAR_RANGES
		logval("Owner:b", ((int)((P1 *)_this)->b));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 338: // STATE 368 - caches.pml:272 - [lock = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][368] = 1;
		(trpt+1)->bup.oval = ((int)now.lock);
		now.lock = 0;
#ifdef VAR_RANGES
		logval("lock", ((int)now.lock));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 339: // STATE 369 - caches.pml:273 - [((registry==0))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][369] = 1;
		if (!((((int)now.registry)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 340: // STATE 370 - caches.pml:273 - [registry = _pid] (0:0:1 - 0)
		IfNotBlocked
		reached[1][370] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = ((int)((P1 *)_this)->_pid);
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 341: // STATE 371 - caches.pml:274 - [in_list = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][371] = 1;
		(trpt+1)->bup.oval = ((int)now.in_list);
		now.in_list = 0;
#ifdef VAR_RANGES
		logval("in_list", ((int)now.in_list));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 342: // STATE 372 - caches.pml:275 - [registry = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][372] = 1;
		(trpt+1)->bup.oval = ((int)now.registry);
		now.registry = 0;
#ifdef VAR_RANGES
		logval("registry", ((int)now.registry));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 343: // STATE 374 - caches.pml:95 - [buffer?w,v] (0:0:2 - 0)
		reached[1][374] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)((P1 *)_this)->w);
		(trpt+1)->bup.ovals[1] = ((int)((P1 *)_this)->v);
		;
		((P1 *)_this)->w = qrecv(now.buffer, XX-1, 0, 0);
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		((P1 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->w)); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P1 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 344: // STATE 375 - caches.pml:95 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[1][375] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.mem[ Index(((P1 *)_this)->w, 4) ] = ((int)((P1 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Owner:w]", ((int)now.mem[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 345: // STATE 376 - caches.pml:95 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][376] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]);
		now.pending[ Index(((P1 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Owner:w]", ((int)now.pending[ Index(((int)((P1 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 346: // STATE 377 - caches.pml:95 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][377] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->w);
		((P1 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Owner:w", ((int)((P1 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 347: // STATE 378 - caches.pml:95 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][378] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->v);
		((P1 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Owner:v", ((int)((P1 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 348: // STATE 379 - caches.pml:96 - [(empty(buffer))] (0:0:0 - 0)
		IfNotBlocked
		reached[1][379] = 1;
		if (!((q_len(now.buffer)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 349: // STATE 386 - caches.pml:305 - [alive = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[1][386] = 1;
		(trpt+1)->bup.oval = ((int)now.alive);
		now.alive = 0;
#ifdef VAR_RANGES
		logval("alive", ((int)now.alive));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 350: // STATE 389 - caches.pml:307 - [done = (done+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[1][389] = 1;
		(trpt+1)->bup.oval = ((int)now.done);
		now.done = (((int)now.done)+1);
#ifdef VAR_RANGES
		logval("done", ((int)now.done));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 351: // STATE 390 - caches.pml:308 - [-end-] (0:0:0 - 0)
		IfNotBlocked
		reached[1][390] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */

		 /* PROC Memory */
	case 352: // STATE 1 - caches.pml:107 - [buffer??1,v] (0:0:2 - 0)
		reached[0][1] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		if (!(XX = Q_has(now.buffer, 1, 1, 0, 0))) continue;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = XX;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->v);
		;
		((P0 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Memory:v", ((int)((P0 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", 1); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P0 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 353: // STATE 2 - caches.pml:107 - [w = 1] (0:0:1 - 0)
		IfNotBlocked
		reached[0][2] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->w);
		((P0 *)_this)->w = 1;
#ifdef VAR_RANGES
		logval("Memory:w", ((int)((P0 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 354: // STATE 3 - caches.pml:107 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[0][3] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P0 *)_this)->w), 4) ]);
		now.mem[ Index(((P0 *)_this)->w, 4) ] = ((int)((P0 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Memory:w]", ((int)now.mem[ Index(((int)((P0 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 355: // STATE 4 - caches.pml:107 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[0][4] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ]);
		now.pending[ Index(((P0 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Memory:w]", ((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 356: // STATE 5 - caches.pml:107 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[0][5] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->w);
		((P0 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Memory:w", ((int)((P0 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 357: // STATE 6 - caches.pml:107 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[0][6] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->v);
		((P0 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Memory:v", ((int)((P0 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 358: // STATE 8 - caches.pml:108 - [buffer??2,v] (0:0:2 - 0)
		reached[0][8] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		if (!(XX = Q_has(now.buffer, 1, 2, 0, 0))) continue;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = XX;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->v);
		;
		((P0 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Memory:v", ((int)((P0 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", 2); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P0 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 359: // STATE 9 - caches.pml:108 - [w = 2] (0:0:1 - 0)
		IfNotBlocked
		reached[0][9] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->w);
		((P0 *)_this)->w = 2;
#ifdef VAR_RANGES
		logval("Memory:w", ((int)((P0 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 360: // STATE 10 - caches.pml:108 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[0][10] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P0 *)_this)->w), 4) ]);
		now.mem[ Index(((P0 *)_this)->w, 4) ] = ((int)((P0 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Memory:w]", ((int)now.mem[ Index(((int)((P0 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 361: // STATE 11 - caches.pml:108 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[0][11] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ]);
		now.pending[ Index(((P0 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Memory:w]", ((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 362: // STATE 12 - caches.pml:108 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[0][12] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->w);
		((P0 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Memory:w", ((int)((P0 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 363: // STATE 13 - caches.pml:108 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[0][13] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->v);
		((P0 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Memory:v", ((int)((P0 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 364: // STATE 15 - caches.pml:109 - [buffer??eval((2+1)),v] (0:0:2 - 0)
		reached[0][15] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		if (!(XX = Q_has(now.buffer, 1, (2+1), 0, 0))) continue;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = XX;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->v);
		;
		((P0 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Memory:v", ((int)((P0 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", (2+1)); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P0 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 365: // STATE 16 - caches.pml:109 - [w = (2+1)] (0:0:1 - 0)
		IfNotBlocked
		reached[0][16] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->w);
		((P0 *)_this)->w = (2+1);
#ifdef VAR_RANGES
		logval("Memory:w", ((int)((P0 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 366: // STATE 17 - caches.pml:109 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[0][17] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P0 *)_this)->w), 4) ]);
		now.mem[ Index(((P0 *)_this)->w, 4) ] = ((int)((P0 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Memory:w]", ((int)now.mem[ Index(((int)((P0 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 367: // STATE 18 - caches.pml:109 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[0][18] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ]);
		now.pending[ Index(((P0 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Memory:w]", ((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 368: // STATE 19 - caches.pml:109 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[0][19] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->w);
		((P0 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Memory:w", ((int)((P0 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 369: // STATE 20 - caches.pml:109 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[0][20] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->v);
		((P0 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Memory:v", ((int)((P0 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 370: // STATE 22 - caches.pml:113 - [buffer?0,v] (0:0:1 - 0)
		reached[0][22] = 1;
		if (q_len(now.buffer) == 0) continue;

		XX=1;
		if (0 != qrecv(now.buffer, 0, 0, 0)) continue;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->v);
		;
		((P0 *)_this)->v = qrecv(now.buffer, XX-1, 1, 1);
#ifdef VAR_RANGES
		logval("Memory:v", ((int)((P0 *)_this)->v));
#endif
		;
		
#ifdef HAS_CODE
		if (readtrail && gui) {
			char simtmp[32];
			sprintf(simvals, "%d?", now.buffer);
		sprintf(simtmp, "%d", 0); strcat(simvals, simtmp);		strcat(simvals, ",");
		sprintf(simtmp, "%d", ((int)((P0 *)_this)->v)); strcat(simvals, simtmp);		}
#endif
		;
		_m = 4; goto P999; /* 0 */
	case 371: // STATE 23 - caches.pml:113 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[0][23] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->w);
		((P0 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Memory:w", ((int)((P0 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 372: // STATE 24 - caches.pml:113 - [mem[w] = v] (0:0:1 - 0)
		IfNotBlocked
		reached[0][24] = 1;
		(trpt+1)->bup.oval = ((int)now.mem[ Index(((int)((P0 *)_this)->w), 4) ]);
		now.mem[ Index(((P0 *)_this)->w, 4) ] = ((int)((P0 *)_this)->v);
#ifdef VAR_RANGES
		logval("mem[Memory:w]", ((int)now.mem[ Index(((int)((P0 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 373: // STATE 25 - caches.pml:113 - [pending[w] = (pending[w]-1)] (0:0:1 - 0)
		IfNotBlocked
		reached[0][25] = 1;
		(trpt+1)->bup.oval = ((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ]);
		now.pending[ Index(((P0 *)_this)->w, 4) ] = (((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ])-1);
#ifdef VAR_RANGES
		logval("pending[Memory:w]", ((int)now.pending[ Index(((int)((P0 *)_this)->w), 4) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 374: // STATE 26 - caches.pml:113 - [w = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[0][26] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->w);
		((P0 *)_this)->w = 0;
#ifdef VAR_RANGES
		logval("Memory:w", ((int)((P0 *)_this)->w));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 375: // STATE 27 - caches.pml:113 - [v = 0] (0:0:1 - 0)
		IfNotBlocked
		reached[0][27] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->v);
		((P0 *)_this)->v = 0;
#ifdef VAR_RANGES
		logval("Memory:v", ((int)((P0 *)_this)->v));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 376: // STATE 32 - caches.pml:116 - [-end-] (0:0:0 - 0)
		IfNotBlocked
		reached[0][32] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */
	case  _T5:	/* np_ */
		if (!((!(trpt->o_pm&4) && !(trpt->tau&128))))
			continue;
		/* else fall through */
	case  _T2:	/* true */
		_m = 3; goto P999;
#undef rand
	}

