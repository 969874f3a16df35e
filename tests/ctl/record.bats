# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# record: what the observer sees of a program, and what it leaves behind.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

user=${top_builddir:-$here/../..}/tests/ctl/record-user

setup()
{
	skip_if_sanitized
	[ -e "$ctl_folder/.libs/datamem-observer.so" ] ||
		[ -n "${TESTED_CTL:-}" ] || skip "built without the observer"
	file=$BATS_TEST_TMPDIR/t.dmt
}

# events OP SIZE: how many of the recording's events these are.
events()
{
	grep -c "^$1 [0-9]* [0-9]* $2 " "$file" || :
}

record()
{
	run ctl record -o "$file" -- "$@"
	[ "$status" -eq 0 ] || { cat "$errors"; return 1; }
}

# Both processes of a test are ended by a signal: bash must not talk of it.
status_of()
{
	status=0
	"$@" >"$BATS_TEST_TMPDIR/out" 2>"$errors" || status=$?
} 2>/dev/null

@test "each function of the family is recorded once, with its size" {
	record "$user" family
	for size in 10001 10003 10005 10006 10048 10008 10009 10010; do
		[ "$(events a $size)" -eq 1 ] || { echo "$size"; return 1; }
	done
	[ "$(events z 10002)" -eq 1 ]
	[ "$(events a 20008)" -eq 1 ]
	# Of eight digits, and more.
	for size in 99999999 100000000 102030405; do
		[ "$(events '[af]' $size)" -eq 2 ] || { echo "$size"; return 1; }
	done
	[ "$(events r 20003)" -eq 1 ]
	# The resize to 100 bytes leaves what is recorded.
	[ "$(events f 20003)" -eq 1 ]
	[ "$(events '[azr]' 100)" -eq 0 ]
	# All are freed.
	[ "$(grep -c '^[az]' "$file")" -ge 10 ]
	made=$(events '[az]' '100[0-9]*')
	[ "$(events f '100[0-9]*')" -eq "$((made - 1))" ]
}

@test "replay takes what record wrote, plain and compressed" {
	record "$user" family threads
	run ctl replay --verify -a datamem,glibc "$file"
	[ "$status" -eq 0 ]
	run ctl record -o "$file.gz" "$user" family
	[ "$status" -eq 0 ]
	[ "$(od -An -tx1 -N2 "$file.gz")" = " 1f 8b" ]
	[ ! -e "$file.gz.part" ]
	run ctl replay -R 1 -a glibc "$file.gz"
	[ "$status" -eq 0 ]
}

@test "what is known of the program stands in comments" {
	record "$user" family
	[ "$(head -n 1 "$file")" = "# datamem-trace 1" ]
	grep -qx "# program: $user family" "$file"
	grep -q '^# allocator: .*libc' "$file"
	grep -qx '# min-bytes: 4096' "$file"
	for fact in cpu-ns system-ns wall-ns faults peak-rss; do
		grep -qx "# $fact: [0-9]*" "$file"
	done
}

@test "threads are kept, and a block is freed by another" {
	record "$user" threads
	name=$(sed -n 's/^a 0 \([0-9]*\) 30001 .*/\1/p' "$file")
	[ -n "$name" ]
	grep -q "^f 1 $name 30001 " "$file"
	name=$(sed -n 's/^a 1 \([0-9]*\) 30002 .*/\1/p' "$file")
	grep -q "^f 0 $name 30002 " "$file"
}

@test "--min tells what is recorded" {
	run ctl record --min 20001 -o "$file" "$user" family threads
	[ "$status" -eq 0 ]
	[ "$(events a 10001)" -eq 0 ]
	[ "$(events a 20003)" -eq 1 ]
	[ "$(events a 30001)" -eq 1 ]
	run ctl record --min 1 -o "$file" "$user" family
	[ "$(events a 100)" -ge 1 ]
	run ctl replay --verify -a datamem "$file"
	[ "$status" -eq 0 ]
}

@test "children are not recorded, unless asked for" {
	record "$user" children
	[ "$(events a 40003)" -eq 1 ]
	for size in 40001 40002 50000; do
		[ "$(events a $size)" -eq 0 ]
	done
	files=("$file"*)
	[ "${#files[@]}" -eq 1 ]
	run ctl record --children -o "$file" "$user" hold children
	[ "$status" -eq 0 ]
	files=("$file".[0-9]*)
	# The first fork(3), and the one that executes, before and after.
	[ "${#files[@]}" -eq 2 ]
	[ "$(cat "${files[@]}" | grep -c '^a [0-9]* [0-9]* 40001 ')" -eq 1 ]
	[ "$(cat "${files[@]}" | grep -c '^a [0-9]* [0-9]* 50000 ')" -eq 60000 ]
	# A child begins with what its parent had.
	first=$(grep -l '^a 0 [0-9]* 40001 ' "${files[@]}")
	grep -q '^a 0 [0-9]* 60000 ' "$first"
	for child in "${files[@]}"; do
		run ctl replay -R 1 -a glibc "$child"
		[ "$status" -eq 0 ]
	done
}

@test "files that are only named like recordings of children are left alone" {
	echo mine >"$file.1"
	ln -s /nowhere "$file.2"
	mkdir "$file.3"
	# A process that is observed after it has written a file of that name.
	cat >"$BATS_TEST_TMPDIR/script" <<-'end'
		#!/bin/sh
		export OBSERVE="$LIBDATAMEM_OBSERVE" PRELOAD="$LD_PRELOAD"
		env -u LIBDATAMEM_OBSERVE -u LD_PRELOAD sh -c '
			echo mine >"$0.$$"
			export LIBDATAMEM_OBSERVE="$OBSERVE" LD_PRELOAD="$PRELOAD"
			exec "$@"' "$RECORDING" "$@"
		exec "$@"
	end
	chmod +x "$BATS_TEST_TMPDIR/script"
	export RECORDING=$file
	run ctl record --children -o "$file" "$BATS_TEST_TMPDIR/script" \
		"$user" family
	[ "$status" -eq 0 ]
	[ "$(events a 10001)" -eq 1 ]
	[ "$(cat "$file.1")" = mine ]
	[ -L "$file.2" ]
	[ "$(cat "$file".[0-9]* 2>/dev/null | grep -cx mine)" -eq 2 ]
}

@test "a program that a script executes is recorded in its place" {
	printf '#!/bin/sh\nexec "$@"\n' >"$BATS_TEST_TMPDIR/script"
	chmod +x "$BATS_TEST_TMPDIR/script"
	record "$BATS_TEST_TMPDIR/script" "$user" threads
	[ "$(events a 30001)" -eq 1 ]
}

@test "a program that closes all descriptors goes on being recorded" {
	record "$user" close many
	[ "$(events a 50000)" -eq 60000 ]
	[ "$(events f 50000)" -eq 60000 ]
}

@test "a program that has closed all, and may open none, is recorded" {
	"$user" populate || skip "no MADV_POPULATE_WRITE here"
	record "$user" close limit many
	[ "$(events a 50000)" -eq 60000 ]
	[ "$(events f 50000)" -eq 60000 ]
}

# await FILE: until it is there.
await()
{
	for _ in {1..600}; do
		[ ! -e "$1" ] || return 0
		sleep 0.1
	done
	echo "no $1"
	return 1
}

@test "a handler of signals may fork at any time" {
	run timeout 120 "$ctl" record --children -o "$file" "$user" storm
	[ "$status" -eq 0 ]
	[ "$(events a 70000)" -ge 30 ]
	rm -f "$file".[0-9]*
}

@test "a child that outlives the tool goes on, and is recorded" {
	export AWAIT=$BATS_TEST_TMPDIR/go TELL=$BATS_TEST_TMPDIR/told
	run ctl record --children -o "$file" "$user" hold detach await many \
		tell
	[ "$status" -eq 0 ]
	: >"$AWAIT"
	await "$TELL"
	child=$(echo "$file".[0-9]*)
	[ "$(tr -d '\0' <"$child" | grep -c '^f [0-9]* [0-9]* 50000 ')" -eq \
		60000 ]
	run ctl replay -R 1 -a glibc "$child"
	[ "$status" -eq 0 ]
}

@test "a file that is being recorded to is no other's" {
	export AWAIT=$BATS_TEST_TMPDIR/go TELL=$BATS_TEST_TMPDIR/told
	: >"$TELL"
	"$user" leases || skip "no leases on this file system"
	rm "$TELL"
	"$ctl" record -o "$file" "$user" tell await many \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	await "$TELL"
	run ctl record -o "$file" "$user" family
	[ "$status" -eq 2 ]
	[[ $(cat "$errors") == *"$file: another process writes to it" ]]
	: >"$AWAIT"
	wait "$!"
	[ "$(events f 50000)" -eq 60000 ]
	run ctl record -o "$file" "$user" family
	[ "$status" -eq 0 ]
}

@test "exit status and signals are the program's; nothing is lost" {
	run ctl record -o "$file" "$user" hold fail
	[ "$status" -eq 3 ]
	[ "$(events a 60000)" -eq 1 ]
	status_of "$ctl" record -o "$file" "$user" hold kill
	[ "$status" -eq 137 ]
	[ "$(events a 60000)" -eq 1 ]
	run ctl replay -R 1 -a glibc "$file"
	[ "$status" -eq 0 ]
	run ctl record -o "$file" /nonexistent
	[ "$status" -eq 127 ]
	[ ! -e "$file" ]
	run ctl record -o "$file" /etc/passwd
	[ "$status" -eq 126 ]
}

# What a process leaves when it is killed together with the tool.
@test "zeros behind the last line, or in its first byte, are the end" {
	record "$user" hold family
	head -c 100000 /dev/zero | cat "$file" - >"$file.zeros"
	run ctl replay -nr -R 1 -a glibc -o EVENTS "$file.zeros"
	[ "$status" -eq 0 ]
	[ "$output" -gt 20 ]
	all=$output
	last=$(grep -b '^f ' "$file" | tail -n 1 | cut -d: -f1)
	head -c "$last" "$file" >"$file.zeros"
	head -c 1 /dev/zero >>"$file.zeros"
	tail -c "+$((last + 2))" "$file" >>"$file.zeros"
	run ctl replay -nr -R 1 -a glibc -o EVENTS "$file.zeros"
	[ "$status" -eq 0 ]
	[ "$output" -eq "$((all - 1))" ]
}

@test "a file that is full ends the recording, not the program" {
	run bash -c 'ulimit -f 1024; "$0" record -o "$1" "$2" many' \
		"$ctl" "$file" "$user"
	[ "$status" -eq 0 ]
	[[ $output == *"the recording ends before the program"* ]]
	grep -qx '# cut: no room for more' "$file"
	run ctl replay -R 1 -a glibc "$file"
	[ "$status" -eq 0 ]
}

@test "libdatamem's blocks are recorded, too" {
	record "$array_user"
	grep -q '^# libdatamem: ' "$file"
	[ "$(grep -c '^[az]' "$file")" -gt 0 ]
	run ctl replay --verify -a datamem "$file"
	[ "$status" -eq 0 ]
}

@test "what cannot be observed is refused, status 2" {
	copy=$BATS_TEST_TMPDIR/static
	printf 'int main(void) { return 0; }\n' >"$copy.c"
	${CC:-cc} -static -o "$copy" "$copy.c" 2>/dev/null ||
		skip "no static programs here"
	run ctl record -o "$file" "$copy"
	[ "$status" -eq 2 ]
	[[ $(cat "$errors") == *"$copy can be observed: it is linked statically, "* ]]
	[ ! -e "$file" ]
	printf '#!%s\n' "$copy" >"$copy.sh"
	chmod +x "$copy.sh"
	run ctl record -o "$file" "$copy.sh"
	[ "$status" -eq 2 ]
}

@test "a program with a malloc of its own is refused, status 2" {
	own=$BATS_TEST_TMPDIR/own
	printf '%s\n' '#include <stdlib.h>' \
		'static char heap[1 << 20], *at = heap;' \
		'void *malloc(size_t n) { return at += (n + 15) & ~15UL; }' \
		'void free(void *ptr) { (void)ptr; }' \
		'int main(void) { return !malloc(5); }' >"$own.c"
	${CC:-cc} -rdynamic -fno-builtin -o "$own" "$own.c" ||
		skip "no compiler"
	run ctl record -o "$file" "$own"
	[ "$status" -eq 2 ]
	[[ $(cat "$errors") == *"it contains a malloc of its own" ]]
}

@test "a set-user-ID program is refused, status 2" {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
	command -v setpriv >/dev/null || skip "no setpriv"
	folder=$(mktemp -d)
	chmod 755 "$folder"
	cp /bin/true "$folder/raised"
	chmod 4755 "$folder/raised"
	mkdir -m 777 "$folder/out"
	status=0
	run setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$ctl" record -o "$folder/out/t" "$folder/raised"
	rm -r "$folder"
	[[ $output != *"Permission denied"* ]] ||
		skip "another user cannot run what was built here"
	[ "$status" -eq 2 ]
	[[ $output == *"set-user-ID"* ]]
}

@test "a program that makes nothing large is told" {
	run ctl record -o "$file" "$user"
	[ "$status" -eq 0 ]
	[[ $(cat "$errors") == *"made no block of 4096 bytes or more"* ]]
}

@test "wrong usage is refused" {
	run ctl record
	expect_usage_error "*a program to run, or a PID, is missing"
	run ctl record --min=x true
	expect_usage_error "*x*"
	run ctl record -o /nonexistent/x true
	[ "$status" -eq 2 ]
	run ctl record -o /dev/null true
	[ "$status" -eq 2 ]
	run ctl record --for=1 true
	[ "$status" -eq 2 ]
	[[ $(cat "$errors") == *"--for is for processes that run"* ]]
	run ctl record 1 2
	expect_usage_error "*one process at a time"
	run ctl record --children 1
	[ "$status" -eq 2 ]
}
