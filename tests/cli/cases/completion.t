# What bash offers at each place of the line.
. "$CLI_DIR/lib.sh"
: >my.ring
offer()
{
	bash -c '. "$1"; shift
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	_ringctl
	echo "${COMPREPLY[@]}"' - "$CLI_DIR/../../tools/completion/ringctl.bash" \
		ringctl "$@"
}
offer con
offer consumer ''
offer consumer add my
offer consumer add my.ring x --a
offer consumer add my.ring x --at ''
offer produce --framing ''
offer consume my.ring --framing n
offer produce my.ring --ba
offer consume my.ring --engine io
offer create my.ring --size ''
offer journal ''
offer journal run my.ring --o
--- stdout
consume consumer
add remove list
my.ring
--at
end oldest
lines nul length
nul none
--batch
io_uring

push run status
--once --on-damage
