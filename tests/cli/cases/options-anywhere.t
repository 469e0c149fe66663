# Options before and behind PATH, with = and without, and -- ends them.
. "$CLI_DIR/lib.sh"
r create --size 8M a.ring --padded --block-size=512
r create --size 8M -- --odd
ringctl info a.ring | grep '^ring '
ls
--- stdout
exit 0
exit 0
ring         8.0 MiB, blocks of 512, padded
--odd
a.ring
