#ifndef ERPSYNC_TRANSPORT_HOST_PUBLISHER_INTERNAL_H
#define ERPSYNC_TRANSPORT_HOST_PUBLISHER_INTERNAL_H

/*
 * The inside of the publisher: publisher.c (systems, their folders, what is
 * served) and publisher_origin.c (what is to be published).
 */

#include "engine/release/publish.h"
#include "engine/tree/filter.h"

/* An update folder and how to publish it: our own copy.  Shared by the slot
 * and its task; only the loop's thread counts. */
struct origin {
	struct publish_source src; /* points to: */
	char *key, *path, *build;
	struct filter filter;
	unsigned refs;
};

/* A copy of what from says, with all that it leaves open.  One reference. */
int origin_new(
    const struct publish_source *from, struct origin **out, struct err *e);
void origin_unref(struct origin *s); /* NULL is fine */

#endif
