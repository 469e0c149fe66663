#include "tests/bench/lineup.h"

#include <assert.h>

struct job *lineup_add(struct lineup *l, const char *name, enum part part,
		       const struct store_ops *store)
{
	struct job *job = &l->jobs[l->count];

	assert(l->count < CONTESTANTS_MAX);
	*job = l->base;
	job->store = store;
	l->list[l->count++] = (struct contestant){
		.name = name,
		.part = part,
		.ops = l->ops,
		.how = job,
	};
	return job;
}

void lineup_add_peers(struct lineup *l)
{
	lineup_add(l, "lmdb", PART_PEER, &store_lmdb);
	lineup_add(l, "sqlite", PART_PEER, &store_sqlite);
	lineup_add(l, "rocksdb", PART_PEER, &store_rocksdb);
}

int lineup_run(struct bench *b, struct contest contest, const struct lineup *l)
{
	contest.contestants = l->list;
	contest.contestant_count = l->count;
	return contest_run(b, &contest);
}
