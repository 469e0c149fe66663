#ifndef GENERATOR_OP_H
#define GENERATOR_OP_H

#include "generator/op_fused.h"

/*
 * A program makes one value after the other: it draws into the machine's
 * registers and puts what is there into the buffer. lower.c writes it, for one
 * type and one encoding; interpret.c and compiled code run it. Each straight op
 * is the function op_NAME of op_draw.h, op_put.h or op_fused.h, which takes the
 * operands as they stand; what moves the counter is listed apart, since each
 * engine does it in its own way.
 */

/* X(name): see op_NAME(). */
#define GEN_STRAIGHT_OPS(X)   \
	X(draw_bits)          \
	X(draw_sbits)         \
	X(draw_shared)        \
	X(draw_sshared)       \
	X(draw_packed)        \
	X(draw_spacked)       \
	X(draw_wide)          \
	X(draw_unit)          \
	X(draw_unit32)        \
	X(draw_letter)        \
	X(draw_shared_letter) \
	X(draw_packed_letter) \
	X(draw_letters)       \
	X(draw_fixed_letters) \
	X(let)                \
	X(draw_hex)           \
	X(draw_uniform)       \
	X(draw_seq)           \
	X(draw_pick)          \
	X(draw_const)         \
	X(draw_call)          \
	X(draw_count)         \
	X(draw_count_deep)    \
	X(draw_index)         \
	X(draw_index_deep)    \
	X(tape)               \
	X(set_count)          \
	X(pack_reset)         \
	X(put_le)             \
	X(put_wide)           \
	X(put_leb)            \
	X(put_leb_text)       \
	X(put_word_text)      \
	X(put_text)           \
	X(put_fixed_text)     \
	X(put_literal)        \
	X(put_long_literal)   \
	X(put_either)         \
	X(put_text_or)        \
	X(put_dec)            \
	X(put_sdec)           \
	X(put_call)           \
	X(mask_open)          \
	X(mask_open_count)    \
	X(mask_at)            \
	X(mask_next)          \
	X(fused_bits_le)      \
	X(fused_seq_le)       \
	X(fused_unit_le)      \
	X(fused_letters_leb)  \
	X(fused_hex_leb)      \
	X(fused_null_le)      \
	X(fused_vector)       \
	X(fused_letters_word) \
	X(fused_hex_word)     \
	X(fused_vector_words) \
	X(fused_null_word)    \
	X(fused_skip)         \
	X(fused_dec_literal)  \
	X(fused_sdec_literal)

/*
 * X(name). `target` is the op to go to.
 *   row          a value begins: stop here if all are made, or there may be
 *                no room for a bytes more; remember it if b
 *   room         go back to the row and stop there unless there are a bytes
 *   jump         go to target
 *   null         draw; go to target if that is below b (of 2^32)
 *   null_shared  the same, and keep the draw for draw_shared
 *   null_deep    the same as null, also if there may be no further `this`
 *   null_tape    go to target if the next of the tape is 0
 *   loop_test    go to target if count[slot] is 0
 *   loop_next    count[slot] less one; go to target unless that is 0
 *   switch       go to the op v behind the next one
 *   call         go on at target; count, mark and bit up to slot are kept
 *   ret          go back behind the call
 *   end          the value is complete: note its end, go to row
 */
#define GEN_CONTROL_OPS(X) \
	X(row)             \
	X(room)            \
	X(jump)            \
	X(null)            \
	X(null_shared)     \
	X(null_deep)       \
	X(null_tape)       \
	X(loop_test)       \
	X(loop_next)       \
	X(switch)          \
	X(call)            \
	X(ret)             \
	X(end)

enum gen_op_code {
#define X(name) GEN_OP_##name,
	GEN_CONTROL_OPS(X) GEN_STRAIGHT_OPS(X)
#undef X
		GEN_OP_COUNT
};

struct gen_op {
	uint16_t code; /* enum gen_op_code */
	uint16_t slot; /* of control ops */
	uint32_t target;
	uint64_t a, b, c; /* what they mean is said there */
};

struct gen_program {
	struct gen_op *ops;
	size_t op_count;

	/* What ops refer to by index. */
	struct gen_value *values;
	size_t value_count;
	struct gen_literal *literals;
	size_t literal_count;

	size_t text_bytes; /* of the longest text that is drawn */
	size_t row_bytes;  /* bound of a value; 0: none that is known */
};

void gen_program_clear(struct gen_program *program);

#endif
