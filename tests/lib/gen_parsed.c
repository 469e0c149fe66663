#include "tests/lib/gen_parsed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

struct gen_schema *gen_parsed(const char *text)
{
	struct gen_error error = { 0 };
	struct gen_schema *schema = NULL;

	if (gen_schema_parse(text, strlen(text), &error, &schema) < 0)
		fail_msg("'%s': %u:%u: %s", text, error.line, error.column,
			 error.text);
	return schema;
}

void gen_parsed_field(struct gen_schema *schema, const char *word)
{
	struct gen_error error = { 0 };

	if (gen_schema_field(schema, word, &error) < 0)
		fail_msg("'%s': %s", word, error.text);
}
