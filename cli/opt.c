/* Option parsing and help, both from a command's table. */
#include "cli/opt.h"

#include "cli/cmd.h"
#include "engine/base/text.h"

#include <assert.h>
#include <bsd/libutil.h>
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 30, SHOWN_MAX = 200 };

/* Long options are numbers for getopt_long, from above all letters on. */
enum { LONG_FIRST = 1 << 10 };

const struct opt_row opt_common[] = {
    {OPT_LANG, "lang", "pt|es|en", "language of the messages"},
    {'v', "verbose", NULL, "say more"},
    {'q', "quiet", NULL, "say only what went wrong"},
    {0, NULL, NULL, NULL},
};

static const struct opt_row help_row[] = {
    {OPT_HELP, "help", NULL, "print this help"},
    {0, NULL, NULL, NULL},
};

/* The n-th group's rows, the help row last of all; NULL after it. */
static const struct opt_row *
group_rows(const struct opt_command *cmd, size_t n)
{
	size_t used = 0;

	while (used < OPT_GROUPS && cmd->groups[used] != NULL)
		used++;
	if (n < used)
		return cmd->groups[n];
	return n == used ? help_row : NULL;
}

static bool
is_letter(int id)
{
	return id > ' ' && id < 127;
}

void
opt_begin(struct opt *o, const struct opt_command *cmd, int argc, char **argv)
{
	const struct opt_row *row;
	size_t group, n = 0, l = 0;

	memset(o, 0, sizeof(*o));
	o->cmd = cmd;
	o->argc = argc;
	o->argv = argv;
	/* ':' first: a missing argument is told apart from a wrong option. */
	if (cmd->operands_end)
		o->letters[l++] = '+';
	o->letters[l++] = ':';
	for (group = 0; (row = group_rows(cmd, group)) != NULL; group++)
		for (; row->name != NULL; row++) {
			assert(n <= OPT_MAX);
			o->longs[n].name = row->name;
			o->longs[n].has_arg =
			    row->arg != NULL ? required_argument : no_argument;
			o->longs[n].val = LONG_FIRST + (int)n;
			o->rows[n++] = row;
			if (!is_letter(row->id))
				continue;
			o->letters[l++] = (char)row->id;
			if (row->arg != NULL)
				o->letters[l++] = ':';
		}
	optind = 0; /* glibc: forget an earlier parse */
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

/* The row of what getopt_long returned. */
static const struct opt_row *
row_of(const struct opt *o, int got)
{
	size_t i = 0;

	if (got >= LONG_FIRST)
		return o->rows[got - LONG_FIRST];
	while (o->rows[i]->id != got)
		i++;
	return o->rows[i];
}

int
opt_next(struct opt *o)
{
	const struct opt_row *row;
	int got = getopt_long(o->argc, o->argv, o->letters, o->longs, NULL);

	if (got == -1) {
		o->first = optind;
		return OPT_END;
	}
	if (got == ':' || got == '?') {
		complain(o, got);
		return OPT_STOP;
	}
	row = row_of(o, got);
	if (row->id == OPT_HELP) {
		opt_help(o->cmd);
		o->exit_code = EXIT_OK;
		return OPT_STOP;
	}
	o->arg = optarg;
	o->given = row->name;
	return row->id;
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
	text_escape(shown, sizeof(shown), text);
	fprintf(stderr, "erpsync %s: %s\n", o->cmd->name, shown);
	fprintf(stderr, "Try 'erpsync %s --help'.\n", o->cmd->name);
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

bool
opt_number(struct opt *o, int64_t least, int64_t most, int64_t *out)
{
	const char *why = NULL;
	long long v = strtonum(o->arg, least, most, &why);

	if (why != NULL) {
		(void)opt_usage(o, "--%s: '%s' is %s", o->given, o->arg, why);
		return false;
	}
	*out = v;
	return true;
}

bool
opt_size(struct opt *o, uint64_t *out)
{
	/* expand_number takes a sign and wraps it around, and cuts digits that
	 * are too many, which only errno tells: both are refused here. */
	errno = 0;
	if (o->arg[0] >= '0' && o->arg[0] <= '9' &&
	    expand_number(o->arg, out) == 0 && errno == 0)
		return true;
	(void)opt_usage(
	    o, "--%s: '%s' is not a size like 64k or 2m", o->given, o->arg);
	return false;
}

bool
opt_choice(struct opt *o, const char *const *names, int *out)
{
	char list[SHOWN_MAX] = "";
	int i;

	for (i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], o->arg) == 0) {
			*out = i;
			return true;
		}
		if (i > 0)
			(void)strlcat(list, ", ", sizeof(list));
		(void)strlcat(list, names[i], sizeof(list));
	}
	(void)opt_usage(o, "--%s: '%s' is none of %s", o->given, o->arg, list);
	return false;
}

static void
help_row_print(const struct opt_row *row)
{
	char left[SHOWN_MAX];
	int n = snprintf(left, sizeof(left), "--%s%s%s", row->name,
	    row->arg != NULL ? "=" : "", row->arg != NULL ? row->arg : "");

	if (is_letter(row->id))
		printf("  -%c, %s", row->id, left);
	else
		printf("      %s", left);
	/* A long left side puts its help on the next line. */
	if (n + 6 >= HELP_COLUMN - 1)
		printf("\n%*s%s\n", HELP_COLUMN, "", row->help);
	else
		printf("%*s%s\n", HELP_COLUMN - 6 - n, "", row->help);
}

void
opt_help(const struct opt_command *cmd)
{
	const struct opt_row *row;
	size_t group;

	printf("Usage: erpsync %s [OPTION]...%s%s\n", cmd->name,
	    cmd->operands[0] != '\0' ? " " : "", cmd->operands);
	printf("%s\n\n", cmd->summary);
	for (group = 0; (row = group_rows(cmd, group)) != NULL; group++)
		for (; row->name != NULL; row++)
			help_row_print(row);
}
