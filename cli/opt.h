#ifndef ERPSYNC_CLI_OPT_H
#define ERPSYNC_CLI_OPT_H

/*
 * Options of one command: a table says name, argument and help text; the
 * parser (on getopt_long(3)) and `erpsync COMMAND --help` both come from it.
 * Complaints go to stderr, help to stdout; the caller only returns the exit
 * code it is given:
 *
 *	opt_begin(&o, &command, argc, argv);
 *	while ((id = opt_next(&o)) > 0)
 *		switch (id) {
 *		case 'd':
 *			dir = o.arg;
 *			break;
 *		}
 *	if (id < 0)
 *		return o.exit_code;
 *	operands are argv[o.first] .. argv[argc - 1]
 *
 * getopt_long keeps its own state in the process: one parse at a time.
 */

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPT_MAX = 48, OPT_GROUPS = 4 };

/* What opt_next returns when it does not return an id. */
enum { OPT_END = 0, OPT_STOP = -1 };

/* The ids of opt_common's rows; a command's own long-only ids start above. */
enum { OPT_LANG = 256, OPT_HELP, OPT_OWN };

/* A printable id is the short option too; from OPT_OWN on: long only. */
struct opt_row {
	int id;
	const char *name; /* long name; NULL ends the rows */
	const char *arg; /* what the argument is called, or NULL: none */
	const char *help; /* one line */
};

struct opt_command {
	const char *name;
	const char *operands; /* after the options in the usage, or "" */
	const char *summary; /* one sentence */
	const struct opt_row *groups[OPT_GROUPS]; /* shown in this order */
	bool operands_end; /* the first operand ends the options */
};

/* --lang, --verbose, --quiet: for every command that speaks to people.
 * --help is part of every command by itself. */
extern const struct opt_row opt_common[];

struct opt {
	const struct opt_command *cmd;
	int argc;
	char **argv;
	const char *arg; /* argument of the option just returned, or NULL */
	const char *given; /* long name of the option just returned */
	int first; /* after OPT_END: the first operand's index in argv */
	int exit_code; /* after OPT_STOP, or a false from a value */
	const struct opt_row *rows[OPT_MAX + 1]; /* of the long options */
	struct option longs[OPT_MAX + 2];
	char letters[2 * OPT_MAX + 4];
};

/* argv[0] is the command's name. */
void opt_begin(
    struct opt *o, const struct opt_command *cmd, int argc, char **argv);

/* The id of the next option, OPT_END, or OPT_STOP when the help or a
 * complaint was printed: then return o->exit_code. */
int opt_next(struct opt *o);

/* Print a complaint and where the help is; returns EXIT_USAGE, which is also
 * set in o->exit_code. */
int opt_usage(struct opt *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* After OPT_END: are there least..most operands?  Complains if not. */
bool opt_operands(struct opt *o, int least, int most);

/* The value of the option just returned; false after a complaint. */
bool opt_number(struct opt *o, int64_t least, int64_t most, int64_t *out);
bool opt_size(struct opt *o, uint64_t *out); /* 256k, 1.5 is not one */
bool opt_choice(struct opt *o, const char *const *names, int *out);

/* The command's help on stdout. */
void opt_help(const struct opt_command *cmd);

#endif
