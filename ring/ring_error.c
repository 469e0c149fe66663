#include "ring/ring_error.h"

#include "ring/export.h"

#include <string.h>

/* Unlike abs() it has a result for INT_MIN. */
static unsigned magnitude(int code)
{
	return code < 0 ? 0u - (unsigned)code : (unsigned)code;
}

RING_EXPORT const char *ring_strerror(int code)
{
	const unsigned positive = magnitude(code);

	switch (positive) {
#define RING_ERROR_TEXT(name, text) \
	case name:                  \
		return text;
		RING_ERRORS(RING_ERROR_TEXT)
#undef RING_ERROR_TEXT
	default:
		break;
	}

	/* strerror() may reuse a buffer that another thread is reading. */
	const char *text = strerrordesc_np((int)positive);

	return text != NULL ? text : "unknown error";
}

RING_EXPORT const char *ring_error_name(int code)
{
	const unsigned positive = magnitude(code);

	switch (positive) {
#define RING_ERROR_NAME(name, text) \
	case name:                  \
		return #name;
		RING_ERRORS(RING_ERROR_NAME)
#undef RING_ERROR_NAME
	default:
		break;
	}

	const char *name = strerrorname_np((int)positive);

	return name != NULL ? name : "?";
}

RING_EXPORT int ring_error_is_retry(int code)
{
	return code <= -RING_ERR_EMPTY && code >= -RING_ERR_TIMEOUT;
}
