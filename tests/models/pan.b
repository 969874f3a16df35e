	switch (t->back) {
	default: Uerror("bad return move");
	case  0: goto R999; /* nothing to undo */

		 /* PROC :init: */

	case 3: // STATE 1
		;
		;
		delproc(0, now._nr_pr-1);
		;
		goto R999;

	case 4: // STATE 2
		;
		;
		delproc(0, now._nr_pr-1);
		;
		goto R999;

	case 5: // STATE 3
		;
		;
		delproc(0, now._nr_pr-1);
		;
		goto R999;

	case 6: // STATE 4
		;
		;
		delproc(0, now._nr_pr-1);
		;
		goto R999;

	case 7: // STATE 5
		;
		;
		delproc(0, now._nr_pr-1);
		;
		goto R999;

	case 8: // STATE 6
		;
		;
		delproc(0, now._nr_pr-1);
		;
		goto R999;
;
		;
		;
		;
		;
		;
		;
		;
		
	case 13: // STATE 12
		;
		p_restor(II);
		;
		;
		goto R999;

		 /* PROC Fork */
;
		;
		
	case 15: // STATE 2
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 17: // STATE 4
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 18: // STATE 6
		;
		now.frozen = trpt->bup.oval;
		;
		goto R999;

	case 19: // STATE 7
		;
		XX = 1;
		unrecv(now.buffer, XX-1, 0, ((int)((P4 *)_this)->w), 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P4 *)_this)->v), 0);
		((P4 *)_this)->w = trpt->bup.ovals[0];
		((P4 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 20: // STATE 8
		;
		now.mem[ Index(((P4 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 21: // STATE 9
		;
		now.pending[ Index(((P4 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 22: // STATE 10
		;
		((P4 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 23: // STATE 11
		;
		((P4 *)_this)->v = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 26: // STATE 21
		;
		((P4 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 29: // STATE 26
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 30: // STATE 27
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;

	case 31: // STATE 28
		;
		now.done = trpt->bup.oval;
		;
		goto R999;

	case 32: // STATE 29
		;
		p_restor(II);
		;
		;
		goto R999;

		 /* PROC Reach */
;
		;
		
	case 34: // STATE 2
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 37: // STATE 5
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 38: // STATE 6
		;
		((P3 *)_this)->was_own = trpt->bup.oval;
		;
		goto R999;

	case 39: // STATE 7
		;
		now.own_bins = trpt->bup.oval;
		;
		goto R999;

	case 40: // STATE 8
		;
		XX = 1;
		unrecv(now.buffer, XX-1, 0, ((int)((P3 *)_this)->w), 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P3 *)_this)->v), 0);
		((P3 *)_this)->w = trpt->bup.ovals[0];
		((P3 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 41: // STATE 9
		;
		now.mem[ Index(((P3 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 42: // STATE 10
		;
		now.pending[ Index(((P3 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 43: // STATE 11
		;
		((P3 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 44: // STATE 12
		;
		((P3 *)_this)->v = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 46: // STATE 20
		;
		((P3 *)_this)->barrier = trpt->bup.oval;
		;
		goto R999;

	case 47: // STATE 21
		;
		((P3 *)_this)->barrier = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 49: // STATE 26
		;
		((P3 *)_this)->ours = trpt->bup.oval;
		;
		goto R999;

	case 50: // STATE 27
		;
	/* 0 */	((P3 *)_this)->barrier = trpt->bup.oval;
		;
		;
		goto R999;
;
		;
		
	case 52: // STATE 29
		;
		((P3 *)_this)->ours = trpt->bup.oval;
		;
		goto R999;

	case 53: // STATE 30
		;
		((P3 *)_this)->ours = trpt->bup.oval;
		;
		goto R999;

	case 54: // STATE 34
		;
		((P3 *)_this)->ours = trpt->bup.oval;
		;
		goto R999;

	case 55: // STATE 38
		;
	/* 0 */	((P3 *)_this)->ours = trpt->bup.oval;
		;
		;
		goto R999;
;
		;
		;
		;
		;
		;
		
	case 59: // STATE 42
		;
		now.own_bins = trpt->bup.oval;
		;
		goto R999;

	case 60: // STATE 46
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 61: // STATE 50
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;

	case 62: // STATE 51
		;
		now.done = trpt->bup.oval;
		;
		goto R999;

	case 63: // STATE 52
		;
		p_restor(II);
		;
		;
		goto R999;

		 /* PROC Trim */
;
		;
		
	case 65: // STATE 2
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 68: // STATE 5
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 69: // STATE 6
		;
		now.own_bins = trpt->bup.oval;
		;
		goto R999;

	case 70: // STATE 7
		;
		now.drain = trpt->bup.oval;
		;
		goto R999;

	case 71: // STATE 8
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 72: // STATE 12
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;

	case 73: // STATE 13
		;
		XX = 1;
		unrecv(now.buffer, XX-1, 0, ((int)((P2 *)_this)->w), 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P2 *)_this)->v), 0);
		((P2 *)_this)->w = trpt->bup.ovals[0];
		((P2 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 74: // STATE 14
		;
		now.mem[ Index(((P2 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 75: // STATE 15
		;
		now.pending[ Index(((P2 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 76: // STATE 16
		;
		((P2 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 77: // STATE 17
		;
		((P2 *)_this)->v = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 79: // STATE 25
		;
		((P2 *)_this)->barrier = trpt->bup.oval;
		;
		goto R999;

	case 80: // STATE 26
		;
		((P2 *)_this)->barrier = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 82: // STATE 31
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 85: // STATE 34
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 88: // STATE 37
		;
		((P2 *)_this)->ours = trpt->bup.oval;
		;
		goto R999;

	case 89: // STATE 38
		;
	/* 0 */	((P2 *)_this)->barrier = trpt->bup.oval;
		;
		;
		goto R999;
;
		;
		
	case 91: // STATE 40
		;
		((P2 *)_this)->ours = trpt->bup.oval;
		;
		goto R999;

	case 92: // STATE 41
		;
		((P2 *)_this)->ours = trpt->bup.oval;
		;
		goto R999;

	case 93: // STATE 45
		;
		((P2 *)_this)->ours = trpt->bup.oval;
		;
		goto R999;

	case 94: // STATE 52
		;
	/* 0 */	((P2 *)_this)->ours = trpt->bup.oval;
		;
		;
		goto R999;

	case 95: // STATE 53
		;
		now.open = trpt->bup.oval;
		;
		goto R999;

	case 96: // STATE 54
		;
		now.drain = trpt->bup.oval;
		;
		goto R999;

	case 97: // STATE 55
		;
		((P2 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 98: // STATE 56
		;
		((P2 *)_this)->i = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 100: // STATE 58
		;
		((P2 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 102: // STATE 60
		;
		now.block[ Index(((P2 *)_this)->b, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 103: // STATE 61
		;
		((P2 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 104: // STATE 68
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;

	case 105: // STATE 69
		;
		((P2 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 106: // STATE 70
		;
		((P2 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 107: // STATE 71
		;
		((P2 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 108: // STATE 77
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 111: // STATE 83
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 112: // STATE 84
		;
		now.own_bins = trpt->bup.oval;
		;
		goto R999;

	case 113: // STATE 85
		;
		now.mem[0] = trpt->bup.oval;
		;
		goto R999;

	case 114: // STATE 86
		;
		now.open = trpt->bup.oval;
		;
		goto R999;

	case 115: // STATE 87
		;
		((P2 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 116: // STATE 88
		;
		((P2 *)_this)->i = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 118: // STATE 90
		;
		((P2 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 120: // STATE 92
		;
		now.block[ Index(((P2 *)_this)->b, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 121: // STATE 93
		;
		((P2 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 122: // STATE 100
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;

	case 123: // STATE 101
		;
		((P2 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 124: // STATE 102
		;
		((P2 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 125: // STATE 103
		;
		((P2 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 126: // STATE 106
		;
		now.in_list = trpt->bup.oval;
		;
		goto R999;

	case 127: // STATE 108
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 128: // STATE 112
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;

	case 129: // STATE 113
		;
		now.done = trpt->bup.oval;
		;
		goto R999;

	case 130: // STATE 114
		;
		p_restor(II);
		;
		;
		goto R999;

		 /* PROC Owner */
;
		;
		
	case 132: // STATE 2
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 134: // STATE 4
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;

	case 135: // STATE 9
		;
		now.in_list = trpt->bup.oval;
		;
		goto R999;

	case 136: // STATE 10
		;
		now.alive = trpt->bup.oval;
		;
		goto R999;

	case 137: // STATE 11
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 139: // STATE 14
		;
		((P1 *)_this)->calls = trpt->bup.oval;
		;
		goto R999;

	case 140: // STATE 15
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 141: // STATE 16
		;
		now.latest[0] = trpt->bup.oval;
		;
		goto R999;

	case 142: // STATE 17
		;
		now.pending[0] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 144: // STATE 21
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 146: // STATE 23
		;
		((P1 *)_this)->got = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 148: // STATE 25
		;
		now.block[ Index(((P1 *)_this)->got, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 149: // STATE 26
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 150: // STATE 27
		;
		now.latest[1] = trpt->bup.oval;
		;
		goto R999;

	case 151: // STATE 28
		;
		now.pending[1] = trpt->bup.oval;
		;
		goto R999;

	case 152: // STATE 38
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 153: // STATE 39
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 154: // STATE 40
		;
		now.latest[0] = trpt->bup.oval;
		;
		goto R999;

	case 155: // STATE 41
		;
		now.pending[0] = trpt->bup.oval;
		;
		goto R999;

	case 156: // STATE 44
		;
	/* 0 */	((P1 *)_this)->got = trpt->bup.oval;
		;
		;
		goto R999;
;
		;
		
	case 158: // STATE 46
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 159: // STATE 47
		;
		XX = 1;
		unrecv(now.buffer, XX-1, 0, ((int)((P1 *)_this)->w), 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P1 *)_this)->v), 0);
		((P1 *)_this)->w = trpt->bup.ovals[0];
		((P1 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 160: // STATE 48
		;
		now.mem[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 161: // STATE 49
		;
		now.pending[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 162: // STATE 50
		;
		((P1 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 163: // STATE 51
		;
		((P1 *)_this)->v = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 166: // STATE 60
		;
		now.drain = trpt->bup.oval;
		;
		goto R999;

	case 167: // STATE 61
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 168: // STATE 62
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 170: // STATE 64
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 172: // STATE 66
		;
		now.block[ Index(((P1 *)_this)->b, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 173: // STATE 67
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 174: // STATE 74
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;

	case 175: // STATE 75
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 176: // STATE 76
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 177: // STATE 77
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 178: // STATE 83
		;
		now.open = trpt->bup.oval;
		;
		goto R999;

	case 179: // STATE 84
		;
		now.own_bins = trpt->bup.oval;
		;
		goto R999;

	case 180: // STATE 87
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 182: // STATE 89
		;
		((P1 *)_this)->got = trpt->bup.oval;
		;
		goto R999;

	case 183: // STATE 90
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 185: // STATE 92
		;
		now.block[ Index(((P1 *)_this)->got, 3) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 187: // STATE 96
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 189: // STATE 98
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 190: // STATE 100
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 191: // STATE 105
		;
		((P1 *)_this)->got = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 193: // STATE 107
		;
		now.block[ Index(((P1 *)_this)->got, 3) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 195: // STATE 113
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 197: // STATE 115
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 198: // STATE 117
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 200: // STATE 123
		;
		now.mem[2] = trpt->bup.oval;
		;
		goto R999;

	case 201: // STATE 124
		;
		now.block[ Index(((P1 *)_this)->b, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 202: // STATE 125
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;

	case 203: // STATE 129
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 204: // STATE 133
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 205: // STATE 134
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 206: // STATE 139
		;
		((P1 *)_this)->have[ Index(((P1 *)_this)->got, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 207: // STATE 140
		;
		((P1 *)_this)->got = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 209: // STATE 143
		;
		((P1 *)_this)->calls = trpt->bup.oval;
		;
		goto R999;

	case 210: // STATE 144
		;
		((P1 *)_this)->have[1] = trpt->bup.oval;
		;
		goto R999;

	case 211: // STATE 145
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 212: // STATE 146
		;
		now.latest[0] = trpt->bup.oval;
		;
		goto R999;

	case 213: // STATE 147
		;
		now.pending[0] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 215: // STATE 151
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 217: // STATE 153
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 218: // STATE 154
		;
		now.latest[ Index((2+((P1 *)_this)->t), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 219: // STATE 155
		;
		now.pending[ Index((2+((P1 *)_this)->t), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 221: // STATE 159
		;
		now.block[1] = trpt->bup.oval;
		;
		goto R999;

	case 222: // STATE 160
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 223: // STATE 161
		;
		now.latest[1] = trpt->bup.oval;
		;
		goto R999;

	case 224: // STATE 162
		;
		now.pending[1] = trpt->bup.oval;
		;
		goto R999;

	case 225: // STATE 166
		;
		((P1 *)_this)->got = trpt->bup.oval;
		;
		goto R999;

	case 226: // STATE 173
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 227: // STATE 174
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 228: // STATE 175
		;
		now.latest[0] = trpt->bup.oval;
		;
		goto R999;

	case 229: // STATE 176
		;
		now.pending[0] = trpt->bup.oval;
		;
		goto R999;

	case 230: // STATE 179
		;
	/* 0 */	((P1 *)_this)->got = trpt->bup.oval;
		;
		;
		goto R999;

	case 231: // STATE 180
		;
		((P1 *)_this)->got = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 233: // STATE 183
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 234: // STATE 184
		;
		XX = 1;
		unrecv(now.buffer, XX-1, 0, ((int)((P1 *)_this)->w), 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P1 *)_this)->v), 0);
		((P1 *)_this)->w = trpt->bup.ovals[0];
		((P1 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 235: // STATE 185
		;
		now.mem[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 236: // STATE 186
		;
		now.pending[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 237: // STATE 187
		;
		((P1 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 238: // STATE 188
		;
		((P1 *)_this)->v = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 241: // STATE 197
		;
		now.drain = trpt->bup.oval;
		;
		goto R999;

	case 242: // STATE 198
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 243: // STATE 199
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 245: // STATE 201
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 247: // STATE 203
		;
		now.block[ Index(((P1 *)_this)->b, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 248: // STATE 204
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 249: // STATE 211
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;

	case 250: // STATE 212
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 251: // STATE 213
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 252: // STATE 214
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 253: // STATE 220
		;
		now.open = trpt->bup.oval;
		;
		goto R999;

	case 254: // STATE 221
		;
		now.own_bins = trpt->bup.oval;
		;
		goto R999;

	case 255: // STATE 224
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 257: // STATE 226
		;
		now.mem[ Index((2+((P1 *)_this)->t), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 258: // STATE 227
		;
		now.block[1] = trpt->bup.oval;
		;
		goto R999;

	case 259: // STATE 228
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;

	case 260: // STATE 229
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 261: // STATE 231
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 263: // STATE 236
		;
		((P1 *)_this)->calls = trpt->bup.oval;
		;
		goto R999;

	case 264: // STATE 237
		;
		((P1 *)_this)->have[2] = trpt->bup.oval;
		;
		goto R999;

	case 265: // STATE 238
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 266: // STATE 239
		;
		now.latest[0] = trpt->bup.oval;
		;
		goto R999;

	case 267: // STATE 240
		;
		now.pending[0] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 269: // STATE 244
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 271: // STATE 246
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 272: // STATE 247
		;
		now.latest[ Index((2+((P1 *)_this)->t), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 273: // STATE 248
		;
		now.pending[ Index((2+((P1 *)_this)->t), 4) ] = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 275: // STATE 252
		;
		now.block[2] = trpt->bup.oval;
		;
		goto R999;

	case 276: // STATE 253
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 277: // STATE 254
		;
		now.latest[1] = trpt->bup.oval;
		;
		goto R999;

	case 278: // STATE 255
		;
		now.pending[1] = trpt->bup.oval;
		;
		goto R999;

	case 279: // STATE 259
		;
		((P1 *)_this)->got = trpt->bup.oval;
		;
		goto R999;

	case 280: // STATE 266
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 281: // STATE 267
		;
		_m = unsend(now.buffer);
		;
		goto R999;

	case 282: // STATE 268
		;
		now.latest[0] = trpt->bup.oval;
		;
		goto R999;

	case 283: // STATE 269
		;
		now.pending[0] = trpt->bup.oval;
		;
		goto R999;

	case 284: // STATE 272
		;
	/* 0 */	((P1 *)_this)->got = trpt->bup.oval;
		;
		;
		goto R999;

	case 285: // STATE 273
		;
		((P1 *)_this)->got = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 287: // STATE 276
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 288: // STATE 277
		;
		XX = 1;
		unrecv(now.buffer, XX-1, 0, ((int)((P1 *)_this)->w), 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P1 *)_this)->v), 0);
		((P1 *)_this)->w = trpt->bup.ovals[0];
		((P1 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 289: // STATE 278
		;
		now.mem[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 290: // STATE 279
		;
		now.pending[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 291: // STATE 280
		;
		((P1 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 292: // STATE 281
		;
		((P1 *)_this)->v = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 295: // STATE 290
		;
		now.drain = trpt->bup.oval;
		;
		goto R999;

	case 296: // STATE 291
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 297: // STATE 292
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 299: // STATE 294
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 301: // STATE 296
		;
		now.block[ Index(((P1 *)_this)->b, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 302: // STATE 297
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 303: // STATE 304
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;

	case 304: // STATE 305
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 305: // STATE 306
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 306: // STATE 307
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 307: // STATE 313
		;
		now.open = trpt->bup.oval;
		;
		goto R999;

	case 308: // STATE 314
		;
		now.own_bins = trpt->bup.oval;
		;
		goto R999;

	case 309: // STATE 317
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 311: // STATE 319
		;
		now.mem[ Index((2+((P1 *)_this)->t), 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 312: // STATE 320
		;
		now.block[2] = trpt->bup.oval;
		;
		goto R999;

	case 313: // STATE 321
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;

	case 314: // STATE 322
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 315: // STATE 324
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 316: // STATE 328
		;
	/* 0 */	((P1 *)_this)->calls = trpt->bup.oval;
		;
		;
		goto R999;
;
		;
		
	case 318: // STATE 334
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;

	case 319: // STATE 335
		;
		XX = 1;
		unrecv(now.buffer, XX-1, 0, ((int)((P1 *)_this)->w), 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P1 *)_this)->v), 0);
		((P1 *)_this)->w = trpt->bup.ovals[0];
		((P1 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 320: // STATE 336
		;
		now.mem[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 321: // STATE 337
		;
		now.pending[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 322: // STATE 338
		;
		((P1 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 323: // STATE 339
		;
		((P1 *)_this)->v = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 325: // STATE 347
		;
		now.own_bins = trpt->bup.oval;
		;
		goto R999;

	case 326: // STATE 348
		;
		now.open = trpt->bup.oval;
		;
		goto R999;

	case 327: // STATE 349
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 328: // STATE 350
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 330: // STATE 352
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 332: // STATE 354
		;
		now.block[ Index(((P1 *)_this)->b, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 333: // STATE 355
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 334: // STATE 362
		;
		now.mem[1] = trpt->bup.oval;
		;
		goto R999;

	case 335: // STATE 363
		;
		((P1 *)_this)->i = trpt->bup.oval;
		;
		goto R999;

	case 336: // STATE 364
		;
		((P1 *)_this)->t = trpt->bup.oval;
		;
		goto R999;

	case 337: // STATE 365
		;
		((P1 *)_this)->b = trpt->bup.oval;
		;
		goto R999;

	case 338: // STATE 368
		;
		now.lock = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 340: // STATE 370
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;

	case 341: // STATE 371
		;
		now.in_list = trpt->bup.oval;
		;
		goto R999;

	case 342: // STATE 372
		;
		now.registry = trpt->bup.oval;
		;
		goto R999;

	case 343: // STATE 374
		;
		XX = 1;
		unrecv(now.buffer, XX-1, 0, ((int)((P1 *)_this)->w), 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P1 *)_this)->v), 0);
		((P1 *)_this)->w = trpt->bup.ovals[0];
		((P1 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 344: // STATE 375
		;
		now.mem[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 345: // STATE 376
		;
		now.pending[ Index(((P1 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 346: // STATE 377
		;
		((P1 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 347: // STATE 378
		;
		((P1 *)_this)->v = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 349: // STATE 386
		;
		now.alive = trpt->bup.oval;
		;
		goto R999;

	case 350: // STATE 389
		;
		now.done = trpt->bup.oval;
		;
		goto R999;

	case 351: // STATE 390
		;
		p_restor(II);
		;
		;
		goto R999;

		 /* PROC Memory */

	case 352: // STATE 1
		;
		XX = trpt->bup.ovals[0];
		unrecv(now.buffer, XX-1, 0, 1, 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P0 *)_this)->v), 0);
		((P0 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 353: // STATE 2
		;
		((P0 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 354: // STATE 3
		;
		now.mem[ Index(((P0 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 355: // STATE 4
		;
		now.pending[ Index(((P0 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 356: // STATE 5
		;
		((P0 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 357: // STATE 6
		;
		((P0 *)_this)->v = trpt->bup.oval;
		;
		goto R999;

	case 358: // STATE 8
		;
		XX = trpt->bup.ovals[0];
		unrecv(now.buffer, XX-1, 0, 2, 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P0 *)_this)->v), 0);
		((P0 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 359: // STATE 9
		;
		((P0 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 360: // STATE 10
		;
		now.mem[ Index(((P0 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 361: // STATE 11
		;
		now.pending[ Index(((P0 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 362: // STATE 12
		;
		((P0 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 363: // STATE 13
		;
		((P0 *)_this)->v = trpt->bup.oval;
		;
		goto R999;

	case 364: // STATE 15
		;
		XX = trpt->bup.ovals[0];
		unrecv(now.buffer, XX-1, 0, (2+1), 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P0 *)_this)->v), 0);
		((P0 *)_this)->v = trpt->bup.ovals[1];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 365: // STATE 16
		;
		((P0 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 366: // STATE 17
		;
		now.mem[ Index(((P0 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 367: // STATE 18
		;
		now.pending[ Index(((P0 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 368: // STATE 19
		;
		((P0 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 369: // STATE 20
		;
		((P0 *)_this)->v = trpt->bup.oval;
		;
		goto R999;

	case 370: // STATE 22
		;
		XX = 1;
		unrecv(now.buffer, XX-1, 0, 0, 1);
		unrecv(now.buffer, XX-1, 1, ((int)((P0 *)_this)->v), 0);
		((P0 *)_this)->v = trpt->bup.oval;
		;
		;
		goto R999;

	case 371: // STATE 23
		;
		((P0 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 372: // STATE 24
		;
		now.mem[ Index(((P0 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 373: // STATE 25
		;
		now.pending[ Index(((P0 *)_this)->w, 4) ] = trpt->bup.oval;
		;
		goto R999;

	case 374: // STATE 26
		;
		((P0 *)_this)->w = trpt->bup.oval;
		;
		goto R999;

	case 375: // STATE 27
		;
		((P0 *)_this)->v = trpt->bup.oval;
		;
		goto R999;

	case 376: // STATE 32
		;
		p_restor(II);
		;
		;
		goto R999;
	}

