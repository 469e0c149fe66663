#!/bin/sh
# Goal: every later release reads, checks and repairs what this format version
# has written.
# Method: the images of this directory are frozen. For each, NAME.expect says
# what check, info, the plans of repair and the consumers give; then, for skip
# and for truncate, it is repaired on a copy (twice: the second time nothing
# may be left to do), checked again, undone from its backup (the same bytes),
# and used: a producer publishes, and each consumer gets exactly the numbers
# that the file names, each item with its own bytes.
# Usage: [RINGCTL=PATH] tests/golden/run.sh [--update] [NAME...]
set -u
golden=$(cd "$(dirname "$0")" && pwd)
. "$golden/../lib/results.sh"

RINGCTL=${RINGCTL:-$golden/../../build/ringctl}
case $RINGCTL in
/*) ;;
*) RINGCTL=$PWD/$RINGCTL ;;
esac
LC_ALL=C
export LC_ALL

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
image=$work/image
copy=$work/copy

ringctl()
{
	timeout 60 "$RINGCTL" "$@" 2>"$work/err"
}

# members NAME...: of the JSON on stdin, those members, a line per object
members()
{
	awk -v wanted="$*" '
	BEGIN { n = split(wanted, want, " ") }
	{
		gsub(/^ +|,$/, "")
		if (match($0, /^"[a-z_]+": /)) {
			name = substr($0, 2, RLENGTH - 4)
			value[name] = substr($0, RLENGTH + 1)
		}
	}
	/^}/ {
		line = ""
		for (i = 1; i <= n; i++)
			if (want[i] in value)
				line = line " " want[i] "=" value[want[i]]
		if (line != "")
			print " " line
		split("", value)
	}'
}

# show_check: findings by their place, not by their words
show_check()
{
	code=0
	ringctl check "$1" --json >"$work/doc" || code=$?
	echo "check: exit $code"
	members severity code offset length position bad <"$work/doc"
}

show_info()
{
	code=0
	ringctl info "$1" --json >"$work/doc" || code=$?
	echo "info: exit $code"
	members code <"$work/doc"
	grep -E '^  "(uuid|block_bytes|padded|end|exposed|pushed_items|exposed_items|tail|checkpoint|suspended)"' \
		"$work/doc"
}

# show_plan POLICY
show_plan()
{
	code=0
	ringctl repair "$image" --on-damage "$1" --takeover --json \
		>"$work/doc" || code=$?
	echo "plan $1: exit $code"
	members code what possible offset length position first_lost lost \
		left <"$work/doc"
}

# numbers: the JSON lines of consume as ranges; what has other bytes is told
numbers()
{
	awk '
	function close_range() {
		if (first != "")
			printf " %s", first == last ? first : first "-" last
		first = ""
	}
	/^\{"lost"/ {
		close_range()
		match($0, /"sequence":[0-9]+/)
		from = substr($0, RSTART + 11, RLENGTH - 11)
		match($0, /"items":[0-9]+/)
		printf " (%s lost from %s)", substr($0, RSTART + 8, RLENGTH - 8), from
		next
	}
	/^\{"error"/ {
		close_range()
		match($0, /"code":"[A-Z_]+"/)
		printf " %s", substr($0, RSTART + 8, RLENGTH - 9)
		next
	}
	{
		match($0, /"sequence":[0-9]+/)
		number = substr($0, RSTART + 11, RLENGTH - 11)
		text = "\"data\":\"item " number
		if (!index($0, text) || $0 ~ text "[0-9]")
			if ($0 !~ /"data":"new|"data_base64"/)
				printf " WRONG:%s", $0
		if (first != "" && number != last + 1)
			close_range()
		if (first == "")
			first = number
		last = number
	}
	END { close_range(); print "" }'
}

# show_consumers HOW COMMAND...: what each gives, on a copy of its own
show_consumers()
{
	label=$1
	shift
	for name in a b c; do
		cp "$copy" "$work/read"
		code=0
		ringctl consume "$work/read" --consumer $name --takeover \
			--json "$@" >"$work/lines" || code=$?
		grep -q 'RING_ERR_NO_CONSUMER' "$work/lines" ||
			echo "$label $name: exit $code:$(numbers <"$work/lines")"
	done
}

# repaired POLICY: repair it, twice, and undo that; leave it repaired in $copy
repaired()
{
	rm -f "$work/backup"
	cp "$image" "$copy"
	code=0
	ringctl repair "$copy" --on-damage "$1" --apply --takeover \
		--backup "$work/backup" --json >"$work/doc" || code=$?
	echo "repair $1: exit $code"
	if [ $code = 3 ]; then
		cmp "$image" "$copy" || echo "a repair that failed wrote"
		return 1
	fi
	cp "$copy" "$work/after"
	ringctl repair "$copy" --on-damage "$1" --apply --takeover --json \
		>"$work/doc"
	grep -q '"possible": 0' "$work/doc" || echo 'repaired again, it is not done'
	cmp "$copy" "$work/after" || echo 'repaired again, it changes'
	if [ -e "$work/backup" ]; then
		ringctl repair "$copy" --restore "$work/backup" --takeover \
			>/dev/null || echo "restore fails"
		cmp "$copy" "$image" || echo 'the backup does not undo it'
	fi
	cp "$work/after" "$copy"
	[ $code = 0 ]
}

# use POLICY: what is repaired works
use()
{
	code=0
	ringctl check "$copy" >"$work/doc" || code=$?
	[ $code = 0 ] || { echo "repaired, and damaged:"; cat "$work/doc"; }
	ringctl resume "$copy" --takeover >/dev/null
	printf 'new 1\nnew 2\nnew 3\n' |
		ringctl produce "$copy" --takeover >/dev/null ||
		echo "produce fails: $(cat "$work/err")"
	show_consumers "used after $1"
}

examine()
{
	show_check "$image"
	show_info "$image"
	for policy in stop skip truncate; do
		show_plan $policy
		cp "$image" "$copy"
		show_consumers "consume $policy" --on-damage $policy
	done
	cmp "$image" "$work/untouched" || echo 'looking at it changes it'
	for policy in skip truncate; do
		if repaired $policy; then
			use $policy
		fi
	done
}

# run_image NAME
run_image()
{
	gzip -dc "$golden/$1.ring.gz" >"$image"
	cp "$image" "$work/untouched"
	examine >"$work/got" 2>&1
	if [ "$update" = 1 ]; then
		cp "$work/got" "$golden/$1.expect"
		pass "$1"
	elif output=$(diff -u "$golden/$1.expect" "$work/got"); then
		pass "$1"
	else
		fail "$1" "$output"
	fi
}

update=0
if [ "${1:-}" = --update ]; then
	update=1
	shift
fi
if [ ! -x "$RINGCTL" ]; then
	echo "tests/golden/run.sh: no program '$RINGCTL'"
	exit 1
fi
if [ $# = 0 ]; then
	for file in "$golden"/*.ring.gz; do
		run_image "$(basename "$file" .ring.gz)"
	done
fi
for name; do
	run_image "$name"
done
finish tests/golden
