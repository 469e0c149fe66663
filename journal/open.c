/* Starting: find or make the ring, take the roles, learn where it stands. */
#include "journal/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RETRY_MS = 5000,
	BATCH_OPS = 1024,
	BATCH_OPS_MAX = 1 << 20, /* what perform returns can count them */
	BATCH_BYTES = 1 << 20,
	COMMIT_BYTES = 384, /* FORMAT.md 7 */
};

/* Say why, unless somebody who knows more already did. */
static int explain_start(struct ring_fault *f, const char *path, int rc,
			 const char *why)
{
	if (f != NULL && rc < 0 && f->code != rc) {
		*f = (struct ring_fault){ .code = rc };
		snprintf(f->text, sizeof(f->text), "'%.100s': %s: %s", path,
			 why, ring_strerror(rc));
	}
	return rc;
}

static int explain(const struct journal *j, int rc, const char *why)
{
	return explain_start(j->options.ring.fault, j->path, rc, why);
}

static void *alloc(const struct journal *j, size_t len)
{
	return j->system->alloc(j->system->ctx, len, JOURNAL_ALIGN);
}

static void release(const struct journal *j, void *mem, size_t len)
{
	if (mem != NULL)
		j->system->release(j->system->ctx, mem, len);
}

/* ---- the ring ----------------------------------------------------------- */

int journal_ring_options(const struct journal_options *options,
			 struct ring_fault *fault, struct ring_options *ret)
{
	*ret = options->ring;
	ret->io = NULL;
	if (fault != NULL)
		ret->fault = fault;
	if (ret->system == NULL)
		ret->system = ring_system_default();
	return options->open != NULL
		       ? options->open(options->open_ctx, &ret->io)
		       : 0;
}

/* Call fn on the storage, opened for it once more. */
static int with_storage(struct journal *j,
			int (*fn)(struct journal *j, const char *path,
				  const struct ring_options *options))
{
	struct ring_options options;
	int rc = journal_ring_options(&j->options, NULL, &options);

	if (rc == 0)
		rc = fn(j, j->path, &options);
	ring_io_close(options.io);
	return explain(j, rc, "cannot open the journal");
}

/* Room that one commit takes at most. */
static uint64_t commit_bytes(const struct ring_info *info)
{
	return info->padded ? info->block_bytes : COMMIT_BYTES;
}

/* FORMAT.md 7: any ring has room for its largest batch, two commits and the
 * block that its end is in. */
uint64_t journal_filling_bytes(const struct ring_info *info)
{
	const uint64_t half = info->data_bytes / 2;
	const uint64_t spare = info->data_bytes - info->max_batch_bytes -
			       2 * commit_bytes(info) - info->block_bytes;

	return spare < half ? spare : half;
}

/* What fits, and how far it reaches now. */
static int read_ring(struct journal *j, const char *path,
		     const struct ring_options *options)
{
	struct ring_info info;
	int rc = ring_info(path, options, &info);

	if (rc < 0)
		return rc;
	j->max_item_bytes = info.max_item_bytes;
	j->filling_bytes = journal_filling_bytes(&info);
	j->end_number = info.exposed_items;
	j->end = info.exposed;
	j->group_bytes = info.max_batch_bytes - commit_bytes(&info);
	return 0;
}

static int make_ring(struct journal *j, const char *path,
		     const struct ring_options *options)
{
	const char *const names[] = { j->options.consumer != NULL
					      ? j->options.consumer
					      : "default" };
	struct ring_create_options create = j->options.create;
	int rc = journal_is_blank(path, options);

	create.consumers = names;
	create.consumer_count = 1;
	create.force = false;
	if (j->options.name != NULL)
		create.queue = j->options.name;
	if (rc == 0 || rc == -ENOENT)
		rc = ring_create(path, &create, options);
	return rc;
}

static int find_ring(struct journal *j)
{
	int rc = with_storage(j, read_ring);

	if (rc != -RING_ERR_NOT_A_RING && rc != -ENOENT)
		return rc;
	rc = with_storage(j, make_ring);
	return rc == 0 ? with_storage(j, read_ring) : rc;
}

/* ---- roles -------------------------------------------------------------- */

static int told(struct journal *j, int rc, const struct ring_fault *fault)
{
	if (rc < 0 && j->options.ring.fault != NULL)
		*j->options.ring.fault = *fault;
	return rc;
}

/* What somebody pushed and did not expose was not for nobody. Where the ring
 * is suspended the next push exposes it. */
static int expose(struct journal *j, const struct ring_producer_state *state)
{
	int rc = 0;

	if (state->pushed_items > state->exposed_items)
		rc = ring_producer_advance(j->p, RING_POSITION_NONE, NULL);
	return rc == -RING_ERR_SUSPENDED ? 0 : rc;
}

static int take_producer(struct journal *j)
{
	struct ring_producer_state state;
	struct ring_options options;
	int rc = journal_ring_options(&j->options, &j->p_fault, &options);

	if (rc == 0)
		rc = ring_producer_attach(j->path, &options, &j->p, &state);
	if (rc < 0)
		ring_io_close(options.io);
	if (rc == 0)
		rc = expose(j, &state);
	if (rc < 0)
		return told(j, rc, &j->p_fault);
	j->end_number = state.pushed_items;
	j->end = state.pushed;
	j->done = state.pushed - state.used_bytes;
	return 0;
}

static int take_consumer(struct journal *j)
{
	struct ring_consumer_state state;
	struct ring_options options;
	int rc = journal_ring_options(&j->options, &j->c_fault, &options);

	options.lost = journal_note_loss;
	options.lost_ctx = j;
	if (rc == 0)
		rc = ring_consumer_attach(j->path, j->options.consumer,
					  &options, &j->c, &state);
	if (rc < 0) {
		ring_io_close(options.io);
		return told(j, rc, &j->c_fault);
	}
	j->next_number = state.items;
	j->done = state.position;
	skips_decode(state.cookie, state.cookie_bytes, &j->skips);
	return 0;
}

static int take_buffers(struct journal *j)
{
	const struct journal_options *o = &j->options;

	j->bytes_size = o->batch_bytes > j->max_item_bytes ? o->batch_bytes
							   : j->max_item_bytes;
	j->bytes_size += o->batch_ops * (size_t)(JOURNAL_ALIGN - 1);
	j->bytes = alloc(j, j->bytes_size);
	j->ops = alloc(j, o->batch_ops * sizeof(*j->ops));
	j->nexts = alloc(j, o->batch_ops * sizeof(*j->nexts));
	return j->bytes != NULL && j->ops != NULL && j->nexts != NULL ? 0
								      : -ENOMEM;
}

static int take_roles(struct journal *j)
{
	const enum journal_sides sides = j->options.sides;
	int rc = sides != JOURNAL_PERFORMS ? take_producer(j) : 0;

	if (rc == 0 && sides != JOURNAL_PUSHES)
		rc = take_consumer(j);
	if (rc == 0 && sides != JOURNAL_PUSHES)
		rc = take_buffers(j);
	return rc;
}

/* What an earlier process left is due at once. */
static void begin_replay(struct journal *j)
{
	if (j->end_number > j->next_number)
		journal_note_pending(j);
	j->now.due_ns = journal_now_ns(j);
}

int journal_give_back(struct journal *j)
{
	int rc = j->c != NULL ? ring_consumer_detach(j->c) : 0;
	int other = j->p != NULL ? ring_producer_detach(j->p) : 0;

	ring_consumer_free(j->c);
	ring_producer_free(j->p);
	j->c = NULL;
	j->p = NULL;
	return rc < 0 ? rc : other;
}

/* ---- the handle --------------------------------------------------------- */

/* What it says is about this call. */
static void clear_fault(const struct journal *j)
{
	if (j->options.ring.fault != NULL)
		*j->options.ring.fault = (struct ring_fault){ 0 };
}

static int check_options(const struct journal *j, const char *path)
{
	if (strlen(path) >= sizeof(j->path))
		return explain(j, -ENAMETOOLONG, "cannot start the journal");
	if (j->options.ring.io != NULL)
		return explain(j, -EINVAL, "storage is given by 'open'");
	if (j->perform == NULL && j->options.sides != JOURNAL_PUSHES)
		return explain(j, -EINVAL, "there is nothing to perform with");
	return 0;
}

static void set_defaults(struct journal_options *o)
{
	if (o->retry_interval_ms == 0)
		o->retry_interval_ms = RETRY_MS;
	if (o->batch_ops == 0)
		o->batch_ops = BATCH_OPS;
	if (o->batch_ops > BATCH_OPS_MAX)
		o->batch_ops = BATCH_OPS_MAX;
	if (o->batch_bytes == 0)
		o->batch_bytes = BATCH_BYTES;
}

static void init_lock(struct journal *j)
{
	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&j->monotonic);
	pthread_condattr_setclock(&j->monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&j->changed, &j->monotonic);
	pthread_cond_init(&j->keeper_wake, &j->monotonic);
}

static struct journal *new_journal(const char *path,
				   const struct journal_options *options)
{
	static const struct journal_options defaults;
	const struct ring_system *s;
	struct journal *j;

	if (options == NULL)
		options = &defaults;
	s = options->ring.system != NULL ? options->ring.system
					 : ring_system_default();
	j = s->alloc(s->ctx, sizeof(*j), JOURNAL_ALIGN);
	if (j == NULL)
		return NULL;
	j->options = *options;
	j->system = s;
	j->pusher_bell.fd = j->performer_bell.fd = -1;
	set_defaults(&j->options);
	snprintf(j->path, sizeof(j->path), "%s", path);
	init_lock(j);
	return j;
}

static void drop_journal(struct journal *j)
{
	(void)journal_give_back(j);
	release(j, j->bytes, j->bytes_size);
	release(j, j->ops, j->options.batch_ops * sizeof(*j->ops));
	release(j, j->nexts, j->options.batch_ops * sizeof(*j->nexts));
	bell_release(&j->pusher_bell);
	bell_release(&j->performer_bell);
	pthread_cond_destroy(&j->changed);
	pthread_cond_destroy(&j->keeper_wake);
	pthread_condattr_destroy(&j->monotonic);
	pthread_mutex_destroy(&j->lock);
	release(j, j, sizeof(*j));
}

int journal_open(const char *path, const struct journal_options *options,
		 journal_perform_fn *perform, void *ctx,
		 struct journal **ret_journal)
{
	struct journal *j = new_journal(path, options);
	int rc;

	if (j == NULL)
		return explain_start(options != NULL ? options->ring.fault
						     : NULL,
				     path, -ENOMEM, "cannot start the journal");
	j->perform = perform;
	j->ctx = ctx;
	clear_fault(j);
	rc = check_options(j, path);
	if (rc == 0)
		rc = find_ring(j);
	if (rc == 0)
		rc = bell_init(&j->pusher_bell);
	if (rc == 0)
		rc = bell_init(&j->performer_bell);
	if (rc == 0)
		rc = take_roles(j);
	if (rc < 0) {
		explain(j, rc, "cannot start the journal");
		drop_journal(j);
		return rc;
	}
	clear_fault(j); /* that there was no ring yet, say */
	begin_replay(j);
	*ret_journal = j;
	return 0;
}

/* ---- the calls ---------------------------------------------------------- */

/* Nothing is performed before the lock is free: a perform that pushes finds the
 * handle written, and none is called for a start that fails. */
static int start_threads(struct journal *j, struct journal **ret_journal)
{
	int rc;

	pthread_mutex_lock(&j->lock);
	rc = journal_start_threads(j);
	if (rc == 0)
		*ret_journal = j;
	else
		journal_fail(j, rc, NULL);
	pthread_mutex_unlock(&j->lock);
	return rc;
}

RING_EXPORT int journal_start(const char *path,
			      const struct journal_options *options,
			      journal_perform_fn *perform, void *ctx,
			      struct journal **ret_journal)
{
	struct journal_options own = { 0 };
	struct journal *j;
	int rc;

	if (options != NULL)
		own = *options;
	/* Perform may take longer than an owner may keep silent. */
	own.ring.heartbeat_thread = own.open == NULL;
	rc = journal_open(path, &own, perform, ctx, &j);
	if (rc < 0)
		return rc;
	rc = start_threads(j, ret_journal);
	if (rc < 0) {
		explain(j, rc, "cannot start a thread");
		journal_free(j);
	}
	return rc;
}

RING_EXPORT void journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	(void)journal_shutdown(j);
	drop_journal(j);
}
