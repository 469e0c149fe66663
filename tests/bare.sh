#!/bin/bash
# Goal: 'make demo' and 'make check' work on a Debian 12 that has only git,
# make and apt. As root: tests/bare.sh [COMMAND]...
# Method: debootstrap a minimal system into a temporary directory, clone what
# is committed here into it, and run the two commands there (or the ones
# given). The package sources are those of this machine. Takes minutes and
# 3 GB; not a part of 'make check'.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" = 0 ] || {
	echo "bare: skipped: needs root"
	exit 0
}

work=$(mktemp -d)
root=$work/root
# All mounts live in the namespace of enter(), so nothing but files is left.
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' HUP INT TERM

bootstrap()
{
	local uri

	uri=$(apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' | head -n 1)
	debootstrap --variant=minbase --no-check-gpg \
		--include=git,make,ca-certificates bookworm "$root" "$uri" \
		>"$work/log" || {
		tail "$work/log"
		return 1
	}
}

# Network and packages come from where this machine has them from.
copy_settings()
{
	local path

	rm -rf "$root/etc/apt"
	for path in etc/apt etc/resolv.conf etc/hosts etc/ssl/certs \
		usr/share/keyrings usr/local/share/ca-certificates; do
		[ -e "/$path" ] || continue
		mkdir -p "$root/$(dirname "$path")"
		cp -aL --no-preserve=ownership -T "/$path" "$root/$path" \
			2>/dev/null || true
	done
}

# A system of its own has loop devices; these nodes are not in the minimum.
make_nodes()
{
	local n

	mknod -m 660 "$root/dev/loop-control" c 10 237 || return 0
	for n in {0..31}; do
		mknod -m 660 "$root/dev/loop$n" b 7 "$n"
	done
}

# enter COMMAND...: run it inside, with mounts and processes of its own
enter()
{
	unshare --mount --pid --fork bash -c '
		set -e
		mount -t proc proc "$0/proc"
		mount -t sysfs -o ro sysfs "$0/sys"
		# Read-only, it could still add zram devices, not remove them.
		[ ! -d "$0/sys/class/zram-control" ] ||
			mount -t tmpfs -o ro tmpfs "$0/sys/class/zram-control"
		mount -t devpts devpts "$0/dev/pts"
		mount -t tmpfs tmpfs "$0/dev/shm"
		exec chroot "$0" env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			bash -c "cd /src && $*"
	' "$root" "$@" </dev/null
}

bootstrap
copy_settings
make_nodes
git clone -q --no-hardlinks . "$root/src"
for tool in gcc clang pkg-config; do
	! chroot "$root" sh -c "command -v $tool" ||
		{ echo "bare: '$tool' is there already" && exit 1; }
done
[ $# -gt 0 ] || set -- 'make demo' 'make check'
for command; do
	echo "bare: $command"
	start=$SECONDS
	enter "$command"
	echo "bare: '$command' took $((SECONDS - start)) s"
done
echo "bare: passed"
