/*
 * The program's entry: the table of commands, its help, and the exit code of
 * the command that runs.  Everything else of the command line lies below.
 */
#include "cli/cmd.h"

#include "engine/base/text.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
};

static const struct command commands[] = {
    {"serve", cmd_serve, "serve the update folders of AppServer.ini"},
    {"publish", cmd_publish, "check and publish the update folders once"},
    {"update", cmd_update, "make a client folder equal to the server's"},
    {"check", cmd_check, "show what an update would change and cost"},
    {"run", cmd_run, "update, then become the program"},
    {"rollback", cmd_rollback, "bring back a backup of a client folder"},
    {"recover", cmd_recover, "finish or undo an interrupted update"},
    {"verify", cmd_verify, "compare a client folder with its release"},
    {"history", cmd_history, "list the backups of a client folder"},
    {"signature", cmd_signature, "write the signature of a file"},
    {"delta", cmd_delta, "write the delta from a signature to a file"},
    {"patch", cmd_patch, "rebuild a file from its basis and a delta"},
};

static void
help(FILE *out)
{
	size_t i;

	fprintf(out,
	    "Usage: erpsync COMMAND [OPTION]...\n"
	    "Keep the client folders of an ERP equal to its server's."
	    "\n\nCommands:\n");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(
		    out, "  %-12s%s\n", commands[i].name, commands[i].summary);
	fprintf(out,
	    "\n'erpsync COMMAND --help' tells a command's options; "
	    "erpsync(1) has\nthe exit codes.\n");
}

static int
run_command(int argc, char **argv)
{
	char shown[64];
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, argv[0]) == 0)
			return commands[i].run(argc, argv);
	text_escape(shown, sizeof(shown), argv[0]);
	fprintf(stderr,
	    "erpsync: there is no command '%s'\nTry 'erpsync --help'.\n",
	    shown);
	return EXIT_USAGE;
}

static int
dispatch(int argc, char **argv)
{
	char help_option[] = "--help";
	char *help_argv[] = {NULL, help_option, NULL};

	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("erpsync %s\n", ERPSYNC_VERSION);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "help") == 0 && argc > 2) {
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
	int status;

	/* A peer or a pager that goes away is an error to report, not a
	 * reason to die in the middle of an update. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)setlocale(LC_CTYPE, "");
	status = dispatch(argc, argv);
	/* A report that never reached its file must not look like success. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_OK) {
		fprintf(stderr, "erpsync: write standard output: %s\n",
		    strerror(errno));
		status = EXIT_FILE_IO;
	}
	return status;
}
