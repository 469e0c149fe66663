#include "tools/options.h"

#include "tools/option_ring.h"
#include "tools/option_word.h"
#include "tools/report.h"
#include "tools/units.h"

#include <stdio.h>
#include <string.h>

enum { MILLIS_MAX = 1000000000, NS_PER_MS = 1000000 };

/* ---- readers ------------------------------------------------------------ */

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
	const char *wrong = units_count_to(text, MILLIS_MAX, &value);

	if (wrong == NULL)
		*wait = (struct option_wait){ .given = true,
					      .ns = value * NS_PER_MS };
	return wrong;
}

static const char *read_on_damage(const char *text, void *ret)
{
	static const char *const words[] = {
		[RING_DAMAGE_STOP] = "stop",
		[RING_DAMAGE_SKIP] = "skip",
		[RING_DAMAGE_TRUNCATE] = "truncate",
	};
	const int found = option_word(text, words, 3);
	enum ring_on_damage *ret_policy = ret;

	if (found < 0)
		return "must be stop, skip or truncate";
	*ret_policy = (enum ring_on_damage)found;
	return NULL;
}

static const char *read_deliver(const char *text, void *ret)
{
	static const char *const words[] = {
		[RING_DELIVER_DURABLE] = "durable",
		[RING_DELIVER_VISIBLE] = "visible",
	};
	const int found = option_word(text, words, 2);
	enum ring_deliver *ret_deliver = ret;

	if (found < 0)
		return "must be durable or visible";
	*ret_deliver = (enum ring_deliver)found;
	return NULL;
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
		.read = option_read_durability,
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

static void fill_line(struct option_line *line, struct call *call,
		      const struct option_spec *specs)
{
	const struct option_spec common[] = {
		{ "engine", "NAME",
		  "storage engine: auto, io_uring, aio, posix",
		  option_read_engine, &call->ring.engine },
		{ "mode", "MODE", "auto, buffered or direct I/O",
		  option_read_mode, &call->ring.mode },
		{ "client", "NAME", "who this is, for the owner record",
		  option_text, &call->ring.client },
		{ "json", NULL, "print JSON", NULL, &call->json },
		{ 0 },
	};

	for (; specs->name != NULL; specs++)
		option_line_add(line, specs, 0);
	for (specs = common; specs->name != NULL; specs++)
		option_line_add(line, specs, 0);
}

static int print_help(const struct call *call, const struct option_line *line)
{
	printf("Usage: ringctl %s %s [OPTION]...\n\n%s\n\nOptions:\n",
	       call->cmd->name, call->cmd->operands, call->cmd->summary);
	option_line_help(line);
	return EXIT_OK;
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
	struct option_line line = { .count = 0 };

	call->ring.fault = &call->fault;
	call->ring.client = "ringctl";
	fill_line(&line, call, specs);
	switch (option_line_parse(&line, call->argc, call->argv)) {
	case OPTION_LINE_HELP:
		return print_help(call, &line);
	case OPTION_LINE_WRONG:
		return report_usage(call, "%s", line.wrong);
	case OPTION_LINE_DONE:
		break;
	}
	return take_operands(call);
}
