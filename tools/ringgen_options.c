#include "tools/ringgen_options.h"

#include "tools/cmd.h"
#include "tools/ringgen_env.h"
#include "tools/ringgen_report.h"
#include "tools/ringgen_table.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static struct option_spec spec_of(struct ringgen_options *o,
				  const struct ringgen_row *row)
{
	return (struct option_spec){
		.name = row->name,
		.value = row->value,
		.help = row->help,
		.read = row->read,
		.ret = (char *)o + row->at,
	};
}

static int print_help(const struct option_line *line)
{
	puts("Usage: ringgen --schema TYPE [OPTION]...\n\n"
	     "make random values of any type, encoded, at a rate, into a file "
	     "or a ring\n\nOptions:");
	option_line_help(line);
	return EXIT_OK;
}

/* ---- what makes no sense together --------------------------------------- */

static bool is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static int check_targets(const struct ringgen_options *o)
{
	const struct {
		const char *name;
		bool is_given;
	} targets[] = {
		{ "--output-file", is_set(o->output_file) },
		{ "--discard", o->discards },
		{ "--ring", is_set(o->ring) },
		{ "--kafka-brokers", is_set(o->kafka_brokers) },
	};
	const char *first = NULL;

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (!targets[i].is_given)
			continue;
		if (first != NULL)
			return ringgen_usage("more than one target: '%s' "
					     "and '%s'",
					     first, targets[i].name);
		first = targets[i].name;
	}
	return RINGGEN_RUN;
}

/* Options of a target that isn't there. `given` is by row. */
static int check_groups(const struct ringgen_options *o, const bool *given)
{
	for (int i = 0; ringgen_rows[i].name != NULL; i++) {
		const struct ringgen_row *row = &ringgen_rows[i];

		if (!given[i])
			continue;
		if (row->group == FOR_RING && !is_set(o->ring))
			return ringgen_usage("option '--%s' needs '--ring'",
					     row->name);
		if (row->group == FOR_KAFKA && !is_set(o->kafka_brokers))
			return ringgen_usage("option '--%s' needs "
					     "'--kafka-brokers'",
					     row->name);
	}
	return RINGGEN_RUN;
}

static int check_rest(const struct ringgen_options *o)
{
	if (!is_set(o->schema))
		return ringgen_usage("option '--schema' is missing");
	if (o->json && ringgen_to_stdout(o))
		return ringgen_usage("option '--json': standard output is for "
				     "the values; give another target");
	if (!is_set(o->kafka_brokers))
		return RINGGEN_RUN;
	return ringgen_error(o, "option '--kafka-brokers': Kafka is not "
				"built in");
}

/* ---- reading ------------------------------------------------------------ */

static int read_line(struct ringgen_options *o, struct option_line *line,
		     int argc, char **argv)
{
	for (const struct ringgen_row *row = ringgen_rows; row->name != NULL;
	     row++) {
		const struct option_spec spec = spec_of(o, row);

		option_line_add(line, &spec, row->letter);
	}
	switch (option_line_parse(line, argc, argv)) {
	case OPTION_LINE_HELP:
		return print_help(line);
	case OPTION_LINE_WRONG:
		return ringgen_usage("%s", line->wrong);
	case OPTION_LINE_DONE:
		break;
	}
	if (optind < argc)
		return ringgen_usage("unexpected operand '%s'", argv[optind]);
	for (int i = 0; i < line->count; i++)
		if (line->given[i] > 1 && !ringgen_rows[i].repeats)
			return ringgen_usage("option '--%s' is repeated",
					     ringgen_rows[i].name);
	return RINGGEN_RUN;
}

/* As datasino the bare names count: others use PREFIX and the like, too. */
static bool is_datasino(const char *program)
{
	const char *slash = strrchr(program, '/');

	return strcmp(slash == NULL ? program : slash + 1, "datasino") == 0;
}

/* A seed may have been given by its other name. */
static bool is_open(const struct ringgen_options *o, int row, const bool *given)
{
	return !given[row] &&
	       !(o->has_seed && strcmp(ringgen_rows[row].name, "seed") == 0);
}

/* The variable of an option, without its prefix. */
static void spell_variable(const struct ringgen_row *row,
			   char ret[RINGGEN_VARIABLE_BYTES])
{
	snprintf(ret, RINGGEN_VARIABLE_BYTES, "%s",
		 row->env != NULL ? row->env : row->name);
	for (; *ret != '\0'; ret++)
		*ret = *ret == '-' ? '_' : (char)toupper((unsigned char)*ret);
}

/* What the line left open. */
static int read_env(struct ringgen_options *o, bool *given, bool is_bare)
{
	for (int i = 0; ringgen_rows[i].name != NULL; i++) {
		const struct ringgen_row *row = &ringgen_rows[i];
		const struct option_spec spec = spec_of(o, row);
		struct ringgen_env env = { .bare = is_bare &&
						   row->env != NULL };
		char name[RINGGEN_VARIABLE_BYTES];

		spell_variable(row, name);
		if (name[0] == '\0' || !is_open(o, i, given))
			continue;
		switch (ringgen_env_apply(&env, &spec, name)) {
		case RINGGEN_ENV_NONE:
			break;
		case RINGGEN_ENV_TAKEN:
			given[i] = true;
			break;
		case RINGGEN_ENV_WRONG:
			return ringgen_usage("%s", env.wrong);
		}
	}
	return RINGGEN_RUN;
}

int ringgen_options_read(struct ringgen_options *o, int argc, char **argv)
{
	struct option_line line = { .count = 0 };
	bool given[OPTION_LINE_MAX];
	int rc;

	*o = (struct ringgen_options){ .count = -1, .prefix = "" };
	o->ring_options.client = "ringgen";
	rc = read_line(o, &line, argc, argv);
	for (int i = 0; i < line.count; i++)
		given[i] = line.given[i] > 0;
	if (rc == RINGGEN_RUN)
		rc = read_env(o, given, is_datasino(argv[0]));
	if (rc == RINGGEN_RUN)
		rc = check_targets(o);
	if (rc == RINGGEN_RUN)
		rc = check_groups(o, given);
	return rc == RINGGEN_RUN ? check_rest(o) : rc;
}

bool ringgen_to_stdout(const struct ringgen_options *o)
{
	if (is_set(o->output_file))
		return strcmp(o->output_file, "/dev/stdout") == 0;
	return !o->discards && !is_set(o->ring);
}
