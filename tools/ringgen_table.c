#include "tools/ringgen_table.h"

#include "tools/option_ring.h"
#include "tools/ringgen_options.h"
#include "tools/ringgen_read.h"

#include <string.h>

/* ---- readers that look at more than one member; `ret` is all of them ---- */

static const char *read_seed_once(const char *text, void *ret)
{
	struct ringgen_options *o = ret;

	if (o->has_seed)
		return "there is a seed already";
	o->has_seed = true;
	return read_seed(text, &o->gen.seed);
}

static const char *read_field(const char *text, void *ret)
{
	struct ringgen_options *o = ret;

	if (o->field_count == RINGGEN_FIELDS_MAX)
		return "too many fields";
	o->fields[o->field_count++] = text;
	return NULL;
}

static const char *read_null_rate(const char *text, void *ret)
{
	struct ringgen_options *o = ret;

	o->gen.has_null_rate = true;
	return read_share(text, &o->gen.null_rate);
}

static const char *read_layout(const char *text, void *ret)
{
	unsigned *ret_layout = ret;

	if (strcmp(text, "29") != 0 && strcmp(text, "30") != 0)
		return "must be 29 or 30";
	*ret_layout = text[0] == '2' ? 29 : 30;
	return NULL;
}

/* ---- the table ---------------------------------------------------------- */

const struct ringgen_row ringgen_rows[] = {
	{ "schema", "TYPE", "the type of the values, or @FILE", option_text,
	  offsetof(struct ringgen_options, schema), 's', "SCHEMA", FOR_ALL,
	  false },
	{ "encoding", "NAME", "s-expression (default), csv, json ...",
	  read_encoding, offsetof(struct ringgen_options, gen.encoding), 'e',
	  "ENCODING", FOR_ALL, false },
	{ "count", "N", "stop after N values; negative: never (default)",
	  read_values, offsetof(struct ringgen_options, count), 'c', "COUNT",
	  FOR_ALL, false },
	{ "rate-limit", "F", "values a second; 0: no limit (default)",
	  read_rate, offsetof(struct ringgen_options, rate_limit), 'r',
	  "RATE_LIMIT", FOR_ALL, false },
	{ "stutter", "F", "each value comes F more times, on average",
	  read_real, offsetof(struct ringgen_options, stutter), 0, "STUTTER",
	  FOR_ALL, false },
	{ "output-file", "FILE",
	  "write there; without a target: standard output", option_text,
	  offsetof(struct ringgen_options, output_file), 'o', "", FOR_ALL,
	  false },
	{ "discard", NULL, "write nowhere", NULL,
	  offsetof(struct ringgen_options, discards), 0, "", FOR_ALL, false },
	{ "ring", "PATH", "publish into a ring", option_text,
	  offsetof(struct ringgen_options, ring), 0, "", FOR_ALL, false },
	{ "max-size", "N", "rotate the file, end the item at so many bytes",
	  read_size, offsetof(struct ringgen_options, max_size_bytes), 0,
	  "MAX_SIZE", FOR_ALL, false },
	{ "max-count", "N", "the same after so many values; goes first",
	  option_number, offsetof(struct ringgen_options, max_count), 0,
	  "MAX_COUNT", FOR_ALL, false },
	{ "seed", "N", "same seed, same values (default: a random one)",
	  read_seed_once, 0, 0, "RANDOM_SEED", FOR_ALL, false },
	{ "random-seed", "N", "the same", read_seed_once, 0, 0, "", FOR_ALL,
	  false },
	{ "field", "NAME=HOW", "how the values of a field are drawn",
	  read_field, 0, 0, "", FOR_ALL, true },
	{ "fields", "FILE", "such words, one a line", option_text,
	  offsetof(struct ringgen_options, fields_file), 0, "", FOR_ALL,
	  false },
	{ "null-rate", "P", "share of nulls (default: 0.5)", read_null_rate, 0,
	  0, NULL, FOR_ALL, false },
	{ "string-length", "MIN:MAX", "of strings (default: 0:15)", read_range,
	  offsetof(struct ringgen_options, gen.string_length), 0, NULL, FOR_ALL,
	  false },
	{ "array-length", "MIN:MAX", "of arrays (default: 0:7)", read_range,
	  offsetof(struct ringgen_options, gen.array_length), 0, NULL, FOR_ALL,
	  false },
	{ "with-newlines", NULL, "end each JSON or S-expression with a newline",
	  NULL, offsetof(struct ringgen_options, gen.with_newlines), 0,
	  "JSON_NEWLINES", FOR_ALL, false },
	{ "ringbuf-layout", "N", "29 (default) or 30", read_layout,
	  offsetof(struct ringgen_options, gen.ringbuf_layout), 0, NULL,
	  FOR_ALL, false },
	{ "csv-separator", "C", "between columns (default: a comma)",
	  read_character, offsetof(struct ringgen_options, gen.csv.separator),
	  0, "CSV_SEPARATOR", FOR_ALL, false },
	{ "csv-null", "TEXT", "for null (default: \\N)", option_text,
	  offsetof(struct ringgen_options, gen.csv.null), 0, "CSV_NULL",
	  FOR_ALL, false },
	{ "csv-quote", "C", "around every string (default: where needed)",
	  read_character, offsetof(struct ringgen_options, gen.csv.quote), 0,
	  "CSV_QUOTE", FOR_ALL, false },
	{ "csv-clickhouse-syntax", NULL, "lists in brackets, not columns", NULL,
	  offsetof(struct ringgen_options, gen.csv.clickhouse), 0,
	  "CSV_CLICKHOUSE_SYNTAX", FOR_ALL, false },
	{ "csv-hex-floats", NULL, "floats in hexadecimal, as C's %a", NULL,
	  offsetof(struct ringgen_options, gen.csv.hex_floats), 0, NULL,
	  FOR_ALL, false },
	{ "threads", "N", "that make values (default: 1)", read_small,
	  offsetof(struct ringgen_options, gen.threads), 0, NULL, FOR_ALL,
	  false },
	{ "jit", NULL, "compile the schema, with cc", NULL,
	  offsetof(struct ringgen_options, has_jit), 0, NULL, FOR_ALL, false },
	{ "jit-cache", "DIR", "keep what is compiled there", option_text,
	  offsetof(struct ringgen_options, gen.jit_cache), 0, NULL, FOR_ALL,
	  false },
	{ "prefix", "TEXT", "before each line of rates", option_text,
	  offsetof(struct ringgen_options, prefix), 0, "PREFIX", FOR_ALL,
	  false },
	{ "quiet", NULL, "no rates, no seed, no progress", NULL,
	  offsetof(struct ringgen_options, quiet), 'q', "QUIET", FOR_ALL,
	  false },
	{ "json", NULL, "at the end, statistics on standard output", NULL,
	  offsetof(struct ringgen_options, json), 0, "", FOR_ALL, false },
	{ "durability", "WHAT", "survive power loss (full) or kills (process)",
	  option_read_durability,
	  offsetof(struct ringgen_options, ring_options.durability), 0, NULL,
	  FOR_RING, false },
	{ "ring-engine", "NAME", "storage engine: auto, io_uring, aio, posix",
	  option_read_engine,
	  offsetof(struct ringgen_options, ring_options.engine), 0, NULL,
	  FOR_RING, false },
	{ "takeover", NULL, "take over from a dead owner elsewhere", NULL,
	  offsetof(struct ringgen_options, ring_options.takeover), 0, NULL,
	  FOR_RING, false },
	{ "kafka-brokers", "LIST", "Kafka is not built in", option_text,
	  offsetof(struct ringgen_options, kafka_brokers), 0, "KAFKA_BROKERS",
	  FOR_ALL, false },
	{ "kafka-topic", "NAME", "for Kafka", option_text,
	  offsetof(struct ringgen_options, kafka_value), 0, "KAFKA_TOPIC",
	  FOR_KAFKA, false },
	{ "partitions", "LIST", "for Kafka", option_text,
	  offsetof(struct ringgen_options, kafka_value), 0, "KAFKA_PARTITIONS",
	  FOR_KAFKA, false },
	{ "kafka-timeout", "S", "for Kafka", option_text,
	  offsetof(struct ringgen_options, kafka_value), 0, "KAFKA_TIMEOUT",
	  FOR_KAFKA, false },
	{ "kafka-wait-confirmation", NULL, "for Kafka", NULL,
	  offsetof(struct ringgen_options, kafka_flag), 0,
	  "KAFKA_WAIT_CONFIRMATION", FOR_KAFKA, false },
	{ "kafka-compression-codec", "NAME", "for Kafka", option_text,
	  offsetof(struct ringgen_options, kafka_value), 0,
	  "KAFKA_COMPRESSION_CODEC", FOR_KAFKA, false },
	{ "kafka-compression-level", "N", "for Kafka", option_text,
	  offsetof(struct ringgen_options, kafka_value), 0,
	  "KAFKA_COMPRESSION_LEVEL", FOR_KAFKA, false },
	{ .name = NULL },
};
