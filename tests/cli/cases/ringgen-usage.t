# A wrong command line of ringgen: exit 2, stderr names the culprit, nothing is
# touched; what is not built in is an error, 3.
. "$CLI_DIR/lib.sh"
exec 2>&1
g
g -s ''
g -s u8 x
g -s u8 --frob
g -s u8 --discar
g -s u8 -x
g -s u8 --map '(fun)'
g -s u8 -I /tmp
g -s u8 --keep-temp-files
g -s u8 -c
g -s u8 -s u16
g -s u8 --seed 1 --random-seed 2
g -s u8 --quiet -q
g -s u8 -c x
g -s u8 -c 1.5
g -s u8 -c 9999999999999999999
g -s u8 -r fast
g -s u8 -r nan
g -s u8 -r 1e999
g -s u8 -r 0x10
g -s u8 --stutter -1
g -s u8 --max-size 1Q
g -s u8 --max-count -1
g -s u8 --seed -1
g -s u8 --threads 0
g -s u8 --threads 99999
g -s u8 --null-rate 1.1
g -s u8 --string-length 5
g -s u8 --string-length 5:4
g -s u8 --array-length 1:x
g -s u8 --ringbuf-layout 28
g -s u8 --csv-separator ab
g -s u8 --csv-quote ''
g -s u8 -e morse
g -s u8 --discard -o x
g -s u8 --ring a --discard
g -s u8 -o x --kafka-brokers localhost
g -s u8 --durability full
g -s u8 --kafka-topic t -o x
g -s u8 --json
g -s u8 --json -o /dev/stdout
g -s u8 --kafka-brokers localhost --kafka-topic t
ls
--- stdout
ringgen: option '--schema' is missing
Try 'ringgen --help'.
exit 2
ringgen: option '--schema' is missing
Try 'ringgen --help'.
exit 2
ringgen: unexpected operand 'x'
Try 'ringgen --help'.
exit 2
ringgen: unknown option '--frob'
Try 'ringgen --help'.
exit 2
ringgen: unknown option '--discar'
Try 'ringgen --help'.
exit 2
ringgen: unknown option '-x'
Try 'ringgen --help'.
exit 2
ringgen: unknown option '--map'
Try 'ringgen --help'.
exit 2
ringgen: unknown option '-I'
Try 'ringgen --help'.
exit 2
ringgen: unknown option '--keep-temp-files'
Try 'ringgen --help'.
exit 2
ringgen: option '-c' needs a value
Try 'ringgen --help'.
exit 2
ringgen: option '--schema' is repeated
Try 'ringgen --help'.
exit 2
ringgen: option '--random-seed': '2': there is a seed already
Try 'ringgen --help'.
exit 2
ringgen: option '--quiet' is repeated
Try 'ringgen --help'.
exit 2
ringgen: option '--count': 'x': not a number
Try 'ringgen --help'.
exit 2
ringgen: option '--count': '1.5': not a number
Try 'ringgen --help'.
exit 2
ringgen: option '--count': '9999999999999999999': too large
Try 'ringgen --help'.
exit 2
ringgen: option '--rate-limit': 'fast': not a number
Try 'ringgen --help'.
exit 2
ringgen: option '--rate-limit': 'nan': not a number
Try 'ringgen --help'.
exit 2
ringgen: option '--rate-limit': '1e999': too large
Try 'ringgen --help'.
exit 2
ringgen: option '--rate-limit': '0x10': not a number
Try 'ringgen --help'.
exit 2
ringgen: option '--stutter': '-1': must not be negative
Try 'ringgen --help'.
exit 2
ringgen: option '--max-size': '1Q': not a size such as 4096, 64M or 1G
Try 'ringgen --help'.
exit 2
ringgen: option '--max-count': '-1': not a number
Try 'ringgen --help'.
exit 2
ringgen: option '--seed': '-1': not a number
Try 'ringgen --help'.
exit 2
ringgen: option '--threads': '0': must not be 0
Try 'ringgen --help'.
exit 2
ringgen: option '--threads': '99999': too large
Try 'ringgen --help'.
exit 2
ringgen: option '--null-rate': '1.1': must be from 0 to 1
Try 'ringgen --help'.
exit 2
ringgen: option '--string-length': '5': not a range MIN:MAX
Try 'ringgen --help'.
exit 2
ringgen: option '--string-length': '5:4': the minimum is above the maximum
Try 'ringgen --help'.
exit 2
ringgen: option '--array-length': '1:x': not a number
Try 'ringgen --help'.
exit 2
ringgen: option '--ringbuf-layout': '28': must be 29 or 30
Try 'ringgen --help'.
exit 2
ringgen: option '--csv-separator': 'ab': must be one character, or \t
Try 'ringgen --help'.
exit 2
ringgen: option '--csv-quote': '': must be one character, or \t
Try 'ringgen --help'.
exit 2
ringgen: option '--encoding': 'morse': no such encoding
Try 'ringgen --help'.
exit 2
ringgen: more than one target: '--output-file' and '--discard'
Try 'ringgen --help'.
exit 2
ringgen: more than one target: '--discard' and '--ring'
Try 'ringgen --help'.
exit 2
ringgen: more than one target: '--output-file' and '--kafka-brokers'
Try 'ringgen --help'.
exit 2
ringgen: option '--durability' needs '--ring'
Try 'ringgen --help'.
exit 2
ringgen: option '--kafka-topic' needs '--kafka-brokers'
Try 'ringgen --help'.
exit 2
ringgen: option '--json': standard output is for the values; give another target
Try 'ringgen --help'.
exit 2
ringgen: option '--json': standard output is for the values; give another target
Try 'ringgen --help'.
exit 2
ringgen: option '--kafka-brokers': Kafka is not built in
exit 3
