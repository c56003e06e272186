#ifndef ERPSYNC_TRANSPORT_HOST_CONN_H
#define ERPSYNC_TRANSPORT_HOST_CONN_H

/*
 * One connection of a station, plain or TLS as its first byte says: moves
 * bytes between a channel and a server session, and the session's jobs to the
 * workers and back.  Everything on the loop's thread.  Bytes of blobs go from
 * their file to the socket.
 */

#include "engine/base/buf.h"
#include "transport/host/desk.h"
#include "transport/host/strangers.h"
#include "transport/net/channel.h"
#include "transport/server/server.h"

#include <bsd/sys/queue.h>

struct conn;
struct event;
struct event_base;
struct peer;
struct tls;

/* Files of blobs that sessions may have open, all together. */
struct blob_files {
	unsigned open, most;
};

/* What a connection needs of the server around it. */
struct conn_host {
	struct event_base *base;
	struct store *store;
	const struct clock *clock;
	struct desk *desk; /* where jobs go */
	struct share *held; /* memory of all sessions */
	struct blob_files *blobs;
	struct rates *rates; /* of what leaves */
	struct tls *tls; /* for new connections that begin with it */
	/* HELLO came, see struct server_env; once for each connection. */
	int (*admit)(void *ctx, struct conn *c, const struct msg_hello *hello,
	    struct admission *out, struct err *e);
	/* What that would answer to who has the current release and finds a
	 * place, and nothing comes of it; false: to anybody else. */
	bool (*foresee)(void *ctx, const struct conn *c,
	    const struct msg_hello *hello, struct admission *out);
	/* The session ended; once for each connection. */
	void (*report)(
	    void *ctx, struct conn *c, const struct server_report *r);
	/* c is about to be freed. */
	void (*closed)(void *ctx, struct conn *c);
	void *ctx;
};

/* Of a station that says by its ticket what it said before. */
struct conn_again {
	bool asked; /* for an answer before the handshake is over */
	bool heard; /* it is over, and the session has what was said */
	struct buf told; /* what was answered before it was */
};

struct conn {
	/* The host's. */
	TAILQ_ENTRY(conn) list;
	bool greeted; /* HELLO came: net_places.c's */
	bool serving; /* and it was admitted, and has its place; likewise */
	bool crowded; /* and was not, as its address has all its stations */
	/* Until then; came and said are conn.c's, came also for later. */
	struct stranger stranger;
	/* conn.c's. */
	const struct conn_host *host;
	struct peer *peer;
	struct desk_client client;
	struct channel channel;
	struct event *readable, *writable;
	struct event *resume; /* there is room in the rates again, perhaps */
	bool limited; /* it is awaited */
	int notsent; /* bytes the kernel may hold unsent */
	uint64_t filled; /* when it last was full, monotonic milliseconds */
	struct server *session;
	size_t held; /* bytes, as last noted */
	bool has_blob; /* and it counts */
	bool told; /* whether it is plain or TLS, by its first byte */
	struct conn_again again; /* conn_again.c's */
	bool eof; /* the station sends no more */
	bool reading, writing; /* the event is awaited */
	bool broken; /* to be freed as soon as nobody is using it */
	/* All is sent, and so long the station may take to close; 0: not yet.
	 */
	uint64_t linger_until;
};

/* Takes fd in any case.  shown is its address for the log. */
int conn_new(const struct conn_host *host, int fd, struct peer *peer,
    const char *shown, struct conn **out, struct err *e);

/* Check deadlines, about twice a second.  May free c. */
void conn_tick(struct conn *c);

/* Take what has come, if it was not yet: false when nothing had, and c is there
 * as before; else it may be freed. */
bool conn_hear(struct conn *c);

/* Its place is wanted for others: the session ends for this reason, without
 * last words, and c is freed.  Not while c itself is at work. */
void conn_drop(struct conn *c, const struct err *e);

/* Milliseconds since which all has been up to the station. */
uint64_t conn_idle_ms(const struct conn *c);

/* Close at once; calls host->closed. */
void conn_free(struct conn *c);

#endif
