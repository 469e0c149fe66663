/*
 * The sweep itself. One run of a row: make the surroundings, let the N-th call
 * of the system fail while the public call is made, and then
 *
 *	the result is the error that was injected, and the fault names it;
 *	or the call could do without what failed, and gave what it gives when
 *	nothing fails; a write or a flush it can't do without
 *	the handle is dead, each call repeating the error, or the call can be
 *	made again and does its work
 *	nothing leaks: memory, descriptors, locks
 *	the ring is as before the call or as after it, nothing in between
 */
#include "tests/sweep/sweep.h"

#include "ring/session.h"
#include "tests/sweep/fail_calls.h"
#include "tests/sweep/ring_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	DIRECT_BYTES = 4096,
	IMAGE_MAX_BYTES = 1 << 20,
	RUNS_MAX = 4000, /* of a plan: far more than any call needs */
};

static const struct fail_plan plans[] = {
	{ .name = "EIO",
	  .kinds = FAIL_LOOK | FAIL_READ | FAIL_WRITE,
	  .error = EIO },
	{ .name = "ENOSPC", .kinds = FAIL_WRITE, .error = ENOSPC },
	{ .name = "short", .kinds = FAIL_READ | FAIL_WRITE, .is_short = true },
	{ .name = "short, then EIO",
	  .kinds = FAIL_READ | FAIL_WRITE,
	  .is_short = true,
	  .error = EIO },
	{ .name = "ENOMEM", .kinds = FAIL_MEMORY, .error = ENOMEM },
};

struct sweep {
	const struct sweep_row *row;
	struct scene scene;
	struct fail_plan plan;
	struct fail_report report; /* of the call just made */
	uint8_t *image;            /* the ring that each run begins with */
	ssize_t image_bytes;       /* -1: no file */
	char before[RING_TEXT_BYTES];
	char after[RING_TEXT_BYTES];
	char text[RING_TEXT_BYTES]; /* of this run */
	char said[256];             /* by the call when nothing fails */
	unsigned points[ARRAY_SIZE(plans)];
	unsigned reported, passed_over;
};

/* Which run it is that failed, and why. */
static _Noreturn void fail_run(const struct sweep *w, const char *format, ...)
{
	char why[3 * RING_TEXT_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	fail_msg("%s: %s number %u%s (%s): %s", w->row->name, w->plan.name,
		 w->plan.at, w->plan.persists ? " and later" : "",
		 w->report.was_met ? w->report.call : "none met", why);
	abort();
}

/* ---- surroundings ------------------------------------------------------- */

static void leave(struct sweep *w)
{
	scene_leave(&w->scene);
	ring_io_close(w->scene.io);
	w->scene.io = NULL;
}

static void begin_scene(struct sweep *w)
{
	struct fixture *f = w->scene.f;
	const bool direct = (w->row->flags & SWEEP_IS_DIRECT) != 0;

	w->scene = (struct scene){ .f = f };
	fake_system_init(&w->scene.system, 1, 1);
	w->scene.options = fixture_options(f);
	w->scene.options.system = &w->scene.system.system;
	w->scene.options.engine = RING_IO_POSIX;
	w->scene.options.mode = direct ? RING_IO_DIRECT : RING_IO_BUFFERED;
	fail_set_unit(direct ? DIRECT_BYTES : 1);
	fail_watches((w->row->flags & SWEEP_WATCHES) == 0);
}

static void end_scene(struct sweep *w)
{
	leave(w);
	assert_int_equal(w->scene.system.live, 0);
	assert_false(w->scene.system.release_is_wrong);
}

static void keep_image(struct sweep *w)
{
	const int fd = open(w->scene.f->path, O_RDONLY | O_CLOEXEC);

	w->image_bytes = -1;
	if (fd < 0)
		return;
	w->image = fixture_alloc(w->scene.f, IMAGE_MAX_BYTES);
	w->image_bytes = pread(fd, w->image, IMAGE_MAX_BYTES, 0);
	assert_in_range(w->image_bytes, 0, IMAGE_MAX_BYTES - 1);
	close(fd);
}

static void put_image(const struct sweep *w)
{
	int fd;

	if (w->image_bytes < 0) {
		(void)unlink(w->scene.f->path);
		return;
	}
	fd = open(w->scene.f->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, w->image_bytes), 0);
	assert_int_equal(pwrite(fd, w->image, (size_t)w->image_bytes, 0),
			 w->image_bytes);
	close(fd);
}

static void set_up(struct sweep *w)
{
	put_image(w);
	begin_scene(w);
	if (w->row->enter != NULL)
		w->row->enter(&w->scene);
	w->scene.f->fault = (struct ring_fault){ 0 };
}

static unsigned open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

/* ---- one run ------------------------------------------------------------ */

static int call(struct sweep *w)
{
	int rc;

	w->scene.said[0] = '\0';
	fail_begin(&w->plan);
	rc = w->row->call(&w->scene);
	w->report = fail_end();
	return rc;
}

static bool has_prefix(const struct sweep *w, const char *prefix)
{
	return strncmp(w->row->name, prefix, strlen(prefix)) == 0;
}

/* Ask the handle how it is: 0, or what each of its calls says. */
static int ask_handle(struct sweep *w, bool *ret_exists)
{
	struct ring_producer_state ps;
	struct ring_consumer_state cs;
	struct journal_stats stats;

	*ret_exists = false;
	if ((w->row->flags & SWEEP_ENDS_HANDLE) != 0)
		return 0;
	*ret_exists = true;
	if (has_prefix(w, "ring_producer_") && w->scene.p != NULL)
		return ring_producer_state(w->scene.p, &ps);
	if (has_prefix(w, "ring_consumer_") && w->scene.c != NULL)
		return ring_consumer_state(w->scene.c, &cs);
	if (has_prefix(w, "journal_") && w->scene.j != NULL) {
		journal_keep(w->scene.j); /* as its thread does */
		journal_stats(w->scene.j, &stats);
		return stats.failed;
	}
	*ret_exists = false;
	return 0;
}

static void check_text(struct sweep *w, bool may_be_before)
{
	ring_text(w->scene.f, w->scene.options.mode, w->text);
	if (strcmp(w->text, w->after) == 0)
		return;
	if (may_be_before && strcmp(w->text, w->before) == 0)
		return;
	if (may_be_before && (w->row->flags & SWEEP_MAY_EMPTY) != 0 &&
	    strcmp(w->text, "no ring") == 0)
		return;
	fail_run(w, "the ring is '%s', was '%s', should be '%s'", w->text,
		 w->before, w->after);
}

/* It names the file and the cause. */
static void check_fault(struct sweep *w, int rc)
{
	const struct ring_fault *fault = &w->scene.f->fault;
	const char *cause = rc == -ENOMEM ? "emory" : ring_strerror(rc);

	if ((w->row->flags & SWEEP_HAS_NO_FAULT) != 0)
		return;
	if (fault->code != rc || strstr(fault->text, cause) == NULL ||
	    strstr(fault->text, w->scene.f->path) == NULL)
		fail_run(w, "result %s, but the fault says %s '%s'",
			 ring_error_name(rc), ring_error_name(fault->code),
			 fault->text);
}

/* The call did without what failed. */
static void check_passed_over(struct sweep *w)
{
	const int late = -w->plan.error;
	bool has_handle;

	w->passed_over++;
	if (strcmp(w->scene.said, w->said) != 0)
		fail_run(w, "it says '%s', not '%s'", w->scene.said, w->said);
	if (w->report.kind != FAIL_WRITE || w->plan.error == 0 ||
	    (w->row->flags & (SWEEP_IS_VOID | SWEEP_SAYS_FAREWELL)) != 0)
		return;
	/* A write that is not waited for fails the next call. */
	if (ask_handle(w, &has_handle) != late || !has_handle)
		fail_run(w, "a failed write is passed over");
}

static void check_reported(struct sweep *w, int rc)
{
	w->reported++;
	if (rc > 0 && (w->row->flags & SWEEP_COUNTS) != 0)
		return;
	if (rc != -w->plan.error || w->plan.error == 0)
		fail_run(w, "the result is %s: %s", ring_error_name(rc),
			 w->scene.f->fault.text);
	check_fault(w, rc);
}

/* After an error, when storage is well again. True: the work is done. */
static bool call_again(struct sweep *w, int rc)
{
	static const struct fail_plan nothing = { .name = "afterwards" };
	const struct fail_plan plan = w->plan;
	const struct fail_report report = w->report;
	bool has_handle;
	const int state = ask_handle(w, &has_handle);
	int again;

	if (has_handle && state != 0 && state != rc)
		fail_run(w, "after %s the state is %s", ring_error_name(rc),
			 ring_error_name(state));
	if (has_handle && w->report.kind == FAIL_WRITE && state == 0)
		fail_run(w, "after a failed write the handle lives");
	w->plan = nothing;
	again = call(w);
	w->plan = plan;
	w->report = report;
	if (state != 0 ? again != rc
		       : again != w->row->expected && again != w->row->again)
		fail_run(w, "called again: %s: %s", ring_error_name(again),
			 w->scene.f->fault.text);
	return state == 0;
}

/* No lock is held any more, though the storage is open; but by a peer. */
static void check_locks(struct sweep *w)
{
	struct ring_io *other = NULL;

	if (w->scene.io == NULL)
		return;
	assert_int_equal(ring_io_open(w->scene.f->path, NULL, &other), 0);
	for (uint32_t role = w->scene.p != NULL;
	     role < ROLE_CURSOR_0 + RING_CURSORS_MAX; role++)
		if (other->ops->is_locked(other, role) != 0)
			fail_run(w, "it keeps the lock of role %u", role);
	if (other->ops->is_locked(other, LOCK_MEMBERSHIP) != 0)
		fail_run(w, "it keeps the lock of members");
	ring_io_close(other);
}

/* One run. False: nothing was left to fail, and the call did its work. */
static bool run(struct sweep *w)
{
	const unsigned files = open_files();
	bool is_done;
	int rc;

	set_up(w);
	rc = call(w);
	is_done = rc == w->row->expected;
	if (!w->report.was_met && !is_done)
		fail_run(w, "nothing failed, but the result is %s",
			 ring_error_name(rc));
	if (w->report.was_met && is_done)
		check_passed_over(w);
	else if (!is_done)
		check_reported(w, rc);
	if (!w->report.was_met || (!is_done && !w->plan.persists))
		check_locks(w);
	if (w->plan.persists)
		scene_crash(&w->scene);
	else if (!is_done)
		is_done = call_again(w, rc);
	leave(w);
	check_text(w, !is_done);
	end_scene(w);
	if (open_files() != files)
		fail_run(w, "it leaks a descriptor");
	return w->report.was_met;
}

/* ---- one row ------------------------------------------------------------ */

/* What it is without failures, and with. */
static void learn(struct sweep *w)
{
	int rc;

	begin_scene(w);
	if (w->row->make != NULL)
		w->row->make(&w->scene);
	end_scene(w);
	keep_image(w);
	set_up(w);
	scene_leave(&w->scene);
	ring_text(w->scene.f, w->scene.options.mode, w->before);
	end_scene(w);

	set_up(w);
	w->plan = (struct fail_plan){ .name = "nothing" };
	rc = call(w);
	if (rc != w->row->expected)
		fail_msg("%s: %s", ring_error_name(rc), w->scene.f->fault.text);
	if ((w->row->flags & SWEEP_FLUSHES_TWICE) != 0)
		assert_true(w->report.flushes >= 2);
	strcpy(w->said, w->scene.said);
	scene_leave(&w->scene);
	ring_text(w->scene.f, w->scene.options.mode, w->after);
	end_scene(w);
}

static unsigned sweep(struct sweep *w, const struct fail_plan *plan,
		      bool persists)
{
	w->plan = *plan;
	w->plan.persists = persists;
	for (w->plan.at = 1; run(w); w->plan.at++)
		assert_in_range(w->plan.at, 1, RUNS_MAX);
	return w->plan.at - 1;
}

static void check_counts(const struct sweep *w)
{
	unsigned points = 0;

	print_message("    %s:", w->row->name);
	for (unsigned i = 0; i < ARRAY_SIZE(plans); i++) {
		print_message(" %s %u,", plans[i].name, w->points[i]);
		points += w->points[i];
	}
	print_message(" reported %u, passed over %u\n", w->reported,
		      w->passed_over);
	if ((w->row->flags & SWEEP_IS_IDLE) != 0) {
		assert_int_equal(points, 0);
		return;
	}
	assert_true(points > 0);
	if ((w->row->flags & SWEEP_IS_VOID) == 0)
		assert_true(w->reported > 0);
}

/* Not every tmpfs can. */
static void need_direct(const struct fixture *f)
{
	const struct sweep_row *row = f->row;
	int fd;

	if ((row->flags & SWEEP_IS_DIRECT) == 0)
		return;
	fd = open(f->path, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		fixture_skip("no direct I/O on tmpfs here");
	close(fd);
}

void sweep_test(void **state)
{
	struct fixture *f = *state;
	struct sweep *w;

	fail_end(); /* the test before may have failed half-way */
	fixture_file(f);
	need_direct(f);
	w = fixture_alloc(f, sizeof(*w));
	w->row = f->row;
	w->scene.f = f;
	learn(w);
	for (unsigned i = 0; i < ARRAY_SIZE(plans); i++) {
		w->points[i] = sweep(w, &plans[i], false);
		sweep(w, &plans[i], true);
	}
	check_counts(w);
}
