# What bash offers for ringgen; each option that help knows is offered, but
# for those of Kafka.
. "$CLI_DIR/lib.sh"
: >my.ring
offer()
{
	bash -c '. "$1"; shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_ringgen
	echo "${COMPREPLY[@]}"' - "$CLI_DIR/../../tools/completion/ringgen.bash" \
		ringgen "$@"
}
offer --enc
offer -e ''
offer -s @my
offer -s u
offer --ring my
offer --count ''
"$RINGGEN" --help | sed -n 's/^ .*\(--[a-z-]*\).*/\1/p' | grep -v kafka |
	grep -v -e --partitions | sort >helped
offer -- | tr ' ' '\n' | grep -v -e --version | sort | diff - helped &&
	echo 'all of them'
g --version
--- stdout
--encoding
csv json null ringbuf row-binary s-expression
@my.ring

my.ring

all of them
ringgen 0.1.0
exit 0
