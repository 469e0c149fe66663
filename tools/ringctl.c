#include "tools/cmd.h"
#include "tools/report.h"
#include "tools/standard_fds.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct cmd cmds[] = {
	{ "create", "PATH", "make a ring on a file or device", 1, cmd_create },
	{ "info", "PATH", "show geometry, positions, owners, backlog", 1,
	  cmd_info },
	{ "produce", "PATH", "put items from standard input on the ring", 1,
	  cmd_produce },
	{ "consume", "PATH", "write items to standard output", 1, cmd_consume },
	{ "dump", "PATH", "list records as they are stored", 1, cmd_dump },
	{ "suspend", "PATH", "ask the producer to stop writing", 1,
	  cmd_suspend },
	{ "resume", "PATH", "ask the producer to go on", 1, cmd_resume },
	{ "check", "PATH", "verify everything, changing nothing", 1,
	  cmd_check },
	{ "repair", "PATH", "plan the repair of damage, or do it", 1,
	  cmd_repair },
	{ "consumer add", "PATH NAME", "let a consumer join", 2,
	  cmd_consumer_add },
	{ "consumer remove", "PATH NAME", "let a consumer leave", 2,
	  cmd_consumer_remove },
	{ "consumer list", "PATH", "list the consumers", 1, cmd_consumer_list },
	{ "erase", "PATH", "make it no ring any more", 1, cmd_erase },
	{ "watch", "PATH", "show rates and backlog as they change", 1,
	  cmd_watch },
	{ "journal push", "PATH", "push operations from standard input", 1,
	  cmd_journal_push },
	{ "journal run", "PATH", "perform each with '-- COMMAND [ARG]...'", 1,
	  cmd_journal_run },
	{ "journal status", "PATH", "show what waits to be performed", 1,
	  cmd_journal_status },
	{ "torture", "PATH", "kill processes at work, look for lost items", 1,
	  cmd_torture },
	{ "bench", "PATH", "measure a ring beside the bare storage", 1,
	  cmd_bench },
};
enum { CMD_COUNT = sizeof(cmds) / sizeof(cmds[0]) };

static void print_usage(FILE *out)
{
	fprintf(out, "Usage: ringctl COMMAND PATH [OPTION]...\n\nCommands:\n");
	for (size_t i = 0; i < CMD_COUNT; i++)
		fprintf(out, "  %-15s %-10s %s\n", cmds[i].name,
			cmds[i].operands, cmds[i].summary);
	fprintf(out, "\nPATH is a file or a block device. "
		     "'ringctl COMMAND --help' lists the options.\n");
}

/* The words of the command line that name the row; 0 if it is another. */
static int words_of(const struct cmd *cmd, int argc, char **argv)
{
	const char *space = strchr(cmd->name, ' ');
	size_t first =
		space == NULL ? strlen(cmd->name) : (size_t)(space - cmd->name);

	/* Exact names only: a prefix would be an interface for ever. */
	if (strlen(argv[0]) != first || strncmp(argv[0], cmd->name, first) != 0)
		return 0;
	if (space == NULL)
		return 1;
	return argc > 1 && strcmp(argv[1], space + 1) == 0 ? 2 : 0;
}

static const struct cmd *find_cmd(int argc, char **argv, int *ret_words)
{
	for (size_t i = 0; i < CMD_COUNT; i++) {
		int words = words_of(&cmds[i], argc, argv);

		if (words > 0) {
			*ret_words = words;
			return &cmds[i];
		}
	}
	return NULL;
}

/* Looked for early, for the errors of parsing shall be JSON too. */
static bool asks_for_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0)
			return true;
	return false;
}

static int unknown_command(int argc, char **argv)
{
	const struct cmd top = { .name = "" };
	const struct call call = {
		.cmd = &top,
		.json = asks_for_json(argc, argv),
	};

	if (argc == 0)
		return report_usage(&call, "no command given");
	if (strcmp(argv[0], "consumer") == 0)
		return report_usage(&call,
				    "'consumer' needs add, remove or list");
	if (strcmp(argv[0], "journal") == 0)
		return report_usage(&call,
				    "'journal' needs push, run or status");
	return report_usage(&call, "unknown command '%s'", argv[0]);
}

static int run_cmd(int argc, char **argv)
{
	struct call call = { .json = false };
	int words = 0, rc;

	call.cmd = argc == 0 ? NULL : find_cmd(argc, argv, &words);
	if (call.cmd == NULL)
		return unknown_command(argc, argv);
	call.argc = argc - words + 1;
	call.argv = argv + words - 1;
	call.json = asks_for_json(call.argc, call.argv);
	rc = call.cmd->run(&call);
	json_decref(call.detail);
	return rc;
}

/* A full disk or a closed pipe shows only here: do not report success. */
static int flush_stdout(int rc)
{
	bool failed = ferror(stdout) != 0;

	if (fflush(stdout) != 0)
		report_note("cannot write to standard output: %s",
			    ring_strerror(-errno));
	else if (failed)
		report_note("cannot write to standard output");
	else
		return rc;
	return rc == EXIT_OK ? EXIT_ERROR : rc;
}

int main(int argc, char **argv)
{
	int rc = EXIT_OK;

	if (standard_fds_fill() < 0)
		return EXIT_ERROR;
	if (argc > 1 &&
	    (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		print_usage(stdout);
	else if (argc > 1 && strcmp(argv[1], "--version") == 0)
		puts("ringctl " BLKRING_VERSION);
	else
		rc = run_cmd(argc > 0 ? argc - 1 : 0, argv + 1);
	return flush_stdout(rc);
}
