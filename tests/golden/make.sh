#!/bin/sh
# Add the images that make.c has a row for and that are not here yet. One that
# is here is never made again: it is what a release wrote.
# Usage: tests/golden/make.sh [BUILD]; then run.sh --update NAME, and read it.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make --no-print-directory "$build/tests/golden/make"
"$build/tests/golden/make" "$work"
for image in "$work"/*.ring; do
	name=$(basename "$image" .ring)
	[ ! -e "tests/golden/$name.ring.gz" ] || continue
	gzip -9n <"$image" >"tests/golden/$name.ring.gz"
	echo "$name"
done
