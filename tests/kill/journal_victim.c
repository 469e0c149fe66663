/*
 * A program with a journal, to be killed: see journal.sh.
 *
 *	journal_victim both|pushes|performs RING DIR RUN THREADS
 *	journal_victim drain RING DIR
 *
 * Threads push operations "RUN.THREAD.COUNT" without end. Each is written to
 * DIR/intents before and to DIR/acks after its push. Perform makes the file
 * DIR/done/NUMBER, by rename: doing it again changes nothing. What it did it
 * adds to DIR/performed, "NUMBER OPERATION". 'drain' performs all that is left,
 * and ends.
 */
#include "journal/journal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MAX = 16, TEXT_BYTES = 128, PATH_BYTES = 4096 };

struct victim {
	struct journal *j;
	const char *dir;
	const char *run;
	int intents, acks, performed; /* descriptors */
};

struct worker {
	struct victim *v;
	unsigned number;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "journal_victim: %s: %s\n", what, why);
	exit(1);
}

/* One write: a kill leaves the line whole or not at all. */
static void add_line(int fd, const char *line, size_t len)
{
	if (write(fd, line, len) != (ssize_t)len)
		die("write", "failed");
}

static int open_log(const struct victim *v, const char *name)
{
	char path[PATH_BYTES];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", v->dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (fd < 0)
		die(path, "cannot open");
	return fd;
}

/* ---- performing --------------------------------------------------------- */

static bool make_file(const struct victim *v, const struct journal_op *op)
{
	char temporary[PATH_BYTES], path[PATH_BYTES];
	FILE *file;

	snprintf(temporary, sizeof(temporary), "%s/new", v->dir);
	snprintf(path, sizeof(path), "%s/done/%" PRIu64, v->dir, op->number);
	file = fopen(temporary, "w");
	if (file == NULL)
		return false;
	fwrite(op->bytes, 1, op->len_bytes, file);
	return fclose(file) == 0 && rename(temporary, path) == 0;
}

static int perform(void *ctx, const struct journal_op *ops, size_t count)
{
	struct victim *v = ctx;
	char line[TEXT_BYTES];

	for (size_t i = 0; i < count; i++) {
		const int len = snprintf(
			line, sizeof(line), "%" PRIu64 " %.*s\n", ops[i].number,
			(int)ops[i].len_bytes, (const char *)ops[i].bytes);

		if (!make_file(v, &ops[i]))
			return (int)i;
		add_line(v->performed, line, (size_t)len);
	}
	return (int)count;
}

/* ---- pushing ------------------------------------------------------------ */

static void *push_for_ever(void *arg)
{
	const struct worker *w = arg;
	struct victim *v = w->v;
	char line[TEXT_BYTES];

	for (unsigned i = 0;; i++) {
		const int len = snprintf(line, sizeof(line), "%s.%u.%u\n",
					 v->run, w->number, i);
		int rc;

		add_line(v->intents, line, (size_t)len);
		rc = journal_push(v->j, line, (size_t)len - 1, NULL);
		if (rc < 0)
			die("push", ring_strerror(rc));
		add_line(v->acks, line, (size_t)len);
	}
	return NULL;
}

static void push_all(struct victim *v, unsigned threads)
{
	static struct worker workers[THREADS_MAX];
	pthread_t id;

	for (unsigned i = 0; i < threads && i < THREADS_MAX; i++) {
		workers[i] = (struct worker){ v, i };
		if (pthread_create(&id, NULL, push_for_ever, &workers[i]) != 0)
			die("thread", "cannot start");
	}
}

/* ------------------------------------------------------------------------- */

static enum journal_sides sides_of(const char *name)
{
	if (strcmp(name, "pushes") == 0)
		return JOURNAL_PUSHES;
	return strcmp(name, "performs") == 0 ? JOURNAL_PERFORMS : JOURNAL_BOTH;
}

int main(int argc, char **argv)
{
	struct ring_fault fault = { 0 };
	struct journal_options o = { .ring = { .fault = &fault },
				     .create = { .size_bytes = 1 << 20 },
				     .batch_ops = 16 };
	struct victim v = { 0 };
	int rc;

	if (argc < 4)
		return 2;
	o.sides = sides_of(argv[1]);
	v.dir = argv[3];
	v.performed = open_log(&v, "performed");
	v.intents = open_log(&v, "intents");
	v.acks = open_log(&v, "acks");
	rc = journal_start(argv[2], &o, perform, &v, &v.j);
	if (rc < 0)
		die(argv[2], fault.text);
	if (strcmp(argv[1], "drain") == 0) {
		rc = journal_sync(v.j, NULL, -1);
		journal_free(v.j);
		return rc < 0;
	}
	if (argc != 6)
		return 2;
	v.run = argv[4];
	if (o.sides != JOURNAL_PERFORMS)
		push_all(&v, (unsigned)atoi(argv[5]));
	for (;;)
		pause();
}
