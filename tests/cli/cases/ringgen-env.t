# Options from the environment: RINGGEN_NAME; bare names only as datasino. The
# line goes first. An empty variable is none.
. "$CLI_DIR/lib.sh"
exec 2>&1
ln -s "$RINGGEN" datasino
d()
{
	d_code=0
	./datasino "$@" || d_code=$?
	echo "exit $d_code"
}
export RINGGEN_ENCODING=row-binary RINGGEN_RANDOM_SEED=1 RINGGEN_QUIET=yes
export RINGGEN_COUNT=5
g -s char
RINGGEN_SCHEMA=char g
RINGGEN_COUNT=x g -s char
RINGGEN_COUNT='' RINGGEN_MAX_COUNT='' g -s char -c 3
g -s char -c 3
g -s char --random-seed 2
RINGGEN_QUIET=maybe g -s char
RINGGEN_QUIET=no g -s char
echo '--- new options'
RINGGEN_NULL_RATE=1 RINGGEN_STRING_LENGTH=2:2 g -s '{a: string; b: u8?}' | od -c
RINGGEN_NULL_RATE=2 g -s char
RINGGEN_OUTPUT_FILE=f RINGGEN_DISCARD=yes RINGGEN_RING=r g -s char
RINGGEN_DURABILITY=full g -s char
echo '--- bare names'
NULL_RATE=2 d -s char
SCHEMA=char COUNT=2 g
COUNT=2 g -s char
unset RINGGEN_COUNT
SCHEMA=char COUNT=2 d
COUNT=x d -s char
COUNT=2 RINGGEN_COUNT=3 d -s char
COUNT=2 d -s char -c 4
echo '--- Kafka'
KAFKA_TOPIC=t g -s char -c 1
KAFKA_TOPIC=t d -s char -c 1
KAFKA_BROKERS=localhost d -s char -c 1
RINGGEN_KAFKA_BROKERS=localhost g -s char -c 1
--- stdout
godphexit 0
godphexit 0
ringgen: variable 'RINGGEN_COUNT': 'x': not a number
Try 'ringgen --help'.
exit 2
godexit 0
godexit 0
vtxmhexit 0
ringgen: variable 'RINGGEN_QUIET': 'maybe': must be true or false
Try 'ringgen --help'.
exit 2
godphexit 0
--- new options
0000000 002   r   v 001 002   o   w 001 002   n   f 001 002   f   a 001
0000020 002   g   w 001   e   x   i   t       0  \n
0000033
ringgen: variable 'RINGGEN_NULL_RATE': '2': must be from 0 to 1
Try 'ringgen --help'.
exit 2
godphexit 0
ringgen: option '--durability' needs '--ring'
Try 'ringgen --help'.
exit 2
--- bare names
godphexit 0
ringgen: option '--schema' is missing
Try 'ringgen --help'.
exit 2
godphexit 0
goexit 0
ringgen: variable 'COUNT': 'x': not a number
Try 'ringgen --help'.
exit 2
godexit 0
godpexit 0
--- Kafka
gexit 0
ringgen: option '--kafka-topic' needs '--kafka-brokers'
Try 'ringgen --help'.
exit 2
ringgen: option '--kafka-brokers': Kafka is not built in
exit 3
ringgen: option '--kafka-brokers': Kafka is not built in
exit 3
