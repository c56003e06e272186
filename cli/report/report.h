#ifndef ERPSYNC_CLI_REPORT_REPORT_H
#define ERPSYNC_CLI_REPORT_REPORT_H

/*
 * The report of a check or an update, or of two folders compared: a plain value
 * that the command fills, written as text for people, as rsync's itemized
 * lines and statistics, as JSON, CSV and HTML, or as one line.  Everything it
 * points to is borrowed.  Keys and words of JSON and CSV never change with the
 * language; they are documented in erpsync(1) and report.schema.json.
 */

#include "cli/messages/messages.h"
#include "engine/base/hash.h"
#include "engine/base/path.h"
#include "transport/api/erpsync.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct advice;
struct contents;
struct err;

/* In the order of the words of --format. */
enum report_format {
	REPORT_TEXT,
	REPORT_ITEMIZE,
	REPORT_JSON,
	REPORT_CSV,
	REPORT_HTML,
	REPORT_BRIEF
};

/* What is known besides the changes; zeroes and NULL: it is not. */
struct report_facts {
	const char *station; /* its name */
	int64_t date; /* of the report, seconds since 1970 */
	int64_t opens; /* when a server gives updates that gives none now */
	uint64_t rate; /* bytes a second that the person told */
	struct erpsync_outlook outlook;
	const struct erpsync_seal *seal; /* NULL: none is asked for */
	/* Files of the folder that programs use, "a.exe (1234)" and so on, in
	 * one text; "": none. */
	const char *in_use;
};

struct report {
	bool dry_run;
	const char *folder; /* the client folder */
	const char *server; /* HOST:PORT */
	const char *other; /* instead of a server: what it is compared with */
	const char *from_build; /* "" or NULL: not known */
	const char *to_build;
	struct hash release; /* zero: not known */
	enum erpsync_verdict verdict;
	/* Why an update now would be refused, or why this one failed; or NULL.
	 */
	const struct err *refusal;
	bool failed; /* refusal is why there is no more than that */
	/* What was told of it instead of the catalogue's line, or NULL. */
	const struct advice *advice;
	bool all; /* people read also of what differs in time only */
	const struct erpsync_change *v; /* in path order */
	size_t n;
	const struct contents *contents; /* what changes in files, or NULL */
	/* All bytes of the session, protocol and manifest included. */
	uint64_t sent;
	uint64_t received;
	/* Content that came as such, and that was in the old files. */
	uint64_t literal;
	uint64_t matched;
	uint64_t elapsed_ms; /* 0: not measured */
	struct report_facts facts;
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

/* The form that the name of a file asks for by its ending, or -1. */
int report_format_of(const char *path);

/* What a change is to people, the weightiest first; each is of one class. */
enum report_class {
	REPORT_PROGRAMS, /* changed */
	REPORT_INI, /* changed */
	REPORT_KEPT, /* INI, left as it is against the release: no change */
	REPORT_OTHERS, /* changed */
	REPORT_NEW,
	REPORT_REMOVED,
	REPORT_EDITED, /* changed here, which is lost */
	REPORT_MOVED, /* new, with the content of a file that is there */
	REPORT_ATTRIBUTES, /* not the time alone */
	REPORT_TIMES, /* the time alone */
	REPORT_LEFT /* the same, or the station's own: no change */
};
enum report_class report_class_of(const struct erpsync_change *item);

/* What is counted from the items. */
struct report_types {
	size_t files, dirs, links;
};
struct report_totals {
	size_t kinds[ERPSYNC_ACTION_EXTRA + 1]; /* by enum erpsync_action */
	size_t classes[REPORT_LEFT + 1]; /* by enum report_class */
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

/* Did the server give nothing?  Then there is nothing but the verdict. */
bool report_is_turned_away(const struct report *r);

/* Entries that an update changes. */
size_t report_changes(const struct report_totals *t);

#endif
