# A line of JSON per item; what is no UTF-8 is in base64.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
printf 'plain\0quote " and \\\0\303\244\0\377\376x\0\0' |
	ringctl produce a.ring --framing nul
ringctl consume a.ring --json >out
is_json 5 <out || echo 'not JSON'
sed 's/"time_ns":[0-9]*,"time":"[^"]*"/TIME/; s/"position":[0-9]*,"next":[0-9]*/POS/' out
r consume a.ring --json
--- stdout
{POS,"sequence":0,"type":0,TIME,"meta":"","data":"plain"}
{POS,"sequence":1,"type":0,TIME,"meta":"","data":"quote \" and \\"}
{POS,"sequence":2,"type":0,TIME,"meta":"","data":"ä"}
{POS,"sequence":3,"type":0,TIME,"meta":"","data_base64":"//54"}
{POS,"sequence":4,"type":0,TIME,"meta":"","data":""}
{"error":{"code":"RING_ERR_EMPTY","text":"'a.ring': no item yet","offset":0,"length":0,"position":0}}
exit 4
