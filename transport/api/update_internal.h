#ifndef ERPSYNC_TRANSPORT_API_UPDATE_INTERNAL_H
#define ERPSYNC_TRANSPORT_API_UPDATE_INTERNAL_H

/* What update.c and update_reach.c share of one update. */

#include "engine/tree/filter.h"
#include "transport/api/api_internal.h"

struct station;

/* What lives while an update runs. */
struct update {
	struct erpsync_folder *folder;
	struct erpsync_update_options opt;
	bool dry_run;
	bool look; /* the folder cannot be updated: is there something to do? */
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

#endif
