#ifndef TESTS_LATENT_TRUTH_H
#define TESTS_LATENT_TRUTH_H

#include "tests/latent/story.h"

/*
 * What a fault did, as who made it knows: from the story and from which bytes
 * changed. A structure is believed if its bytes are what was written to that
 * very place, never because a checksum says so.
 */
enum truth {
	TRUTH_NOTHING,  /* nothing that means anything */
	TRUTH_OLD_COPY, /* a copy is old; nobody needs it */
	TRUTH_SPOILT,   /* a copy is spoilt; another says all of it */
	TRUTH_UNSEEN,   /* consumer: only what is not yet visible is hit */
	TRUTH_WITHHELD, /* consumer: a slot is left in which nothing is proven */
	TRUTH_DAMAGE,   /* below a checkpoint or a counted cursor's position */
	TRUTH_LOST,     /* a role or the superblock is left without a copy */
	/* The newest commit, for which nothing vouches. */
	TRUTH_UNDECIDABLE,
	/* The newest few, in one block, with all that vouches for them. */
	TRUTH_UNDECIDABLE_BLOCK,
	/* Damage, for which only a commit behind it vouches. */
	TRUTH_LATER_COMMIT,
	/* Damage; only another cursor's own slot vouches (for a consumer). */
	TRUTH_OTHER_CURSOR,
	/* The only copy of a slot that knows the epoch of the records. */
	TRUTH_EPOCH,
	/* The only copy of a cursor's newest advance. */
	TRUTH_ADVANCE,
	/* The last copy of the request that suspends. */
	TRUTH_REQUEST,
	TRUTH_UNEXPLAINED, /* must not occur */
	TRUTHS,
};

/* A stretch of the disk whose bytes are not what they should be. */
struct stretch {
	uint64_t offset;
	size_t len;
};

struct hit {
	struct stretch list[2];
	unsigned count;
};

/* Who looks: what is true depends on from where he reads. */
enum judge { JUDGE_CHECKER, JUDGE_PRODUCER, JUDGE_CONSUMER };

struct expectation {
	enum truth truth;
	uint64_t bad; /* of damage: where the first bad record starts */
	/* What must be found, whatever else is. */
	uint64_t first;   /* consumer: sequence number of the next item */
	uint64_t pushed;  /* producer: as the last good commit has it */
	uint64_t exposed; /* items below are visible, up to the bad record */
	bool suspended;
};

/* What is left of the slots: bytes that were written there, or NULL. */
struct remains {
	const uint8_t *slots[STORY_ROLES]; /* the newest of each role */
	bool has_superblock;
	bool is_old;    /* some copy is an older one */
	bool is_spoilt; /* some copy is no copy */
};

void truth_remains(const struct story *s, const struct hit *hit,
		   struct remains *ret);

struct expectation truth_for(const struct story *s, const struct hit *hit,
			     const struct remains *left, enum judge judge,
			     unsigned cursor);

const char *truth_text(enum truth truth);

#endif
