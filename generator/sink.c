#include "generator/sink.h"
#include "ring/export.h"

#include <stdarg.h>
#include <stdio.h>

int gen_sink_fail(struct gen_sink *sink, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(sink->error.text, sizeof(sink->error.text), format, args);
	va_end(args);
	return code;
}

RING_EXPORT void gen_sink_free(struct gen_sink *sink)
{
	if (sink != NULL)
		sink->ops->free(sink);
}

RING_EXPORT int gen_sink_guard(struct gen_sink *sink,
			       struct gen_error *ret_error)
{
	const int rc = sink->ops->guard == NULL ? 0 : sink->ops->guard(sink);

	if (rc < 0 && ret_error != NULL)
		*ret_error = sink->error;
	return rc;
}
