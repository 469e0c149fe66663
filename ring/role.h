#ifndef RING_ROLE_H
#define RING_ROLE_H

#include "ring/volume.h"

/*
 * Slots on the device: eight copies a role, read together, written one at a
 * time. FORMAT.md 3; rules R6 and R11 in DESIGN.md.
 *
 * To a reader in another boot a volatile copy is not valid: what it claims may
 * be lost. The other copy of its pair is from the last flush.
 */

enum { ROLE_COPIES = 8, ROLE_PAIRS = 4 };

/* ---- reading ------------------------------------------------------------ */

/* Slot copies in memory, as read; for one role at a time. */
struct role_reader {
	uint8_t *buf; /* ROLE_COPIES x stride */
	size_t stride;
	size_t len;
};

int role_reader_init(struct role_reader *r, struct volume *v);
void role_reader_release(struct role_reader *r, struct volume *v);

/* Append reads of the copies of `pairs` pairs, from that of `epoch` on. */
void role_add_reads(const struct role_reader *r, const struct volume *v,
		    struct ring_io_batch *batch, uint32_t role, uint64_t epoch,
		    unsigned pairs);

/*
 * Direct writes of an owner may leave stale pages in the cache that this volume
 * reads through. To be called before reads of a role whose owner wrote *seen.
 */
int role_drop_stale(struct volume *v, uint32_t role,
		    const struct slot_header *seen);

/* What the copies just read say: the newest of `pairs` pairs. */
struct role_found {
	unsigned copy; /* the newest valid one */
	struct slot_header header;
	unsigned invalid;     /* how many copies are not valid */
	bool pair_is_damaged; /* both copies of some pair */
};

/*
 * Find the newest. -RING_ERR_SLOT if no copy is valid, or both of some pair
 * are not (a crash cannot do that, so it may have been the newest).
 */
int role_find(const struct role_reader *r, const struct volume *v,
	      uint32_t role, uint64_t epoch, unsigned pairs,
	      struct role_found *ret);

/* Whether one copy, just read, is valid; and so after a power loss, too. */
bool role_copy_is_valid(const struct role_reader *r, const struct volume *v,
			uint32_t role, unsigned copy);
bool role_copy_is_lasting(const struct role_reader *r, const struct volume *v,
			  uint32_t role, unsigned copy);

/* Decode the copy that was found. */
int role_decode_producer(const struct role_reader *r, const struct volume *v,
			 const struct role_found *found,
			 struct producer_slot *ret);
int role_decode_cursor(const struct role_reader *r, const struct volume *v,
		       const struct role_found *found, struct cursor_slot *ret);

/*
 * Read all copies, from storage if their owner wrote there directly, and find
 * the newest. Errors of I/O and role_find().
 */
int role_read(struct role_reader *r, struct volume *v, uint32_t role,
	      struct role_found *ret);

/* Read and decode the newest slot of a role. Fills the fault. */
int role_load_producer(struct role_reader *r, struct volume *v,
		       struct producer_slot *ret);
int role_load_cursor(struct role_reader *r, struct volume *v, uint32_t role,
		     struct cursor_slot *ret);

/*
 * Of the copies just read by role_load_producer(), which gave *newest: the
 * newest one that the producer's own mark says is durable (R4 a). -EMPTY: none.
 */
int role_durable_producer(const struct role_reader *r, const struct volume *v,
			  const struct producer_slot *newest,
			  struct producer_slot *ret);

/* ---- writing ------------------------------------------------------------ */

/*
 * Which copy to write next. The one that holds the last value known durable
 * is never overwritten: unflushed writes go to the other, again and again,
 * until a flush; then they swap (R6).
 */
struct role_writer {
	uint32_t role;
	uint64_t epoch;
	uint64_t generation;         /* of the last write */
	uint64_t flushed_generation; /* everything up to it is durable */
	unsigned copy;               /* written last, within the pair */
	bool copy_is_flushed;
	bool is_volatile; /* what is written next claims more than is durable */
	uint8_t *buf;     /* one slot, whole blocks */
	size_t len;
};

int role_writer_init(struct role_writer *w, struct volume *v, uint32_t role);
void role_writer_release(struct role_writer *w, struct volume *v);

/*
 * Begin the epoch after that of the newest slot, whose header is *newest; all
 * copies of the role are in *r. A copy that an earlier crash left torn, or
 * that the next one would forget, is written first: were the other one torn
 * too, the pair would be lost.
 */
void role_writer_begin(struct role_writer *w, const struct volume *v,
		       const struct role_reader *r,
		       const struct slot_header *newest);

/* The copy (0 or 1 of its pair) that the next write goes to. */
unsigned role_writer_next_copy(const struct role_writer *w);

/*
 * Stamp the header (role, epoch, generations, time, owner flags) and append
 * the write of the slot to a batch. The buffer is in use until that is done.
 */
void role_add_write_producer(struct role_writer *w, struct volume *v,
			     struct ring_io_batch *batch,
			     struct producer_slot *slot);
void role_add_write_cursor(struct role_writer *w, struct volume *v,
			   struct ring_io_batch *batch,
			   struct cursor_slot *slot);

/* All that was written so far is durable. */
void role_writer_flushed(struct role_writer *w);

/* ---- the fence ---------------------------------------------------------- */

/* The writer's own pair, and that of the next epoch. */
enum { ROLE_FENCE_PAIRS = 2 };

/*
 * Whether somebody else took the role: a newer epoch stands there, or the same
 * one with another owner, who attached at the same moment. Of copies that
 * role_add_fence_reads() had read.
 */
bool role_is_fenced(const struct role_reader *r, const struct volume *v,
		    const struct role_writer *w);
void role_add_fence_reads(const struct role_reader *r, const struct volume *v,
			  const struct role_writer *w,
			  struct ring_io_batch *batch);

/* Read and judge: 0, FENCED, -errno. */
int role_check_fence(const struct role_reader *r, struct volume *v,
		     const struct role_writer *w);

/* To follow the text of a fault about damage: what may have caused it. */
const char *role_damage_hint(const struct slot_header *producer);

/* Record this process as the owner, or nobody. */
void role_set_owner(const struct volume *v, struct slot_header *h);
void role_clear_owner(struct slot_header *h);

#endif
