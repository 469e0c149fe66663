# Sourced: cuts under load. Rings live on from cut to cut; each cut takes the
# next ring, then the next engine, then the next pair of modes.
#
# A ring is a medium of 1 MiB and a ledger of what was promised about it.

engines='io_uring aio posix'
# Of the producer and the consumer. Not direct:buffered: the kernel does not
# keep a page cache right that is read beside asynchronous direct writes.
modes=${MODES:-'direct:direct buffered:buffered buffered:direct'}
# Sector size, atom, block size, options of create.
rings='512:512:512: 512:512:4096: 4096:4096:4096: 4096:512:4096:
512:512:512:--padded 4096:4096:4096:--padded'

medium_bytes=1048576
live_ms=100 # a cut comes at most so long after the start of the two sides

# pick LIST NUMBER: an element of it, counting from 0, round and round
pick()
{
	pick_at=$2
	# shellcheck disable=SC2086
	set -- $1
	shift $((pick_at % $#))
	echo "$1"
}

# draw LIMIT: sets drawn, the same for the same seed
draw()
{
	random=$(((random * 1103515245 + 12345) % 2147483648))
	drawn=$((random / 8 % $1))
}

# field N WORD: the N-th field of a word like a:b:c
field()
{
	echo "$2" | cut -d : -f "$1"
}

# set_ring N: which ring the next calls mean
set_ring()
{
	ring=$(pick "$rings" "$1")
	ring_file=$work/ring-$(($1 % ring_count))
	sector=$(field 1 "$ring")
	atom=$(field 2 "$ring")
	block=$(field 3 "$ring")
	create_options=$(field 4 "$ring")
}

# power_on PARAMETER...
power_on()
{
	draw 1000000
	disk_on "$ring_file.img" atom="$atom" seed="$drawn" pause-us=300 "$@" &&
		host_on a "$sector"
}

# An honest disk, or the ring could not be counted on at the start.
make_ring()
{
	rm -f "$ring_file.img"
	truncate -s $medium_bytes "$ring_file.img"
	power_on || return
	# shellcheck disable=SC2086
	"$powercut" create "$loop_a" "$ring_file.ledger" --seed "$seed" \
		--block "$block" $create_options
	made=$?
	rig_down
	return $made
}

# role COMMAND ENGINE MODE: start a side of the ring
role()
{
	draw 1000000
	start "$powercut" "$1" "$loop_a" "$ring_file.ledger" --engine "$2" \
		--mode "$3" --seed "$drawn" --boot "$boot"
}

# surviving_image ENGINE MODE: what the last cut left must be as promised
surviving_image()
{
	"$bin/ringctl" check "$loop_a" >"$work/check" 2>&1 || {
		cat "$work/check"
		echo "lost: 'ringctl check' finds damage"
		return 1
	}
	draw 1000000
	"$powercut" verify "$loop_a" "$ring_file.ledger" --engine "$1" \
		--mode "$2" --seed "$drawn" --boot "$boot"
}

# One life of a ring, from power on to the cut. Returns 1 if the image that it
# began with is not as promised, 2 if the rig is broken.
one_life()
{
	engine=$(pick "$engines" $(($1 / ring_count)))
	mode=$(pick "$modes" $(($1 / ring_count / 3)))
	# Half of the time it is a restart of the host, not of the disk only.
	boot=$(($1 / 2 + 1))
	shift
	: >"$work/workers.log"
	power_on "$@" || return 2
	cp "$ring_file.img" "$work/before.img"
	cp "$ring_file.ledger" "$work/before.ledger"
	surviving_image "$engine" "${mode#*:}" >"$work/verify" 2>&1 || {
		cat "$work/verify"
		return 1
	}
	role produce "$engine" "${mode%:*}"
	producer=$worker
	role consume "$engine" "${mode#*:}"
	consumer=$worker
	draw $live_ms
	sleep "$(printf '0.%03d' "$drawn")"
	cut_power || return 2
	ended "$producer" 2>>"$work/shell.log" &&
		ended "$consumer" 2>>"$work/shell.log" || return 1
	rig_down
}

# A side loses its storage, and nothing else: exit code 3. One that has all it
# wants in the page cache does not notice: its machine is off, so it is killed.
ended()
{
	ended_left=30
	until is_gone "$1" || [ $ended_left = 0 ]; do
		ended_left=$((ended_left - 1))
		sleep 0.01
	done
	kill -9 "$1" 2>/dev/null
	finish "$1"
	[ "$finish_status" = 3 ] || [ "$finish_status" = 137 ] || {
		echo "a side of the ring ended with exit code $finish_status:"
		tail -n 5 "$work/workers.log"
		return 1
	}
}

# sum WORD FILE...: the sum of the numbers behind that word
sum()
{
	sum_word=$1
	shift
	cat "$@" | awk -v word="$sum_word" '
	{ for (i = 1; i < NF; i++) if ($i == word) n += $(i + 1) }
	END { print n + 0 }'
}

# keep N: the evidence of a cut that broke a promise
keep()
{
	mkdir -p "$evidence"
	for kept in img ledger; do
		[ ! -e "$work/before.$kept" ] ||
			cp "$work/before.$kept" "$evidence/cut-$1.$kept"
	done
	cp "$work/workers.log" "$evidence/cut-$1.log"
	echo "powercut: cut $1 (seed $seed, ring $ring, engine $engine, modes" \
		"$mode): image, ledger and log are in $evidence"
}

# finish_ring: add its figures to the report, and forget it
finish_ring()
{
	"$powercut" report - "$ring_file.ledger" >>"$work/report"
	rm -f "$ring_file.img" "$ring_file.ledger"
}

# What is not in the ledger, as damage that 'ringctl check' found, counts, too.
count_as_lost()
{
	"$powercut" report - "$ring_file.ledger" |
		grep -q '^lost 0 reordered 0 ' || return 0
	echo 'lost 1' >>"$work/report"
}

# finish_all: the last image of each ring is looked at, too
finish_all()
{
	for n in $(seq 0 $((ring_count - 1))); do
		set_ring "$n"
		[ -e "$ring_file.img" ] || continue
		one_look || {
			failures=$((failures + 1))
			count_as_lost
		}
		finish_ring
	done
}

one_look()
{
	mode=direct:direct
	engine=posix
	boot=$((cuts + 1))
	cp "$ring_file.img" "$work/before.img"
	cp "$ring_file.ledger" "$work/before.ledger"
	power_on && surviving_image posix direct
	looked=$?
	rig_down
	[ $looked = 0 ] || $lying || keep "$cuts"
	return $looked
}

# cut_many CUTS PARAMETER...: sets failures; figures are in $work/report
cut_many()
{
	cuts=$1
	shift
	ring_count=$(echo "$rings" | wc -w)
	failures=0
	: >"$work/report"
	: >"$work/disk.log"
	n=0
	while [ $n -lt "$cuts" ]; do
		set_ring $n
		[ -e "$ring_file.img" ] || make_ring || return 2
		one_life $n "$@"
		case $? in
		0) ;;
		1)
			failures=$((failures + 1))
			kill_workers
			rig_down
			$lying || keep $n
			count_as_lost
			finish_ring
			;;
		*)
			rig_down
			return 2
			;;
		esac
		n=$((n + 1))
	done
	finish_all
}
