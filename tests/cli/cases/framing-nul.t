# Items that end in NUL may hold newlines.
. "$CLI_DIR/lib.sh"
ringctl create a.ring --size 8M
printf 'a\nb\0\0c\0tail' | r produce a.ring --framing nul --json |
	grep -v -e path -e position
ringctl consume a.ring --framing nul | od -An -c
--- stdout
{
  "published": 4,
  "bytes": 8,
}
exit 0
   a  \n   b  \0  \0   c  \0   t   a   i   l  \0
