#ifndef ERPSYNC_TRANSPORT_NET_PATIENCE_H
#define ERPSYNC_TRANSPORT_NET_PATIENCE_H

/*
 * How long a station waits for its server: limits that no peer can stretch.
 * Each is a time that passes while the station waits, not while it works, and
 * that bytes give back as far as they come fast enough: one byte a second
 * gives back next to nothing.  Pure arithmetic on a clock; link.c spends in a
 * conversation, retry.c between them.  What `run` gives: cli/station_options.c.
 */

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct err;

struct patience_options {
	const struct clock *clock;
	uint32_t timeout_ms; /* silence that ends a try; 0: 60 s */
	/* From the beginning of a try until the server has greeted; 0: only
	 * timeout_ms. */
	uint32_t answer_ms;
	/* Without progress towards an update, all tries and the pauses between
	 * them together; 0: without limit. */
	uint32_t total_ms;
	uint64_t bwlimit; /* of the link, bytes a second; 0: none */
};

/* What the time passes with. */
enum patience_phase {
	PATIENCE_AWAY, /* no connection: looking up, dialling, pausing */
	PATIENCE_GREETING, /* the server's greeting */
	PATIENCE_OPENING, /* its answer, the list of files */
	PATIENCE_CONTENTS /* all that follows */
};

/* What came meanwhile, of each so much. */
struct patience_signs {
	uint64_t bytes; /* moved, either way */
	uint64_t gained; /* bytes of contents that are complete */
	bool alive; /* the server said that it is there */
	bool working; /* and at work for this station */
};

struct patience {
	struct patience_options opt;
	uint32_t rate; /* bytes a second that count as progress */
	uint64_t looked; /* monotonic milliseconds */
	uint64_t rest; /* of bytes, too few for a millisecond */
	/* What is left, milliseconds. */
	uint64_t answer, opening, silence, total;
	uint64_t words; /* silence that words do not end */
	uint64_t faith; /* that words alone may add to total */
};

void patience_init(struct patience *p, const struct patience_options *opt);

/* Another try begins. */
void patience_try(struct patience *p);

/* The time since the last call was the station's own work, or a person's. */
void patience_worked(struct patience *p);

/* The time since the last call was spent waiting, and that came. */
void patience_waited(struct patience *p, enum patience_phase phase,
    const struct patience_signs *signs);

/* 0, or ERP_TIMEOUT with what did not come from shown. */
int patience_check(const struct patience *p, enum patience_phase phase,
    const char *shown, struct err *e);

/* How long nothing at all may happen before there is a connection; at most
 * most. */
uint32_t patience_left(const struct patience *p, uint32_t most);

#endif
