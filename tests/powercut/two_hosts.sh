# Sourced: two hosts on one storage, each with a cache of its own. Sets
# two_hosts_failed if something is wrong.

# The producer's slots, without its heartbeat; the consumer's; the data area.
slot_range='hold-from=131072 hold-to=163840'
cursor_range='hold-from=204800 hold-to=237568'
data_range='hold-from=262144'

# Enough for some laps, before and after what is tested.
some=60
last=1200

# counter WORD: of the ledger's report
counter()
{
	"$powercut" report - "$ledger" >"$work/counters"
	sum "$1" "$work/counters"
}

# reached WORD NUMBER
reached()
{
	[ "$(counter "$1")" -ge "$2" ]
}

# two_on DISK-PARAMETER...: two hosts, and a ring smaller than the device
two_on()
{
	rm -f "$work/two.img" "$work/hold" "$work/hold.held"
	truncate -s "$medium_bytes" "$work/two.img"
	ledger=$work/two.ledger
	: >"$work/workers.log"
	: >"$work/disk.log"
	disk_on "$work/two.img" seed="$seed" pause-us=300 \
		hold="$work/hold" "$@" &&
		host_on a 512 && host_on b 512 &&
		"$powercut" create "$loop_a" "$ledger" --seed "$seed" \
			--host 1 --size 983040
}

# on HOST COMMAND OPTION...: start a worker on host a or b
on()
{
	eval "on_loop=\$loop_$1"
	on_number=1
	[ "$1" = a ] || on_number=2
	on_command=$2
	shift 2
	start "$powercut" "$on_command" "$on_loop" "$ledger" \
		--host $on_number --engine "$engine" --mode direct \
		--seed "$seed" "$@"
}

# ends PID CODE WHO
ends()
{
	wait_until is_gone "$1" || return
	finish "$1"
	[ "$finish_status" = "$2" ] || {
		echo "$3 ended with exit code $finish_status, not $2:"
		tail -n 5 "$work/workers.log"
		return 1
	}
}

caches_are_apart()
{
	two_on && "$powercut" stale "$loop_a" "$loop_b"
}

# Producer on one host, consumer on the other, at the same time.
stream()
{
	engine=$1
	two_on || return
	on a produce --until $last
	producer=$worker
	on b consume --until $last
	ends "$worker" 0 'the consumer' && ends "$producer" 0 'the producer' ||
		return
	all_is_well
}

# All that is left is read once more, on the second host.
all_is_well()
{
	on b verify
	ends "$worker" 0 'the last look' || return
	[ "$(counter lost)" = 0 ] && [ "$(counter reordered)" = 0 ] || {
		cat "$work/workers.log"
		return 1
	}
}

# take_over ENGINE WHAT FATE: the owner on host a waits for a write that the
# storage holds back; the one on host b takes the role over; then the write
# lands. FATE is what becomes of host a meanwhile: dead, or awake again.
take_over()
{
	engine=$1
	taken=produce
	other=consume
	progress=exposed
	case $2 in
	data) range=$data_range ;;
	slot) range=$slot_range ;;
	cursor)
		range=$cursor_range
		taken=consume
		other=produce
		progress=consumed
		;;
	esac
	# shellcheck disable=SC2086
	two_on $range || return
	on b $other --until $last
	beside=$worker
	on a $taken
	former=$worker
	wait_until reached $progress $some || return
	: >"$work/hold"
	wait_until test -e "$work/hold.held" || return
	[ "$3" = awake ] || host_dies
	goal=$(($(counter $progress) + some))
	on b $taken --takeover --until $last
	successor=$worker
	wait_until reached $progress $goal || return
	rm "$work/hold"
	wait_until test ! -e "$work/hold.held" || return
	if [ "$3" = awake ]; then
		ends "$former" 4 'the former owner' || return
	fi
	ends "$successor" 0 'the successor' &&
		ends "$beside" 0 'the other side' && all_is_well
}

# With its mount, as a machine does: the write stays in the storage's queue.
host_dies()
{
	kill -9 "$former" "$fuse_a"
	finish "$former"
}

# case NAME COMMAND...
case_of_two()
{
	case_name=$1
	shift
	"$@" >"$work/case" 2>&1
	case_status=$?
	rig_down
	if [ $case_status = 0 ]; then
		echo "ok      $case_name"
	else
		echo "FAILED  $case_name"
		sed 's/^/        /' "$work/case"
		two_hosts_failed=$((two_hosts_failed + 1))
	fi
}

two_hosts()
{
	two_hosts_failed=0
	case_of_two 'two hosts: caches are apart' caches_are_apart
	for engine in $engines; do
		case_of_two "two hosts: stream, $engine" stream "$engine"
		for what in data slot cursor; do
			for fate in dead awake; do
				case_of_two \
		"two hosts: take-over, $engine, late write: $what, owner $fate" \
					take_over "$engine" $what $fate
			done
		done
	done
}
