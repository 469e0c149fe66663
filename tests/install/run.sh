#!/bin/sh
# Goal: what 'make install' puts down is complete and enough.
# Method: install into a temporary directory, and use nothing but that:
# programs in C and C++ against the shared and the static library.
set -u
cd "$(dirname "$0")/../.."
. tests/lib/results.sh

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
make=${MAKE:-make}
prefix=/opt/blkring
root=$dir$prefix
lib=$root/lib

run_make()
{
	"$make" --no-print-directory CC=gcc SANITIZE= DESTDIR="$dir" \
		PREFIX=$prefix "$1"
}

# flags OPTION...: of pkg-config, for the installed tree
flags()
{
	PKG_CONFIG_PATH=$lib/pkgconfig pkg-config \
		--define-variable=prefix="$root" "$@" blkring
}

has_all()
{
	for file in include/ring/ring.h include/ring/ring_io.h \
		include/ring/ring_system.h include/ring/ring_error.h \
		include/journal/journal.h include/generator/generator.h \
		share/man/man3/journal.3 \
		lib/libblkring.a lib/libblkring.so lib/libblkring.so.0 \
		lib/pkgconfig/blkring.pc bin/ringctl bin/ringgen \
		bin/datasino \
		share/man/man1/ringctl.1 share/man/man3/ring.3 \
		share/bash-completion/completions/ringctl \
		share/bash-completion/completions/ringgen; do
		[ -f "$root/$file" ] || {
			echo "'$file' is not installed"
			return 1
		}
	done
}

has_soname()
{
	objdump -p "$lib/libblkring.so" | grep 'SONAME *libblkring\.so\.0$'
}

# only_public NM-OPTIONS...: no name but those of the API is in the way
only_public()
{
	nm --defined-only "$@" | awk '
	NF == 3 && $2 != "A" {
		sub(/@.*/, "", $3)
		if ($3 ~ /^(ring|journal|gen)_/) good++; else { print; bad++ }
	}
	END { exit bad > 0 || good == 0 }'
}

# uses COMPILER LANGUAGE STANDARD: the shared library
uses_shared()
{
	$1 -x "$2" -std="$3" -Wall -Wextra -Werror $(flags --cflags) \
		-o "$dir/program" tests/install/program.c -x none \
		$(flags --libs) &&
		rm -f "$dir/x.ring" &&
		LD_LIBRARY_PATH=$lib "$dir/program" "$dir/x.ring"
}

# Where there is no shared library beside it, -lblkring is the static one.
uses_static()
{
	mkdir -p "$dir/static" && cp "$lib/libblkring.a" "$dir/static" &&
		$1 -x "$2" -std="$3" -Wall -Wextra -Werror \
			$(flags --cflags) -o "$dir/program" \
			tests/install/program.c -x none -L"$dir/static" \
			-Wl,-Bstatic -lblkring -Wl,-Bdynamic \
			$(flags --static --libs) &&
		! ldd "$dir/program" | grep libblkring &&
		rm -f "$dir/x.ring" && "$dir/program" "$dir/x.ring"
}

ringctl_runs()
{
	"$root/bin/ringctl" --version
}

ringgen_runs()
{
	"$root/bin/ringgen" --version && "$root/bin/datasino" --version
}

uninstalls()
{
	run_make uninstall && left=$(find "$dir/opt" ! -type d) || return
	[ -z "$left" ] || {
		echo "left behind: $left"
		return 1
	}
}

try "make install" run_make install
try "everything is installed" has_all
try "soname" has_soname
try "the shared library exports the API only" \
	only_public -D "$lib/libblkring.so"
try "the static library defines the API only" \
	only_public -g "$lib/libblkring.a"
try "C, shared" uses_shared gcc c c11
try "C++, shared" uses_shared g++ c++ c++17
try "C, static" uses_static gcc c c11
try "C++, static" uses_static g++ c++ c++17
try "ringctl" ringctl_runs
try "ringgen" ringgen_runs
try "make uninstall" uninstalls
finish install
