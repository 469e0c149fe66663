/*
 * Values are made where the ring keeps an item until it is committed: a claim
 * as large as an item may get, shortened to what came. One that the ring has
 * no room for yet stays claimed, and is committed when there is.
 */
#include "generator/error.h"
#include "generator/sink.h"

#include "ring/export.h"
#include "ring/ring.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum { ITEM_BYTES = 1 << 20 };

struct sink_ring {
	struct gen_sink sink;
	char *path;
	struct ring_fault fault;
	struct ring_producer *p;
	uint64_t max_bytes;  /* of an item */
	uint64_t item_bytes; /* where one ends without a cut */

	uint8_t *item;     /* what is claimed; NULL: nothing */
	size_t size_bytes; /* of the claim */
	size_t fill_bytes;
	bool is_trimmed; /* the item is complete, and to be committed */
};

static struct sink_ring *ring_of(struct gen_sink *sink)
{
	return (struct sink_ring *)sink;
}

/* In quotes, as all messages have it: a short path may be in any word. */
static bool names(const char *text, const char *path)
{
	const size_t len = strlen(path);

	for (const char *p = strchr(text, '\''); p != NULL;
	     p = strchr(p + 1, '\''))
		if (strncmp(p + 1, path, len) == 0 && p[1 + len] == '\'')
			return true;
	return false;
}

static int fail_ring(struct sink_ring *s, int rc)
{
	const char *why = s->fault.code == rc && s->fault.text[0] != '\0'
				  ? s->fault.text
				  : ring_strerror(rc);

	if (rc == -RING_ERR_FULL || rc == -RING_ERR_SUSPENDED)
		rc = -EAGAIN;
	/* A fault may name the ring already. */
	if (names(why, s->path))
		return gen_sink_fail(&s->sink, rc, "%s", why);
	return gen_sink_fail(&s->sink, rc, "'%s': %s", s->path, why);
}

/* ---- items -------------------------------------------------------------- */

static int claim_item(struct sink_ring *s, size_t len_bytes)
{
	struct ring_claim claim;
	const int rc = ring_producer_claim(s->p, len_bytes, 0, 0, &claim);

	if (rc < 0)
		return fail_ring(s, rc);
	s->item = claim.data;
	s->size_bytes = len_bytes;
	s->fill_bytes = 0;
	s->is_trimmed = false;
	return 0;
}

static int publish_item(struct sink_ring *s)
{
	int rc = 0;

	if (s->fill_bytes == 0)
		return 0;
	if (!s->is_trimmed)
		rc = ring_producer_trim(s->p, s->fill_bytes);
	s->is_trimmed = rc == 0;
	if (rc == 0)
		rc = ring_producer_commit(s->p, RING_COMMIT_PUBLISH, NULL,
					  NULL);
	if (rc < 0)
		return fail_ring(s, rc);
	s->item = NULL;
	s->fill_bytes = 0;
	return 0;
}

/* Begin an item for at least len_bytes; what was claimed and not filled is
 * dropped. */
static int begin_item(struct sink_ring *s, size_t len_bytes)
{
	const size_t size =
		len_bytes > s->item_bytes ? len_bytes : (size_t)s->item_bytes;
	int rc = publish_item(s);

	if (rc == 0 && s->item != NULL) {
		rc = ring_producer_abort(s->p);
		if (rc < 0)
			return fail_ring(s, rc);
		s->item = NULL;
	}
	return rc < 0 ? rc : claim_item(s, size);
}

/* ---- the sink ----------------------------------------------------------- */

/* To look at the ring is I/O: not before its descriptor says that it is worth
 * it, which it does from time to time for the heartbeat, too. */
static int ring_attend(struct gen_sink *sink)
{
	struct sink_ring *s = ring_of(sink);
	struct pollfd look = { .fd = ring_producer_fd(s->p), .events = POLLIN };
	int rc;

	if (look.fd < 0)
		return fail_ring(s, look.fd);
	if (poll(&look, 1, 0) == 0)
		return 0;
	rc = ring_producer_wait(s->p, 0);
	return rc == -RING_ERR_TIMEOUT || rc == 0 ? 0 : fail_ring(s, rc);
}

static int ring_room(struct gen_sink *sink, uint8_t **ret_room,
		     size_t *ret_bytes)
{
	struct sink_ring *s = ring_of(sink);
	int rc = 0;

	if (s->item == NULL || s->is_trimmed || s->fill_bytes >= s->size_bytes)
		rc = begin_item(s, 0);
	if (rc < 0)
		return rc;
	*ret_room = s->item + s->fill_bytes;
	*ret_bytes = s->size_bytes - s->fill_bytes;
	return 0;
}

static int too_big(struct sink_ring *s, const struct gen_batch *batch)
{
	return gen_sink_fail(&s->sink, -EMSGSIZE,
			     "a value of %zu bytes is too big for '%s': an "
			     "item holds at most %llu",
			     batch->len_bytes, s->path,
			     (unsigned long long)s->max_bytes);
}

static int ring_write(struct gen_sink *sink, const struct gen_batch *batch)
{
	struct sink_ring *s = ring_of(sink);
	int rc = 0;

	if (batch->len_bytes > s->max_bytes)
		return too_big(s, batch);
	if (s->item == NULL || s->is_trimmed ||
	    batch->len_bytes > s->size_bytes - s->fill_bytes)
		rc = begin_item(s, batch->len_bytes);
	if (rc < 0)
		return rc;
	if (batch->bytes != s->item + s->fill_bytes && batch->len_bytes > 0)
		memcpy(s->item + s->fill_bytes, batch->bytes, batch->len_bytes);
	s->fill_bytes += batch->len_bytes;
	return 0;
}

static int ring_publish(struct gen_sink *sink)
{
	return publish_item(ring_of(sink));
}

static int ring_close(struct gen_sink *sink)
{
	struct sink_ring *s = ring_of(sink);
	const int rc = publish_item(s);

	if (rc < 0)
		return rc;
	/* All is durable; what can go wrong now is a checkpoint. */
	(void)ring_producer_detach(s->p);
	return 0;
}

static int ring_wait_fd(struct gen_sink *sink, short *ret_events)
{
	*ret_events = POLLIN;
	return ring_producer_fd(ring_of(sink)->p);
}

static void ring_free(struct gen_sink *sink)
{
	struct sink_ring *s = ring_of(sink);

	ring_producer_free(s->p);
	free(s->path);
	free(s);
}

static const struct gen_sink_ops ring_ops = {
	.attend = ring_attend,
	.room = ring_room,
	.write = ring_write,
	.flush = ring_publish,
	.cut = ring_publish,
	.close = ring_close,
	.wait_fd = ring_wait_fd,
	.free = ring_free,
};

/* ---- opening ------------------------------------------------------------ */

static int attach(struct sink_ring *s, const struct ring_options *options)
{
	struct ring_info info;
	int rc = ring_info(s->path, options, &info);

	if (rc < 0)
		return fail_ring(s, rc);
	s->max_bytes = info.max_item_bytes;
	if (s->item_bytes > s->max_bytes)
		s->item_bytes = s->max_bytes;
	rc = ring_producer_attach(s->path, options, &s->p, NULL);
	if (rc == 0)
		rc = ring_producer_fd(s->p);
	return rc < 0 ? fail_ring(s, rc) : 0;
}

RING_EXPORT int gen_sink_ring(const char *path,
			      const struct ring_options *options,
			      size_t item_bytes, struct gen_error *ret_error,
			      struct gen_sink **ret_sink)
{
	struct sink_ring *s = calloc(1, sizeof(*s));
	struct ring_options own = { .client = NULL };
	int rc;

	if (s == NULL)
		return gen_error_no_memory(ret_error);
	s->sink.ops = &ring_ops;
	s->item_bytes = item_bytes == 0 ? ITEM_BYTES : item_bytes;
	s->path = strdup(path);
	if (s->path == NULL) {
		free(s);
		return gen_error_no_memory(ret_error);
	}
	if (options != NULL)
		own = *options;
	own.fault = &s->fault;
	rc = attach(s, &own);
	if (rc < 0) {
		if (ret_error != NULL)
			*ret_error = s->sink.error;
		ring_free(&s->sink);
		return rc;
	}
	*ret_sink = &s->sink;
	return 0;
}
