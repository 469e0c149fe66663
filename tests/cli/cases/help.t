# Help that was asked for goes to stdout and succeeds, for every command.
. "$CLI_DIR/lib.sh"
r --help
for command in create info produce consume dump suspend resume check \
	'consumer add' 'consumer remove' 'consumer list' erase watch \
	'journal push' 'journal run' 'journal status' torture bench; do
	# Unquoted: two words are two arguments.
	r $command --help
done
--- stdout
Usage: ringctl COMMAND PATH [OPTION]...

Commands:
  create          PATH       make a ring on a file or device
  info            PATH       show geometry, positions, owners, backlog
  produce         PATH       put items from standard input on the ring
  consume         PATH       write items to standard output
  dump            PATH       list records as they are stored
  suspend         PATH       ask the producer to stop writing
  resume          PATH       ask the producer to go on
  check           PATH       verify everything, changing nothing
  repair          PATH       plan the repair of damage, or do it
  consumer add    PATH NAME  let a consumer join
  consumer remove PATH NAME  let a consumer leave
  consumer list   PATH       list the consumers
  erase           PATH       make it no ring any more
  watch           PATH       show rates and backlog as they change
  journal push    PATH       push operations from standard input
  journal run     PATH       perform each with '-- COMMAND [ARG]...'
  journal status  PATH       show what waits to be performed
  torture         PATH       kill processes at work, look for lost items
  bench           PATH       measure a ring beside the bare storage

PATH is a file or a block device. 'ringctl COMMAND --help' lists the options.
exit 0
Usage: ringctl create PATH [OPTION]...

make a ring on a file or device

Options:
  --size SIZE            bytes to use (default: all of a device)
  --block-size N         512 to 65536 (default: 4096)
  --consumers NAME,...   who reads (default: default)
  --max-item SIZE        largest item to accept
  --padded               never rewrite a committed block
  --sparse               do not preallocate a new file
  --label TEXT           what the items are
  --queue NAME           the ring's own name
  --force                overwrite what is there
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl info PATH [OPTION]...

show geometry, positions, owners, backlog

Options:
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl produce PATH [OPTION]...

put items from standard input on the ring

Options:
  --framing HOW          lines (default), nul or length
  --batch N              publish N items together
  --linger MS            wait as long for a batch to fill
  --wait S               wait as long for space (default: for ever)
  --durability WHAT      survive power loss (full), or kills only (process)
  --takeover             take the role from a dead owner on another host
  --former-off           with --takeover: the former host is surely off
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl consume PATH [OPTION]...

write items to standard output

Options:
  --consumer NAME        the consumer (default: default)
  --framing HOW          lines (default), nul, length or none
  --count N              take N items
  --follow               go on when there is no item
  --peek                 leave the position as it is
  --wait S               for the next item (0; with --follow, for ever)
  --on-damage POLICY     damaged items: stop (default), skip or truncate
  --deliver WHEN         items once they are durable (default), or visible
  --durability WHAT      survive power loss (full), or kills only (process)
  --takeover             take the role from a dead owner on another host
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl dump PATH [OPTION]...

list records as they are stored

Options:
  --from POS             start at this position (default: oldest)
  --count N              stop after N records
  --hex                  show the bytes of each record
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl suspend PATH [OPTION]...

ask the producer to stop writing

Options:
  --consumer NAME        ask as this consumer (default: as the operator)
  --wait S               wait as long for the producer's answer
  --takeover             take the role from a dead owner on another host
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl resume PATH [OPTION]...

ask the producer to go on

Options:
  --consumer NAME        ask as this consumer (default: as the operator)
  --wait S               wait as long for the producer's answer
  --takeover             take the role from a dead owner on another host
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl check PATH [OPTION]...

verify everything, changing nothing

Options:
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl consumer add PATH NAME [OPTION]...

let a consumer join

Options:
  --at WHERE             start at the end (default) or the oldest
  --wait S               wait as long for the producer's answer (default: 10)
  --takeover             take the role from a dead owner on another host
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl consumer remove PATH NAME [OPTION]...

let a consumer leave

Options:
  --wait S               wait as long for the producer's answer (default: 10)
  --takeover             take the role from a dead owner on another host
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl consumer list PATH [OPTION]...

list the consumers

Options:
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl erase PATH [OPTION]...

make it no ring any more

Options:
  --force                also if items are not yet consumed
  --takeover             take the role from a dead owner on another host
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl watch PATH [OPTION]...

show rates and backlog as they change

Options:
  --interval S           between updates (default: 1)
  --count N              stop after N updates
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl journal push PATH [OPTION]...

push operations from standard input

Options:
  --framing HOW          lines (default), nul or length
  --wait S               wait as long for space (default: for ever)
  --size SIZE            of the ring, if there is none yet
  --takeover             take the role from a dead owner on another host
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl journal run PATH [OPTION]...

perform each with '-- COMMAND [ARG]...'

Options:
  --batch                several for one command, length-framed
  --once                 end when nothing is left
  --retry S              try again after that (default: 5)
  --size SIZE            of the ring, if there is none yet
  --on-damage POLICY     damaged items: stop (default), skip or truncate
  --takeover             take the role from a dead owner on another host
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl journal status PATH [OPTION]...

show what waits to be performed

Options:
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl torture PATH [OPTION]...

kill processes at work, look for lost items

Options:
  --kills N              how many (default: 100)
  --seed N               which calls, which kills (default: random)
  --time S               end after S seconds, if that is sooner
  --size SIZE            of the ring (default: 64M for a new file)
  --padded               never rewrite a committed block
  --force                overwrite what is there
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
Usage: ringctl bench PATH [OPTION]...

measure a ring beside the bare storage

Options:
  --size SIZE            bytes to use in all (default: 64M)
  --time S               how long to measure (default: 10)
  --force                overwrite what is on a device
  --engine NAME          storage engine: auto, io_uring, aio, posix
  --mode MODE            auto, buffered or direct I/O
  --client NAME          who this is, for the owner record
  --json                 print JSON
  --help                 print this help
exit 0
