#include "generator/schema.h"
#include "generator/error.h"
#include "generator/parse.h"
#include "generator/refer.h"
#include "ring/export.h"

#include <errno.h>
#include <stdlib.h>

/* ---- which grammar the text means ---------------------------------------- */

/* NAME TYPE, as in a statement that creates a table. That the name has no
 * backquotes is for the parser to say. */
static bool is_bare_column(struct parse p)
{
	struct slice name, type;

	if (!parse_word(&p, &name) || slice_is(name, "this"))
		return false;
	parse_blanks(&p);
	return parse_word(&p, &type) && parse_clickhouse_knows(type);
}

static bool is_columns_format(struct parse p)
{
	struct slice columns, format;

	if (!parse_word(&p, &columns) || !slice_is(columns, "columns"))
		return false;
	parse_blanks(&p);
	return parse_word(&p, &format) && slice_is(format, "format");
}

static bool is_clickhouse(struct parse p)
{
	char next;

	parse_blanks(&p);
	next = parse_peek(&p);
	return next == '`' || (next >= '0' && next <= '9') ||
	       is_columns_format(p) || is_bare_column(p);
}

/* ---- schemas ------------------------------------------------------------ */

static int parse_schema(struct parse *p, struct gen_type *ret_type)
{
	int rc;

	if (p->end - p->text > PARSE_TEXT_MAX)
		return gen_error_set(p->error,
				     "the schema is longer than %d bytes",
				     PARSE_TEXT_MAX);
	rc = is_clickhouse(*p) ? parse_clickhouse(p, ret_type)
			       : parse_dessser(p, ret_type);
	return rc < 0 ? rc : gen_refer(ret_type, p->error);
}

RING_EXPORT int gen_schema_parse(const char *text, size_t len_bytes,
				 struct gen_error *ret_error,
				 struct gen_schema **ret_schema)
{
	struct parse p = { text, text, text + len_bytes, ret_error };
	struct gen_schema *schema = calloc(1, sizeof(*schema));
	const int rc =
		schema == NULL ? -ENOMEM : parse_schema(&p, &schema->type);

	if (rc == 0) {
		*ret_schema = schema;
		return 0;
	}
	if (rc == -ENOMEM)
		gen_error_no_memory(ret_error);
	gen_schema_free(schema);
	return rc;
}

RING_EXPORT void gen_schema_free(struct gen_schema *schema)
{
	if (schema != NULL)
		gen_type_clear(&schema->type);
	free(schema);
}

RING_EXPORT size_t gen_schema_print(const struct gen_schema *schema, char *buf,
				    size_t size)
{
	return gen_type_print_whole(&schema->type, buf, size);
}
