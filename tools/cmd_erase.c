#include "tools/cmd.h"
#include "tools/doc.h"
#include "tools/options.h"
#include "tools/report.h"

int cmd_erase(struct call *call)
{
	bool force = false;
	const struct option_spec specs[] = {
		{ "force", NULL, "also if items are not yet consumed", NULL,
		  &force },
		option_takeover(call),
		{ 0 },
	};
	int rc = options_parse(call, specs);

	if (rc != OPTIONS_RUN)
		return rc;
	rc = ring_erase(call->path, force, &call->ring);
	if (rc < 0)
		return report_code(call, rc);
	if (!call->json)
		return EXIT_OK;
	return doc_print(json_pack("{s:o, s:b}", "path", doc_text(call->path),
				   "erased", true));
}
