# A journal through its life: push, what waits, perform, what fails, the end.
. "$CLI_DIR/lib.sh"
printf 'one\ntwo\n\nfour' | r journal push a.ring --size 2M
ringctl journal status a.ring | grep -v '^oldest'
echo '--- each on the standard input of a command'
r journal run a.ring --once -- sh -c 'echo "<$(cat)>"'
r journal run a.ring --once -- false
echo '--- length-framed, several for one command'
printf 'five\nsix\n' | ringctl journal push a.ring
r journal run a.ring --once --batch -- od -An -c
echo '--- what fails comes again, and nothing later before it'
printf 'seven\neight\n' | ringctl journal push a.ring
cat >perform <<'END'
read -r word
[ -e again ] || { echo "$word fails" && touch again && exit 7; }
echo "$word"
END
r journal run a.ring --once --retry 0.01 -- sh perform 2>&1
echo '--- a batch that fails comes again as a whole'
rm again
printf 'nine\nten\n' | ringctl journal push a.ring
r journal run a.ring --once --batch --retry 0.01 -- sh -c '
	[ -e again ] || { touch again && exit 1; }
	od -An -c' 2>&1
echo '--- not to be run at all: nothing is lost'
echo 'eleven' | ringctl journal push a.ring
r journal run a.ring --retry 0.001 -- ./nosuch 2>&1
r journal run a.ring --once -- cat
echo
echo '--- a command that does not read its input has performed it as well'
head -c 300000 /dev/zero | tr '\0' x | ringctl journal push a.ring
r journal run a.ring --once -- true
echo '--- a signal ends it between two commands'
seq 1500 | ringctl journal push a.ring
r journal run a.ring --once --batch -- sh -c '
	echo "a batch"
	kill -TERM $PPID
	cat >/dev/null'
ringctl journal status a.ring | head -n 1
r journal run a.ring --once --batch -- sh -c 'cat >/dev/null'
echo '--- it is a ring like any other'
ringctl create b.ring --size 2M
echo 'from produce' | ringctl produce b.ring
r journal run b.ring --once -- cat
r check b.ring
--- stdout
exit 0
pending      4 operations, 392 B
next         operation 0
skipped      0
pusher       nobody
performer    nobody
--- each on the standard input of a command
<one>
<two>
<>
<four>
exit 0
exit 0
--- length-framed, several for one command
 004  \0  \0  \0   f   i   v   e 003  \0  \0  \0   s   i   x
exit 0
--- what fails comes again, and nothing later before it
seven fails
ringctl: 'a.ring': operation 6: 'sh' ended with exit code 7
seven
eight
exit 0
--- a batch that fails comes again as a whole
ringctl: 'a.ring': operation 8: 'sh' ended with exit code 1
 004  \0  \0  \0   n   i   n   e 003  \0  \0  \0   t   e   n
exit 0
--- not to be run at all: nothing is lost
ringctl: 'a.ring': operation 10: cannot run './nosuch': No such file or directory
ringctl: 'a.ring': stopped: cannot run './nosuch': No such file or directory
exit 3
elevenexit 0

--- a command that does not read its input has performed it as well
exit 0
--- a signal ends it between two commands
a batch
exit 0
pending      476 operations, 26.1 KiB
exit 0
--- it is a ring like any other
from produceexit 0
'b.ring': clean
exit 0
