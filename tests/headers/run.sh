#!/bin/sh
# Goal: every public header can be the first and only one, in C and in C++.
# Method: compile a file that includes nothing else, strictly.
set -u
cd "$(dirname "$0")/../.."
. tests/lib/results.sh

strict="-I. -Wall -Wextra -Werror -pedantic -fsyntax-only"

# one_header COMPILER LANGUAGE STANDARD HEADER
one_header()
{
	# Twice: it also has to stand being included again.
	printf '#include <%s>\n#include <%s>\n' "$4" "$4" |
		$1 -x "$2" -std="$3" $strict -
}

for header in ring/ring.h ring/ring_io.h ring/ring_system.h \
	ring/ring_error.h journal/journal.h \
	generator/generator.h; do
	for compiler in gcc clang; do
		try "$header $compiler c11" \
			one_header $compiler c c11 $header
	done
	for compiler in g++ clang++; do
		try "$header $compiler c++17" \
			one_header $compiler c++ c++17 $header
	done
done
finish headers
