/*
 * signature, delta and patch: the library's delta engine on files, in
 * librsync's formats.  Options in, the work itself is in file_work.c.
 */
#include "cli/cmd.h"
#include "cli/file_work.h"
#include "cli/messages/messages.h"
#include "cli/opt.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct single {
	struct file_work work;
	struct opt_speech speech;
};

static const struct opt_row signature_rows[] = {
    {'b', "block-size", "BYTES", "length of a block; 0: by size", opt_number,
	.offset = offsetof(struct single, work.block_len),
	.most = ERPSYNC_BLOCK_MAX},
    {'S', "sum-size", "BYTES",
	"of the strong sums; 0: longest, -1: smallest safe one", opt_integer,
	.offset = offsetof(struct single, work.sum_len), .least = -1,
	.most = ERPSYNC_SUM_MAX},
    {.name = NULL},
};

#define SPEECH                                                                 \
	{                                                                      \
		opt_common, offsetof(struct single, speech)                    \
	}

static const struct opt_command commands[] = {
    [VERB_SIGNATURE] = {"signature", "BASIS SIGNATURE",
	"Write the block signature of BASIS, in librsync's format; - is a "
	"standard stream.",
	{{signature_rows, 0}, SPEECH}, false, ""},
    [VERB_DELTA] = {"delta", "SIGNATURE NEW DELTA",
	"Write what turns the basis of SIGNATURE into NEW; - is a standard "
	"stream.",
	{SPEECH}, false, ""},
    [VERB_PATCH] = {"patch", "BASIS DELTA NEW",
	"Apply DELTA to the file BASIS and write the result; - is a standard "
	"stream.",
	{SPEECH}, false, ""},
};

/* The whole command line: OPT_END, or OPT_STOP with o->exit_code. */
static int
parse(struct single *s, struct opt *o)
{
	int files = file_verb_files(s->work.verb), i;

	if (opt_parse(o, s) == OPT_STOP || !opt_operands(o, files, files))
		return OPT_STOP;
	for (i = 0; i < files; i++)
		s->work.path[i] = o->argv[o->first + i];
	if (files < FILES_MAX || strcmp(s->work.path[0], "-") != 0 ||
	    strcmp(s->work.path[1], "-") != 0)
		return OPT_END;
	(void)opt_usage(o, "standard input is given twice");
	return OPT_STOP;
}

static int
run(enum file_verb verb, int argc, char **argv)
{
	struct single s;
	struct opt o;
	struct err e;
	int rc;

	memset(&s, 0, sizeof(s));
	s.work.verb = verb;
	opt_begin(&o, &commands[verb], argc, argv);
	s.speech.lang = o.lang;
	if (parse(&s, &o) == OPT_STOP)
		return o.exit_code;
	if ((rc = file_work_do(&s.work, &e)) == 0)
		return EXIT_OK;
	messages_plain(stderr, s.speech.lang, &e);
	return failure_exit(rc);
}

int
cmd_signature(int argc, char **argv)
{
	return run(VERB_SIGNATURE, argc, argv);
}

int
cmd_delta(int argc, char **argv)
{
	return run(VERB_DELTA, argc, argv);
}

int
cmd_patch(int argc, char **argv)
{
	return run(VERB_PATCH, argc, argv);
}
