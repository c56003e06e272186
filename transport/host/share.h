#ifndef ERPSYNC_TRANSPORT_HOST_SHARE_H
#define ERPSYNC_TRANSPORT_HOST_SHARE_H

/*
 * Memory held for sessions: what stations asked for and the sums they sent,
 * until that is computed.  An account of all of it and one of each address;
 * who is above what the rest leaves is not read from until some is free.  Since
 * that rest gets smaller with what is held, all together never hold more than
 * there is, and whoever holds little can always go on.  Pure books.
 */

#include <stdbool.h>
#include <stddef.h>

enum {
	SHARE_ALL = 256 * 1024 * 1024, /* bytes, of all sessions */
	SHARE_ADDRESS = 16 * 1024 * 1024, /* of an address at most */
	/* The first of an address may hold so much in any case, so that what
	 * was begun is ended. */
	SHARE_FIRST = 1024 * 1024
};

/* An account; all zero at first. */
struct share {
	size_t held; /* bytes */
	const void *first; /* the session that may go on in any case, or NULL */
};

/* who, of this address, held before bytes and holds now so many. */
void share_note(struct share *all, struct share *address, const void *who,
    size_t before, size_t now);

/* May more be read from who, that holds so much? */
bool share_may_read(
    struct share *all, struct share *address, const void *who, size_t held);

/* Is there room for somebody new? */
bool share_has_room(const struct share *all);

#endif
