#ifndef ERPSYNC_TRANSPORT_NET_RETRY_H
#define ERPSYNC_TRANSPORT_NET_RETRY_H

/*
 * A station's way to the server: connect, safely, drive the session, and when
 * the connection breaks, or the server is too busy, try again after a while.
 * What an earlier try has staged is not fetched twice.
 */

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct err;
struct observer;
struct secure;
struct station;

struct retry_options {
	const char *host;
	uint16_t port;
	uint32_t connect_timeout_ms; /* 0: 15 seconds */
	uint32_t timeout_ms; /* of silence (patience.h); 0: 60 seconds */
	uint32_t answer_ms, total_ms; /* as there; 0: without limit */
	uint64_t bwlimit; /* bytes a second each way; 0: no limit */
	unsigned retries; /* tries in a row that may come to nothing */
	const struct clock *clock;
	struct secure *secure; /* see secure.h; it is told what came */
	const struct observer *obs; /* EVENT_RETRY; may be NULL */
	/* A new station for each try.  It stays the callee's, who frees the
	 * last one after retry_run. */
	int (*make_station)(void *ctx, struct station **out, struct err *e);
	/* The person's answer; asked once however many tries there are. */
	bool (*ask)(void *ctx, struct station *s);
	int (*interrupted)(void *ctx); /* not 0: give up; or NULL */
	void (*sleep_ms)(void *ctx, uint32_t ms); /* NULL: really */
	void *ctx;
};

struct retry_result {
	unsigned tries;
	uint64_t sent, received; /* of all tries */
};

/*
 * 0 when a session came to its end (the station's report says which), else
 * the last try's code.  What concerns the link alone (err_is_of_link) is
 * tried again, once the server had greeted, or its TLS was believed: one that
 * does not answer at all, or something else on its port, is for the person to
 * look at.  Who hangs up without a greeting, as a server without a place does,
 * is called twice more.  No pause goes beyond total_ms.
 */
int retry_run(const struct retry_options *opt, struct retry_result *result,
    struct err *e);

#endif
