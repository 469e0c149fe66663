# A wrong command line: exit 2, stderr names the culprit, nothing is touched.
. "$CLI_DIR/lib.sh"
exec 2>&1
r
r frobnicate
r creat x
r consumer
r consumer frob x
r create
r create a b
r create a --size
r create a --siz 64M
r create a --size=64Q
r create a --size 99999999999T
r create a --size 0
r create a --size -1
r create a --block-size 5G
r create a -x
r create a --padded=yes
r create a
r create a --size 64M --engine turbo
r create a --size 64M --mode raw
r consumer add a
r consumer add a b --at middle
r consume a --framing csv
r consume a --count 0
r consume a --count many
r consume a --wait 1.2.3
r consume a --wait .5
r consume a --wait 1.
r consume a --wait 1.0000000001
r consume a --wait 99999999999
r produce a --batch 65537
r produce a --linger 1.5
r dump a --from x
r watch a --interval x
r journal
r journal frob a
r journal run a
r journal run a --
r journal run -- cat
r journal run a b -- cat
r journal run a --retry x -- cat
r journal push a
r journal run a -- cat
ls
--- stdout
ringctl: no command given
Try 'ringctl --help'.
exit 2
ringctl: unknown command 'frobnicate'
Try 'ringctl --help'.
exit 2
ringctl: unknown command 'creat'
Try 'ringctl --help'.
exit 2
ringctl: 'consumer' needs add, remove or list
Try 'ringctl --help'.
exit 2
ringctl: 'consumer' needs add, remove or list
Try 'ringctl --help'.
exit 2
ringctl: operand 'PATH' is missing
Try 'ringctl create --help'.
exit 2
ringctl: unexpected operand 'b'
Try 'ringctl create --help'.
exit 2
ringctl: option '--size' needs a value
Try 'ringctl create --help'.
exit 2
ringctl: unknown option '--siz'
Try 'ringctl create --help'.
exit 2
ringctl: option '--size': '64Q': not a size such as 4096, 64M or 1G
Try 'ringctl create --help'.
exit 2
ringctl: option '--size': '99999999999T': too large
Try 'ringctl create --help'.
exit 2
ringctl: option '--size': '0': must not be 0
Try 'ringctl create --help'.
exit 2
ringctl: option '--size': '-1': not a size such as 4096, 64M or 1G
Try 'ringctl create --help'.
exit 2
ringctl: option '--block-size': '5G': too large
Try 'ringctl create --help'.
exit 2
ringctl: unknown option '-x'
Try 'ringctl create --help'.
exit 2
ringctl: option '--padded=yes' takes no value
Try 'ringctl create --help'.
exit 2
ringctl: 'a' does not exist: give --size
Try 'ringctl create --help'.
exit 2
ringctl: option '--engine': 'turbo': must be auto, io_uring, aio or posix
Try 'ringctl create --help'.
exit 2
ringctl: option '--mode': 'raw': must be auto, buffered or direct
Try 'ringctl create --help'.
exit 2
ringctl: operand 'NAME' is missing
Try 'ringctl consumer add --help'.
exit 2
ringctl: option '--at': 'middle': must be end or oldest
Try 'ringctl consumer add --help'.
exit 2
ringctl: option '--framing': 'csv': must be lines, nul, length or none
Try 'ringctl consume --help'.
exit 2
ringctl: option '--count': '0': must not be 0
Try 'ringctl consume --help'.
exit 2
ringctl: option '--count': 'many': not a number
Try 'ringctl consume --help'.
exit 2
ringctl: option '--wait': '1.2.3': not a number of seconds
Try 'ringctl consume --help'.
exit 2
ringctl: option '--wait': '.5': not a number of seconds
Try 'ringctl consume --help'.
exit 2
ringctl: option '--wait': '1.': not a number of seconds
Try 'ringctl consume --help'.
exit 2
ringctl: option '--wait': '1.0000000001': not a number of seconds
Try 'ringctl consume --help'.
exit 2
ringctl: option '--wait': '99999999999': too large
Try 'ringctl consume --help'.
exit 2
ringctl: option '--batch': at most 65536
Try 'ringctl produce --help'.
exit 2
ringctl: option '--linger': '1.5': not a number
Try 'ringctl produce --help'.
exit 2
ringctl: option '--from': 'x': not a number
Try 'ringctl dump --help'.
exit 2
ringctl: option '--interval': 'x': not a number of seconds
Try 'ringctl watch --help'.
exit 2
ringctl: 'journal' needs push, run or status
Try 'ringctl --help'.
exit 2
ringctl: 'journal' needs push, run or status
Try 'ringctl --help'.
exit 2
ringctl: no command: '-- COMMAND [ARG]...' is missing
Try 'ringctl journal run --help'.
exit 2
ringctl: no command: '-- COMMAND [ARG]...' is missing
Try 'ringctl journal run --help'.
exit 2
ringctl: operand 'PATH' is missing
Try 'ringctl journal run --help'.
exit 2
ringctl: unexpected operand 'b'
Try 'ringctl journal run --help'.
exit 2
ringctl: option '--retry': 'x': not a number of seconds
Try 'ringctl journal run --help'.
exit 2
ringctl: 'a' does not exist: give --size
Try 'ringctl journal push --help'.
exit 2
ringctl: 'a' does not exist: give --size
Try 'ringctl journal run --help'.
exit 2
