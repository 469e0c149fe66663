#ifndef RING_RING_H
#define RING_RING_H

/*
 * blkring: a crash-safe ring buffer on a block device or a file.
 *
 * One producer and 1 to 64 named consumers share a region of storage. What
 * push() or publish() returned success for survives power loss; a consumer
 * sees a gapless prefix of what was published, and nothing that a power loss
 * could still take back. docs/FORMAT.md is the format, docs/DESIGN.md the
 * reasons, ring(3) the guide.
 *
 * Threads: one handle, one thread at a time. Handles are independent of each
 * other, also those of one ring; the library has no global state.
 *
 * Results: 0 or a count, or a negative code (ring_error.h). After a failed
 * write or flush a handle is dead: each call repeats the first error. Detach,
 * attach again, and the ring recovers from what storage holds.
 */

#include "ring/ring_error.h"
#include "ring/ring_io.h"
#include "ring/ring_system.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ring_producer;
struct ring_consumer;

enum {
	RING_NAME_BYTES = 64,   /* with its NUL */
	RING_LABEL_BYTES = 256, /* with its NUL */
	RING_COMMIT_COOKIE_MAX = 256,
	RING_CURSOR_COOKIE_MAX = 64,
	RING_CURSORS_MAX = 64,
};

/* ---- positions ---------------------------------------------------------- */

/*
 * A position is an opaque 64-bit number: only compare it, and hand it back to
 * the ring it came from. RING_POSITION_NONE is no position; where a parameter
 * allows it, it means "where I am".
 */
enum { RING_POSITION_NONE = 0 };

/* Negative, 0 or positive: a is before, at or after b in the stream. */
static inline int ring_position_compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* ---- options ------------------------------------------------------------ */

enum ring_trace_variable {
	RING_TRACE_PRODUCER,    /* the exposed position */
	RING_TRACE_CONSUMER,    /* a cursor's position */
	RING_TRACE_SUSPEND,     /* 1: suspend is requested, 0: it is not */
	RING_TRACE_SUSPEND_ACK, /* 1: acknowledged as suspended, 0: as running */
};

/* One look at or change of a value that the two sides share. */
struct ring_trace_event {
	enum ring_trace_variable variable;
	bool is_set; /* this handle wrote it; else it read it */
	uint64_t value;
	const char *client; /* this handle's client name */
	const char *queue;  /* the ring's queue name */
	const char *cursor; /* whose value; "" for the producer, operator */
};

typedef void ring_trace_fn(void *ctx, const struct ring_trace_event *event);

/* What to do about committed data that is damaged. */
enum ring_on_damage {
	RING_DAMAGE_STOP,     /* say so, and change nothing */
	RING_DAMAGE_SKIP,     /* leave out the least that is needed to go on */
	RING_DAMAGE_TRUNCATE, /* leave out everything behind the damage */
};

/* Items that are lost, as a consumer that goes on behind them is told. */
struct ring_loss {
	uint64_t position; /* the stretch [position, next) is lost */
	uint64_t next;
	uint64_t sequence; /* of the first item lost */
	uint64_t items;    /* how many; 0: none, or not known */
	bool is_repaired;  /* ring_repair() left it out, not this handle */
};

typedef void ring_loss_fn(void *ctx, const struct ring_loss *loss);

/* What a call that returned success survives. */
enum ring_durability {
	RING_DURABILITY_FULL = 0, /* power loss */
	RING_DURABILITY_PROCESS,  /* the death of processes, not of the host */
};

/* What consumers are given. */
enum ring_deliver {
	RING_DELIVER_DURABLE = 0, /* nothing that a power loss takes back */
	RING_DELIVER_VISIBLE,     /* whatever is there to be read */
};

/* For every way to open a ring. All zero is the default. */
struct ring_options {
	enum ring_io_engine engine;
	enum ring_io_mode mode;

	/*
	 * For producers and consumers, each on its own. PROCESS: items and
	 * positions live in the page cache until the kernel writes them; only
	 * attach, detach and answers to requests flush. After a power loss the
	 * ring may end earlier, or be damaged; nothing wrong is delivered.
	 * -EINVAL with direct I/O, which is the default of block devices.
	 */
	enum ring_durability durability;

	/*
	 * Consumers only. VISIBLE: pop(), fold() and wait() do not wait for
	 * proof. An item may then vanish, or another take its place, after a
	 * power loss of the device or a take-over from another host. advance()
	 * proves first, so the position never passes what is durable.
	 */
	enum ring_deliver deliver;

	const char *client; /* recorded as owner, at most 63 bytes; NULL: "" */

	/*
	 * Take the role from an owner on another host. It is watched for two
	 * heartbeat intervals first, and left alone if it is alive.
	 */
	bool takeover;

	/*
	 * With a take-over: the former host surely writes no more (it is off,
	 * or fenced from the device by other means). No gap is laid for its
	 * late writes.
	 */
	bool former_is_off;

	/*
	 * Run a thread that keeps the heartbeat going between calls. Without
	 * it an idle owner looks dead to a take-over (and is fenced by it).
	 */
	bool heartbeat_thread;

	/*
	 * Consumers only: what pop() and fold() do when what comes next is
	 * damaged. The data area is not changed by that. The loss is for good
	 * when the position is advanced past it; and without being asked when
	 * nothing that can be read follows, as with space that holds no items.
	 */
	enum ring_on_damage on_damage;

	/*
	 * Consumers only: told each time reading passes over lost items, before
	 * the item behind them is given, as often as that is read. May not call
	 * the same handle. NULL: only the sequence numbers show it.
	 */
	ring_loss_fn *lost;
	void *lost_ctx;

	/* Bounds of the polling back-off. 0: 1 ms and 100 ms. */
	uint32_t poll_min_ms;
	uint32_t poll_max_ms;

	ring_trace_fn *trace; /* NULL: none */
	void *trace_ctx;

	struct ring_fault *fault; /* filled on failure; lives as long as the
				   * handle. NULL: not wanted */

	/*
	 * Storage other than that of `path`. A handle takes it over (closes
	 * it) if and only if its attach succeeds; calls that make no handle
	 * leave it to the caller. NULL: open `path`.
	 */
	struct ring_io *io;
	const struct ring_system *system; /* NULL: the operating system */
};

/* ---- create and erase --------------------------------------------------- */

struct ring_create_options {
	uint64_t size_bytes;   /* 0: all of the device; a new file needs it */
	uint32_t block_bytes;  /* 0: 4096, or the device's if that is more */
	uint32_t cursor_slots; /* 0: 8, or as many as there are names */
	const char *const *consumers; /* names; NULL: one, "default" */
	size_t consumer_count;
	uint64_t max_item_bytes;  /* 0: min(16 MiB, a quarter of the data) */
	uint64_t max_batch_bytes; /* 0: what max_item needs, or min(2 MiB, a
				   * quarter of the data) if that is more */
	uint32_t heartbeat_ms;    /* 0: 500 */
	bool padded;       /* never rewrite a committed block (FORMAT.md 5) */
	bool sparse;       /* do not preallocate and zero a new file */
	bool force;        /* overwrite what is there; never a ring in use */
	const char *label; /* what the items are; NULL: "" */
	const char *queue; /* the ring's own name; NULL: "" */
};

/*
 * Make a ring on `path`, which is created if it does not exist. Returns when
 * it is durable; a crash in between leaves no ring. Refuses (OCCUPIED) a
 * device or file that holds anything, unless `force`. Errors: -EINVAL for
 * sizes that make no ring (the fault says which), NAME, OCCUPIED, OWNED,
 * BLOCK_SIZE, TRUNCATED (the device is smaller than size_bytes), -errno.
 */
int ring_create(const char *path, const struct ring_create_options *create,
		const struct ring_options *options);

/*
 * Make `path` no ring any more: superblocks and slots are zeroed. Refuses
 * OWNED, and NOT_EMPTY unless `force`.
 */
int ring_erase(const char *path, bool force,
	       const struct ring_options *options);

/* ---- items -------------------------------------------------------------- */

/* An item to push: metadata + data, each may be empty. */
struct ring_entry {
	const void *data;
	size_t data_bytes;
	const void *meta;
	size_t meta_bytes;
	uint16_t type; /* the user's */
};

/* An opaque note, stored with a position. {NULL, 0}: none. */
struct ring_cookie {
	const void *bytes;
	size_t len_bytes;
};

/* An item that was read. Pointers are lent until the handle's next call. */
struct ring_item {
	uint64_t position; /* where it starts */
	uint64_t next;     /* the position after it: advance() to here */
	uint64_t sequence; /* 0, 1, 2... over the ring's life, without holes */
	uint64_t time_ns;  /* when it was pushed, since 1970 */
	const void *data;
	size_t data_bytes;
	const void *meta;
	size_t meta_bytes;
	uint16_t type;
};

/* ---- producer ----------------------------------------------------------- */

struct ring_producer_state {
	uint64_t pushed;        /* end of what is durable */
	uint64_t exposed;       /* consumers see the items below */
	uint64_t pushed_items;  /* sequence number of the next item */
	uint64_t exposed_items; /* sequence number of the first not exposed */
	uint64_t used_bytes;
	uint64_t free_bytes;
	bool suspended;
	size_t cookie_bytes; /* the last cookie; 0: there was none */
	uint8_t cookie[RING_COMMIT_COOKIE_MAX];
};

/*
 * Become the ring's producer and recover it: find the end, keep what was
 * pushed and not exposed (expose it with advance() or drop it with
 * discard()), acknowledge requests. *ret_state may be NULL: the state found.
 * Reads a bounded amount, whatever the ring's size. Errors: NOT_A_RING,
 * VERSION, FEATURE, SUPERBLOCK, TRUNCATED, BLOCK_SIZE, SLOT, DAMAGED (the ring
 * is left as it is), OWNED, OTHER_HOST, ALIVE, TAKEOVERS, EXHAUSTED, NAME,
 * -errno.
 */
int ring_producer_attach(const char *path, const struct ring_options *options,
			 struct ring_producer **ret_producer,
			 struct ring_producer_state *ret_state);

/*
 * Give the role back; what is claimed is dropped, what is pushed stays. After
 * it every call is DETACHED. 0, or what went wrong in writing the last
 * checkpoint (nothing is lost by that).
 */
int ring_producer_detach(struct ring_producer *p);

/* Detach if attached, and release the handle. NULL is fine. */
void ring_producer_free(struct ring_producer *p);

/*
 * Each of the calls below can also fail with: FENCED, DETACHED, -errno of the
 * storage (then the handle is dead). Those that write data with SUSPENDED,
 * FULL (nothing was written; `fault` is not touched), CLAIMED (claimed items
 * must be committed or aborted first) and TOO_BIG (an item above max_item, or
 * together above max_batch: see ring_info). `cookie` may be NULL. *ret_position
 * may be NULL: the position after what was written.
 */

/* Store entries durably; consumers do not see them before an advance(). */
int ring_producer_push(struct ring_producer *p,
		       const struct ring_entry *entries, size_t count,
		       const struct ring_cookie *cookie,
		       uint64_t *ret_position);

/*
 * Store entries and expose them, and everything pushed before, all together:
 * one write and one flush.
 */
int ring_producer_publish(struct ring_producer *p,
			  const struct ring_entry *entries, size_t count,
			  const struct ring_cookie *cookie,
			  uint64_t *ret_position);

/*
 * Expose what was pushed up to `position`, which a push returned (or NONE: all
 * of it). At or below the exposed position it is 0 and nothing happens. FULL
 * for a part only: exposing all of it, and discarding it, always fit.
 * BOUNDARY: no push ended there; FUTURE.
 */
int ring_producer_advance(struct ring_producer *p, uint64_t position,
			  const struct ring_cookie *cookie);

/* Drop, durably, what was pushed and not exposed. Its sequence numbers are
 * given again. */
int ring_producer_discard(struct ring_producer *p,
			  const struct ring_cookie *cookie);

/*
 * Zero-copy: reserve an item and get a pointer to its metadata and, behind
 * that, its data, to be filled in place. Several claims make one batch. The
 * pointers are valid until commit or abort. Same errors as push.
 */
struct ring_claim {
	void *meta;
	void *data;
};
int ring_producer_claim(struct ring_producer *p, size_t data_bytes,
			size_t meta_bytes, uint16_t type,
			struct ring_claim *ret_claim);

/* Shorten the data of the last claim to `data_bytes`. -EINVAL if that is
 * longer; NO_CLAIM. */
int ring_producer_trim(struct ring_producer *p, size_t data_bytes);

enum ring_commit { RING_COMMIT_PUSH, RING_COMMIT_PUBLISH };

/* Push or publish what is claimed. On a retry error the claims stand. */
int ring_producer_commit(struct ring_producer *p, enum ring_commit how,
			 const struct ring_cookie *cookie,
			 uint64_t *ret_position);

/* Drop what is claimed. */
int ring_producer_abort(struct ring_producer *p);

/* Positions, space, suspension now. Also looks for requests and answers. */
int ring_producer_state(struct ring_producer *p,
			struct ring_producer_state *ret_state);

/*
 * Sleep until it is worth trying again, at most timeout_ms (negative: no
 * limit); meanwhile answer requests and keep the heartbeat going. 0: since a
 * call last met FULL or SUSPENDED, or this one returned 0, a suspension began
 * or ended, or, outside of one, the slowest consumer moved on or left, so that
 * there is more space; whether it is enough the next call tells. TIMEOUT:
 * nothing of that. DETACHED, FENCED, -errno.
 */
int ring_producer_wait(struct ring_producer *p, int timeout_ms);

/*
 * A descriptor that polls readable when wait() would return. Call state() or
 * wait(p, 0) then. It stays the handle's. -errno.
 */
int ring_producer_fd(struct ring_producer *p);

/* Describe the handle in at most len_bytes bytes of text (NUL included).
 * Returns its full length, like snprintf. Any state, no I/O. */
int ring_producer_debug_info(struct ring_producer *p, char *buf,
			     size_t len_bytes);

/* ---- consumer ----------------------------------------------------------- */

struct ring_consumer_state {
	uint64_t position;      /* durable: everything below is consumed */
	uint64_t items;         /* sequence number of the next item */
	uint64_t exposed;       /* as far as a commit shows that counts */
	uint64_t backlog_bytes; /* up to `exposed`: there may be more */
	uint64_t backlog_items;
	bool suspend_requested; /* by this cursor */
	bool suspend_acked;     /* its last request is acknowledged */
	bool suspended;         /* the producer is, by whomever */
	size_t cookie_bytes;
	uint8_t cookie[RING_CURSOR_COOKIE_MAX];
};

/*
 * Become the consumer `name` (NULL: "default"). *ret_state may be NULL.
 * Errors: as for the producer, and NO_CONSUMER.
 */
int ring_consumer_attach(const char *path, const char *name,
			 const struct ring_options *options,
			 struct ring_consumer **ret_consumer,
			 struct ring_consumer_state *ret_state);

/* Give the role back; the position stays, and holds space. */
int ring_consumer_detach(struct ring_consumer *c);

/* Detach if attached, and release the handle. NULL is fine. */
void ring_consumer_free(struct ring_consumer *c);

/*
 * Each of the calls below can also fail with FENCED, REMOVED, DETACHED and
 * -errno of the storage.
 */

/*
 * The next exposed item at or after `from` (NONE: the consumer's position),
 * which is a position that an item or advance gave. Does not consume: the same
 * call returns the same item. EMPTY; DAMAGED: the item, or what proves it, is
 * damaged (the fault names the range; nothing is skipped, unless the option
 * on_damage says so); BOUNDARY, FUTURE, RELEASED for a bad `from`.
 */
int ring_consumer_pop(struct ring_consumer *c, uint64_t from,
		      struct ring_item *ret_item);

/* 0: go on; positive: enough, this item counts; negative: fail with that. */
typedef int ring_fold_fn(void *ctx, const struct ring_item *item);

/* Most items, and most bytes of metadata + data, of one fold; 0: no limit.
 * The first item is given even if it alone is above the limit of bytes. */
struct ring_fold_limits {
	uint64_t items;
	uint64_t bytes;
};

/*
 * Call fn for each item exposed now, from `from` on. Returns 0 and, in
 * *ret_position, the position after the last item given (or `from`, if there
 * was none; then the result is EMPTY and *ret_position is not written).
 * Does not consume. If fn fails, its error is returned and *ret_position
 * stays as it was. DAMAGED only when there is no good item before it. fn may
 * not call the same handle. `limits` may be NULL.
 */
int ring_consumer_fold(struct ring_consumer *c, uint64_t from,
		       const struct ring_fold_limits *limits, ring_fold_fn *fn,
		       void *ctx, uint64_t *ret_position);

/*
 * Everything before `position` is processed: durably so on return, and its
 * space may be reused. `cookie` (at most 64 bytes) is stored with it; NULL
 * keeps the last one. Below the current position it is RELEASED; BOUNDARY,
 * FUTURE: also when what was delivered on sight is gone. EMPTY: it can't be
 * told yet whether what lies before it will stay, for a producer is attaching
 * just now, or (RING_DELIVER_VISIBLE) no mark covers it yet; retry.
 */
int ring_consumer_advance(struct ring_consumer *c, uint64_t position,
			  const struct ring_cookie *cookie);

/*
 * Ask the producer to stop, or go on. Does not wait: the request is durable
 * on return, the producer acknowledges when it next looks. Asking for what
 * was asked last is 0. UNACKED while the previous request stands
 * unacknowledged.
 */
int ring_consumer_suspend(struct ring_consumer *c);
int ring_consumer_resume(struct ring_consumer *c);

int ring_consumer_state(struct ring_consumer *c,
			struct ring_consumer_state *ret_state);

/*
 * Sleep until there may be a new item or an acknowledgement, at most
 * timeout_ms (negative: no limit). 0: look again (spurious wake-ups happen);
 * TIMEOUT. Keeps the heartbeat going.
 */
int ring_consumer_wait(struct ring_consumer *c, int timeout_ms);

/*
 * A descriptor that polls readable when wait() would return. Pop until EMPTY
 * then; only that makes it quiet. It stays the handle's. -errno.
 */
int ring_consumer_fd(struct ring_consumer *c);

/* As ring_producer_debug_info(). */
int ring_consumer_debug_info(struct ring_consumer *c, char *buf,
			     size_t len_bytes);

/* ---- members and operators ---------------------------------------------- */

enum ring_join {
	RING_JOIN_END,    /* see only what is exposed from now on */
	RING_JOIN_OLDEST, /* all that some consumer still holds */
};

/*
 * Let a consumer join, leave. An attached producer decides, when it next
 * looks: for that these wait up to timeout_ms (negative: no limit), then
 * TIMEOUT (the request stands; ask again to learn the answer). Without one
 * they take its role for a moment. NO_SLOT, EXISTS, NAME; NO_CONSUMER,
 * LAST_CONSUMER, OWNED (it is attached).
 */
int ring_member_add(const char *path, const char *name, enum ring_join at,
		    int timeout_ms, const struct ring_options *options);
int ring_member_remove(const char *path, const char *name, int timeout_ms,
		       const struct ring_options *options);

/*
 * Suspend or resume as the operator, beside any running consumer; holds no
 * space. timeout_ms 0: return once requested; else once acknowledged, or
 * TIMEOUT. UNACKED.
 */
int ring_operator_suspend(const char *path, int timeout_ms,
			  const struct ring_options *options);
int ring_operator_resume(const char *path, int timeout_ms,
			 const struct ring_options *options);

/* ---- looking from outside: read-only, no role, safe on a live ring ------ */

struct ring_owner_info {
	bool attached;
	bool on_this_host; /* and in this boot */
	bool locked;       /* alive for sure: its lock is held here */
	enum ring_durability durability; /* of what it last wrote */
	uint64_t epoch;
	uint64_t pid;
	uint64_t time_ns;   /* last write of its slot */
	uint64_t heartbeat; /* its counter */
	uint8_t host_id[16];
	uint8_t boot_id[16];
	char client[RING_NAME_BYTES];
};

struct ring_cursor_info {
	char name[RING_NAME_BYTES];
	unsigned slot;
	bool joined; /* counted: holds space */
	uint64_t position;
	uint64_t items;
	uint64_t backlog_bytes;
	uint64_t backlog_items;
	uint64_t oldest_ns; /* when its next item was pushed; 0: none */
	bool suspend_requested;
	bool suspend_acked;
	size_t cookie_bytes;
	uint8_t cookie[RING_CURSOR_COOKIE_MAX];
	struct ring_owner_info owner;
};

struct ring_info {
	uint8_t uuid[16];
	char queue[RING_NAME_BYTES];
	char label[RING_LABEL_BYTES];
	uint64_t created_ns;
	uint64_t device_bytes;
	uint64_t ring_bytes;
	uint64_t data_offset_bytes;
	uint64_t data_bytes;
	uint64_t max_item_bytes;
	uint64_t max_batch_bytes;
	uint32_t block_bytes;
	uint32_t sector_bytes;
	uint32_t cursor_slots;
	uint32_t heartbeat_ms;
	bool padded;
	const char *engine; /* that served this call */
	bool buffered;

	uint64_t end; /* of the last commit */
	uint64_t exposed;
	uint64_t pushed_items;
	uint64_t exposed_items;
	uint64_t tail;
	uint64_t checkpoint;
	uint64_t used_bytes;
	uint64_t free_bytes;
	uint64_t last_commit_ns; /* 0: there was none */
	bool recovering;
	bool suspended;
	bool operator_requested; /* the operator's request is: suspend */
	bool operator_acked;
	size_t cookie_bytes;
	uint8_t cookie[RING_COMMIT_COOKIE_MAX];
	struct ring_owner_info producer;

	unsigned cursor_count;
	struct ring_cursor_info cursors[RING_CURSORS_MAX];
};

/* A snapshot. Errors: those of opening a ring; DAMAGED when the end can't be
 * found (then everything but `end` and what follows from it is filled). */
int ring_info(const char *path, const struct ring_options *options,
	      struct ring_info *ret_info);

enum ring_record_kind {
	RING_RECORD_ITEM = 1,
	RING_RECORD_COMMIT = 2,
	RING_RECORD_HOLE = 3, /* a repair left out [position, next) */
};

/* A record as stored. Pointers are lent for the duration of the callback. */
struct ring_record_view {
	uint64_t position;
	uint64_t next;         /* where the following record starts */
	uint64_t offset_bytes; /* on the device */
	enum ring_record_kind kind;
	bool valid;        /* false: the last one given; see code */
	int code;          /* 0, or why it is not valid */
	bool damaged;      /* not valid, and below a durable mark */
	uint64_t checksum; /* as stored */
	uint64_t epoch;
	uint64_t sequence;
	uint64_t time_ns;
	uint16_t type;
	const uint8_t *body; /* metadata, then data; or the cookie */
	size_t body_bytes;
	size_t meta_bytes;
	uint64_t exposed; /* commits only, as the next two */
	uint64_t durable;
	uint64_t from;
};

/* 0: go on; otherwise stop, and return that. */
typedef int ring_walk_fn(void *ctx, const struct ring_record_view *record);

/*
 * Call fn for each record from `from` on (NONE: the oldest position held), to
 * the end of the ring. The record that ends the walk is given only if it is
 * damaged, with `valid` false. Records that are overwritten under way end it
 * with RELEASED. BOUNDARY: no valid record starts at `from`.
 */
int ring_walk(const char *path, const struct ring_options *options,
	      uint64_t from, ring_walk_fn *fn, void *ctx);

enum ring_severity {
	RING_NOTE,   /* explains, e.g. an interrupted write: no harm */
	RING_WARN,   /* a spare is damaged; nothing is lost */
	RING_DAMAGE, /* committed data or the state is damaged */
};

struct ring_finding {
	enum ring_severity severity;
	int code;
	uint64_t position;     /* 0: not in the stream */
	uint64_t offset_bytes; /* on the device */
	uint64_t length_bytes; /* 0: unknown */
	const char *text;      /* lent */
};

typedef void ring_check_fn(void *ctx, const struct ring_finding *finding);

/*
 * Verify everything that a checksum or a rule covers, reading only; safe on a
 * live ring. Calls fn for each finding. Returns the number of findings of
 * severity WARN and above, or -errno, NOT_A_RING, VERSION, FEATURE if there is
 * nothing to check. (SUPERBLOCK, TRUNCATED, ... are findings.)
 */
int ring_check(const char *path, const struct ring_options *options,
	       ring_check_fn *fn, void *ctx);

/* ---- repair ------------------------------------------------------------- */

enum ring_repair_what {
	RING_REPAIR_SUPERBLOCK, /* written anew from its other copy */
	RING_REPAIR_SLOT,       /* written anew from what else is known */
	RING_REPAIR_STREAM,     /* damaged records are left out */
};

struct ring_repair_step {
	enum ring_repair_what what;
	bool is_possible;      /* false: it stays as it is, text says why */
	uint64_t position;     /* in the stream; 0: not there */
	uint64_t offset_bytes; /* on the device: what is damaged */
	uint64_t length_bytes;
	uint64_t first_lost; /* sequence number of the first item lost */
	uint64_t lost_items; /* how many; each consumer loses those that are not
			      * yet behind it */
	const char *text;    /* lent */
};

/* Called for each step before it is done. 0: go on; otherwise stop, and
 * return that (negative: an error). */
typedef int ring_repair_fn(void *ctx, const struct ring_repair_step *step);

struct ring_repair_options {
	bool apply; /* false: only plan */

	/*
	 * Called before each write, with what is there: return 0 when it is
	 * kept safely; otherwise the repair stops and returns that. Written
	 * back in reverse order it undoes the repair. NULL: not wanted.
	 */
	int (*save)(void *ctx, uint64_t offset_bytes, const void *bytes,
		    size_t len_bytes);
};

/*
 * Make a damaged ring one that can be used again. The option on_damage says
 * what to do about damaged records: STOP leaves them as they are, SKIP leaves
 * out the least that is needed, TRUNCATE everything behind the last good
 * commit before them. A ring in use is refused (OWNED; to be changed also with
 * OTHER_HOST, ALIVE). `how` may be NULL: plan; `fn` may be NULL: go on. Returns
 * the number of possible steps; done again, it finds none. A crash in between
 * leaves a ring that a further repair mends. SLOT, DAMAGED: the producer's slot
 * can't be rebuilt. Also what keeps a ring from opening (both superblocks
 * damaged can't be repaired), -errno.
 */
int ring_repair(const char *path, const struct ring_options *options,
		const struct ring_repair_options *how, ring_repair_fn *fn,
		void *ctx);

#ifdef __cplusplus
}
#endif

#endif
