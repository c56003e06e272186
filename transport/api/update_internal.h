#ifndef ERPSYNC_TRANSPORT_API_UPDATE_INTERNAL_H
#define ERPSYNC_TRANSPORT_API_UPDATE_INTERNAL_H

/* What the files update*.c share of one update. */

#include "engine/tree/filter.h"
#include "transport/api/api_internal.h"
#include "transport/api/erpsync_report.h"
#include "transport/api/erpsync_seal.h"

struct channel_stream;
struct plan;
struct station;

/* What lives while an update runs. */
struct update {
	struct erpsync_folder *folder;
	struct erpsync_update_options opt;
	bool dry_run;
	bool look; /* the folder cannot be updated: is there something to do? */
	bool none_fetched; /* nothing is there to be put in place */
	struct filter filter;
	char arch[ERPSYNC_LABEL_MAX + 1];
	char station_id[ERPSYNC_LABEL_MAX + 1];
	char build[ERPSYNC_LABEL_MAX + 1]; /* the client's, before it; or "" */
	struct station *station; /* the last one, for its report */
};

/* Does the caller want it to end?  ctx is the struct update. */
int update_is_interrupted(void *ctx);

/* Have the conversation with the server: 0 when it came to its end. */
int update_reach(struct update *u, struct err *e);
/* Or over a stream, whose other end is called shown. */
int update_converse(struct update *u, const struct channel_stream *stream,
    const char *shown, struct err *e);

/* Put in place what was fetched before, without a server (update_fetched.c):
 * 0, also where nothing was, which u tells then. */
int update_from_fetched(struct update *u, struct err *e);

/* Make the report of it, as far as it came (update_report.c). */
int update_report(struct update *u, struct erpsync_report **out, struct err *e);

/* The report with all that it points to; and what a plan has of it.  Freed by
 * erpsync_report_free, after a failure too. */
struct kept_report {
	struct erpsync_report report; /* first: it is the caller's handle */
	struct erpsync_change *changes;
	char *text;
	struct erpsync_conflict *conflicts;
	char *conflict_text;
	uint8_t *contents; /* that files are to have, one behind the other */
	struct erpsync_seal seal;
};
int report_keep_changes(
    struct kept_report *to, const struct plan *plan, struct err *e);

#endif
