# SIGTERM: what was read as a whole is published, the rest of a line is not,
# and the exit is clean. What can be read is published at once before that.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
mkfifo pipe
"$RINGCTL" produce a.ring <pipe &
started
producer=$!
exec 3>pipe
printf 'one\ntwo\nthr' >&3
ringctl consume a.ring --follow --count 2
stop TERM $producer
exec 3>&-
r consume a.ring 2>&1
echo '--- a batch that is not full is published too'
"$RINGCTL" produce a.ring --batch 2 --json <pipe >result &
started
producer=$!
exec 3>pipe
# Read together: once the first two are out, the third is gathered.
printf 'three\nfour\nfive\nsi' >&3
ringctl consume a.ring --follow --count 2
stop TERM $producer
exec 3>&-
field published <result
r consume a.ring
--- stdout
one
two
ended with 0
ringctl: 'a.ring': no item yet
exit 4
--- a batch that is not full is published too
three
four
ended with 0
3
five
exit 0
