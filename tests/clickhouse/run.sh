#!/bin/sh
# What ringgen makes for ClickHouse, given to a ClickHouse: tests/clickhouse/run.sh
#
# Goal: RowBinary and CSV are what the real server reads, for every type that
# Debian's version of it knows. Method: a server on a loopback port; for each
# schema a table, filled with ringgen's RowBinary, and another one filled with
# its CSV of the same seed. Each must give back, as RowBinary, the very bytes
# that ringgen made, and both the same counts, nulls and sums. Skipped where the
# package can't be had.
set -u
cd "$(dirname "$0")/../.."

ringgen=${RINGGEN:-$PWD/build/ringgen}
values=5000
passed=0
failed=0

if ! sh tools/deps.sh clickhouse >/dev/null 2>&1; then
	echo 'clickhouse: SKIPPED: no package clickhouse-server here'
	echo 'clickhouse: 0 passed, 0 failed, 1 skipped'
	exit 0
fi

dir=$(mktemp -d)
server=
stop()
{
	[ -z "$server" ] || kill "$server" 2>/dev/null
	wait 2>/dev/null
	rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

# The server binds the port itself, so one that is taken is tried again with
# another one.
config()
{
	cat >"$dir/config.xml" <<-END
	<yandex>
	  <logger><level>error</level><log>$dir/log</log>
	    <errorlog>$dir/errors</errorlog></logger>
	  <http_port>$1</http_port>
	  <listen_host>127.0.0.1</listen_host>
	  <path>$dir/data/</path>
	  <tmp_path>$dir/tmp/</tmp_path>
	  <users_config>$dir/users.xml</users_config>
	  <default_profile>default</default_profile>
	  <default_database>default</default_database>
	  <mark_cache_size>1048576</mark_cache_size>
	  <timezone>UTC</timezone>
	</yandex>
	END
	cat >"$dir/users.xml" <<-END
	<yandex>
	  <profiles><default/></profiles>
	  <users><default><password></password>
	    <networks><ip>127.0.0.1</ip></networks>
	    <profile>default</profile><quota>default</quota>
	  </default></users>
	  <quotas><default/></quotas>
	</yandex>
	END
}

# answers URL: whether it is our server, and no other's
answers()
{
	[ "$(curl -s "$1/?query=select+'$dir'")" = "$dir" ]
}

# start PORT: 0 when the server serves there
start()
{
	config "$1"
	mkdir -p "$dir/data" "$dir/tmp"
	clickhouse-server --config-file="$dir/config.xml" \
		>"$dir/output" 2>&1 &
	server=$!
	url=http://127.0.0.1:$1
	while kill -0 "$server" 2>/dev/null; do
		answers "$url" && return 0
		sleep 0.2
	done
	return 1
}

# From below the range that the system itself gives to others.
start_somewhere()
{
	for port in 28123 28223 28323 28423 28523 28623; do
		start "$port" && return 0
	done
	echo "clickhouse: the server doesn't start:"
	cat "$dir/output" "$dir/errors" 2>/dev/null
	return 1
}

ask()
{
	curl -sS --fail-with-body --data-binary "$1" "$url/"
}

# insert TABLE FORMAT FILE
insert()
{
	curl -sS --fail-with-body --data-binary "@$3" \
		"$url/?query=INSERT+INTO+$1+FORMAT+$2"
}

result()
{
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $2"
		[ ! -s "$dir/why" ] || head -c 1000 "$dir/why"
	fi
}

# sums TABLE COLUMN TYPE: what there is to compare of a column
sums()
{
	case $3 in
	*Array* | *Tuple*)
		ask "SELECT count(), sum(cityHash64(toString($2))) FROM $1" ;;
	*Int* | *Float* | *Decimal*)
		ask "SELECT count(), countIf(isNull($2)), sum($2) FROM $1" ;;
	*) ask "SELECT count(), countIf(isNull($2)),
		sum(cityHash64(toString($2))) FROM $1" ;;
	esac
}

# make ENCODING FILE [OPTION...]: always of the same seed. As text, this
# version of ClickHouse has no days after 2105.
make_values()
{
	seed=7 encoding=$1 file=$2
	shift 2
	case $type in
	*Date | *Date\))
		set -- "$@" --field c=uniform:1970-01-01,2105-12-31 ;;
	esac
	rm -f "$file"
	"$ringgen" -q -s "\`c\` $type" -e "$encoding" --seed "$seed" \
		--count $values -o "$file" "$@" >"$dir/why" 2>&1
}

# one column of a type, both ways
check_type()
{
	type=$1
	ask 'DROP TABLE IF EXISTS a' && ask 'DROP TABLE IF EXISTS b' &&
		ask "CREATE TABLE a (c $type) ENGINE = TinyLog" &&
		ask "CREATE TABLE b (c $type) ENGINE = TinyLog" || return

	make_values row-binary "$dir/rows" &&
		insert a RowBinary "$dir/rows" >"$dir/why" 2>&1 &&
		ask 'SELECT c FROM a FORMAT RowBinary' >"$dir/back" &&
		cmp "$dir/rows" "$dir/back" >"$dir/why" 2>&1
	result $? "$type: RowBinary"

	make_values csv "$dir/csv" --csv-clickhouse-syntax --csv-quote '"' &&
		insert b CSV "$dir/csv" >"$dir/why" 2>&1 &&
		ask 'SELECT c FROM b FORMAT RowBinary' >"$dir/back" &&
		cmp "$dir/rows" "$dir/back" >"$dir/why" 2>&1
	result $? "$type: CSV"

	sums a c "$type" >"$dir/sums.a" && sums b c "$type" >"$dir/sums.b" &&
		grep -q "^$values	" "$dir/sums.a" &&
		cmp "$dir/sums.a" "$dir/sums.b" >"$dir/why" 2>&1
	result $? "$type: counts, nulls and sums"
}

start_somewhere || { echo 'clickhouse: 0 passed, 1 failed, 0 skipped'; exit 1; }
while read -r type; do
	[ -z "$type" ] || check_type "$type"
done <<END
UInt8
UInt16
UInt32
UInt64
Int8
Int16
Int32
Int64
Float32
Float64
String
FixedString(5)
Date
DateTime
DateTime('UTC')
UUID
Decimal(9, 2)
Decimal(18, 5)
Decimal(38, 10)
Decimal32(3)
Decimal64(4)
Decimal128(20)
Enum8('one' = 1, 'two' = -2, 'it''s' = 3)
Enum16('a' = 1000, 'b' = -1000)
Nullable(UInt8)
Nullable(UInt64)
Nullable(Int32)
Nullable(Float64)
Nullable(String)
Nullable(Date)
Nullable(UUID)
Nullable(FixedString(3))
Nullable(Enum8('x' = 0, 'y' = 1))
Array(UInt32)
Array(String)
Array(Nullable(Int16))
Array(Array(UInt8))
Array(Float64)
END
echo "clickhouse: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
