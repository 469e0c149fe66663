#include "tests/lib/ring_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WATCHDOG_S = 240, WORDS_MAX = 512 };

/* ---- running ------------------------------------------------------------ */

void fixture_skip(const char *reason)
{
	print_message("[  SKIP  ] because: %s\n", reason);
	skip();
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->row = *state;
	f->device.hold_fd = -1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < FIXTURE_HANDLES; i++) {
		ring_consumer_free(f->consumers[i]);
		ring_producer_free(f->producers[i]);
	}
	for (unsigned i = 0; i < FIXTURE_HANDLES; i++)
		free(f->memory[i]);
	if (f->path != NULL)
		device_remove(&f->device);
	free(f);
	return 0;
}

void fixture_add(struct fixture_list *list, const char *name,
		 void (*test)(void **state), const void *row)
{
	if (list->count == FIXTURE_TESTS)
		abort();
	list->tests[list->count++] = (struct CMUnitTest){
		.name = name,
		.test_func = test,
		.setup_func = setup,
		.teardown_func = teardown,
		.initial_state = (void *)(uintptr_t)row,
	};
}

/* SIGABRT cleans up what tests made. */
static void on_watchdog(int signum)
{
	static const char text[] = "watchdog: this test hangs\n";

	(void)signum;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	abort();
}

int fixture_run(const char *group, const struct fixture_list *list)
{
	signal(SIGALRM, on_watchdog);
	alarm(WATCHDOG_S);
	return _cmocka_run_group_tests(group, list->tests, list->count, NULL,
				       NULL);
}

/* ---- making ------------------------------------------------------------- */

static void have_device(struct fixture *f, bool made, const char *reason)
{
	if (!made)
		fixture_skip(reason);
	f->path = f->device.path;
}

void fixture_file(struct fixture *f)
{
	char reason[DEVICE_REASON_BYTES];
	bool made = device_make_file(true, &f->device, reason) ||
		    device_make_file(false, &f->device, reason);

	have_device(f, made, reason);
}

void fixture_device(struct fixture *f, enum device_kind kind, uint64_t bytes)
{
	char reason[DEVICE_REASON_BYTES];
	bool made = device_make(kind, bytes, &f->device, reason);

	have_device(f, made, reason);
}

struct ring_options fixture_options(struct fixture *f)
{
	return (struct ring_options){ .client = "test", .fault = &f->fault };
}

void fixture_create(struct fixture *f, const struct ring_create_options *create)
{
	static const struct ring_create_options usual = {
		.size_bytes = FIXTURE_RING_BYTES,
	};
	const struct ring_options options = fixture_options(f);
	int rc;

	if (f->path == NULL)
		fixture_file(f);
	rc = ring_create(f->path, create != NULL ? create : &usual, &options);
	if (rc != 0)
		fail_msg("%s: %s", ring_error_name(rc), f->fault.text);
}

void *fixture_alloc(struct fixture *f, size_t len)
{
	for (unsigned i = 0; i < FIXTURE_HANDLES; i++)
		if (f->memory[i] == NULL) {
			f->memory[i] = calloc(1, len);
			assert_non_null(f->memory[i]);
			return f->memory[i];
		}
	abort();
}

void fixture_keep_producer(struct fixture *f, struct ring_producer *p)
{
	for (unsigned i = 0; i < FIXTURE_HANDLES; i++)
		if (f->producers[i] == NULL) {
			f->producers[i] = p;
			return;
		}
	abort();
}

void fixture_keep_consumer(struct fixture *f, struct ring_consumer *c)
{
	for (unsigned i = 0; i < FIXTURE_HANDLES; i++)
		if (f->consumers[i] == NULL) {
			f->consumers[i] = c;
			return;
		}
	abort();
}

struct ring_producer *fixture_producer(struct fixture *f,
				       const struct ring_options *options)
{
	const struct ring_options own = fixture_options(f);
	struct ring_producer *p = NULL;
	int rc = ring_producer_attach(f->path, options ? options : &own, &p,
				      NULL);

	if (rc != 0)
		fail_msg("%s: %s", ring_error_name(rc), f->fault.text);
	fixture_keep_producer(f, p);
	return p;
}

struct ring_consumer *fixture_consumer(struct fixture *f, const char *name,
				       const struct ring_options *options)
{
	const struct ring_options own = fixture_options(f);
	struct ring_consumer *c = NULL;
	int rc = ring_consumer_attach(f->path, name, options ? options : &own,
				      &c, NULL);

	if (rc != 0)
		fail_msg("%s: %s", ring_error_name(rc), f->fault.text);
	fixture_keep_consumer(f, c);
	return c;
}

void fixture_drop_producer(struct fixture *f, struct ring_producer *p)
{
	for (unsigned i = 0; i < FIXTURE_HANDLES; i++)
		if (f->producers[i] == p)
			f->producers[i] = NULL;
	assert_int_equal(ring_producer_detach(p), 0);
	ring_producer_free(p);
}

void fixture_drop_consumer(struct fixture *f, struct ring_consumer *c)
{
	for (unsigned i = 0; i < FIXTURE_HANDLES; i++)
		if (f->consumers[i] == c)
			f->consumers[i] = NULL;
	assert_int_equal(ring_consumer_detach(c), 0);
	ring_consumer_free(c);
}

struct ring_io *fixture_io(struct fixture *f)
{
	const struct ring_io_options options = { .fault = &f->fault };
	struct ring_io *io = NULL;

	if (ring_io_open(f->path, &options, &io) != 0)
		fail_msg("%s", f->fault.text);
	return io;
}

void fixture_read(const struct fixture *f, uint64_t offset, void *buf,
		  size_t len)
{
	const int fd = open(f->path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, buf, len, (off_t)offset), len);
	close(fd);
}

void fixture_write(const struct fixture *f, uint64_t offset, const void *buf,
		   size_t len)
{
	const int fd = open(f->path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, buf, len, (off_t)offset), len);
	assert_int_equal(fsync(fd), 0);
	close(fd);
}

void fixture_flip(const struct fixture *f, uint64_t offset)
{
	uint8_t byte;

	fixture_read(f, offset, &byte, 1);
	byte ^= 0x10;
	fixture_write(f, offset, &byte, 1);
}

struct ring_info fixture_info(struct fixture *f)
{
	const struct ring_options options = fixture_options(f);
	struct ring_info info = { 0 };

	assert_int_equal(ring_info(f->path, &options, &info), 0);
	return info;
}

/* ---- processes ---------------------------------------------------------- */

pid_t fixture_spawn(int (*fn)(struct fixture *f), struct fixture *f)
{
	const pid_t parent = getpid();
	const pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(99);
	_exit(fn(f));
}

void fixture_reap(pid_t pid, int expected)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (expected < 0) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), -expected);
		return;
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), expected);
}

/* ---- items -------------------------------------------------------------- */

static size_t split(const char *words, struct ring_entry *ret_entries)
{
	size_t count = 0;

	while (*words != '\0') {
		const size_t len = strcspn(words, " ");

		if (count == WORDS_MAX)
			abort();
		ret_entries[count++] =
			(struct ring_entry){ .data = words, .data_bytes = len };
		words += len + (words[len] == ' ');
	}
	return count;
}

int fixture_try_push(struct ring_producer *p, const char *words)
{
	struct ring_entry entries[WORDS_MAX];

	return ring_producer_push(p, entries, split(words, entries), NULL,
				  NULL);
}

int fixture_try_publish(struct ring_producer *p, const char *words)
{
	struct ring_entry entries[WORDS_MAX];

	return ring_producer_publish(p, entries, split(words, entries), NULL,
				     NULL);
}

uint64_t fixture_push(struct ring_producer *p, const char *words)
{
	struct ring_entry entries[WORDS_MAX];
	uint64_t position = 0;

	assert_int_equal(ring_producer_push(p, entries, split(words, entries),
					    NULL, &position),
			 0);
	return position;
}

uint64_t fixture_publish(struct ring_producer *p, const char *words)
{
	struct ring_entry entries[WORDS_MAX];
	uint64_t position = 0;

	assert_int_equal(ring_producer_publish(p, entries,
					       split(words, entries), NULL,
					       &position),
			 0);
	return position;
}

struct seen {
	char text[FIXTURE_TEXT_BYTES];
	size_t len;
	uint64_t items;
	uint64_t next_sequence;
	bool has_hole;
};

static int note_word(void *ctx, const struct ring_item *item)
{
	struct seen *s = ctx;

	if (s->len + item->data_bytes + 2 > sizeof(s->text))
		return -EOVERFLOW;
	s->has_hole |= s->items > 0 && item->sequence != s->next_sequence;
	s->next_sequence = item->sequence + 1;
	if (s->items++ > 0)
		s->text[s->len++] = ' ';
	memcpy(s->text + s->len, item->data, item->data_bytes);
	s->len += item->data_bytes;
	return 0;
}

static int fold_words(struct ring_consumer *c, uint64_t *position,
		      struct seen *seen)
{
	const int rc = ring_consumer_fold(c, *position, NULL, note_word, seen,
					  position);

	if (rc != 0 && rc != -RING_ERR_EMPTY)
		fail_msg("fold: %s", ring_error_name(rc));
	return rc;
}

uint64_t fixture_see(struct ring_consumer *c, uint64_t from, const char *words)
{
	struct seen seen = { 0 };

	while (fold_words(c, &from, &seen) == 0)
		;
	assert_string_equal(seen.text, words);
	assert_false(seen.has_hole);
	return from;
}

uint64_t fixture_await(struct ring_consumer *c, const char *words)
{
	uint64_t position = RING_POSITION_NONE;
	struct seen seen = { 0 };

	while (seen.len < strlen(words))
		if (fold_words(c, &position, &seen) != 0)
			assert_int_equal(ring_consumer_wait(c, -1), 0);
	assert_string_equal(seen.text, words);
	assert_false(seen.has_hole);
	return position;
}

void fixture_take(struct ring_consumer *c, const char *words)
{
	const uint64_t end = fixture_see(c, RING_POSITION_NONE, words);

	if (end != RING_POSITION_NONE)
		assert_int_equal(ring_consumer_advance(c, end, NULL), 0);
}

struct ring_item fixture_pop(struct ring_consumer *c, uint64_t from)
{
	struct ring_item item = { 0 };

	assert_int_equal(ring_consumer_pop(c, from, &item), 0);
	return item;
}

static int ignore_item(void *ctx, const struct ring_item *item)
{
	(void)ctx;
	(void)item;
	return 0;
}

void fixture_take_all(struct ring_consumer *c)
{
	uint64_t position;

	while (ring_consumer_fold(c, RING_POSITION_NONE, NULL, ignore_item,
				  NULL, &position) == 0)
		assert_int_equal(ring_consumer_advance(c, position, NULL), 0);
}
