/*
 * Goal: a latent fault of the storage (a flipped bit, a lost, misdirected or
 * stale write) never makes the ring deliver what was not pushed, and is told
 * from the end of the ring wherever anything on the disk tells them apart.
 * Method: rings are brought into several states; faults are made on the disk,
 * one at a time. Who made the fault knows what it hit (truth.c); the checker,
 * the producer and each consumer judge the disk (judge.c). What is true and
 * what was judged are counted in a matrix; a wrong cell is a failure.
 *
 *   latent                        every bit of one scene, samples of the others
 *   latent --long                 every bit of 15 scenes, every misdirection
 *   latent --all                  every bit of every scene, by every judge
 *   latent --replay SCENE:FAULT   one of them, as a failure prints it
 *   latent --list                 the names of the scenes
 */
#include "tests/latent/matrix.h"
#include "tests/latent/plan.h"
#include "tests/latent/scenes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAILURES_SHOWN = 40, SPARSE = 12, STORY_SEED = 7 };

enum extent { SHORT, LONG, ALL };

struct run {
	enum extent extent;
	struct story story;
	struct matrix matrix;
	struct draw draw;
	bool is_loud; /* say what each judge says */
	unsigned long made[FAULT_KINDS], same[FAULT_KINDS];
	unsigned long bits[AREAS], bits_by_all[AREAS];
	char examples[TRUTHS][160]; /* the first case of each */
	unsigned long wrong;
	unsigned long undecided, undecided_of, unexplained;
	unsigned passed, failed;
};

/* The case under way, for a crash or a hang to name. */
static char current_case[160];

static void on_signal(int signum)
{
	static const char text[] = "\nended in --replay ";

	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)!write(STDERR_FILENO, current_case, strlen(current_case));
	(void)!write(STDERR_FILENO, "\n", 1);
	signal(signum, SIG_DFL);
	raise(signum);
}

/* ---- one fault ---------------------------------------------------------- */

static void name_case(const struct run *r, const struct fault *f)
{
	char text[64];

	fault_print(f, text, sizeof(text));
	snprintf(current_case, sizeof(current_case), "%s:%s", r->story.name,
		 text);
}

static void count(struct run *r, enum judge judge, unsigned cursor,
		  const struct expectation *e, const struct judgement *j)
{
	const bool is_right =
		matrix_count(&r->matrix, judge, e->truth, j->verdict);

	r->wrong += !is_right;
	r->unexplained += e->truth == TRUTH_UNEXPLAINED;
	if (r->examples[e->truth][0] == '\0')
		memcpy(r->examples[e->truth], current_case,
		       sizeof(current_case));
	if (r->is_loud || (!is_right && r->wrong <= FAILURES_SHOWN))
		printf("%s --replay %s\n    %s %u: %s; judged: %s (%s)\n",
		       is_right ? "right" : "WRONG", current_case,
		       judge_text(judge), cursor, truth_text(e->truth),
		       verdict_text(j->verdict), j->text);
}

static bool is_harmless(enum truth truth)
{
	return truth == TRUTH_NOTHING || truth == TRUTH_OLD_COPY ||
	       truth == TRUTH_SPOILT;
}

static void judge(struct run *r, const struct hit *hit, bool is_flip,
		  bool by_all)
{
	struct story *s = &r->story;
	struct expectation e;
	struct judgement j;
	struct remains left;

	truth_remains(s, hit, &left);
	e = truth_for(s, hit, &left, JUDGE_CHECKER, 0);
	judge_checker(s, &e, &j);
	count(r, JUDGE_CHECKER, 0, &e, &j);
	if (!by_all)
		return;
	e = truth_for(s, hit, &left, JUDGE_PRODUCER, 0);
	judge_producer(s, &e, !is_flip || !is_harmless(e.truth), &j);
	count(r, JUDGE_PRODUCER, 0, &e, &j);
	r->undecided += e.truth == TRUTH_UNDECIDABLE ||
			e.truth == TRUTH_UNDECIDABLE_BLOCK;
	r->undecided_of++;
	for (unsigned i = 0; i < s->shape->cursors; i++) {
		e = truth_for(s, hit, &left, JUDGE_CONSUMER, i);
		judge_consumer(s, &e, i, &j);
		count(r, JUDGE_CONSUMER, i, &e, &j);
	}
}

static void try_fault(void *ctx, const struct fault *f, bool by_all)
{
	struct run *r = ctx;
	struct made made;

	name_case(r, f);
	if (f->kind == FAULT_FLIP) {
		const enum area area = plan_area(&r->story, f->offset);

		r->bits[area]++;
		r->bits_by_all[area] += by_all;
	}
	if (!fault_make(&r->story, f, &made)) {
		r->same[f->kind]++;
		return;
	}
	r->made[f->kind]++;
	judge(r, &made.hit, f->kind == FAULT_FLIP, by_all);
	fault_undo(&r->story, &made);
}

/* ---- all faults of a scene ---------------------------------------------- */

static void finish_part(struct run *r, unsigned long wrong_before)
{
	if (r->wrong == wrong_before)
		r->passed++;
	else
		r->failed++;
}

static void flip(struct run *r, unsigned scene)
{
	if (r->extent == ALL || scenes_is_exhaustive(scene, r->extent == LONG))
		plan_every_bit(&r->story, r->extent == ALL, &r->draw, try_fault,
			       r);
	else
		plan_some_bits(&r->story, &r->draw, try_fault, r);
}

static void run_scene(struct run *r, unsigned scene)
{
	const struct hit none = { .count = 0 };
	unsigned long wrong = r->wrong;

	scenes_tell(scene, STORY_SEED, &r->story);
	snprintf(current_case, sizeof(current_case), "%s:none", r->story.name);
	judge(r, &none, false, true);
	flip(r, scene);
	finish_part(r, wrong);
	wrong = r->wrong;
	plan_lost(&r->story, try_fault, r);
	finish_part(r, wrong);
	wrong = r->wrong;
	plan_stale(&r->story, try_fault, r);
	finish_part(r, wrong);
	wrong = r->wrong;
	plan_misdirected(&r->story, &r->draw, r->extent == SHORT ? SPARSE : 1,
			 try_fault, r);
	finish_part(r, wrong);
	story_release(&r->story);
}

/* ---- the report --------------------------------------------------------- */

static void print_faults(const struct run *r)
{
	for (unsigned k = 0; k < FAULT_KINDS; k++)
		printf("%-12s %8lu faults, %8lu that change no byte\n",
		       fault_kind_text((enum fault_kind)k), r->made[k],
		       r->same[k]);
	for (unsigned a = 0; a < AREAS; a++)
		printf("flipped bits of %-22s %8lu, judged by all %8lu\n",
		       area_text((enum area)a), r->bits[a], r->bits_by_all[a]);
}

static void print_examples(const struct run *r)
{
	printf("the first case of each row:\n");
	for (unsigned t = 0; t < TRUTHS; t++)
		if (r->examples[t][0] != '\0')
			printf("  %-35s --replay %s\n",
			       truth_text((enum truth)t), r->examples[t]);
}

static int replay(struct run *r, const char *text)
{
	const char *colon = strchr(text, ':');
	const unsigned scene =
		colon == NULL ? scenes_count()
			      : scenes_find(text, (size_t)(colon - text));
	const struct hit none = { .count = 0 };
	struct fault f;

	if (scene == scenes_count() ||
	    (strcmp(colon + 1, "none") != 0 && !fault_parse(colon + 1, &f))) {
		fprintf(stderr, "no such case: %s\n", text);
		return 2;
	}
	r->is_loud = true;
	scenes_tell(scene, STORY_SEED, &r->story);
	snprintf(current_case, sizeof(current_case), "%s", text);
	if (strcmp(colon + 1, "none") == 0)
		judge(r, &none, false, true);
	else
		try_fault(r, &f, true);
	story_release(&r->story);
	return r->wrong != 0;
}

static int list(void)
{
	for (unsigned i = 0; i < scenes_count(); i++) {
		struct story s;

		scenes_tell(i, STORY_SEED, &s);
		printf("%s: %zu writes, %zu records\n", s.name, s.write_count,
		       s.record_count);
		story_release(&s);
	}
	return 0;
}

static int run_all(struct run *r, enum extent extent)
{
	r->extent = extent;
	r->draw = draw_begin("latent");
	for (unsigned i = 0; i < scenes_count(); i++)
		run_scene(r, i);
	print_faults(r);
	matrix_print(&r->matrix);
	print_examples(r);
	printf("undecidable: %lu of %lu faults (%.2f %%), nothing vouched for\n"
	       "  what they hit; unexplained: %lu\n",
	       r->undecided, r->undecided_of,
	       100.0 * (double)r->undecided / (double)r->undecided_of,
	       r->unexplained);
	printf("wrong judgements: %lu\n", r->wrong);
	printf("latent: %u passed, %u failed, 0 skipped\n", r->passed,
	       r->failed);
	return r->wrong != 0;
}

int main(int argc, char **argv)
{
	static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE,
				       SIGTERM };
	static struct run run;

	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_signal);
	if (argc == 3 && strcmp(argv[1], "--replay") == 0)
		return replay(&run, argv[2]);
	if (argc == 2 && strcmp(argv[1], "--list") == 0)
		return list();
	if (argc == 2 && strcmp(argv[1], "--long") == 0)
		return run_all(&run, LONG);
	if (argc == 2 && strcmp(argv[1], "--all") == 0)
		return run_all(&run, ALL);
	if (argc == 1)
		return run_all(&run, SHORT);
	fprintf(stderr, "usage: latent [--long | --all | --list | "
			"--replay CASE]\n");
	return 2;
}
