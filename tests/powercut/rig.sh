# Sourced: a disk whose power can be cut, as one or two block devices.
#
#   medium file <- nbdkit (volatile_cache) <- nbdfuse, a file <- loop device
#
# Each host has a mount and a loop device of its own, called a and b. What was
# started is in variables, so that rig_down can take any part of it down.
# Needs $bin (the build directory) and $work (an empty one of our own).

disk_pid=
fuse_a=
fuse_b=
loop_a=
loop_b=
workers=

# Every wait here is for something that is about to happen; a machine that
# needs this long for it is broken.
patience=1500

# The disk is to be on, and is gone; or a side has seen what can't be.
is_hopeless()
{
	{ [ -n "$disk_pid" ] && is_gone "$disk_pid"; } ||
		{ [ -n "$workers" ] && grep -q -e '^lost' -e '^reordered' \
			"$work/workers.log"; }
}

is_gone()
{
	! kill -0 "$1" 2>/dev/null
}

# wait_until COMMAND...
wait_until()
{
	wait_left=$patience
	until "$@"; do
		wait_left=$((wait_left - 1))
		{ [ $wait_left -gt 0 ] && ! is_hopeless; } || {
			echo "powercut: gave up waiting for: $*" >&2
			tail -n 5 "$work/disk.log" "$work/fuse.log" \
				"$work/workers.log" >&2
			return 1
		}
		sleep 0.01
	done
}

# The file system, not what may be below an empty mount point.
is_mounted()
{
	grep -q " $1 fuse" /proc/mounts && [ -s "$1/disk" ]
}

# missing: prints what keeps the rig from working here
missing()
{
	[ "$(id -u)" = 0 ] || { echo "not root" && return; }
	[ -c /dev/fuse ] || { echo "no /dev/fuse" && return; }
	[ -c /dev/loop-control ] || { echo "no /dev/loop-control" && return; }
	for tool in nbdkit nbdfuse fusermount3 losetup; do
		command -v $tool >/dev/null || {
			echo "no $tool"
			return
		}
	done
}

# disk_on MEDIUM PARAMETER...: power on
disk_on()
{
	rm -f "$work/socket"
	touch "$work/disk.log" "$work/fuse.log" "$work/workers.log"
	disk_file=$1
	shift
	nbdkit -f -t 8 -U "$work/socket" \
		"$bin/tests/powercut/volatile_cache.so" file="$disk_file" \
		"$@" 2>>"$work/disk.log" &
	disk_pid=$!
	wait_until test -S "$work/socket"
}

# host_on NAME SECTOR: prints nothing, sets loop_NAME
host_on()
{
	host_dir=$work/mount-$1
	mkdir -p "$host_dir"
	nbdfuse "$host_dir/disk" "nbd+unix:///$1?socket=$work/socket" \
		2>>"$work/fuse.log" &
	eval "fuse_$1=\$!"
	wait_until is_mounted "$host_dir" || return
	host_loop=$(losetup --find --show --direct-io=on --sector-size "$2" \
		"$host_dir/disk") || return
	eval "loop_$1=\$host_loop"
	host_queue=/sys/block/${host_loop#/dev/}
	[ "$(cat "$host_queue/loop/dio")" = 1 ] &&
		[ "$(cat "$host_queue/queue/logical_block_size")" = "$2" ] || {
		echo "powercut: '$host_loop' is not what was asked for" >&2
		return 1
	}
}

# The power goes, now.
cut_power()
{
	kill -USR1 "$disk_pid"
	wait "$disk_pid"
	cut_status=$?
	disk_pid=
	[ $cut_status = 0 ] || {
		echo "powercut: the disk ended with $cut_status" >&2
		return 1
	}
}

loop_is_free()
{
	[ ! -e "/sys/block/${1#/dev/}/loop/backing_file" ]
}

# host_off NAME
host_off()
{
	eval "off_loop=\$loop_$1 off_fuse=\$fuse_$1"
	if [ -n "$off_loop" ]; then
		losetup -d "$off_loop" 2>/dev/null
		wait_until loop_is_free "$off_loop"
		eval "loop_$1="
	fi
	if [ -n "$off_fuse" ]; then
		fusermount3 -u "$work/mount-$1" 2>/dev/null ||
			umount -l "$work/mount-$1" 2>/dev/null ||
			kill -9 "$off_fuse" 2>/dev/null
		wait "$off_fuse" 2>/dev/null
		eval "fuse_$1="
	fi
}

# start COMMAND...: a worker, in the background; sets worker
start()
{
	"$@" 2>>"$work/workers.log" &
	worker=$!
	workers="$workers $worker"
}

# finish PID: returns its exit code
finish()
{
	wait "$1"
	finish_status=$?
	workers=$(echo " $workers " | sed "s/ $1 / /")
	return $finish_status
}

kill_workers()
{
	for worker in $workers; do
		kill -9 "$worker" 2>/dev/null
	done
	# A write held back keeps its process; let it land.
	rm -f "$work/hold"
	for worker in $workers; do
		wait "$worker" 2>/dev/null
	done
	workers=
}

rig_down()
{
	kill_workers
	host_off a
	host_off b
	if [ -n "$disk_pid" ]; then
		kill "$disk_pid" 2>/dev/null
		wait "$disk_pid" 2>/dev/null
		disk_pid=
	fi
}

# The whole of the exit trap; a second signal must not end it early.
clean_up()
{
	trap '' HUP INT TERM
	rig_down
	rm -rf --one-file-system "$work"
}
