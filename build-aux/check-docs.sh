#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors

# What the documents name is there: files, links, targets of make, options of
# configure, commands and options of the tools, settings, variables, functions.

# shellcheck source=build-aux/tap.sh
. "${0%/*}/tap.sh"
cd "$top_srcdir" || tap_bail "no $top_srcdir"
work=$(mktemp -d "${TMPDIR:-/tmp}/datamem-docs.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT

prose="HACKING.md README.md SECURITY.md $(tap_files doc src tests packaging \
	2>/dev/null | grep '\.md$')"
pages=$(tap_files man | grep '\.[1-9]$')

# The code in a document of Markdown, a line each: what stands between fences,
# is indented, or in backticks, which may end on another line. LINE is that of a
# paragraph's beginning.
#
# FILE:LINE:CODE
code() {
	awk '
	function spans(    n, i, part) {
		n = split(text, part, /`/)
		for (i = 2; i < n; i += 2)
			print FILENAME ":" start ":" part[i]
		text = ""
	}
	FNR == 1 { fence = 0 }
	/^```/ { spans(); fence = !fence; next }
	fence || /^    [^ ]/ && text == "" {
		print FILENAME ":" FNR ":" $0
		next
	}
	/^$/ || /^\|/ || /^- / { spans() }
	{ if (text == "") start = FNR; text = text " " $0 }
	/^\|/ { spans() }
	END { spans() }' "$@"
}

# shellcheck disable=SC2086 # lists of words
{
	for file in $prose; do
		code "$file"
	done
} >"$work/prose"
# shellcheck disable=SC2086
grep -n '' $pages | sed 's/\\f[A-Z]//g; s/\\-/-/g; s/\\~/ /g; s/\\&//g
	s/\\(aq/'\''/g; s/\\\[aq\]/'\''/g' >"$work/pages"
cat "$work/prose" "$work/pages" >"$work/all"

# --- Files --------------------------------------------------------------------

tap_files Makefile.am bootstrap build-aux configure.ac doc examples include m4 \
	man src tests >"$work/files"

# A path may be said from the document, the tree, or the folder of a program; a
# name alone is that of any file.
exists() {
	for place in "${1%/*}/" '' src/libdatamem/ src/datamem-ctl/ \
		src/datamem-measure/ src/datamem-profile/ src/python/; do
		[ ! -e "$place$2" ] || return 0
	done
	case $2 in */*) return 1 ;; esac
	grep -q -E "(^|/)$2\$" "$work/files"
}

# In the repository only.
absent() {
	case $1 in .ci/* | packaging/*) [ ! -d "${1%%/*}" ] ;; *) false ;; esac
}

missing_files() {
	grep -E '^[^:]*:[0-9]*:[.a-zA-Z0-9_-]+(/[.a-zA-Z0-9_-]+)*(/|\.(h|hpp|c|sh|md|py|mk|bats|svg|map|abi))$' \
		"$work/prose" |
	while IFS=: read -r file line path; do
		# A name to be filled in.
		case $path in *[A-Z][A-Z][A-Z][A-Z]*.[chsm]*) continue ;; esac
		exists "$file" "$path" || absent "$path" ||
			echo "$file:$line: $path"
	done
}
tap_empty "files that documents name are there" "$(missing_files)"

# The names that headings of a document get as targets of links.
anchors() {
	sed -n 's/^##* //p' "$1" | tr 'A-Z ' 'a-z-' | tr -d '`,:.()'
}

bad_links() {
	# shellcheck disable=SC2086
	grep -n -o '\](\([^)]*\))' $prose | sed 's/\](\(.*\))$/\1/' |
	while IFS=: read -r file line target; do
		case $target in *://*) continue ;; esac
		folder=
		case $file in */*) folder=${file%/*}/ ;; esac
		path=${target%%#*}
		path=${path:+$folder$path}
		if [ ! -e "${path:-$file}" ]; then
			absent "$path" || echo "$file:$line: $target"
		elif [ "$target" != "${target#*#}" ]; then
			anchors "${path:-$file}" | grep -q -x -- "${target#*#}" ||
				echo "$file:$line: $target: no such heading"
		fi
	done
}
tap_empty "links of documents lead somewhere" "$(bad_links)"

# --- Building -----------------------------------------------------------------

makefiles="Makefile.am $(tap_files src man examples tests | grep '/local\.mk$')"
# shellcheck disable=SC2086
{
	printf '%s\n' all check clean dist distcheck install installcheck \
		uninstall
	sed -n 's/^\.PHONY: //p' $makefiles | tr ' ' '\n'
} >"$work/targets"

# The words of a command that are targets: not what is quoted, options, variables
# and comments.
bad_targets() {
	awk '
	NR == FNR { target[$1] = 1; next }
	{
		place = $0
		sub(/:.*/, "", place)
		sub(/^[^:]*:[0-9]*: */, "")
		gsub(/\047[^\047]*\047|"[^"]*"/, "Q")
		sub(/ #.*/, "")
		n = split($0, command, /&&|;|\|/)
		for (i = 1; i <= n; i++) {
			m = split(command[i], word, / +/)
			first = word[1] == "" ? 2 : 1
			if (word[first] != "make")
				continue
			for (k = first + 1; k <= m; k++)
				if (word[k] ~ /^[a-z][a-z-]*$/ &&
				    word[k - 1] !~ /^-[Cfj]$/ &&
				    !(word[k] in target))
					print place ": make " word[k]
		}
	}' "$work/targets" "$work/prose"
}
tap_empty "targets of make that documents name are there" "$(bad_targets)"

bad_configure() {
	grep -o -E '^[^:]*:|--(enable|disable|with|without)-[a-z][a-z-]*' \
		"$work/prose" |
	while read -r word; do
		case $word in
		*:) file=$word; continue ;;
		*-shared | *-static) continue ;;
		--with-*-completion-dir) word="--with-\$1-completion-dir" ;;
		esac
		name=${word#--*-}
		grep -q -F -e "AC_ARG_ENABLE([$name]" -e "AC_ARG_WITH([$name]" \
			configure.ac m4/*.m4 ||
			echo "$file $word"
	done
}
tap_empty "options of configure that documents name are there" \
	"$(bad_configure)"

# --- Tools --------------------------------------------------------------------

# "COMMAND OPTION" for all that the tool has; the completion is held against the
# tool's help.
tool_options() {
	bash -c '. src/datamem-ctl/datamem-ctl.bash
	for command in "" $_datamem_ctl_commands; do
		for option in $(_datamem_ctl_options "$command"); do
			echo "$command ${option%=}"
		done
	done'
}

# Of "datamem-ctl COMMAND --option ...", up to "--" or what ends a command.
bad_tool() {
	awk '
	NR == FNR {
		if (NF == 2) { command[$1] = 1; option[$1 " " $2] = 1 }
		next
	}
	!/datamem-ctl +[a-z-]/ { next }
	{
		place = $0
		sub(/:.*/, "", place)
		sub(/^[^:]*:[0-9]*: */, "")
		gsub(/"/, "")
		if (!sub(/^(.*[\/ ])?datamem-ctl +/, ""))
			next
		sub(/ (--( |$)|#|\||&&|;).*/, "")
		n = split($0, word, /[ =]+/)
		if (word[1] !~ /^[a-z]+(-[a-z]+)*$/)
			next
		if (!(word[1] in command)) {
			print place ": datamem-ctl " word[1]
			next
		}
		for (i = 2; i <= n; i++)
			if (word[i] ~ /^--[a-z][a-z-]*$/ &&
			    !(word[1] " " word[i] in option))
				print place ": " word[1] " " word[i]
	}' "$work/tool" "$1"
}
if command -v bash >/dev/null; then
	tool_options >"$work/tool"
	# Pages have commands in prose.
	sed -n '/:\.\(RB\|B\) .*datamem-ctl/p; /:datamem-ctl/p; /:\$ datamem/p' \
		"$work/pages" >"$work/commands"
	cat "$work/prose" >>"$work/commands"
	tap_empty "commands and options of datamem-ctl are there" \
		"$(bad_tool "$work/commands")"
else
	tap_skip "commands and options of datamem-ctl are there" "no bash"
fi

programs() {
	awk '/^measureexec_[A-Z]* \+=/ { on = 1 }
	on { for (i = 1; i <= NF; i++) if ($i ~ /^datamem-/) print $i }
	!/\\$/ { on = 0 }' src/*/local.mk | sed 's/\.la$/.so/'
}
tap_empty "datamem-ctl(1) has the files of its commands" "$(
	programs | while read -r program; do
		grep -q "libexec/datamem/$program" "$work/pages" ||
			echo "$program"
	done)"

bad_python() {
	grep -o -E '^[^:]*:|python3? -m datamem( --[a-z-]+)+' "$work/all" |
	while read -r word rest; do
		case $word in *:) file=$word; continue ;; esac
		for option in $rest; do
			case $option in -m | datamem) continue ;; esac
			grep -q -- "\"${option}[\"=]" src/python/datamem/*.py ||
				echo "$file $option"
		done
	done
}
tap_empty "options of python3 -m datamem are there" "$(bad_python)"

bad_settings() {
	grep -o -E '^[^:]*:|DATAMEM_CONF="?[^" ]*' "$work/all" |
	while read -r word; do
		case $word in *:) file=$word; continue ;; esac
		printf '%s\n' "${word#*=}" | tr , '\n' | tr -d "\"'\`" |
		sed -n 's/^\([a-z][a-z_.]*\)=.*/\1/p' | while read -r name; do
			grep -q "^DMEM_SETTING([A-Z_]*, \"$name\"" \
				src/libdatamem/settings/settings.h ||
				[ "$name" = name ] || echo "$file $name"
		done
	done
}
tap_empty "settings in DATAMEM_CONF are there" "$(bad_settings)"

# --- Names of the interface ---------------------------------------------------

bad_names() {
	grep -r -o -h -w 'DATAMEM_[A-Z0-9_]*[A-Z0-9]' include src m4 configure.ac \
		Makefile.am tests .ci 2>/dev/null | sort -u >"$work/names"
	grep -o -E '^[^:]*:|\bDATAMEM_[A-Z0-9_]*[A-Z0-9]\b' "$work/all" |
	while read -r word; do
		case $word in *:) file=$word; continue ;; esac
		grep -q -x "$word" "$work/names" || echo "$file $word"
	done
}
tap_empty "constants and variables are there" "$(bad_names)"

bad_functions() {
	api_functions >"$work/functions"
	# One of the observer that `record` loads.
	grep -o -E '^[^:]*:|\bdatamem_[a-z_0-9]*\(' "$work/prose" |
	grep -v '^datamem_observer_' |
	while read -r word; do
		case $word in *:) file=$word; continue ;; esac
		grep -q -x "${word%(}" "$work/functions" || echo "$file $word)"
	done
}
tap_empty "functions are there" "$(bad_functions)"

tap_done
