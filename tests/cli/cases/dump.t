# A line per record, in order; --count, --from, --hex; reads only.
. "$CLI_DIR/lib.sh"
exec 2>&1
ringctl create a.ring --size 8M
printf 'hello\nworld\n' | ringctl produce a.ring --batch 2
cksum <a.ring >before
ringctl dump a.ring | sed 's/epoch=[0-9]*/epoch=E/; s/time=.*/time=T/'
echo '--- hex'
ringctl dump a.ring --hex --count 1 | tail -n 1
echo '--- from'
second=$(ringctl dump a.ring | awk 'NR == 2 { print $1 }')
ringctl dump a.ring --from "$second" --count 1 | grep -c "^$second item"
r dump a.ring --from $((second + 8)) | sed "s/$((second + 8))/POS/"
ringctl dump a.ring --json | is_json 3 || echo 'not JSON'
ringctl dump a.ring --json --hex --count 1 | field body
cksum <a.ring | cmp - before && echo 'nothing was written'
echo '--- a ring without items'
ringctl create b.ring --size 8M
r dump b.ring
--- stdout
7864320 item   type=0 epoch=E seq=0 length=5 meta=0 checksum=ok time=T
7864376 item   type=0 epoch=E seq=1 length=5 meta=0 checksum=ok time=T
7864432 commit type=0 epoch=E seq=2 length=0 meta=0 exposed=7864520 durable=7864320 checksum=ok time=T
--- hex
    00000000  68 65 6c 6c 6f                                   |hello|
--- from
1
ringctl: 'a.ring': position is not a boundary between records
exit 3
hello
nothing was written
--- a ring without items
exit 0
