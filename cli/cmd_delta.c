/*
 * signature, delta and patch: the library's delta engine on files, in
 * librsync's formats.
 */
#include "cli/cmd.h"
#include "cli/fault.h"
#include "cli/file_stream.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What is common to the three: files from left to right, the last written. */
enum { FILES_MAX = 3 };

struct request {
	const char *path[FILES_MAX];
	struct input in[FILES_MAX - 1];
	struct output out;
	uint32_t block_len; /* 0: by size */
	int strong_len; /* 0: longest, -1: smallest safe */
};

struct verb {
	const char *name;
	const char *help;
	int files;
	bool has_sizes; /* takes -b and -S */
	int (*run)(struct request *r, struct err *e);
};

/* Append the file at fault to a message about content. */
static int
blame(int rc, const char *path, struct err *e)
{
	char shown[256];

	if (rc == ERP_CORRUPT || rc == ERP_MISMATCH) {
		text_escape(shown, sizeof(shown), path);
		(void)strlcat(e->msg, ": ", sizeof(e->msg));
		(void)strlcat(e->msg, shown, sizeof(e->msg));
	}
	return rc;
}

static int
run_signature(struct request *r, struct err *e)
{
	struct erpsync_reader basis = reader_of_input(&r->in[0]);
	struct erpsync_writer to = writer_of_output(&r->out);
	struct erpsync_sizes sizes = {.size = r->in[0].size,
	    .block_len = r->block_len,
	    .sum_len = r->strong_len};
	struct erpsync_error error;

	if (erpsync_signature(&basis, &sizes, &to, &error) != 0)
		return fault_take(e, &error);
	return 0;
}

static int
run_delta(struct request *r, struct err *e)
{
	struct erpsync_reader from = reader_of_input(&r->in[0]);
	struct erpsync_reader target = reader_of_input(&r->in[1]);
	struct erpsync_writer to = writer_of_output(&r->out);
	struct erpsync_error error;

	if (erpsync_delta(&from, &target, &to, &error) != 0)
		return blame(fault_take(e, &error), r->in[0].path, e);
	return 0;
}

static int
run_patch(struct request *r, struct err *e)
{
	struct erpsync_range basis = range_of_input(&r->in[0]);
	struct erpsync_reader delta = reader_of_input(&r->in[1]);
	struct erpsync_writer to = writer_of_output(&r->out);
	struct erpsync_error error;
	int rc;

	if (!r->in[0].is_file)
		return err_set(e, ERP_USAGE,
		    "a patch needs a basis that is a file: %s", r->in[0].path);
	if (erpsync_patch(&basis, &delta, &to, &error) == 0)
		return 0;
	rc = fault_take(e, &error);
	/* Only the basis can change its length under our hands. */
	return blame(rc, r->in[rc == ERP_MISMATCH ? 0 : 1].path, e);
}

static const char *
advice(int code)
{
	switch (code) {
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

/* The inputs, the work, the output; all closed in any case. */
static int
perform(const struct verb *v, struct request *r, struct err *e)
{
	struct stop_signals stop = {-1, {{0}}};
	int last = v->files - 1, i, rc = 0;

	for (i = 0; i < last; i++)
		r->in[i].fd = -1;
	r->out = (struct output){.fd = -1, .dir = -1};
	for (i = 0; i < last && rc == 0; i++)
		rc = input_open(&r->in[i], r->path[i], &stop, e);
	if (rc == 0)
		rc = output_open(&r->out, r->path[last], &stop, e);
	if (rc == 0)
		rc = stop_signals_begin(&stop, e);
	if (rc == 0)
		rc = output_begin(&r->out, e);
	if (rc == 0)
		rc = v->run(r, e);
	if (rc == 0)
		rc = output_commit(&r->out, e);
	output_close(&r->out);
	for (i = 0; i < last; i++)
		input_close(&r->in[i]);
	stop_signals_end(&stop);
	return rc;
}

static int
usage_error(const struct verb *v, const char *what, const char *where)
{
	(void)fprintf(stderr, "erpsync: %s: %s; see erpsync %s -h\n", what,
	    where, v->name);
	return EXIT_USAGE;
}

/* The sizes of -b and -S; false when text is not such a number. */
static bool
parse_size(int option, const char *text, struct request *r)
{
	const char *wrong = NULL;
	long long least = option == 'S' ? -1 : 0;
	long long most = option == 'S' ? ERPSYNC_SUM_MAX : ERPSYNC_BLOCK_MAX;
	long long v = strtonum(text, least, most, &wrong);

	if (wrong != NULL)
		return false;
	if (option == 'S')
		r->strong_len = (int)v;
	else
		r->block_len = (uint32_t)v;
	return true;
}

/* Options into r: -1 to go on, else an exit code. */
static int
parse_options(const struct verb *v, int argc, char **argv, struct request *r)
{
	static const struct option sizes[] = {
	    {"block-size", required_argument, NULL, 'b'},
	    {"sum-size", required_argument, NULL, 'S'},
	    {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	const struct option *longs = v->has_sizes ? sizes : sizes + 2;
	const char *shorts = v->has_sizes ? "b:S:h" : "h";
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
		if (!parse_size(c, optarg, r))
			return usage_error(v,
			    c == 'b' ? "not a block size" : "not a sum size",
			    optarg);
	}
	return -1;
}

/* The whole command line: -1 to go on, else an exit code. */
static int
parse(const struct verb *v, int argc, char **argv, struct request *r)
{
	int code = parse_options(v, argc, argv, r), i;

	if (code >= 0)
		return code;
	if (argc - optind != v->files)
		return usage_error(v, "wrong number of files", v->name);
	for (i = 0; i < v->files; i++)
		r->path[i] = argv[optind + i];
	if (v->files == FILES_MAX && strcmp(r->path[0], "-") == 0 &&
	    strcmp(r->path[1], "-") == 0)
		return usage_error(v, "standard input given twice", v->name);
	return -1;
}

static int
run_verb(const struct verb *v, int argc, char **argv)
{
	struct request r;
	struct err e;
	int code;

	memset(&r, 0, sizeof(r));
	if ((code = parse(v, argc, argv, &r)) >= 0)
		return code;
	if ((code = perform(v, &r, &e)) == 0)
		return EXIT_OK;
	(void)fprintf(stderr, "erpsync: %s; %s\n", e.msg, advice(code));
	return exit_of_error(code);
}

int
cmd_signature(int argc, char **argv)
{
	static const struct verb v = {"signature",
	    "usage: erpsync signature [-b BYTES] [-S BYTES] BASIS SIG\n"
	    "Write the block signature of BASIS to SIG, in librsync's format.\n"
	    "  -b, --block-size BYTES  block length; 0, the default: by size\n"
	    "  -S, --sum-size BYTES    length of the strong sums; 0, the "
	    "default:\n"
	    "                          the longest, -1: the smallest safe one\n"
	    "  -h, --help              this help\n"
	    "- is standard input or standard output.\n",
	    2, true, run_signature};

	return run_verb(&v, argc, argv);
}

int
cmd_delta(int argc, char **argv)
{
	static const struct verb v = {"delta",
	    "usage: erpsync delta SIG NEW DELTA\n"
	    "Write to DELTA what turns the basis of the signature SIG into "
	    "NEW.\n"
	    "- is standard input (once) or standard output.\n",
	    3, false, run_delta};

	return run_verb(&v, argc, argv);
}

int
cmd_patch(int argc, char **argv)
{
	static const struct verb v = {"patch",
	    "usage: erpsync patch BASIS DELTA NEW\n"
	    "Apply DELTA to the file BASIS and write the result to NEW.\n"
	    "- is standard input for DELTA, standard output for NEW.\n",
	    3, false, run_patch};

	return run_verb(&v, argc, argv);
}
