#ifndef TOOLS_OPTION_LINE_H
#define TOOLS_OPTION_LINE_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * A command line of options and operands, as tables say it. Nothing is printed
 * but the lines of a help: who called says what is wrong in its own way.
 */

/*
 * Reads an option's text into *ret, whose type is the reader's affair. NULL,
 * or what is wrong with the text.
 */
typedef const char *option_read_fn(const char *text, void *ret);

/* One option. A table of them ends with a row of zeros. */
struct option_spec {
	const char *name;  /* without its dashes */
	const char *value; /* as help shows it; NULL: a flag */
	const char *help;
	option_read_fn *read; /* NULL for a flag */
	void *ret;            /* for a flag a bool, which becomes true */
};

enum { OPTION_LINE_MAX = 64, OPTION_WRONG_BYTES = 512 };

/* All options of a line; zeros are a line without any. */
struct option_line {
	struct option_spec specs[OPTION_LINE_MAX];
	char letters[OPTION_LINE_MAX];   /* of one dash; 0: there is none */
	unsigned given[OPTION_LINE_MAX]; /* how often it was */
	int count;
	struct option longs[OPTION_LINE_MAX + 2]; /* and help, and zeros */
	char wrong[OPTION_WRONG_BYTES]; /* what is, with OPTION_LINE_WRONG */
};

/* What is beyond OPTION_LINE_MAX is left out. */
void option_line_add(struct option_line *line, const struct option_spec *spec,
		     char letter);

enum option_line_result {
	OPTION_LINE_DONE, /* operands are at `optind`, behind all options */
	OPTION_LINE_HELP, /* -h or --help, which every line has */
	OPTION_LINE_WRONG,
};

enum option_line_result option_line_parse(struct option_line *line, int argc,
					  char **argv);

/* Have a spec's reader read a text, or set its flag. NULL, or what is wrong. */
const char *option_line_apply(const struct option_spec *spec, const char *text);

/* Print a line for each option to standard output. */
void option_line_help(const struct option_line *line);

/* Readers; the type behind `ret` is in the comment. */
const char *option_text(const char *text, void *ret);   /* const char * */
const char *option_count(const char *text, void *ret);  /* uint64_t, not 0 */
const char *option_number(const char *text, void *ret); /* uint64_t */
const char *option_size(const char *text, void *ret);   /* uint64_t, not 0 */

#endif
