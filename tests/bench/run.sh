#!/bin/sh
# The benchmarks, on the file system of the build tree: sh tests/bench/run.sh
set -eu
bin=${1:-build}
dir=$(mktemp -d "$bin/bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT INT TERM
"$bin/ringctl" create "$dir/ring" --size 64M
dd if=/dev/zero of="$dir/raw" bs=1M count=4 conv=fsync status=none
for engine in auto posix io_uring aio; do
	printf 'publish-1/buffered-%s: ' "$engine"
	"$bin/tests/bench/publish" "$dir/ring" "$dir/raw" "$engine" 4000
	"$bin/ringctl" consume "$dir/ring" >/dev/null
done
