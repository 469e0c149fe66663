#include "tools/publisher.h"

#include "tools/deadline.h"
#include "tools/stop.h"

enum { SLICE_MS = 200 }; /* how late a signal may be noticed */

static struct deadline give_up_at(const struct publisher *pub)
{
	return pub->wait.given ? deadline_after(pub->wait.ns)
			       : deadline_never();
}

/*
 * The ring said `why`. 0: try again; otherwise `why`, because it is final or
 * it is time to give up.
 */
static int wait_after(struct publisher *pub, int why,
		      const struct deadline *deadline)
{
	int rc = -RING_ERR_TIMEOUT;

	if (why != -RING_ERR_FULL && why != -RING_ERR_SUSPENDED)
		return why;
	while (rc == -RING_ERR_TIMEOUT) {
		if (stop_requested(pub->stop_fd) || deadline_passed(deadline))
			return why;
		rc = ring_producer_wait(pub->p,
					deadline_left_ms(deadline, SLICE_MS));
	}
	return rc;
}

static void count_published(struct publisher *pub,
			    const struct ring_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pub->bytes += entries[i].data_bytes;
	pub->items += count;
	progress_tick(&pub->progress, pub->items, pub->bytes);
}

/* Publish the first of the entries: *count at most, and in *count how many.
 * Where not all fit, half as many may. */
static int publish_some(struct publisher *pub, const struct ring_entry *entries,
			size_t *count)
{
	int rc;

	do {
		rc = ring_producer_publish(pub->p, entries, *count, NULL,
					   &pub->position);
		if (rc != -RING_ERR_FULL || pub->whole || *count == 1)
			break;
		*count /= 2;
	} while (true);
	if (rc == 0)
		count_published(pub, entries, *count);
	return rc;
}

int publisher_publish(struct publisher *pub, const struct ring_entry *entries,
		      size_t count)
{
	struct deadline deadline = give_up_at(pub);
	size_t done = 0, size = count;
	int rc;

	while (done < count) {
		if (size > count - done)
			size = count - done;
		rc = publish_some(pub, entries + done, &size);
		if (rc == 0) {
			done += size;
			size *= 2;
			deadline = give_up_at(pub);
			continue;
		}
		rc = wait_after(pub, rc, &deadline);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int publisher_expose(struct publisher *pub)
{
	struct deadline deadline = give_up_at(pub);
	int rc;

	for (;;) {
		rc = ring_producer_advance(pub->p, RING_POSITION_NONE, NULL);
		if (rc == 0)
			return 0;
		rc = wait_after(pub, rc, &deadline);
		if (rc < 0)
			return rc;
	}
}
