#ifndef TESTS_LATENT_MATRIX_H
#define TESTS_LATENT_MATRIX_H

#include "tests/latent/judge.h"

/* Truth by verdict, for each judge. */
struct matrix {
	unsigned long cells[3][TRUTHS][VERDICTS];
};

/* Count a judgement. Whether the cell is one where it may stand. */
bool matrix_count(struct matrix *m, enum judge judge, enum truth truth,
		  enum verdict verdict);

/* Print what is not empty; wrong cells are marked. */
void matrix_print(const struct matrix *m);

const char *judge_text(enum judge judge);

#endif
