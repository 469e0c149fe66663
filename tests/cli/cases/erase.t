# Erase refuses items that nobody has consumed, unless forced.
. "$CLI_DIR/lib.sh"
exec 2>&1
ringctl create a.ring --size 8M
echo one | ringctl produce a.ring
r erase a.ring
r consume a.ring
r erase a.ring
r info a.ring
ringctl create b.ring --size 8M
echo one | ringctl produce b.ring
r erase b.ring --force --json
r consume b.ring
r create b.ring --size 8M
--- stdout
ringctl: 'a.ring': 144 bytes in use: items are not yet consumed
exit 3
one
exit 0
exit 0
ringctl: 'a.ring': cannot read the superblock: not a ring
exit 3
{
  "path": "b.ring",
  "erased": true
}
exit 0
ringctl: 'b.ring': cannot read the superblock: not a ring
exit 3
ringctl: 'b.ring': data at offset 0: device holds other data
exit 3
