#include "tests/crash/census.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void census_code(struct census *c, int rc)
{
	const int code = -rc - RING_ERR_BASE;

	if (rc >= 0)
		c->codes[0]++;
	else if (code > 0 && code < CENSUS_CODES)
		c->codes[code]++;
	else if (rc == -EIO)
		c->io_errors++;
}

/* It is nothing but counters. */
void census_add(struct census *sum, const struct census *c)
{
	uint64_t *to = (uint64_t *)(void *)sum;
	const uint64_t *from = (const uint64_t *)(const void *)c;

	for (size_t i = 0; i < sizeof(*c) / sizeof(uint64_t); i++)
		to[i] += from[i];
}

/* ---- tables ------------------------------------------------------------- */

#define CRASH_TEXT(name, text) text,
static const char *const kind_texts[] = { CRASH_KINDS(CRASH_TEXT) };
static const char *const branch_texts[] = { CRASH_BRANCHES(CRASH_TEXT) };
static const char *const journal_texts[] = { CRASH_JOURNAL(CRASH_TEXT) };
#undef CRASH_TEXT

const char *census_branch_text(enum crash_branch branch)
{
	return branch_texts[branch];
}

const char *census_known_text(enum known_limit limit)
{
	static const char *const texts[KNOWN_LIMITS] = {
		[KNOWN_SUSPEND] =
			"direct I/O: a power cut took the seal of a suspend "
			"that was acknowledged (DESIGN.md 10)",
		[KNOWN_SUSPEND_MOVED] =
			"a take-over does not see a suspend that was "
			"acknowledged and, on the former host, never sealed",
		[KNOWN_IN_FLIGHT] =
			"a take-over counted a batch of the former host that "
			"was visible and in flight (DESIGN.md 10)",
		[KNOWN_SAME_MOMENT] =
			"two hosts attach at one moment, and one hangs in its "
			"write of the slot: both are fenced (DESIGN.md 8, 10)",
	};

	return texts[limit];
}

/* Codes that no call here can return, and why. */
struct out_of_scope {
	int code;
	const char *reason;
};

static const struct out_of_scope out_of_scope[] = {
	{ RING_ERR_NOT_A_RING, "superblocks are never written again" },
	{ RING_ERR_VERSION, "likewise" },
	{ RING_ERR_FEATURE, "likewise" },
	{ RING_ERR_SUPERBLOCK, "likewise" },
	{ RING_ERR_TRUNCATED, "the size never changes" },
	{ RING_ERR_BLOCK_SIZE, "likewise" },
	{ RING_ERR_SLOT, "damage: after a crash it would be a violation" },
	{ RING_ERR_DAMAGED, "likewise" },
	{ RING_ERR_OCCUPIED, "nothing is created" },
	{ RING_ERR_EXHAUSTED, "takes 2^63 bytes" },
	{ RING_ERR_REMOVED, "members stay: tests/unit/test_members.c" },
	{ RING_ERR_NO_SLOT, "likewise" },
	{ RING_ERR_EXISTS, "likewise" },
	{ RING_ERR_LAST_CONSUMER, "likewise" },
	{ RING_ERR_NAME, "likewise" },
	{ RING_ERR_CLAIMED, "no claims: tests/unit/test_zero_copy.c" },
	{ RING_ERR_NO_CLAIM, "likewise" },
	{ RING_ERR_NOT_EMPTY, "nothing is erased" },
};

static const char *why_out_of_scope(int code)
{
	const size_t n = sizeof(out_of_scope) / sizeof(*out_of_scope);

	for (size_t i = 0; i < n; i++)
		if (out_of_scope[i].code == code)
			return out_of_scope[i].reason;
	return NULL;
}

static unsigned print_row(const char *text, uint64_t count)
{
	printf("  %12" PRIu64 "  %s%s\n", count, text,
	       count == 0 ? "  NEVER REACHED" : "");
	return count == 0;
}

static unsigned print_codes(const struct census *c)
{
	unsigned missing = print_row("success", c->codes[0]);

	for (int i = 1; i < CENSUS_CODES; i++) {
		const int code = RING_ERR_BASE + i;
		const char *name = ring_error_name(code);
		const char *reason = why_out_of_scope(code);

		if (c->codes[i] == 0 && reason != NULL)
			printf("             -  %s: %s\n", name, reason);
		else
			missing += print_row(name, c->codes[i]);
	}
	return missing +
	       print_row("EIO (the storage was cut off)", c->io_errors);
}

unsigned census_print(const struct census *c, uint64_t distinct)
{
	unsigned missing = 0;

	printf("workloads by length:");
	for (unsigned i = 1; i < CENSUS_LENGTHS; i++)
		printf(" %u: %" PRIu64, i, c->workloads[i]);
	printf("\ncrash points: %" PRIu64 "\nstates visited: %" PRIu64
	       "\nrecovered and judged: %" PRIu64 "\ndistinct states: %" PRIu64
	       "\n",
	       c->points, c->visited, c->states, distinct);
	printf("\nkinds of crash:\n");
	for (unsigned i = 0; i < KINDS; i++)
		missing += print_row(kind_texts[i], c->kinds[i]);
	printf("\nwhat recovery met:\n");
	for (unsigned i = 0; i < BRANCHES; i++)
		missing += print_row(branch_texts[i], c->branches[i]);
	printf("\nresults of calls:\n");
	missing += print_codes(c);
	printf("\njournals (I10):\n");
	for (unsigned i = 0; i < JOURNAL_ROWS; i++)
		missing += print_row(journal_texts[i], c->journal[i]);
	printf("\nknown limits:\n");
	for (unsigned i = 0; i < KNOWN_LIMITS; i++)
		printf("  %12" PRIu64 "  %s\n", c->known[i],
		       census_known_text(i));
	printf("\n");
	return missing;
}

/* ---- a set of states ---------------------------------------------------- */

static bool put(uint64_t *slots, size_t cap, uint64_t hash)
{
	size_t at = hash & (cap - 1);

	while (slots[at] != 0) {
		if (slots[at] == hash)
			return false;
		at = (at + 1) & (cap - 1);
	}
	slots[at] = hash;
	return true;
}

static void grow(struct state_set *s)
{
	const size_t cap = s->cap == 0 ? 4096 : s->cap * 2;
	uint64_t *slots = calloc(cap, sizeof(*slots));

	if (slots == NULL)
		abort();
	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i] != 0)
			put(slots, cap, s->slots[i]);
	free(s->slots);
	s->slots = slots;
	s->cap = cap;
}

bool state_set_add(struct state_set *s, uint64_t hash)
{
	if (s->count * 2 >= s->cap)
		grow(s);
	if (!put(s->slots, s->cap, hash | 1))
		return false;
	s->count++;
	return true;
}

void state_set_release(struct state_set *s)
{
	free(s->slots);
	*s = (struct state_set){ 0 };
}
