# Schemas from the line and from files, and how their fields are drawn.
. "$CLI_DIR/lib.sh"
exec 2>&1
letters="-e row-binary --seed 1 -q"
printf '{ a: char; // a comment\n  b: u8 }\n' >schema
printf '# words\n\n  a=const:x  \nb=const:65\n' >words
printf 'a=const:x\nz=const:1\n' >bad
g -s @schema $letters -c 3 --fields words
g -s @schema $letters -c 3 --fields words --field a=const:y
g -s '{a: char; b: u8}' $letters -c 3 --field a=const:x --field b=seq:97
echo '--- wrong'
g -s '{a: char; b: u9}' $letters
printf '{ a: char;\n  b u8 }\n' >schema
g -s @schema $letters
g -s @none $letters
g -s u8 $letters --fields none
g -s '{a: char}' $letters --field z=const:1
g -s '{a: char}' $letters --fields bad
g -s '{a: char}' $letters --field a=frob
g -s 'this' $letters
--- stdout
xAxAxAexit 0
yAyAyAexit 0
xaxbxcexit 0
--- wrong
ringgen: 'schema', line 1, column 14: expected a type, met 'u9'
Try 'ringgen --help'.
exit 2
ringgen: 'schema', line 2, column 5: expected ':', met 'u8'
Try 'ringgen --help'.
exit 2
ringgen: cannot read 'none': No such file or directory
exit 3
ringgen: cannot read 'none': No such file or directory
exit 3
ringgen: no field 'z': there is 'a'
Try 'ringgen --help'.
exit 2
ringgen: no field 'z': there is 'a'
Try 'ringgen --help'.
exit 2
ringgen: field 'a': expected one of seq, uniform, normal, zipf, enum, cardinality, const, now, hex, null, length, met 'frob'
Try 'ringgen --help'.
exit 2
ringgen: its values have no end
Try 'ringgen --help'.
exit 2
