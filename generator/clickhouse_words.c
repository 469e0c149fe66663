#include "generator/clickhouse_words.h"

#include <string.h>

/* Numbers and texts may have a length behind them, which MySQL's have. */
static const struct clickhouse_word words[] = {
	{ "Bool", CLICKHOUSE_NONE, GEN_BOOL, GEN_PLAIN, false, 0 },
	{ "UInt8", CLICKHOUSE_IGNORED, GEN_INT, GEN_PLAIN, false, 8 },
	{ "UInt16", CLICKHOUSE_IGNORED, GEN_INT, GEN_PLAIN, false, 16 },
	{ "UInt32", CLICKHOUSE_IGNORED, GEN_INT, GEN_PLAIN, false, 32 },
	{ "UInt64", CLICKHOUSE_IGNORED, GEN_INT, GEN_PLAIN, false, 64 },
	{ "UInt128", CLICKHOUSE_NONE, GEN_INT, GEN_PLAIN, false, 128 },
	{ "UInt256", CLICKHOUSE_NONE, GEN_INT, GEN_PLAIN, false, 256 },
	{ "Int8", CLICKHOUSE_IGNORED, GEN_INT, GEN_PLAIN, true, 8 },
	{ "Int16", CLICKHOUSE_IGNORED, GEN_INT, GEN_PLAIN, true, 16 },
	{ "Int32", CLICKHOUSE_IGNORED, GEN_INT, GEN_PLAIN, true, 32 },
	{ "Int64", CLICKHOUSE_IGNORED, GEN_INT, GEN_PLAIN, true, 64 },
	{ "Int128", CLICKHOUSE_NONE, GEN_INT, GEN_PLAIN, true, 128 },
	{ "Int256", CLICKHOUSE_NONE, GEN_INT, GEN_PLAIN, true, 256 },
	{ "Float32", CLICKHOUSE_IGNORED, GEN_FLOAT, GEN_PLAIN, true, 32 },
	{ "Float64", CLICKHOUSE_IGNORED, GEN_FLOAT, GEN_PLAIN, true, 64 },
	{ "Decimal", CLICKHOUSE_PRECISION, GEN_INT, GEN_DECIMAL, true, 0 },
	{ "Decimal32", CLICKHOUSE_SCALE, GEN_INT, GEN_DECIMAL, true, 32 },
	{ "Decimal64", CLICKHOUSE_SCALE, GEN_INT, GEN_DECIMAL, true, 64 },
	{ "Decimal128", CLICKHOUSE_SCALE, GEN_INT, GEN_DECIMAL, true, 128 },
	{ "Decimal256", CLICKHOUSE_SCALE, GEN_INT, GEN_DECIMAL, true, 256 },
	{ "UUID", CLICKHOUSE_NONE, GEN_INT, GEN_UUID, false, 128 },
	{ "IPv4", CLICKHOUSE_NONE, GEN_INT, GEN_IPV4, false, 32 },
	{ "IPv6", CLICKHOUSE_NONE, GEN_INT, GEN_IPV6, false, 128 },
	{ "Date", CLICKHOUSE_NONE, GEN_INT, GEN_DATE, false, 16 },
	{ "Date32", CLICKHOUSE_NONE, GEN_INT, GEN_DATE, true, 32 },
	{ "DateTime", CLICKHOUSE_ZONE, GEN_INT, GEN_TIME, false, 32 },
	{ "DateTime32", CLICKHOUSE_ZONE, GEN_INT, GEN_TIME, false, 32 },
	{ "DateTime64", CLICKHOUSE_SCALE_ZONE, GEN_INT, GEN_TIME, true, 64 },
	{ "Enum", CLICKHOUSE_LABELS, GEN_INT, GEN_ENUM, true, 0 },
	{ "Enum8", CLICKHOUSE_LABELS, GEN_INT, GEN_ENUM, true, 8 },
	{ "Enum16", CLICKHOUSE_LABELS, GEN_INT, GEN_ENUM, true, 16 },
	{ "String", CLICKHOUSE_IGNORED, GEN_STRING, GEN_PLAIN, false, 0 },
	{ "FixedString", CLICKHOUSE_LENGTH, GEN_VECTOR, GEN_FIXED_STRING, false,
	  0 },
	{ "Nullable", CLICKHOUSE_NULLABLE, GEN_VOID, GEN_PLAIN, false, 0 },
	{ "LowCardinality", CLICKHOUSE_SAME, GEN_VOID, GEN_PLAIN, false, 0 },
	{ "SimpleAggregateFunction", CLICKHOUSE_AGGREGATE, GEN_VOID, GEN_PLAIN,
	  false, 0 },
	{ "Array", CLICKHOUSE_ARRAY, GEN_ARRAY, GEN_PLAIN, false, 0 },
	{ "Map", CLICKHOUSE_MAP, GEN_MAP, GEN_PLAIN, false, 0 },
	{ "Tuple", CLICKHOUSE_TUPLE, GEN_TUPLE, GEN_PLAIN, false, 0 },
	{ "Nested", CLICKHOUSE_NESTED, GEN_ARRAY, GEN_PLAIN, false, 0 },
};

/* SQL's names. */
static const struct {
	const char *name, *word;
} aliases[] = {
	{ "BOOLEAN", "Bool" },
	{ "TINYINT", "Int8" },
	{ "INT1", "Int8" },
	{ "BYTE", "Int8" },
	{ "TINYINT SIGNED", "Int8" },
	{ "INT1 SIGNED", "Int8" },
	{ "TINYINT UNSIGNED", "UInt8" },
	{ "INT1 UNSIGNED", "UInt8" },
	{ "SMALLINT", "Int16" },
	{ "SMALLINT SIGNED", "Int16" },
	{ "SMALLINT UNSIGNED", "UInt16" },
	{ "YEAR", "UInt16" },
	{ "INT", "Int32" },
	{ "INTEGER", "Int32" },
	{ "MEDIUMINT", "Int32" },
	{ "INT SIGNED", "Int32" },
	{ "INTEGER SIGNED", "Int32" },
	{ "MEDIUMINT SIGNED", "Int32" },
	{ "INT UNSIGNED", "UInt32" },
	{ "INTEGER UNSIGNED", "UInt32" },
	{ "MEDIUMINT UNSIGNED", "UInt32" },
	{ "BIGINT", "Int64" },
	{ "SIGNED", "Int64" },
	{ "BIGINT SIGNED", "Int64" },
	{ "TIME", "Int64" },
	{ "BIGINT UNSIGNED", "UInt64" },
	{ "UNSIGNED", "UInt64" },
	{ "BIT", "UInt64" },
	{ "SET", "UInt64" },
	{ "FLOAT", "Float32" },
	{ "REAL", "Float32" },
	{ "SINGLE", "Float32" },
	{ "DOUBLE", "Float64" },
	{ "DOUBLE PRECISION", "Float64" },
	{ "DEC", "Decimal" },
	{ "NUMERIC", "Decimal" },
	{ "FIXED", "Decimal" },
	{ "TIMESTAMP", "DateTime" },
	{ "INET4", "IPv4" },
	{ "INET6", "IPv6" },
	{ "BINARY", "FixedString" },
	{ "CHAR", "String" },
	{ "NCHAR", "String" },
	{ "CHARACTER", "String" },
	{ "VARCHAR", "String" },
	{ "NVARCHAR", "String" },
	{ "VARCHAR2", "String" },
	{ "TEXT", "String" },
	{ "TINYTEXT", "String" },
	{ "MEDIUMTEXT", "String" },
	{ "LONGTEXT", "String" },
	{ "BLOB", "String" },
	{ "TINYBLOB", "String" },
	{ "MEDIUMBLOB", "String" },
	{ "LONGBLOB", "String" },
	{ "CLOB", "String" },
	{ "BYTEA", "String" },
	{ "VARBINARY", "String" },
	{ "GEOMETRY", "String" },
	{ "CHAR VARYING", "String" },
	{ "CHAR LARGE OBJECT", "String" },
	{ "CHARACTER VARYING", "String" },
	{ "CHARACTER LARGE OBJECT", "String" },
	{ "NCHAR VARYING", "String" },
	{ "NCHAR LARGE OBJECT", "String" },
	{ "NATIONAL CHAR", "String" },
	{ "NATIONAL CHAR VARYING", "String" },
	{ "NATIONAL CHARACTER", "String" },
	{ "NATIONAL CHARACTER VARYING", "String" },
	{ "NATIONAL CHARACTER LARGE OBJECT", "String" },
	{ "BINARY VARYING", "String" },
	{ "BINARY LARGE OBJECT", "String" },
};

enum { ALIASES = sizeof(aliases) / sizeof(*aliases), WORDS_OF_NAME_MAX = 4 };

static const struct clickhouse_word *find(struct slice name)
{
	for (size_t i = 0; i < ALIASES; i++)
		if (slice_is(name, aliases[i].name)) {
			name.at = aliases[i].word;
			name.len = strlen(name.at);
		}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (slice_is(name, words[i].name))
			return &words[i];
	return NULL;
}

const struct clickhouse_word *clickhouse_word_find(struct parse *p)
{
	const struct clickhouse_word *best = NULL, *word;
	struct parse ahead = *p;
	struct slice part, name;
	char text[40];
	size_t len = 0;

	for (int i = 0; i < WORDS_OF_NAME_MAX; i++) {
		if (!parse_word(&ahead, &part) ||
		    len + part.len + 1 > sizeof(text))
			break;
		memcpy(text + len, part.at, part.len);
		name = (struct slice){ text, len + part.len };
		word = find(name);
		if (word != NULL) {
			best = word;
			p->at = ahead.at;
		}
		text[name.len] = ' ';
		len = name.len + 1;
		parse_blanks(&ahead);
	}
	return best;
}

bool parse_clickhouse_knows(struct slice word)
{
	return find(word) != NULL;
}
