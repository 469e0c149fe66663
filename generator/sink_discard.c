#include "generator/sink.h"
#include "ring/export.h"

#include <errno.h>
#include <stdlib.h>

static int discard_write(struct gen_sink *sink, const struct gen_batch *batch)
{
	(void)sink;
	(void)batch;
	return 0;
}

static int discard_close(struct gen_sink *sink)
{
	(void)sink;
	return 0;
}

static void discard_free(struct gen_sink *sink)
{
	free(sink);
}

static const struct gen_sink_ops discard_ops = {
	.write = discard_write,
	.close = discard_close,
	.free = discard_free,
};

RING_EXPORT int gen_sink_discard(struct gen_sink **ret_sink)
{
	struct gen_sink *sink = calloc(1, sizeof(*sink));

	if (sink == NULL)
		return -ENOMEM;
	sink->ops = &discard_ops;
	*ret_sink = sink;
	return 0;
}
