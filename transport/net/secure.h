#ifndef ERPSYNC_TRANSPORT_NET_SECURE_H
#define ERPSYNC_TRANSPORT_NET_SECURE_H

/*
 * Whether a station's connection is plain or TLS, and the handshake of one that
 * is: what was asked for, whom the connection leads to, and what the same
 * server did before decide together.
 *
 *			    loopback	elsewhere
 *   nothing is said	    plain	TLS
 *   TLS asked for, a CA, a pin, or the server's key is known: TLS
 *   plain asked for	    plain	plain; never where a key is known,
 *					and not beside a CA or a pin
 */

#include "transport/net/channel_tls.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct channel;
struct clock;
struct err;
struct observer;

enum secure_wish { SECURE_AUTO, SECURE_TLS, SECURE_PLAIN };

struct secure_options {
	enum secure_wish wish;
	struct tls_client tls; /* before: of the known key; host: by whom */
	bool accept; /* whatever key it has now is fine, not only before's */
	/* What secure_ticket gave in an earlier run, or NULL. */
	const struct buf *ticket;
	const struct observer *obs; /* is warned, may be NULL */
};

/* Of all connections to one server; zeroed before the first. */
struct secure {
	const struct secure_options *opt;
	struct tls *tls; /* NULL: none was needed so far */
	bool believed; /* a handshake came to its end */
};

void secure_init(struct secure *s, const struct secure_options *opt);
void secure_release(struct secure *s);

/* The time and patience of a handshake. */
struct secure_limits {
	const struct clock *clock;
	uint64_t until; /* monotonic milliseconds */
	int (*interrupted)(void *ctx); /* not 0: give up */
	void *ctx;
};

/*
 * Make a fresh connection to the server called shown what it has to be.  says
 * is what the station will say first: 1 when it need not, since it counts as
 * said, else 0.
 * ERP_UNTRUSTED, ERP_LOST, ERP_TIMEOUT, ERP_CANCELLED; ERP_USAGE and
 * ERP_NOTFOUND for what was asked for.
 */
int secure_begin(struct secure *s, struct channel *ch, const struct buf *says,
    const char *shown, const struct secure_limits *limits, struct err *e);

/* What the server gave to take up its next connection by, in this run: a
 * secret, appended to out.  Nothing, if it gave none. */
int secure_ticket(const struct secure *s, struct buf *out, struct err *e);

/* The pin of the key that the server showed, "" if it showed none. */
const char *secure_pin(const struct secure *s);

#endif
