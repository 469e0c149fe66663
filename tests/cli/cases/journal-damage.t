# journal run: what is lost is told, once, and the exit code is 1 then; the run
# does not wait for it, also where nothing follows, nor after a repair.
. "$CLI_DIR/lib.sh"
exec 2>&1
printf '%s\n' one two three | ringctl journal push a.ring --size 1M
ringctl dump a.ring --json >dump
cp a.ring whole

# damage N: a byte of operation N, counted from 0
damage()
{
	cp whole a.ring
	offset=$(sed -n 's/.*"offset":\([0-9]*\),"kind":"item".*"sequence":'"$1"',.*/\1/p' dump)
	printf X | dd of=a.ring bs=1 seek=$((offset + 48)) conv=notrunc 2>/dev/null
}

for at in 1 2; do
	echo "--- stop at $at"
	damage $at
	r journal run a.ring --once -- sh -c 'echo "$(cat)"'
	echo "--- skip $at"
	r journal run a.ring --once --on-damage skip -- sh -c 'echo "$(cat)"'
	r journal run a.ring --once --json -- cat
	echo "--- repaired at $at"
	damage $at
	ringctl repair a.ring --on-damage skip --apply >/dev/null
	r journal run a.ring --once -- sh -c 'echo "$(cat)"'
	r journal run a.ring --once -- cat
done
--- stdout
--- stop at 1
ringctl: 'a.ring': damage at offset 524344, 56 bytes: the checksum does not match
exit 3
--- skip 1
ringctl: 'a.ring': 1 item from 1 on lost, from position 524344 to 524400
one
three
exit 1
{
  "path": "a.ring",
  "performed": 0,
  "failures": 0,
  "lost": 0,
  "next_number": 3
}
exit 0
--- repaired at 1
ringctl: 'a.ring': 1 item from 1 on lost, from position 524344 to 524400
one
three
exit 1
exit 0
--- stop at 2
ringctl: 'a.ring': damage at offset 524400, 56 bytes: the checksum does not match
exit 3
--- skip 2
ringctl: 'a.ring': 1 item from 2 on lost, from position 524400 to 524456
one
two
exit 1
{
  "path": "a.ring",
  "performed": 0,
  "failures": 0,
  "lost": 0,
  "next_number": 3
}
exit 0
--- repaired at 2
ringctl: 'a.ring': 1 item from 2 on lost, from position 524400 to 524456
one
two
exit 1
exit 0
