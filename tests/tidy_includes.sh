#!/bin/sh
# Who may include whom (docs/ARCHITECTURE.md). One line per rule:
#   DIRECTORY-OR-FILE  ALLOWED-INCLUDE-REGEX
# The rule of a file replaces that of its directory. A rule whose file is gone
# is an error, so that none outlives what it guards.
set -eu
cd "$(dirname "$0")/.."

# A codec turns values into bytes: it has no storage to do it on.
codec='^ring/(bytes|checksum|text|geometry|superblock|record|segments|slot|slot_codec|ring_error|ring)\.h$'
rules="
ring       ^ring/
tools      ^tools/|^(ring/ring(_io|_system|_error)?|journal/journal|generator/generator)\.h$
journal    ^journal/|^ring/ring(_io|_system|_error)?\.h$
generator  ^generator/
generator/sink_ring.c  ^generator/|^ring/ring(_io|_system|_error)?\.h$
ring/bytes.h          ^$
ring/checksum.c       ^ring/(checksum|bytes)\.h$
ring/geometry.c       $codec
ring/superblock.c     $codec
ring/record.c         $codec
ring/segments.c       $codec
ring/slot_header.c    $codec
ring/producer_slot.c  $codec
ring/cursor_slot.c    $codec
ring/heartbeat.c      $codec
ring/ring.h           ^ring/ring(_io|_system|_error)\.h$
ring/ring_io.h        ^ring/ring_error\.h$
ring/ring_system.h    ^$
ring/ring_error.h     ^$
"

for path in $(echo "$rules" | awk '/\// && $1 ~ /\.[ch]$/ { print $1 }'); do
	[ -e "$path" ] || {
		echo "tests/tidy_includes.sh: a rule for '$path': no such file"
		exit 1
	}
done

grep -n '^#include "' ring/*.[ch] journal/*.[ch] generator/*.[ch] \
	tools/*.[ch] 2>/dev/null |
awk -v rules="$rules" -F: '
BEGIN {
	n = split(rules, line, "\n")
	for (i = 1; i <= n; i++)
		if (split(line[i], part, /  +/) >= 2)
			allow[part[1]] = part[2]
}
{
	split($3, quoted, "\"")
	dir = $1
	sub(/\/.*/, "", dir)
	rule = ($1 in allow) ? allow[$1] : allow[dir]
	checked++
	if (quoted[2] ~ rule)
		next
	printf "%s:%s: may not include \"%s\"\n", $1, $2, quoted[2]
	bad++
}
END {
	exit bad > 0 || checked == 0
}'
