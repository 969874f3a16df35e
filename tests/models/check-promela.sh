#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# The models by spin(1): no interleaving breaks a protocol, and each mistake that
# can be built in is found, in the same scene. spin(1) needs gcc itself.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/../../build-aux/tap.sh"
command -v spin >/dev/null || tap_skip_all "no spin"
models=$(cd "$top_srcdir" && pwd)/tests/models
work=$(mktemp -d) || tap_bail "no temporary folder"
trap 'rm -rf "$work"' EXIT
cd "$work" || tap_bail "no temporary folder"

# verify OPTION...: go through all states of $model; what spin says is in `said`.
# Where only one process goes on after a fork, states cannot be left out.
verify() {
	case $* in
	*-DFORK*) whole=-DNOREDUCE ;;
	*) whole= ;;
	esac
	spin "$@" -a "$models/$model.pml" >said 2>&1 || return 2
	# shellcheck disable=SC2086 # options
	gcc -w -O1 -DSAFETY -DCOLLAPSE $whole -o pan pan.c >said 2>&1 ||
		return 2
	# Whether nobody waits for ever is the model's own to say.
	./pan -E -m100000 -w24 >said 2>&1 || return 2
	! grep 'max search depth too small\|out of memory' said || return 2
	grep -q 'errors: 0' said
}

# holds SCENE OPTION...
holds() {
	name=$1
	shift
	verify "$@"
	case $? in
	0) tap_empty "$name: $(sed -n 's/ *\([0-9]*\) states, stored.*/\1 states/p' \
		said)" "" ;;
	*) tap_empty "$name" "$(cat said)" ;;
	esac
}

# breaks MISTAKE OPTION...
breaks() {
	name=$1
	shift
	verify "$@" "-D$name"
	if [ $? = 1 ] && grep -q 'assertion violated' said; then
		tap_empty "$name is found" ""
	else
		tap_empty "$name is found" "$(cat said)"
	fi
}

model=caches
holds "two that trim" -DCALLS=3 -DTRIMS=2
holds "one that trims, one that looks" -DCALLS=3 -DREACH
holds "a thread after another" -DCALLS=2 -DNEXT
holds "a fork" -DCALLS=3 -DFORK
breaks NO_BARRIER -DCALLS=3
breaks NO_WAIT -DCALLS=3
breaks NO_MARK -DCALLS=3
breaks EARLY_BUSY -DCALLS=3
breaks LATE_FREE -DCALLS=3
breaks CLOSED_IS_ENOUGH -DCALLS=3 -DREACH
breaks UNLOCKED_FORK -DCALLS=3 -DFORK

model=slabs
holds "a slab of one class, then of another" -DLIVE
breaks KEEPS_CLASS
breaks EARLY_LOOK
breaks UNLOCKED_OPENING -DLIVE
holds "blocks that are freed again" -DAGAIN
breaks HELD_LOOKS_USED -DAGAIN
tap_done
