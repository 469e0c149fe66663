# Where values go: standard output, files new, appended and rotated, nowhere.
. "$CLI_DIR/lib.sh"
exec 2>&1
letters="-s char -e row-binary --seed 1 -q"
files()
{
	for file in *; do
		echo "$file: $(cat "$file")"
	done
}
g $letters -c 26
g $letters -c 26 -o /dev/stdout
g $letters -c 26 --discard
g $letters -c 5 -o a
files
g $letters -c 5 -o a
files
echo '--- rotated'
g $letters -c 26 -o b --max-count 10
files
g $letters -c 6 -o b --max-size 4
files
rm -f a b*
echo '--- no place'
g $letters -c 5 -o no/such/dir
g $letters -c 5 -o .
ls
echo '--- statistics'
"$RINGGEN" $letters -c 1000 -o f --max-size 300 --json | grep -v seconds
"$RINGGEN" $letters -c 9 -o no/such/dir --json
echo '--- copies'
g $letters -c 12 --stutter 2.5
echo '--- the seed is drawn, and printed'
"$RINGGEN" -s u64 -e row-binary -c 3 2>said >first
sed 's/[0-9][0-9]*$/N/' said
"$RINGGEN" -s u64 -e row-binary -c 3 --seed "$(sed 's/.* //' said)" >second
cmp first second && echo same
"$RINGGEN" -s u64 -e row-binary -c 3 -q >third
cmp -s first third || echo another
--- stdout
godphnzqsjjcpvndpwxdgvnfmuexit 0
godphnzqsjjcpvndpwxdgvnfmuexit 0
exit 0
exit 0
a: godph
exit 0
a: godphgodph
--- rotated
exit 0
a: godphgodph
b.0: godphnzqsj
b.1: jcpvndpwxd
b.2: gvnfmu
exit 0
a: godphgodph
b.0: godphnzqsj
b.1: jcpvndpwxd
b.2: gvnfmu
b.3: godp
b.4: hn
--- no place
ringgen: cannot open 'no/such/dir': No such file or directory
exit 3
ringgen: cannot open '.': Is a directory
exit 3
--- statistics
{
  "values": 1000,
  "bytes": 1000,
  "cuts": 3,
  "seed": 1,
}
ringgen: cannot open 'no/such/dir': No such file or directory
{
  "error": {
    "text": "cannot open 'no/such/dir': No such file or directory"
  }
}
--- copies
gggoooddddppexit 0
--- the seed is drawn, and printed
ringgen: seed N
same
another
