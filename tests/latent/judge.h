#ifndef TESTS_LATENT_JUDGE_H
#define TESTS_LATENT_JUDGE_H

#include "tests/latent/truth.h"

/* What the library makes of a disk. Each judge leaves it as it was. */
enum verdict {
	VERDICT_CORRECT, /* everything is there, and nothing is reported */
	VERDICT_NOTED,   /* checker: a note or a warning, no damage */
	VERDICT_END,     /* what is missing is taken for not yet written */
	VERDICT_BACK,    /* an advance or a request is taken back */
	VERDICT_DAMAGE,  /* reported as damage, what is before it is given */
	VERDICT_ERROR,   /* another error, which names the cause */
	VERDICT_WRONG,   /* wrong bytes or order, or less than is good */
	VERDICTS,
};

struct judgement {
	enum verdict verdict;
	char text[256]; /* what was said */
};

void judge_checker(struct story *s, const struct expectation *e,
		   struct judgement *ret);

/* `tries_out`: also publish another item, and read up to it. */
void judge_producer(struct story *s, const struct expectation *e,
		    bool tries_out, struct judgement *ret);

void judge_consumer(struct story *s, const struct expectation *e,
		    unsigned cursor, struct judgement *ret);

const char *verdict_text(enum verdict verdict);

#endif
