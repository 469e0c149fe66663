#include "tools/options.h"

#include "tools/report.h"
#include "tools/units.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 32, MILLIS_MAX = 1000000000, NS_PER_MS = 1000000 };

/* What getopt returns for the option in row i: no character does. */
enum { ROW_BASE = 256 };

/* All options of a command: its own, then the common ones. */
struct option_set {
	struct option_spec specs[OPTIONS_MAX];
	struct option longs[OPTIONS_MAX + 1];
	int count;
};

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

const char *option_u32(const char *text, void *ret)
{
	uint64_t value;
	const char *wrong = option_size(text, &value);

	if (wrong != NULL)
		return wrong;
	if (value > UINT32_MAX)
		return "too large";
	*(uint32_t *)ret = (uint32_t)value;
	return NULL;
}

const char *option_seconds(const char *text, void *ret)
{
	struct option_wait *wait = ret;
	const char *wrong = units_seconds(text, &wait->ns);

	wait->given = wrong == NULL;
	return wrong;
}

const char *option_millis(const char *text, void *ret)
{
	struct option_wait *wait = ret;
	uint64_t value;
	const char *wrong = units_count(text, &value);

	if (wrong != NULL)
		return wrong;
	if (value > MILLIS_MAX)
		return "too large";
	*wait = (struct option_wait){ .given = true, .ns = value * NS_PER_MS };
	return NULL;
}

static const char *read_engine(const char *text, void *ret)
{
	if (ring_io_engine_from_name(text, ret) == 0)
		return NULL;
	return "must be auto, io_uring, aio or posix";
}

static const char *read_on_damage(const char *text, void *ret)
{
	static const char *const names[] = {
		[RING_DAMAGE_STOP] = "stop",
		[RING_DAMAGE_SKIP] = "skip",
		[RING_DAMAGE_TRUNCATE] = "truncate",
	};
	enum ring_on_damage *ret_policy = ret;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_policy = (enum ring_on_damage)i;
			return NULL;
		}
	}
	return "must be stop, skip or truncate";
}

static const char *read_durability(const char *text, void *ret)
{
	enum ring_durability *ret_durability = ret;

	if (strcmp(text, "full") == 0)
		*ret_durability = RING_DURABILITY_FULL;
	else if (strcmp(text, "process") == 0)
		*ret_durability = RING_DURABILITY_PROCESS;
	else
		return "must be full or process";
	return NULL;
}

static const char *read_deliver(const char *text, void *ret)
{
	enum ring_deliver *ret_deliver = ret;

	if (strcmp(text, "durable") == 0)
		*ret_deliver = RING_DELIVER_DURABLE;
	else if (strcmp(text, "visible") == 0)
		*ret_deliver = RING_DELIVER_VISIBLE;
	else
		return "must be durable or visible";
	return NULL;
}

static const char *read_mode(const char *text, void *ret)
{
	static const char *const names[] = {
		[RING_IO_MODE_AUTO] = "auto",
		[RING_IO_BUFFERED] = "buffered",
		[RING_IO_DIRECT] = "direct",
	};
	enum ring_io_mode *ret_mode = ret;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_mode = (enum ring_io_mode)i;
			return NULL;
		}
	}
	return "must be auto, buffered or direct";
}

/* ---- options that several commands have --------------------------------- */

struct option_spec option_takeover(struct call *call)
{
	return (struct option_spec){
		.name = "takeover",
		.help = "take the role from a dead owner on another host",
		.ret = &call->ring.takeover,
	};
}

struct option_spec option_on_damage(struct call *call)
{
	return (struct option_spec){
		.name = "on-damage",
		.value = "POLICY",
		.help = "damaged items: stop (default), skip or truncate",
		.read = read_on_damage,
		.ret = &call->ring.on_damage,
	};
}

struct option_spec option_durability(struct call *call)
{
	return (struct option_spec){
		.name = "durability",
		.value = "WHAT",
		.help = "survive power loss (full), or kills only (process)",
		.read = read_durability,
		.ret = &call->ring.durability,
	};
}

struct option_spec option_deliver(struct call *call)
{
	return (struct option_spec){
		.name = "deliver",
		.value = "WHEN",
		.help = "items once they are durable (default), or visible",
		.read = read_deliver,
		.ret = &call->ring.deliver,
	};
}

struct option_spec option_consumer(const char **ret)
{
	return (struct option_spec){
		.name = "consumer",
		.value = "NAME",
		.help = "the consumer (default: default)",
		.read = option_text,
		.ret = ret,
	};
}

struct option_spec option_for_wait(struct option_wait *ret, const char *help)
{
	return (struct option_spec){
		.name = "wait",
		.value = "S",
		.help = help,
		.read = option_seconds,
		.ret = ret,
	};
}

/* ---- parsing ------------------------------------------------------------ */

static void add_spec(struct option_set *set, const struct option_spec *spec)
{
	struct option *row = &set->longs[set->count];

	if (set->count == OPTIONS_MAX)
		return;
	set->specs[set->count] = *spec;
	row->name = spec->name;
	row->has_arg = spec->value == NULL ? no_argument : required_argument;
	row->val = ROW_BASE + set->count;
	set->count++;
}

static void fill_set(struct option_set *set, struct call *call,
		     const struct option_spec *specs)
{
	const struct option_spec common[] = {
		{ "engine", "NAME",
		  "storage engine: auto, io_uring, aio, posix", read_engine,
		  &call->ring.engine },
		{ "mode", "MODE", "auto, buffered or direct I/O", read_mode,
		  &call->ring.mode },
		{ "client", "NAME", "who this is, for the owner record",
		  option_text, &call->ring.client },
		{ "json", NULL, "print JSON", NULL, &call->json },
		{ 0 },
	};

	for (; specs->name != NULL; specs++)
		add_spec(set, specs);
	for (specs = common; specs->name != NULL; specs++)
		add_spec(set, specs);
	add_spec(set, &(struct option_spec){ .name = "help",
					     .help = "print this help" });
}

static void print_option(const struct option_spec *spec)
{
	char left[64];

	snprintf(left, sizeof(left), "--%s%s%s", spec->name,
		 spec->value == NULL ? "" : " ",
		 spec->value == NULL ? "" : spec->value);
	printf("  %-22s %s\n", left, spec->help);
}

static int print_help(const struct call *call, const struct option_set *set)
{
	printf("Usage: ringctl %s %s [OPTION]...\n\n%s\n\nOptions:\n",
	       call->cmd->name, call->cmd->operands, call->cmd->summary);
	for (int i = 0; i < set->count; i++)
		print_option(&set->specs[i]);
	return EXIT_OK;
}

/*
 * The word of the option that getopt just took: the last it stepped over, or
 * the one before the value.
 */
static const char *last_word(const struct call *call)
{
	const char *word = call->argv[optind - 1];

	return optarg != NULL && optarg == word ? call->argv[optind - 2] : word;
}

/* getopt takes prefixes: they would be an interface for ever. */
static bool is_exact(const char *word, const char *name)
{
	size_t len = strlen(name);

	return strncmp(word, "--", 2) == 0 &&
	       strncmp(word + 2, name, len) == 0 &&
	       (word[2 + len] == '\0' || word[2 + len] == '=');
}

static int apply_option(struct call *call, const struct option_spec *spec)
{
	const char *word = last_word(call), *wrong;

	if (!is_exact(word, spec->name))
		return report_usage(call, "unknown option '%s'", word);
	if (spec->read == NULL) {
		*(bool *)spec->ret = true;
		return OPTIONS_RUN;
	}
	wrong = spec->read(optarg, spec->ret);
	if (wrong != NULL)
		return report_usage(call, "option '--%s': '%s': %s", spec->name,
				    optarg, wrong);
	return OPTIONS_RUN;
}

static int refuse_option(const struct call *call, int c)
{
	const char *word = call->argv[optind - 1];

	if (c == ':')
		return report_usage(call, "option '%s' needs a value", word);
	if (optopt >= ROW_BASE)
		return report_usage(call, "option '%s' takes no value", word);
	if (optopt != 0)
		return report_usage(call, "unknown option '-%c'", optopt);
	return report_usage(call, "unknown option '%s'", word);
}

static int take_operands(struct call *call)
{
	static const char *const names[] = { "PATH", "NAME" };
	int count = call->argc - optind;
	char **operands = call->argv + optind;

	if (count > call->cmd->operand_count)
		return report_usage(call, "unexpected operand '%s'",
				    operands[call->cmd->operand_count]);
	if (count < call->cmd->operand_count)
		return report_usage(call, "operand '%s' is missing",
				    names[count]);
	call->path = operands[0];
	call->operand = count > 1 ? operands[1] : NULL;
	return OPTIONS_RUN;
}

int options_parse(struct call *call, const struct option_spec *specs)
{
	struct option_set set = { .count = 0 };
	int c, rc = OPTIONS_RUN;

	call->ring.fault = &call->fault;
	call->ring.client = "ringctl";
	fill_set(&set, call, specs);
	opterr = 0;
	while (rc == OPTIONS_RUN &&
	       (c = getopt_long(call->argc, call->argv, ":h", set.longs,
				NULL)) != -1) {
		/* Help is the last row. */
		if (c == 'h' || c == ROW_BASE + set.count - 1)
			return print_help(call, &set);
		if (c < ROW_BASE)
			return refuse_option(call, c);
		rc = apply_option(call, &set.specs[c - ROW_BASE]);
	}
	return rc == OPTIONS_RUN ? take_operands(call) : rc;
}
