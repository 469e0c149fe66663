#include "tools/option_line.h"

#include "tools/units.h"

#include <stdio.h>
#include <string.h>

/* What getopt returns for the option in row i: no character does. */
enum { ROW_BASE = 256 };

/* ---- readers ------------------------------------------------------------ */

const char *option_text(const char *text, void *ret)
{
	const char **ret_text = ret;

	*ret_text = text;
	return NULL;
}

const char *option_number(const char *text, void *ret)
{
	return units_count(text, ret);
}

const char *option_count(const char *text, void *ret)
{
	uint64_t value;
	const char *wrong = units_count(text, &value);

	if (wrong != NULL)
		return wrong;
	if (value == 0)
		return "must not be 0";
	*(uint64_t *)ret = value;
	return NULL;
}

const char *option_size(const char *text, void *ret)
{
	uint64_t value;
	const char *wrong = units_size(text, &value);

	if (wrong != NULL)
		return wrong;
	if (value == 0)
		return "must not be 0";
	*(uint64_t *)ret = value;
	return NULL;
}

/* ---- the table ---------------------------------------------------------- */

void option_line_add(struct option_line *line, const struct option_spec *spec,
		     char letter)
{
	struct option *row = &line->longs[line->count];

	if (line->count == OPTION_LINE_MAX)
		return;
	line->specs[line->count] = *spec;
	line->letters[line->count] = letter;
	row->name = spec->name;
	row->has_arg = spec->value == NULL ? no_argument : required_argument;
	row->val = ROW_BASE + line->count;
	line->count++;
}

enum { LEFT_BYTES = 64, LEFT_WIDTH = 22 };

/* The option as it is typed. Its length. */
static int spell_option(const struct option_line *line, int row,
			char ret[LEFT_BYTES])
{
	const struct option_spec *spec = &line->specs[row];
	char dash[8] = "";

	if (line->letters[row] != 0)
		snprintf(dash, sizeof(dash), "-%c, ", line->letters[row]);
	return snprintf(ret, LEFT_BYTES, "%s--%s%s%s", dash, spec->name,
			spec->value == NULL ? "" : " ",
			spec->value == NULL ? "" : spec->value);
}

void option_line_help(const struct option_line *line)
{
	char left[LEFT_BYTES];
	int width = LEFT_WIDTH;

	for (int i = 0; i < line->count; i++) {
		const int len = spell_option(line, i, left);

		width = len > width ? len : width;
	}
	for (int i = 0; i < line->count; i++) {
		spell_option(line, i, left);
		printf("  %-*s %s\n", width, left, line->specs[i].help);
	}
	printf("  %-*s %s\n", width, "--help", "print this help");
}

/* ---- parsing ------------------------------------------------------------ */

/* ':' has getopt tell a missing value from an unknown option. */
static void spell_letters(const struct option_line *line,
			  char ret[2 * OPTION_LINE_MAX + 3])
{
	size_t len = 0;

	ret[len++] = ':';
	ret[len++] = 'h';
	for (int i = 0; i < line->count; i++) {
		if (line->letters[i] == 0)
			continue;
		ret[len++] = line->letters[i];
		if (line->specs[i].value != NULL)
			ret[len++] = ':';
	}
	ret[len] = '\0';
}

/* The row of what getopt returned; -1: it is none. */
static int row_of(const struct option_line *line, int c)
{
	if (c >= ROW_BASE)
		return c - ROW_BASE;
	for (int i = 0; i < line->count; i++)
		if (line->letters[i] == c)
			return i;
	return -1;
}

/*
 * The word of the option that getopt just took: the last it stepped over, or
 * the one before the value.
 */
static const char *last_word(char **argv)
{
	const char *word = argv[optind - 1];

	return optarg != NULL && optarg == word ? argv[optind - 2] : word;
}

/* getopt takes prefixes: they would be an interface for ever. */
static bool is_exact(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, "--", 2) == 0 &&
	       strncmp(word + 2, name, len) == 0 &&
	       (word[2 + len] == '\0' || word[2 + len] == '=');
}

static enum option_line_result refuse(struct option_line *line,
				      const char *before, const char *what,
				      const char *behind)
{
	snprintf(line->wrong, sizeof(line->wrong), "%s'%s'%s", before, what,
		 behind);
	return OPTION_LINE_WRONG;
}

static enum option_line_result refuse_option(struct option_line *line, int c,
					     char **argv)
{
	const char *word = argv[optind - 1];
	const char letter[] = { '-', (char)optopt, '\0' };

	if (c == ':')
		return refuse(line, "option ", word, " needs a value");
	if (optopt >= ROW_BASE)
		return refuse(line, "option ", word, " takes no value");
	return refuse(line, "unknown option ", optopt != 0 ? letter : word, "");
}

const char *option_line_apply(const struct option_spec *spec, const char *text)
{
	if (spec->read != NULL)
		return spec->read(text, spec->ret);
	*(bool *)spec->ret = true;
	return NULL;
}

static enum option_line_result take_option(struct option_line *line, int row)
{
	const struct option_spec *spec = &line->specs[row];
	const char *wrong = option_line_apply(spec, optarg);

	line->given[row]++;
	if (wrong == NULL)
		return OPTION_LINE_DONE;
	snprintf(line->wrong, sizeof(line->wrong), "option '--%s': '%s': %s",
		 spec->name, optarg, wrong);
	return OPTION_LINE_WRONG;
}

static enum option_line_result take(struct option_line *line, int c,
				    char **argv)
{
	const char *word = last_word(argv);
	const int row = row_of(line, c);

	if (row < 0)
		return refuse_option(line, c, argv);
	if (c >= ROW_BASE && !is_exact(word, line->longs[row].name))
		return refuse(line, "unknown option ", word, "");
	/* The row behind all, which has no spec. */
	if (row == line->count)
		return OPTION_LINE_HELP;
	return take_option(line, row);
}

enum option_line_result option_line_parse(struct option_line *line, int argc,
					  char **argv)
{
	enum option_line_result result = OPTION_LINE_DONE;
	char letters[2 * OPTION_LINE_MAX + 3];
	int c;

	spell_letters(line, letters);
	line->longs[line->count] =
		(struct option){ .name = "help",
				 .val = ROW_BASE + line->count };
	opterr = 0;
	while (result == OPTION_LINE_DONE &&
	       (c = getopt_long(argc, argv, letters, line->longs, NULL)) != -1)
		result = c == 'h' ? OPTION_LINE_HELP : take(line, c, argv);
	return result;
}
