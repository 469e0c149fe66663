# What is no ring, not there, or cut short: exit 3 and no harm, each command.
. "$CLI_DIR/lib.sh"
exec 2>&1
echo hello >text
: >empty
mkdir dir
ringctl create cut.ring --size 8M
truncate -s 4M cut.ring
for path in missing text empty dir cut.ring; do
	for command in info produce consume dump suspend resume check \
		'consumer list' erase watch; do
		echo "$command $path"
		r $command $path </dev/null
	done
	r consumer add $path x
	r consumer remove $path x
done
cat text
ls
--- stdout
info missing
ringctl: cannot open 'missing': No such file or directory
exit 3
produce missing
ringctl: cannot open 'missing': No such file or directory
exit 3
consume missing
ringctl: cannot open 'missing': No such file or directory
exit 3
dump missing
ringctl: cannot open 'missing': No such file or directory
exit 3
suspend missing
ringctl: cannot open 'missing': No such file or directory
exit 3
resume missing
ringctl: cannot open 'missing': No such file or directory
exit 3
check missing
ringctl: cannot open 'missing': No such file or directory
exit 3
consumer list missing
ringctl: cannot open 'missing': No such file or directory
exit 3
erase missing
ringctl: cannot open 'missing': No such file or directory
exit 3
watch missing
ringctl: cannot open 'missing': No such file or directory
exit 3
ringctl: cannot open 'missing': No such file or directory
exit 3
ringctl: cannot open 'missing': No such file or directory
exit 3
info text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
produce text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
consume text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
dump text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
suspend text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
resume text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
check text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
consumer list text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
erase text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
watch text
ringctl: 'text': cannot read the superblock: not a ring
exit 3
ringctl: 'text': cannot read the superblock: not a ring
exit 3
ringctl: 'text': cannot read the superblock: not a ring
exit 3
info empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
produce empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
consume empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
dump empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
suspend empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
resume empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
check empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
consumer list empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
erase empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
watch empty
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
ringctl: 'empty': cannot read the superblock: not a ring
exit 3
info dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
produce dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
consume dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
dump dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
suspend dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
resume dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
check dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
consumer list dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
erase dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
watch dir
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
ringctl: cannot use 'dir': neither a regular file nor a block device
exit 3
info cut.ring
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
produce cut.ring
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
consume cut.ring
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
dump cut.ring
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
suspend cut.ring
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
resume cut.ring
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
check cut.ring
damage: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring (offset 0)
'cut.ring': 1 bad finding
exit 1
consumer list cut.ring
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
erase cut.ring
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
watch cut.ring
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
ringctl: 'cut.ring': the ring spans 8388608 bytes, the device has 4194304: device is smaller than the ring
exit 3
hello
cut.ring
dir
empty
text
