#include "tests/lib/chain_scene.h"

#include "tests/lib/image.h"

#include <string.h>

void scene_setup(struct scene *s)
{
	const struct checkpoint at = { AT, EXPOSED, 70, 75, 0 };

	memset(s, 0, sizeof(*s));
	memcpy(s->superblock.uuid, "0123456789abcdef", 16);
	s->superblock.geometry = (struct geometry){ .block_bytes = 512,
						    .data_bytes = 1 << 20,
						    .max_item = 8000,
						    .max_batch = MAX_BATCH };
	s->segments = (struct segments){ .count = 1,
					 .list = { { 8192, 0, 3, EPOCH } },
					 .epoch_start = AT };
	chain_from_checkpoint(&s->chain, &at);
}

uint64_t scene_seed(const struct scene *s, uint64_t position)
{
	return image_seed(s->superblock.uuid, position);
}

void scene_seal(struct scene *s, uint64_t position)
{
	image_seal_record(s->buf + (position - AT), scene_seed(s, position));
}

void scene_put(struct scene *s, uint64_t position, size_t offset,
	       uint64_t value)
{
	const unsigned width = offset == 12 || offset == 13 ? 1
			       : offset == 14               ? 2
			       : offset < 24                ? 4
							    : 8;

	image_put(s->buf + (position - AT),
		  (struct image_field){ offset, width, value });
}

void scene_put_item(struct scene *s, uint64_t position, uint64_t sequence)
{
	scene_put(s, position, 12, 1);
	scene_put(s, position, 16, 10);
	scene_put(s, position, 20, 4);
	scene_put(s, position, 24, EPOCH);
	scene_put(s, position, 32, sequence);
	scene_put(s, position, 40, 1000 + sequence);
	memcpy(s->buf + (position - AT) + 48, "metadata..", 10);
	scene_seal(s, position);
}

void scene_put_commit(struct scene *s, uint64_t position, uint64_t sequence,
		      const struct commit *c)
{
	scene_put(s, position, 12, 2);
	scene_put(s, position, 16, 40);
	scene_put(s, position, 24, EPOCH);
	scene_put(s, position, 32, sequence);
	scene_put(s, position, 40, 9999);
	scene_put(s, position, 48, c->exposed);
	scene_put(s, position, 56, c->exposed_sequence);
	scene_put(s, position, 64, c->from);
	scene_put(s, position, 72, c->durable);
	scene_put(s, position, 80, c->batch);
	scene_seal(s, position);
}

struct chain_step scene_step(const struct chain_rules *rules,
			     const struct chain *c,
			     const struct chain_bytes *at)
{
	struct chain_step step = { 0 };

	chain_look(rules, c, at, &step);
	return step;
}

struct chain_step scene_look(struct scene *s)
{
	const struct chain_rules rules = { &s->superblock, &s->segments };
	const uint64_t at = s->chain.position - AT;
	const struct chain_bytes bytes = { s->buf + at, BUF_BYTES - at, 0 };

	return scene_step(&rules, &s->chain, &bytes);
}
