/*
 * signature, delta and patch: the library's delta engine on files, in
 * librsync's formats.
 */
#include "cli/cmd.h"
#include "cli/file_work.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct command_line {
	const char *name;
	const char *help;
	enum file_verb verb;
};

static const char *
advice(const struct err *e)
{
	if (e->sys == EISDIR)
		return "name a file";
	switch (e->code) {
	case ERP_USAGE:
		return "the option -h shows what is possible";
	case ERP_NOTFOUND:
		return "check the name";
	case ERP_AUTH:
		return "check who may read and write it";
	case ERP_NOSPACE:
		return "free some space and run it again";
	case ERP_CORRUPT:
		return "check that it belongs here, or make it again";
	case ERP_MISMATCH:
		return "run it again when nothing else writes the file";
	case ERP_CANCELLED:
		return "the output was not written";
	default:
		return "check the disk and the memory, and run it again";
	}
}

static int
usage_error(const struct command_line *v, const char *what, const char *where)
{
	(void)fprintf(stderr, "erpsync: %s: %s; see erpsync %s -h\n", what,
	    where, v->name);
	return EXIT_USAGE;
}

/* The sizes of -b and -S; false when text is not such a number. */
static bool
parse_size(int option, const char *text, struct file_work *w)
{
	const char *wrong = NULL;
	long long least = option == 'S' ? -1 : 0;
	long long most = option == 'S' ? ERPSYNC_SUM_MAX : ERPSYNC_BLOCK_MAX;
	long long v = strtonum(text, least, most, &wrong);

	if (wrong != NULL)
		return false;
	if (option == 'S')
		w->sum_len = (int)v;
	else
		w->block_len = (uint32_t)v;
	return true;
}

/* Options into r: -1 to go on, else an exit code. */
static int
parse_options(
    const struct command_line *v, int argc, char **argv, struct file_work *w)
{
	static const struct option sizes[] = {
	    {"block-size", required_argument, NULL, 'b'},
	    {"sum-size", required_argument, NULL, 'S'},
	    {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	const struct option *longs =
	    v->verb == VERB_SIGNATURE ? sizes : sizes + 2;
	const char *shorts = v->verb == VERB_SIGNATURE ? "b:S:h" : "h";
	char shown[] = "-?";
	int c;

	optind = 0; /* getopt starts anew */
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 'h') {
			(void)fputs(v->help, stdout);
			return EXIT_OK;
		}
		if (c == '?') {
			shown[1] = (char)optopt;
			return usage_error(v,
			    "unknown option, or one without its value",
			    optopt != 0 ? shown : argv[optind - 1]);
		}
		if (!parse_size(c, optarg, w))
			return usage_error(v,
			    c == 'b' ? "not a block size (0 to 16777216)"
				     : "not a sum size (-1 to 32)",
			    optarg);
	}
	return -1;
}

/* The whole command line: -1 to go on, else an exit code. */
static int
parse(const struct command_line *v, int argc, char **argv, struct file_work *w)
{
	int code = parse_options(v, argc, argv, w), i;
	int files = file_verb_files(v->verb);

	if (code >= 0)
		return code;
	if (argc - optind != files)
		return usage_error(v, "wrong number of files", v->name);
	for (i = 0; i < files; i++)
		w->path[i] = argv[optind + i];
	if (files == FILES_MAX && strcmp(w->path[0], "-") == 0 &&
	    strcmp(w->path[1], "-") == 0)
		return usage_error(v, "standard input given twice", v->name);
	return -1;
}

static int
run(const struct command_line *v, int argc, char **argv)
{
	struct file_work w;
	struct err e;
	int code;

	memset(&w, 0, sizeof(w));
	w.verb = v->verb;
	if ((code = parse(v, argc, argv, &w)) >= 0)
		return code;
	if ((code = file_work_do(&w, &e)) == 0)
		return EXIT_OK;
	(void)fprintf(stderr, "erpsync: %s; %s\n", e.msg, advice(&e));
	return exit_of_error(code);
}

int
cmd_signature(int argc, char **argv)
{
	static const struct command_line v = {"signature",
	    "usage: erpsync signature [-b BYTES] [-S BYTES] BASIS SIG\n"
	    "Write the block signature of BASIS to SIG, in librsync's format.\n"
	    "  -b, --block-size BYTES  block length; 0, the default: by size\n"
	    "  -S, --sum-size BYTES    length of the strong sums; 0, the "
	    "default:\n"
	    "                          the longest, -1: the smallest safe one\n"
	    "  -h, --help              this help\n"
	    "- is standard input or standard output.\n",
	    VERB_SIGNATURE};

	return run(&v, argc, argv);
}

int
cmd_delta(int argc, char **argv)
{
	static const struct command_line v = {"delta",
	    "usage: erpsync delta SIG NEW DELTA\n"
	    "Write to DELTA what turns the basis of the signature SIG into "
	    "NEW.\n"
	    "- is standard input (once) or standard output.\n",
	    VERB_DELTA};

	return run(&v, argc, argv);
}

int
cmd_patch(int argc, char **argv)
{
	static const struct command_line v = {"patch",
	    "usage: erpsync patch BASIS DELTA NEW\n"
	    "Apply DELTA to the file BASIS and write the result to NEW.\n"
	    "- is standard input for DELTA, standard output for NEW.\n",
	    VERB_PATCH};

	return run(&v, argc, argv);
}
