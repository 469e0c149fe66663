# A block device of 4096-byte sectors and one of 512, whole: create, refuse,
# the same commands as on a file.
. "$CLI_DIR/lib.sh"
[ "$(id -u)" = 0 ] || skip 'needs root for a loop device'
PATH=$PATH:/sbin:/usr/sbin
device=
trap '[ -z "$device" ] || losetup -d "$device"' EXIT
for sector in 512 4096; do
	truncate -s 16M image.$sector
	device=$(losetup -f --show -b $sector image.$sector 2>/dev/null) ||
		skip 'cannot make a loop device here'
	r create "$device"
	seq 1000 | r produce "$device"
	ringctl info "$device" --json >info
	for name in device_bytes sector_bytes block_bytes buffered; do
		echo "$name $(field $name <info)"
	done
	r check "$device" | sed "s#$device#DEVICE#"
	ringctl consume "$device" >out
	echo "exit $?"
	seq 1000 | cmp - out && echo same
	r create "$device" 2>/dev/null
	losetup -d "$device"
	device=
done
truncate -s 16M image
device=$(losetup -f --show -b 4096 image 2>/dev/null)
r create "$device" --block-size 512 2>&1 | sed "s#$device#DEVICE#"
--- stdout
exit 0
exit 0
device_bytes 16777216
sector_bytes 512
block_bytes 4096
buffered false
'DEVICE': clean
exit 0
exit 0
same
exit 3
exit 0
exit 0
device_bytes 16777216
sector_bytes 4096
block_bytes 4096
buffered false
'DEVICE': clean
exit 0
exit 0
same
exit 3
ringctl: 'DEVICE': blocks of 512 bytes, sectors of 4096: block size is smaller than the device's sector
exit 3
