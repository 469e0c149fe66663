/*
 * Goal: any command line of ringctl ends as ringctl(1) says: it runs with
 * what was typed, or says what is wrong, also as JSON, and exits with 2.
 * Method: all of ringctl, its main() included, but a command does not run: the
 * linker puts __wrap_options_parse() before options_parse() (see Makefile),
 * and what would run is held against the words once more. One word a line.
 */
#include "tools/names.h"
#include "tools/options.h"
#include "tools/units.h"

#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 64 };

/* From tools/ringctl.c, where it is main(). */
int ringctl_main(int argc, char **argv);

int __real_options_parse(struct call *call, const struct option_spec *specs);
int __wrap_options_parse(struct call *call, const struct option_spec *specs);

/* ---- what would run ----------------------------------------------------- */

static const struct option_spec common[] = {
	{ .name = "engine", .value = "NAME" },
	{ .name = "mode", .value = "MODE" },
	{ .name = "client", .value = "NAME" },
	{ .name = "json" },
	{ 0 },
};

static const struct option_spec *find_spec(const struct option_spec *specs,
					   const char *word)
{
	const size_t len = strcspn(word, "=");

	for (; specs->name != NULL; specs++)
		if (strlen(specs->name) == len &&
		    strncmp(specs->name, word, len) == 0)
			return specs;
	return NULL;
}

/* A word with two dashes. Whether the next word is its value. */
static bool require_option(const struct option_spec *specs, const char *word)
{
	const struct option_spec *spec = find_spec(specs, word);
	const bool has_value = strchr(word, '=') != NULL;

	if (spec == NULL)
		spec = find_spec(common, word);
	fuzz_require(spec != NULL, "an unknown option is refused");
	fuzz_require(spec->value != NULL || !has_value,
		     "a flag with a value is refused");
	return spec->value != NULL && !has_value;
}

static void require_operand(const struct call *call, int number,
			    const char *word)
{
	fuzz_require(number < call->cmd->operand_count,
		     "too many operands are refused");
	fuzz_require((number == 0 ? call->path : call->operand) == word,
		     "the command gets its operands");
}

/* Every word is an option, its value, or an operand. */
static void require_words(const struct call *call,
			  const struct option_spec *specs)
{
	bool options_end = false;
	int operands = 0;

	/* getopt moves the operands behind the options, and "--" as well. */
	for (int i = 1; i < call->argc; i++) {
		const char *word = call->argv[i];

		if (!options_end && strcmp(word, "--") == 0)
			options_end = true;
		else if (!options_end && strncmp(word, "--", 2) == 0)
			i += require_option(specs, word + 2);
		else if (!options_end && word[0] == '-' && word[1] != '\0')
			fuzz_require(false, "a short option is refused");
		else
			require_operand(call, operands++, word);
	}
	fuzz_require(operands == call->cmd->operand_count,
		     "a missing operand is refused");
}

int __wrap_options_parse(struct call *call, const struct option_spec *specs)
{
	const int rc = __real_options_parse(call, specs);

	fuzz_require(rc == OPTIONS_RUN || rc == EXIT_OK || rc == EXIT_USAGE,
		     "the line is run, explained or refused");
	if (rc != OPTIONS_RUN)
		return rc;
	require_words(call, specs);
	fuzz_require((unsigned)call->ring.engine <= RING_IO_POSIX &&
			     (unsigned)call->ring.mode <= RING_IO_DIRECT,
		     "engine and mode are known");
	fuzz_require(call->ring.client != NULL, "there is a client's name");
	return EXIT_OK;
}

/* ---- the whole ---------------------------------------------------------- */

/* What goes to the standard streams meanwhile. */
struct output {
	char *text[2];
	size_t len[2];
	FILE *were[2];
};

static void output_begin(struct output *o)
{
	*o = (struct output){ .were = { stdout, stderr } };
	stdout = open_memstream(&o->text[0], &o->len[0]);
	stderr = open_memstream(&o->text[1], &o->len[1]);
	if (stdout == NULL || stderr == NULL)
		abort();
}

static void output_end(struct output *o)
{
	fclose(stdout);
	fclose(stderr);
	stdout = o->were[0];
	stderr = o->were[1];
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* Behind the command. A "--" before it may end the options, or be a value. */
enum json_wish { JSON_NO, JSON_YES, JSON_MAYBE };

static enum json_wish asks_for_json(char **words)
{
	bool dashes = false;

	for (; *words != NULL; words++) {
		if (strcmp(*words, "--json") == 0)
			return dashes ? JSON_MAYBE : JSON_YES;
		dashes |= strcmp(*words, "--") == 0;
	}
	return JSON_NO;
}

static void require_output(const struct output *o, int rc, enum json_wish json)
{
	json_t *doc;

	fuzz_require(rc == EXIT_OK || rc == EXIT_USAGE, "the exit code");
	if (rc == EXIT_OK) {
		fuzz_require(o->len[1] == 0, "what is right makes no noise");
		return;
	}
	fuzz_require(starts_with(o->text[1], "ringctl: "),
		     "what is wrong is said on standard error");
	fuzz_require(json == JSON_MAYBE ||
			     (o->len[0] > 0) == (json == JSON_YES),
		     "as JSON, if it was asked for");
	if (o->len[0] == 0)
		return;
	doc = json_loadb(o->text[0], o->len[0], 0, NULL);
	fuzz_require(json_is_object(doc), "standard output is one document");
	fuzz_require(json_is_object(json_object_get(doc, "error")),
		     "which says that it is an error");
	json_decref(doc);
}

static void run_line(int argc, char **argv)
{
	struct output output;
	const enum json_wish json =
		argc > 2 ? asks_for_json(argv + 2) : JSON_NO;
	int rc;

	optind = 0; /* getopt starts anew */
	output_begin(&output);
	rc = ringctl_main(argc, argv);
	output_end(&output);
	require_output(&output, rc, json);
	free(output.text[0]);
	free(output.text[1]);
}

/* ---- one word ----------------------------------------------------------- */

static void require_count(const char *word)
{
	const bool digits =
		word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
	uint64_t value = 0, expected;
	const char *wrong = units_count(word, &value);

	errno = 0;
	expected = strtoull(word, NULL, 10);
	fuzz_require((wrong == NULL) == (digits && errno == 0),
		     "a count is digits, below 2^64");
	fuzz_require(wrong != NULL || value == expected, "a count is right");
}

/* 1K has the shift 10, 1M 20... */
static void require_size(const char *word, uint64_t size)
{
	static const char letters[] = "_KMGTk";
	const char *unit = word + strspn(word, "0123456789");
	const size_t at = *unit == '\0' ? 0 : strcspn(letters, unit);
	const size_t shift = at == 5 ? 10 : 10 * at;

	fuzz_require(at < 6 && strlen(unit) <= 1,
		     "a size is digits and one letter");
	fuzz_require(size >> shift == strtoull(word, NULL, 10),
		     "a size is right");
}

static void require_sizes(const char *word)
{
	uint64_t count, size, ns;

	if (units_count(word, &count) == NULL)
		fuzz_require(units_size(word, &size) == NULL && size == count,
			     "a count is a size");
	if (units_seconds(word, &ns) == NULL)
		fuzz_require(ns <= UINT64_C(1000000001) * 1000000000,
			     "seconds are limited");
	if (units_size(word, &size) == NULL)
		require_size(word, size);
}

static void require_names(const char *word)
{
	struct name_list list = { .count = 0 };
	const char *at = word;

	if (names_option(word, &list) == NULL) {
		for (size_t i = 0; i < list.count; i++) {
			fuzz_require(starts_with(at, list.names[i]),
				     "names are what stands between commas");
			at += strlen(list.names[i]) + 1;
		}
		fuzz_require(at == word + strlen(word) + 1, "all of them");
	}
	names_release(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len_bytes)
{
	char program[] = "ringctl", *argv[WORDS_MAX + 2] = { program };
	char *text = calloc(1, len_bytes + 1), *rest = text, *word;
	int argc = 1;

	if (text == NULL)
		abort();
	memcpy(text, data, len_bytes);
	while (argc <= WORDS_MAX && (word = strsep(&rest, "\n")) != NULL) {
		if (rest == NULL && *word == '\0')
			break; /* behind the last line */
		require_count(word);
		require_sizes(word);
		require_names(word);
		argv[argc++] = word;
	}
	run_line(argc, argv);
	free(text);
	return 0;
}
