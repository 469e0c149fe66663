# bash completion for ringgen; the options are those of --help.

_ringgen_options='--schema --encoding --count --rate-limit --stutter
	--output-file --discard --ring --max-size --max-count --seed
	--random-seed --field --fields --null-rate --string-length
	--array-length --with-newlines --ringbuf-layout --csv-separator
	--csv-null --csv-quote --csv-clickhouse-syntax
	--csv-hex-floats --threads --jit --jit-cache --prefix --quiet --json --durability --ring-engine
	--takeover --help --version'

# Prints what may follow an option; fails if it takes no value, or any.
_ringgen_values()
{
	case $1 in
	-e | --encoding) echo csv json null ringbuf row-binary s-expression ;;
	--ringbuf-layout) echo 29 30 ;;
	--durability) echo full process ;;
	--ring-engine) echo auto io_uring aio posix ;;
	*) return 1 ;;
	esac
}

# Whether an option takes a value that nobody but the user knows.
_ringgen_takes_value()
{
	case $1 in
	-c | --count | -r | --rate-limit | --stutter | --max-size | \
		--max-count | --seed | --random-seed | --field | --null-rate | \
		--string-length | --array-length | --csv-separator | \
		--csv-null | --csv-quote | --threads | --prefix) return 0 ;;
	*) return 1 ;;
	esac
}

_ringgen()
{
	local cur=${COMP_WORDS[COMP_CWORD]}
	local prev=${COMP_WORDS[COMP_CWORD - 1]} values

	COMPREPLY=()
	if values=$(_ringgen_values "$prev"); then
		COMPREPLY=($(compgen -W "$values" -- "$cur"))
	elif _ringgen_takes_value "$prev"; then
		return
	elif [[ $prev == -s || $prev == --schema ]] && [[ $cur == @* ]]; then
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -P @ -f -- "${cur#@}"))
	elif [[ $prev == -s || $prev == --schema ]]; then
		return
	elif [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$_ringgen_options" -- "$cur"))
	else
		compopt -o filenames 2>/dev/null
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}

complete -F _ringgen ringgen datasino
