#include "tests/crash/states.h"

#include <assert.h>
#include <string.h>

enum { SAMPLES_MIN = 8, SEEDS = 1000000 };

/* Versions of one write stand together. */
static bool begins_write(const struct sim_disk *d, size_t i)
{
	return i == 0 || d->versions[i].write != d->versions[i - 1].write;
}

void states_of(struct states *s, const struct sim_disk *d)
{
	s->disk = d;
	sim_disk_dirty(d, &s->dirty);
	assert(s->dirty.count <= STATES_ATOMS);
	s->writes = 0;
	for (size_t i = 0; i < d->version_count; i++)
		s->writes += begins_write(d, i);
}

void states_release(struct states *s)
{
	sim_dirty_release(&s->dirty);
}

unsigned states_count(const struct states *s)
{
	unsigned product = 1;

	for (size_t i = 0; i < s->dirty.count; i++) {
		product *= s->dirty.list[i].count;
		if (product > STATES_ALL_MAX)
			break;
	}
	return product;
}

/* ---- choosing ----------------------------------------------------------- */

static void choose_number(struct states *s, unsigned n)
{
	for (size_t i = 0; i < s->dirty.count; i++) {
		s->choice[i] = (uint8_t)(n % s->dirty.list[i].count);
		n /= s->dirty.list[i].count;
	}
}

static void choose_newest(struct states *s)
{
	for (size_t i = 0; i < s->dirty.count; i++)
		s->choice[i] = (uint8_t)(s->dirty.list[i].count - 1);
}

static void keep_version(struct states *s, const struct sim_version *v)
{
	for (size_t i = 0; i < s->dirty.count; i++) {
		const struct sim_dirty *at = &s->dirty.list[i];

		for (unsigned k = 0; at->atom == v->atom && k < at->count; k++)
			if (at->hash[k] == v->hash)
				s->choice[i] = (uint8_t)k;
	}
}

static void choose_prefix(struct states *s, unsigned n)
{
	memset(s->choice, 0, s->dirty.count);
	for (size_t i = 0; i < n && i < s->disk->version_count; i++)
		keep_version(s, &s->disk->versions[i]);
}

/* All but one write, in the order of their issue. */
static void choose_without(struct states *s, unsigned n)
{
	unsigned write = 0;

	memset(s->choice, 0, s->dirty.count);
	for (size_t i = 0; i < s->disk->version_count; i++) {
		write += begins_write(s->disk, i);
		if (write != n + 1)
			keep_version(s, &s->disk->versions[i]);
	}
}

/* Few, many or about half of the new versions. */
static void choose_sample(struct states *s, struct draw *draw)
{
	const uint64_t odds = 1 + draw_below(draw, 7);

	memset(s->choice, 0, s->dirty.count);
	for (size_t i = 0; i < s->dirty.count; i++)
		if (draw_below(draw, 8) < odds)
			s->choice[i] = (uint8_t)draw_below(
				draw, s->dirty.list[i].count);
}

static bool may_be_garbage(const struct states *s, const struct sim_dirty *at)
{
	const uint64_t from = (uint64_t)at->atom * s->disk->sector_bytes;

	return at->is_in_flight &&
	       (from + s->disk->sector_bytes <= s->committed_from ||
		from >= s->committed_to);
}

static bool choose_garbage(struct states *s, struct draw *draw)
{
	bool some = false;

	choose_sample(s, draw);
	for (size_t i = 0; i < s->dirty.count; i++) {
		if (!may_be_garbage(s, &s->dirty.list[i]) ||
		    (some && draw_below(draw, 2) == 0))
			continue;
		s->choice[i] = SIM_GARBAGE;
		some = true;
	}
	return some;
}

bool states_choose(struct states *s, char how, unsigned n)
{
	struct draw draw = { .state = n };

	switch (how) {
	case 'a':
		choose_number(s, n);
		return n < states_count(s);
	case 'p':
		choose_prefix(s, n);
		return n <= s->disk->version_count;
	case 'd':
		choose_newest(s);
		if (n < s->dirty.count)
			s->choice[n] = 0;
		return n < s->dirty.count;
	case 'k':
		memset(s->choice, 0, s->dirty.count);
		if (n < s->dirty.count)
			s->choice[n] = (uint8_t)(s->dirty.list[n].count - 1);
		return n < s->dirty.count;
	case 'w':
		choose_without(s, n);
		return n < s->writes;
	case 's':
		choose_sample(s, &draw);
		return true;
	case 'g':
		return choose_garbage(s, &draw);
	default:
		return false;
	}
}

/* ---- enumerating -------------------------------------------------------- */

/* The structured ones: prefixes (the last is the newest of all), drop-ones,
 * keep-ones, drop-writes. */
struct family {
	char how;
	size_t count;
};

enum { FAMILIES = 4 };

static void families(const struct states *s, struct family *ret)
{
	ret[0] = (struct family){ 'p', s->disk->version_count + 1 };
	ret[1] = (struct family){ 'd', s->dirty.count };
	ret[2] = (struct family){ 'k', s->dirty.count };
	ret[3] = (struct family){ 'w', s->writes };
}

static size_t structured(const struct states *s)
{
	struct family f[FAMILIES];
	size_t count = 0;

	families(s, f);
	for (unsigned i = 0; i < FAMILIES; i++)
		count += f[i].count;
	return count;
}

/* Number i of them in a row. */
static void name_structured(const struct states *s, size_t i, char *ret_how,
			    unsigned *ret_n)
{
	struct family f[FAMILIES];
	unsigned k = 0;

	families(s, f);
	while (i >= f[k].count)
		i -= f[k++].count;
	*ret_how = f[k].how;
	*ret_n = (unsigned)i;
}

/* Each family as often as the others, and as samples. */
void states_draw(struct states *s, struct draw *draw, char *ret_how,
		 unsigned *ret_n)
{
	struct family f[FAMILIES];
	const uint64_t k = draw_below(draw, FAMILIES + 1);

	families(s, f);
	if (k < FAMILIES && f[k].count > 0) {
		*ret_how = f[k].how;
		*ret_n = (unsigned)draw_below(draw, f[k].count);
		return;
	}
	*ret_how = 's';
	*ret_n = (unsigned)draw_below(draw, SEEDS);
}

static void each_drawn(struct states *s, unsigned limit, struct draw *draw,
		       states_fn *fn, void *ctx)
{
	const size_t rows = structured(s);
	char how;
	unsigned n;

	for (unsigned i = 0; i < limit; i++) {
		/* All that are structured if they fit, and samples. */
		if (rows + SAMPLES_MIN > limit) {
			states_draw(s, draw, &how, &n);
		} else if (i < rows) {
			name_structured(s, i, &how, &n);
		} else {
			how = 's';
			n = (unsigned)draw_below(draw, SEEDS);
		}
		fn(ctx, how, n);
	}
}

void states_each(struct states *s, unsigned limit, struct draw *draw,
		 states_fn *fn, void *ctx)
{
	const unsigned all = states_count(s);

	if (all <= limit && all <= STATES_ALL_MAX)
		for (unsigned n = 0; n < all; n++)
			fn(ctx, 'a', n);
	else
		each_drawn(s, limit, draw, fn, ctx);
	for (unsigned i = 0; i < 1 + limit / 8; i++)
		fn(ctx, 'g', (unsigned)draw_below(draw, SEEDS));
}
