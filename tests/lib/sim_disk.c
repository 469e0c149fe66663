#include "tests/lib/sim_disk.h"

#include "ring/checksum.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ATOM_BYTES_DEFAULT = 512, CHUNK_BYTES = 64 << 10 };

uint64_t sim_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static bool toss(struct sim_disk *d)
{
	return (sim_random(&d->rng) & 1) != 0;
}

/* ---- memory: given back all together ------------------------------------ */

struct sim_chunk {
	struct sim_chunk *next;
	size_t used;
	uint8_t bytes[CHUNK_BYTES];
};

static void *must(void *mem)
{
	if (mem == NULL)
		abort();
	return mem;
}

static uint8_t *new_bytes(struct sim_disk *d)
{
	struct sim_chunk *c = d->memory;

	if (c == NULL || c->used + d->sector_bytes > CHUNK_BYTES) {
		c = must(malloc(sizeof(*c)));
		c->next = d->memory;
		c->used = 0;
		d->memory = c;
	}
	c->used += d->sector_bytes;
	return c->bytes + c->used - d->sector_bytes;
}

static uint64_t hash_of(const struct sim_disk *d, uint32_t atom,
			const uint8_t *data)
{
	return checksum(data, d->sector_bytes, atom);
}

void sim_disk_set_atom(struct sim_disk *d, uint32_t bytes)
{
	uint8_t *zeros;

	assert(d->version_count == 0);
	assert(d->size % bytes == 0);
	free(d->atoms);
	d->sector_bytes = bytes;
	d->atom_count = d->size / bytes;
	d->atoms = must(calloc(d->atom_count, sizeof(*d->atoms)));
	zeros = memset(new_bytes(d), 0, bytes);
	d->image_hash = 0;
	for (uint32_t i = 0; i < d->atom_count; i++) {
		struct sim_atom *a = &d->atoms[i];

		a->durable = a->landed = zeros;
		a->hash = hash_of(d, i, zeros);
		d->image_hash += a->hash;
	}
}

void sim_disk_init(struct sim_disk *d, size_t size)
{
	*d = (struct sim_disk){ .size = size,
				.buffered = true,
				.watch_from = UINT64_MAX };
	sim_disk_set_atom(d, ATOM_BYTES_DEFAULT);
}

void sim_disk_release(struct sim_disk *d)
{
	while (d->memory != NULL) {
		struct sim_chunk *next = d->memory->next;

		free(d->memory);
		d->memory = next;
	}
	free(d->versions);
	free(d->atoms);
}

/* ---- writing ------------------------------------------------------------ */

static void add_version(struct sim_disk *d, const struct sim_version *v)
{
	if (d->version_count == d->version_cap) {
		d->version_cap = d->version_cap * 2 + 64;
		d->versions = must(realloc(
			d->versions, d->version_cap * sizeof(*d->versions)));
	}
	d->versions[d->version_count++] = *v;
	d->atoms[v->atom].afloat++;
}

static void land(struct sim_disk *d, struct sim_version *v)
{
	if (v->has_landed)
		return;
	v->has_landed = true;
	d->atoms[v->atom].landed = v->data;
	d->atoms[v->atom].afloat--;
}

uint32_t sim_disk_issue(struct sim_disk *d, const struct sim_access *a,
			const struct ring_io_op *op, bool is_partial)
{
	const uint32_t first = (uint32_t)(op->offset_bytes / d->sector_bytes);
	const uint32_t n = (uint32_t)(op->len_bytes / d->sector_bytes);

	d->written += op->len_bytes;
	d->watched += op->offset_bytes >= d->watch_from;
	d->writes++;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *data;
		struct sim_version v = { .atom = first + i,
					 .write = d->writes,
					 .io = a->io,
					 .host = (uint8_t)a->host,
					 .is_cached = a->buffered };

		if (is_partial && toss(d))
			continue;
		data = new_bytes(d);
		memcpy(data, (const uint8_t *)op->buf + i * d->sector_bytes,
		       d->sector_bytes);
		v.data = data;
		v.hash = hash_of(d, v.atom, data);
		/* Direct I/O throws out what the host has cached of it. */
		d->atoms[v.atom].cached[a->host] = a->buffered ? data : NULL;
		add_version(d, &v);
	}
	return d->writes;
}

void sim_disk_end_write(struct sim_disk *d, uint32_t write)
{
	for (size_t i = d->version_count; i-- > 0;) {
		struct sim_version *v = &d->versions[i];

		if (v->write != write)
			continue;
		v->is_complete = true;
		if (!v->is_cached)
			land(d, v);
	}
}

void sim_disk_complete(struct sim_disk *d)
{
	for (size_t i = 0; i < d->version_count; i++) {
		d->versions[i].is_complete = true;
		if (!d->versions[i].is_cached)
			land(d, &d->versions[i]);
	}
}

/* ---- flushing ----------------------------------------------------------- */

static void harden(struct sim_disk *d, struct sim_version *v)
{
	struct sim_atom *a = &d->atoms[v->atom];

	land(d, v);
	d->image_hash += v->hash - a->hash;
	a->durable = v->data;
	a->hash = v->hash;
}

/*
 * Through a page cache what others see is complete: engines see to that. They
 * need not for what the io that flushes has under way itself.
 */
static bool is_covered(const struct sim_version *v, const struct sim_access *a)
{
	if (v->is_cached && v->host != a->host)
		return false;
	return v->is_complete || (v->is_cached && v->io != a->io);
}

/*
 * When a flush fails, a part is durable; the rest may vanish, and pages of it
 * are clean all the same, so that no later flush writes them.
 */
static bool survives_failure(struct sim_disk *d, struct sim_version *v)
{
	if (toss(d))
		harden(d, v);
	else if (!v->is_cached)
		return true;
	else if (!v->has_landed)
		d->atoms[v->atom].afloat--;
	return false;
}

void sim_disk_flush(struct sim_disk *d, const struct sim_access *a, bool fails)
{
	size_t left = 0;

	d->flushes++;
	if (d->lies)
		return;
	for (size_t i = 0; i < d->version_count; i++) {
		struct sim_version *v = &d->versions[i];
		bool stays = !is_covered(v, a);

		if (!stays && fails)
			stays = survives_failure(d, v);
		else if (!stays)
			harden(d, v);
		if (stays)
			d->versions[left++] = *v;
	}
	d->version_count = left;
}

bool sim_disk_fails(struct sim_disk *d, enum sim_op op)
{
	return ++d->done[op] == d->fails[op];
}

/* ---- reading ------------------------------------------------------------ */

/* Direct reads find what their own host had dirty written back. */
static bool lands_for(struct sim_disk *d, const struct sim_version *v,
		      unsigned host)
{
	return (v->is_cached && v->host == host) || toss(d);
}

static const uint8_t *look(struct sim_disk *d, uint32_t atom, unsigned host)
{
	const struct sim_atom *a = &d->atoms[atom];

	for (size_t i = 0; a->afloat > 0 && i < d->version_count; i++) {
		struct sim_version *v = &d->versions[i];

		if (v->atom == atom && !v->has_landed && lands_for(d, v, host))
			land(d, v);
	}
	return a->landed;
}

void sim_disk_read(struct sim_disk *d, const struct sim_access *a,
		   const struct ring_io_op *op)
{
	const uint32_t first = (uint32_t)(op->offset_bytes / d->sector_bytes);
	const uint32_t n = (uint32_t)(op->len_bytes / d->sector_bytes);

	for (uint32_t i = 0; i < n; i++) {
		const uint8_t **page = &d->atoms[first + i].cached[a->host];
		const uint8_t *data = a->buffered ? *page : NULL;

		if (data == NULL)
			data = look(d, first + i, a->host);
		if (a->buffered)
			*page = data;
		memcpy((uint8_t *)op->buf + i * d->sector_bytes, data,
		       d->sector_bytes);
	}
}

/* Dirty pages stay: only a flush cleans them. */
void sim_disk_drop(struct sim_disk *d, unsigned host, uint64_t offset,
		   uint64_t len)
{
	const uint64_t end = offset + len;

	for (uint64_t at = offset; at < end; at += d->sector_bytes)
		d->atoms[at / d->sector_bytes].cached[host] = NULL;
	for (size_t i = 0; i < d->version_count; i++) {
		const struct sim_version *v = &d->versions[i];
		const uint64_t at = (uint64_t)v->atom * d->sector_bytes;

		if (v->is_cached && v->host == host && at >= offset && at < end)
			d->atoms[v->atom].cached[host] = v->data;
	}
}

void sim_disk_peek(const struct sim_disk *d, uint64_t offset, void *buf,
		   size_t len)
{
	for (size_t i = 0; i < len; i += d->sector_bytes)
		memcpy((uint8_t *)buf + i,
		       d->atoms[(offset + i) / d->sector_bytes].landed,
		       d->sector_bytes);
}

/* ---- crashes ------------------------------------------------------------ */

/* All but what is not durable. */
static void copy_durable(const struct sim_disk *d, struct sim_disk *ret)
{
	*ret = (struct sim_disk){
		.size = d->size,
		.sector_bytes = d->sector_bytes,
		.buffered = d->buffered,
		.lies = d->lies,
		.atom_count = d->atom_count,
		.image_hash = d->image_hash,
		.rng = d->image_hash,
		.watch_from = d->watch_from,
	};
	ret->atoms = must(malloc(d->atom_count * sizeof(*d->atoms)));
	memcpy(ret->atoms, d->atoms, d->atom_count * sizeof(*d->atoms));
}

static void forget_volatile(struct sim_disk *d)
{
	for (size_t i = 0; i < d->atom_count; i++) {
		struct sim_atom *a = &d->atoms[i];

		a->landed = a->durable;
		a->afloat = 0;
		memset(a->cached, 0, sizeof(a->cached));
	}
}

void sim_disk_copy(const struct sim_disk *d, struct sim_disk *ret)
{
	copy_durable(d, ret);
	ret->writes = d->writes;
	ret->ios = d->ios;
	ret->version_count = ret->version_cap = d->version_count;
	if (d->version_count == 0)
		return;
	ret->versions = must(malloc(d->version_count * sizeof(*d->versions)));
	memcpy(ret->versions, d->versions,
	       d->version_count * sizeof(*d->versions));
}

void sim_disk_flatten(const struct sim_disk *d, struct sim_disk *ret)
{
	copy_durable(d, ret);
	for (size_t i = 0; i < d->atom_count; i++)
		ret->atoms[i].durable = memcpy(
			new_bytes(ret), d->atoms[i].durable, d->sector_bytes);
	forget_volatile(ret);
}

void sim_disk_after_kill(const struct sim_disk *d, struct sim_disk *ret)
{
	sim_disk_copy(d, ret);
	sim_disk_complete(ret);
}

void sim_disk_after_host(const struct sim_disk *d, unsigned host,
			 struct sim_disk *ret)
{
	size_t left = 0;

	sim_disk_copy(d, ret);
	for (size_t i = 0; i < ret->version_count; i++) {
		struct sim_version *v = &ret->versions[i];

		if (v->is_cached && v->host == host) {
			if (!v->has_landed && toss(ret))
				land(ret, v);
			if (!v->has_landed) {
				ret->atoms[v->atom].afloat--;
				continue;
			}
			/* It is in the disk's own cache. */
			v->is_cached = false;
			v->is_complete = true;
		}
		ret->versions[left++] = *v;
	}
	ret->version_count = left;
	for (size_t i = 0; i < ret->atom_count; i++)
		ret->atoms[i].cached[host] = NULL;
}

static void set_durable(struct sim_disk *d, uint32_t atom, const uint8_t *data,
			uint64_t hash)
{
	struct sim_atom *a = &d->atoms[atom];

	d->image_hash += hash - a->hash;
	a->durable = data;
	a->hash = hash;
}

/*
 * An atom keeps a version: each write in turn replaces it or not, and once in
 * a while none does from some write on, so that old versions have a chance.
 */
void sim_disk_after_cut(const struct sim_disk *d, uint64_t seed,
			struct sim_disk *ret)
{
	uint64_t rng = seed;
	const unsigned odds = (unsigned)(sim_random(&rng) % 7) + 1;

	copy_durable(d, ret);
	for (size_t i = 0; i < d->version_count && seed != 0; i++) {
		const struct sim_version *v = &d->versions[i];

		if (seed == 1 || sim_random(&rng) % 8 < odds)
			set_durable(ret, v->atom, v->data, v->hash);
	}
	forget_volatile(ret);
}

/* ---- power cuts, one by one --------------------------------------------- */

static struct sim_dirty *dirty_of(const struct sim_disk *d,
				  struct sim_dirty_list *list, uint32_t atom)
{
	const struct sim_atom *a = &d->atoms[atom];
	struct sim_dirty *new;

	for (size_t i = 0; i < list->count; i++)
		if (list->list[i].atom == atom)
			return &list->list[i];
	if (list->count == list->cap) {
		list->cap = list->cap * 2 + 32;
		list->list = must(
			realloc(list->list, list->cap * sizeof(*list->list)));
	}
	new = &list->list[list->count++];
	*new = (struct sim_dirty){ .atom = atom, .count = 1 };
	new->data[0] = a->durable;
	new->hash[0] = a->hash;
	return new;
}

static void add_choice(struct sim_dirty *dirty, const struct sim_version *v)
{
	dirty->is_in_flight |= !v->is_complete;
	for (unsigned i = 0; i < dirty->count; i++)
		if (dirty->hash[i] == v->hash)
			return;
	/* Of too many the newest is kept. */
	if (dirty->count == SIM_VERSIONS)
		dirty->count--;
	dirty->data[dirty->count] = v->data;
	dirty->hash[dirty->count++] = v->hash;
}

void sim_disk_dirty(const struct sim_disk *d, struct sim_dirty_list *ret)
{
	size_t left = 0;

	ret->count = 0;
	for (size_t i = 0; i < d->version_count; i++)
		add_choice(dirty_of(d, ret, d->versions[i].atom),
			   &d->versions[i]);
	for (size_t i = 0; i < ret->count; i++)
		if (ret->list[i].count > 1 || ret->list[i].is_in_flight)
			ret->list[left++] = ret->list[i];
	ret->count = left;
}

void sim_dirty_release(struct sim_dirty_list *list)
{
	free(list->list);
	*list = (struct sim_dirty_list){ 0 };
}

static void fill_garbage(uint8_t *data, size_t len, uint64_t seed)
{
	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)(sim_random(&seed) >> 20);
}

void sim_disk_cut(const struct sim_disk *d, const struct sim_dirty_list *dirty,
		  const uint8_t *choice, struct sim_disk *ret)
{
	copy_durable(d, ret);
	for (size_t i = 0; i < dirty->count; i++) {
		const struct sim_dirty *at = &dirty->list[i];
		uint8_t *garbage;

		if (choice[i] != SIM_GARBAGE) {
			set_durable(ret, at->atom, at->data[choice[i]],
				    at->hash[choice[i]]);
			continue;
		}
		garbage = new_bytes(ret);
		fill_garbage(garbage, d->sector_bytes, at->atom);
		set_durable(ret, at->atom, garbage,
			    hash_of(d, at->atom, garbage));
	}
	forget_volatile(ret);
	ret->rng = ret->image_hash;
}

uint64_t sim_disk_cut_hash(const struct sim_disk *d,
			   const struct sim_dirty_list *dirty,
			   const uint8_t *choice)
{
	uint64_t hash = d->image_hash;

	for (size_t i = 0; i < dirty->count; i++) {
		const struct sim_dirty *at = &dirty->list[i];

		hash -= at->hash[0];
		/* One kind of garbage an atom: any number will do. */
		hash += choice[i] == SIM_GARBAGE ? ~(uint64_t)at->atom
						 : at->hash[choice[i]];
	}
	return hash;
}
