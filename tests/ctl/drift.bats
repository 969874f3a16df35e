# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# Help, completion and man page name the same commands, options and columns.

# shellcheck disable=SC2154,SC2016,SC2030,SC2031
load common

completion=$here/../../src/datamem-ctl/datamem-ctl.bash
man_page=$here/../../man/datamem-ctl.1

# complete_words WORD...: what TAB after the last one offers, one a line.
complete_words()
{
	bash --norc -c '
		. "$1"
		shift
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_datamem_ctl "$1"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$completion" "$ctl" "$@" |
		sed 's/=$//' | sort -u
}

# The man page as text, without the escapes of roff.
man_text()
{
	sed 's/\\f[A-Z]//g; s/\\~/ /g; s/\\-/-/g; s/"//g' "$man_page"
}

@test "completion has the commands of --help" {
	[ "$(complete_words '')" = "$(commands | sort -u)" ]
	[ "$(complete_words help '')" = "$(commands | sort -u)" ]
}

@test "completion has the options of --help" {
	[ "$(complete_words -)" = "$(options_of '')" ]
	for command in $(available_commands); do
		diff <(options_of "$command") <(complete_words "$command" -)
	done
}

@test "completion has the columns of a command" {
	[ "$(complete_words handlers -o VER)" = VERSION ]
	[ "$(complete_words info --output = LIB)" = LIBRARY ]
	[ "$(complete_words handlers -o NAME,VER)" = NAME,VERSION ]
}

@test "completion has settings, handlers and values" {
	[ "$(complete_words run --set cache.dep)" = cache.depth ]
	[ "$(complete_words run --set = cache.dep)" = cache.depth ]
	[ "$(complete_words run --handler = def)" = default_allocator ]
	[ "$(complete_words run --hugepage = '')" = $'auto\noff\non' ]
	[ "$(complete_words run --hugepage '')" = $'auto\noff\non' ]
	[ "$(complete_words info --output LIB)" = LIBRARY ]
	[ "$(complete_words replay --touch pa)" = page ]
	# No words for a number, and none that belong elsewhere.
	[ "$(complete_words top --delay '')" = '' ]
}

@test "values in completion are those of the settings" {
	for name in hugepage debug; do
		values=$("$ctl" settings -nr -o NAME,VALUES |
			sed -n "s/^$name //p")
		[ "$(complete_words run --$name = '')" = \
			"$(tr -s ',' '\n' <<<"${values//\\x20/}" | sort)" ]
	done
}

@test "completion has the allocators of --help, and the tool knows them" {
	has_measure || skip "built without bench and replay"
	names=$("$ctl" bench --help | tr -s '\n ' ' ' |
		sed -n 's/.*by commas: \([^(]*\) (default.*/\1/p' | tr -d ' ')
	[ -n "$names" ]
	[ "$(complete_words bench -a '')" = \
		"$(tr , '\n' <<<"$names" | sort)" ]
	"$ctl" bench --list -a "$names"
}

@test "completion sorts by the columns of --help, and the tool knows them" {
	columns=$("$ctl" top --help | tr -s '\n ' ' ' |
		sed -n 's/.* Sort by \(.* or PID\) .*/\1/p' |
		grep -o '[A-Z_]\{3,\}' | sort)
	[ -n "$columns" ]
	[ "$(complete_words top -s '')" = "$columns" ]
	for column in $columns; do
		run "$ctl" top -s "$column" -i 1 "$$"
		[[ $output != *"cannot sort"* ]]
	done
}

# What is made of --help is as it was made.
@test "completion for fish and zsh is that of this tool" {
	has_measure || skip "built without bench and replay"
	folder=${completion%/*}/completion
	for file in fish:datamem-ctl.fish zsh:_datamem-ctl; do
		bash "$folder/generate.bash" "$ctl" "${file%:*}" |
			diff "$folder/${file#*:}" - || {
			echo "generate.bash ${file%:*} says how to make it anew"
			return 1
		}
	done
}

# fish_words WORD...: what fish offers behind them.
fish_words()
{
	PATH=${ctl%/*}:$PATH HOME=$BATS_TEST_TMPDIR \
		XDG_CONFIG_HOME=$BATS_TEST_TMPDIR fish --no-config -c "
		source '${completion%/*}/completion/datamem-ctl.fish'
		complete -C 'datamem-ctl $*'" | cut -f1
}

@test "fish completes commands, options and values" {
	command -v fish >/dev/null || skip "no fish"
	[ "$(fish_words '' | sort)" = "$(commands | sort)" ]
	[ "$(fish_words list --by= | sed 's/.*=//' | sort | tr '\n' ' ')" = \
		"cgroup command unit user " ]
	diff <(fish_words top -- | grep -e '^--' | sed 's|=$||' | sort -u) \
		<(options_of top | grep -e '^--' | sort)
	fish_words settings -o '' | grep -qx VALUE
}

@test "zsh reads its completion, and knows the commands" {
	command -v zsh >/dev/null || skip "no zsh"
	file=${completion%/*}/completion/_datamem-ctl
	zsh -f -n "$file"
	# As a completion function calls it, with what it offers printed.
	run zsh -f -c 'compdef() { : }; _arguments() { : }
		_describe() { print -l ${(P)2} }
		source "$1"; _datamem_ctl_commands' zsh "$file"
	[ "$(cut -d: -f1 <<<"$output" | sort)" = "$(commands | sort)" ]
}

@test "man page has the commands of --help" {
	documented=$(man_text | sed -n '/^\.SS Commands/,/^\.S[HS] [^C]/p' |
		sed -n '/^\.TP/{n;s/^\.BR* \([a-z-]*\).*/\1/p}' | sort -u)
	[ "$documented" = "$(commands | sort -u)" ]
}

@test "man page has the options of --help, and no others" {
	documented=$(man_text | sed -n '/^\.SH OPTIONS/,/^\.SH EXIT/p' |
		sed -n '/^\.TP/{n;p}' | grep -o -- '--[a-z][a-z-]*' | sort -u)
	has_measure || skip "built without bench and replay"
	offered=$(for command in '' $(commands); do
		options_of "$command"
	done | grep -- '^--' | sort -u)
	diff <(echo "$documented") <(echo "$offered")
}

@test "man page is without warnings" {
	command -v mandoc >/dev/null || skip "no mandoc"
	run mandoc -Tlint -W warning "$man_page"
	[ "$output" = '' ]
}

# columns_of COMMAND: those of its --help, one a line.
columns_of()
{
	"$ctl" "$1" --help | sed -n '/^Columns/,$s/^ [ *] \([A-Z][A-Z0-9_]*\) .*/\1/p'
}

# "COMMAND LIST" of each -o in an example that a document has.
shown_columns()
{
	sed 's/\\-/-/g' "$here"/../../man/*.[17] "$here"/../../README.md \
		"$here"/../../doc/*.md |
	sed -n 's/.*datamem-ctl \([a-z-]*\) .*-o +*\([A-Za-z_]*[A-Za-z0-9_,]*\).*/\1 \2/p' |
	grep -v '^record \|^profile ' | tr '[:lower:]' '[:upper:]' | sort -u
}

@test "examples in the documents have columns that are there" {
	has_measure || skip "built without bench and replay"
	shown_columns | grep -q .
	shown_columns | while read -r command list; do
		command=${command,,}
		for column in ${list//,/ }; do
			columns_of "$command" | grep -qx "$column" ||
				echo "$command -o $column"
		done
	done >"$BATS_TEST_TMPDIR/missing"
	diff "$BATS_TEST_TMPDIR/missing" /dev/null
}

@test "man page explains columns that are there" {
	has_measure || skip "built without bench and replay"
	for command in $(commands); do
		columns_of "$command"
	done | sort -u >"$BATS_TEST_TMPDIR/columns"
	sed 's/\\-/-/g' "$man_page" |
		sed -n 's/^\.BR* \([A-Z][A-Z0-9_]*[A-Z0-9]\)\( .*\)*$/\1/p' |
		sort -u >"$BATS_TEST_TMPDIR/words"
	# What else is in capitals: variables, signals, limits, constants of C.
	run grep -v -x -E '(DATAMEM|SIG|RLIMIT|NUMPY|DEBUGINFOD|M)_?[A-Z0-9_]*|TMPDIR|NO_COLOR' \
		<(comm -13 "$BATS_TEST_TMPDIR/columns" "$BATS_TEST_TMPDIR/words")
	[ "$output" = '' ]
}
