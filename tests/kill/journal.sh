#!/bin/sh
# Goal: whatever moment kill -9 hits a program with a journal at, each operation
# whose push was acknowledged is performed, in order, and nothing else is.
# Method: journal_victim.c pushes from several threads and performs, in one
# process or in two, until it is killed; 200 times. Then what is left is
# performed, and the logs, to which a kill adds no half line, are compared.
# Usage: [BUILD=DIR] [KILLS=N] [TEST_SEED=N] tests/kill/journal.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib/results.sh"

build=${BUILD:-$here/../../build}
victim=$build/tests/kill/journal_victim
ringctl=$build/ringctl
kills=${KILLS:-200}
seed=${TEST_SEED:-$(date +%s)}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
ring=$work/ring
mkdir "$work/done"

# The delays, in seconds, one a line: decided by the seed.
awk -v seed="$seed" -v n="$kills" 'BEGIN {
	srand(seed)
	for (i = 0; i < 2 * n; i++)
		printf "0.%03d\n", 5 + int(rand() * 75)
}' >"$work/delays"

next_delay()
{
	read -r delay <&3
}

# killed MODE RUN: one process, for a while. A failure of its own is not a kill.
# It is waited for: as long as it dies, the ring is still its own.
killed()
{
	"$victim" "$1" "$ring" "$work" "$2" 4 2>>"$work/errors" &
	pid=$!
	sleep "$delay"
	kill -9 $pid
	wait $pid
	[ $? = 137 ] || touch "$work/ended-by-itself"
}

# Both sides are one process or, every other time, two.
run_all()
{
	done=0
	exec 3<"$work/delays"
	while [ "$done" -lt "$kills" ]; do
		next_delay
		if [ $((done % 3)) = 0 ]; then
			killed both "$done"
			done=$((done + 1))
			continue
		fi
		killed performs "$done" &
		next_delay
		killed pushes "$done"
		wait
		done=$((done + 2))
	done 2>/dev/null # the shell's word of each kill
	exec 3<&-
	[ ! -e "$work/ended-by-itself" ] || {
		cat "$work/errors"
		return 1
	}
}

drain()
{
	"$victim" drain "$ring" "$work" && "$ringctl" check "$ring"
}

# Numbers come for the first time in order, without a hole, and each is always
# the same operation.
in_order()
{
	awk '
	($1 in op) && op[$1] != $2 { print "number " $1 " is two: " $0; bad = 1 }
	!($1 in op) {
		if ($1 != next_number) {
			print "number " next_number " is missing before " $1
			bad = 1
		}
		if ($2 in seen) { print $2 " has two numbers"; bad = 1 }
		op[$1] = $2
		seen[$2] = 1
		next_number = $1 + 1
	}
	END { exit bad || NR == 0 }' "$work/performed"
}

# The pushes of one thread are performed in their order.
threads_in_order()
{
	awk '
	$1 in done { next }
	{
		done[$1] = 1
		split($2, part, ".")
		thread = part[1] "." part[2]
		if ((thread in last) && part[3] <= last[thread]) {
			print $2 " comes too late"
			bad = 1
		}
		last[thread] = part[3] + 0
	}
	END { exit bad }' "$work/performed"
}

# not_in FILE FILE: the lines of the first that the second has not
not_in()
{
	sort -u "$1" >"$work/a" && sort -u "$2" >"$work/b" &&
		comm -23 "$work/a" "$work/b" >"$work/missing"
	[ ! -s "$work/missing" ] || {
		head "$work/missing"
		return 1
	}
}

all_acked_are_performed()
{
	cut -d ' ' -f 2 "$work/performed" >"$work/operations"
	[ -s "$work/acks" ] && not_in "$work/acks" "$work/operations"
}

none_is_made_up()
{
	not_in "$work/operations" "$work/intents"
}

files_are_right()
{
	(cd "$work/done" && awk '{ print FILENAME, $0 }' $(ls)) >"$work/files"
	not_in "$work/files" "$work/performed" &&
		not_in "$work/performed" "$work/files"
}

if [ ! -x "$victim" ]; then
	echo "tests/kill/journal.sh: no program '$victim'"
	exit 1
fi
echo "seed $seed"
# Beforehand: a kill in the middle of that leaves no ring, as it should.
"$ringctl" create "$ring" --size 1M || exit 1
try 'journal: kills' run_all
try 'journal: drained, and the ring is sound' drain
try 'journal: in order, without a hole' in_order
try 'journal: each thread in order' threads_in_order
try 'journal: all that was acknowledged' all_acked_are_performed
try 'journal: nothing that was never pushed' none_is_made_up
try 'journal: the files' files_are_right
echo "$kills kills, $(wc -l <"$work/acks") acknowledged," \
	"$(wc -l <"$work/performed") performed," \
	"$(ls "$work/done" | wc -l) different ones"
finish tests/kill/journal
