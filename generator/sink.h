#ifndef GENERATOR_SINK_H
#define GENERATOR_SINK_H

#include "generator/generator.h"

/*
 * What a sink is to the pump. An operation that cannot go on without waiting
 * returns -EAGAIN, says why in the sink's error, and has changed nothing that
 * shows; the pump calls it again, with the same arguments, when `fd` polls
 * ready.
 */
struct gen_sink_ops {
	/*
	 * The first call of a step that had to be waited for: answer what came
	 * in meanwhile. May be NULL.
	 */
	int (*attend)(struct gen_sink *sink);

	/*
	 * Where to make values so that write() need not copy them, at least
	 * one byte, or NULL for anywhere. What is made there and not written
	 * is forgotten. May be NULL.
	 */
	int (*room)(struct gen_sink *sink, uint8_t **ret_room,
		    size_t *ret_bytes);

	/* Take whole values, all or none. They may lie in the room. -EMSGSIZE:
	 * one is larger than what the sink can ever take. */
	int (*write)(struct gen_sink *sink, const struct gen_batch *batch);

	/* Nothing will come for a while: bring out what was taken. May be
	 * NULL. */
	int (*flush)(struct gen_sink *sink);

	/* A file or a message ends here. May be NULL. */
	int (*cut)(struct gen_sink *sink);

	/* Have a process of its own watch over what a kill may leave. May be
	 * NULL: it leaves nothing. */
	int (*guard)(struct gen_sink *sink);

	/* The end: all is brought out and has its name. */
	int (*close)(struct gen_sink *sink);

	/*
	 * What to poll for after -EAGAIN or, where there is attend(), in each
	 * pause. -1: there is none. May be NULL if there never is.
	 */
	int (*wait_fd)(struct gen_sink *sink, short *ret_events);

	/* Release; if it was not closed, what has no name yet stays as it is. */
	void (*free)(struct gen_sink *sink);
};

/* The first member of each sink's own struct. */
struct gen_sink {
	const struct gen_sink_ops *ops;
	struct gen_error error; /* of the last failure, or empty */
};

/* Say what failed, in the sink's error. Returns `code`. */
int gen_sink_fail(struct gen_sink *sink, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
