# Items behind their length may hold anything; an input that ends inside one
# is an error that says where, and what came before is published.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
printf '\003\000\000\000a\nb\000\000\000\000\002\000\000\000\377\000' >in
r produce a.ring --framing length <in
ringctl consume a.ring --framing length | cmp - in && echo same
echo '--- inside the bytes'
printf '\001\000\000\000x\005\000\000\000abc' |
	r produce a.ring --framing length 2>&1
echo '--- inside the length'
printf '\001\000\000\000y\005\000' | r produce a.ring --framing length 2>&1
r consume a.ring
--- stdout
exit 0
same
--- inside the bytes
ringctl: input ends inside the record that starts at byte 5
ringctl: 1 items are published
exit 3
--- inside the length
ringctl: input ends inside the record that starts at byte 5
ringctl: 1 items are published
exit 3
x
y
exit 0
