#!/bin/sh
# A disk that lies about flushes must be noticed: tests/crash/lying.sh CRASHTEST
set -u
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
"$1" --lying-disk --states 200 --shape 512-packed-buffered-1 >"$log"
status=$?
tail -n 1 "$log"
if [ $status = 0 ] || ! grep -q '^violation: I' "$log"; then
	echo "a lying disk was not noticed"
	exit 1
fi
