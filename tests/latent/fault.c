#include "tests/latent/fault.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *fault_kind_text(enum fault_kind kind)
{
	static const char *const texts[FAULT_KINDS] = { "flip", "lost",
							"misdirected",
							"stale" };

	return texts[kind];
}

void fault_print(const struct fault *f, char *buf, size_t len)
{
	switch (f->kind) {
	case FAULT_FLIP:
		snprintf(buf, len, "flip:%" PRIu64 ".%u", f->offset, f->bit);
		break;
	case FAULT_LOST:
		snprintf(buf, len, "lost:%zu", f->write);
		break;
	case FAULT_MISDIRECTED:
		snprintf(buf, len, "misdirected:%zu@%" PRIu64, f->write,
			 f->offset);
		break;
	default:
		snprintf(buf, len, "stale:%zu@%" PRIu64, f->write, f->offset);
		break;
	}
}

bool fault_parse(const char *text, struct fault *ret)
{
	*ret = (struct fault){ .kind = FAULT_FLIP };
	if (sscanf(text, "flip:%" SCNu64 ".%u", &ret->offset, &ret->bit) == 2)
		return ret->bit < 8;
	ret->kind = FAULT_MISDIRECTED;
	if (sscanf(text, "misdirected:%zu@%" SCNu64, &ret->write,
		   &ret->offset) == 2)
		return true;
	ret->kind = FAULT_STALE;
	if (sscanf(text, "stale:%zu@%" SCNu64, &ret->write, &ret->offset) == 2)
		return true;
	ret->kind = FAULT_LOST;
	return sscanf(text, "lost:%zu", &ret->write) == 1;
}

/* ---- what the medium would hold ----------------------------------------- */

/* The part of a write, gone to `to`, that falls into a stretch. */
static void put_part(const struct stretch *at, uint8_t *buf,
		     const struct past_write *w, uint64_t to)
{
	const uint64_t from = to > at->offset ? to : at->offset;
	const uint64_t end_w = to + w->len;
	const uint64_t end_at = at->offset + at->len;
	const uint64_t end = end_w < end_at ? end_w : end_at;

	if (from < end)
		memcpy(buf + (from - at->offset), w->data + (from - to),
		       (size_t)(end - from));
}

static void compose(const struct story *s, const struct fault *f,
		    const struct stretch *at, uint8_t *buf)
{
	memset(buf, 0, at->len);
	for (size_t i = 0; i < s->write_count; i++) {
		const struct past_write *w = &s->writes[i];

		if (f->kind == FAULT_STALE && i >= f->write)
			break;
		if (f->kind == FAULT_STALE || i != f->write)
			put_part(at, buf, w, w->offset);
		else if (f->kind == FAULT_MISDIRECTED)
			put_part(at, buf, w, f->offset);
	}
}

/* Put `bytes` there if they differ; note only the part that does. */
static void change(struct story *s, const struct stretch *at,
		   const uint8_t *bytes, struct made *made)
{
	uint8_t *disk = s->bytes + at->offset;
	struct stretch *hit = &made->hit.list[made->hit.count];
	size_t first = 0, last = at->len;

	while (first < last && bytes[first] == disk[first])
		first++;
	while (last > first && bytes[last - 1] == disk[last - 1])
		last--;
	if (first == last)
		return;
	*hit = (struct stretch){ at->offset + first, last - first };
	made->old[made->hit.count] = malloc(hit->len);
	if (made->old[made->hit.count] == NULL)
		abort();
	memcpy(made->old[made->hit.count++], disk + first, hit->len);
	memcpy(disk + first, bytes + first, hit->len);
}

/* Both stretches are composed before any is changed; they may overlap. */
static void make_history(struct story *s, const struct fault *f,
			 struct made *made)
{
	const struct past_write *w =
		f->write < s->write_count ? &s->writes[f->write] : NULL;
	struct stretch list[2];
	unsigned count = 0;

	if (f->kind == FAULT_STALE)
		list[count++] =
			(struct stretch){ f->offset, s->shape->block_bytes };
	else
		list[count++] = (struct stretch){ w->offset, w->len };
	if (f->kind == FAULT_MISDIRECTED)
		list[count++] = (struct stretch){ f->offset, w->len };
	for (unsigned i = 0; i < count; i++) {
		uint8_t *buf = malloc(list[i].len);

		if (buf == NULL)
			abort();
		compose(s, f, &list[i], buf);
		change(s, &list[i], buf, made);
		free(buf);
	}
}

bool fault_make(struct story *s, const struct fault *f, struct made *made)
{
	*made = (struct made){ 0 };
	if (f->kind == FAULT_FLIP) {
		const uint8_t byte =
			(uint8_t)(s->bytes[f->offset] ^ 1u << f->bit);

		change(s, &(struct stretch){ f->offset, 1 }, &byte, made);
	} else {
		make_history(s, f, made);
	}
	return made->hit.count > 0;
}

void fault_undo(struct story *s, struct made *made)
{
	while (made->hit.count > 0) {
		const struct stretch *at = &made->hit.list[--made->hit.count];

		memcpy(s->bytes + at->offset, made->old[made->hit.count],
		       at->len);
		free(made->old[made->hit.count]);
	}
}
