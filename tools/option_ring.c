#include "tools/option_ring.h"

#include "ring/ring.h"

#include <string.h>

const char *option_read_engine(const char *text, void *ret)
{
	if (ring_io_engine_from_name(text, ret) == 0)
		return NULL;
	return "must be auto, io_uring, aio or posix";
}

const char *option_read_durability(const char *text, void *ret)
{
	enum ring_durability *ret_durability = ret;

	if (strcmp(text, "full") == 0)
		*ret_durability = RING_DURABILITY_FULL;
	else if (strcmp(text, "process") == 0)
		*ret_durability = RING_DURABILITY_PROCESS;
	else
		return "must be full or process";
	return NULL;
}

const char *option_read_mode(const char *text, void *ret)
{
	static const char *const names[] = {
		[RING_IO_MODE_AUTO] = "auto",
		[RING_IO_BUFFERED] = "buffered",
		[RING_IO_DIRECT] = "direct",
	};
	enum ring_io_mode *ret_mode = ret;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_mode = (enum ring_io_mode)i;
			return NULL;
		}
	}
	return "must be auto, buffered or direct";
}
