#include "tools/journal_call.h"

#include "tools/report.h"

#include <errno.h>
#include <sys/stat.h>

struct option_spec journal_option_size(struct journal_options *o)
{
	return (struct option_spec){
		.name = "size",
		.value = "SIZE",
		.help = "of the ring, if there is none yet",
		.read = option_size,
		.ret = &o->create.size_bytes,
	};
}

int journal_call_start(struct call *call, struct journal_options *o,
		       journal_perform_fn *perform, void *ctx,
		       struct journal **ret_journal)
{
	struct stat st;
	int rc;

	if (o->create.size_bytes == 0 && stat(call->path, &st) < 0 &&
	    errno == ENOENT)
		return report_usage(call, "'%s' does not exist: give --size",
				    call->path);
	o->ring = call->ring;
	rc = journal_start(call->path, o, perform, ctx, ret_journal);
	return rc < 0 ? report_code(call, rc) : 0;
}

int journal_call_report(struct call *call, struct journal *j, int code)
{
	struct journal_stats stats;

	(void)journal_stats(j, &stats);
	if (stats.fault.code == code)
		call->fault = stats.fault;
	return report_code(call, code);
}
