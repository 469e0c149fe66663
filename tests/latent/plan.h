#ifndef TESTS_LATENT_PLAN_H
#define TESTS_LATENT_PLAN_H

#include "tests/latent/fault.h"
#include "tests/lib/draw.h"

/* Which faults are made on a scene. */

/* What a byte of the disk belongs to. */
enum area {
	AREA_SUPERBLOCKS,
	AREA_PRODUCER, /* its slot's copies */
	AREA_CURSORS,  /* and the operator */
	AREA_BEATS,
	AREA_RECORDS, /* that are not yet consumed and checkpointed */
	AREA_DATA,    /* the rest of the data area */
	AREA_UNUSED,  /* belongs to nothing */
	AREAS,
};

const char *area_text(enum area area);
enum area plan_area(const struct story *s, uint64_t offset);

/* Called for each fault; `by_all`: not by the checker alone. */
typedef void plan_fn(void *ctx, const struct fault *f, bool by_all);

/*
 * Every bit of what means something; of what is unused, every bit of a block
 * of each kind and a sample. Of slot copies and data that nobody needs, one bit
 * of each byte is judged by all, unless `thorough`.
 */
void plan_every_bit(const struct story *s, bool thorough, struct draw *draw,
		    plan_fn *fn, void *ctx);

/* A sample of bits from everywhere. */
void plan_some_bits(const struct story *s, struct draw *draw, plan_fn *fn,
		    void *ctx);

/* Each write lost; each of the newest versions of each block come back. */
void plan_lost(const struct story *s, plan_fn *fn, void *ctx);
void plan_stale(const struct story *s, plan_fn *fn, void *ctx);

/* Each write at each of many other places; 1 in `sparse` of them. */
void plan_misdirected(const struct story *s, struct draw *draw, unsigned sparse,
		      plan_fn *fn, void *ctx);

#endif
