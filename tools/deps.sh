#!/bin/sh
# Install what is needed and missing: tools/deps.sh [--check] [GROUP]
#   build  to compile the library and ringctl, and to run the demo
#   check  (default) also what 'make check' needs
#   powercut  what 'make powercut' needs
#   fuzz   what 'make fuzz' needs
#   bench  what 'make bench' needs
#   clickhouse  what the check of the generator against a ClickHouse needs
# With --check only say what is missing. Fast when nothing is.
set -eu

# One line per need: GROUP PACKAGE PROBE. A probe is
#   cmd:NAME a command, pc:NAME a pkg-config module, h:FILE a header,
#   rt:NAME a runtime library of clang
needs='
build gcc            cmd:gcc
build libc6-dev      h:stdio.h
build pkg-config     cmd:pkg-config
build binutils       cmd:objcopy
build liburing-dev   pc:liburing
build libblkid-dev   pc:blkid
build libjansson-dev pc:jansson
build libaio-dev     h:libaio.h
build libxxhash-dev  h:xxhash.h
build util-linux     cmd:losetup
build mount          cmd:mount
check g++            cmd:g++
check clang          cmd:clang
check clang-format   cmd:clang-format
check cppcheck       cmd:cppcheck
check libcmocka-dev  pc:cmocka
check strace         cmd:strace
check e2fsprogs      cmd:mkfs.ext4
check groff          cmd:groff
check spin           cmd:spin
powercut nbdkit      cmd:nbdkit
powercut nbdkit-plugin-dev h:nbdkit-plugin.h
powercut libnbd-bin  cmd:nbdfuse
powercut fuse3       cmd:fusermount3
fuzz clang           cmd:clang
fuzz libclang-rt-dev rt:fuzzer
bench liblmdb-dev    pc:lmdb
bench libsqlite3-dev pc:sqlite3
bench librocksdb-dev pc:rocksdb
bench fio            cmd:fio
bench gnuplot-nox    cmd:gnuplot
bench valgrind       cmd:valgrind
clickhouse clickhouse-server cmd:clickhouse-server
clickhouse curl      cmd:curl
'

# Sbin may be missing from the path of a user.
PATH=$PATH:/usr/sbin:/sbin

have()
{
	case $1 in
	cmd:*) command -v "${1#cmd:}" ;;
	pc:*) pkg-config --exists "${1#pc:}" ;;
	h:*) [ -e "/usr/include/${1#h:}" ] ;;
	rt:*) ls "$(clang -print-resource-dir)"/lib/*/libclang_rt."${1#rt:}"[-.]* ;;
	esac >/dev/null 2>&1
}

missing_packages()
{
	echo "$needs" | while read -r group package probe; do
		[ -n "$group" ] || continue
		[ "$group" = build ] || [ "$group" = "$want" ] || continue
		have "$probe" || printf ' %s' "$package"
	done
}

check_only=false
want=check
for arg; do
	case $arg in
	--check) check_only=true ;;
	build | check | powercut | fuzz | bench | clickhouse) want=$arg ;;
	*)
		echo "deps: unknown argument '$arg'" >&2
		exit 2
		;;
	esac
done

missing=$(missing_packages)
[ -n "$missing" ] || exit 0

if $check_only; then
	echo "deps: missing:$missing" >&2
	echo "deps: 'make deps' installs it (Debian, Ubuntu)" >&2
	exit 1
fi
if ! command -v apt-get >/dev/null; then
	echo "deps: please install what Debian calls:$missing" >&2
	exit 1
fi

as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "deps: as root: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi

apt()
{
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 "$@" </dev/null
}

echo "deps: installing$missing"
# Only a package list that lacks something is worth a download.
# shellcheck disable=SC2086
if ! apt install -s $missing >/dev/null 2>&1; then
	apt update
fi
# shellcheck disable=SC2086
apt install $missing || { apt update && apt install $missing; }

still=$(missing_packages)
if [ -n "$still" ]; then
	echo "deps: still missing after the installation:$still" >&2
	exit 1
fi
