#include "tools/cmd.h"
#include "tools/info_doc.h"
#include "tools/names.h"
#include "tools/options.h"
#include "tools/report.h"

#include <errno.h>
#include <sys/stat.h>

/* The new ring as `info` shows it. */
static int print_created(struct call *call)
{
	struct ring_info info;
	int rc = ring_info(call->path, &call->ring, &info);

	return rc < 0 ? report_code(call, rc) : info_doc_print(call, &info);
}

static int create(struct call *call, struct ring_create_options *create)
{
	struct stat st;
	int rc;

	if (create->size_bytes == 0 && stat(call->path, &st) < 0 &&
	    errno == ENOENT)
		return report_usage(call, "'%s' does not exist: give --size",
				    call->path);
	rc = ring_create(call->path, create, &call->ring);
	if (rc < 0)
		return report_code(call, rc);
	return call->json ? print_created(call) : EXIT_OK;
}

int cmd_create(struct call *call)
{
	struct ring_create_options o = { .size_bytes = 0 };
	struct name_list names = { .count = 0 };
	const struct option_spec specs[] = {
		{ "size", "SIZE", "bytes to use (default: all of a device)",
		  option_size, &o.size_bytes },
		{ "block-size", "N", "512 to 65536 (default: 4096)", option_u32,
		  &o.block_bytes },
		{ "consumers", "NAME,...", "who reads (default: default)",
		  names_option, &names },
		{ "max-item", "SIZE", "largest item to accept", option_size,
		  &o.max_item_bytes },
		{ "padded", NULL, "never rewrite a committed block", NULL,
		  &o.padded },
		{ "sparse", NULL, "do not preallocate a new file", NULL,
		  &o.sparse },
		{ "label", "TEXT", "what the items are", option_text,
		  &o.label },
		{ "queue", "NAME", "the ring's own name", option_text,
		  &o.queue },
		{ "force", NULL, "overwrite what is there", NULL, &o.force },
		{ 0 },
	};
	int rc = options_parse(call, specs);

	if (rc == OPTIONS_RUN) {
		o.consumers = names.count == 0 ? NULL : names.names;
		o.consumer_count = names.count;
		rc = create(call, &o);
	}
	names_release(&names);
	return rc;
}
