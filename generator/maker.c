#include "generator/maker.h"

#include "generator/draws.h"
#include "generator/interpret.h"
#include "generator/puts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

static bool has_calls(const struct gen_program *program)
{
	for (size_t i = 0; i < program->op_count; i++)
		if (program->ops[i].code == GEN_OP_call)
			return true;
	return false;
}

int maker_init(struct maker *k, const struct gen_program *program,
	       gen_run_fn *compiled, uint64_t seed)
{
	*k = (struct maker){
		.program = program,
		.compiled = compiled,
		.seed = seed,
		.env = {
			.values = program->values,
			.literals = program->literals,
			.draws = gen_draws,
			.puts = gen_puts,
			.scratch = calloc(1, program->text_bytes + GEN_SLACK),
		},
	};
	if (has_calls(program)) {
		k->env.calls = calloc(GEN_CALLS_ROOM, sizeof(*k->env.calls));
		if (k->env.calls == NULL)
			goto no_memory;
	}
	if (k->env.scratch != NULL)
		return 0;
no_memory:
	maker_release(k);
	return -ENOMEM;
}

void maker_release(struct maker *k)
{
	free(k->env.scratch);
	free(k->env.calls);
	k->env.scratch = NULL;
	k->env.calls = NULL;
}

void maker_make(struct maker *k, struct gen_run *run, uint64_t row_end)
{
	run->env = &k->env;
	while (run->row < row_end) {
		const uint64_t block = run->row / GEN_BLOCK_VALUES;
		const uint64_t block_end = (block + 1) * GEN_BLOCK_VALUES;

		if (run->row % GEN_BLOCK_VALUES == 0)
			run->rng = rng_of_block(k->seed, block);
		run->row_end = block_end < row_end ? block_end : row_end;
		if (k->compiled != NULL)
			k->compiled(run);
		else
			gen_interpret(k->program, run);
		if (run->row < run->row_end)
			return;
	}
}
