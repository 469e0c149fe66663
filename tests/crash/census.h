#ifndef TESTS_CRASH_CENSUS_H
#define TESTS_CRASH_CENSUS_H

#include "ring/ring_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What was visited and reached. A counter that has to be reached and was not
 * makes the whole run fail: a test that never gets there proves nothing.
 */
#define CRASH_KINDS(X)                                                  \
	X(KIND_PROCESS, "process")                                      \
	X(KIND_POWER, "power")                                          \
	X(KIND_UNPLUG, "power of the disk alone")                       \
	X(KIND_GARBAGE, "power, atoms in flight are garbage")           \
	X(KIND_PROCESS_POWER, "process, then power inside recovery")    \
	X(KIND_PROCESS_RECOVERED, "process, then recovery, then power") \
	X(KIND_POWER_POWER, "power, then power inside recovery")        \
	X(KIND_POWER_PROCESS, "power, then process inside recovery")    \
	X(KIND_LOOK, "a consumer looks, then power")                    \
	X(KIND_GHOST, "host, its writes land during a take-over")       \
	X(KIND_GHOST_POWER, "the same, then power")                     \
	X(KIND_PRODUCER, "producer alone")                              \
	X(KIND_CONSUMER, "consumer alone")                              \
	X(KIND_ZOMBIE, "zombie: taken over within its call")            \
	X(KIND_WAKE, "zombie: calls within the take-over")

#define CRASH_BRANCHES(X)                                             \
	X(BRANCH_DETACHED, "slot found detached")                     \
	X(BRANCH_RECOVERING, "slot found recovering")                 \
	X(BRANCH_ATTACHED, "slot found attached")                     \
	X(BRANCH_TORN, "a copy of the producer's slot is torn")       \
	X(BRANCH_SECOND_COPY, "newest slot is a second copy")         \
	X(BRANCH_OWNER_NONE, "no owner recorded")                     \
	X(BRANCH_OWNER_BOOT, "owner of an earlier boot")              \
	X(BRANCH_OWNER_HERE, "owner of this boot")                    \
	X(BRANCH_OWNER_OTHER, "owner on another host")                \
	X(BRANCH_OWES_GAP, "a take-over still owes its gap")          \
	X(BRANCH_AT_CHECKPOINT, "checkpoint at the end")              \
	X(BRANCH_BEHIND, "end found beyond the checkpoint")           \
	X(BRANCH_WRAPS, "walk wraps")                                 \
	X(BRANCH_PENDING, "pushed and not exposed")                   \
	X(BRANCH_ITEMS_LEFT, "items without a commit behind the end") \
	X(BRANCH_END_HEADER, "end: no header")                        \
	X(BRANCH_END_LENGTH, "end: longer than a batch")              \
	X(BRANCH_END_CHECKSUM, "end: checksum")                       \
	X(BRANCH_END_EPOCH, "end: epoch not valid there")             \
	X(BRANCH_CURSOR_TORN, "a copy of a cursor's slot is torn")    \
	X(BRANCH_CURSOR_AHEAD, "cursor ahead of its reply")           \
	X(BRANCH_CURSOR_AT_REPLY, "cursor at its reply")              \
	X(BRANCH_UNSEALED, "cursor's position is not sealed")         \
	X(BRANCH_UNANSWERED, "request not answered")                  \
	X(BRANCH_SUSPENDED, "suspension stands")                      \
	X(BRANCH_SEGMENTS, "more than one segment")                   \
	X(BRANCH_GAP, "a gap in the stream")                          \
	X(BRANCH_TABLE_FULL, "segment table full")                    \
	X(BRANCH_REFUSED, "take-over refused: no room for its gap")

#define CRASH_JOURNAL(X)                                           \
	X(JOURNAL_RUNS, "journals, each some calls long")          \
	X(JOURNAL_POINTS, "points at which it crashed")            \
	X(JOURNAL_STATES, "states recovered and judged")           \
	X(JOURNAL_NESTED, "of them crashed again in the recovery") \
	X(JOURNAL_PERFORMED, "operations performed")               \
	X(JOURNAL_REPEATED, "of them again, after a crash")        \
	X(JOURNAL_SKIPPED, "skipped, and that recorded")

#define CRASH_ENUM(name, text) name,
enum crash_kind { CRASH_KINDS(CRASH_ENUM) KINDS };
enum crash_branch { CRASH_BRANCHES(CRASH_ENUM) BRANCHES };
enum crash_journal { CRASH_JOURNAL(CRASH_ENUM) JOURNAL_ROWS };
#undef CRASH_ENUM

enum {
	CENSUS_LENGTHS = 6, /* of workloads: up to 5 letters */
	CENSUS_CODES = RING_ERR_END - RING_ERR_BASE,
};

enum known_limit {
	KNOWN_SUSPEND,
	KNOWN_SUSPEND_MOVED,
	KNOWN_IN_FLIGHT,
	KNOWN_SAME_MOMENT,
	KNOWN_LIMITS
};

struct census {
	uint64_t workloads[CENSUS_LENGTHS];
	uint64_t points;
	uint64_t visited;
	uint64_t states; /* of them recovered: the new ones */
	uint64_t violations;
	uint64_t known[KNOWN_LIMITS];
	uint64_t kinds[KINDS];
	uint64_t branches[BRANCHES];
	uint64_t codes[CENSUS_CODES]; /* [0]: success */
	uint64_t io_errors;
	uint64_t journal[JOURNAL_ROWS];
};

void census_code(struct census *c, int rc);
void census_add(struct census *sum, const struct census *c);

/* Print all tables. How many counters that must be reached are zero. */
unsigned census_print(const struct census *c, uint64_t distinct);

const char *census_known_text(enum known_limit limit);
const char *census_branch_text(enum crash_branch branch);

/* ---- a set of states ---------------------------------------------------- */

struct state_set {
	uint64_t *slots; /* 0: empty */
	size_t count, cap;
};

/* Whether it is new. */
bool state_set_add(struct state_set *s, uint64_t hash);
void state_set_release(struct state_set *s);

#endif
