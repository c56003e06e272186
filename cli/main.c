/*
 * The program's entry: which command is meant, help on all of them, and the
 * exit code of the one that runs.  Which commands there are is told by
 * cli/role.
 */
#include "cli/cmd.h"

#include "cli/config/settings.h"
#include "cli/failure.h"
#include "cli/messages/messages.h"
#include "cli/opt.h"
#include "cli/role/role.h"
#include "cli/signals.h"
#include "cli/stack.h"
#include "cli/streams.h"
#include "engine/base/err.h"
#include "engine/base/text.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static void
help(FILE *out)
{
	const struct command_table *table;
	const struct command *c;

	fprintf(out,
	    "Usage: erpsync COMMAND [OPTION]...\n"
	    "Keep the client folders of an ERP equal to its server's.\n");
	for (table = role_commands; table->rows != NULL; table++) {
		fprintf(out, "\n%s:\n", table->head);
		for (c = table->rows; c->name != NULL; c++)
			fprintf(out, "  %-12s%s\n", c->name, c->summary);
	}
	fprintf(out,
	    "\n'erpsync help COMMAND' tells a command's options, 'erpsync help "
	    "settings' the\nkeys of the INI files; erpsync(1) has the exit "
	    "codes.\n");
}

/* NULL: this program has no such command. */
static const struct command *
find_command(const char *name)
{
	const struct command_table *table;
	const struct command *c;

	for (table = role_commands; table->rows != NULL; table++)
		for (c = table->rows; c->name != NULL; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	return NULL;
}

static int
run_command(int argc, char **argv)
{
	const struct command *c = find_command(argv[0]);
	char shown[64];
	struct err e;

	if (c != NULL)
		return c->run(argc, argv);
	text_escape(shown, sizeof(shown), argv[0]);
	(void)err_set(&e, ERP_USAGE, "there is no command '%s'", shown);
	messages_plain(stderr, opt_lang(argc, argv), &e);
	return EXIT_USAGE;
}

/* The names of commands that begin so. */
static void
complete_name(const char *begun)
{
	const struct command_table *table;
	const struct command *c;

	for (table = role_commands; table->rows != NULL; table++)
		for (c = table->rows; c->name != NULL; c++)
			if (strncmp(c->name, begun, strlen(begun)) == 0)
				printf("%s\t%s\n", c->name, c->summary);
}

/* complete WORD...: for a shell, what may be the last word (opt.h). */
static int
complete(int argc, char **argv)
{
	char option[] = "--" OPT_COMPLETE;
	const struct command *c;

	if (argc <= 2 || (argc == 3 && strcmp(argv[1], "help") == 0)) {
		complete_name(argc < 2 ? "" : argv[argc - 1]);
		return EXIT_OK;
	}
	if ((c = find_command(argv[1])) == NULL)
		return EXIT_OK;
	/* It has a command line of its own, which is for files. */
	if (c->run == cmd_rdiff) {
		printf("@files\n");
		return EXIT_OK;
	}
	argv[0] = argv[1];
	argv[1] = option;
	return c->run(argc, argv);
}

/* The command that the program's own name is of: rdiff, by a link to it. */
static const struct command *
called_command(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;

	if (argc < 1 || strcmp(slash != NULL ? slash + 1 : argv[0], "rdiff"))
		return NULL;
	return find_command("rdiff");
}

static int
dispatch(int argc, char **argv)
{
	char help_option[] = "--help";
	char *help_argv[] = {NULL, help_option, NULL};
	const struct command *called;

	if ((called = called_command(argc, argv)) != NULL)
		return called->run(argc, argv);
	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("erpsync %s\n", ERPSYNC_VERSION);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "complete") == 0)
		return complete(argc - 1, argv + 1);
	if (strcmp(argv[1], "help") == 0 && argc > 2 &&
	    strcmp(argv[2], "settings") == 0) {
		settings_help(stdout);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "help") == 0 && argc > 2 && argv[2][0] != '-') {
		help_argv[0] = argv[2];
		return run_command(2, help_argv);
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		help(stdout);
		return EXIT_OK;
	}
	return run_command(argc - 1, argv + 1);
}

int
main(int argc, char **argv)
{
	int status, lost;
	struct err e;

	streams_open();
	argv = streams_arguments(&argc, argv);
	if (stack_settle(&e) != 0) {
		messages_plain(stderr, opt_lang(argc, argv), &e);
		return failure_exit(e.code);
	}
	signals_unblock();
	/* A peer or a pager that goes away is an error to report, not a
	 * reason to die in the middle of an update. */
	signals_survive();
	(void)setlocale(LC_CTYPE, "");
	status = dispatch(argc, argv);
	/* A report that never reached its file must not look like success. */
	lost = streams_flush();
	if (lost != 0 && lost != EPIPE) {
		(void)err_sys(&e, lost, "write", "standard output");
		messages_plain(stderr, opt_lang(argc, argv), &e);
		if (status == EXIT_OK)
			status = EXIT_FILE_IO;
	}
	return streams_end(status);
}
