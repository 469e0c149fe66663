#include "generator/encode_text.h"

/* Lists in parentheses: GENERATOR.md 3.4. */

static const struct text_style style = {
	.no = "F",
	.yes = "T",
	.put_float = GEN_PUT_HEX_FLOAT,
	.put_text = GEN_PUT_S_TEXT,
	.escape_bytes = 4,
};

static void scalar(struct lower *l, const struct gen_type *type)
{
	text_scalar(l, type, &style);
}

static void null(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_text(l, "null");
}

static void open(struct lower *l, const struct gen_type *type)
{
	if (type->kind == GEN_ARRAY || type->kind == GEN_MAP) {
		lower_put(l, GEN_OP_put_dec, 0, 0, 0, 20);
		lower_text(l, " ");
	}
	lower_text(l, "(");
}

static void close(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_text(l, ")");
}

/* A pair of a map is a list of two. */
static void item(struct lower *l, const struct gen_type *type, size_t index)
{
	if (type->kind == GEN_MAP)
		lower_text(l, index == 0 ? "(" : " ");
}

static void between(struct lower *l, const struct gen_type *type)
{
	(void)type;
	lower_text(l, " ");
}

static void choose(struct lower *l, const struct gen_type *type, size_t index)
{
	(void)type;
	text_index(l, "(", index, " ");
}

static void chosen(struct lower *l, const struct gen_type *type, size_t index)
{
	(void)index;
	close(l, type);
}

static void end(struct lower *l, const struct gen_type *type)
{
	(void)type;
	if (l->options->with_newlines)
		lower_text(l, "\n");
}

const struct gen_encoding gen_encode_s_expression = {
	.name = "s-expression",
	.end = end,
	.scalar = scalar,
	.null = null,
	.open = open,
	.close = close,
	.item = item,
	.between = between,
	.paired = close,
	.choose = choose,
	.chosen = chosen,
};
