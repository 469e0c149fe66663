#ifndef TESTS_LATENT_STORY_H
#define TESTS_LATENT_STORY_H

#include "ring/ring.h"
#include "tests/latent/tap.h"
#include "tests/lib/fake_system.h"

/*
 * How a ring came to be as it is: every write that was made, and what was
 * acknowledged. A story is told through the public API on a disk in memory;
 * what it knows of the disk comes from the writes themselves and FORMAT.md, not
 * from the library's reading of them.
 */
enum {
	STORY_CURSORS = 3,
	STORY_ROLES = 2 + STORY_CURSORS, /* producer, operator, cursors */
	STORY_COPIES = 8,
	STORY_SUPERBLOCK_B = 65536,
	STORY_SUPERBLOCK_BYTES = 512,
	STORY_BEAT_BYTES = 48,
	STORY_ROLES_OFFSET = 131072,
	STORY_BODY_MAX = 640,
	STORY_ITEMS_MAX = 1024,
};

struct shape {
	const char *name;
	uint32_t block_bytes;
	uint32_t data_blocks;
	bool padded;
	bool buffered;
	unsigned cursors;
};

struct past_write {
	uint64_t offset;
	size_t len;
	uint8_t *data;
};

/* A record of the stream as it was acknowledged. */
struct stream_record {
	uint64_t position;
	uint64_t end;   /* of it, a gap behind it not counted */
	uint64_t batch; /* where its batch starts */
	uint64_t epoch;
	uint64_t sequence;
	size_t len; /* header and body */
	bool is_commit;
	bool is_present; /* not overwritten by a later lap */
	uint8_t *bytes;
	/* Of a commit: */
	uint64_t durable;
	uint64_t exposed_sequence;
};

struct story_item {
	uint32_t tag;
	uint32_t len;
};

struct story {
	const struct shape *shape;
	char name[64];
	struct mem_disk *disk;
	uint8_t *bytes; /* the disk's */
	uint64_t size;
	uint64_t data_offset, data_bytes;
	uint64_t stride; /* between slot copies */
	unsigned roles;

	/* Who acts. */
	struct tap tap;
	struct fake_system system;
	struct ring_fault fault;
	uint8_t host; /* the producer's */
	struct ring_producer *producer;
	struct ring_consumer *consumers[STORY_CURSORS];

	/* What was acknowledged. */
	struct story_item items[STORY_ITEMS_MAX]; /* by sequence number */
	uint64_t pushed, exposed;
	uint64_t consumed[STORY_CURSORS];
	bool suspended;
	bool is_marked; /* the producer's slot vouches for all of it */
	bool is_repeated[STORY_CURSORS]; /* there: what is consumed */
	uint32_t next_tag;

	/* What was written. */
	struct past_write *writes;
	size_t write_count, write_cap;
	struct stream_record *records;
	size_t record_count, record_cap;
	uint64_t end; /* where the next batch starts */
	uint64_t random;
};

extern const char *const story_cursor_names[STORY_CURSORS];

/* Create the ring. `seed` decides all that is random. */
void story_begin(struct story *s, const struct shape *shape, uint64_t seed);

/* Everybody is gone: from here on the disk is only looked at. */
void story_end(struct story *s);
void story_release(struct story *s);

/* Each of these must succeed. */
void story_attach_producer(struct story *s);
void story_attach_consumer(struct story *s, unsigned i);
void story_publish(struct story *s, unsigned items);
void story_push(struct story *s, unsigned items);
void story_advance(struct story *s);
void story_discard(struct story *s);
void story_consume(struct story *s, unsigned i, unsigned items);
void story_suspend(struct story *s, unsigned i);
void story_operator_suspend(struct story *s);
void story_look(struct story *s); /* the producer's state(): it idles */
void story_detach_producer(struct story *s);
void story_detach_consumer(struct story *s, unsigned i);

/* The process of the producer, of a consumer dies. */
void story_kill_producer(struct story *s);
void story_kill_consumer(struct story *s, unsigned i);

/* The producer's process is on that host from now on. */
void story_move_to_host(struct story *s, uint8_t host);

/* The bytes of an item. */
void story_fill(const struct story_item *item, uint8_t *body);

/* Where it is on the disk. */
uint64_t story_copy_offset(const struct story *s, uint32_t role, unsigned copy);
size_t story_slot_bytes(uint32_t role);
uint64_t story_offset(const struct story *s, uint64_t position);

/* Whether the bytes of a record stand where they belong. */
bool story_record_stands(const struct story *s, const struct stream_record *r);

#endif
