# With --json an error is one document on stdout, and stderr is quiet.
. "$CLI_DIR/lib.sh"
echo hello >text
for command in info produce consume dump suspend resume check \
	'consumer list' erase watch; do
	code=0
	ringctl $command text --json </dev/null >out || code=$?
	is_json <out || echo "$command: not JSON"
	echo "$command $code $(field code <out)"
done
--- stdout
info 3 RING_ERR_NOT_A_RING
produce 3 RING_ERR_NOT_A_RING
consume 3 RING_ERR_NOT_A_RING
dump 3 RING_ERR_NOT_A_RING
suspend 3 RING_ERR_NOT_A_RING
resume 3 RING_ERR_NOT_A_RING
check 3 RING_ERR_NOT_A_RING
consumer list 3 RING_ERR_NOT_A_RING
erase 3 RING_ERR_NOT_A_RING
watch 3 RING_ERR_NOT_A_RING
