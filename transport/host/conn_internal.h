#ifndef ERPSYNC_TRANSPORT_HOST_CONN_INTERNAL_H
#define ERPSYNC_TRANSPORT_HOST_CONN_INTERNAL_H

/* The inside of a connection: conn.c has its bytes and its end. */

#include "transport/host/conn.h"

/*
 * conn_again.c: tickets (channel_tls.h), so that a station that has nothing to
 * do knows it a round trip sooner.
 */

void again_init(struct conn *c);
void again_release(struct conn *c);

/* Something came: what the station said by its ticket is answered, or goes to
 * the session.  ERP_LOST: what it was told does not count any more. */
int again_hear(struct conn *c, struct err *e);

/* HELLO came in so many words: a ticket for it. */
void again_give(struct conn *c);

#endif
