#!/bin/sh
# Goal: what README.md and JOURNAL.md show works, as it stands there.
# Method: take the marked blocks out of them, compile and run them in a
# temporary directory, compare what went in with what came out.
set -u
cd "$(dirname "$0")/../.."
. tests/lib/results.sh

top=$PWD
dir=$(mktemp -d)
consumer=
trap '[ -z "$consumer" ] || kill -9 "$consumer" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
PATH=$top/build:$PATH

# block NAME [FILE]: the fenced block behind the line '<!-- test: NAME -->'
block()
{
	document=${2:-README.md}
	awk -v mark="<!-- test: $1 -->" '
	$0 == mark { wanted = 1; next }
	wanted && /^```/ { if (inside) exit; inside = 1; next }
	inside { print }' "$document" >"$dir/$1"
	[ -s "$dir/$1" ] || {
		echo "$document has no block marked '$1'"
		return 1
	}
}

# program NAME LINES [FILE]: extract and compile NAME.c, which is to have fewer
# lines than that
program()
{
	block "$1.c" "${3:-README.md}" || return
	lines=$(wc -l <"$dir/$1.c")
	[ "$lines" -lt "$2" ] || {
		echo "$1.c has $lines lines"
		return 1
	}
	gcc -std=gnu11 -Wall -Wextra -Werror -I. -o "$dir/$1" "$dir/$1.c" \
		-Lbuild -lblkring -Wl,-rpath,"$top/build"
}

quick_start()
{
	block quickstart.sh && cd "$dir" && sh -eux quickstart.sh
}

# Five rows of two columns, then 500 documents.
generator()
{
	block generator.sh && cd "$dir" && sh -eu generator.sh >made &&
		[ "$(grep -c '^[0-9]*,' made)" = 5 ] &&
		[ "$(grep -c '^{"at":.*"ok":.*}$' made)" = 500 ]
}

# Everything that is there, then nothing more.
one_after_the_other()
{
	cd "$dir" &&
		ringctl create one.ring --size 16M &&
		./producer one.ring <lines &&
		./consumer one.ring 0 >out &&
		cmp lines out
}

# The consumer waits for what comes; a second one has nothing left to read.
both_at_once()
{
	cd "$dir" && ringctl create two.ring --size 16M || return
	./consumer two.ring -1 >out &
	consumer=$!
	./producer two.ring <lines && wait_for_lines
	status=$?
	kill -9 $consumer
	wait $consumer
	consumer=
	[ $status = 0 ] && cmp lines out && ./consumer two.ring 0 >rest &&
		! [ -s rest ]
}

# The bound is against a hang, not a measure.
wait_for_lines()
{
	tries=0
	while [ "$(ringctl consumer list two.ring --json |
		tr -d ' \n' | sed 's/.*"backlog_items":\([0-9]*\).*/\1/')" \
		!= 0 ]; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return 1
		sleep 0.1
	done
}

# size_is NAME BYTES
size_is()
{
	[ "$(stat -c %s "$dir/$1")" = "$2" ]
}

# Asking for less, or twice for the same, changes nothing.
extends()
{
	cd "$dir" && ./extend e.ring volume 5000000 other 100 &&
		./extend e.ring volume 1000 && ./extend e.ring other 100 &&
		size_is volume 5000000 && size_is other 100 &&
		ringctl journal status e.ring | grep '^pending  *0 '
}

# What cannot be done yet is done by a later start, which is told of nothing.
extends_later()
{
	cd "$dir" && mkdir blocked &&
		extend_until_pending e.ring 1 blocked 4096 &&
		rmdir blocked && ./extend e.ring && size_is blocked 4096
}

# Both are tried in one call of perform. Read beyond its end, the second would
# be a request, to make a volume of that name.
refuses_short()
{
	cd "$dir" && mkdir held && extend_until_pending s.ring 1 held 4096 &&
		printf '\001\0\0\0\0\0\0\0short' |
		ringctl journal push s.ring && rmdir held &&
		extend_until_pending s.ring 1 && size_is held 4096 &&
		! [ -e short ]
}

# extend_until_pending RING COUNT [VOLUME SIZE]...: it works until that many
# operations wait, and is killed.
extend_until_pending()
{
	ring=$1
	count=$2
	shift 2
	./extend "$ring" "$@" 2>/dev/null &
	consumer=$!
	wait_until_pending "$ring" "$count"
	status=$?
	kill -9 $consumer
	wait $consumer
	consumer=
	return $status
}

# The bound is against a hang, not a measure.
wait_until_pending()
{
	tries=0
	until ringctl journal status "$1" | grep -q "^pending  *$2 "; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return 1
		sleep 0.1
	done
}

no_ring()
{
	cd "$dir" && ! ./producer lines <lines 2>err && grep 'not a ring' err
}

seq -f 'line %.0f of a stream' 2000 >"$dir/lines"
try "README.md: producer.c compiles" program producer 40
try "README.md: consumer.c compiles" program consumer 40
try "README.md: quick start" quick_start
try "README.md: the generator" generator
try "README.md: producer, then consumer" one_after_the_other
try "README.md: producer and consumer at once" both_at_once
try "README.md: a clear error" no_ring
try "JOURNAL.md: extend.c compiles" program extend 50 docs/JOURNAL.md
try "JOURNAL.md: volumes are extended" extends
try "JOURNAL.md: also after a kill" extends_later
try "JOURNAL.md: an operation that is too short" refuses_short
finish readme
