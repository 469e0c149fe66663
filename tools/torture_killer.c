#include "tools/torture_killer.h"

#include "tools/progress.h"
#include "tools/stop.h"
#include "tools/torture_draw.h"
#include "tools/torture_role.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	PRODUCER = 0, /* a consumer's number is its own, and one */
	CHILDREN = 1 + TORTURE_CONSUMERS,
	DELAY_US = 50000, /* to the next kill, at most */
	REST_US = 5000,   /* to the next start, at most */
	LOOK_US = 2000,   /* at the children */
};

struct killer {
	const struct torture_plan *plan;
	struct torture_ledger *ledger;
	struct torture_draw draw;
	pid_t pids[CHILDREN];   /* 0: it does not run */
	_Atomic bool *attached; /* of each child; shared memory */
	uint64_t starts;
	struct torture_kills kills;
	struct progress progress;
};

/* ---- children ----------------------------------------------------------- */

static _Noreturn void run_child(struct killer *k, unsigned i, pid_t parent)
{
	const struct torture_job *job = &k->plan->job;
	const uint64_t seed = torture_draw_seed(job->seed, k->starts);
	int rc;

	/* Nobody shall write to the device once the test is over. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	if (i == PRODUCER)
		rc = torture_produce(job, seed, &k->attached[i]);
	else
		rc = torture_consume(job, i - 1, seed, &k->attached[i]);
	_exit(rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static int start(struct killer *k, unsigned i)
{
	const pid_t parent = getpid();
	pid_t pid;

	atomic_store(&k->attached[i], false);
	k->starts++;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_child(k, i, parent);
	k->pids[i] = pid;
	return 0;
}

/* How a child ended that nobody killed: 0, or that it was no good end. */
static int judge_exit(struct killer *k, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return 0;
	if (WIFSIGNALED(status))
		torture_ledger_fail(k->ledger, -ECHILD,
				    "a process died of signal %d",
				    WTERMSIG(status));
	else
		torture_ledger_fail(k->ledger, -ECHILD,
				    "a process exited with %d",
				    WEXITSTATUS(status));
	return k->ledger->failure_code;
}

/* 0: it runs, or ended as it should; then its pid is 0. */
static int look_at(struct killer *k, unsigned i)
{
	int status;
	pid_t pid = 0;

	if (k->pids[i] != 0)
		pid = waitpid(k->pids[i], &status, WNOHANG);
	if (pid == 0)
		return 0;
	if (pid < 0)
		return -errno;
	k->pids[i] = 0;
	return judge_exit(k, status);
}

static int look_at_all(struct killer *k)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < CHILDREN; i++)
		rc = look_at(k, i);
	return rc;
}

/* Kill it, whatever it does. Returns the status it ended with. */
static int end(struct killer *k, unsigned i)
{
	int status = 0;

	kill(k->pids[i], SIGKILL);
	while (waitpid(k->pids[i], &status, 0) < 0 && errno == EINTR)
		;
	k->pids[i] = 0;
	return status;
}

static void end_all(struct killer *k)
{
	for (unsigned i = 0; i < CHILDREN; i++)
		if (k->pids[i] != 0)
			end(k, i);
}

/* ---- time --------------------------------------------------------------- */

static void show(struct killer *k)
{
	if (progress_due(&k->progress))
		fprintf(stderr,
			"\r%" PRIu64 " of %" PRIu64 " kills, %" PRIu64
			" items\033[K",
			k->kills.producer + k->kills.consumers, k->plan->kills,
			atomic_load(&k->ledger->may_see));
}

/* Sleep, looking at the children. */
static int rest(struct killer *k, uint64_t us)
{
	struct pollfd look = { .fd = k->plan->stop_fd, .events = POLLIN };
	int rc;

	for (;;) {
		const uint64_t piece = us < LOOK_US ? us : LOOK_US;
		const struct timespec time = { .tv_nsec = (long)piece * 1000 };

		rc = look_at_all(k);
		if (rc < 0 || us == 0 || ppoll(&look, 1, &time, NULL) > 0)
			return rc;
		us -= piece;
		show(k);
	}
}

static uint64_t kills_left(const struct killer *k)
{
	return k->plan->kills - k->kills.producer - k->kills.consumers;
}

static bool is_over(const struct killer *k)
{
	return kills_left(k) == 0 || deadline_passed(&k->plan->until) ||
	       stop_requested(k->plan->stop_fd);
}

/* ---- kills -------------------------------------------------------------- */

static int wait_attached(struct killer *k, unsigned i)
{
	int rc = 0;

	while (rc == 0 && !atomic_load(&k->attached[i]) &&
	       !stop_requested(k->plan->stop_fd))
		rc = rest(k, LOOK_US / 10);
	return rc;
}

static int kill_one(struct killer *k, unsigned i)
{
	const int status = end(k, i);

	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		return judge_exit(k, status);
	if (i == PRODUCER)
		k->kills.producer++;
	else
		k->kills.consumers++;
	return 0;
}

/* The producer, a consumer or both: at most two, in random order. */
static unsigned draw_victims(struct killer *k, unsigned ret_victims[2])
{
	const unsigned consumer =
		1 + (unsigned)torture_draw_below(&k->draw, TORTURE_CONSUMERS);

	switch (torture_draw_below(&k->draw, 4)) {
	case 0:
		ret_victims[0] = PRODUCER;
		return 1;
	case 1:
		ret_victims[0] = consumer;
		return 1;
	case 2:
		ret_victims[0] = PRODUCER;
		ret_victims[1] = consumer;
		return 2;
	default:
		ret_victims[0] = consumer;
		ret_victims[1] = PRODUCER;
		return 2;
	}
}

static int kill_round(struct killer *k)
{
	unsigned victims[2];
	unsigned count = draw_victims(k, victims);
	int rc = 0;

	if (count > kills_left(k))
		count = 1;

	/* Not always: so that some are hit while they attach. */
	if (!torture_draw_once_in(&k->draw, 4))
		for (unsigned i = 0; rc == 0 && i < count; i++)
			rc = wait_attached(k, victims[i]);
	if (rc == 0)
		rc = rest(k, torture_draw_size(&k->draw, DELAY_US));
	for (unsigned i = 0; rc == 0 && i < count; i++)
		rc = kill_one(k, victims[i]);
	if (rc == 0 && torture_draw_once_in(&k->draw, 2))
		rc = rest(k, torture_draw_size(&k->draw, REST_US));
	for (unsigned i = 0; rc == 0 && i < count; i++)
		rc = start(k, victims[i]);
	return rc;
}

/* ---- the run ------------------------------------------------------------ */

static int finish(struct killer *k)
{
	int rc = 0;

	atomic_store(&k->ledger->finish, true);
	while (rc == 0 && k->pids[PRODUCER] != 0)
		rc = rest(k, LOOK_US);
	atomic_store(&k->ledger->produced, true);
	for (unsigned i = 0; i < CHILDREN; i++)
		while (rc == 0 && k->pids[i] != 0)
			rc = rest(k, LOOK_US);
	if (rc == 0)
		torture_judge_end(k->ledger);
	return rc;
}

int torture_run(const struct torture_plan *plan,
		struct torture_kills *ret_kills)
{
	struct killer k = {
		.plan = plan,
		.ledger = plan->job.ledger,
		.draw = { plan->job.seed },
	};
	const size_t len_bytes = CHILDREN * sizeof(*k.attached);
	int rc = 0;

	k.attached = mmap(NULL, len_bytes, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (k.attached == MAP_FAILED)
		return -errno;
	progress_init(&k.progress, "");
	for (unsigned i = 0; rc == 0 && i < CHILDREN; i++)
		rc = start(&k, i);
	while (rc == 0 && !is_over(&k))
		rc = kill_round(&k);
	if (rc == 0)
		rc = finish(&k);
	end_all(&k);
	progress_clear(&k.progress);
	munmap(k.attached, len_bytes);
	*ret_kills = k.kills;
	return rc;
}
