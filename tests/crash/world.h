#ifndef TESTS_CRASH_WORLD_H
#define TESTS_CRASH_WORLD_H

#include "ring/ring.h"
#include "tests/crash/census.h"
#include "tests/lib/crash_judge.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/ring_model.h"
#include "tests/lib/sim_disk.h"

/* A small ring on a simulated disk, its processes, and the model beside. */

struct shape {
	const char *name;
	uint32_t block;
	bool padded;
	bool direct;
	unsigned cursors;
	enum ring_deliver deliver;
};

/* All shapes; a NULL name ends the list. */
extern const struct shape shapes[];

/* Names of the cursors. */
extern const char *const world_names[MODEL_CURSORS];

struct world {
	const struct shape *shape;
	struct census *census;
	struct sim_disk disk;
	struct fake_system producer_system;
	struct fake_system consumer_systems[MODEL_CURSORS];
	struct ring_producer *producer; /* NULL: none */
	struct ring_io *producer_io;
	bool producer_is_attached;
	struct ring_consumer *consumers[MODEL_CURSORS];
	struct ring_io *consumer_ios[MODEL_CURSORS];
	bool consumer_is_attached[MODEL_CURSORS];
	struct ring_fault faults[1 + MODEL_CURSORS];
	uint64_t read_to[MODEL_CURSORS]; /* position behind the last pop */
	uint64_t next[MODEL_CURSORS];    /* sequence number of the next one */
	struct judge_expected expected;
	uint32_t next_tag;
	bool is_cut;     /* some process is to die: EIO is no surprise */
	int last_rc;     /* of the producer's last writing call */
	char wrong[256]; /* a call returned what it must not; "": none */
};

/* What the geometry allows least. */
struct world_sizes {
	uint64_t data_bytes;
	uint64_t max_item;
	uint64_t max_batch;
};
struct world_sizes world_sizes(const struct shape *shape);

/* A new ring, all of it durable. */
void world_create(const struct shape *shape, struct sim_disk *ret);

/* Processes attach to a copy of the disk. Zero *w before. */
void world_open(struct world *w, const struct shape *shape,
		const struct sim_disk *disk,
		const struct judge_expected *expected);
void world_close(struct world *w);

/* One letter of the alphabet (workload.h); *w tells how it went. */
void world_do(struct world *w, char letter);

/* Where the next batch starts; 0: nobody is attached. */
uint64_t world_end(const struct world *w);

/* ---- what happens to single processes ----------------------------------- */

/* Attach anew; the former handle is gone. 0 or its error. */
int world_attach_producer(struct world *w, struct ring_producer_state *ret);
int world_attach_consumer(struct world *w, unsigned i);

/* All that is exposed can be read by a consumer that lives. */
void world_read_out(struct world *w, unsigned i);

/* A process is no more. */
void world_kill_producer(struct world *w);
void world_kill_consumer(struct world *w, unsigned i);

/* Call it wrong, unless it is already. */
void world_wrong(struct world *w, const char *what, int rc);

#endif
