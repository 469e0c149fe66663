#include "generator/emit_c.h"

#include <inttypes.h>
#include <stdbool.h>

/*
 * Each straight op becomes a call of its function, with its operands as
 * constants, and each control op a few lines with labels and gotos that mean
 * what interpret.c does there. Each function is part of gen_compiled()
 * ("flatten"), since the machine must not have an address: a single call that
 * takes it would put all registers into memory.
 */

/* Names; NULL: a control op. */
static const char *const straight_ops[GEN_OP_COUNT] = {
#define X(name) [GEN_OP_##name] = #name,
	GEN_STRAIGHT_OPS(X)
#undef X
};

static const char begin[] =
	"__attribute__((visibility(\"default\"), flatten))\n"
	"void gen_compiled(struct gen_run *run)\n"
	"{\n"
	"\tuint8_t *const begin = run->begin, *const end = run->end;\n"
	"\tconst uint64_t row_end = run->row_end;\n"
	"\tuint64_t *ends = run->ends, batch_end;\n"
	"\tstruct gen_machine m = { 0 };\n"
	"\n"
	"\tm_begin(&m, run);\n";

static const char stop[] = "stop:\n"
			   "\tm_commit(&m, run);\n"
			   "\trun->ends = ends;\n"
			   "}\n";

/*
 * Rows are made in batches that certainly fit. Where nothing bounds a row each
 * is a batch, and its beginning is remembered, to come back to.
 */
static void row(FILE *out, const struct gen_op *op)
{
	if (op->b != 0)
		fprintf(out,
			"next_batch:\n"
			"\tm_commit(&m, run);\n"
			"\trun->ends = ends;\n"
			"\tif ((size_t)(end - m.p) < %" PRIu64 "u)\n"
			"\t\tgoto stop;\n"
			"\tbatch_end = m.row + (m.row != row_end);\n",
			op->a);
	else
		fprintf(out,
			"next_batch:\n"
			"\tbatch_end = m_batch_end(&m, end, row_end, %" PRIu64
			"u);\n",
			op->a);
	fputs("\tif (m.row == batch_end)\n"
	      "\t\tgoto stop;\n"
	      "next_row:\n"
	      "\tm_begin_row(&m);\n",
	      out);
}

/* `i`: the first of the jumps that a switch is followed by. */
static void switch_op(FILE *out, uint64_t count, size_t i)
{
	fputs("\tswitch (m.v) {\n", out);
	for (uint64_t k = 0; k + 1 < count; k++)
		fprintf(out, "\tcase %" PRIu64 ": goto op_%zu;\n", k, i + k);
	fprintf(out, "\tdefault: goto op_%zu;\n\t}\n", i + count - 1);
}

/* `back` is the op that the call is, by which the end of a subroutine knows
 * where to go. */
static void call(FILE *out, const struct gen_op *op, size_t back)
{
	fprintf(out,
		"\tm_call(&m, %u, (const void *)(uintptr_t)%zu);\n"
		"\tgoto op_%" PRIu32 ";\n",
		op->slot, back, op->target);
}

static void control(FILE *out, const struct gen_op *op, size_t i)
{
	const uint32_t target = op->target;

	switch (op->code) {
	case GEN_OP_row:
		row(out, op);
		break;
	case GEN_OP_room:
		fprintf(out,
			"\tif ((size_t)(end - m.p) < %" PRIu64 "u)\n"
			"\t\treturn;\n",
			op->a);
		break;
	case GEN_OP_jump:
		fprintf(out, "\tgoto op_%" PRIu32 ";\n", target);
		break;
	case GEN_OP_null_shared:
		fprintf(out,
			"\tm.shared = rng_next(&m.rng);\n"
			"\tif ((uint32_t)m.shared < %" PRIu64 "u)\n"
			"\t\tgoto op_%" PRIu32 ";\n",
			op->b, target);
		break;
	case GEN_OP_null:
	case GEN_OP_null_deep:
		fprintf(out,
			"\tif ((uint32_t)rng_next(&m.rng) < %" PRIu64 "u%s)\n"
			"\t\tgoto op_%" PRIu32 ";\n",
			op->b,
			op->code == GEN_OP_null_deep
				? " || !m_may_go_deeper(&m)"
				: "",
			target);
		break;
	case GEN_OP_null_tape:
		fprintf(out,
			"\tif (m.env->tape++->v == 0)\n"
			"\t\tgoto op_%" PRIu32 ";\n",
			target);
		break;
	case GEN_OP_loop_test:
	case GEN_OP_loop_next:
		fprintf(out,
			"\tif (%sm.f.count[%u] %s 0)\n"
			"\t\tgoto op_%" PRIu32 ";\n",
			op->code == GEN_OP_loop_next ? "--" : "", op->slot,
			op->code == GEN_OP_loop_next ? "!=" : "==", target);
		break;
	case GEN_OP_switch:
		switch_op(out, op->a, i + 1);
		break;
	case GEN_OP_call:
		call(out, op, i);
		break;
	case GEN_OP_ret:
		fputs("\tgoto ret;\n", out);
		break;
	default: /* GEN_OP_end */
		fputs("\tm.row++;\n"
		      "\tif (ends != NULL)\n"
		      "\t\t*ends++ = (uint64_t)(m.p - begin);\n"
		      "\tif (m.row != batch_end)\n"
		      "\t\tgoto next_row;\n"
		      "\tgoto next_batch;\n",
		      out);
		break;
	}
}

/* Octal digits, always three: a digit that follows is not part of it. */
static void literal(FILE *out, const struct gen_literal *l)
{
	fputs("\tm_put_bytes(&m, \"", out);
	for (size_t i = 0; i < l->len_bytes; i++)
		fprintf(out, "\\%03o", l->bytes[i]);
	fprintf(out, "\", %zu);\n", l->len_bytes);
}

static void straight(FILE *out, const struct gen_program *p,
		     const struct gen_op *op)
{
	if (op->code == GEN_OP_put_long_literal)
		literal(out, &p->literals[op->a]);
	else
		fprintf(out,
			"\top_%s(&m, 0x%" PRIx64 "u, 0x%" PRIx64 "u, 0x%" PRIx64
			"u);\n",
			straight_ops[op->code], op->a, op->b, op->c);
}

/* The end of every subroutine: back behind the call that was made last. */
static void returns(FILE *out, const struct gen_program *p)
{
	fputs("ret:;\n"
	      "\tconst struct gen_call *call = m_return(&m);\n"
	      "\tswitch ((uintptr_t)call->back) {\n",
	      out);
	for (size_t i = 0; i < p->op_count; i++) {
		const struct gen_op *op = &p->ops[i];

		if (op->code == GEN_OP_call)
			fprintf(out,
				"\tcase %zu:\n"
				"\t\tm_copy_frame(&m.f, &call->frame, %u);\n"
				"\t\tgoto op_%zu;\n",
				i, op->slot, i + 1);
	}
	fputs("\t}\n", out);
}

static void function(FILE *out, const struct gen_program *p)
{
	bool has_calls = false;

	fputs(begin, out);
	for (size_t i = 0; i < p->op_count; i++) {
		const struct gen_op *op = &p->ops[i];

		fprintf(out, "op_%zu:;\n", i);
		if (straight_ops[op->code] != NULL)
			straight(out, p, op);
		else
			control(out, op, i);
		has_calls = has_calls || op->code == GEN_OP_call;
	}
	if (has_calls)
		returns(out, p);
	fputs(stop, out);
}

/* ---- numbers in text ------------------------------------------------------ */

/*
 * Writing one takes so much code that many of them would keep a compiler busy
 * for seconds: then they are a function of their own, which is a tenth to a
 * sixth slower. It doesn't take the machine, see above.
 */
enum { INLINE_NUMBERS = 24 };

static const char numbers_apart[] =
	"#include <stdint.h>\n"
	"__attribute__((noinline))\n"
	"static uint8_t *m_put_dec(uint8_t *p, uint64_t x);\n";

static size_t count_numbers(const struct gen_program *p)
{
	size_t ret = 0;

	for (size_t i = 0; i < p->op_count; i++)
		switch (p->ops[i].code) {
		case GEN_OP_put_dec:
		case GEN_OP_put_sdec:
		case GEN_OP_fused_dec_literal:
		case GEN_OP_fused_sdec_literal:
			ret++;
			break;
		default:
			break;
		}
	return ret;
}

void gen_emit_c(const struct gen_program *program, FILE *out)
{
	if (count_numbers(program) > INLINE_NUMBERS)
		fputs(numbers_apart, out);
	fputs(gen_compiled_headers, out);
	function(out, program);
}
