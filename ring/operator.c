/* Suspending from outside: the operator's slot holds a request, no position. */
#include "ring/export.h"
#include "ring/session.h"

static bool is_acked(const struct session *s)
{
	return s->slot.request_id == 0 ||
	       session_reply(s)->acked_request == s->slot.request_id;
}

static int ask(struct session *s, bool wants_suspend)
{
	int rc;

	if (!is_acked(s)) {
		/* Who asked may have died before the seal was written. */
		rc = session_store(s);
		if (rc == 0 && s->slot.wants_suspend != wants_suspend)
			rc = -RING_ERR_UNACKED;
		return rc;
	}
	if (s->slot.wants_suspend == wants_suspend)
		return 0;
	rc = session_random(s, &s->slot.request_id);
	if (rc < 0)
		return rc;
	s->slot.wants_suspend = wants_suspend;
	s->slot.request_generation = s->writer.generation + 1;
	rc = session_store(s);
	if (rc == 0)
		volume_trace(&s->volume, RING_TRACE_SUSPEND, true,
			     wants_suspend, "");
	return rc;
}

struct operation {
	bool wants_suspend;
	int timeout_ms;
};

static int operate(const char *path, const struct operation *op,
		   const struct ring_options *options)
{
	const struct session_wait wait = { .is_answered = is_acked };
	struct session s;
	int rc = session_open(&s, path, op->timeout_ms, options);

	if (rc < 0)
		return rc;
	rc = session_take(&s, ROLE_OPERATOR);
	if (rc == 0)
		rc = ask(&s, op->wants_suspend);
	if (rc == 0 && op->timeout_ms != 0)
		rc = session_wait(&s, &wait);
	return session_close(&s, rc);
}

RING_EXPORT int ring_operator_suspend(const char *path, int timeout_ms,
				      const struct ring_options *options)
{
	const struct operation op = { true, timeout_ms };

	return operate(path, &op, options);
}

RING_EXPORT int ring_operator_resume(const char *path, int timeout_ms,
				     const struct ring_options *options)
{
	const struct operation op = { false, timeout_ms };

	return operate(path, &op, options);
}
