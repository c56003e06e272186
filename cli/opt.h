#ifndef ERPSYNC_CLI_OPT_H
#define ERPSYNC_CLI_OPT_H

/*
 * Options of one command: a table says name, argument, what the argument is
 * and where it goes, its bounds, what it is when it is not given, and the
 * help.  The parser (on getopt_long(3)) and `erpsync COMMAND --help` both come
 * from it.  Complaints go to stderr, help to stdout; the caller only returns
 * the exit code it is given:
 *
 *	opt_begin(&o, &command, argc, argv);
 *	memset(&values, 0, sizeof(values));
 *	if (opt_parse(&o, &values) == OPT_STOP)
 *		return o.exit_code;
 *	operands are argv[o.first] .. argv[argc - 1]
 *
 * getopt_long keeps its own state in the process: one parse at a time.
 */

#include "cli/messages/messages.h"
#include "cli/said.h"

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPT_MAX = 64, OPT_GROUPS = 5 };

/* What opt_parse returns. */
enum { OPT_END = 0, OPT_STOP = -1 };

struct opt;

struct opt_row {
	char letter; /* of the short option; 0: long only */
	const char *name; /* long name; NULL ends the rows */
	/* What the argument is called, or its words between '|'; NULL: none. */
	const char *arg;
	/* One line, without bounds and preset; NULL: not told. */
	const char *help;
	/* Take o->arg into the field out; false after opt_usage. */
	bool (*take)(struct opt *o, void *out);
	size_t offset; /* of that field in the struct of the group */
	int64_t least, most; /* bounds of a number */
	/* Taken when the option is not given; without: what is there. */
	const char *preset;
	bool may_lack; /* the argument may be left out, and is NULL then */
};

struct opt_group {
	const struct opt_row *rows; /* NULL ends the groups */
	size_t offset; /* of what they fill in the command's values */
};

struct opt_command {
	const char *name;
	const char *operands; /* after the options in the usage, or "" */
	const char *summary; /* one sentence */
	struct opt_group groups[OPT_GROUPS]; /* shown in this order */
	bool operands_end; /* the first operand ends the options */
	const char *failed; /* what a failure begins with, as K2, or "" */
};

/* --lang and --quiet, which fill a struct opt_speech, for every command.
 * --help is part of every command by itself. */
extern const struct opt_row opt_common[];

struct opt_speech {
	const char *language; /* of --lang, or NULL */
	enum lang lang; /* the same, else that of the locale */
	bool quiet;
};

struct opt {
	const struct opt_command *cmd;
	int argc;
	char **argv;
	const struct opt_row *row; /* of the option that is being taken */
	const char *arg; /* its argument, or NULL */
	int first; /* after OPT_END: the first operand's index in argv */
	enum lang lang; /* of complaints */
	struct said said; /* the last one */
	int exit_code; /* after OPT_STOP or a complaint */
	const struct opt_row *rows[OPT_MAX + 1]; /* of the long options */
	size_t bases[OPT_MAX + 1]; /* offsets of their groups */
	struct option longs[OPT_MAX + 2];
	char letters[2 * OPT_MAX + 4];
};

/* The language of who has no INI file: --lang wherever it stands, else that of
 * the locale. */
enum lang opt_lang(int argc, char **argv);

/* argv[0] is the command's name. */
void opt_begin(
    struct opt *o, const struct opt_command *cmd, int argc, char **argv);

/* Presets first, then all options into values, the command's struct: OPT_END,
 * or OPT_STOP when the help or a complaint was printed: then return
 * o->exit_code.  Texts stay those of argv. */
int opt_parse(struct opt *o, void *values);

/* After OPT_END once more, without presets: what was set in between stays
 * where no option says otherwise. */
int opt_parse_again(struct opt *o, void *values);

/* Print a complaint and where the help is; returns EXIT_USAGE, which is also
 * set in o->exit_code. */
int opt_usage(struct opt *o, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* After OPT_END: are there least..most operands?  Complains if not. */
bool opt_operands(struct opt *o, int least, int most);

/* Ways to take an argument, by the type of the field. */
bool opt_flag(struct opt *o, void *out); /* bool: it is given */
bool opt_text(struct opt *o, void *out); /* const char * */
bool opt_number(struct opt *o, void *out); /* uint32_t, least..most */
bool opt_integer(struct opt *o, void *out); /* int, the same */
bool opt_seconds(struct opt *o, void *out); /* uint32_t, milliseconds */
bool opt_size(struct opt *o, void *out); /* uint64_t; 256k, 1.5 is not one */
bool opt_rate(struct opt *o, void *out); /* the same; in KiB without a letter */
/* int: which of the words that the row's arg has between '|'. */
bool opt_choice(struct opt *o, void *out);
/* int: an enum progress_mode, which the row's arg names from PROGRESS_BAR on;
 * without an argument PROGRESS_AUTO. */
bool opt_progress(struct opt *o, void *out);
bool opt_pattern(struct opt *o, void *out); /* struct names: one more */

/* The command's help on stdout. */
void opt_help(const struct opt_command *cmd);

/*
 * What may stand next on a command line, for the completion of a shell: with
 * this option first come the words behind the command's name, the last of them
 * as far as it is written.  Prints a line for each continuation, with its help
 * behind a tab; "@dirs" and "@files" stand for names that the shell finds.  A
 * '=' may be part of a word, or one of its own.
 */
#define OPT_COMPLETE "{complete}"
bool opt_complete(struct opt *o, void *out);

#endif
