/*
 * rdiff's command line, exit codes and habits over the same work as
 * signature, delta and patch (cmd_delta.c): a script that calls rdiff may
 * call `erpsync rdiff`, or this program by the name rdiff.
 */
#include "cli/cmd.h"
#include "cli/file_work.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* librsync's rs_result, which is rdiff's exit code. */
enum rdiff_code {
	RDIFF_OK = 0,
	RDIFF_IO = 100,
	RDIFF_SYNTAX = 101,
	RDIFF_MEMORY = 102,
	RDIFF_INPUT_ENDED = 103,
	RDIFF_MAGIC = 104,
	RDIFF_CORRUPT = 106,
	RDIFF_INTERNAL = 107,
	RDIFF_PARAM = 108
};

struct rdiff {
	struct file_work work;
	bool statistics;
	int end; /* an exit code that ends it before there is work, or -1 */
};

static const struct action {
	const char *name;
	const char *usage;
	int least; /* files that cannot be left out */
} actions[] = {
    [VERB_SIGNATURE] = {"signature", "signature [BASIS [SIGNATURE]]", 0},
    [VERB_DELTA] = {"delta", "delta SIGNATURE [NEWFILE [DELTA]]", 1},
    [VERB_PATCH] = {"patch", "patch BASIS [DELTA [NEWFILE]]", 1},
};

static void
help(void)
{
	(void)printf("Usage: rdiff [OPTIONS] %s\n"
		     "             [OPTIONS] %s\n"
		     "             [OPTIONS] %s\n\n",
	    actions[0].usage, actions[1].usage, actions[2].usage);
	(void)fputs(
	    "A file that is - or left out is standard input or output.\n\n"
	    "  -v, --verbose            taken, and without effect\n"
	    "  -V, --version            show the version\n"
	    "  -?, -h, --help           this help\n"
	    "  -s, --statistics         tell how much was read and written\n"
	    "  -f, --force              replace files that are there\n"
	    "Of a signature:\n"
	    "  -H, --hash=ALG           blake2 (default) or md4\n"
	    "  -R, --rollsum=ALG        rabinkarp (default) or rollsum\n"
	    "  -b, --block-size=BYTES   length of a block; 0: by the size\n"
	    "  -S, --sum-size=BYTES     length of the sums; 0: the longest,\n"
	    "                           -1: the smallest safe one\n"
	    "Of buffers, taken and without effect:\n"
	    "  -I, --input-size=BYTES\n"
	    "  -O, --output-size=BYTES\n",
	    stdout);
}

static int
syntax_error(const char *what, const char *where)
{
	char shown[256];

	text_escape(shown, sizeof(shown), where);
	(void)fprintf(stderr,
	    "rdiff: %s%s\n\nTry `rdiff --help' for more information.\n", what,
	    shown);
	return RDIFF_SYNTAX;
}

/* A whole number as C writes it, least at least; else an exit code in *end. */
static int
number(const char *text, int least, int *end)
{
	char *rest;
	long v;

	errno = 0;
	v = strtol(text, &rest, 0);
	if (rest == text || *rest != '\0')
		*end = syntax_error("invalid numeric value: ", text);
	else if (errno != 0 || v < least || v > INT_MAX)
		*end = syntax_error("number too large or too small: ", text);
	else
		return (int)v;
	return 0;
}

/* Is name the second of these?  Neither of them ends it. */
static bool
is_second(const char *name, const char *first, const char *second,
    const char *what, int *end)
{
	if (strcmp(name, second) == 0)
		return true;
	if (strcmp(name, first) != 0)
		*end = syntax_error(what, name);
	return false;
}

static void
take_option(int c, const char *value, struct rdiff *r)
{
	switch (c) {
	case 'f':
		r->work.keep = false;
		break;
	case 's':
		r->statistics = true;
		break;
	case 'v':
		(void)fputs("rdiff: Library does not support trace.\n", stderr);
		break;
	case 'H':
		r->work.md4 = is_second(value, "blake2", "md4",
		    "Unknown hash algorithm: ", &r->end);
		break;
	case 'R':
		r->work.rollsum = is_second(value, "rabinkarp", "rollsum",
		    "Unknown rollsum algorithm: ", &r->end);
		break;
	case 'b':
		r->work.block_len = (uint32_t)number(value, 0, &r->end);
		break;
	case 'S':
		r->work.sum_len = number(value, -1, &r->end);
		break;
	case 'V':
		(void)printf("rdiff (erpsync %s)\n", ERPSYNC_VERSION);
		r->end = RDIFF_OK;
		break;
	case 'h':
		help();
		r->end = RDIFF_OK;
		break;
	default: /* -I and -O: our buffers have the size that is best */
		(void)number(value, 0, &r->end);
	}
}

static int
bad_option(int c, const char *arg)
{
	char letter[] = {'-', (char)optopt, '\0'};

	if (optopt > 0 && strncmp(arg, "--", 2) != 0)
		arg = letter;
	return syntax_error(
	    c == ':' ? "missing argument: " : "unknown option: ", arg);
}

static void
parse_options(int argc, char **argv, struct rdiff *r)
{
	static const struct option longs[] = {
	    {"verbose", no_argument, NULL, 'v'},
	    {"version", no_argument, NULL, 'V'},
	    {"input-size", required_argument, NULL, 'I'},
	    {"output-size", required_argument, NULL, 'O'},
	    {"hash", required_argument, NULL, 'H'},
	    {"rollsum", required_argument, NULL, 'R'},
	    {"help", no_argument, NULL, 'h'},
	    {"block-size", required_argument, NULL, 'b'},
	    {"sum-size", required_argument, NULL, 'S'},
	    {"statistics", no_argument, NULL, 's'},
	    {"stats", no_argument, NULL, 's'},
	    {"force", no_argument, NULL, 'f'}, {NULL, 0, NULL, 0}};
	int c;

	optind = 0; /* getopt starts anew */
	opterr = 0;
	while (r->end < 0 &&
	    (c = getopt_long(argc, argv, ":vVI:O:H:R:hb:S:sf", longs, NULL)) !=
		-1) {
		/* Its name for help is getopt's for what is no option. */
		if (c == '?' && strcmp(argv[optind - 1], "-?") == 0)
			c = 'h';
		if (c == '?' || c == ':')
			r->end = bad_option(c, argv[optind - 1]);
		else
			take_option(c, optarg, r);
	}
}

/* Any beginning of its name stands for an action. */
static int
find_action(const char *word)
{
	int i;

	for (i = 0; i < (int)(sizeof(actions) / sizeof(actions[0])); i++)
		if (word != NULL &&
		    strncmp(actions[i].name, word, strlen(word)) == 0)
			return i;
	return -1;
}

static void
parse_files(int n, char **words, struct rdiff *r)
{
	int verb = find_action(n > 0 ? words[0] : NULL), files, i;

	if (verb < 0) {
		r->end = syntax_error("You must specify an action: "
				      "`signature', `delta', or `patch'.",
		    "");
		return;
	}
	r->work.verb = (enum file_verb)verb;
	files = file_verb_files(r->work.verb);
	if (n - 1 > files)
		r->end = syntax_error("Too many arguments.", "");
	else if (n - 1 < actions[verb].least)
		r->end = syntax_error(
		    "Usage: rdiff [OPTIONS] ", actions[verb].usage);
	for (i = 0; i < files; i++)
		r->work.path[i] = i + 1 < n ? words[i + 1] : "-";
}

/* rdiff's exit code for a failure, and its name for that. */
static enum rdiff_code
code_of(int code, enum file_flaw flaw)
{
	if (flaw == FLAW_KIND)
		return RDIFF_MAGIC;
	if (flaw == FLAW_END)
		return RDIFF_INPUT_ENDED;
	if (code == ERP_CORRUPT || code == ERP_MISMATCH)
		return RDIFF_CORRUPT;
	if (code == ERP_NOMEM)
		return RDIFF_MEMORY;
	if (code == ERP_USAGE)
		return RDIFF_PARAM;
	return code == ERP_INTERNAL ? RDIFF_INTERNAL : RDIFF_IO;
}

static const char *
name_of(enum rdiff_code code)
{
	static const char *const names[] = {
	    [RDIFF_IO - RDIFF_IO] = "IO error",
	    [RDIFF_MEMORY - RDIFF_IO] = "out of memory",
	    [RDIFF_INPUT_ENDED - RDIFF_IO] = "unexpected end of input",
	    [RDIFF_MAGIC - RDIFF_IO] = "bad magic number at start of stream",
	    [RDIFF_CORRUPT - RDIFF_IO] = "stream corrupt",
	    [RDIFF_INTERNAL - RDIFF_IO] = "library internal error",
	    [RDIFF_PARAM - RDIFF_IO] = "invalid parameter",
	};

	return names[code - RDIFF_IO];
}

static int
fail(const struct rdiff *r, const struct err *e)
{
	const char *output = r->work.path[file_verb_files(r->work.verb) - 1];
	enum rdiff_code code = code_of(e->code, r->work.flaw);
	char shown[256];

	if (e->sys == EEXIST) {
		text_escape(shown, sizeof(shown), output);
		(void)fprintf(stderr,
		    "rdiff: File exists \"%s\", aborting! -f replaces it.\n",
		    shown);
		return RDIFF_IO;
	}
	(void)fprintf(
	    stderr, "rdiff: %s\nrdiff: Failed, %s.\n", e->msg, name_of(code));
	return (int)code;
}

int
cmd_rdiff(int argc, char **argv)
{
	const struct clock *clock = clock_real();
	struct rdiff r = {.work = {.keep = true}, .end = -1};
	uint64_t start = clock_ms(clock);
	struct err e;

	parse_options(argc, argv, &r);
	if (r.end < 0)
		parse_files(argc - optind, argv + optind, &r);
	if (r.end >= 0)
		return r.end;
	if (file_work_do(&r.work, &e) != 0)
		return fail(&r, &e);
	if (r.statistics)
		(void)fprintf(stderr,
		    "rdiff: %s statistics: %llu bytes in, %llu bytes out, "
		    "%llu ms\n",
		    actions[r.work.verb].name, (unsigned long long)r.work.read,
		    (unsigned long long)r.work.written,
		    (unsigned long long)(clock_ms(clock) - start));
	return RDIFF_OK;
}
