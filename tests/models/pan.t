#ifdef PEG
struct T_SRC {
	char *fl; int ln;
} T_SRC[NTRANS];

void
tr_2_src(int m, char *file, int ln)
{	T_SRC[m].fl = file;
	T_SRC[m].ln = ln;
}

void
putpeg(int n, int m)
{	printf("%5d	trans %4d ", m, n);
	printf("%s:%d\n",
		T_SRC[n].fl, T_SRC[n].ln);
}
#else
#define tr_2_src(m,f,l)
#endif

void
settable(void)
{	Trans *T;
	Trans *settr(int, int, int, int, int, char *, int, int, int);

	trans = (Trans ***) emalloc(7*sizeof(Trans **));

	/* proctype 5: :init: */

	trans[5] = (Trans **) emalloc(13*sizeof(Trans *));

	T = trans[ 5][7] = settr(623,2,0,0,0,"ATOMIC", 0, 2, 0);
		/* caches.pml:461 */
	T->nxt	= settr(623,2,1,0,0,"ATOMIC", 0, 2, 0);
		/* caches.pml:461 */
	trans[5][1]	= settr(617,2,2,3,3,"(run Owner(3))", 0, 2, 0);
		tr_2_src(3, "caches.pml", 462);
	trans[5][2]	= settr(618,2,3,4,4,"(run Owner(2))", 0, 2, 0);
		tr_2_src(4, "caches.pml", 463);
	trans[5][3]	= settr(619,2,4,5,5,"(run Trim())", 0, 2, 0);
		tr_2_src(5, "caches.pml", 464);
	trans[5][4]	= settr(620,2,5,6,6,"(run Trim())", 0, 2, 0);
		tr_2_src(6, "caches.pml", 465);
	trans[5][5]	= settr(621,2,6,7,7,"(run Reach())", 0, 2, 0);
		tr_2_src(7, "caches.pml", 466);
	trans[5][6]	= settr(622,0,8,8,8,"(run Fork())", 0, 2, 0);
		tr_2_src(8, "caches.pml", 467);
	trans[5][8]	= settr(624,0,9,9,0,"(timeout)", 1, 3000, 0);
		tr_2_src(9, "caches.pml", 470);
	trans[5][9]	= settr(625,0,10,10,0,"assert(((registry==0)&&(lock==0)))", 1, 2, 0);
		tr_2_src(10, "caches.pml", 471);
	trans[5][10]	= settr(626,0,11,11,0,"assert((frozen||(done==6)))", 1, 2, 0);
		tr_2_src(11, "caches.pml", 472);
	trans[5][11]	= settr(627,0,12,12,0,"assert(((frozen||in_list)||((block[1]!=CACHED)&&(block[2]!=CACHED))))", 1, 2, 0);
		tr_2_src(12, "caches.pml", 474);
	trans[5][12]	= settr(628,0,0,13,13,"-end-", 0, 3500, 0);
		tr_2_src(13, "caches.pml", 475);

	/* proctype 4: Fork */

	trans[4] = (Trans **) emalloc(30*sizeof(Trans *));

	trans[4][1]	= settr(588,0,2,14,0,"((registry==0))", 1, 2, 0);
		tr_2_src(14, "caches.pml", 435);
	trans[4][2]	= settr(589,0,3,15,15,"registry = _pid", 1, 2, 0);
		tr_2_src(15, "caches.pml", 435);
	trans[4][3]	= settr(590,0,4,16,0,"((lock==0))", 1, 2, 0);
		tr_2_src(16, "caches.pml", 437);
	trans[4][4]	= settr(591,0,24,17,17,"lock = _pid", 1, 2, 0);
		tr_2_src(17, "caches.pml", 437);
	T = trans[4][24] = settr(611,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:439 */
	T = T->nxt	= settr(611,0,5,0,0,"IF", 0, 2, 0);
		/* caches.pml:439 */
	    T->nxt	= settr(611,0,19,0,0,"IF", 0, 2, 0);
		/* caches.pml:439 */
	trans[4][5]	= settr(592,0,26,1,0,"(1)", 0, 2, 0);
	trans[4][25]	= settr(612,0,26,1,0,".(goto)", 0, 2, 0);
	T = trans[ 4][19] = settr(606,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:441 */
	T->nxt	= settr(606,2,6,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:441 */
	trans[4][6]	= settr(593,2,18,18,18,"frozen = 1", 1, 2, 0);
		tr_2_src(18, "caches.pml", 442);
	T = trans[ 4][18] = settr(605,0,0,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:92 */
	T->nxt	= settr(605,0,17,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:92 */
	T = trans[ 4][17] = settr(604,0,0,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:93 */
	T->nxt	= settr(604,0,14,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:93 */
	trans[4][15]	= settr(602,2,14,1,0,".(goto)", 1, 2, 0);
	T = trans[4][14] = settr(601,2,0,0,0,"DO", 1, 2, 0);
		/* caches.pml:94 */
	T = T->nxt	= settr(601,2,7,0,0,"DO", 1, 2, 0);
		/* caches.pml:94 */
	    T->nxt	= settr(601,2,12,0,0,"DO", 1, 2, 0);
		/* caches.pml:94 */
	trans[4][7]	= settr(594,2,8,19,19,"buffer?w,v", 1, 503, 0);
		tr_2_src(19, "caches.pml", 95);
	trans[4][8]	= settr(595,2,9,20,20,"mem[w] = v", 1, 2, 0);
		tr_2_src(20, "caches.pml", 95);
	trans[4][9]	= settr(596,2,10,21,21,"pending[w] = (pending[w]-1)", 1, 2, 0);
		tr_2_src(21, "caches.pml", 95);
	trans[4][10]	= settr(597,2,11,22,22,"w = 0", 1, 2, 0);
		tr_2_src(22, "caches.pml", 95);
	trans[4][11]	= settr(598,2,14,23,23,"v = 0", 1, 2, 0);
		tr_2_src(23, "caches.pml", 95);
	trans[4][12]	= settr(599,2,13,24,0,"(empty(buffer))", 1, 1003, 0);
		tr_2_src(24, "caches.pml", 96);
	trans[4][13]	= settr(600,2,16,1,0,"goto :b15", 1, 2, 0);
	trans[4][16]	= settr(603,0,20,1,0,"break", 1, 2, 0);
	trans[4][20]	= settr(607,0,21,25,0,"assert((mem[1]<=2))", 1, 2, 0);
		tr_2_src(25, "caches.pml", 448);
	trans[4][21]	= settr(608,0,22,26,26,"b = mem[2]", 1, 2, 0);
		tr_2_src(26, "caches.pml", 449);
	trans[4][22]	= settr(609,0,23,27,0,"assert(((mem[1]<1)||(b&&(block[b]!=FREE))))", 1, 2, 0);
		tr_2_src(27, "caches.pml", 450);
	trans[4][23]	= settr(610,0,26,28,0,"assert(((mem[1]<2)||((mem[(2+1)]&&(mem[(2+1)]!=b))&&(block[mem[(2+1)]]!=FREE))))", 1, 2, 0);
		tr_2_src(28, "caches.pml", 452);
	trans[4][26]	= settr(613,0,27,29,29,"lock = 0", 1, 2, 0);
		tr_2_src(29, "caches.pml", 454);
	trans[4][27]	= settr(614,0,28,30,30,"registry = 0", 1, 2, 0);
		tr_2_src(30, "caches.pml", 455);
	trans[4][28]	= settr(615,0,29,31,31,"done = (done+1)", 1, 2, 0);
		tr_2_src(31, "caches.pml", 456);
	trans[4][29]	= settr(616,0,0,32,32,"-end-", 0, 3500, 0);
		tr_2_src(32, "caches.pml", 457);

	/* proctype 3: Reach */

	trans[3] = (Trans **) emalloc(53*sizeof(Trans *));

	trans[3][1]	= settr(536,0,2,33,0,"((registry==0))", 1, 2, 0);
		tr_2_src(33, "caches.pml", 403);
	trans[3][2]	= settr(537,0,48,34,34,"registry = _pid", 1, 2, 0);
		tr_2_src(34, "caches.pml", 403);
	T = trans[3][48] = settr(583,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:404 */
	T = T->nxt	= settr(583,0,3,0,0,"IF", 0, 2, 0);
		/* caches.pml:404 */
	    T->nxt	= settr(583,0,47,0,0,"IF", 0, 2, 0);
		/* caches.pml:404 */
	trans[3][3]	= settr(538,0,4,35,0,"(in_list)", 1, 2, 0);
		tr_2_src(35, "caches.pml", 405);
	trans[3][4]	= settr(539,0,5,36,0,"((lock==0))", 1, 2, 0);
		tr_2_src(36, "caches.pml", 406);
	trans[3][5]	= settr(540,0,6,37,37,"lock = _pid", 1, 2, 0);
		tr_2_src(37, "caches.pml", 406);
	trans[3][6]	= settr(541,0,7,38,38,"was_own = own_bins", 1, 2, 0);
		tr_2_src(38, "caches.pml", 407);
	trans[3][7]	= settr(542,0,24,39,39,"own_bins = 0", 1, 2, 0);
		tr_2_src(39, "caches.pml", 408);
	T = trans[ 3][24] = settr(559,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:329 */
	T->nxt	= settr(559,0,22,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:329 */
	T = trans[3][22] = settr(557,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:330 */
	T = T->nxt	= settr(557,0,19,0,0,"IF", 0, 2, 0);
		/* caches.pml:330 */
	    T->nxt	= settr(557,0,21,0,0,"IF", 0, 2, 0);
		/* caches.pml:330 */
	T = trans[ 3][19] = settr(554,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T->nxt	= settr(554,0,18,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T = trans[ 3][18] = settr(553,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:93 */
	T->nxt	= settr(553,2,15,0,0,"ATOMIC", 1, 503, 1003);
		/* caches.pml:93 */
	trans[3][16]	= settr(551,2,15,1,0,".(goto)", 1, 503, 1003);
	T = trans[3][15] = settr(550,2,0,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	T = T->nxt	= settr(550,2,8,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	    T->nxt	= settr(550,2,13,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	trans[3][8]	= settr(543,2,9,40,40,"buffer?w,v", 1, 503, 1003);
		tr_2_src(40, "caches.pml", 95);
	trans[3][9]	= settr(544,2,10,41,41,"mem[w] = v", 1, 503, 1003);
		tr_2_src(41, "caches.pml", 95);
	trans[3][10]	= settr(545,2,11,42,42,"pending[w] = (pending[w]-1)", 1, 503, 1003);
		tr_2_src(42, "caches.pml", 95);
	trans[3][11]	= settr(546,2,12,43,43,"w = 0", 1, 503, 1003);
		tr_2_src(43, "caches.pml", 95);
	trans[3][12]	= settr(547,2,15,44,44,"v = 0", 1, 503, 1003);
		tr_2_src(44, "caches.pml", 95);
	trans[3][13]	= settr(548,2,14,45,0,"(empty(buffer))", 1, 503, 1003);
		tr_2_src(45, "caches.pml", 96);
	trans[3][14]	= settr(549,2,17,1,0,"goto :b14", 1, 503, 1003);
	trans[3][17]	= settr(552,0,20,1,0,"break", 1, 503, 1003);
	trans[3][20]	= settr(555,0,37,46,46,"barrier = 1", 1, 2, 0);
		tr_2_src(46, "caches.pml", 334);
	trans[3][23]	= settr(558,0,37,1,0,".(goto)", 1, 2, 0);
	trans[3][21]	= settr(556,0,37,47,47,"barrier = 0", 1, 2, 0);
		tr_2_src(47, "caches.pml", 336);
	T = trans[ 3][37] = settr(572,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:312 */
	T->nxt	= settr(572,0,35,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:312 */
	T = trans[3][35] = settr(570,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:313 */
	T = T->nxt	= settr(570,0,25,0,0,"IF", 0, 2, 0);
		/* caches.pml:313 */
	T = T->nxt	= settr(570,0,27,0,0,"IF", 0, 2, 0);
		/* caches.pml:313 */
	    T->nxt	= settr(570,0,33,0,0,"IF", 0, 2, 0);
		/* caches.pml:313 */
	trans[3][25]	= settr(560,0,26,48,0,"(!(open))", 1, 2, 0);
		tr_2_src(48, "caches.pml", 314);
	trans[3][26]	= settr(561,0,44,49,49,"ours = 1", 1, 2, 0);
		tr_2_src(49, "caches.pml", 314);
	trans[3][36]	= settr(571,0,44,1,0,".(goto)", 1, 2, 0);
	trans[3][27]	= settr(562,0,31,50,50,"((open&&barrier))", 1, 2, 0);
		tr_2_src(50, "caches.pml", 315);
	T = trans[3][31] = settr(566,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:316 */
	T = T->nxt	= settr(566,0,28,0,0,"IF", 0, 2, 0);
		/* caches.pml:316 */
	    T->nxt	= settr(566,0,30,0,0,"IF", 0, 2, 0);
		/* caches.pml:316 */
	trans[3][28]	= settr(563,0,29,51,0,"((mem[0]==0))", 1, 2, 0);
		tr_2_src(51, "caches.pml", 320);
	trans[3][29]	= settr(564,0,44,52,52,"ours = 1", 1, 2, 0);
		tr_2_src(52, "caches.pml", 320);
	trans[3][32]	= settr(567,0,44,1,0,".(goto)", 1, 2, 0);
	trans[3][30]	= settr(565,0,44,53,53,"ours = 0", 1, 2, 0);
		tr_2_src(53, "caches.pml", 322);
	trans[3][33]	= settr(568,0,34,2,0,"else", 1, 2, 0);
	trans[3][34]	= settr(569,0,44,54,54,"ours = 0", 1, 2, 0);
		tr_2_src(54, "caches.pml", 324);
	T = trans[3][44] = settr(579,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:414 */
	T = T->nxt	= settr(579,0,38,0,0,"IF", 0, 2, 0);
		/* caches.pml:414 */
	    T->nxt	= settr(579,0,43,0,0,"IF", 0, 2, 0);
		/* caches.pml:414 */
	trans[3][38]	= settr(573,0,39,55,55,"(ours)", 1, 2, 0);
		tr_2_src(55, "caches.pml", 415);
	trans[3][39]	= settr(574,0,40,56,0,"assert((mem[1]==((block[1]==CACHED)+(block[2]==CACHED))))", 1, 2, 0);
		tr_2_src(56, "caches.pml", 417);
	trans[3][40]	= settr(575,0,41,57,0,"assert(((mem[1]<1)||(block[mem[2]]==CACHED)))", 1, 2, 0);
		tr_2_src(57, "caches.pml", 418);
	trans[3][41]	= settr(576,0,42,58,0,"assert(((mem[1]<2)||(block[mem[(2+1)]]==CACHED)))", 1, 2, 0);
		tr_2_src(58, "caches.pml", 419);
	trans[3][42]	= settr(577,0,46,59,59,"own_bins = was_own", 1, 2, 0);
		tr_2_src(59, "caches.pml", 420);
	trans[3][45]	= settr(580,0,46,1,0,".(goto)", 1, 2, 0);
	trans[3][43]	= settr(578,0,46,2,0,"else", 1, 2, 0);
	trans[3][46]	= settr(581,0,50,60,60,"lock = 0", 1, 2, 0);
		tr_2_src(60, "caches.pml", 423);
	trans[3][49]	= settr(584,0,50,1,0,".(goto)", 1, 2, 0);
	trans[3][47]	= settr(582,0,50,2,0,"else", 1, 2, 0);
	trans[3][50]	= settr(585,0,51,61,61,"registry = 0", 1, 2, 0);
		tr_2_src(61, "caches.pml", 426);
	trans[3][51]	= settr(586,0,52,62,62,"done = (done+1)", 1, 2, 0);
		tr_2_src(62, "caches.pml", 427);
	trans[3][52]	= settr(587,0,0,63,63,"-end-", 1, 3500, 0);
		tr_2_src(63, "caches.pml", 428);

	/* proctype 2: Trim */

	trans[2] = (Trans **) emalloc(115*sizeof(Trans *));

	trans[2][1]	= settr(422,0,2,64,0,"((registry==0))", 1, 2, 0);
		tr_2_src(64, "caches.pml", 356);
	trans[2][2]	= settr(423,0,10,65,65,"registry = _pid", 1, 2, 0);
		tr_2_src(65, "caches.pml", 356);
	T = trans[2][10] = settr(431,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:357 */
	T = T->nxt	= settr(431,0,3,0,0,"IF", 0, 2, 0);
		/* caches.pml:357 */
	    T->nxt	= settr(431,0,9,0,0,"IF", 0, 2, 0);
		/* caches.pml:357 */
	trans[2][3]	= settr(424,0,4,66,0,"(in_list)", 1, 2, 0);
		tr_2_src(66, "caches.pml", 358);
	trans[2][4]	= settr(425,0,5,67,0,"((lock==0))", 1, 2, 0);
		tr_2_src(67, "caches.pml", 359);
	trans[2][5]	= settr(426,0,6,68,68,"lock = _pid", 1, 2, 0);
		tr_2_src(68, "caches.pml", 359);
	trans[2][6]	= settr(427,0,7,69,69,"own_bins = 0", 1, 2, 0);
		tr_2_src(69, "caches.pml", 360);
	trans[2][7]	= settr(428,0,8,70,70,"drain = _pid", 1, 2, 0);
		tr_2_src(70, "caches.pml", 361);
	trans[2][8]	= settr(429,0,12,71,71,"lock = 0", 1, 2, 0);
		tr_2_src(71, "caches.pml", 362);
	trans[2][11]	= settr(432,0,12,1,0,".(goto)", 1, 2, 0);
	trans[2][9]	= settr(430,0,12,2,0,"else", 1, 2, 0);
	trans[2][12]	= settr(433,0,29,72,72,"registry = 0", 1, 2, 0);
		tr_2_src(72, "caches.pml", 365);
	T = trans[ 2][29] = settr(450,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:329 */
	T->nxt	= settr(450,0,27,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:329 */
	T = trans[2][27] = settr(448,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:330 */
	T = T->nxt	= settr(448,0,24,0,0,"IF", 0, 2, 0);
		/* caches.pml:330 */
	    T->nxt	= settr(448,0,26,0,0,"IF", 0, 2, 0);
		/* caches.pml:330 */
	T = trans[ 2][24] = settr(445,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T->nxt	= settr(445,0,23,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T = trans[ 2][23] = settr(444,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:93 */
	T->nxt	= settr(444,2,20,0,0,"ATOMIC", 1, 503, 1003);
		/* caches.pml:93 */
	trans[2][21]	= settr(442,2,20,1,0,".(goto)", 1, 503, 1003);
	T = trans[2][20] = settr(441,2,0,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	T = T->nxt	= settr(441,2,13,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	    T->nxt	= settr(441,2,18,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	trans[2][13]	= settr(434,2,14,73,73,"buffer?w,v", 1, 503, 1003);
		tr_2_src(73, "caches.pml", 95);
	trans[2][14]	= settr(435,2,15,74,74,"mem[w] = v", 1, 503, 1003);
		tr_2_src(74, "caches.pml", 95);
	trans[2][15]	= settr(436,2,16,75,75,"pending[w] = (pending[w]-1)", 1, 503, 1003);
		tr_2_src(75, "caches.pml", 95);
	trans[2][16]	= settr(437,2,17,76,76,"w = 0", 1, 503, 1003);
		tr_2_src(76, "caches.pml", 95);
	trans[2][17]	= settr(438,2,20,77,77,"v = 0", 1, 503, 1003);
		tr_2_src(77, "caches.pml", 95);
	trans[2][18]	= settr(439,2,19,78,0,"(empty(buffer))", 1, 503, 1003);
		tr_2_src(78, "caches.pml", 96);
	trans[2][19]	= settr(440,2,22,1,0,"goto :b11", 1, 503, 1003);
	trans[2][22]	= settr(443,0,25,1,0,"break", 1, 503, 1003);
	trans[2][25]	= settr(446,0,30,79,79,"barrier = 1", 1, 2, 0);
		tr_2_src(79, "caches.pml", 334);
	trans[2][28]	= settr(449,0,30,1,0,".(goto)", 1, 2, 0);
	trans[2][26]	= settr(447,0,30,80,80,"barrier = 0", 1, 2, 0);
		tr_2_src(80, "caches.pml", 336);
	trans[2][30]	= settr(451,0,31,81,0,"((registry==0))", 1, 2, 0);
		tr_2_src(81, "caches.pml", 367);
	trans[2][31]	= settr(452,0,79,82,82,"registry = _pid", 1, 2, 0);
		tr_2_src(82, "caches.pml", 367);
	T = trans[2][79] = settr(500,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:368 */
	T = T->nxt	= settr(500,0,32,0,0,"IF", 0, 2, 0);
		/* caches.pml:368 */
	    T->nxt	= settr(500,0,78,0,0,"IF", 0, 2, 0);
		/* caches.pml:368 */
	trans[2][32]	= settr(453,0,33,83,0,"(in_list)", 1, 2, 0);
		tr_2_src(83, "caches.pml", 369);
	trans[2][33]	= settr(454,0,34,84,0,"((lock==0))", 1, 2, 0);
		tr_2_src(84, "caches.pml", 370);
	trans[2][34]	= settr(455,0,50,85,85,"lock = _pid", 1, 2, 0);
		tr_2_src(85, "caches.pml", 370);
	T = trans[2][50] = settr(471,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:374 */
	T = T->nxt	= settr(471,0,35,0,0,"IF", 0, 2, 0);
		/* caches.pml:374 */
	    T->nxt	= settr(471,0,49,0,0,"IF", 0, 2, 0);
		/* caches.pml:374 */
	trans[2][35]	= settr(456,0,48,86,0,"((drain==_pid))", 1, 2, 0);
		tr_2_src(86, "caches.pml", 375);
	T = trans[ 2][48] = settr(469,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:312 */
	T->nxt	= settr(469,0,46,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:312 */
	T = trans[2][46] = settr(467,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:313 */
	T = T->nxt	= settr(467,0,36,0,0,"IF", 0, 2, 0);
		/* caches.pml:313 */
	T = T->nxt	= settr(467,0,38,0,0,"IF", 0, 2, 0);
		/* caches.pml:313 */
	    T->nxt	= settr(467,0,44,0,0,"IF", 0, 2, 0);
		/* caches.pml:313 */
	trans[2][36]	= settr(457,0,37,87,0,"(!(open))", 1, 2, 0);
		tr_2_src(87, "caches.pml", 314);
	trans[2][37]	= settr(458,0,75,88,88,"ours = 1", 1, 2, 0);
		tr_2_src(88, "caches.pml", 314);
	trans[2][47]	= settr(468,0,75,1,0,".(goto)", 1, 2, 0);
	trans[2][38]	= settr(459,0,42,89,89,"((open&&barrier))", 1, 2, 0);
		tr_2_src(89, "caches.pml", 315);
	T = trans[2][42] = settr(463,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:316 */
	T = T->nxt	= settr(463,0,39,0,0,"IF", 0, 2, 0);
		/* caches.pml:316 */
	    T->nxt	= settr(463,0,41,0,0,"IF", 0, 2, 0);
		/* caches.pml:316 */
	trans[2][39]	= settr(460,0,40,90,0,"((mem[0]==0))", 1, 2, 0);
		tr_2_src(90, "caches.pml", 320);
	trans[2][40]	= settr(461,0,75,91,91,"ours = 1", 1, 2, 0);
		tr_2_src(91, "caches.pml", 320);
	trans[2][43]	= settr(464,0,75,1,0,".(goto)", 1, 2, 0);
	trans[2][41]	= settr(462,0,75,92,92,"ours = 0", 1, 2, 0);
		tr_2_src(92, "caches.pml", 322);
	trans[2][44]	= settr(465,0,45,2,0,"else", 1, 2, 0);
	trans[2][45]	= settr(466,0,75,93,93,"ours = 0", 1, 2, 0);
		tr_2_src(93, "caches.pml", 324);
	trans[2][51]	= settr(472,0,75,1,0,".(goto)", 1, 2, 0);
	trans[2][49]	= settr(470,0,75,2,0,"else", 1, 2, 0);
	T = trans[2][75] = settr(496,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:379 */
	T = T->nxt	= settr(496,0,52,0,0,"IF", 0, 2, 0);
		/* caches.pml:379 */
	    T->nxt	= settr(496,0,74,0,0,"IF", 0, 2, 0);
		/* caches.pml:379 */
	trans[2][52]	= settr(473,0,53,94,94,"(ours)", 1, 2, 0);
		tr_2_src(94, "caches.pml", 380);
	trans[2][53]	= settr(474,0,54,95,95,"open = 0", 1, 2, 0);
		tr_2_src(95, "caches.pml", 380);
	trans[2][54]	= settr(475,0,73,96,96,"drain = 0", 1, 2, 0);
		tr_2_src(96, "caches.pml", 380);
	T = trans[ 2][73] = settr(494,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	T->nxt	= settr(494,0,55,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	trans[2][55]	= settr(476,0,56,97,97,"t = mem[1]", 1, 2, 0);
		tr_2_src(97, "caches.pml", 121);
	trans[2][56]	= settr(477,0,65,98,98,"i = 0", 1, 2, 0);
		tr_2_src(98, "caches.pml", 122);
	trans[2][66]	= settr(487,0,65,1,0,".(goto)", 1, 2, 0);
	T = trans[2][65] = settr(486,0,0,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	T = T->nxt	= settr(486,0,57,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	    T->nxt	= settr(486,0,63,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	trans[2][57]	= settr(478,0,62,99,0,"((i<t))", 1, 2, 0);
		tr_2_src(99, "caches.pml", 124);
	T = trans[ 2][62] = settr(483,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	T->nxt	= settr(483,2,58,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	trans[2][58]	= settr(479,2,59,100,100,"b = mem[(2+i)]", 1, 2, 0);
		tr_2_src(100, "caches.pml", 126);
	trans[2][59]	= settr(480,2,60,101,0,"assert((b&&(block[b]==CACHED)))", 1, 2, 0);
		tr_2_src(101, "caches.pml", 127);
	trans[2][60]	= settr(481,2,61,102,102,"block[b] = FREE", 1, 2, 0);
		tr_2_src(102, "caches.pml", 128);
	trans[2][61]	= settr(482,0,65,103,103,"i = (i+1)", 1, 2, 0);
		tr_2_src(103, "caches.pml", 129);
	trans[2][63]	= settr(484,0,72,2,0,"else", 1, 2, 0);
	trans[2][64]	= settr(485,0,72,1,0,"goto :b12", 1, 2, 0);
	trans[2][67]	= settr(488,0,72,1,0,"break", 1, 2, 0);
	T = trans[ 2][72] = settr(493,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	T->nxt	= settr(493,2,68,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	trans[2][68]	= settr(489,2,69,104,104,"mem[1] = 0", 1, 2, 0);
		tr_2_src(104, "caches.pml", 133);
	trans[2][69]	= settr(490,2,70,105,105,"i = 0", 1, 2, 0);
		tr_2_src(105, "caches.pml", 133);
	trans[2][70]	= settr(491,2,71,106,106,"t = 0", 1, 2, 0);
		tr_2_src(106, "caches.pml", 133);
	trans[2][71]	= settr(492,0,77,107,107,"b = 0", 1, 2, 0);
		tr_2_src(107, "caches.pml", 133);
	trans[2][76]	= settr(497,0,77,1,0,".(goto)", 1, 2, 0);
	trans[2][74]	= settr(495,0,77,2,0,"else", 1, 2, 0);
	trans[2][77]	= settr(498,0,110,108,108,"lock = 0", 1, 2, 0);
		tr_2_src(108, "caches.pml", 383);
	trans[2][80]	= settr(501,0,110,1,0,".(goto)", 1, 2, 0);
	trans[2][78]	= settr(499,0,110,2,0,"else", 1, 2, 0);
	T = trans[2][110] = settr(531,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:386 */
	T = T->nxt	= settr(531,0,81,0,0,"IF", 0, 2, 0);
		/* caches.pml:386 */
	    T->nxt	= settr(531,0,109,0,0,"IF", 0, 2, 0);
		/* caches.pml:386 */
	trans[2][81]	= settr(502,0,82,109,0,"(((in_list&&!(alive))&&(lock==0)))", 1, 2, 0);
		tr_2_src(109, "caches.pml", 387);
	trans[2][82]	= settr(503,0,83,110,0,"((lock==0))", 1, 2, 0);
		tr_2_src(110, "caches.pml", 388);
	trans[2][83]	= settr(504,0,107,111,111,"lock = _pid", 1, 2, 0);
		tr_2_src(111, "caches.pml", 388);
	T = trans[ 2][107] = settr(528,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:342 */
	T->nxt	= settr(528,0,84,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:342 */
	trans[2][84]	= settr(505,0,85,112,112,"own_bins = 0", 1, 2, 0);
		tr_2_src(112, "caches.pml", 343);
	trans[2][85]	= settr(506,0,86,113,113,"mem[0] = 0", 1, 2, 0);
		tr_2_src(113, "caches.pml", 344);
	trans[2][86]	= settr(507,0,105,114,114,"open = 0", 1, 2, 0);
		tr_2_src(114, "caches.pml", 345);
	T = trans[ 2][105] = settr(526,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	T->nxt	= settr(526,0,87,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	trans[2][87]	= settr(508,0,88,115,115,"t = mem[1]", 1, 2, 0);
		tr_2_src(115, "caches.pml", 121);
	trans[2][88]	= settr(509,0,97,116,116,"i = 0", 1, 2, 0);
		tr_2_src(116, "caches.pml", 122);
	trans[2][98]	= settr(519,0,97,1,0,".(goto)", 1, 2, 0);
	T = trans[2][97] = settr(518,0,0,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	T = T->nxt	= settr(518,0,89,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	    T->nxt	= settr(518,0,95,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	trans[2][89]	= settr(510,0,94,117,0,"((i<t))", 1, 2, 0);
		tr_2_src(117, "caches.pml", 124);
	T = trans[ 2][94] = settr(515,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	T->nxt	= settr(515,2,90,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	trans[2][90]	= settr(511,2,91,118,118,"b = mem[(2+i)]", 1, 2, 0);
		tr_2_src(118, "caches.pml", 126);
	trans[2][91]	= settr(512,2,92,119,0,"assert((b&&(block[b]==CACHED)))", 1, 2, 0);
		tr_2_src(119, "caches.pml", 127);
	trans[2][92]	= settr(513,2,93,120,120,"block[b] = FREE", 1, 2, 0);
		tr_2_src(120, "caches.pml", 128);
	trans[2][93]	= settr(514,0,97,121,121,"i = (i+1)", 1, 2, 0);
		tr_2_src(121, "caches.pml", 129);
	trans[2][95]	= settr(516,0,104,2,0,"else", 1, 2, 0);
	trans[2][96]	= settr(517,0,104,1,0,"goto :b13", 1, 2, 0);
	trans[2][99]	= settr(520,0,104,1,0,"break", 1, 2, 0);
	T = trans[ 2][104] = settr(525,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	T->nxt	= settr(525,2,100,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	trans[2][100]	= settr(521,2,101,122,122,"mem[1] = 0", 1, 2, 0);
		tr_2_src(122, "caches.pml", 133);
	trans[2][101]	= settr(522,2,102,123,123,"i = 0", 1, 2, 0);
		tr_2_src(123, "caches.pml", 133);
	trans[2][102]	= settr(523,2,103,124,124,"t = 0", 1, 2, 0);
		tr_2_src(124, "caches.pml", 133);
	trans[2][103]	= settr(524,0,106,125,125,"b = 0", 1, 2, 0);
		tr_2_src(125, "caches.pml", 133);
	trans[2][106]	= settr(527,0,108,126,126,"in_list = 0", 1, 2, 0);
		tr_2_src(126, "caches.pml", 347);
	trans[2][108]	= settr(529,0,112,127,127,"lock = 0", 1, 2, 0);
		tr_2_src(127, "caches.pml", 390);
	trans[2][111]	= settr(532,0,112,1,0,".(goto)", 1, 2, 0);
	trans[2][109]	= settr(530,0,112,2,0,"else", 1, 2, 0);
	trans[2][112]	= settr(533,0,113,128,128,"registry = 0", 1, 2, 0);
		tr_2_src(128, "caches.pml", 393);
	trans[2][113]	= settr(534,0,114,129,129,"done = (done+1)", 1, 2, 0);
		tr_2_src(129, "caches.pml", 394);
	trans[2][114]	= settr(535,0,0,130,130,"-end-", 1, 3500, 0);
		tr_2_src(130, "caches.pml", 395);

	/* proctype 1: Owner */

	trans[1] = (Trans **) emalloc(391*sizeof(Trans *));

	trans[1][1]	= settr(32,0,2,131,0,"((registry==0))", 1, 2, 0);
		tr_2_src(131, "caches.pml", 284);
	trans[1][2]	= settr(33,0,7,132,132,"registry = _pid", 1, 2, 0);
		tr_2_src(132, "caches.pml", 284);
	T = trans[1][7] = settr(38,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:285 */
	T = T->nxt	= settr(38,0,3,0,0,"IF", 0, 2, 0);
		/* caches.pml:285 */
	    T->nxt	= settr(38,0,6,0,0,"IF", 0, 2, 0);
		/* caches.pml:285 */
	trans[1][3]	= settr(34,0,4,133,0,"(in_list)", 1, 2, 0);
		tr_2_src(133, "caches.pml", 286);
	trans[1][4]	= settr(35,0,389,134,134,"registry = 0", 1, 2, 0);
		tr_2_src(134, "caches.pml", 286);
	trans[1][5]	= settr(36,0,389,1,0,"goto out", 1, 2, 0);
	trans[1][8]	= settr(39,0,12,1,0,".(goto)", 1, 2, 0);
	trans[1][6]	= settr(37,0,12,2,0,"else", 1, 2, 0);
	T = trans[ 1][12] = settr(43,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:289 */
	T->nxt	= settr(43,2,9,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:289 */
	trans[1][9]	= settr(40,2,10,135,135,"in_list = 1", 1, 2, 0);
		tr_2_src(135, "caches.pml", 289);
	trans[1][10]	= settr(41,2,11,136,136,"alive = 1", 1, 2, 0);
		tr_2_src(136, "caches.pml", 289);
	trans[1][11]	= settr(42,0,330,137,137,"registry = 0", 1, 2, 0);
		tr_2_src(137, "caches.pml", 289);
	trans[1][331]	= settr(362,0,330,1,0,".(goto)", 1, 2, 0);
	T = trans[1][330] = settr(361,0,0,0,0,"DO", 0, 2, 0);
		/* caches.pml:290 */
	T = T->nxt	= settr(361,0,13,0,0,"DO", 0, 2, 0);
		/* caches.pml:290 */
	T = T->nxt	= settr(361,0,142,0,0,"DO", 0, 2, 0);
		/* caches.pml:290 */
	T = T->nxt	= settr(361,0,235,0,0,"DO", 0, 2, 0);
		/* caches.pml:290 */
	    T->nxt	= settr(361,0,328,0,0,"DO", 0, 2, 0);
		/* caches.pml:290 */
	trans[1][13]	= settr(44,0,14,138,0,"(calls)", 1, 2, 0);
		tr_2_src(138, "caches.pml", 291);
	trans[1][14]	= settr(45,0,141,139,139,"calls = (calls-1)", 1, 2, 0);
		tr_2_src(139, "caches.pml", 291);
	T = trans[ 1][141] = settr(172,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:196 */
	T->nxt	= settr(172,0,19,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:196 */
	T = trans[ 1][19] = settr(50,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(50,0,18,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][18] = settr(49,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(49,2,15,0,0,"ATOMIC", 1, 3, 0);
		/* caches.pml:78 */
	trans[1][15]	= settr(46,2,16,140,140,"buffer!0,1", 1, 3, 0);
		tr_2_src(140, "caches.pml", 79);
	trans[1][16]	= settr(47,2,17,141,141,"latest[0] = 1", 1, 3, 0);
		tr_2_src(141, "caches.pml", 80);
	trans[1][17]	= settr(48,0,36,142,142,"pending[0] = (pending[0]+1)", 1, 3, 0);
		tr_2_src(142, "caches.pml", 81);
	T = trans[1][36] = settr(67,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:198 */
	T = T->nxt	= settr(67,0,20,0,0,"IF", 0, 2, 0);
		/* caches.pml:198 */
	    T->nxt	= settr(67,0,35,0,0,"IF", 0, 2, 0);
		/* caches.pml:198 */
	trans[1][20]	= settr(51,0,21,143,0,"(own_bins)", 1, 2, 0);
		tr_2_src(143, "caches.pml", 199);
	trans[1][21]	= settr(52,0,33,144,144,"t = ( (pending[1]) -> (latest[1]) : (mem[1]) )", 1, 2, 0);
		tr_2_src(144, "caches.pml", 200);
	T = trans[1][33] = settr(64,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:201 */
	T = T->nxt	= settr(64,0,22,0,0,"IF", 0, 2, 0);
		/* caches.pml:201 */
	    T->nxt	= settr(64,0,32,0,0,"IF", 0, 2, 0);
		/* caches.pml:201 */
	trans[1][22]	= settr(53,0,23,145,0,"(t)", 1, 2, 0);
		tr_2_src(145, "caches.pml", 202);
	trans[1][23]	= settr(54,0,31,146,146,"got = ( (pending[((2+t)-1)]) -> (latest[((2+t)-1)]) : (mem[((2+t)-1)]) )", 1, 2, 0);
		tr_2_src(146, "caches.pml", 203);
	T = trans[ 1][31] = settr(62,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:204 */
	T->nxt	= settr(62,2,24,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:204 */
	trans[1][24]	= settr(55,2,25,147,0,"assert((block[got]==CACHED))", 1, 2, 0);
		tr_2_src(147, "caches.pml", 205);
	trans[1][25]	= settr(56,2,30,148,148,"block[got] = LIVE", 1, 2, 0);
		tr_2_src(148, "caches.pml", 206);
	T = trans[ 1][30] = settr(61,0,0,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(61,0,29,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][29] = settr(60,0,0,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(60,0,26,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:78 */
	trans[1][26]	= settr(57,2,27,149,149,"buffer!1,(t-1)", 1, 3, 0);
		tr_2_src(149, "caches.pml", 79);
	trans[1][27]	= settr(58,2,28,150,150,"latest[1] = (t-1)", 1, 2, 0);
		tr_2_src(150, "caches.pml", 80);
	trans[1][28]	= settr(59,0,38,151,151,"pending[1] = (pending[1]+1)", 1, 2, 0);
		tr_2_src(151, "caches.pml", 81);
	trans[1][34]	= settr(65,0,38,1,0,".(goto)", 1, 2, 0);
	trans[1][32]	= settr(63,0,38,2,0,"else", 1, 2, 0);
	trans[1][37]	= settr(68,0,38,1,0,".(goto)", 1, 2, 0);
	trans[1][35]	= settr(66,0,38,2,0,"else", 1, 2, 0);
	trans[1][38]	= settr(69,0,43,152,152,"t = 0", 1, 2, 0);
		tr_2_src(152, "caches.pml", 213);
	T = trans[ 1][43] = settr(74,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(74,0,42,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][42] = settr(73,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(73,2,39,0,0,"ATOMIC", 1, 3, 0);
		/* caches.pml:78 */
	trans[1][39]	= settr(70,2,40,153,153,"buffer!0,0", 1, 3, 0);
		tr_2_src(153, "caches.pml", 79);
	trans[1][40]	= settr(71,2,41,154,154,"latest[0] = 0", 1, 3, 0);
		tr_2_src(154, "caches.pml", 80);
	trans[1][41]	= settr(72,0,137,155,155,"pending[0] = (pending[0]+1)", 1, 3, 0);
		tr_2_src(155, "caches.pml", 81);
	T = trans[1][137] = settr(168,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:215 */
	T = T->nxt	= settr(168,0,44,0,0,"IF", 0, 2, 0);
		/* caches.pml:215 */
	    T->nxt	= settr(168,0,136,0,0,"IF", 0, 2, 0);
		/* caches.pml:215 */
	trans[1][44]	= settr(75,0,135,156,156,"(!(got))", 1, 2, 0);
		tr_2_src(156, "caches.pml", 216);
	T = trans[ 1][135] = settr(166,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:159 */
	T->nxt	= settr(166,0,45,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:159 */
	trans[1][45]	= settr(76,0,46,157,0,"((lock==0))", 1, 2, 0);
		tr_2_src(157, "caches.pml", 160);
	trans[1][46]	= settr(77,0,58,158,158,"lock = _pid", 1, 2, 0);
		tr_2_src(158, "caches.pml", 160);
	T = trans[ 1][58] = settr(89,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T->nxt	= settr(89,0,57,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T = trans[ 1][57] = settr(88,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:93 */
	T->nxt	= settr(88,2,54,0,0,"ATOMIC", 1, 503, 1003);
		/* caches.pml:93 */
	trans[1][55]	= settr(86,2,54,1,0,".(goto)", 1, 503, 1003);
	T = trans[1][54] = settr(85,2,0,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	T = T->nxt	= settr(85,2,47,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	    T->nxt	= settr(85,2,52,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	trans[1][47]	= settr(78,2,48,159,159,"buffer?w,v", 1, 503, 1003);
		tr_2_src(159, "caches.pml", 95);
	trans[1][48]	= settr(79,2,49,160,160,"mem[w] = v", 1, 503, 1003);
		tr_2_src(160, "caches.pml", 95);
	trans[1][49]	= settr(80,2,50,161,161,"pending[w] = (pending[w]-1)", 1, 503, 1003);
		tr_2_src(161, "caches.pml", 95);
	trans[1][50]	= settr(81,2,51,162,162,"w = 0", 1, 503, 1003);
		tr_2_src(162, "caches.pml", 95);
	trans[1][51]	= settr(82,2,54,163,163,"v = 0", 1, 503, 1003);
		tr_2_src(163, "caches.pml", 95);
	trans[1][52]	= settr(83,2,53,164,0,"(empty(buffer))", 1, 503, 1003);
		tr_2_src(164, "caches.pml", 96);
	trans[1][53]	= settr(84,2,56,1,0,"goto :b2", 1, 503, 1003);
	trans[1][56]	= settr(87,0,86,1,0,"break", 1, 503, 1003);
	T = trans[ 1][86] = settr(117,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:138 */
	T->nxt	= settr(117,0,81,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:138 */
	T = trans[1][81] = settr(112,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:139 */
	T = T->nxt	= settr(112,0,59,0,0,"IF", 0, 2, 0);
		/* caches.pml:139 */
	    T->nxt	= settr(112,0,80,0,0,"IF", 0, 2, 0);
		/* caches.pml:139 */
	trans[1][59]	= settr(90,0,60,165,0,"(drain)", 1, 2, 0);
		tr_2_src(165, "caches.pml", 140);
	trans[1][60]	= settr(91,0,79,166,166,"drain = 0", 1, 2, 0);
		tr_2_src(166, "caches.pml", 140);
	T = trans[ 1][79] = settr(110,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	T->nxt	= settr(110,0,61,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	trans[1][61]	= settr(92,0,62,167,167,"t = mem[1]", 1, 2, 0);
		tr_2_src(167, "caches.pml", 121);
	trans[1][62]	= settr(93,0,71,168,168,"i = 0", 1, 2, 0);
		tr_2_src(168, "caches.pml", 122);
	trans[1][72]	= settr(103,0,71,1,0,".(goto)", 1, 2, 0);
	T = trans[1][71] = settr(102,0,0,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	T = T->nxt	= settr(102,0,63,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	    T->nxt	= settr(102,0,69,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	trans[1][63]	= settr(94,0,68,169,0,"((i<t))", 1, 2, 0);
		tr_2_src(169, "caches.pml", 124);
	T = trans[ 1][68] = settr(99,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	T->nxt	= settr(99,2,64,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	trans[1][64]	= settr(95,2,65,170,170,"b = mem[(2+i)]", 1, 2, 0);
		tr_2_src(170, "caches.pml", 126);
	trans[1][65]	= settr(96,2,66,171,0,"assert((b&&(block[b]==CACHED)))", 1, 2, 0);
		tr_2_src(171, "caches.pml", 127);
	trans[1][66]	= settr(97,2,67,172,172,"block[b] = FREE", 1, 2, 0);
		tr_2_src(172, "caches.pml", 128);
	trans[1][67]	= settr(98,0,71,173,173,"i = (i+1)", 1, 2, 0);
		tr_2_src(173, "caches.pml", 129);
	trans[1][69]	= settr(100,0,78,2,0,"else", 1, 2, 0);
	trans[1][70]	= settr(101,0,78,1,0,"goto :b3", 1, 2, 0);
	trans[1][73]	= settr(104,0,78,1,0,"break", 1, 2, 0);
	T = trans[ 1][78] = settr(109,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	T->nxt	= settr(109,2,74,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	trans[1][74]	= settr(105,2,75,174,174,"mem[1] = 0", 1, 2, 0);
		tr_2_src(174, "caches.pml", 133);
	trans[1][75]	= settr(106,2,76,175,175,"i = 0", 1, 2, 0);
		tr_2_src(175, "caches.pml", 133);
	trans[1][76]	= settr(107,2,77,176,176,"t = 0", 1, 2, 0);
		tr_2_src(176, "caches.pml", 133);
	trans[1][77]	= settr(108,0,85,177,177,"b = 0", 1, 2, 0);
		tr_2_src(177, "caches.pml", 133);
	trans[1][82]	= settr(113,0,85,1,0,".(goto)", 1, 2, 0);
	trans[1][80]	= settr(111,0,85,2,0,"else", 1, 2, 0);
	T = trans[ 1][85] = settr(116,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:143 */
	T->nxt	= settr(116,2,83,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:143 */
	trans[1][83]	= settr(114,2,84,178,178,"open = 1", 1, 2, 0);
		tr_2_src(178, "caches.pml", 143);
	trans[1][84]	= settr(115,0,87,179,179,"own_bins = 1", 1, 2, 0);
		tr_2_src(179, "caches.pml", 143);
	trans[1][87]	= settr(118,0,131,180,180,"t = mem[1]", 1, 2, 0);
		tr_2_src(180, "caches.pml", 163);
	T = trans[1][131] = settr(162,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:164 */
	T = T->nxt	= settr(162,0,88,0,0,"IF", 0, 2, 0);
		/* caches.pml:164 */
	    T->nxt	= settr(162,0,94,0,0,"IF", 0, 2, 0);
		/* caches.pml:164 */
	trans[1][88]	= settr(119,0,93,181,0,"(t)", 1, 2, 0);
		tr_2_src(181, "caches.pml", 165);
	T = trans[ 1][93] = settr(124,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:166 */
	T->nxt	= settr(124,2,89,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:166 */
	trans[1][89]	= settr(120,2,90,182,182,"got = mem[((2+t)-1)]", 1, 2, 0);
		tr_2_src(182, "caches.pml", 167);
	trans[1][90]	= settr(121,2,91,183,183,"mem[1] = (t-1)", 1, 2, 0);
		tr_2_src(183, "caches.pml", 168);
	trans[1][91]	= settr(122,2,92,184,0,"assert((block[got]==CACHED))", 1, 2, 0);
		tr_2_src(184, "caches.pml", 169);
	trans[1][92]	= settr(123,0,133,185,185,"block[got] = LIVE", 1, 2, 0);
		tr_2_src(185, "caches.pml", 170);
	trans[1][132]	= settr(163,0,133,1,0,".(goto)", 1, 2, 0);
	trans[1][94]	= settr(125,0,104,2,0,"else", 1, 2, 0);
	T = trans[ 1][104] = settr(135,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:147 */
	T->nxt	= settr(135,0,103,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:147 */
	T = trans[ 1][103] = settr(134,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:148 */
	T->nxt	= settr(134,2,101,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:148 */
	T = trans[1][101] = settr(132,2,0,0,0,"IF", 1, 2, 0);
		/* caches.pml:149 */
	T = T->nxt	= settr(132,2,95,0,0,"IF", 1, 2, 0);
		/* caches.pml:149 */
	T = T->nxt	= settr(132,2,97,0,0,"IF", 1, 2, 0);
		/* caches.pml:149 */
	    T->nxt	= settr(132,2,99,0,0,"IF", 1, 2, 0);
		/* caches.pml:149 */
	trans[1][95]	= settr(126,2,96,186,0,"((block[1]==FREE))", 1, 2, 0);
		tr_2_src(186, "caches.pml", 150);
	trans[1][96]	= settr(127,2,102,187,187,"b = 1", 1, 2, 0);
		tr_2_src(187, "caches.pml", 150);
	trans[1][102]	= settr(133,0,111,1,0,".(goto)", 1, 2, 0);
	trans[1][97]	= settr(128,2,98,188,0,"(((block[1]!=FREE)&&(block[2]==FREE)))", 1, 2, 0);
		tr_2_src(188, "caches.pml", 151);
	trans[1][98]	= settr(129,2,102,189,189,"b = 2", 1, 2, 0);
		tr_2_src(189, "caches.pml", 151);
	trans[1][99]	= settr(130,2,100,2,0,"else", 1, 2, 0);
	trans[1][100]	= settr(131,2,102,190,190,"b = 0", 1, 2, 0);
		tr_2_src(190, "caches.pml", 152);
	T = trans[ 1][111] = settr(142,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:174 */
	T->nxt	= settr(142,2,105,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:174 */
	trans[1][105]	= settr(136,2,109,191,191,"got = b", 1, 2, 0);
		tr_2_src(191, "caches.pml", 175);
	T = trans[1][109] = settr(140,2,0,0,0,"IF", 1, 2, 0);
		/* caches.pml:176 */
	T = T->nxt	= settr(140,2,106,0,0,"IF", 1, 2, 0);
		/* caches.pml:176 */
	    T->nxt	= settr(140,2,108,0,0,"IF", 1, 2, 0);
		/* caches.pml:176 */
	trans[1][106]	= settr(137,2,107,192,0,"(got)", 1, 2, 0);
		tr_2_src(192, "caches.pml", 177);
	trans[1][107]	= settr(138,2,110,193,193,"block[got] = LIVE", 1, 2, 0);
		tr_2_src(193, "caches.pml", 177);
	trans[1][110]	= settr(141,0,121,1,0,".(goto)", 1, 2, 0);
	trans[1][108]	= settr(139,2,110,2,0,"else", 1, 2, 0);
	T = trans[ 1][121] = settr(152,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:147 */
	T->nxt	= settr(152,0,120,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:147 */
	T = trans[ 1][120] = settr(151,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:148 */
	T->nxt	= settr(151,2,118,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:148 */
	T = trans[1][118] = settr(149,2,0,0,0,"IF", 1, 2, 0);
		/* caches.pml:149 */
	T = T->nxt	= settr(149,2,112,0,0,"IF", 1, 2, 0);
		/* caches.pml:149 */
	T = T->nxt	= settr(149,2,114,0,0,"IF", 1, 2, 0);
		/* caches.pml:149 */
	    T->nxt	= settr(149,2,116,0,0,"IF", 1, 2, 0);
		/* caches.pml:149 */
	trans[1][112]	= settr(143,2,113,194,0,"((block[1]==FREE))", 1, 2, 0);
		tr_2_src(194, "caches.pml", 150);
	trans[1][113]	= settr(144,2,119,195,195,"b = 1", 1, 2, 0);
		tr_2_src(195, "caches.pml", 150);
	trans[1][119]	= settr(150,0,130,1,0,".(goto)", 1, 2, 0);
	trans[1][114]	= settr(145,2,115,196,0,"(((block[1]!=FREE)&&(block[2]==FREE)))", 1, 2, 0);
		tr_2_src(196, "caches.pml", 151);
	trans[1][115]	= settr(146,2,119,197,197,"b = 2", 1, 2, 0);
		tr_2_src(197, "caches.pml", 151);
	trans[1][116]	= settr(147,2,117,2,0,"else", 1, 2, 0);
	trans[1][117]	= settr(148,2,119,198,198,"b = 0", 1, 2, 0);
		tr_2_src(198, "caches.pml", 152);
	T = trans[ 1][130] = settr(161,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:182 */
	T->nxt	= settr(161,2,127,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:182 */
	T = trans[1][127] = settr(158,2,0,0,0,"IF", 1, 2, 0);
		/* caches.pml:183 */
	T = T->nxt	= settr(158,2,122,0,0,"IF", 1, 2, 0);
		/* caches.pml:183 */
	    T->nxt	= settr(158,2,126,0,0,"IF", 1, 2, 0);
		/* caches.pml:183 */
	trans[1][122]	= settr(153,2,123,199,0,"(b)", 1, 2, 0);
		tr_2_src(199, "caches.pml", 184);
	trans[1][123]	= settr(154,2,124,200,200,"mem[2] = b", 1, 2, 0);
		tr_2_src(200, "caches.pml", 184);
	trans[1][124]	= settr(155,2,125,201,201,"block[b] = CACHED", 1, 2, 0);
		tr_2_src(201, "caches.pml", 184);
	trans[1][125]	= settr(156,2,128,202,202,"mem[1] = 1", 1, 2, 0);
		tr_2_src(202, "caches.pml", 184);
	trans[1][128]	= settr(159,2,129,1,0,".(goto)", 1, 2, 0);
	trans[1][126]	= settr(157,2,128,2,0,"else", 1, 2, 0);
	trans[1][129]	= settr(160,0,133,203,203,"b = 0", 1, 2, 0);
		tr_2_src(203, "caches.pml", 187);
	trans[1][133]	= settr(164,0,134,204,204,"t = 0", 1, 2, 0);
		tr_2_src(204, "caches.pml", 190);
	trans[1][134]	= settr(165,0,139,205,205,"lock = 0", 1, 2, 0);
		tr_2_src(205, "caches.pml", 191);
	trans[1][138]	= settr(169,0,139,1,0,".(goto)", 1, 2, 0);
	trans[1][136]	= settr(167,0,139,2,0,"else", 1, 2, 0);
	trans[1][139]	= settr(170,0,140,206,206,"have[got] = (got!=0)", 1, 2, 0);
		tr_2_src(206, "caches.pml", 219);
	trans[1][140]	= settr(171,0,330,207,207,"got = 0", 1, 2, 0);
		tr_2_src(207, "caches.pml", 220);
	trans[1][142]	= settr(173,0,143,208,0,"((calls&&have[1]))", 1, 2, 0);
		tr_2_src(208, "caches.pml", 292);
	trans[1][143]	= settr(174,0,234,209,209,"calls = (calls-1)", 1, 2, 0);
		tr_2_src(209, "caches.pml", 292);
	T = trans[ 1][234] = settr(265,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:225 */
	T->nxt	= settr(265,0,144,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:225 */
	trans[1][144]	= settr(175,0,149,210,210,"have[1] = 0", 1, 2, 0);
		tr_2_src(210, "caches.pml", 226);
	T = trans[ 1][149] = settr(180,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(180,0,148,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][148] = settr(179,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(179,2,145,0,0,"ATOMIC", 1, 3, 0);
		/* caches.pml:78 */
	trans[1][145]	= settr(176,2,146,211,211,"buffer!0,1", 1, 3, 0);
		tr_2_src(211, "caches.pml", 79);
	trans[1][146]	= settr(177,2,147,212,212,"latest[0] = 1", 1, 3, 0);
		tr_2_src(212, "caches.pml", 80);
	trans[1][147]	= settr(178,0,171,213,213,"pending[0] = (pending[0]+1)", 1, 3, 0);
		tr_2_src(213, "caches.pml", 81);
	T = trans[1][171] = settr(202,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:228 */
	T = T->nxt	= settr(202,0,150,0,0,"IF", 0, 2, 0);
		/* caches.pml:228 */
	    T->nxt	= settr(202,0,170,0,0,"IF", 0, 2, 0);
		/* caches.pml:228 */
	trans[1][150]	= settr(181,0,151,214,0,"(own_bins)", 1, 2, 0);
		tr_2_src(214, "caches.pml", 229);
	trans[1][151]	= settr(182,0,168,215,215,"t = ( (pending[1]) -> (latest[1]) : (mem[1]) )", 1, 2, 0);
		tr_2_src(215, "caches.pml", 230);
	T = trans[1][168] = settr(199,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:231 */
	T = T->nxt	= settr(199,0,152,0,0,"IF", 0, 2, 0);
		/* caches.pml:231 */
	    T->nxt	= settr(199,0,167,0,0,"IF", 0, 2, 0);
		/* caches.pml:231 */
	trans[1][152]	= settr(183,0,157,216,0,"((t<2))", 1, 2, 0);
		tr_2_src(216, "caches.pml", 232);
	T = trans[ 1][157] = settr(188,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(188,0,156,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][156] = settr(187,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(187,2,153,0,0,"ATOMIC", 1, 3, 0);
		/* caches.pml:78 */
	trans[1][153]	= settr(184,2,154,217,217,"buffer!(2+t),1", 1, 3, 0);
		tr_2_src(217, "caches.pml", 79);
	trans[1][154]	= settr(185,2,155,218,218,"latest[(2+t)] = 1", 1, 3, 0);
		tr_2_src(218, "caches.pml", 80);
	trans[1][155]	= settr(186,0,165,219,219,"pending[(2+t)] = (pending[(2+t)]+1)", 1, 3, 0);
		tr_2_src(219, "caches.pml", 81);
	T = trans[ 1][165] = settr(196,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:234 */
	T->nxt	= settr(196,2,158,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:234 */
	trans[1][158]	= settr(189,2,159,220,0,"assert((block[1]==LIVE))", 1, 2, 0);
		tr_2_src(220, "caches.pml", 235);
	trans[1][159]	= settr(190,2,164,221,221,"block[1] = CACHED", 1, 2, 0);
		tr_2_src(221, "caches.pml", 236);
	T = trans[ 1][164] = settr(195,0,0,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(195,0,163,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][163] = settr(194,0,0,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(194,0,160,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:78 */
	trans[1][160]	= settr(191,2,161,222,222,"buffer!1,(t+1)", 1, 3, 0);
		tr_2_src(222, "caches.pml", 79);
	trans[1][161]	= settr(192,2,162,223,223,"latest[1] = (t+1)", 1, 2, 0);
		tr_2_src(223, "caches.pml", 80);
	trans[1][162]	= settr(193,0,166,224,224,"pending[1] = (pending[1]+1)", 1, 2, 0);
		tr_2_src(224, "caches.pml", 81);
	trans[1][166]	= settr(197,0,173,225,225,"got = 1", 1, 2, 0);
		tr_2_src(225, "caches.pml", 239);
	trans[1][169]	= settr(200,0,173,1,0,".(goto)", 1, 2, 0);
	trans[1][167]	= settr(198,0,173,2,0,"else", 1, 2, 0);
	trans[1][172]	= settr(203,0,173,1,0,".(goto)", 1, 2, 0);
	trans[1][170]	= settr(201,0,173,2,0,"else", 1, 2, 0);
	trans[1][173]	= settr(204,0,178,226,226,"t = 0", 1, 2, 0);
		tr_2_src(226, "caches.pml", 244);
	T = trans[ 1][178] = settr(209,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(209,0,177,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][177] = settr(208,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(208,2,174,0,0,"ATOMIC", 1, 3, 0);
		/* caches.pml:78 */
	trans[1][174]	= settr(205,2,175,227,227,"buffer!0,0", 1, 3, 0);
		tr_2_src(227, "caches.pml", 79);
	trans[1][175]	= settr(206,2,176,228,228,"latest[0] = 0", 1, 3, 0);
		tr_2_src(228, "caches.pml", 80);
	trans[1][176]	= settr(207,0,232,229,229,"pending[0] = (pending[0]+1)", 1, 3, 0);
		tr_2_src(229, "caches.pml", 81);
	T = trans[1][232] = settr(263,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:246 */
	T = T->nxt	= settr(263,0,179,0,0,"IF", 0, 2, 0);
		/* caches.pml:246 */
	    T->nxt	= settr(263,0,181,0,0,"IF", 0, 2, 0);
		/* caches.pml:246 */
	trans[1][179]	= settr(210,0,180,230,230,"(got)", 1, 2, 0);
		tr_2_src(230, "caches.pml", 247);
	trans[1][180]	= settr(211,0,330,231,231,"got = 0", 1, 2, 0);
		tr_2_src(231, "caches.pml", 247);
	trans[1][233]	= settr(264,0,330,1,0,".(goto)", 1, 2, 0);
	trans[1][181]	= settr(212,0,182,2,0,"else", 1, 2, 0);
	trans[1][182]	= settr(213,0,183,232,0,"((lock==0))", 1, 2, 0);
		tr_2_src(232, "caches.pml", 249);
	trans[1][183]	= settr(214,0,195,233,233,"lock = _pid", 1, 2, 0);
		tr_2_src(233, "caches.pml", 249);
	T = trans[ 1][195] = settr(226,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T->nxt	= settr(226,0,194,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T = trans[ 1][194] = settr(225,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:93 */
	T->nxt	= settr(225,2,191,0,0,"ATOMIC", 1, 503, 1003);
		/* caches.pml:93 */
	trans[1][192]	= settr(223,2,191,1,0,".(goto)", 1, 503, 1003);
	T = trans[1][191] = settr(222,2,0,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	T = T->nxt	= settr(222,2,184,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	    T->nxt	= settr(222,2,189,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	trans[1][184]	= settr(215,2,185,234,234,"buffer?w,v", 1, 503, 1003);
		tr_2_src(234, "caches.pml", 95);
	trans[1][185]	= settr(216,2,186,235,235,"mem[w] = v", 1, 503, 1003);
		tr_2_src(235, "caches.pml", 95);
	trans[1][186]	= settr(217,2,187,236,236,"pending[w] = (pending[w]-1)", 1, 503, 1003);
		tr_2_src(236, "caches.pml", 95);
	trans[1][187]	= settr(218,2,188,237,237,"w = 0", 1, 503, 1003);
		tr_2_src(237, "caches.pml", 95);
	trans[1][188]	= settr(219,2,191,238,238,"v = 0", 1, 503, 1003);
		tr_2_src(238, "caches.pml", 95);
	trans[1][189]	= settr(220,2,190,239,0,"(empty(buffer))", 1, 503, 1003);
		tr_2_src(239, "caches.pml", 96);
	trans[1][190]	= settr(221,2,193,1,0,"goto :b4", 1, 503, 1003);
	trans[1][193]	= settr(224,0,223,1,0,"break", 1, 503, 1003);
	T = trans[ 1][223] = settr(254,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:138 */
	T->nxt	= settr(254,0,218,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:138 */
	T = trans[1][218] = settr(249,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:139 */
	T = T->nxt	= settr(249,0,196,0,0,"IF", 0, 2, 0);
		/* caches.pml:139 */
	    T->nxt	= settr(249,0,217,0,0,"IF", 0, 2, 0);
		/* caches.pml:139 */
	trans[1][196]	= settr(227,0,197,240,0,"(drain)", 1, 2, 0);
		tr_2_src(240, "caches.pml", 140);
	trans[1][197]	= settr(228,0,216,241,241,"drain = 0", 1, 2, 0);
		tr_2_src(241, "caches.pml", 140);
	T = trans[ 1][216] = settr(247,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	T->nxt	= settr(247,0,198,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	trans[1][198]	= settr(229,0,199,242,242,"t = mem[1]", 1, 2, 0);
		tr_2_src(242, "caches.pml", 121);
	trans[1][199]	= settr(230,0,208,243,243,"i = 0", 1, 2, 0);
		tr_2_src(243, "caches.pml", 122);
	trans[1][209]	= settr(240,0,208,1,0,".(goto)", 1, 2, 0);
	T = trans[1][208] = settr(239,0,0,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	T = T->nxt	= settr(239,0,200,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	    T->nxt	= settr(239,0,206,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	trans[1][200]	= settr(231,0,205,244,0,"((i<t))", 1, 2, 0);
		tr_2_src(244, "caches.pml", 124);
	T = trans[ 1][205] = settr(236,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	T->nxt	= settr(236,2,201,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	trans[1][201]	= settr(232,2,202,245,245,"b = mem[(2+i)]", 1, 2, 0);
		tr_2_src(245, "caches.pml", 126);
	trans[1][202]	= settr(233,2,203,246,0,"assert((b&&(block[b]==CACHED)))", 1, 2, 0);
		tr_2_src(246, "caches.pml", 127);
	trans[1][203]	= settr(234,2,204,247,247,"block[b] = FREE", 1, 2, 0);
		tr_2_src(247, "caches.pml", 128);
	trans[1][204]	= settr(235,0,208,248,248,"i = (i+1)", 1, 2, 0);
		tr_2_src(248, "caches.pml", 129);
	trans[1][206]	= settr(237,0,215,2,0,"else", 1, 2, 0);
	trans[1][207]	= settr(238,0,215,1,0,"goto :b5", 1, 2, 0);
	trans[1][210]	= settr(241,0,215,1,0,"break", 1, 2, 0);
	T = trans[ 1][215] = settr(246,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	T->nxt	= settr(246,2,211,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	trans[1][211]	= settr(242,2,212,249,249,"mem[1] = 0", 1, 2, 0);
		tr_2_src(249, "caches.pml", 133);
	trans[1][212]	= settr(243,2,213,250,250,"i = 0", 1, 2, 0);
		tr_2_src(250, "caches.pml", 133);
	trans[1][213]	= settr(244,2,214,251,251,"t = 0", 1, 2, 0);
		tr_2_src(251, "caches.pml", 133);
	trans[1][214]	= settr(245,0,222,252,252,"b = 0", 1, 2, 0);
		tr_2_src(252, "caches.pml", 133);
	trans[1][219]	= settr(250,0,222,1,0,".(goto)", 1, 2, 0);
	trans[1][217]	= settr(248,0,222,2,0,"else", 1, 2, 0);
	T = trans[ 1][222] = settr(253,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:143 */
	T->nxt	= settr(253,2,220,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:143 */
	trans[1][220]	= settr(251,2,221,253,253,"open = 1", 1, 2, 0);
		tr_2_src(253, "caches.pml", 143);
	trans[1][221]	= settr(252,0,230,254,254,"own_bins = 1", 1, 2, 0);
		tr_2_src(254, "caches.pml", 143);
	T = trans[ 1][230] = settr(261,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:252 */
	T->nxt	= settr(261,2,224,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:252 */
	trans[1][224]	= settr(255,2,225,255,255,"t = mem[1]", 1, 2, 0);
		tr_2_src(255, "caches.pml", 253);
	trans[1][225]	= settr(256,2,226,256,0,"assert(((t<2)&&(block[1]==LIVE)))", 1, 2, 0);
		tr_2_src(256, "caches.pml", 254);
	trans[1][226]	= settr(257,2,227,257,257,"mem[(2+t)] = 1", 1, 2, 0);
		tr_2_src(257, "caches.pml", 255);
	trans[1][227]	= settr(258,2,228,258,258,"block[1] = CACHED", 1, 2, 0);
		tr_2_src(258, "caches.pml", 256);
	trans[1][228]	= settr(259,2,229,259,259,"mem[1] = (t+1)", 1, 2, 0);
		tr_2_src(259, "caches.pml", 257);
	trans[1][229]	= settr(260,0,231,260,260,"t = 0", 1, 2, 0);
		tr_2_src(260, "caches.pml", 258);
	trans[1][231]	= settr(262,0,330,261,261,"lock = 0", 1, 2, 0);
		tr_2_src(261, "caches.pml", 260);
	trans[1][235]	= settr(266,0,236,262,0,"((calls&&have[2]))", 1, 2, 0);
		tr_2_src(262, "caches.pml", 293);
	trans[1][236]	= settr(267,0,327,263,263,"calls = (calls-1)", 1, 2, 0);
		tr_2_src(263, "caches.pml", 293);
	T = trans[ 1][327] = settr(358,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:225 */
	T->nxt	= settr(358,0,237,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:225 */
	trans[1][237]	= settr(268,0,242,264,264,"have[2] = 0", 1, 2, 0);
		tr_2_src(264, "caches.pml", 226);
	T = trans[ 1][242] = settr(273,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(273,0,241,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][241] = settr(272,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(272,2,238,0,0,"ATOMIC", 1, 3, 0);
		/* caches.pml:78 */
	trans[1][238]	= settr(269,2,239,265,265,"buffer!0,1", 1, 3, 0);
		tr_2_src(265, "caches.pml", 79);
	trans[1][239]	= settr(270,2,240,266,266,"latest[0] = 1", 1, 3, 0);
		tr_2_src(266, "caches.pml", 80);
	trans[1][240]	= settr(271,0,264,267,267,"pending[0] = (pending[0]+1)", 1, 3, 0);
		tr_2_src(267, "caches.pml", 81);
	T = trans[1][264] = settr(295,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:228 */
	T = T->nxt	= settr(295,0,243,0,0,"IF", 0, 2, 0);
		/* caches.pml:228 */
	    T->nxt	= settr(295,0,263,0,0,"IF", 0, 2, 0);
		/* caches.pml:228 */
	trans[1][243]	= settr(274,0,244,268,0,"(own_bins)", 1, 2, 0);
		tr_2_src(268, "caches.pml", 229);
	trans[1][244]	= settr(275,0,261,269,269,"t = ( (pending[1]) -> (latest[1]) : (mem[1]) )", 1, 2, 0);
		tr_2_src(269, "caches.pml", 230);
	T = trans[1][261] = settr(292,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:231 */
	T = T->nxt	= settr(292,0,245,0,0,"IF", 0, 2, 0);
		/* caches.pml:231 */
	    T->nxt	= settr(292,0,260,0,0,"IF", 0, 2, 0);
		/* caches.pml:231 */
	trans[1][245]	= settr(276,0,250,270,0,"((t<2))", 1, 2, 0);
		tr_2_src(270, "caches.pml", 232);
	T = trans[ 1][250] = settr(281,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(281,0,249,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][249] = settr(280,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(280,2,246,0,0,"ATOMIC", 1, 3, 0);
		/* caches.pml:78 */
	trans[1][246]	= settr(277,2,247,271,271,"buffer!(2+t),2", 1, 3, 0);
		tr_2_src(271, "caches.pml", 79);
	trans[1][247]	= settr(278,2,248,272,272,"latest[(2+t)] = 2", 1, 3, 0);
		tr_2_src(272, "caches.pml", 80);
	trans[1][248]	= settr(279,0,258,273,273,"pending[(2+t)] = (pending[(2+t)]+1)", 1, 3, 0);
		tr_2_src(273, "caches.pml", 81);
	T = trans[ 1][258] = settr(289,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:234 */
	T->nxt	= settr(289,2,251,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:234 */
	trans[1][251]	= settr(282,2,252,274,0,"assert((block[2]==LIVE))", 1, 2, 0);
		tr_2_src(274, "caches.pml", 235);
	trans[1][252]	= settr(283,2,257,275,275,"block[2] = CACHED", 1, 2, 0);
		tr_2_src(275, "caches.pml", 236);
	T = trans[ 1][257] = settr(288,0,0,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(288,0,256,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][256] = settr(287,0,0,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(287,0,253,0,0,"sub-sequence", 1, 2, 0);
		/* caches.pml:78 */
	trans[1][253]	= settr(284,2,254,276,276,"buffer!1,(t+1)", 1, 3, 0);
		tr_2_src(276, "caches.pml", 79);
	trans[1][254]	= settr(285,2,255,277,277,"latest[1] = (t+1)", 1, 2, 0);
		tr_2_src(277, "caches.pml", 80);
	trans[1][255]	= settr(286,0,259,278,278,"pending[1] = (pending[1]+1)", 1, 2, 0);
		tr_2_src(278, "caches.pml", 81);
	trans[1][259]	= settr(290,0,266,279,279,"got = 1", 1, 2, 0);
		tr_2_src(279, "caches.pml", 239);
	trans[1][262]	= settr(293,0,266,1,0,".(goto)", 1, 2, 0);
	trans[1][260]	= settr(291,0,266,2,0,"else", 1, 2, 0);
	trans[1][265]	= settr(296,0,266,1,0,".(goto)", 1, 2, 0);
	trans[1][263]	= settr(294,0,266,2,0,"else", 1, 2, 0);
	trans[1][266]	= settr(297,0,271,280,280,"t = 0", 1, 2, 0);
		tr_2_src(280, "caches.pml", 244);
	T = trans[ 1][271] = settr(302,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T->nxt	= settr(302,0,270,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:77 */
	T = trans[ 1][270] = settr(301,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:78 */
	T->nxt	= settr(301,2,267,0,0,"ATOMIC", 1, 3, 0);
		/* caches.pml:78 */
	trans[1][267]	= settr(298,2,268,281,281,"buffer!0,0", 1, 3, 0);
		tr_2_src(281, "caches.pml", 79);
	trans[1][268]	= settr(299,2,269,282,282,"latest[0] = 0", 1, 3, 0);
		tr_2_src(282, "caches.pml", 80);
	trans[1][269]	= settr(300,0,325,283,283,"pending[0] = (pending[0]+1)", 1, 3, 0);
		tr_2_src(283, "caches.pml", 81);
	T = trans[1][325] = settr(356,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:246 */
	T = T->nxt	= settr(356,0,272,0,0,"IF", 0, 2, 0);
		/* caches.pml:246 */
	    T->nxt	= settr(356,0,274,0,0,"IF", 0, 2, 0);
		/* caches.pml:246 */
	trans[1][272]	= settr(303,0,273,284,284,"(got)", 1, 2, 0);
		tr_2_src(284, "caches.pml", 247);
	trans[1][273]	= settr(304,0,330,285,285,"got = 0", 1, 2, 0);
		tr_2_src(285, "caches.pml", 247);
	trans[1][326]	= settr(357,0,330,1,0,".(goto)", 1, 2, 0);
	trans[1][274]	= settr(305,0,275,2,0,"else", 1, 2, 0);
	trans[1][275]	= settr(306,0,276,286,0,"((lock==0))", 1, 2, 0);
		tr_2_src(286, "caches.pml", 249);
	trans[1][276]	= settr(307,0,288,287,287,"lock = _pid", 1, 2, 0);
		tr_2_src(287, "caches.pml", 249);
	T = trans[ 1][288] = settr(319,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T->nxt	= settr(319,0,287,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T = trans[ 1][287] = settr(318,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:93 */
	T->nxt	= settr(318,2,284,0,0,"ATOMIC", 1, 503, 1003);
		/* caches.pml:93 */
	trans[1][285]	= settr(316,2,284,1,0,".(goto)", 1, 503, 1003);
	T = trans[1][284] = settr(315,2,0,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	T = T->nxt	= settr(315,2,277,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	    T->nxt	= settr(315,2,282,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	trans[1][277]	= settr(308,2,278,288,288,"buffer?w,v", 1, 503, 1003);
		tr_2_src(288, "caches.pml", 95);
	trans[1][278]	= settr(309,2,279,289,289,"mem[w] = v", 1, 503, 1003);
		tr_2_src(289, "caches.pml", 95);
	trans[1][279]	= settr(310,2,280,290,290,"pending[w] = (pending[w]-1)", 1, 503, 1003);
		tr_2_src(290, "caches.pml", 95);
	trans[1][280]	= settr(311,2,281,291,291,"w = 0", 1, 503, 1003);
		tr_2_src(291, "caches.pml", 95);
	trans[1][281]	= settr(312,2,284,292,292,"v = 0", 1, 503, 1003);
		tr_2_src(292, "caches.pml", 95);
	trans[1][282]	= settr(313,2,283,293,0,"(empty(buffer))", 1, 503, 1003);
		tr_2_src(293, "caches.pml", 96);
	trans[1][283]	= settr(314,2,286,1,0,"goto :b6", 1, 503, 1003);
	trans[1][286]	= settr(317,0,316,1,0,"break", 1, 503, 1003);
	T = trans[ 1][316] = settr(347,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:138 */
	T->nxt	= settr(347,0,311,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:138 */
	T = trans[1][311] = settr(342,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:139 */
	T = T->nxt	= settr(342,0,289,0,0,"IF", 0, 2, 0);
		/* caches.pml:139 */
	    T->nxt	= settr(342,0,310,0,0,"IF", 0, 2, 0);
		/* caches.pml:139 */
	trans[1][289]	= settr(320,0,290,294,0,"(drain)", 1, 2, 0);
		tr_2_src(294, "caches.pml", 140);
	trans[1][290]	= settr(321,0,309,295,295,"drain = 0", 1, 2, 0);
		tr_2_src(295, "caches.pml", 140);
	T = trans[ 1][309] = settr(340,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	T->nxt	= settr(340,0,291,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	trans[1][291]	= settr(322,0,292,296,296,"t = mem[1]", 1, 2, 0);
		tr_2_src(296, "caches.pml", 121);
	trans[1][292]	= settr(323,0,301,297,297,"i = 0", 1, 2, 0);
		tr_2_src(297, "caches.pml", 122);
	trans[1][302]	= settr(333,0,301,1,0,".(goto)", 1, 2, 0);
	T = trans[1][301] = settr(332,0,0,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	T = T->nxt	= settr(332,0,293,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	    T->nxt	= settr(332,0,299,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	trans[1][293]	= settr(324,0,298,298,0,"((i<t))", 1, 2, 0);
		tr_2_src(298, "caches.pml", 124);
	T = trans[ 1][298] = settr(329,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	T->nxt	= settr(329,2,294,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	trans[1][294]	= settr(325,2,295,299,299,"b = mem[(2+i)]", 1, 2, 0);
		tr_2_src(299, "caches.pml", 126);
	trans[1][295]	= settr(326,2,296,300,0,"assert((b&&(block[b]==CACHED)))", 1, 2, 0);
		tr_2_src(300, "caches.pml", 127);
	trans[1][296]	= settr(327,2,297,301,301,"block[b] = FREE", 1, 2, 0);
		tr_2_src(301, "caches.pml", 128);
	trans[1][297]	= settr(328,0,301,302,302,"i = (i+1)", 1, 2, 0);
		tr_2_src(302, "caches.pml", 129);
	trans[1][299]	= settr(330,0,308,2,0,"else", 1, 2, 0);
	trans[1][300]	= settr(331,0,308,1,0,"goto :b7", 1, 2, 0);
	trans[1][303]	= settr(334,0,308,1,0,"break", 1, 2, 0);
	T = trans[ 1][308] = settr(339,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	T->nxt	= settr(339,2,304,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	trans[1][304]	= settr(335,2,305,303,303,"mem[1] = 0", 1, 2, 0);
		tr_2_src(303, "caches.pml", 133);
	trans[1][305]	= settr(336,2,306,304,304,"i = 0", 1, 2, 0);
		tr_2_src(304, "caches.pml", 133);
	trans[1][306]	= settr(337,2,307,305,305,"t = 0", 1, 2, 0);
		tr_2_src(305, "caches.pml", 133);
	trans[1][307]	= settr(338,0,315,306,306,"b = 0", 1, 2, 0);
		tr_2_src(306, "caches.pml", 133);
	trans[1][312]	= settr(343,0,315,1,0,".(goto)", 1, 2, 0);
	trans[1][310]	= settr(341,0,315,2,0,"else", 1, 2, 0);
	T = trans[ 1][315] = settr(346,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:143 */
	T->nxt	= settr(346,2,313,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:143 */
	trans[1][313]	= settr(344,2,314,307,307,"open = 1", 1, 2, 0);
		tr_2_src(307, "caches.pml", 143);
	trans[1][314]	= settr(345,0,323,308,308,"own_bins = 1", 1, 2, 0);
		tr_2_src(308, "caches.pml", 143);
	T = trans[ 1][323] = settr(354,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:252 */
	T->nxt	= settr(354,2,317,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:252 */
	trans[1][317]	= settr(348,2,318,309,309,"t = mem[1]", 1, 2, 0);
		tr_2_src(309, "caches.pml", 253);
	trans[1][318]	= settr(349,2,319,310,0,"assert(((t<2)&&(block[2]==LIVE)))", 1, 2, 0);
		tr_2_src(310, "caches.pml", 254);
	trans[1][319]	= settr(350,2,320,311,311,"mem[(2+t)] = 2", 1, 2, 0);
		tr_2_src(311, "caches.pml", 255);
	trans[1][320]	= settr(351,2,321,312,312,"block[2] = CACHED", 1, 2, 0);
		tr_2_src(312, "caches.pml", 256);
	trans[1][321]	= settr(352,2,322,313,313,"mem[1] = (t+1)", 1, 2, 0);
		tr_2_src(313, "caches.pml", 257);
	trans[1][322]	= settr(353,0,324,314,314,"t = 0", 1, 2, 0);
		tr_2_src(314, "caches.pml", 258);
	trans[1][324]	= settr(355,0,330,315,315,"lock = 0", 1, 2, 0);
		tr_2_src(315, "caches.pml", 260);
	trans[1][328]	= settr(359,0,387,316,316,"(!(calls))", 1, 2, 0);
		tr_2_src(316, "caches.pml", 294);
	trans[1][329]	= settr(360,0,387,1,0,"goto :b1", 1, 2, 0);
	trans[1][332]	= settr(363,0,387,1,0,"break", 1, 2, 0);
	T = trans[1][387] = settr(418,0,0,0,0,"IF", 0, 2, 0);
		/* caches.pml:296 */
	T = T->nxt	= settr(418,0,373,0,0,"IF", 0, 2, 0);
		/* caches.pml:296 */
	    T->nxt	= settr(418,0,385,0,0,"IF", 0, 2, 0);
		/* caches.pml:296 */
	T = trans[ 1][373] = settr(404,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:266 */
	T->nxt	= settr(404,0,333,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:266 */
	trans[1][333]	= settr(364,0,334,317,0,"((lock==0))", 1, 2, 0);
		tr_2_src(317, "caches.pml", 267);
	trans[1][334]	= settr(365,0,346,318,318,"lock = _pid", 1, 2, 0);
		tr_2_src(318, "caches.pml", 267);
	T = trans[ 1][346] = settr(377,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T->nxt	= settr(377,0,345,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T = trans[ 1][345] = settr(376,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:93 */
	T->nxt	= settr(376,2,342,0,0,"ATOMIC", 1, 503, 1003);
		/* caches.pml:93 */
	trans[1][343]	= settr(374,2,342,1,0,".(goto)", 1, 503, 1003);
	T = trans[1][342] = settr(373,2,0,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	T = T->nxt	= settr(373,2,335,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	    T->nxt	= settr(373,2,340,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	trans[1][335]	= settr(366,2,336,319,319,"buffer?w,v", 1, 503, 1003);
		tr_2_src(319, "caches.pml", 95);
	trans[1][336]	= settr(367,2,337,320,320,"mem[w] = v", 1, 503, 1003);
		tr_2_src(320, "caches.pml", 95);
	trans[1][337]	= settr(368,2,338,321,321,"pending[w] = (pending[w]-1)", 1, 503, 1003);
		tr_2_src(321, "caches.pml", 95);
	trans[1][338]	= settr(369,2,339,322,322,"w = 0", 1, 503, 1003);
		tr_2_src(322, "caches.pml", 95);
	trans[1][339]	= settr(370,2,342,323,323,"v = 0", 1, 503, 1003);
		tr_2_src(323, "caches.pml", 95);
	trans[1][340]	= settr(371,2,341,324,0,"(empty(buffer))", 1, 503, 1003);
		tr_2_src(324, "caches.pml", 96);
	trans[1][341]	= settr(372,2,344,1,0,"goto :b8", 1, 503, 1003);
	trans[1][344]	= settr(375,0,347,1,0,"break", 1, 503, 1003);
	trans[1][347]	= settr(378,0,348,325,325,"own_bins = 0", 1, 2, 0);
		tr_2_src(325, "caches.pml", 269);
	trans[1][348]	= settr(379,0,367,326,326,"open = 0", 1, 2, 0);
		tr_2_src(326, "caches.pml", 270);
	T = trans[ 1][367] = settr(398,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	T->nxt	= settr(398,0,349,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:120 */
	trans[1][349]	= settr(380,0,350,327,327,"t = mem[1]", 1, 2, 0);
		tr_2_src(327, "caches.pml", 121);
	trans[1][350]	= settr(381,0,359,328,328,"i = 0", 1, 2, 0);
		tr_2_src(328, "caches.pml", 122);
	trans[1][360]	= settr(391,0,359,1,0,".(goto)", 1, 2, 0);
	T = trans[1][359] = settr(390,0,0,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	T = T->nxt	= settr(390,0,351,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	    T->nxt	= settr(390,0,357,0,0,"DO", 0, 2, 0);
		/* caches.pml:123 */
	trans[1][351]	= settr(382,0,356,329,0,"((i<t))", 1, 2, 0);
		tr_2_src(329, "caches.pml", 124);
	T = trans[ 1][356] = settr(387,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	T->nxt	= settr(387,2,352,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:125 */
	trans[1][352]	= settr(383,2,353,330,330,"b = mem[(2+i)]", 1, 2, 0);
		tr_2_src(330, "caches.pml", 126);
	trans[1][353]	= settr(384,2,354,331,0,"assert((b&&(block[b]==CACHED)))", 1, 2, 0);
		tr_2_src(331, "caches.pml", 127);
	trans[1][354]	= settr(385,2,355,332,332,"block[b] = FREE", 1, 2, 0);
		tr_2_src(332, "caches.pml", 128);
	trans[1][355]	= settr(386,0,359,333,333,"i = (i+1)", 1, 2, 0);
		tr_2_src(333, "caches.pml", 129);
	trans[1][357]	= settr(388,0,366,2,0,"else", 1, 2, 0);
	trans[1][358]	= settr(389,0,366,1,0,"goto :b9", 1, 2, 0);
	trans[1][361]	= settr(392,0,366,1,0,"break", 1, 2, 0);
	T = trans[ 1][366] = settr(397,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	T->nxt	= settr(397,2,362,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:133 */
	trans[1][362]	= settr(393,2,363,334,334,"mem[1] = 0", 1, 2, 0);
		tr_2_src(334, "caches.pml", 133);
	trans[1][363]	= settr(394,2,364,335,335,"i = 0", 1, 2, 0);
		tr_2_src(335, "caches.pml", 133);
	trans[1][364]	= settr(395,2,365,336,336,"t = 0", 1, 2, 0);
		tr_2_src(336, "caches.pml", 133);
	trans[1][365]	= settr(396,0,368,337,337,"b = 0", 1, 2, 0);
		tr_2_src(337, "caches.pml", 133);
	trans[1][368]	= settr(399,0,369,338,338,"lock = 0", 1, 2, 0);
		tr_2_src(338, "caches.pml", 272);
	trans[1][369]	= settr(400,0,370,339,0,"((registry==0))", 1, 2, 0);
		tr_2_src(339, "caches.pml", 273);
	trans[1][370]	= settr(401,0,371,340,340,"registry = _pid", 1, 2, 0);
		tr_2_src(340, "caches.pml", 273);
	trans[1][371]	= settr(402,0,372,341,341,"in_list = 0", 1, 2, 0);
		tr_2_src(341, "caches.pml", 274);
	trans[1][372]	= settr(403,0,389,342,342,"registry = 0", 1, 2, 0);
		tr_2_src(342, "caches.pml", 275);
	trans[1][388]	= settr(419,0,389,1,0,".(goto)", 1, 2, 0);
	T = trans[ 1][385] = settr(416,0,0,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T->nxt	= settr(416,0,384,0,0,"sub-sequence", 0, 2, 0);
		/* caches.pml:92 */
	T = trans[ 1][384] = settr(415,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:93 */
	T->nxt	= settr(415,2,381,0,0,"ATOMIC", 1, 503, 1003);
		/* caches.pml:93 */
	trans[1][382]	= settr(413,2,381,1,0,".(goto)", 1, 503, 1003);
	T = trans[1][381] = settr(412,2,0,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	T = T->nxt	= settr(412,2,374,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	    T->nxt	= settr(412,2,379,0,0,"DO", 1, 503, 1003);
		/* caches.pml:94 */
	trans[1][374]	= settr(405,2,375,343,343,"buffer?w,v", 1, 503, 1003);
		tr_2_src(343, "caches.pml", 95);
	trans[1][375]	= settr(406,2,376,344,344,"mem[w] = v", 1, 503, 1003);
		tr_2_src(344, "caches.pml", 95);
	trans[1][376]	= settr(407,2,377,345,345,"pending[w] = (pending[w]-1)", 1, 503, 1003);
		tr_2_src(345, "caches.pml", 95);
	trans[1][377]	= settr(408,2,378,346,346,"w = 0", 1, 503, 1003);
		tr_2_src(346, "caches.pml", 95);
	trans[1][378]	= settr(409,2,381,347,347,"v = 0", 1, 503, 1003);
		tr_2_src(347, "caches.pml", 95);
	trans[1][379]	= settr(410,2,380,348,0,"(empty(buffer))", 1, 503, 1003);
		tr_2_src(348, "caches.pml", 96);
	trans[1][380]	= settr(411,2,383,1,0,"goto :b10", 1, 503, 1003);
	trans[1][383]	= settr(414,0,386,1,0,"break", 1, 503, 1003);
	trans[1][386]	= settr(417,0,389,349,349,"alive = 0", 1, 2, 0);
		tr_2_src(349, "caches.pml", 305);
	trans[1][389]	= settr(420,0,390,350,350,"done = (done+1)", 1, 2, 0);
		tr_2_src(350, "caches.pml", 307);
	trans[1][390]	= settr(421,0,0,351,351,"-end-", 1, 3500, 0);
		tr_2_src(351, "caches.pml", 308);

	/* proctype 0: Memory */

	trans[0] = (Trans **) emalloc(33*sizeof(Trans *));

	trans[0][30]	= settr(29,0,29,1,0,".(goto)", 1, 2, 0);
	T = trans[0][29] = settr(28,0,0,0,0,"DO", 0, 2, 0);
		/* caches.pml:106 */
	T = T->nxt	= settr(28,0,7,0,0,"DO", 0, 2, 0);
		/* caches.pml:106 */
	T = T->nxt	= settr(28,0,14,0,0,"DO", 0, 2, 0);
		/* caches.pml:106 */
	T = T->nxt	= settr(28,0,21,0,0,"DO", 0, 2, 0);
		/* caches.pml:106 */
	    T->nxt	= settr(28,0,28,0,0,"DO", 0, 2, 0);
		/* caches.pml:106 */
	T = trans[ 0][7] = settr(6,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:107 */
	T->nxt	= settr(6,2,1,0,0,"ATOMIC", 1, 503, 0);
		/* caches.pml:107 */
	trans[0][1]	= settr(0,2,2,352,352,"buffer??1,v", 1, 503, 0);
		tr_2_src(352, "caches.pml", 107);
	trans[0][2]	= settr(1,2,3,353,353,"w = 1", 1, 503, 0);
		tr_2_src(353, "caches.pml", 107);
	trans[0][3]	= settr(2,2,4,354,354,"mem[w] = v", 1, 503, 0);
		tr_2_src(354, "caches.pml", 107);
	trans[0][4]	= settr(3,2,5,355,355,"pending[w] = (pending[w]-1)", 1, 503, 0);
		tr_2_src(355, "caches.pml", 107);
	trans[0][5]	= settr(4,2,6,356,356,"w = 0", 1, 503, 0);
		tr_2_src(356, "caches.pml", 107);
	trans[0][6]	= settr(5,0,29,357,357,"v = 0", 1, 503, 0);
		tr_2_src(357, "caches.pml", 107);
	T = trans[ 0][14] = settr(13,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:108 */
	T->nxt	= settr(13,2,8,0,0,"ATOMIC", 1, 503, 0);
		/* caches.pml:108 */
	trans[0][8]	= settr(7,2,9,358,358,"buffer??2,v", 1, 503, 0);
		tr_2_src(358, "caches.pml", 108);
	trans[0][9]	= settr(8,2,10,359,359,"w = 2", 1, 503, 0);
		tr_2_src(359, "caches.pml", 108);
	trans[0][10]	= settr(9,2,11,360,360,"mem[w] = v", 1, 503, 0);
		tr_2_src(360, "caches.pml", 108);
	trans[0][11]	= settr(10,2,12,361,361,"pending[w] = (pending[w]-1)", 1, 503, 0);
		tr_2_src(361, "caches.pml", 108);
	trans[0][12]	= settr(11,2,13,362,362,"w = 0", 1, 503, 0);
		tr_2_src(362, "caches.pml", 108);
	trans[0][13]	= settr(12,0,29,363,363,"v = 0", 1, 503, 0);
		tr_2_src(363, "caches.pml", 108);
	T = trans[ 0][21] = settr(20,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:109 */
	T->nxt	= settr(20,2,15,0,0,"ATOMIC", 1, 503, 0);
		/* caches.pml:109 */
	trans[0][15]	= settr(14,2,16,364,364,"buffer??eval((2+1)),v", 1, 503, 0);
		tr_2_src(364, "caches.pml", 109);
	trans[0][16]	= settr(15,2,17,365,365,"w = (2+1)", 1, 503, 0);
		tr_2_src(365, "caches.pml", 109);
	trans[0][17]	= settr(16,2,18,366,366,"mem[w] = v", 1, 503, 0);
		tr_2_src(366, "caches.pml", 109);
	trans[0][18]	= settr(17,2,19,367,367,"pending[w] = (pending[w]-1)", 1, 503, 0);
		tr_2_src(367, "caches.pml", 109);
	trans[0][19]	= settr(18,2,20,368,368,"w = 0", 1, 503, 0);
		tr_2_src(368, "caches.pml", 109);
	trans[0][20]	= settr(19,0,29,369,369,"v = 0", 1, 503, 0);
		tr_2_src(369, "caches.pml", 109);
	T = trans[ 0][28] = settr(27,2,0,0,0,"ATOMIC", 1, 2, 0);
		/* caches.pml:113 */
	T->nxt	= settr(27,2,22,0,0,"ATOMIC", 1, 503, 0);
		/* caches.pml:113 */
	trans[0][22]	= settr(21,2,23,370,370,"buffer?0,v", 1, 503, 0);
		tr_2_src(370, "caches.pml", 113);
	trans[0][23]	= settr(22,2,24,371,371,"w = 0", 1, 503, 0);
		tr_2_src(371, "caches.pml", 113);
	trans[0][24]	= settr(23,2,25,372,372,"mem[w] = v", 1, 503, 0);
		tr_2_src(372, "caches.pml", 113);
	trans[0][25]	= settr(24,2,26,373,373,"pending[w] = (pending[w]-1)", 1, 503, 0);
		tr_2_src(373, "caches.pml", 113);
	trans[0][26]	= settr(25,2,27,374,374,"w = 0", 1, 503, 0);
		tr_2_src(374, "caches.pml", 113);
	trans[0][27]	= settr(26,0,29,375,375,"v = 0", 1, 503, 0);
		tr_2_src(375, "caches.pml", 113);
	trans[0][31]	= settr(30,0,32,1,0,"break", 1, 2, 0);
	trans[0][32]	= settr(31,0,0,376,376,"-end-", 1, 3500, 0);
		tr_2_src(376, "caches.pml", 116);
	/* np_ demon: */
	trans[_NP_] = (Trans **) emalloc(3*sizeof(Trans *));
	T = trans[_NP_][0] = settr(9997,0,1,_T5,0,"(np_)", 1,2,0);
	    T->nxt	  = settr(9998,0,0,_T2,0,"(1)",   0,2,0);
	T = trans[_NP_][1] = settr(9999,0,1,_T5,0,"(np_)", 1,2,0);
}

Trans *
settr(	int t_id, int a, int b, int c, int d,
	char *t, int g, int tpe0, int tpe1)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	tmp->atom  = a&(6|32);	/* only (2|8|32) have meaning */
	if (!g) tmp->atom |= 8;	/* no global references */
	tmp->st    = b;
	tmp->tpe[0] = tpe0;
	tmp->tpe[1] = tpe1;
	tmp->tp    = t;
	tmp->t_id  = t_id;
	tmp->forw  = c;
	tmp->back  = d;
	return tmp;
}

Trans *
cpytr(Trans *a)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	int i;
	tmp->atom  = a->atom;
	tmp->st    = a->st;
#ifdef HAS_UNLESS
	tmp->e_trans = a->e_trans;
	for (i = 0; i < HAS_UNLESS; i++)
		tmp->escp[i] = a->escp[i];
#endif
	tmp->tpe[0] = a->tpe[0];
	tmp->tpe[1] = a->tpe[1];
	for (i = 0; i < 6; i++)
	{	tmp->qu[i] = a->qu[i];
		tmp->ty[i] = a->ty[i];
	}
	tmp->tp    = (char *) emalloc(strlen(a->tp)+1);
	strcpy(tmp->tp, a->tp);
	tmp->t_id  = a->t_id;
	tmp->forw  = a->forw;
	tmp->back  = a->back;
	return tmp;
}

#ifndef NOREDUCE
int
srinc_set(int n)
{	if (n <= 2) return LOCAL;
	if (n <= 2+  DELTA) return Q_FULL_F; /* 's' or nfull  */
	if (n <= 2+2*DELTA) return Q_EMPT_F; /* 'r' or nempty */
	if (n <= 2+3*DELTA) return Q_EMPT_T; /* empty */
	if (n <= 2+4*DELTA) return Q_FULL_T; /* full  */
	if (n ==   5*DELTA) return GLOBAL;
	if (n ==   6*DELTA) return TIMEOUT_F;
	if (n ==   7*DELTA) return ALPHA_F;
	Uerror("cannot happen srinc_class");
	return BAD;
}
int
srunc(int n, int m)
{	switch(m) {
	case Q_FULL_F: return n-2;
	case Q_EMPT_F: return n-2-DELTA;
	case Q_EMPT_T: return n-2-2*DELTA;
	case Q_FULL_T: return n-2-3*DELTA;
	case ALPHA_F:
	case TIMEOUT_F: return 257; /* non-zero, and > MAXQ */
	}
	Uerror("cannot happen srunc");
	return 0;
}
#endif
int cnt;
#ifdef HAS_UNLESS
int
isthere(Trans *a, int b)
{	Trans *t;
	for (t = a; t; t = t->nxt)
		if (t->t_id == b)
			return 1;
	return 0;
}
#endif
#ifndef NOREDUCE
int
mark_safety(Trans *t) /* for conditional safety */
{	int g = 0, i, j, k;

	if (!t) return 0;
	if (t->qu[0])
		return (t->qu[1])?2:1;	/* marked */

	for (i = 0; i < 2; i++)
	{	j = srinc_set(t->tpe[i]);
		if (j >= GLOBAL && j != ALPHA_F)
			return -1;
		if (j != LOCAL)
		{	k = srunc(t->tpe[i], j);
			if (g == 0
			||  t->qu[0] != k
			||  t->ty[0] != j)
			{	t->qu[g] = k;
				t->ty[g] = j;
				g++;
	}	}	}
	return g;
}
#endif
void
retrans(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
	/* process n, with m states, is=initial state */
{	Trans *T0, *T1, *T2, *T3;
	Trans *T4, *T5; /* t_reverse or has_unless */
	int i;
#if defined(HAS_UNLESS) || !defined(NOREDUCE)
	int k;
#endif
#ifndef NOREDUCE
	int g, h, j, aa;
#endif
#ifdef HAS_UNLESS
	int p;
#endif
	if (state_tables >= 4)
	{	printf("STEP 1 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	do {
		for (i = 1, cnt = 0; i < m; i++)
		{	T2 = trans[n][i];
			T1 = T2?T2->nxt:(Trans *)0;
/* prescan: */		for (T0 = T1; T0; T0 = T0->nxt)
/* choice in choice */	{	if (T0->st && trans[n][T0->st]
				&&  trans[n][T0->st]->nxt)
					break;
			}
#if 0
		if (T0)
		printf("\tstate %d / %d: choice in choice\n",
		i, T0->st);
#endif
			if (T0)
			for (T0 = T1; T0; T0 = T0->nxt)
			{	T3 = trans[n][T0->st];
				if (!T3->nxt)
				{	T2->nxt = cpytr(T0);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
					continue;
				}
				do {	T3 = T3->nxt;
					T2->nxt = cpytr(T3);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
				} while (T3->nxt);
				cnt++;
			}
		}
	} while (cnt);
	if (state_tables >= 3)
	{	printf("STEP 2 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	for (i = 1; i < m; i++)
	{	if (trans[n][i] && trans[n][i]->nxt) /* optimize */
		{	T1 = trans[n][i]->nxt;
#if 0
			printf("\t\tpull %d (%d) to %d\n",
			T1->st, T1->forw, i);
#endif
			srcln[i] = srcln[T1->st];	/* Oyvind Teig, 5.2.0 */

			if (!trans[n][T1->st]) continue;
			T0 = cpytr(trans[n][T1->st]);
			trans[n][i] = T0;
			reach[T1->st] = 1;
			imed(T0, T1->st, n, i);
			for (T1 = T1->nxt; T1; T1 = T1->nxt)
			{
#if 0
			printf("\t\tpull %d (%d) to %d\n",
				T1->st, T1->forw, i);
#endif
		/*		srcln[i] = srcln[T1->st];  gh: not useful */
				if (!trans[n][T1->st]) continue;
				T0->nxt = cpytr(trans[n][T1->st]);
				T0 = T0->nxt;
				reach[T1->st] = 1;
				imed(T0, T1->st, n, i);
	}	}	}
	if (state_tables >= 2)
	{	printf("STEP 3 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
#ifdef HAS_UNLESS
	for (i = 1; i < m; i++)
	{	if (!trans[n][i]) continue;
		/* check for each state i if an
		 * escape to some state p is defined
		 * if so, copy and mark p's transitions
		 * and prepend them to the transition-
		 * list of state i
		 */
	 if (!like_java) /* the default */
	 {	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->e_trans = p;
				T2->nxt = trans[n][i];
				trans[n][i] = T2;
		}	}
	 } else /* outermost unless checked first */
	 {	T4 = T3 = (Trans *) 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->nxt = (Trans *) 0;
				T2->e_trans = p;
				if (T3)	T3->nxt = T2;
				else	T4 = T2;
				T3 = T2;
		}	}
		if (T4)
		{	T3->nxt = trans[n][i];
			trans[n][i] = T4;
		}
	 }
	}
#endif
#ifndef NOREDUCE
	for (i = 1; i < m; i++)
	{	if (a_cycles)
		{ /* moves through these states are visible */
	#if PROG_LAB>0 && defined(HAS_NP)
			if (progstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (progstate[n][T1->st])
					goto degrade;
	#endif
			if (accpstate[n][i] || visstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (accpstate[n][T1->st])
					goto degrade;
		}
		T1 = trans[n][i];
		if (!T1) continue;
		g = mark_safety(T1);	/* V3.3.1 */
		if (g < 0) goto degrade; /* global */
		/* check if mixing of guards preserves reduction */
		if (T1->nxt)
		{	k = 0;
			for (T0 = T1; T0; T0 = T0->nxt)
			{	if (!(T0->atom&8))
					goto degrade;
				for (aa = 0; aa < 2; aa++)
				{	j = srinc_set(T0->tpe[aa]);
					if (j >= GLOBAL && j != ALPHA_F)
						goto degrade;
					if (T0->tpe[aa]
					&&  T0->tpe[aa]
					!=  T1->tpe[0])
						k = 1;
			}	}
			/* g = 0;	V3.3.1 */
			if (k)	/* non-uniform selection */
			for (T0 = T1; T0; T0 = T0->nxt)
			for (aa = 0; aa < 2; aa++)
			{	j = srinc_set(T0->tpe[aa]);
				if (j != LOCAL)
				{	k = srunc(T0->tpe[aa], j);
					for (h = 0; h < 6; h++)
						if (T1->qu[h] == k
						&&  T1->ty[h] == j)
							break;
					if (h >= 6)
					{	T1->qu[g%6] = k;
						T1->ty[g%6] = j;
						g++;
			}	}	}
			if (g > 6)
			{	T1->qu[0] = 0;	/* turn it off */
				printf("pan: warning, line %d, ",
					srcln[i]);
			 	printf("too many stmnt types (%d)",
					g);
			  	printf(" in selection\n");
			  goto degrade;
			}
		}
		/* mark all options global if >=1 is global */
		for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			if (!(T1->atom&8)) break;
		if (T1)
degrade:	for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			T1->atom &= ~8;	/* mark as unsafe */
		/* can only mix 'r's or 's's if on same chan */
		/* and not mixed with other local operations */
		T1 = trans[n][i];
		if (!T1 || T1->qu[0]) continue;
		j = T1->tpe[0];
		if (T1->nxt && T1->atom&8)
		{ if (j == 5*DELTA)
		  {	printf("warning: line %d ", srcln[i]);
			printf("mixed condition ");
			printf("(defeats reduction)\n");
			goto degrade;
		  }
		  for (T0 = T1; T0; T0 = T0->nxt)
		  for (aa = 0; aa < 2; aa++)
		  if  (T0->tpe[aa] && T0->tpe[aa] != j)
		  {	printf("warning: line %d ", srcln[i]);
			printf("[%d-%d] mixed %stion ",
				T0->tpe[aa], j, 
				(j==5*DELTA)?"condi":"selec");
			printf("(defeats reduction)\n");
			printf("	'%s' <-> '%s'\n",
				T1->tp, T0->tp);
			goto degrade;
		} }
	}
#endif
	for (i = 1; i < m; i++)
	{	T2 = trans[n][i];
		if (!T2
		||  T2->nxt
		||  strncmp(T2->tp, ".(goto)", 7)
		||  !stopstate[n][i])
			continue;
		stopstate[n][T2->st] = 1;
	}
	if (state_tables && !verbose)
	{	if (dodot)
		{	char buf[256], *q = buf, *p = procname[n];
			while (*p != '\0')
			{	if (*p != ':')
				{	*q++ = *p;
				}
				p++;
			}
			*q = '\0';
			printf("digraph ");
			switch (Btypes[n]) {
			case I_PROC:  printf("init {\n"); break;
			case N_CLAIM: printf("claim_%s {\n", buf); break;
			case E_TRACE: printf("notrace {\n"); break;
			case N_TRACE: printf("trace {\n"); break;
			default:      printf("p_%s {\n", buf); break;
			}
			printf("size=\"8,10\";\n");
			printf("  GT [shape=box,style=dotted,label=\"%s\"];\n", buf);
			printf("  GT -> S%d;\n", is);
		} else
		{	switch (Btypes[n]) {
			case I_PROC:  printf("init\n"); break;
			case N_CLAIM: printf("claim %s\n", procname[n]); break;
			case E_TRACE: printf("notrace assertion\n"); break;
			case N_TRACE: printf("trace assertion\n"); break;
			default:      printf("proctype %s\n", procname[n]); break;
		}	}
		for (i = 1; i < m; i++)
		{	reach[i] = 1;
		}
		tagtable(n, m, is, srcln, reach);
		if (dodot) printf("}\n");
	} else
	for (i = 1; i < m; i++)
	{	int nrelse;
		if (Btypes[n] != N_CLAIM)
		{	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			{	if (T0->st == i
				&& strcmp(T0->tp, "(1)") == 0)
				{	printf("error: proctype '%s' ",
						procname[n]);
		  			printf("line %d, state %d: has un",
						srcln[i], i);
					printf("conditional self-loop\n");
					pan_exit(1);
		}	}	}
		nrelse = 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		{	if (strcmp(T0->tp, "else") == 0)
				nrelse++;
		}
		if (nrelse > 1)
		{	printf("error: proctype '%s' state",
				procname[n]);
		  	printf(" %d, inherits %d", i, nrelse);
		  	printf(" 'else' stmnts\n");
			pan_exit(1);
	}	}
#if !defined(LOOPSTATE) && !defined(BFS_PAR)
	if (state_tables)
#endif
	do_dfs(n, m, is, srcln, reach, lpstate);

	if (!t_reverse)
	{	return;
	}
	/* process n, with m states, is=initial state -- reverse list */
	if (!state_tables && Btypes[n] != N_CLAIM)
	{	for (i = 1; i < m; i++)
		{	Trans *Tx = (Trans *) 0; /* list of escapes */
			Trans *Ty = (Trans *) 0; /* its tail element */
			T1 = (Trans *) 0; /* reversed list */
			T2 = (Trans *) 0; /* its tail */
			T3 = (Trans *) 0; /* remembers possible 'else' */

			/* find unless-escapes, they should go first */
			T4 = T5 = T0 = trans[n][i];
	#ifdef HAS_UNLESS
			while (T4 && T4->e_trans) /* escapes are first in orig list */
			{	T5 = T4;	  /* remember predecessor */
				T4 = T4->nxt;
			}
	#endif
			/* T4 points to first non-escape, T5 to its parent, T0 to original list */
			if (T4 != T0)		 /* there was at least one escape */
			{	T3 = T5->nxt;		 /* start of non-escapes */
				T5->nxt = (Trans *) 0;	 /* separate */
				Tx = T0;		 /* start of the escapes */
				Ty = T5;		 /* its tail */
				T0 = T3;		 /* the rest, to be reversed */
			}
			/* T0 points to first non-escape, Tx to the list of escapes, Ty to its tail */

			/* first tail-add non-escape transitions, reversed */
			T3 = (Trans *) 0;
			for (T5 = T0; T5; T5 = T4)
			{	T4 = T5->nxt;
	#ifdef HAS_UNLESS
				if (T5->e_trans)
				{	printf("error: cannot happen!\n");
					continue;
				}
	#endif
				if (strcmp(T5->tp, "else") == 0)
				{	T3 = T5;
					T5->nxt = (Trans *) 0;
				} else
				{	T5->nxt = T1;
					if (!T1) { T2 = T5; }
					T1 = T5;
			}	}
			/* T3 points to a possible else, which is removed from the list */
			/* T1 points to the reversed list so far (without escapes) */
			/* T2 points to the tail element -- where the else should go */
			if (T2 && T3)
			{	T2->nxt = T3;	/* add else */
			} else
			{	if (T3) /* there was an else, but there's no tail */
				{	if (!T1)	/* and no reversed list */
					{	T1 = T3; /* odd, but possible */
					} else		/* even stranger */
					{	T1->nxt = T3;
			}	}	}

			/* add in the escapes, to that they appear at the front */
			if (Tx && Ty) { Ty->nxt = T1; T1 = Tx; }

			trans[n][i] = T1;
			/* reversed, with escapes first and else last */
	}	}
	if (state_tables && verbose)
	{	printf("FINAL proctype %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
	}
}
void
imed(Trans *T, int v, int n, int j)	/* set intermediate state */
{	progstate[n][T->st] |= progstate[n][v];
	accpstate[n][T->st] |= accpstate[n][v];
	stopstate[n][T->st] |= stopstate[n][v];
	mapstate[n][j] = T->st;
}
void
tagtable(int n, int m, int is, short srcln[], uchar reach[])
{	Trans *z;

	if (is >= m || !trans[n][is]
	||  is <= 0 || reach[is] == 0)
		return;
	reach[is] = 0;
	if (state_tables)
	for (z = trans[n][is]; z; z = z->nxt)
	{	if (dodot)
			dot_crack(n, is, z);
		else
			crack(n, is, z, srcln);
	}

	for (z = trans[n][is]; z; z = z->nxt)
	{
#ifdef HAS_UNLESS
		int i, j;
#endif
		tagtable(n, m, z->st, srcln, reach);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			tagtable(n, m, j, srcln, reach);
		}
#endif
	}
}

extern Trans *t_id_lkup[];

void
dfs_table(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	Trans *z;

	if (is >= m || is <= 0 || !trans[n][is])
		return;
	if ((reach[is] & (4|8|16)) != 0)
	{	if ((reach[is] & (8|16)) == 16)	/* on stack, not yet recorded */
		{	lpstate[is] = 1;
			reach[is] |= 8; /* recorded */
			if (state_tables && verbose)
			{	printf("state %d line %d is a loopstate\n", is, srcln[is]);
		}	}
		return;
	}
	reach[is] |= (4|16);	/* visited | onstack */
	for (z = trans[n][is]; z; z = z->nxt)
	{	t_id_lkup[z->t_id] = z;
#ifdef HAS_UNLESS
		int i, j;
#endif
		dfs_table(n, m, z->st, srcln, reach, lpstate);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			dfs_table(n, m, j, srcln, reach, lpstate);
		}
#endif
	}
	reach[is] &= ~16; /* no longer on stack */
}
void
do_dfs(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	int i;
	dfs_table(n, m, is, srcln, reach, lpstate);
	for (i = 0; i < m; i++)
		reach[i] &= ~(4|8|16);
}
void
crack(int n, int j, Trans *z, short srcln[])
{	int i;

	if (!z) return;
	printf("	state %3d -(tr %3d)-> state %3d  ",
		j, z->forw, z->st);
	printf("[id %3d tp %3d", z->t_id, z->tpe[0]);
	if (z->tpe[1]) printf(",%d", z->tpe[1]);
#ifdef HAS_UNLESS
	if (z->e_trans)
		printf(" org %3d", z->e_trans);
	else if (state_tables >= 2)
	for (i = 0; i < HAS_UNLESS; i++)
	{	if (!z->escp[i]) break;
		printf(" esc %d", z->escp[i]);
	}
#endif
	printf("]");
	printf(" [%s%s%s%s%s] %s:%d => ",
		z->atom&6?"A":z->atom&32?"D":"-",
		accpstate[n][j]?"a" :"-",
		stopstate[n][j]?"e" : "-",
		progstate[n][j]?"p" : "-",
		z->atom & 8 ?"L":"G",
		PanSource, srcln[j]);
	for (i = 0; z->tp[i]; i++)
		if (z->tp[i] == '\n')
			printf("\\n");
		else
			putchar(z->tp[i]);
	if (verbose && z->qu[0])
	{	printf("\t[");
		for (i = 0; i < 6; i++)
			if (z->qu[i])
				printf("(%d,%d)",
				z->qu[i], z->ty[i]);
		printf("]");
	}
	printf("\n");
	fflush(stdout);
}
/* spin -a m.pml; cc -o pan pan.c; ./pan -D | dot -Tps > foo.ps; ps2pdf foo.ps */
void
dot_crack(int n, int j, Trans *z)
{	int i;

	if (!z) return;
	printf("	S%d -> S%d  [color=black", j, z->st);

	if (z->atom&6) printf(",style=dashed");
	else if (z->atom&32) printf(",style=dotted");
	else if (z->atom&8) printf(",style=solid");
	else printf(",style=bold");

	printf(",label=\"");
	for (i = 0; z->tp[i]; i++)
	{	if (z->tp[i] == '\\'
		&&  z->tp[i+1] == 'n')
		{	i++; printf(" ");
		} else
		{	putchar(z->tp[i]);
	}	}
	printf("\"];\n");
	if (accpstate[n][j]) printf("  S%d [color=red,style=bold];\n", j);
	else if (progstate[n][j]) printf("  S%d [color=green,style=bold];\n", j);
	if (stopstate[n][j]) printf("  S%d [color=blue,style=bold,shape=box];\n", j);
}

#ifdef VAR_RANGES
#define BYTESIZE	32	/* 2^8 : 2^3 = 256:8 = 32 */

typedef struct Vr_Ptr {
	char	*nm;
	uchar	vals[BYTESIZE];
	struct Vr_Ptr *nxt;
} Vr_Ptr;
Vr_Ptr *ranges = (Vr_Ptr *) 0;

void
logval(char *s, int v)
{	Vr_Ptr *tmp;

	if (v<0 || v > 255) return;
	for (tmp = ranges; tmp; tmp = tmp->nxt)
		if (!strcmp(tmp->nm, s))
			goto found;
	tmp = (Vr_Ptr *) emalloc(sizeof(Vr_Ptr));
	tmp->nxt = ranges;
	ranges = tmp;
	tmp->nm = s;
found:
	tmp->vals[(v)/8] |= 1<<((v)%8);
}

void
dumpval(uchar X[], int range)
{	int w, x, i, j = -1;

	for (w = i = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
from:		if ((X[w] & (1<<x)))
		{	printf("%d", i);
			j = i;
			goto upto;
	}	}
	return;
	for (w = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
upto:		if (!(X[w] & (1<<x)))
		{	if (i-1 == j)
				printf(", ");
			else
				printf("-%d, ", i-1);
			goto from;
	}	}
	if (j >= 0 && j != 255)
		printf("-255");
}

void
dumpranges(void)
{	Vr_Ptr *tmp;
	printf("\nValues assigned within ");
	printf("interval [0..255]:\n");
	for (tmp = ranges; tmp; tmp = tmp->nxt)
	{	printf("\t%s\t: ", tmp->nm);
		dumpval(tmp->vals, BYTESIZE);
		printf("\n");
	}
}
#endif

int
provided(int II, unsigned char ot, int tt, Trans *t)
{
	switch(ot) {
	case 5: /* :init: */
		return 1;
	case 4: /* Fork */
		return 1;
	case 3: /* Reach */
		if ( !(((int)now.frozen)))
			return 1;
		break;
	case 2: /* Trim */
		if ( !(((int)now.frozen)))
			return 1;
		break;
	case 1: /* Owner */
		if ( !(((int)now.frozen)))
			return 1;
		break;
	case 0: /* Memory */
		if ( !(((int)now.frozen)))
			return 1;
		break;
	default: return 1; /* e.g., a claim */
	}
	return 0;
}
