/*
 * Goal: the owner record tells a dead owner of this boot from one that may
 * still live elsewhere.
 * Method: a table of records against one identity. The lock and the heartbeat
 * watch need storage; other tests have them.
 */
#include "ring/owner.h"
#include "tests/lib/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct ring_identity self = {
	.host_id = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
	.boot_id = { 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
		     36 },
	.pid = 1000,
	.start_ticks = 5000,
};

struct judge_case {
	const char *name;
	enum owner_verdict expected;
	int host_byte, boot_byte; /* the byte that differs; -1: none */
	uint64_t pid, start_ticks;
};

static const struct judge_case judge_cases[] = {
	{ "nobody", OWNER_NONE, -1, -1, 0, 0 },
	{ "this very process", OWNER_NONE, -1, -1, 1000, 5000 },
	{ "another process of this boot", OWNER_NONE, -1, -1, 7, 8 },
	{ "the same process id, later", OWNER_NONE, -1, -1, 1000, 9 },
	{ "an earlier boot", OWNER_REBOOTED, -1, 0, 1000, 5000 },
	{ "boots differ in the last byte", OWNER_REBOOTED, -1, 15, 7, 8 },
	{ "another host", OWNER_OTHER_HOST, 0, 0, 1000, 5000 },
	{ "hosts differ in the last byte", OWNER_OTHER_HOST, 15, -1, 7, 8 },
	{ "another host, same boot id", OWNER_OTHER_HOST, 7, -1, 7, 8 },
	{ "nobody, left by another host", OWNER_NONE, 0, 0, 0, 8 },
	{ "nobody, left by another boot", OWNER_NONE, -1, 0, 0, 8 },
};

static void test_judge(void **state)
{
	const struct judge_case *row = *state;
	struct slot_header h = { .owner = self };

	h.owner.pid = row->pid;
	h.owner.start_ticks = row->start_ticks;
	if (row->host_byte >= 0)
		h.owner.host_id[row->host_byte] ^= 0x80;
	if (row->boot_byte >= 0)
		h.owner.boot_id[row->boot_byte] ^= 0x80;
	assert_int_equal(owner_judge(&h, &self), row->expected);
}

int main(void)
{
	const struct rows tables[] = {
		{ "owner", test_judge, judge_cases, sizeof(judge_cases),
		  sizeof(judge_cases[0]) },
	};

	return rows_run(tables, 1);
}
