/*
 * Users of a ring whose power is cut, driven by run.sh; public API only.
 *
 *     powercut create  RING LEDGER [--size N] [--block N] [--padded] [--seed N]
 *     powercut produce RING LEDGER [--until N] ...
 *     powercut consume RING LEDGER [--until N] ...
 *     powercut verify  RING LEDGER ...
 *     powercut stale   DEVICE DEVICE
 *     powercut report  - LEDGER
 *
 * Common: --engine E, --mode auto|buffered|direct, --seed N, --host N, --boot N
 * (the names of the host and of its boot), --takeover.
 */
#include "tests/powercut/job.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEARTBEAT_MS = 10 };

/* ---- commands ----------------------------------------------------------- */

/* Any: a FUSE file system whose server died even says EINVAL. */
static bool is_storage_error(int rc)
{
	return rc > -RING_ERR_BASE && rc != -ENOMEM;
}

int job_end(struct job *job, int rc, const char *what)
{
	if (rc >= 0)
		return atomic_load(&job->ledger->lost) == 0 &&
				       atomic_load(&job->ledger->reordered) == 0
			       ? EXIT_DONE
			       : EXIT_WRONG;
	fprintf(stderr, "%s: %s: %s\n", what, ring_error_name(rc),
		job->fault.text);
	if (rc == -RING_ERR_FENCED)
		return EXIT_FENCED;
	if (is_storage_error(rc))
		return EXIT_STORAGE;
	ledger_lose(job->ledger, 1, "%s failed with %s", what,
		    ring_error_name(rc));
	return EXIT_WRONG;
}

static int job_create(struct job *job)
{
	const struct ring_create_options create = {
		.size_bytes = job->size_bytes,
		.block_bytes = job->block_bytes,
		.cursor_slots = 1,
		.heartbeat_ms = HEARTBEAT_MS,
		.padded = job->padded,
	};
	const int rc = ring_create(job->path, &create, &job->options);

	return job_end(job, rc, "create");
}

static int job_report(struct job *job)
{
	const struct ledger *l = job->ledger;

	printf("lost %" PRIu64 " reordered %" PRIu64 " pushed %" PRIu64
	       " consumed %" PRIu64 " verified %" PRIu64 " exposed %" PRIu64
	       "\n",
	       atomic_load(&l->lost), atomic_load(&l->reordered),
	       atomic_load(&l->total_pushed), atomic_load(&l->total_consumed),
	       atomic_load(&l->total_verified), atomic_load(&l->exposed.acked));
	return EXIT_DONE;
}

struct command {
	const char *name;
	int (*run)(struct job *job);
	bool makes_ledger;
	bool needs_ledger;
};

static const struct command commands[] = {
	{ "create", job_create, true, true },
	{ "produce", job_produce, false, true },
	{ "consume", job_consume, false, true },
	{ "verify", job_verify, false, true },
	{ "report", job_report, false, true },
	{ "stale", job_stale, false, false },
};

/* ---- arguments ---------------------------------------------------------- */

enum option_id {
	OPTION_ENGINE = 1,
	OPTION_MODE,
	OPTION_SEED,
	OPTION_HOST,
	OPTION_BOOT,
	OPTION_TAKEOVER,
	OPTION_UNTIL,
	OPTION_SIZE,
	OPTION_BLOCK,
	OPTION_PADDED,
};

static int set_mode(struct job *job, const char *text)
{
	static const char *const names[] = { "auto", "buffered", "direct" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			job->options.mode = (enum ring_io_mode)i;
			return 0;
		}
	}
	return -1;
}

static int set_option(struct job *job, int id, const char *text)
{
	const uint64_t number = text != NULL ? strtoull(text, NULL, 0) : 0;

	switch (id) {
	case OPTION_ENGINE:
		return ring_io_engine_from_name(text, &job->options.engine);
	case OPTION_MODE:
		return set_mode(job, text);
	case OPTION_SEED:
		job->draw.state = number;
		return 0;
	case OPTION_HOST:
		job->host.number = (uint8_t)number;
		return 0;
	case OPTION_BOOT:
		job->host.boot = number;
		return 0;
	case OPTION_TAKEOVER:
		job->options.takeover = true;
		return 0;
	case OPTION_UNTIL:
		job->until = number;
		return 0;
	case OPTION_SIZE:
		job->size_bytes = number;
		return 0;
	case OPTION_BLOCK:
		job->block_bytes = (uint32_t)number;
		return 0;
	case OPTION_PADDED:
		job->padded = true;
		return 0;
	default:
		return -1;
	}
}

static const struct command *parse(struct job *job, int argc, char **argv)
{
	static const struct option options[] = {
		{ "engine", required_argument, NULL, OPTION_ENGINE },
		{ "mode", required_argument, NULL, OPTION_MODE },
		{ "seed", required_argument, NULL, OPTION_SEED },
		{ "host", required_argument, NULL, OPTION_HOST },
		{ "boot", required_argument, NULL, OPTION_BOOT },
		{ "takeover", no_argument, NULL, OPTION_TAKEOVER },
		{ "until", required_argument, NULL, OPTION_UNTIL },
		{ "size", required_argument, NULL, OPTION_SIZE },
		{ "block", required_argument, NULL, OPTION_BLOCK },
		{ "padded", no_argument, NULL, OPTION_PADDED },
		{ NULL, 0, NULL, 0 },
	};
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (set_option(job, id, optarg) < 0)
			return NULL;
	if (argc - optind != 3)
		return NULL;
	job->path = argv[optind + 1];
	job->ledger_path = argv[optind + 2];
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(argv[optind], commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	struct job job = { .until = UINT64_MAX, .draw = { 1 } };
	const struct command *command = parse(&job, argc, argv);

	if (command == NULL) {
		fprintf(stderr, "usage: powercut COMMAND PATH LEDGER "
				"[OPTION]...\n");
		return EXIT_USAGE;
	}
	host_init(&job.host, job.host.number, job.host.boot);
	job.options.system = &job.host.system;
	job.options.fault = &job.fault;
	if (command->makes_ledger)
		job.ledger = ledger_create(job.ledger_path, job.draw.state);
	else if (command->needs_ledger)
		job.ledger = ledger_open(job.ledger_path);
	if (command->needs_ledger && job.ledger == NULL) {
		fprintf(stderr, "cannot open '%s': %s\n", job.ledger_path,
			strerror(errno));
		return EXIT_WRONG;
	}
	return command->run(&job);
}
