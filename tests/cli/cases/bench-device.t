# On a block device: refused where it holds something; otherwise, or when told
# to, it is overwritten, and holds nothing afterwards.
. "$CLI_DIR/lib.sh"
[ "$(id -u)" = 0 ] || skip 'needs root for a loop device'
PATH=$PATH:/sbin:/usr/sbin
device=
trap '[ -z "$device" ] || losetup -d "$device"' EXIT
truncate -s 24M image
device=$(losetup -f --show image 2>/dev/null) ||
	skip 'cannot make a loop device here'
bench()
{
	ringctl bench "$device" --time 0 "$@" >out 2>&1
	echo "exit $?"
	sed -n "/^ringctl/s#$device#DEVICE#p" out
}
bench
bench
sed -n "1s#'$device': \(.*\), engine.*#\1#p" out
r info "$device" 2>&1 | sed "s#$device#DEVICE#"
r create "$device"
bench
r check "$device" | sed "s#$device#DEVICE#"
bench --force
bench
bench --size 32M
losetup -d "$device"
truncate -s 8M image
device=$(losetup -f --show image)
bench
--- stdout
exit 0
exit 0
a ring of 18.0 MiB, direct
ringctl: 'DEVICE': cannot read the superblock: not a ring
exit 3
exit 0
exit 3
ringctl: 'DEVICE': the superblock of a ring at offset 0: device holds other data
'DEVICE': clean
exit 0
exit 0
exit 0
exit 3
ringctl: 'DEVICE': device is smaller than the ring
exit 3
ringctl: 'DEVICE': device is smaller than the ring
