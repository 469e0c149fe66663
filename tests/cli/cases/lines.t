# Lines come out as they went in: empty ones, a last one without newline.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
printf 'one\n\ntwo\n\n\nlast without newline' | r produce a.ring
r consume a.ring
echo '--- nothing is left'
r consume a.ring 2>&1
echo '--- no input is no item'
r produce a.ring </dev/null
r consume a.ring 2>&1
--- stdout
exit 0
one

two


last without newline
exit 0
--- nothing is left
ringctl: 'a.ring': no item yet
exit 4
--- no input is no item
exit 0
ringctl: 'a.ring': no item yet
exit 4
