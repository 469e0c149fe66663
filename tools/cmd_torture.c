/*
 * torture: does this device, with this library on it, keep what it
 * acknowledged? A ring of its own, a producer and two consumers under load,
 * kill -9 at random moments, and a ledger of all calls to hold against what
 * comes out of the ring.
 */
#include "tools/cmd.h"
#include "tools/doc.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/stop.h"
#include "tools/torture_killer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KILLS = 100,
	FILE_BYTES = 64 * 1024 * 1024,
	ITEM_BYTES_MAX = 256 * 1024,
	BATCH_BYTES_MAX = 1024 * 1024,
};

/* `given` tells 0 from the default. */
struct seed {
	bool given;
	uint64_t value;
};

struct torture {
	struct call *call;

	/* options */
	struct ring_create_options create;
	struct option_wait time;
	struct seed seed;

	struct torture_plan plan;
	struct torture_kills kills;
	bool is_ours; /* the file: it was not there before */
};

/* ---- the result --------------------------------------------------------- */

static uint64_t count_of(const struct torture *t, enum torture_count what)
{
	return atomic_load(&t->plan.job.ledger->counts[what]);
}

static bool is_good(const struct torture *t)
{
	return count_of(t, TORTURE_LOST) == 0 &&
	       count_of(t, TORTURE_REORDERED) == 0 &&
	       count_of(t, TORTURE_DAMAGE) == 0;
}

static uint64_t items_of(const struct torture *t)
{
	return torture_account(&t->plan.job.ledger->producer)->before.exposed;
}

static int print_json(const struct torture *t)
{
	const struct torture_ledger *ledger = t->plan.job.ledger;
	json_t *doc = json_pack(
		"{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
		"path", doc_text(t->call->path), "seed",
		(json_int_t)t->plan.job.seed, "kills",
		(json_int_t)(t->kills.producer + t->kills.consumers),
		"producer_kills", (json_int_t)t->kills.producer,
		"consumer_kills", (json_int_t)t->kills.consumers, "items",
		(json_int_t)items_of(t), "lost",
		(json_int_t)count_of(t, TORTURE_LOST), "duplicated",
		(json_int_t)count_of(t, TORTURE_DUPLICATED), "reordered",
		(json_int_t)count_of(t, TORTURE_REORDERED), "damaged",
		(json_int_t)count_of(t, TORTURE_DAMAGE), "good", is_good(t));

	if (doc != NULL)
		json_object_set_new(doc, "finding",
				    ledger->has_finding
					    ? doc_text(ledger->finding)
					    : json_null());
	return doc_print(doc);
}

static void print_text(const struct torture *t)
{
	printf("kills       %" PRIu64 " (producer %" PRIu64
	       ", consumers %" PRIu64 ")\n"
	       "items       %" PRIu64 "\n"
	       "lost        %" PRIu64 "\n"
	       "duplicated  %" PRIu64 " (given again after a kill: expected)\n"
	       "reordered   %" PRIu64 "\n"
	       "damaged     %" PRIu64 "\n"
	       "seed        %" PRIu64 "\n",
	       t->kills.producer + t->kills.consumers, t->kills.producer,
	       t->kills.consumers, items_of(t), count_of(t, TORTURE_LOST),
	       count_of(t, TORTURE_DUPLICATED), count_of(t, TORTURE_REORDERED),
	       count_of(t, TORTURE_DAMAGE), t->plan.job.seed);
}

static int report_result(const struct torture *t)
{
	if (t->call->json) {
		const int rc = print_json(t);

		if (rc != EXIT_OK)
			return rc;
	} else {
		print_text(t);
	}
	if (is_good(t))
		return EXIT_OK;
	report_note("%s", t->plan.job.ledger->finding);
	return EXIT_DAMAGE;
}

/* ---- the run ------------------------------------------------------------ */

/* What a process met that no kill may bring about is a finding. */
static bool is_damage(int code)
{
	return code == -RING_ERR_DAMAGED || code == -RING_ERR_SLOT ||
	       code == -RING_ERR_SUPERBLOCK || code == -RING_ERR_NOT_A_RING ||
	       code == -RING_ERR_BOUNDARY || code == -RING_ERR_FUTURE ||
	       code == -RING_ERR_RELEASED;
}

static void on_finding(void *ctx, const struct ring_finding *finding)
{
	const struct torture *t = ctx;

	if (finding->severity != RING_NOTE)
		torture_ledger_find(t->plan.job.ledger, TORTURE_DAMAGE, 1,
				    "check: %s", finding->text);
}

static int report_failure(struct torture *t, int code)
{
	struct torture_ledger *ledger = t->plan.job.ledger;

	if (!ledger->has_failure)
		return report_code(t->call, code);
	if (is_damage(code)) {
		torture_ledger_find(ledger, TORTURE_DAMAGE, 1, "%s",
				    ledger->failure);
		return report_result(t);
	}
	report_text(t->call, code, "%s (seed %" PRIu64 ")", ledger->failure,
		    t->plan.job.seed);
	return EXIT_ERROR;
}

static int run(struct torture *t)
{
	int rc = torture_run(&t->plan, &t->kills);

	if (rc < 0)
		return report_failure(t, rc);
	rc = ring_check(t->call->path, &t->call->ring, on_finding, t);
	if (rc < 0)
		return report_code(t->call, rc);
	return report_result(t);
}

/* ---- around it ---------------------------------------------------------- */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Several batches shall fit, or most calls would only meet a full ring. */
static int size_items(struct torture *t)
{
	struct torture_job *job = &t->plan.job;
	struct ring_info info;
	int rc = ring_info(t->call->path, &t->call->ring, &info);

	if (rc < 0)
		return rc;
	/* Half of it, for what the records need beside the items. */
	job->batch_max_bytes =
		least(info.max_batch_bytes / 2,
		      least(info.data_bytes / 8, BATCH_BYTES_MAX));
	job->item_max_bytes =
		least(info.max_item_bytes / 2,
		      least(job->batch_max_bytes / 2, ITEM_BYTES_MAX));
	return 0;
}

static int create_ring(struct torture *t)
{
	struct ring_create_options create = t->create;
	struct stat st;
	int rc;

	t->is_ours = stat(t->call->path, &st) < 0 && errno == ENOENT;
	if (t->is_ours && create.size_bytes == 0)
		create.size_bytes = FILE_BYTES;
	create.consumers = torture_consumers;
	create.consumer_count = TORTURE_CONSUMERS;
	create.label = "ringctl torture";
	rc = ring_create(t->call->path, &create, &t->call->ring);
	return rc < 0 ? rc : size_items(t);
}

static int draw_seed(struct torture *t)
{
	uint32_t seed;

	if (t->seed.given) {
		t->plan.job.seed = t->seed.value;
		return 0;
	}
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -errno;
	t->plan.job.seed = seed;
	return 0;
}

static int prepare(struct torture *t)
{
	int rc = draw_seed(t);

	if (rc < 0)
		return rc;
	t->plan.until =
		t->time.given ? deadline_after(t->time.ns) : deadline_never();
	t->plan.stop_fd = stop_open();
	if (t->plan.stop_fd < 0)
		return t->plan.stop_fd;
	t->plan.job.path = t->call->path;
	t->plan.job.ring = &t->call->ring;
	t->plan.job.ledger = torture_ledger_open();
	return t->plan.job.ledger == NULL ? -ENOMEM : create_ring(t);
}

static int torture(struct torture *t)
{
	int rc = prepare(t);

	rc = rc < 0 ? report_code(t->call, rc) : run(t);
	/* The evidence stays. */
	if (t->is_ours && rc == EXIT_DAMAGE)
		report_note("'%s' is kept", t->call->path);
	else if (t->is_ours)
		unlink(t->call->path);
	torture_ledger_close(t->plan.job.ledger);
	return rc;
}

/* A struct seed. JSON has no number above 2^63. */
static const char *read_seed(const char *text, void *ret)
{
	struct seed *seed = ret;
	const char *wrong = option_number(text, &seed->value);

	if (wrong == NULL && seed->value > INT64_MAX)
		wrong = "too large";
	seed->given = wrong == NULL;
	return wrong;
}

int cmd_torture(struct call *call)
{
	struct torture t = { .call = call, .plan = { .kills = KILLS } };
	const struct option_spec specs[] = {
		{ "kills", "N", "how many (default: 100)", option_count,
		  &t.plan.kills },
		{ "seed", "N", "which calls, which kills (default: random)",
		  read_seed, &t.seed },
		{ "time", "S", "end after S seconds, if that is sooner",
		  option_seconds, &t.time },
		{ "size", "SIZE", "of the ring (default: 64M for a new file)",
		  option_size, &t.create.size_bytes },
		{ "padded", NULL, "never rewrite a committed block", NULL,
		  &t.create.padded },
		{ "force", NULL, "overwrite what is there", NULL,
		  &t.create.force },
		{ 0 },
	};
	int rc = options_parse(call, specs);

	return rc == OPTIONS_RUN ? torture(&t) : rc;
}
