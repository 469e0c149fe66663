#include "generator/lower.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writing a program: ops, and the tables that they refer to. After a failure
 * nothing is written any more, so that the walk need not look at each step. */

enum { OPS_MAX = 1 << 20 };

void gen_program_clear(struct gen_program *program)
{
	for (size_t i = 0; i < program->value_count; i++)
		free((void *)program->values[i].text);
	for (size_t i = 0; i < program->literal_count; i++)
		free((void *)program->literals[i].bytes);
	free(program->values);
	free(program->literals);
	free(program->ops);
	memset(program, 0, sizeof(*program));
}

/* Room for one more in an array. False: there is no memory, which is noted. */
static bool grow(struct lower *l, void *array, size_t count, size_t *room,
		 size_t size)
{
	void **at = array;
	const size_t more = *room != 0 ? 2 * *room : 64;
	void *grown;

	if (l->rc < 0)
		return false;
	if (count < *room)
		return true;
	grown = realloc(*at, more * size);
	if (grown == NULL) {
		l->rc = -ENOMEM;
		return false;
	}
	*at = grown;
	*room = more;
	return true;
}

uint32_t lower_next(const struct lower *l)
{
	return (uint32_t)l->program->op_count;
}

uint32_t lower_op(struct lower *l, enum gen_op_code code, uint64_t a,
		  uint64_t b, uint64_t c)
{
	struct gen_program *p = l->program;

	if (p->op_count == OPS_MAX)
		lower_refuse(l,
			     "the type is too large: it takes more than %d "
			     "steps to make a value",
			     OPS_MAX);
	if (!grow(l, &p->ops, p->op_count, &l->op_room, sizeof(*p->ops)))
		return 0;
	p->ops[p->op_count] = (struct gen_op){
		.code = (uint16_t)code,
		.slot = (uint16_t)l->slot,
		.a = a,
		.b = b,
		.c = c,
	};
	return (uint32_t)p->op_count++;
}

void lower_put(struct lower *l, enum gen_op_code code, uint64_t a, uint64_t b,
	       uint64_t c, uint64_t bytes)
{
	if (l->is_checked)
		lower_op(l, GEN_OP_room, bytes, 0, 0);
	lower_op(l, code, a, b, c);
	if (__builtin_add_overflow(l->bound, bytes, &l->bound))
		l->is_unbounded = true;
}

void lower_put_le(struct lower *l, size_t bytes, size_t room_bytes)
{
	const uint64_t mask =
		bytes < 8 ? ((uint64_t)1 << 8 * bytes) - 1 : ~(uint64_t)0;

	lower_put(l, GEN_OP_put_le, 0, mask, room_bytes, room_bytes);
}

void lower_here(struct lower *l, uint32_t from)
{
	if (l->rc == 0)
		l->program->ops[from].target = lower_next(l);
}

/* A copy that whole steps of m_copy() may read, and more. */
static uint8_t *copy_with_slack(struct lower *l, const void *bytes, size_t len)
{
	uint8_t *ret = calloc(1, len + GEN_SLACK);

	if (ret == NULL)
		l->rc = -ENOMEM;
	else if (len > 0)
		memcpy(ret, bytes, len);
	return ret;
}

static uint64_t short_literal(const uint8_t *bytes, size_t len)
{
	uint64_t ret = 0;

	for (size_t i = 0; i < len; i++)
		ret |= (uint64_t)bytes[i] << 8 * i;
	return ret;
}

static void long_literal(struct lower *l, const void *bytes, size_t len)
{
	struct gen_program *p = l->program;
	uint8_t *copy;

	if (!grow(l, &p->literals, p->literal_count, &l->literal_room,
		  sizeof(*p->literals)))
		return;
	copy = copy_with_slack(l, bytes, len);
	if (copy == NULL)
		return;
	p->literals[p->literal_count] = (struct gen_literal){ copy, len };
	lower_put(l, GEN_OP_put_long_literal, p->literal_count++, 0, 0, len);
}

void lower_literal(struct lower *l, const void *bytes, size_t len_bytes)
{
	if (len_bytes > sizeof(uint64_t))
		long_literal(l, bytes, len_bytes);
	else if (len_bytes > 0)
		lower_put(l, GEN_OP_put_literal, len_bytes,
			  short_literal(bytes, len_bytes), 0, len_bytes);
}

void lower_text(struct lower *l, const char *text)
{
	lower_literal(l, text, strlen(text));
}

uint64_t lower_value(struct lower *l, const struct gen_value *value)
{
	struct gen_program *p = l->program;
	uint8_t *copy;

	if (!grow(l, &p->values, p->value_count, &l->value_room,
		  sizeof(*p->values)))
		return 0;
	copy = copy_with_slack(l, value->text, value->text_bytes);
	if (copy == NULL)
		return 0;
	p->values[p->value_count] = *value;
	p->values[p->value_count].text = copy;
	return p->value_count++;
}

void lower_refuse(struct lower *l, const char *format, ...)
{
	va_list args;

	if (l->rc < 0)
		return;
	l->rc = -EINVAL;
	va_start(args, format);
	vsnprintf(l->error->text, sizeof(l->error->text), format, args);
	va_end(args);
}
