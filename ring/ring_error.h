#ifndef RING_RING_ERROR_H
#define RING_RING_ERROR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Functions return 0 (or a count) on success and a negative code on failure:
 * down to -4000 it is -errno as the operating system reported it; below are
 * the conditions that only this library can name.
 *
 * "retry" in a text means: nothing is wrong, the same call may succeed later.
 */
#define RING_ERRORS(X)                                                         \
	/* retry later */                                                      \
	X(RING_ERR_EMPTY, "no item yet; retry")                                \
	X(RING_ERR_FULL, "not enough free space; retry after a consume")       \
	X(RING_ERR_SUSPENDED, "a consumer has suspended the producer; retry")  \
	X(RING_ERR_UNACKED,                                                    \
	  "the producer has not acknowledged the previous request; retry")     \
	X(RING_ERR_TIMEOUT, "timed out")                                       \
	/* what is on the device */                                            \
	X(RING_ERR_NOT_A_RING, "not a ring")                                   \
	X(RING_ERR_VERSION, "format version is not supported")                 \
	X(RING_ERR_FEATURE, "uses a feature that is not supported")            \
	X(RING_ERR_SUPERBLOCK, "both superblock copies are damaged")           \
	X(RING_ERR_TRUNCATED, "device is smaller than the ring")               \
	X(RING_ERR_BLOCK_SIZE,                                                 \
	  "block size is smaller than the device's sector")                    \
	X(RING_ERR_SLOT, "both copies of a slot are damaged")                  \
	X(RING_ERR_DAMAGED, "committed data is damaged")                       \
	X(RING_ERR_OCCUPIED, "device holds other data")                        \
	X(RING_ERR_EXHAUSTED, "position or epoch space is used up")            \
	/* who may use it */                                                   \
	X(RING_ERR_OWNED, "in use by another process")                         \
	X(RING_ERR_OTHER_HOST,                                                 \
	  "owned by another host or boot; a take-over must be asked for")      \
	X(RING_ERR_ALIVE, "the owner on another host is alive")                \
	X(RING_ERR_FENCED, "another process has taken over this role")         \
	X(RING_ERR_TAKEOVERS,                                                  \
	  "too many take-overs not yet consumed; let the consumers catch up")  \
	X(RING_ERR_REMOVED, "this consumer was removed from the ring")         \
	/* what was asked for */                                               \
	X(RING_ERR_TOO_BIG, "larger than the ring accepts")                    \
	X(RING_ERR_BOUNDARY, "position is not a boundary between records")     \
	X(RING_ERR_FUTURE, "position is in the future")                        \
	X(RING_ERR_RELEASED, "position was already released")                  \
	X(RING_ERR_NO_CONSUMER, "no consumer of that name")                    \
	X(RING_ERR_NO_SLOT, "no free consumer slot")                           \
	X(RING_ERR_EXISTS, "a consumer of that name exists")                   \
	X(RING_ERR_LAST_CONSUMER, "the last consumer can't be removed")        \
	X(RING_ERR_NAME, "name is empty, too long or has control characters")  \
	X(RING_ERR_DETACHED, "handle is detached")                             \
	X(RING_ERR_CLAIMED, "claimed items are neither committed nor aborted") \
	X(RING_ERR_NO_CLAIM, "nothing is claimed")                             \
	X(RING_ERR_NOT_EMPTY, "items are not yet consumed")

enum ring_error {
	RING_ERR_BASE = 4000,
#define RING_ERROR_ENUM(name, text) name,
	RING_ERRORS(RING_ERROR_ENUM)
#undef RING_ERROR_ENUM
		RING_ERR_END /* one past the last code */
};

/*
 * What went wrong and where. A caller that wants it puts a pointer to one
 * into the options; the library fills it whenever a call on that handle (or
 * the opening of it) fails with anything but a retry. Opening something with
 * it clears it.
 */
struct ring_fault {
	int code;              /* the negative value that the call returned */
	uint64_t position;     /* in the stream; 0 if that is not the subject */
	uint64_t offset_bytes; /* on the device */
	uint64_t length_bytes; /* of the range in question; 0 if unknown */
	char text[224];        /* one line for people, ends in the cause */
};

/* Text for a (negative or positive) code. Static storage; never NULL. */
const char *ring_strerror(int code);

/* The name of a code, e.g. "RING_ERR_FULL" or "EIO"; "?" if unknown. */
const char *ring_error_name(int code);

/* Whether the (negative) code only says "later": EMPTY to TIMEOUT above. */
int ring_error_is_retry(int code);

#ifdef __cplusplus
}
#endif

#endif
