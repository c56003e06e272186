#ifndef ERPSYNC_TRANSPORT_NET_LINK_H
#define ERPSYNC_TRANSPORT_NET_LINK_H

/* A station session over a channel, driven to its end. */

#include <stdbool.h>
#include <stdint.h>

struct channel;
struct clock;
struct err;
struct patience;
struct station;

struct link_options {
	struct channel *channel; /* stays the caller's */
	const char *shown; /* the server, for messages */
	const struct clock *clock;
	struct patience *patience; /* is spent; its try has begun */
	uint64_t bwlimit; /* bytes a second each way; 0: no limit */
	int (*interrupted)(void *ctx); /* not 0: give up; or NULL */
	/* What the person says to STATION_ASK. */
	bool (*ask)(void *ctx, struct station *s);
	void *ctx;
};

struct link_result {
	uint64_t sent, received; /* bytes */
	bool greeted; /* the server is one of ours */
};

/* 0 when the session came to its end; else the code. */
int link_run(const struct link_options *opt, struct station *s,
    struct link_result *result, struct err *e);

#endif
