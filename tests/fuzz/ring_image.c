#include "tests/fuzz/ring_image.h"

#include "tests/fuzz/fuzz.h"
#include "tests/lib/image.h"

#include <stdlib.h>
#include <string.h>

enum {
	SUPERBLOCK_BYTES = 512,
	SUPERBLOCK_B = 65536,
	ROLES_OFFSET = 131072,
	COPIES = 8, /* of a slot; then the heartbeat */
	SLOT_PRODUCER = 4096,
	SLOT_CURSOR = 512,
	HEARTBEAT = 48,
	RECORD_HEADER = 48,
	RECORD_EDIT = 152, /* a header, and the body of a commit */
};

/* ---- superblocks and slots --------------------------------------- */

static void put_checksum(uint8_t *at, uint64_t checksum)
{
	image_put(at, (struct image_field){ 0, 8, checksum });
}

static void edit_superblock(struct ring_image *image, struct script *script,
			    bool seal)
{
	const uint64_t offset = script_number(script, 1) % 2 * SUPERBLOCK_B;
	uint8_t *at = image->bytes + offset;

	script_edit(script, at, SUPERBLOCK_BYTES);
	if (seal)
		put_checksum(at + 504, image_xxh3(at, 504, offset));
}

static uint64_t slot_offset(const struct ring_image *image, unsigned role,
			    unsigned copy)
{
	return ROLES_OFFSET + (role * (COPIES + 1) + copy) * image->slot_stride;
}

static void seal_slot(struct ring_image *image, uint64_t offset, size_t len)
{
	uint8_t *at = image->bytes + offset;

	put_checksum(at + 8, image_xxh3(at + 16, len - 16,
					image_seed(image->uuid, offset)));
}

static size_t slot_len(unsigned role)
{
	return role == 0 ? SLOT_PRODUCER : SLOT_CURSOR;
}

/* The copy with the greatest epoch and generation. */
static unsigned newest_copy(const struct ring_image *image, unsigned role)
{
	uint64_t epoch = 0, generation = 0;
	unsigned newest = 0;

	for (unsigned copy = 0; copy < COPIES; copy++) {
		const uint8_t *at =
			image->bytes + slot_offset(image, role, copy);
		const uint64_t e = image_get(at, 24, 8);
		const uint64_t g = image_get(at, 32, 8);

		if (e < epoch || (e == epoch && g < generation))
			continue;
		epoch = e;
		generation = g;
		newest = copy;
	}
	return newest;
}

static uint64_t take_slot(const struct ring_image *image, struct script *script,
			  unsigned *ret_role)
{
	const unsigned role = (unsigned)script_number(script, 1) % image->roles;
	const unsigned copy = (unsigned)script_number(script, 1);

	*ret_role = role;
	return slot_offset(image, role,
			   copy < COPIES ? copy : newest_copy(image, role));
}

static void edit_slot(struct ring_image *image, struct script *script,
		      bool seal)
{
	unsigned role;
	const uint64_t offset = take_slot(image, script, &role);

	script_edit(script, image->bytes + offset, slot_len(role));
	if (seal)
		seal_slot(image, offset, slot_len(role));
}

/* An older write once more, or one in the wrong place. */
static void copy_slot(struct ring_image *image, struct script *script,
		      bool seal)
{
	unsigned from_role, to_role;
	const uint64_t from = take_slot(image, script, &from_role);
	const uint64_t to = take_slot(image, script, &to_role);

	memmove(image->bytes + to, image->bytes + from, slot_len(from_role));
	if (seal)
		seal_slot(image, to, slot_len(to_role));
}

static void edit_heartbeat(struct ring_image *image, struct script *script,
			   bool seal)
{
	const unsigned role = (unsigned)script_number(script, 1) % image->roles;
	const uint64_t offset = slot_offset(image, role, COPIES);

	script_edit(script, image->bytes + offset, HEARTBEAT);
	if (seal)
		seal_slot(image, offset, HEARTBEAT);
}

/* ---- records ----------------------------------------------------- */

/* Between the stream, which wraps, and a buffer. */
static void copy_stream(struct ring_image *image, uint64_t position,
			uint8_t *buf, size_t len, bool is_write)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t *at = image->bytes + image->data_offset +
			      (position + i) % image->data_bytes;

		if (is_write)
			*at = buf[i];
		else
			buf[i] = *at;
	}
}

static size_t record_len(const struct ring_image *image, const uint8_t *record)
{
	const uint64_t body = image_get(record, 16, 4);
	const uint64_t most = image->data_bytes / 2;

	return RECORD_HEADER + (size_t)(body < most ? body : most);
}

static void seal_record(struct ring_image *image, uint64_t position,
			uint8_t *record)
{
	const size_t len = record_len(image, record);

	copy_stream(image, position, record, len, false);
	if (len == RECORD_HEADER + image_get(record, 16, 4))
		image_seal_record(record, image_seed(image->uuid, position));
	copy_stream(image, position, record, len, true);
}

static uint8_t *new_bytes(size_t len)
{
	uint8_t *bytes = malloc(len);

	fuzz_require(bytes != NULL, "there is memory");
	return bytes;
}

static unsigned take_record(const struct ring_image *image,
			    struct script *script)
{
	return (unsigned)script_number(script, 1) % (image->records + 1);
}

static void edit_record(struct ring_image *image, struct script *script,
			bool seal)
{
	const uint64_t position = image->positions[take_record(image, script)];
	uint8_t *record = new_bytes(RECORD_HEADER + image->data_bytes);

	copy_stream(image, position, record, RECORD_EDIT, false);
	script_edit(script, record, RECORD_EDIT);
	copy_stream(image, position, record, RECORD_EDIT, true);
	if (seal)
		seal_record(image, position, record);
	free(record);
}

/* A record in the place of another one; behind the last the stream grows. */
static void copy_record(struct ring_image *image, struct script *script,
			bool seal)
{
	const uint64_t from = image->positions[take_record(image, script)];
	const unsigned to = take_record(image, script);
	const uint64_t position = image->positions[to];
	uint8_t *record = new_bytes(RECORD_HEADER + image->data_bytes);
	size_t len;

	copy_stream(image, from, record, RECORD_HEADER, false);
	len = record_len(image, record);
	copy_stream(image, from, record, len, false);
	copy_stream(image, position, record, len, true);
	if (seal)
		seal_record(image, position, record);
	if (to == image->records && to < RING_IMAGE_RECORDS)
		image->positions[++image->records] =
			position + (len + 7) / 8 * 8;
	free(record);
}

/* ---- all --------------------------------------------------------- */

static void edit_byte(struct ring_image *image, struct script *script,
		      bool seal)
{
	const uint64_t offset = script_number(script, 3) % image->len;

	(void)seal; /* of no structure in particular */
	image->bytes[offset] ^= (uint8_t)script_number(script, 1);
}

void ring_image_edit(struct ring_image *image, struct script *script)
{
	static void (*const edits[8])(struct ring_image * image,
				      struct script * script, bool seal) = {
		edit_byte,      edit_superblock, edit_slot, copy_slot,
		edit_heartbeat, edit_record,     edit_slot, copy_record,
	};

	while (script->left > 0) {
		const unsigned what = (unsigned)script_number(script, 1);
		const bool seal = (what & 128) != 0;

		edits[what & 7](image, script, seal);
	}
}
