# SPDX-License-Identifier: BSD-3-Clause
# Copyright (C) 2026 The libdatamem authors
# shellcheck shell=bash disable=SC2207
#
# Completion of datamem-ctl(1) for bash. Commands and options stand here, so
# that pressing TAB costs nothing (a test holds them against --help); columns,
# settings and handlers come from the tool itself.

_datamem_ctl_commands='info probe doctor handlers settings run list stat top get set'
_datamem_ctl_commands+=' trim reset-peak export record profile replay advise bench'
_datamem_ctl_commands+=' help'

_datamem_ctl_options()
{
	local common='-? --help --usage -V --version'
	local targets='-A --all --name= --user= --cgroup='
	local output='-o --output= -n --noheadings -r --raw -J --json -b --bytes'

	case $1 in
	'' | help)
		echo "$common"
		;;
	info | handlers)
		echo "$output $common"
		;;
	list)
		echo "--by= $targets $output $common"
		;;
	settings)
		echo "$targets $output $common"
		;;
	stat)
		echo "--alert= $targets -c --count= -w --watch= $output $common"
		;;
	top)
		echo "$targets --by= --color -d --delay= -i --iterations=" \
			"-s --sort= $output $common"
		;;
	get)
		echo "$targets $output $common"
		;;
	set | reset-peak)
		echo "$targets --yes -t --timeout= $output $common"
		;;
	trim)
		echo "$targets --yes -k --keep= -t --timeout= $output $common"
		;;
	export)
		echo "$targets -D --directory= $common"
		;;
	probe)
		echo "--sysroot= $output $common"
		;;
	doctor)
		echo "-a --all --list --sysroot= $output $common"
		;;
	record)
		echo "-c --children --for= --min= -o --output= $common"
		;;
	profile)
		echo "$targets --by= --format= -o --output= --diff --older=" \
			"-w --watch= --columns= -n --noheadings -r --raw -b --bytes $common"
		;;
	advise)
		echo "-R --rounds= -w --with= $output $common"
		;;
	replay)
		echo "-a --allocators= -R --rounds= -t --touch= -v --verify" \
			"-w --with= $output $common"
		;;
	bench)
		echo "-a --allocators= --list --plot= -q --quick -R --rounds=" \
			"--save= -t --time= -w --with= $output $common"
		;;
	run)
		echo "--hugepage= --handler= --debug= --set= --stats" \
			"$output $common"
		;;
	esac
}

# The words that an option of a command takes: _datamem_ctl_values TOOL COMMAND
# OPTION WORD. Prints nothing where file names are wanted.
_datamem_ctl_values()
{
	local before=

	case $3 in
	--hugepage)
		echo auto on off
		;;
	-a | --allocators)
		[[ $4 == *,* ]] && before=${4%,*},
		printf '%s\n' datamem glibc glibc-mallopt glibc-hugetlb numpy |
			sed "s/^/$before/"
		;;
	-t | --touch)
		[[ $2 == replay ]] && echo none page all
		;;
	-s | --sort)
		echo LIVE HELD RETAINED PEAK ALLOCS ALLOCS_S UPTIME PID
		;;
	--by)
		if [[ $2 == profile ]]; then
			echo line function handler domain age stack
		else
			echo command user cgroup unit
		fi
		;;
	--format)
		echo table pprof collapsed svg heap json raw
		;;
	--color)
		echo auto always never
		;;
	--user)
		getent passwd 2>/dev/null | cut -d: -f1
		;;
	--name)
		"$1" list -nr -o COMMAND 2>/dev/null
		;;
	--cgroup)
		"$1" list -nr -o UNIT 2>/dev/null
		;;
	--debug)
		echo none warn trap abort
		;;
	--handler)
		"$1" handlers -n -o NAME 2>/dev/null
		;;
	--set)
		"$1" settings -nr -o NAME 2>/dev/null | sed 's/$/=/'
		;;
	-o | --output | --columns)
		case $2 in
		record) return ;;
		profile) [[ $3 == --columns ]] || return ;;
		esac
		# The list up to its last comma stays.
		[[ $4 == *,* ]] && before=${4%,*},
		[[ $4 == +* && -z $before ]] && before=+
		"$1" "$2" --help 2>/dev/null |
			sed -n "s/^ [* ] \([A-Z_]\{1,\}\) .*/$before\1/p"
		;;
	esac
}

_datamem_ctl()
{
	local tool=$1 cur=${COMP_WORDS[COMP_CWORD]} command option i
	local prev=${COMP_WORDS[COMP_CWORD - 1]}

	command='' option=''

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done

	# "--name=value" arrives as three words.
	if [[ $cur == = ]]; then
		option=$prev cur=
	elif [[ $prev == = ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $prev == -[aost] ]]; then
		option=$prev
	elif [[ $prev == --* &&
		" $(_datamem_ctl_options "$command") " == *" $prev= "* ]]; then
		option=$prev
	fi

	if [[ -n $option ]]; then
		COMPREPLY=($(compgen -W "$(_datamem_ctl_values "$tool" \
			"$command" "$option" "$cur")" -- "$cur"))
		if [[ $option == --set || $option == -o ||
			$option == --output || $option == --columns ]]; then
			compopt -o nospace 2>/dev/null
		fi
		return 0
	fi

	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$(_datamem_ctl_options "$command")" \
			-- "$cur"))
		if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
			compopt -o nospace 2>/dev/null
		fi
	elif [[ -z $command || $command == help ]]; then
		COMPREPLY=($(compgen -W "$_datamem_ctl_commands" -- "$cur"))
	elif [[ $command =~ ^(doctor|list|stat|top|get|set|trim|reset-peak|export|profile)$ ||
		$command == settings ]]; then
		COMPREPLY=($(compgen -W "$("$tool" list -nr -o PID 2>/dev/null) \
			$([[ $command == [gs]et ]] && echo accounts &&
			"$tool" settings -nr -o NAME 2>/dev/null)" -- "$cur"))
	elif [[ $command =~ ^(run|record)$ ]]; then
		COMPREPLY=($(compgen -c -- "$cur"))
	fi
	return 0
}

complete -o default -F _datamem_ctl datamem-ctl
