# --count takes exactly as many, --peek leaves the position, each consumer has
# its own, and there is an exit code for "nothing".
. "$CLI_DIR/lib.sh"
exec 2>&1
ringctl create a.ring --size 8M --consumers x,y
r consume a.ring --consumer x
r consume a.ring
r consume a.ring --consumer nobody
printf '%s\n' 1 2 3 4 5 | ringctl produce a.ring
echo '--- peek'
r consume a.ring --consumer x --peek --count 2
echo '--- count'
r consume a.ring --consumer x --count 2
r consume a.ring --consumer x --count 4
r consume a.ring --consumer x --count 1
echo '--- the other one'
r consume a.ring --consumer y
--- stdout
ringctl: 'a.ring': no item yet
exit 4
ringctl: 'a.ring': consumer 'default': no consumer of that name
exit 3
ringctl: 'a.ring': consumer 'nobody': no consumer of that name
exit 3
--- peek
1
2
exit 0
--- count
1
2
exit 0
3
4
5
ringctl: 'a.ring': no item yet; 3 of 4 items taken
exit 4
ringctl: 'a.ring': no item yet; 0 of 1 items taken
exit 4
--- the other one
1
2
3
4
5
exit 0
