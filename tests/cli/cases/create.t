# What create accepts and refuses, and what it never overwrites.
. "$CLI_DIR/lib.sh"
exec 2>&1
r create a.ring --size 8M --label 'what it holds' --queue q1 \
	--consumers one,two --max-item 10000
ringctl info a.ring | grep -E '^(queue|label|limits|consumer)'
echo '--- again, and over other data'
r create a.ring --size 8M
r create a.ring --size 8M --force
echo hello >text
r create text --size 8M
cat text
echo '--- sizes that make no ring'
r create b.ring --size 4K
r create b.ring --size 8M --block-size 1000
r create b.ring --size 8M --max-item 1G
r create no/such/dir --size 8M
echo '--- names'
r create b.ring --size 8M --consumers one,one
r create b.ring --size 8M --consumers one,,two
ls
--- stdout
exit 0
queue        q1
label        what it holds
limits       item 9.8 KiB, batch 1.9 MiB, consumers 8
consumer     'one', slot 0
consumer     'two', slot 1
--- again, and over other data
ringctl: 'a.ring': the superblock of a ring at offset 0: device holds other data
exit 3
exit 0
ringctl: 'text': data at offset 0: device holds other data
exit 3
hello
--- sizes that make no ring
ringctl: 'b.ring': too small: 8 cursor slots, blocks of 4096 and batches of 4096 bytes need 536576 bytes, there are 4096
exit 3
ringctl: 'b.ring': blocks of 1000 bytes: not a power of two from 512 to 65536
exit 3
ringctl: 'b.ring': too small: 8 cursor slots, blocks of 4096 and batches of 1073745920 bytes need 1074278400 bytes, there are 8388608
exit 3
ringctl: cannot create 'no/such/dir': No such file or directory
exit 3
--- names
ringctl: 'b.ring': consumer 'one' is named twice
exit 3
ringctl: 'b.ring': bad consumer name: name is empty, too long or has control characters
exit 3
a.ring
text
