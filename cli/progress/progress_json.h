#ifndef ERPSYNC_CLI_PROGRESS_PROGRESS_JSON_H
#define ERPSYNC_CLI_PROGRESS_PROGRESS_JSON_H

/*
 * An update told to another program: a JSON object in each line, as
 * docs/progress.schema.json has them.  One "start", which carries the number
 * of the format; "progress", never more than ten in a second; "note" and
 * "question" as they come; one "result".  Each line is written at once.
 *
 * A line for which there is no memory is not written.
 */

#include "cli/progress/progress.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct said;

/* Raised when a key or a word changes its meaning or goes away; programs pass
 * over keys and types that they do not know. */
enum { PROGRESS_JSON_FORMAT = 1 };

/* What is begun; NULL is not known. */
struct progress_start {
	const char *command; /* update, check, run or rollback */
	const char *folder;
	const char *server; /* HOST:PORT */
};
void progress_json_start(FILE *out, const struct progress_start *s);

void progress_json_state(FILE *out, const struct progress_state *s);
void progress_json_note(FILE *out, bool is_warning, const char *line);

/* Ask whether an incompatible client is to be updated, in a line as often as
 * the answer, a line of in, is neither a yes nor a no, three times at most.
 * The end of in is a no. */
bool progress_json_ask(FILE *out, FILE *in, enum lang lang,
    const char *from_build, const char *to_build);

/* How it ended: what came of it, */
enum progress_outcome {
	PROGRESS_FAILED,
	PROGRESS_UPDATED,
	PROGRESS_CURRENT, /* there was nothing to do */
	PROGRESS_DIFFERENCES, /* a check found something to do */
	PROGRESS_OUTDATED, /* there is, but this user may not, or not now */
	PROGRESS_DECLINED,
	PROGRESS_DISABLED, /* the server offers no update for this station */
	PROGRESS_INTERRUPTED
};
/* and all that is known then. */
struct progress_result {
	enum progress_outcome outcome;
	int exit_code;
	bool may_start; /* the program in the folder may be started */
	const char *from_build, *to_build; /* "" or NULL: not known */
	const char *release; /* likewise; hexadecimal */
	uint64_t changes; /* entries */
	uint64_t sent, received; /* bytes of the whole conversation */
	uint64_t elapsed_ms;
	const char *refusal; /* of a check: why an update would be, or NULL */
	const struct said *said; /* what the person was told of a failure */
};
void progress_json_result(FILE *out, const struct progress_result *r);

#endif
