#ifndef TOOLS_RINGGEN_OPTIONS_H
#define TOOLS_RINGGEN_OPTIONS_H

#include "generator/generator.h"
#include "ring/ring.h"

enum { RINGGEN_FIELDS_MAX = 256 };

/* What the command line and the environment say. Texts are lent by them. */
struct ringgen_options {
	const char *schema; /* its text, or @FILE */
	struct gen_options gen;
	bool has_seed;
	bool has_jit;
	const char *fields[RINGGEN_FIELDS_MAX]; /* words of --field */
	unsigned field_count;
	const char *fields_file;

	/* Where to: one of these, or standard output. */
	const char *output_file;
	bool discards;
	const char *ring;
	struct ring_options ring_options;

	double rate_limit;
	double stutter;
	int64_t count; /* negative: for ever */
	uint64_t max_size_bytes;
	uint64_t max_count;

	const char *prefix;
	bool quiet;
	bool json;

	const char *kafka_brokers;
	const char *kafka_value; /* of the options beside: not used yet */
	bool kafka_flag;
};

/* What ringgen_options_read() returns when there is something to generate. */
enum { RINGGEN_RUN = -1 };

/* RINGGEN_RUN, or the exit code if all is done: help was asked for, or the
 * line is wrong (it has been said how). *o is filled. */
int ringgen_options_read(struct ringgen_options *o, int argc, char **argv);

/* Whether values go to standard output. */
bool ringgen_to_stdout(const struct ringgen_options *o);

#endif
