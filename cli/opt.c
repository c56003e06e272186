/*
 * Between argv and a command: option parsing and help, both from the
 * command's table.  What an argument may be is on top of it, in opt_take.c.
 */
#include "cli/opt.h"

#include "cli/cmd.h"
#include "cli/messages/details.h"
#include "engine/base/text.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Help is for any terminal: lines of less than 80 columns. */
enum { HELP_COLUMN = 30, HELP_COLUMNS = 79, SHOWN_MAX = 200 };

/* Long options are numbers for getopt_long, from above all letters on. */
enum { LONG_FIRST = 1 << 10 };

static bool
take_help(struct opt *o, void *out)
{
	(void)out;
	opt_help(o->cmd);
	o->exit_code = EXIT_OK;
	return false;
}

static const struct opt_row help_row[] = {
    {'h', "help", NULL, "print this help", take_help, .offset = 0},
    {0, OPT_COMPLETE, NULL, NULL, opt_complete, .offset = 0},
    {.name = NULL},
};

/* The n-th group, that of the help row last of all; without rows after it. */
static struct opt_group
group_at(const struct opt_command *cmd, size_t n)
{
	const struct opt_group last = {help_row, 0}, none = {NULL, 0};
	size_t used = 0;

	while (used < OPT_GROUPS && cmd->groups[used].rows != NULL)
		used++;
	if (n < used)
		return cmd->groups[n];
	return n == used ? last : none;
}

/* Make row the n-th of those that getopt_long knows; l letters are used. */
static void
add_row(struct opt *o, const struct opt_row *row, size_t n, size_t *l)
{
	assert(n < OPT_MAX);
	assert(row->take != NULL);
	o->longs[n].name = row->name;
	o->longs[n].has_arg = row->arg == NULL ? no_argument
	    : row->may_lack                    ? optional_argument
					       : required_argument;
	o->longs[n].val = LONG_FIRST + (int)n;
	o->rows[n] = row;
	if (row->letter == 0)
		return;
	o->letters[(*l)++] = row->letter;
	if (row->arg != NULL)
		o->letters[(*l)++] = ':';
}

enum lang
opt_lang(int argc, char **argv)
{
	const char *option = NULL;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strncmp(argv[i], "--lang=", 7) == 0)
			option = argv[i] + 7;
		else if (strcmp(argv[i], "--lang") == 0)
			option = argv[i + 1]; /* NULL ends argv */
	}
	return lang_choose(option, 0, lang_locale());
}

void
opt_begin(struct opt *o, const struct opt_command *cmd, int argc, char **argv)
{
	const struct opt_row *row;
	struct opt_group group;
	size_t i, n = 0, l = 0;

	memset(o, 0, sizeof(*o));
	o->cmd = cmd;
	o->argc = argc;
	o->argv = argv;
	o->lang = opt_lang(argc, argv);
	/* ':' first: a missing argument is told apart from a wrong option. */
	if (cmd->operands_end)
		o->letters[l++] = '+';
	o->letters[l++] = ':';
	for (i = 0; (group = group_at(cmd, i)).rows != NULL; i++)
		for (row = group.rows; row->name != NULL; row++) {
			add_row(o, row, n, &l);
			o->bases[n++] = group.offset;
		}
	opterr = 0;
}

/* What the person wrote that could not be understood. */
static void
complain(struct opt *o, int got)
{
	const char *word = o->argv[optind - 1];

	/* optopt: a letter, a long option's number, or 0 for no option. */
	if (optopt >= LONG_FIRST) {
		word = o->rows[optopt - LONG_FIRST]->name;
		(void)opt_usage(o,
		    got == ':' ? "option --%s needs an argument"
			       : "option --%s takes no argument",
		    word);
	} else if (optopt == 0) {
		(void)opt_usage(
		    o, "there is no option %s, or it is ambiguous", word);
	} else {
		(void)opt_usage(o,
		    got == ':' ? "option -%c needs an argument"
			       : "there is no option -%c",
		    optopt);
	}
}

/* The number of the row of what getopt_long returned. */
static size_t
row_of(const struct opt *o, int got)
{
	size_t i = 0;

	if (got >= LONG_FIRST)
		return (size_t)(got - LONG_FIRST);
	for (;; i++) {
		assert(o->rows[i] != NULL);
		if (o->rows[i]->letter == got)
			return i;
	}
}

/* Take arg as that of row i. */
static bool
take(struct opt *o, size_t i, const char *arg, void *values)
{
	o->row = o->rows[i];
	o->arg = arg;
	return o->row->take(
	    o, (unsigned char *)values + o->bases[i] + o->row->offset);
}

int
opt_parse(struct opt *o, void *values)
{
	bool taken;
	size_t i;

	for (i = 0; o->rows[i] != NULL; i++)
		if (o->rows[i]->preset != NULL) {
			taken = take(o, i, o->rows[i]->preset, values);
			assert(taken);
			(void)taken;
		}
	return opt_parse_again(o, values);
}

int
opt_parse_again(struct opt *o, void *values)
{
	int got;

	optind = 0; /* glibc: from the start */
	while ((got = getopt_long(
		    o->argc, o->argv, o->letters, o->longs, NULL)) != -1) {
		if (got == ':' || got == '?') {
			complain(o, got);
			return OPT_STOP;
		}
		if (!take(o, row_of(o, got), optarg, values))
			return OPT_STOP;
	}
	o->first = optind;
	return OPT_END;
}

/* As any other failure of the command. */
static void
tell_failure(struct opt *o, const char *complaint)
{
	const char *first = o->cmd->failed[0] != '\0' ? o->cmd->failed : NULL;
	char detail[DETAIL_MAX], what[SAID_WHAT_MAX], act[SHOWN_MAX];

	details_text(o->lang, complaint, detail);
	(void)snprintf(what, sizeof(what), "%s: %s",
	    messages_coded(o->lang, UPD038), detail);
	(void)snprintf(
	    act, sizeof(act), messages_text(o->lang, CLI040), o->cmd->name);
	said_text(&o->said, o->lang, first, what, act);
}

int
opt_usage(struct opt *o, const char *fmt, ...)
{
	char text[2 * SHOWN_MAX], shown[2 * SHOWN_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* The command line may come from a script that took it elsewhere. */
	text_escape_rest(shown, sizeof(shown), text);
	tell_failure(o, shown);
	o->exit_code = EXIT_USAGE;
	return EXIT_USAGE;
}

bool
opt_operands(struct opt *o, int least, int most)
{
	int n = o->argc - o->first;

	if (n >= least && n <= most)
		return true;
	if (n > most)
		(void)opt_usage(
		    o, "'%s' is one word too many", o->argv[o->first + most]);
	else
		(void)opt_usage(o, "needs %s", o->cmd->operands);
	return false;
}

/* Bounds of a number, and what it is when it is not given, if it is anything:
 * "; 1..60 (30)", " (default linux)". */
static void
bounds_text(char out[SHOWN_MAX], const struct opt_row *row)
{
	int n = 0;

	out[0] = '\0';
	if (row->most > 0)
		n = snprintf(out, SHOWN_MAX, "; %" PRId64 "..%" PRId64,
		    row->least, row->most);
	if (row->preset != NULL && row->preset[0] != '\0')
		(void)snprintf(out + n, SHOWN_MAX - (size_t)n,
		    isdigit((unsigned char)row->preset[0]) ? " (%s)"
							   : " (default %s)",
		    row->preset);
}

/* Print text, which begins in column margin, in lines that do; a new line in
 * it is one. */
static void
lines_print(const char *text, size_t margin)
{
	size_t column = margin, len;

	for (; *text != '\0'; text += len + strspn(text + len, " ")) {
		len = strcspn(text, " \n");
		if (*text == '\n' ||
		    (column > margin && column + 1 + len > HELP_COLUMNS)) {
			printf("\n%*s", (int)margin, "");
			column = margin;
			len = *text == '\n';
			continue;
		}
		printf("%s%.*s", column > margin ? " " : "", (int)len, text);
		column += len + (column > margin);
	}
	(void)putchar('\n');
}

static void
help_row_print(const struct opt_row *row)
{
	char left[SHOWN_MAX], bounds[SHOWN_MAX], text[2 * SHOWN_MAX];
	int n = snprintf(left, sizeof(left), "--%s%s%s%s%s", row->name,
	    row->may_lack ? "[" : "", row->arg != NULL ? "=" : "",
	    row->arg != NULL ? row->arg : "", row->may_lack ? "]" : "");

	bounds_text(bounds, row);
	(void)snprintf(text, sizeof(text), "%s%s", row->help, bounds);
	if (row->letter != 0)
		printf("  -%c, %s", row->letter, left);
	else
		printf("      %s", left);
	/* A long left side puts its help on the next line. */
	if (n + 6 >= HELP_COLUMN - 1)
		printf("\n%*s", HELP_COLUMN, "");
	else
		printf("%*s", HELP_COLUMN - 6 - n, "");
	lines_print(text, HELP_COLUMN);
}

void
opt_help(const struct opt_command *cmd)
{
	const struct opt_row *row;
	size_t i;

	printf("Usage: erpsync %s [OPTION]...%s%s\n", cmd->name,
	    cmd->operands[0] != '\0' ? " " : "", cmd->operands);
	lines_print(cmd->summary, 0);
	(void)putchar('\n');
	for (i = 0; (row = group_at(cmd, i).rows) != NULL; i++)
		for (; row->name != NULL; row++)
			if (row->help != NULL)
				help_row_print(row);
}
