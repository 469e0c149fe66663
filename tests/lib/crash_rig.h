#ifndef TESTS_CRASH_RIG_H
#define TESTS_CRASH_RIG_H

#include "ring/ring.h"
#include "tests/lib/fail_io.h"
#include "tests/lib/fake_system.h"
#include "tests/lib/sim_disk.h"

#include <stdbool.h>

/*
 * A ring on a simulated disk, hosts that use it, chosen power cuts, and a
 * judge who knows what was promised. An item's bytes follow from its sequence
 * number. Handles are the test's to free.
 */
enum {
	RIG_DATA_OFFSET = 327680, /* with two cursor slots */
	RIG_SLOTS_OFFSET = 131072,
	RIG_STRIDE = 4096, /* of slot copies; blocks are not larger */
	RIG_ROLE_BYTES = 9 * RIG_STRIDE,
	RIG_CURSORS = 2,
	RIG_ITEM_MAX = 16384,
	RIG_BATCH_MAX = 40, /* items */
};

/* Hosts of the judge; those of tests have numbers below. */
enum { RIG_JUDGE = 200 };

struct rig_shape {
	const char *name;
	uint32_t data_bytes;
	uint32_t max_item; /* 0: a quarter of the data */
	uint32_t item_bytes;
	uint32_t block;   /* 0: 512 */
	unsigned cursors; /* 0: 1 */
	bool padded;
	bool direct;
};

/* 16 KiB with items of 700 bytes: a checkpoint is due every KiB. */
extern const struct rig_shape rig_small, rig_small_direct, rig_small_padded;
/* Each batch takes most of the ring. */
extern const struct rig_shape rig_big, rig_big_padded;

/* What was acknowledged; and that with what the call under way adds. */
struct rig_range {
	uint64_t least, most; /* nothing between */
};

struct rig {
	struct rig_shape shape;
	struct sim_disk disk;
	struct rig_range pushed, exposed;
	struct rig_range consumed; /* by the cursor "a" */
	uint64_t cuts;             /* judged so far */
};

/* A process on a host of its own: it sees no locks of others. */
struct rig_host {
	struct fake_system system;
	struct fail_io io;
	struct ring_fault fault;
	struct ring_options options;
};

/* Make the disk and a ring with the cursor "a", perhaps also "b". */
void rig_init(struct rig *r, const struct rig_shape *shape);
void rig_release(struct rig *r);

/* ---- hosts -------------------------------------------------------------- */

void rig_host(struct rig_host *h, struct sim_disk *d, uint8_t number);

/* Attach, asserting success. */
struct ring_producer *rig_producer(struct rig_host *h, struct sim_disk *d,
				   uint8_t number);
struct ring_consumer *rig_consumer(struct rig_host *h, struct sim_disk *d,
				   uint8_t number, const char *name);

/* The code of an attach that ends at once, if it succeeds. */
int rig_try_producer(struct sim_disk *d, uint8_t number);

/* The process dies without a word. */
void rig_kill_producer(struct rig_host *h, struct ring_producer *p);
void rig_kill_consumer(struct rig_host *h, struct ring_consumer *c);

/* ---- calls that promise ------------------------------------------------- */

/* The next `count` items in one call; its result. */
int rig_publish(struct rig *r, struct ring_producer *p, unsigned count);
int rig_push(struct rig *r, struct ring_producer *p, unsigned count);

/* Expose all that is pushed; the result. */
int rig_expose(struct rig *r, struct ring_producer *p);

/* Bring the marks of what is durable up to date. */
void rig_mark(struct ring_producer *p);

/* Go on from what a producer found, which must be one of what was promised.
 * 0, or the code of its state. */
int rig_adopt(struct rig *r, struct ring_producer *p);

/* Take up to `count` items of cursor "a", in one advance; its result. */
int rig_take(struct rig *r, struct ring_consumer *c, unsigned count);

/* Read what is visible from `from` on. The number of items, or what is wrong
 * in *ret_wrong. */
uint64_t rig_read(const struct rig *r, struct ring_consumer *c, uint64_t from,
		  const char **ret_wrong);

/* ---- power cuts --------------------------------------------------------- */

/* Of the writes that no flush has covered, what is there afterwards. */
enum rig_survivors {
	RIG_NOTHING,
	RIG_ALL,
	RIG_FIRST_ATOMS, /* of each write */
	RIG_LAST_ATOMS,
	RIG_FIRST_HALVES,
	RIG_NO_SECOND_ATOMS, /* all others */
	RIG_SLOTS,
	RIG_DATA,
	RIG_OLDEST, /* write */
	RIG_NEWEST,
	RIG_SURVIVORS, /* the number of them */
};

void rig_cut(const struct sim_disk *d, enum rig_survivors which,
	     struct sim_disk *ret);

/* Power is cut: assert that recovery finds what was promised. */
void rig_assert_cut(struct rig *r, enum rig_survivors which);
void rig_assert_cuts(struct rig *r);

/* Do that before and after each write and flush from now on; or no more. */
void rig_watch(struct rig *r);
void rig_unwatch(struct rig *r);

/*
 * Recover on a disk and look at everything. What is wrong, or NULL. The disk
 * is used up.
 */
const char *rig_judge(const struct rig *r, struct sim_disk *d);

/* Change what stands on the medium, whoever wrote it: whole sectors; a bit. */
void rig_poke(struct sim_disk *d, uint64_t offset, const void *bytes,
	      size_t len);
void rig_flip(struct sim_disk *d, uint64_t offset);

/* ---- writes that no flush has covered ----------------------------------- */

struct rig_write {
	uint32_t number; /* in the order of their issue */
	uint64_t offset;
	size_t len;
	bool is_complete;
};

enum { RIG_WRITES_MAX = 64 };

/* Returns how many there are, oldest first. */
size_t rig_writes(const struct sim_disk *d,
		  struct rig_write ret[RIG_WRITES_MAX]);

/* The bytes of one of them. */
void rig_write_bytes(const struct sim_disk *d, const struct rig_write *w,
		     uint8_t *buf);

#endif
