#include "tests/lib/gen_random_type.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Compounds within each other, at most. */
enum { DEPTH_MAX = 2 };

static bool one_in(struct draw *d, uint64_t n)
{
	return draw_below(d, n) == 0;
}

/* ---- the first grammar --------------------------------------------------- */

static void put_type(struct draw *d, FILE *out, unsigned depth);

static void put_scalar(struct draw *d, FILE *out)
{
	static const char *const names[] = {
		"bool", "char", "string", "float", "u8",   "u16",  "u24",
		"u32",  "u40",  "u48",    "u56",   "u64",  "u128", "i8",
		"i16",  "i24",  "i32",    "i40",   "i48",  "i56",  "i64",
		"i128", "Date", "Eth",    "Ip4",   "Cidr",
	};

	fputs(names[draw_below(d, sizeof(names) / sizeof(names[0]))], out);
}

/* What may be null may have a default. */
static void put_nullable(struct draw *d, FILE *out, unsigned depth)
{
	put_type(d, out, depth);
	if (!one_in(d, 3))
		return;
	fputc('?', out);
	if (one_in(d, 3))
		fputs(" default null", out);
}

/* `this` is always one that ends. */
static void put_item(struct draw *d, FILE *out, unsigned depth)
{
	if (one_in(d, 25))
		fputs(one_in(d, 2) ? "this?" : "this[]", out);
	else
		put_nullable(d, out, depth);
}

static void put_record(struct draw *d, FILE *out, unsigned depth)
{
	const uint64_t count = 1 + draw_below(d, one_in(d, 20) ? 40 : 5);

	for (uint64_t i = 0; i < count; i++) {
		fprintf(out, "%cf%d:", i > 0 ? ';' : '{', (int)i);
		if (one_in(d, 8))
			fputs("u8 default 3", out);
		else
			put_item(d, out, depth);
	}
	fputc('}', out);
}

static void put_tuple(struct draw *d, FILE *out, unsigned depth)
{
	const uint64_t count = 2 + draw_below(d, 4);

	for (uint64_t i = 0; i < count; i++) {
		fputc(i > 0 ? ';' : '(', out);
		put_item(d, out, depth);
	}
	fputc(')', out);
}

static void put_sum(struct draw *d, FILE *out, unsigned depth)
{
	const uint64_t count = 1 + draw_below(d, 4);

	for (uint64_t i = 0; i < count; i++) {
		fprintf(out, "%ca%d", i > 0 ? '|' : '[', (int)i);
		if (one_in(d, 4))
			continue;
		fputc(' ', out);
		put_item(d, out, depth);
	}
	fputc(']', out);
}

/* A vector, an array, a set or a map of what is before. */
static void put_dimension(struct draw *d, FILE *out)
{
	if (one_in(d, 3))
		fputc('?', out);
	switch (draw_below(d, 4)) {
	case 0:
		fprintf(out, "[%d]",
			1 + (int)draw_below(d, one_in(d, 8) ? 70 : 5));
		break;
	case 1:
		fputs("{}", out);
		break;
	case 2:
		fputc('[', out);
		put_scalar(d, out);
		fputs(one_in(d, 3) ? "?]" : "]", out);
		break;
	default:
		fputs("[]", out);
		break;
	}
}

static void put_type(struct draw *d, FILE *out, unsigned depth)
{
	switch (depth < DEPTH_MAX ? draw_below(d, 6) : 3) {
	case 0:
		put_record(d, out, depth + 1);
		break;
	case 1:
		put_tuple(d, out, depth + 1);
		break;
	case 2:
		put_sum(d, out, depth + 1);
		break;
	default:
		put_scalar(d, out);
		break;
	}
	while (one_in(d, 4))
		put_dimension(d, out);
}

/* ---- the second ---------------------------------------------------------- */

static void put_column_scalar(struct draw *d, FILE *out)
{
	static const char *const names[] = {
		"UInt8",
		"Int16",
		"UInt64",
		"UInt128",
		"Int256",
		"Float32",
		"Float64",
		"UUID",
		"IPv4",
		"IPv6",
		"Bool",
		"Date",
		"Date32",
		"DateTime",
		"DateTime64(3)",
		"Decimal(9, 2)",
		"Decimal(18, 4)",
		"Decimal(38, 10)",
		"Decimal(76, 20)",
		"String",
		"FixedString(7)",
		"Enum8('a' = -1, 'b' = 2)",
		"Enum16('x' = -300, 'yy' = 300)",
	};

	fputs(names[draw_below(d, sizeof(names) / sizeof(names[0]))], out);
}

static void put_column_type(struct draw *d, FILE *out, unsigned depth)
{
	switch (depth < DEPTH_MAX ? draw_below(d, 8) : 4) {
	case 0:
		fputs("Array(", out);
		put_column_type(d, out, depth + 1);
		break;
	case 1:
		fputs("Map(String, ", out);
		put_column_type(d, out, depth + 1);
		break;
	case 2:
		fputs("Tuple(UInt8, ", out);
		put_column_type(d, out, depth + 1);
		break;
	case 3:
		fputs("Nullable(", out);
		put_column_scalar(d, out);
		break;
	default:
		put_column_scalar(d, out);
		return;
	}
	fputc(')', out);
}

static void put_columns(struct draw *d, FILE *out)
{
	const uint64_t count = 1 + draw_below(d, 6);

	for (uint64_t i = 0; i < count; i++) {
		fprintf(out, "%s`c%d` ", i > 0 ? " " : "", (int)i);
		put_column_type(d, out, 0);
	}
}

char *random_schema(struct draw *d)
{
	char *ret = NULL;
	size_t len;
	FILE *out = open_memstream(&ret, &len);

	if (out == NULL)
		abort();
	if (one_in(d, 4))
		put_columns(d, out);
	else
		put_nullable(d, out, one_in(d, 8) ? DEPTH_MAX : 0);
	fclose(out);
	return ret;
}
