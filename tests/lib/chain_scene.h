#ifndef TESTS_CHAIN_SCENE_H
#define TESTS_CHAIN_SCENE_H

#include "ring/chain.h"

/*
 * A walk, and records by hand for it to meet; checksums come from libxxhash.
 * It stands at 12288, where a batch starts. Items 70 to 74 are pending:
 * exposed is 10240. The epoch is 5; before 12288 it may be 3 or 4.
 */
enum {
	AT = 12288,
	EXPOSED = 10240,
	EPOCH = 5,
	ITEM_BYTES = 64, /* with 10 bytes of body */
	COMMIT_BYTES = 88,
	END = AT + COMMIT_BYTES,
	MAX_BATCH = 4096,
	BUF_BYTES = 8192,
};

struct scene {
	struct superblock superblock;
	struct segments segments;
	struct chain chain;
	uint8_t buf[BUF_BYTES]; /* the stream from AT on */
};

void scene_setup(struct scene *s);

/* Write a field of the record at a position, by its offset in FORMAT.md. */
void scene_put(struct scene *s, uint64_t position, size_t offset,
	       uint64_t value);

/* Write a whole record, with its checksums. */
void scene_put_item(struct scene *s, uint64_t position, uint64_t sequence);
void scene_put_commit(struct scene *s, uint64_t position, uint64_t sequence,
		      const struct commit *c);

/* Set the checksums of a changed record; the seed that they have. */
void scene_seal(struct scene *s, uint64_t position);
uint64_t scene_seed(const struct scene *s, uint64_t position);

/* chain_look(), by value. */
struct chain_step scene_step(const struct chain_rules *rules,
			     const struct chain *c,
			     const struct chain_bytes *at);

/* chain_look() at all that follows. */
struct chain_step scene_look(struct scene *s);

#endif
