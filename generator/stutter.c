#include "generator/stutter.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* Values asked for at a time; each comes at least once. */
enum { MADE_VALUES = 256 };

/* No more, so that the counts stay exact. */
static const double more_max = 1e9;

int stutter_init(struct stutter *s, double more)
{
	if (!isfinite(more) || more < 0 || more > more_max)
		return -EINVAL;
	/* Half of what is cut off is owed before the first value: so no run is
	 * more than half a value from its place. */
	*s = (struct stutter){
		.more = more,
		.credit = -(more - (double)(uint64_t)more) / 2,
	};
	return 0;
}

uint64_t stutter_run(struct stutter *s)
{
	const double credit = s->credit + s->more;
	const uint64_t copies = credit < 0 ? 0 : (uint64_t)credit;

	s->credit = credit - (double)copies;
	return 1 + copies;
}

/* Have a value that is still to come. */
static int have_value(struct stutter *s, struct generator *g)
{
	const struct gen_demand demand = { .values = MADE_VALUES,
					   .wants_ends = true };
	uint64_t start;
	int rc;

	if (s->runs_left > 0)
		return 0;
	if (s->next == s->made.values) {
		rc = gen_next(g, &demand, &s->made);
		s->next = 0;
		if (rc < 0) {
			s->made.values = 0;
			return rc;
		}
	}
	start = s->next == 0 ? 0 : s->made.ends[s->next - 1];
	s->at = s->made.bytes + start;
	s->len_bytes = (size_t)(s->made.ends[s->next] - start);
	s->next++;
	s->runs_left = stutter_run(s);
	return 0;
}

static void copy_value(struct stutter *s, uint8_t *room,
		       struct gen_batch *batch)
{
	if (s->len_bytes > 0)
		memcpy(room + batch->len_bytes, s->at, s->len_bytes);
	batch->len_bytes += s->len_bytes;
	batch->values++;
	s->runs_left--;
}

static int next_alone(struct stutter *s, struct generator *g,
		      struct gen_batch *ret_batch)
{
	const int rc = have_value(s, g);

	if (rc < 0)
		return rc;
	*ret_batch = (struct gen_batch){ .bytes = s->at,
					 .len_bytes = s->len_bytes,
					 .values = 1 };
	s->runs_left--;
	return 0;
}

int stutter_next(struct stutter *s, struct generator *g,
		 const struct gen_demand *demand, struct gen_batch *ret_batch)
{
	struct gen_batch batch = { .bytes = demand->room };

	if (demand->room == NULL)
		return next_alone(s, g, ret_batch);
	while (batch.values < demand->values) {
		const int rc = have_value(s, g);

		if (rc < 0)
			return rc;
		if (s->len_bytes > demand->room_bytes - batch.len_bytes)
			break;
		copy_value(s, demand->room, &batch);
	}
	*ret_batch = batch;
	return 0;
}
