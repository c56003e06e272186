#ifndef ERPSYNC_CLI_REPORT_REPORT_H
#define ERPSYNC_CLI_REPORT_REPORT_H

/*
 * The report of a check or an update: a plain value that the command fills,
 * written as text for people, as rsync's itemized lines and statistics, or
 * as JSON, CSV and HTML.  Everything it points to is borrowed.  Keys and words
 * of JSON and CSV never change with the language; they are documented in
 * erpsync(1).
 */

#include "cli/messages/messages.h"
#include "engine/base/hash.h"
#include "engine/base/path.h"
#include "transport/api/erpsync.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct err;

/* In the order of the words of --format. */
enum report_format {
	REPORT_TEXT,
	REPORT_ITEMIZE,
	REPORT_JSON,
	REPORT_CSV,
	REPORT_HTML
};

struct report {
	bool dry_run;
	const char *folder; /* the client folder */
	const char *server; /* HOST:PORT */
	const char *from_build; /* "" or NULL: not known */
	const char *to_build;
	struct hash release; /* zero: not known */
	enum erpsync_verdict verdict;
	const struct err *refusal; /* of an update now, or NULL */
	bool all; /* the text lists also what differs in time only */
	const struct erpsync_change *v; /* in path order */
	size_t n;
	/* All bytes of the session, protocol and manifest included. */
	uint64_t sent;
	uint64_t received;
	/* Content that came as such, and that was in the old files. */
	uint64_t literal;
	uint64_t matched;
	uint64_t elapsed_ms; /* 0: not measured */
};

/* Where a report goes, and in which form. */
struct report_sink {
	FILE *out;
	enum report_format format;
	enum lang lang;
};

/* Write r to each of n sinks, to the others also when one fails: the first
 * failure.  ERP_NOMEM, or ERP_IO when it could not be written. */
int report_write(const struct report *r, const struct report_sink *sinks,
    size_t n, struct err *e);

/* rsync's block of statistics. */
void report_stats(FILE *out, const struct report *r);

/* What is counted from the items. */
struct report_types {
	size_t files, dirs, links;
};
struct report_totals {
	size_t kinds[ERPSYNC_ACTION_EXTRA + 1]; /* by enum erpsync_action */
	struct report_types wanted; /* entries of the release */
	struct report_types created;
	struct report_types deleted;
	size_t transferred; /* files with a codec */
	uint64_t wanted_bytes;
	uint64_t content_bytes; /* of new and changed files */
	uint64_t transferred_bytes; /* sizes of the files with a codec */
	uint64_t sent, received; /* of the items alone */
};
void report_count(const struct report *r, struct report_totals *t);

/* Entries that an update changes. */
size_t report_changes(const struct report_totals *t);

#endif
