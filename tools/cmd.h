#ifndef TOOLS_CMD_H
#define TOOLS_CMD_H

#include "ring/ring.h"

#include <jansson.h>
#include <stdbool.h>

/* The whole exit contract; ringctl.1 repeats it and tests/cli checks it. */
enum exit_code {
	EXIT_OK = 0,     /* done */
	EXIT_DAMAGE = 1, /* found, left, or passed over: see ringctl.1 */
	EXIT_USAGE = 2,  /* the command line is wrong; nothing was touched */
	EXIT_ERROR = 3,  /* I/O, format or damage; the message says which */
	EXIT_RETRY = 4,  /* no item, full, suspended: may work later */
};

struct call;

/* One row of the table of subcommands in ringctl.c. */
struct cmd {
	const char *name;              /* one word, or two: "consumer add" */
	const char *operands;          /* behind the name, in the usage */
	const char *summary;           /* one line, imperative, no full stop */
	int operand_count;             /* 1 or 2; the first is the path */
	int (*run)(struct call *call); /* returns an exit code */
};

/* One run of a command: what every command shares. */
struct call {
	const struct cmd *cmd;
	int argc; /* argv[0] is the command, the rest is not yet parsed */
	char **argv;
	bool json;
	bool stream; /* JSON comes as lines, errors too */

	/* Filled by options_parse(). */
	const char *path;
	const char *operand; /* the second one, or NULL */
	struct ring_options ring;

	struct ring_fault fault; /* ring.fault points here */
	json_t *detail; /* for an error document: its further members */
};

int cmd_create(struct call *call);
int cmd_info(struct call *call);
int cmd_produce(struct call *call);
int cmd_consume(struct call *call);
int cmd_dump(struct call *call);
int cmd_suspend(struct call *call);
int cmd_resume(struct call *call);
int cmd_check(struct call *call);
int cmd_repair(struct call *call);
int cmd_consumer_add(struct call *call);
int cmd_consumer_remove(struct call *call);
int cmd_consumer_list(struct call *call);
int cmd_erase(struct call *call);
int cmd_watch(struct call *call);
int cmd_journal_push(struct call *call);
int cmd_journal_run(struct call *call);
int cmd_journal_status(struct call *call);
int cmd_torture(struct call *call);
int cmd_bench(struct call *call);

#endif
