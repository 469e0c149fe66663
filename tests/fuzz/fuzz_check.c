/*
 * Goal: looking at any image from outside (check, walk, info) ends, changes
 * nothing, and what it says of the ring is true. Repair ends, does what it
 * planned, and comes to an end.
 * Method: edits of a good ring, sealed or not; records that are called valid
 * are verified once more from FORMAT.md.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/good_ring.h"
#include "tests/lib/image.h"

#include <stdlib.h>
#include <string.h>

enum { HOST = 1, MOST_REPAIRS = 4 };

struct look {
	struct mem_disk *disk;
	struct fake_system system;
	const struct ring_image *image;
	struct ring_fault fault;
	struct ring_info info; /* if there is a ring */
	int findings;          /* of WARN and above */
	uint64_t records;
	uint64_t next; /* where the next record shall be */
	unsigned left; /* steps of a repair that are not possible */
};

static struct ring_options options_of(struct look *l)
{
	l->fault = (struct ring_fault){ 0 };
	return (struct ring_options){
		.io = mem_disk_open_read_only(l->disk),
		.system = &l->system.system,
		.fault = &l->fault,
	};
}

/* A failure leaves its words. */
static void end_look(struct look *l, struct ring_options *options, int rc)
{
	fuzz_require(rc >= 0 || l->fault.code == rc, "the fault has the code");
	fuzz_require(memcmp(l->image->bytes, mem_disk_bytes(l->disk),
			    l->image->len) == 0,
		     "looking changes nothing");
	fuzz_require(l->system.live == 0, "all memory is released");
	ring_io_close(options->io);
}

/* ---- info --------------------------------------------------------------- */

static void require_info(const struct look *l)
{
	const struct ring_info *info = &l->info;

	fuzz_require(info->ring_bytes <= l->image->len, "the ring is there");
	fuzz_require(info->data_offset_bytes + info->data_bytes ==
			     info->ring_bytes,
		     "it ends with its data");
	fuzz_require(info->cursor_count <= info->cursor_slots,
		     "a cursor has a slot");
	fuzz_require(info->exposed <= info->end, "what is visible is there");
	fuzz_require(info->exposed_items <= info->pushed_items,
		     "so are its items");
	for (unsigned i = 0; i < info->cursor_count; i++)
		fuzz_require(memchr(info->cursors[i].name, 0,
				    RING_NAME_BYTES) != NULL,
			     "a name ends");
}

static int run_info(struct look *l)
{
	struct ring_options options = options_of(l);
	const int rc = ring_info("memory", &options, &l->info);

	if (rc == 0)
		require_info(l);
	end_look(l, &options, rc);
	return rc;
}

/* ---- check -------------------------------------------------------------- */

static void on_finding(void *ctx, const struct ring_finding *finding)
{
	struct look *l = ctx;

	l->findings += finding->severity >= RING_WARN;
	fuzz_require(finding->text != NULL && finding->text[0] != '\0',
		     "a finding has words");
	fuzz_require(finding->severity < RING_WARN || finding->code < 0,
		     "what is bad has a code");
}

static int run_check(struct look *l)
{
	struct ring_options options = options_of(l);
	const int rc = ring_check("memory", &options, on_finding, l);

	fuzz_require(rc < 0 || rc == l->findings, "check counts its findings");
	end_look(l, &options, rc);
	return rc;
}

/* ---- walk --------------------------------------------------------------- */

static void read_stream(const struct look *l, uint64_t position, uint8_t *buf,
			size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = l->image->bytes[l->info.data_offset_bytes +
					 (position + i) % l->info.data_bytes];
}

static void require_record(const struct look *l,
			   const struct ring_record_view *v)
{
	const size_t skip = v->kind == RING_RECORD_COMMIT ? 40 : 0;
	const size_t len = 48 + skip + v->body_bytes;
	uint8_t *record = malloc(len);

	fuzz_require(record != NULL, "there is memory");
	read_stream(l, v->position, record, len);
	fuzz_require(image_get(record, 16, 4) == len - 48,
		     "the body is as long as it says");
	fuzz_require(memcmp(record + 48 + skip, v->body, v->body_bytes) == 0,
		     "the body is that of the image");
	fuzz_require(image_xxh3(record + 8, len - 8,
				image_seed(l->info.uuid, v->position)) ==
				     image_get(record, 0, 8) &&
			     v->checksum == image_get(record, 0, 8),
		     "a valid record has its checksum");
	fuzz_require(v->next >= v->position + len, "the next one is behind");
	free(record);
}

static int on_record(void *ctx, const struct ring_record_view *v)
{
	struct look *l = ctx;

	fuzz_require(l->records == 0 || v->position == l->next,
		     "records follow each other");
	fuzz_require(v->valid != v->damaged, "it is valid or damaged");
	fuzz_require(v->offset_bytes >= l->info.data_offset_bytes &&
			     v->offset_bytes < l->info.ring_bytes,
		     "it is in the data area");
	if (v->valid)
		require_record(l, v);
	l->records++;
	l->next = v->next;
	fuzz_require(l->records <= l->info.data_bytes / 48,
		     "a lap is all there is");
	return 0;
}

static int run_walk(struct look *l, uint64_t from)
{
	struct ring_options options = options_of(l);
	int rc;

	l->records = 0;
	rc = ring_walk("memory", &options, from, on_record, l);
	/* Codes that only the position explains leave no words. */
	if (rc == -RING_ERR_BOUNDARY || rc == -RING_ERR_RELEASED)
		l->fault.code = rc;
	end_look(l, &options, rc);
	return rc;
}

/* ---- all ---------------------------------------------------------------- */

static void look(struct look *l, uint64_t from)
{
	const int bad = run_check(l);
	const int rc = run_info(l);
	int walked;

	if (rc != 0 && rc != -RING_ERR_DAMAGED) {
		fuzz_require(bad != 0, "a ring that is clean opens");
		return;
	}
	walked = run_walk(l, RING_POSITION_NONE);
	fuzz_require(bad != 0 || (rc == 0 && walked == 0),
		     "what is clean is not damaged");
	run_walk(l, from);
}

/* ---- repair ------------------------------------------------------------- */

static int on_step(void *ctx, const struct ring_repair_step *step)
{
	struct look *l = ctx;

	fuzz_require(step->text != NULL && step->text[0] != '\0',
		     "a step has words");
	l->left += !step->is_possible;
	return 0;
}

static int run_repair(struct look *l, bool apply)
{
	const struct ring_repair_options how = { .apply = apply };
	struct ring_options options = options_of(l);
	int rc;

	if (apply) {
		ring_io_close(options.io);
		options.io = mem_disk_open(l->disk);
	}
	options.on_damage = RING_DAMAGE_SKIP;
	l->left = 0;
	rc = ring_repair("memory", &options, &how, on_step, l);
	fuzz_require(l->system.live == 0, "all memory is released");
	if (!apply)
		end_look(l, &options, rc);
	else
		ring_io_close(options.io);
	return rc;
}

/*
 * What was repaired has nothing left to repair. Slots that are sealed and
 * contradict each other may need it more than once: the first repair makes one
 * true, which another denies.
 */
static void repair(struct look *l)
{
	const int planned = run_repair(l, false);
	int done, rounds = 0;

	if (planned < 0)
		return;
	done = run_repair(l, true);
	fuzz_require(done < 0 || done == planned || l->left > 0,
		     "a repair does what it planned");
	while (done > 0 && l->left == 0 && rounds++ < MOST_REPAIRS)
		done = run_repair(l, true);
	fuzz_require(rounds <= MOST_REPAIRS, "repairing comes to an end");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	struct script script = { data, len_bytes };
	const unsigned base = (unsigned)script_number(&script, 1);
	const unsigned start = (unsigned)script_number(&script, 1);
	struct ring_image image;
	struct look l;

	good_ring_take(base, &image);
	ring_image_edit(&image, &script);
	l = (struct look){ .image = &image, .disk = good_ring_disk(base) };
	memcpy(mem_disk_bytes(l.disk), image.bytes, image.len);
	good_ring_system(&l.system, HOST);
	look(&l, image.positions[start % (image.records + 1)]);
	repair(&l);
	return 0;
}
