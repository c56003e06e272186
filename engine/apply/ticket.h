#ifndef ERPSYNC_ENGINE_APPLY_TICKET_H
#define ERPSYNC_ENGINE_APPLY_TICKET_H

/*
 * What the server that was last reached gave to take up the next connection by:
 * ".erpsync/ticket", which only its owner may read.  It is a secret, good for
 * some days, and losing it costs a round trip: none is kept on a disk that
 * cannot close a file to others, nor believed where it lies open, or where
 * another user could have put it.  What its bytes are is the caller's to know.
 */

#include <stddef.h>

struct buf;
struct err;
struct folder;

enum { TICKET_MAX = 16 * 1024 };

/* Append that of this server to out; nothing where there is none, or a damaged
 * one, or it cannot be read or believed. */
void ticket_find(const struct folder *f, const char *server, struct buf *out);

/* From now on it is this one, or none.  f is not only looked at. */
int ticket_keep(struct folder *f, const char *server, const struct buf *ticket,
    struct err *e);

#endif
