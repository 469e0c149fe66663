#ifndef RING_VOLUME_H
#define RING_VOLUME_H

#include "ring/ring.h"
#include "ring/slot.h"
#include "ring/superblock.h"

#include <limits.h>

/*
 * An open ring: its storage, its identity, and what every handle needs
 * besides. Each handle owns one; volumes share nothing.
 */
struct volume {
	struct ring_io *io;
	bool owns_io; /* close it with the volume */
	const struct ring_system *system;
	struct ring_identity self;
	struct superblock superblock;
	bool copy_is_valid[2]; /* superblock A, B */
	char path[PATH_MAX];
	char client[RING_NAME_BYTES];
	bool takeover;
	bool former_is_off;
	bool heartbeat_thread;
	bool skips_flush;   /* RING_DURABILITY_PROCESS */
	bool shows_visible; /* RING_DELIVER_VISIBLE */
	uint64_t poll_min_ns, poll_max_ns;
	enum ring_on_damage on_damage;
	ring_loss_fn *lost;
	void *lost_ctx;
	ring_trace_fn *trace;
	void *trace_ctx;
	struct ring_fault *fault; /* may be NULL */
	uint8_t *sector;          /* one aligned block for small transfers */
	size_t sector_len;
};

/*
 * Open the storage, nothing more: *v is zeroed and set up from options, which
 * may be NULL. On failure everything is released. Errors of ring_io_open(),
 * NAME for a bad client name.
 */
int volume_open_storage(struct volume *v, const char *path,
			const struct ring_options *options, bool read_only);

/* Open a ring: storage and superblock. Errors: ring_producer_attach(). */
int volume_open(struct volume *v, const char *path,
		const struct ring_options *options, bool read_only);

/*
 * Read the superblock of an open storage. NOT_A_RING, VERSION, FEATURE,
 * SUPERBLOCK, BLOCK_SIZE, TRUNCATED, -errno.
 */
int volume_read_superblock(struct volume *v);

/* A handle that failed to come up gives the io back to the caller. */
void volume_abandon(struct volume *v);

/* Release everything, the io too. */
void volume_close(struct volume *v);

/* Transfer any range through whole, aligned sectors is the caller's duty. */
int volume_read(struct volume *v, uint64_t offset, void *buf, size_t len);
int volume_write(struct volume *v, uint64_t offset, void *buf, size_t len);
int volume_flush(struct volume *v);

/* Zeroed and aligned for I/O; NULL when there is no memory. */
void *volume_alloc(struct volume *v, size_t len);
void volume_release(struct volume *v, void *mem, size_t len);

/*
 * Append the I/O of stream positions [start, start + len) to a batch, in two
 * parts where it wraps.
 */
void volume_add_stream(const struct volume *v, struct ring_io_batch *batch,
		       enum ring_io_kind kind, uint64_t start, void *buf,
		       size_t len);

/* The checksum seed of a position or offset of this ring. */
uint64_t volume_seed(const struct volume *v, uint64_t place);

/* Fill the fault, if one is wanted, and return `code`. */
struct fault_place {
	uint64_t position;
	uint64_t offset_bytes;
	uint64_t length_bytes;
};
int volume_fail(const struct volume *v, int code,
		const struct fault_place *place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Likewise for a call that was not right; about `position`, 0: about none. */
int volume_refuse(const struct volume *v, int code, uint64_t position);

/*
 * Fill the fault for an error that nobody has explained yet: at the end of
 * what opened the volume. Returns rc, which may also be a success or a retry.
 */
int volume_explain(const struct volume *v, int rc, const char *doing);

/* No memory for a handle, before there is a volume. Returns -ENOMEM. */
int volume_no_handle(const char *path, const struct ring_options *options);

/* Tell the user's trace callback, if there is one. */
void volume_trace(const struct volume *v, enum ring_trace_variable variable,
		  bool is_set, uint64_t value, const char *cursor);

/* Tell the user's callback for lost items, if there is one. */
void volume_lost(const struct volume *v, const struct ring_loss *loss);

/*
 * Whether a flush by this volume proves what it read before of the writer of
 * a slot: rule R4 (b). So it does if both go through one page cache, and if
 * the writer ended with an earlier boot of this host.
 */
bool volume_flush_proves(const struct volume *v, const struct slot_header *h);

/* Whether the owner in a slot runs on this host, in this boot. */
bool volume_same_boot(const struct volume *v, const struct slot_header *h);

#endif
