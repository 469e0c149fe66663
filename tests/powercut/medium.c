#include "tests/powercut/medium.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What an atom held after one write. */
struct version {
	struct version *newer;
	uint64_t write;   /* which write issued it */
	bool is_complete; /* that write has been answered */
	uint8_t bytes[];
};

/* Versions since the durable one, which is in the file. */
struct atom {
	struct version *oldest;
	struct version *newest;
};

/* ---- versions ----------------------------------------------------------- */

static uint64_t atom_offset(const struct medium *m, const struct atom *a)
{
	return (uint64_t)(a - m->atoms) * m->atom_bytes;
}

static int file_read(const struct medium *m, void *buf, size_t len,
		     uint64_t offset)
{
	return pread(m->fd, buf, len, (off_t)offset) == (ssize_t)len ? 0 : -1;
}

static int file_write(const struct medium *m, const void *buf, size_t len,
		      uint64_t offset)
{
	return pwrite(m->fd, buf, len, (off_t)offset) == (ssize_t)len ? 0 : -1;
}

static int atom_read(const struct medium *m, const struct atom *a, uint8_t *buf)
{
	if (a->newest == NULL)
		return file_read(m, buf, m->atom_bytes, atom_offset(m, a));
	memcpy(buf, a->newest->bytes, m->atom_bytes);
	return 0;
}

static void drop_oldest(struct atom *a)
{
	struct version *v = a->oldest;

	a->oldest = v->newer;
	if (a->oldest == NULL)
		a->newest = NULL;
	free(v);
}

/* Make `v` the durable version; those before it are history. */
static int harden(const struct medium *m, struct atom *a,
		  const struct version *v)
{
	const struct version *dropped;

	if (file_write(m, v->bytes, m->atom_bytes, atom_offset(m, a)) < 0)
		return -1;
	do {
		dropped = a->oldest;
		drop_oldest(a);
	} while (dropped != v);
	return 0;
}

static struct version *newest_complete(const struct atom *a)
{
	struct version *found = NULL;

	for (struct version *v = a->oldest; v != NULL; v = v->newer)
		if (v->is_complete)
			found = v;
	return found;
}

/* A part of one atom, as transfers need not cover whole ones. */
struct piece {
	struct atom *atom;
	size_t skip; /* bytes of the atom before it */
	size_t len;
};

static struct piece piece_at(const struct medium *m, uint64_t offset,
			     size_t left)
{
	struct piece p = {
		.atom = &m->atoms[offset / m->atom_bytes],
		.skip = (size_t)(offset % m->atom_bytes),
	};

	p.len = m->atom_bytes - p.skip;
	if (p.len > left)
		p.len = left;
	return p;
}

static int add_version(struct medium *m, const struct piece *p,
		       const uint8_t *bytes, uint64_t write)
{
	struct atom *a = p->atom;
	struct version *v = malloc(sizeof(*v) + m->atom_bytes);

	if (v == NULL)
		return -1;
	*v = (struct version){ .write = write };
	if (atom_read(m, a, v->bytes) < 0) {
		free(v);
		return -1;
	}
	memcpy(v->bytes + p->skip, bytes, p->len);
	if (a->newest == NULL)
		a->oldest = v;
	else
		a->newest->newer = v;
	a->newest = v;
	return 0;
}

/* ---- requests ----------------------------------------------------------- */

int medium_init(struct medium *m)
{
	m->atom_count = m->size_bytes / m->atom_bytes;
	m->atoms = calloc(m->atom_count, sizeof(*m->atoms));
	return m->atoms == NULL ? -1 : 0;
}

int medium_read(const struct medium *m, uint8_t *buf, size_t len,
		uint64_t offset)
{
	uint8_t whole[ATOM_MAX_BYTES];

	while (len > 0) {
		const struct piece p = piece_at(m, offset, len);

		if (atom_read(m, p.atom, whole) < 0)
			return -1;
		memcpy(buf, whole + p.skip, p.len);
		buf += p.len;
		offset += p.len;
		len -= p.len;
	}
	return 0;
}

int medium_write(struct medium *m, const struct medium_write *w)
{
	size_t done = 0;
	int rc = 0;

	while (rc == 0 && done < w->len) {
		const struct piece p =
			piece_at(m, w->offset + done, w->len - done);

		rc = add_version(m, &p, w->bytes + done, w->id);
		done += p.len;
	}
	return rc;
}

void medium_complete(struct medium *m, const struct medium_write *w)
{
	const uint64_t end = w->offset + w->len;

	for (uint64_t i = w->offset / m->atom_bytes; i * m->atom_bytes < end;
	     i++)
		for (struct version *v = m->atoms[i].oldest; v != NULL;
		     v = v->newer)
			v->is_complete |= v->write == w->id;
}

int medium_flush(struct medium *m)
{
	int rc = 0;

	for (uint64_t i = 0; rc == 0 && i < m->atom_count; i++) {
		struct atom *a = &m->atoms[i];
		const struct version *v = newest_complete(a);

		if (v != NULL)
			rc = harden(m, a, v);
	}
	return rc;
}

/* ---- the cut ------------------------------------------------------------ */

enum cut_style {
	CUT_ANY,
	CUT_KEEP_ALL,
	CUT_DROP_ALL,
	CUT_KEEP_ONE,
	CUT_STYLES
};

struct cut {
	enum cut_style style;
	uint64_t chosen; /* of the atoms with versions, in CUT_KEEP_ONE */
	uint64_t dirty;
	uint64_t kept;
	uint64_t dropped;
	uint64_t between; /* left at neither the oldest nor the newest */
};

static uint64_t count_versions(const struct atom *a)
{
	uint64_t n = 0;

	for (const struct version *v = a->oldest; v != NULL; v = v->newer)
		n++;
	return n;
}

/* How many of the atom's versions reach the medium. */
static uint64_t choose(struct medium *m, const struct cut *c, uint64_t versions)
{
	switch (c->style) {
	case CUT_KEEP_ALL:
		return versions;
	case CUT_DROP_ALL:
		return 0;
	case CUT_KEEP_ONE:
		return c->dirty == c->chosen ? versions : 0;
	default:
		return draw_below(&m->draw, versions + 1);
	}
}

static int cut_atom(struct medium *m, struct atom *a, struct cut *c)
{
	const uint64_t versions = count_versions(a);
	const uint64_t kept = choose(m, c, versions);
	const struct version *v = a->oldest;

	c->dirty++;
	c->kept += kept == versions;
	c->dropped += kept == 0;
	c->between += kept > 0 && kept < versions;
	if (kept == 0)
		return 0;
	for (uint64_t i = 1; i < kept; i++)
		v = v->newer;
	return file_write(m, v->bytes, m->atom_bytes, atom_offset(m, a));
}

static uint64_t count_dirty(const struct medium *m)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < m->atom_count; i++)
		n += m->atoms[i].oldest != NULL;
	return n;
}

/* Half of the cuts mix at will; the pure ones are rare among those. */
static void choose_style(struct medium *m, struct cut *c)
{
	const uint64_t dirty = count_dirty(m);

	if (draw_below(&m->draw, 2) == 0)
		return;
	c->style = (enum cut_style)draw_below(&m->draw, CUT_STYLES);
	if (dirty > 0)
		c->chosen = draw_below(&m->draw, dirty);
}

int medium_cut(struct medium *m)
{
	struct cut c = { .style = CUT_ANY };
	int rc = 0;

	choose_style(m, &c);
	for (uint64_t i = 0; rc == 0 && i < m->atom_count; i++)
		if (m->atoms[i].oldest != NULL)
			rc = cut_atom(m, &m->atoms[i], &c);
	fprintf(stderr, "cut: dirty %llu kept %llu dropped %llu between %llu\n",
		(unsigned long long)c.dirty, (unsigned long long)c.kept,
		(unsigned long long)c.dropped, (unsigned long long)c.between);
	return rc;
}
