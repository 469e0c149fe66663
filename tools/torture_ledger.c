#include "tools/torture_ledger.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

struct torture_ledger *torture_ledger_open(void)
{
	void *mem =
		mmap(NULL, sizeof(struct torture_ledger),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return mem == MAP_FAILED ? NULL : mem;
}

void torture_ledger_close(struct torture_ledger *ledger)
{
	if (ledger != NULL)
		munmap(ledger, sizeof(*ledger));
}

uint64_t torture_ledger_call(struct torture_ledger *ledger)
{
	return atomic_fetch_add(&ledger->calls, 1) + 1;
}

bool torture_point_is(const struct torture_point *a,
		      const struct torture_point *b)
{
	return a->items == b->items && a->exposed == b->exposed &&
	       a->call == b->call;
}

const struct torture_entry *torture_account(struct torture_account *account)
{
	return &account->entries[atomic_load(&account->current)];
}

static void replace(struct torture_account *account,
		    const struct torture_entry *entry)
{
	const uint32_t next = 1 - atomic_load(&account->current);

	account->entries[next] = *entry;
	atomic_store(&account->current, next);
}

void torture_account_begin(struct torture_account *account,
			   const struct torture_point *after)
{
	struct torture_entry entry = *torture_account(account);

	entry.after = *after;
	replace(account, &entry);
}

void torture_account_settle(struct torture_account *account,
			    const struct torture_point *at)
{
	replace(account, &(struct torture_entry){ *at, *at });
}

void torture_ledger_find(struct torture_ledger *ledger, enum torture_count what,
			 uint64_t n, const char *format, ...)
{
	va_list args;

	atomic_fetch_add(&ledger->counts[what], n);
	if (atomic_exchange(&ledger->has_finding, true))
		return;
	va_start(args, format);
	vsnprintf(ledger->finding, sizeof(ledger->finding), format, args);
	va_end(args);
}

void torture_ledger_fail(struct torture_ledger *ledger, int code,
			 const char *format, ...)
{
	va_list args;

	if (atomic_exchange(&ledger->has_failure, true))
		return;
	ledger->failure_code = code;
	va_start(args, format);
	vsnprintf(ledger->failure, sizeof(ledger->failure), format, args);
	va_end(args);
}
