#ifndef ERPSYNC_CLI_FILE_WORK_H
#define ERPSYNC_CLI_FILE_WORK_H

/*
 * Signature, delta and patch on named files and standard streams: what the
 * commands of these names and rdiff's have in common.
 */

#include <stdbool.h>
#include <stdint.h>

struct err;

enum file_verb { VERB_SIGNATURE, VERB_DELTA, VERB_PATCH };

enum { FILES_MAX = 3 };

/* What was wrong with a signature or a delta that could not be used. */
enum file_flaw {
	FLAW_NONE,
	FLAW_KIND, /* it is something else */
	FLAW_END, /* it ends too early */
	FLAW_CONTENT
};

struct file_work {
	enum file_verb verb;
	/* As they are read, then the one to write; "-": a standard stream. */
	const char *path[FILES_MAX];
	uint32_t block_len; /* 0: by size */
	int sum_len; /* 0: longest, -1: smallest safe */
	bool rollsum, md4; /* other sums than ours */
	bool keep; /* an output that is there already is not replaced */
	/* Results. */
	enum file_flaw flaw; /* after ERP_CORRUPT or ERP_MISMATCH */
	uint64_t read, written; /* bytes */
};

/* How many files a verb has, the output among them. */
int file_verb_files(enum file_verb verb);

/*
 * Do it.  The output has its name, and lasts, only after 0; no file is
 * written over what it is made from (ERP_USAGE), but for the basis of a patch,
 * which the result may replace.  ERP_CANCELLED after SIGINT, SIGTERM or
 * SIGHUP.
 */
int file_work_do(struct file_work *w, struct err *e);

#endif
