# bash completion for ringctl; the options are those of --help.

_ringctl_commands='create info produce consume dump suspend resume check
	repair consumer erase watch journal torture bench'

# Prints the options of a command, one per line.
_ringctl_options()
{
	local common='--engine --mode --client --json --help'

	case $1 in
	create)
		echo --size --block-size --consumers --max-item --padded \
			--sparse --label --queue --force $common ;;
	produce)
		echo --framing --batch --linger --wait --durability \
			--takeover --former-off $common ;;
	consume)
		echo --consumer --framing --count --follow --peek --wait \
			--on-damage --deliver --durability --takeover \
			$common ;;
	dump) echo --from --count --hex $common ;;
	suspend | resume) echo --consumer --wait --takeover $common ;;
	repair)
		echo --apply --on-damage --backup --restore --takeover \
			$common ;;
	'consumer add') echo --at --wait --takeover $common ;;
	'consumer remove') echo --wait --takeover $common ;;
	erase) echo --force --takeover $common ;;
	watch) echo --interval --count $common ;;
	'journal push')
		echo --framing --wait --size --takeover $common ;;
	'journal run')
		echo --batch --once --retry --size --on-damage --takeover \
			$common ;;
	torture)
		echo --kills --seed --time --size --padded --force $common ;;
	bench) echo --size --time --force $common ;;
	*) echo $common ;;
	esac
}

# Prints what may follow an option of a command; fails if it takes no value, or
# any.
_ringctl_values()
{
	case $1 in
	--framing)
		echo lines nul length
		[ "$2" != consume ] || echo none
		;;
	--engine) echo auto io_uring aio posix ;;
	--mode) echo auto buffered direct ;;
	--at) echo end oldest ;;
	--on-damage) echo stop skip truncate ;;
	--durability) echo full process ;;
	--deliver) echo durable visible ;;
	*) return 1 ;;
	esac
}

# Whether an option takes a value that nobody but the user knows.
_ringctl_takes_value()
{
	case $1 in
	--size | --block-size | --consumers | --max-item | --label | --queue | \
		--batch | --linger | --wait | --consumer | --count | --from | \
		--interval | --retry | --kills | --seed | --time | --client) return 0 ;;
	*) return 1 ;;
	esac
}

_ringctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]}
	local prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} values

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		COMPREPLY=($(compgen -W "$_ringctl_commands --help --version" \
			-- "$cur"))
		return
	fi
	case $command in
	consumer) values='add remove list' ;;
	journal) values='push run status' ;;
	*) values= ;;
	esac
	if [ -n "$values" ]; then
		if [ "$COMP_CWORD" = 2 ]; then
			COMPREPLY=($(compgen -W "$values" -- "$cur"))
			return
		fi
		command="$command ${COMP_WORDS[2]}"
	fi
	if values=$(_ringctl_values "$prev" "$command"); then
		COMPREPLY=($(compgen -W "$values" -- "$cur"))
	elif _ringctl_takes_value "$prev"; then
		return
	elif [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$(_ringctl_options "$command")" \
			-- "$cur"))
	else
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}

complete -F _ringctl ringctl
