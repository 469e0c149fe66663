#include "generator/dessser.h"

#include <string.h>

static bool ends_atom(char c, bool is_inside)
{
	if (c == ' ' || (c >= '\t' && c <= '\r') || c == '(' || c == ')' ||
	    c == '"')
		return true;
	return !is_inside && (c == ';' || c == '|' || c == ']' || c == '}');
}

static int skip_text(struct parse *p)
{
	const char *start = p->at++;

	for (; p->at < p->end; p->at++) {
		if (*p->at == '"') {
			p->at++;
			return 0;
		}
		if (*p->at == '\\' && p->at + 1 < p->end)
			p->at++;
	}
	return parse_fail(p, start, "the quote is not closed");
}

static int skip_atom(struct parse *p, bool is_inside)
{
	const char *start = p->at;

	while (p->at < p->end && !ends_atom(*p->at, is_inside)) {
		/* A character: #\; */
		if (p->end - p->at >= 3 && memcmp(p->at, "#\\", 2) == 0)
			p->at += 2;
		p->at++;
	}
	return p->at > start ? 0 : parse_expected(p, "an s-expression");
}

int dessser_default(struct parse *p)
{
	unsigned open = 0;
	int rc;

	do {
		rc = 0;
		if (parse_take(p, "("))
			open++;
		else if (open > 0 && parse_take(p, ")"))
			open--;
		else if (parse_peek(p) == '"')
			rc = skip_text(p);
		else
			rc = skip_atom(p, open > 0);
	} while (rc == 0 && open > 0);
	return rc;
}
