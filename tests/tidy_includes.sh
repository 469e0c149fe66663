#!/bin/sh
# Who may include whom (docs/ARCHITECTURE.md). One line per rule:
#   DIRECTORY-OR-FILE  ALLOWED-INCLUDE-REGEX
# The rule of a file replaces that of its directory. A rule whose file is gone
# is an error, so that none outlives what it guards.
set -eu
cd "$(dirname "$0")/.."

# A codec turns values into bytes: it has no storage to do it on.
codec='^ring/(bytes|checksum|text|geometry|superblock|record|segments|slot|slot_codec|ring_error|ring)\.h$'
# Schemas are texts and trees: nothing is generated, written or sent there.
schema='^ring/export\.h$|^generator/(generator|type|draw|error|schema|refer|parse|parse_names|dessser|user_types|clickhouse_words|field_path|field_arguments|value_text|value_time|wide|hex)\.h$'
rules="
ring       ^ring/
tools      ^tools/|^(ring/ring(_io|_system|_error)?|journal/journal|generator/generator)\.h$
journal    ^journal/|^ring/(ring(_io|_system|_error)?|export)\.h$
generator  ^generator/|^ring/export\.h$
generator/sink_ring.c  ^generator/|^ring/(ring(_io|_system|_error)?|export)\.h$
generator/type.c               $schema
generator/type_print.c         $schema
generator/error.c              $schema
generator/schema.c             $schema
generator/refer.c              $schema
generator/parse.c              $schema
generator/parse_names.c        $schema
generator/parse_dessser.c      $schema
generator/dessser_base.c       $schema
generator/dessser_word.c       $schema
generator/dessser_default.c    $schema
generator/user_types.c         $schema
generator/parse_clickhouse.c   $schema
generator/clickhouse_words.c   $schema
generator/clickhouse_labels.c  $schema
generator/fields.c             $schema
generator/field_path.c         $schema
generator/field_arguments.c    $schema
generator/value_text.c         $schema
generator/value_time.c         $schema
generator/value_expected.c     $schema
generator/wide.c               $schema
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
