# Numbers of info follow what is on the ring; the JSON has the same ones.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M --queue q --label l --consumers x,y
seq 5 | ringctl produce a.ring
ringctl consume a.ring --consumer x --count 2 >/dev/null
ringctl info a.ring >human
ringctl info a.ring --json >json
is_json <json || echo 'not JSON'
sed 's/  *.*//' human | sort | uniq -c | sed 's/^ *//'
grep -E 'backlog|^exposed' human | sed 's/position [0-9]*/POS/; s/[0-9]* bytes/BYTES/; s/oldest .*/AGE/'
for name in queue label block_bytes padded exposed_items suspended; do
	echo "$name $(field $name <json)"
done
grep backlog_items json
ringctl create --json --size 8M b.ring | is_json || echo 'not JSON'
--- stdout
10 
1 checkpoint
2 consumer
1 created
1 data
1 device
1 engine
1 exposed
1 free
1 heartbeat
1 label
1 last
1 limits
1 operator
1 producer
1 pushed
1 queue
1 ring
1 state
1 tail
1 used
1 uuid
exposed      POS, item 5
  backlog    3 items, BYTES, AGE
  backlog    5 items, BYTES, AGE
queue q
label l
block_bytes 4096
padded false
exposed_items 5
suspended false
      "backlog_items": 3,
      "backlog_items": 5,
