#include "tools/option_ring.h"

#include "ring/ring.h"
#include "tools/option_word.h"

const char *option_read_engine(const char *text, void *ret)
{
	if (ring_io_engine_from_name(text, ret) == 0)
		return NULL;
	return "must be auto, io_uring, aio or posix";
}

const char *option_read_durability(const char *text, void *ret)
{
	static const char *const words[] = {
		[RING_DURABILITY_FULL] = "full",
		[RING_DURABILITY_PROCESS] = "process",
	};
	const int found = option_word(text, words, 2);
	enum ring_durability *ret_durability = ret;

	if (found < 0)
		return "must be full or process";
	*ret_durability = (enum ring_durability)found;
	return NULL;
}

const char *option_read_mode(const char *text, void *ret)
{
	static const char *const words[] = {
		[RING_IO_MODE_AUTO] = "auto",
		[RING_IO_BUFFERED] = "buffered",
		[RING_IO_DIRECT] = "direct",
	};
	const int found = option_word(text, words, 3);
	enum ring_io_mode *ret_mode = ret;

	if (found < 0)
		return "must be auto, buffered or direct";
	*ret_mode = (enum ring_io_mode)found;
	return NULL;
}
