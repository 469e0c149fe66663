#include "tests/latent/matrix.h"

#include <stdio.h>

enum { JUDGES = 3 };

const char *judge_text(enum judge judge)
{
	static const char *const texts[JUDGES] = { "checker", "producer",
						   "consumer" };

	return texts[judge];
}

/* ---- which verdict is right --------------------------------------------- */

enum {
	CORRECT = 1 << VERDICT_CORRECT,
	NOTED = 1 << VERDICT_NOTED,
	END = 1 << VERDICT_END,
	BACK = 1 << VERDICT_BACK,
	DAMAGE = 1 << VERDICT_DAMAGE,
	ERROR = 1 << VERDICT_ERROR,
	/* The checker has no word for an end that comes too soon. */
	QUIET = CORRECT | NOTED,
};

static const unsigned right[TRUTHS][JUDGES] = {
	[TRUTH_NOTHING] = { CORRECT, CORRECT, CORRECT },
	[TRUTH_OLD_COPY] = { QUIET, CORRECT, CORRECT },
	[TRUTH_SPOILT] = { NOTED, CORRECT, CORRECT },
	[TRUTH_UNSEEN] = { 0, 0, CORRECT },
	[TRUTH_WITHHELD] = { 0, 0, END },
	[TRUTH_DAMAGE] = { DAMAGE, DAMAGE, DAMAGE },
	[TRUTH_LOST] = { DAMAGE | ERROR, ERROR, ERROR },
	[TRUTH_UNDECIDABLE] = { QUIET, END, END },
	[TRUTH_UNDECIDABLE_BLOCK] = { QUIET, END, END },
	/* Better than these limits is welcome. */
	[TRUTH_LATER_COMMIT] = { QUIET | DAMAGE, END | DAMAGE, END | DAMAGE },
	[TRUTH_OTHER_CURSOR] = { 0, 0, END | DAMAGE },
	[TRUTH_EPOCH] = { QUIET | DAMAGE, END | DAMAGE, END | DAMAGE },
	[TRUTH_ADVANCE] = { 0, 0, BACK },
	[TRUTH_REQUEST] = { 0, BACK | ERROR, 0 },
	[TRUTH_UNEXPLAINED] = { 0, 0, 0 },
};

static bool is_right(enum judge judge, enum truth truth, enum verdict verdict)
{
	return (right[truth][judge] >> verdict & 1) != 0;
}

bool matrix_count(struct matrix *m, enum judge judge, enum truth truth,
		  enum verdict verdict)
{
	m->cells[judge][truth][verdict]++;
	return is_right(judge, truth, verdict);
}

/* ---- printing ----------------------------------------------------------- */

static void print_row(const struct matrix *m, enum judge judge,
		      enum truth truth)
{
	const unsigned long *row = m->cells[judge][truth];
	unsigned long sum = 0;

	for (unsigned v = 0; v < VERDICTS; v++)
		sum += row[v];
	if (sum == 0)
		return;
	printf("  %-35s", truth_text(truth));
	for (unsigned v = 0; v < VERDICTS; v++) {
		const bool fits = is_right(judge, truth, (enum verdict)v);

		if (row[v] == 0)
			printf(" %8s ", fits ? "0" : ".");
		else
			printf(" %8lu%c", row[v], fits ? ' ' : '!');
	}
	printf("\n");
}

void matrix_print(const struct matrix *m)
{
	for (unsigned j = 0; j < JUDGES; j++) {
		printf("%-37s", judge_text((enum judge)j));
		for (unsigned v = 0; v < VERDICTS; v++)
			printf(" %8s ", verdict_text((enum verdict)v));
		printf("\n");
		for (unsigned t = 0; t < TRUTHS; t++)
			print_row(m, (enum judge)j, (enum truth)t);
	}
}
