#ifndef GENERATOR_SINK_H
#define GENERATOR_SINK_H

#include "generator/generator.h"

/*
 * What a sink is to the pump. An operation that cannot go on without waiting
 * returns -EAGAIN and has changed nothing that shows; the pump calls it again,
 * with the same arguments, when `fd` polls ready.
 */
struct gen_sink_ops {
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

	/* The end: all is brought out and has its name. */
	int (*close)(struct gen_sink *sink);

	/* What to poll for after -EAGAIN. May be NULL if there is none. */
	int (*wait_fd)(struct gen_sink *sink, short *ret_events);

	/* Release; if it was not closed, what has no name yet stays as it is. */
	void (*free)(struct gen_sink *sink);
};

/* The first member of each sink's own struct. */
struct gen_sink {
	const struct gen_sink_ops *ops;
	struct gen_error error; /* of the last failure, or empty */
};

#endif
