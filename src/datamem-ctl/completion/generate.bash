#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
#
# generate.bash TOOL fish|zsh: the completion of datamem-ctl(1) for that shell.
# Commands, options and what they mean are from the tool's --help, so from its
# one table of commands; values of options from datamem-ctl.bash. A test holds
# the files beside this one against it:
#
#	./generate.bash ../../../build/datamem-ctl fish >datamem-ctl.fish
#	./generate.bash ../../../build/datamem-ctl zsh >_datamem-ctl

# What is for the other shells stays as it is.
# shellcheck disable=SC2016,SC1003

set -eu
tool=$1 shell=$2
here=$(dirname "${BASH_SOURCE[0]}")
export LC_ALL=C ARGP_HELP_FMT=rmargin=2000
unset "${!DATAMEM_@}"

# Asks for no shell that completes: the last line of the file would.
complete() { :; }
# shellcheck source=src/datamem-ctl/datamem-ctl.bash
. "$here/../datamem-ctl.bash"

# Commands whose arguments are processes; and settings.
processes='doctor settings list stat top get set trim reset-peak export profile'
settings='get set'

# NAME<tab>SUMMARY of each command.
commands()
{
	"$tool" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) *\(.*\)/\1\t\2/p'
}

# SHORT|LONG|ARGUMENT|MEANING of each option of a command, "" for the tool's own;
# ARGUMENT begins with [ where it may be left out.
options()
{
	"$tool" ${1:+"$1"} --help | sed -n '
		s/^  \(-\(.\), \|    \)--\([a-z-]*\)\(\[\{0,1\}\)=\{0,1\}\([^ ]*\)  *\(.*\)/\2|\3|\4\5|\6/p'
}

# The words for an option that are the same on every machine.
values()
{
	case $2 in
	by | color | hugepage | debug | sort | format)
		_datamem_ctl_values "$tool" "$1" "--$2" ''
		;;
	allocators | touch)
		_datamem_ctl_values "$tool" "$1" "--$2" '' | tr '\n' ' '
		;;
	esac
}

is_in()
{
	[[ " $2 " == *" $1 "* ]]
}

head_lines()
{
	# In two parts: it is not this file's.
	printf '# %s: BSD-3-Clause\n' SPDX-License-Identifier
	echo "# Copyright (C) 2026 The libdatamem authors"
	echo "#"
	echo "# Completion of datamem-ctl(1) for $shell, made by generate.bash."
}

# One option for fish: fish_option CONDITION COMMAND SHORT LONG ARGUMENT MEANING
fish_option()
{
	local line="complete -c datamem-ctl -n '$1'" words

	[[ -z $3 || $3 == '?' ]] || line+=" -s $3"
	line+=" -l $4"
	if [[ -n $5 && $5 != '['* ]]; then
		case $2:$4 in
		record:output | profile:output | *:save | *:plot | *:directory | *:sysroot | *:with)
			line+=' -r -F'
			;;
		*) line+=' -x' ;;
		esac
	fi
	words=$(values "$2" "$4")
	case $2:$4 in
	record:output | profile:output) ;;
	*:output | *:columns)
		line+=" -a '(__datamem_ctl_columns $2)'"
		;;
	*:handler)
		line+=" -a '(datamem-ctl handlers -n -o NAME 2>/dev/null)'"
		;;
	*:name)
		line+=" -a '(datamem-ctl list -nr -o COMMAND 2>/dev/null)'"
		;;
	*:user)
		line+=" -a '(__fish_complete_users)'"
		;;
	*)
		[[ -z $words ]] || line+=" -a '${words% }'"
		;;
	esac
	printf "%s -d '%s'\n" "$line" "${6//\'/\\\'}"
}

fish()
{
	head_lines
	cat <<-'END'

	function __datamem_ctl_columns
	    datamem-ctl $argv[1] --help 2>/dev/null |
	        string replace -rf '^ [* ] ([A-Z_]+) +(.*)' '$1\t$2'
	end

	function __datamem_ctl_processes
	    datamem-ctl list -nr -o PID,COMMAND 2>/dev/null | string replace ' ' \t
	end

	function __datamem_ctl_settings
	    datamem-ctl settings -nr -o NAME 2>/dev/null
	    echo accounts
	end

	complete -c datamem-ctl -f
	END
	local command summary short long argument meaning one

	while IFS=$'\t' read -r command summary; do
		printf "complete -c datamem-ctl -n __fish_use_subcommand -a %s -d '%s'\n" \
			"$command" "${summary//\'/\\\'}"
	done < <(commands)
	while IFS='|' read -r short long argument meaning; do
		fish_option __fish_use_subcommand '' "$short" "$long" \
			"$argument" "$meaning"
	done < <(options '')
	for command in $(commands | cut -f1); do
		one="__fish_seen_subcommand_from $command"
		echo
		while IFS='|' read -r short long argument meaning; do
			fish_option "$one" "$command" "$short" "$long" \
				"$argument" "$meaning"
		done < <(options "$command")
		if is_in "$command" "$processes"; then
			echo "complete -c datamem-ctl -n '$one' -a '(__datamem_ctl_processes)'"
		fi
		if is_in "$command" "$settings"; then
			echo "complete -c datamem-ctl -n '$one' -a '(__datamem_ctl_settings)'"
		fi
		case $command in
		run | record) echo "complete -c datamem-ctl -n '$one' -a '(__fish_complete_subcommand --fcs-skip=2)'" ;;
		advise | profile | replay) echo "complete -c datamem-ctl -n '$one' -F" ;;
		help) echo "complete -c datamem-ctl -n '$one' -a '$(commands | cut -f1 | tr '\n' ' ' | sed 's/ $//')'" ;;
		esac
	done
}

# One option for zsh: zsh_option COMMAND SHORT LONG ARGUMENT MEANING
zsh_option()
{
	local meaning=${5//\'/\'\\\'\'} action='' name argument=${4#[} words

	meaning=${meaning//[/\\[}
	meaning=${meaning//]/\\]}
	argument=${argument%]}
	words=$(values "$1" "$3" | tr '\n' ' ')
	case $1:$3 in
	record:output | profile:output) action=_files ;;
	*:output | *:columns) action="{_datamem_ctl_columns $1}" ;;
	*:handler) action='{compadd $(datamem-ctl handlers -n -o NAME 2>/dev/null)}' ;;
	*:name) action='{compadd $(datamem-ctl list -nr -o COMMAND 2>/dev/null)}' ;;
	*:user) action=_users ;;
	*:save | *:plot | *:sysroot | *:with) action=_files ;;
	*:directory) action=_directories ;;
	*) [[ -z $words ]] || action="(${words% })" ;;
	esac
	name=--$3
	if [[ -n $4 ]]; then
		if [[ $4 == '['* ]]; then
			argument="::$argument"
			name+='=-'
		else
			name+='='
			argument=":$argument"
		fi
		argument+=":$action"
	fi
	if [[ -n $2 ]]; then
		printf "\t\t'(-%s --%s)'{-%s%s,%s}'[%s]%s' \\\\\n" "$2" "$3" \
			"$([[ $2 == '?' ]] && echo '\')$2" \
			"$([[ -z $4 ]] || echo +)" "$name" "$meaning" \
			"$argument"
	else
		printf "\t\t'%s[%s]%s' \\\\\n" "$name" "$meaning" "$argument"
	fi
}

zsh()
{
	echo "#compdef datamem-ctl"
	head_lines
	cat <<-'END'

	_datamem_ctl_columns()
	{
		compadd -S '' -q -- ${(f)"$(datamem-ctl $1 --help 2>/dev/null |
			sed -n 's/^ [* ] \([A-Z_]\{1,\}\) .*/\1/p')"}
	}

	_datamem_ctl_processes()
	{
		local -a processes

		processes=(${(f)"$(datamem-ctl list -nr -o PID,COMMAND \
			2>/dev/null | sed 's/ /:/')"})
		_describe process processes
	}

	_datamem_ctl_settings()
	{
		_datamem_ctl_processes
		compadd -- accounts $(datamem-ctl settings -nr -o NAME 2>/dev/null)
	}

	_datamem_ctl_commands()
	{
		local -a commands

		commands=(
	END
	local command summary short long argument meaning

	while IFS=$'\t' read -r command summary; do
		printf "\t\t'%s:%s'\n" "$command" "${summary//\'/\'\\\'\'}"
	done < <(commands)
	printf '\t)\n\t_describe command commands\n}\n\n_datamem-ctl()\n{\n'
	# shellcheck disable=SC2016
	printf '\tlocal curcontext=$curcontext state line\n\n\t_arguments -C \\\n'
	while IFS='|' read -r short long argument meaning; do
		zsh_option '' "$short" "$long" "$argument" "$meaning"
	done < <(options '')
	# shellcheck disable=SC2016
	printf "\t\t'1:command:_datamem_ctl_commands' \\\\\n\t\t'*::argument:->argument' && return\n\n\tcase \$words[1] in\n"
	for command in $(commands | cut -f1); do
		printf '\t%s)\n\t\t_arguments \\\n' "$command"
		while IFS='|' read -r short long argument meaning; do
			zsh_option "$command" "$short" "$long" "$argument" \
				"$meaning"
		done < <(options "$command")
		if is_in "$command" "$settings"; then
			action=_datamem_ctl_settings
		elif [[ $command == profile ]]; then
			action='{_datamem_ctl_processes; _files}'
		elif is_in "$command" "$processes"; then
			action=_datamem_ctl_processes
		else
			case $command in
			run | record) action=_normal ;;
			replay | advise) action=_files ;;
			help) action=_datamem_ctl_commands ;;
			*) action= ;;
			esac
		fi
		if [[ $command == run || $command == record ]]; then
			printf "\t\t'*:::program:_normal'\n"
		else
			printf "\t\t'*:argument:%s'\n" "$action"
		fi
		printf '\t\t;;\n'
	done
	# shellcheck disable=SC2016
	printf '\tesac\n}\n\n_datamem-ctl "$@"\n'
}

case $shell in
fish | zsh) "$shell" ;;
*) exit 2 ;;
esac
