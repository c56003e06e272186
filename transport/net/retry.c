/*
 * Tries: connect (dial.c, secure.c), run a session over the link (link.c), and
 * when the link broke do both again with a new station, after a pause; and
 * after the time that a busy server says.
 */
#include "transport/net/retry.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "transport/net/channel.h"
#include "transport/net/dial.h"
#include "transport/net/link.h"
#include "transport/net/patience.h"
#include "transport/net/secure.h"
#include "transport/station/station.h"

#include <assert.h>
#include <bsd/stdlib.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	CONNECT_MS = 15 * 1000,
	BACKOFF_MS = 1000, /* the first pause is shorter than that */
	BACKOFF_MAX_MS = 30 * 1000,
	BUSY_MAX_S = 60, /* whatever the server says */
	TRY_MS = 1000, /* less is no try */
	SLICE_MS = 100, /* between two looks at opt->interrupted */
	TRIES_MAX = 200, /* also for a link that always moves a little */
	UNHEARD_MAX = 2 /* tries more where it may be no erpsync server */
};
/* A try that received that much was not for nothing. */
#define PROGRESS_BYTES ((uint64_t)1024 * 1024)

struct client {
	const struct retry_options *opt;
	struct retry_result *result;
	char shown[300]; /* the server, for messages */
	struct patience patience;
	bool greeted; /* in some try; a handshake of TLS is as good */
	bool asked, answer;
	unsigned vain; /* tries in a row that came to nothing */
	/* Of the last try. */
	struct station *s;
	uint64_t received;
};

static bool
ask_once(void *ctx, struct station *s)
{
	struct client *c = ctx;

	if (!c->asked)
		c->answer = c->opt->ask(c->opt->ctx, s);
	c->asked = true;
	return c->answer;
}

static int
is_interrupted(void *ctx)
{
	const struct client *c = ctx;

	return c->opt->interrupted != NULL ? c->opt->interrupted(c->opt->ctx)
					   : 0;
}

static int
run_session(struct client *c, struct channel *channel, struct err *e)
{
	const struct retry_options *opt = c->opt;
	const struct link_options link = {
	    .channel = channel,
	    .shown = c->shown,
	    .clock = opt->clock,
	    .patience = &c->patience,
	    .bwlimit = opt->bwlimit,
	    .interrupted = is_interrupted,
	    .ask = ask_once,
	    .ctx = c,
	};
	struct link_result got;
	int rc;

	rc = link_run(&link, c->s, &got, e);
	c->greeted = c->greeted || got.greeted;
	c->received = got.received;
	c->result->sent += got.sent;
	c->result->received += got.received;
	return rc;
}

/* Make the connection what it has to be, and the station for it, whose first
 * words may be as said then. */
static int
begin_session(struct client *c, struct channel *channel,
    const struct secure_limits *limits, struct err *e)
{
	const struct retry_options *opt = c->opt;
	const struct buf *says;
	int rc;

	if ((rc = opt->make_station(opt->ctx, &c->s, e)) != 0) {
		c->s = NULL;
		return rc;
	}
	says = station_output(c->s);
	rc = secure_begin(opt->secure, channel, says, c->shown, limits, e);
	if (rc != 1)
		return rc;
	station_sent(c->s, says->len);
	return 0;
}

static int
try_once(struct client *c, struct err *e)
{
	const struct retry_options *opt = c->opt;
	uint32_t connect_ms =
	    opt->connect_timeout_ms > 0 ? opt->connect_timeout_ms : CONNECT_MS;
	const struct secure_limits limits = {
	    .clock = opt->clock,
	    .until =
		clock_ms(opt->clock) + patience_left(&c->patience, connect_ms),
	    .interrupted = is_interrupted,
	    .ctx = c,
	};
	const struct dial_options target = {
	    .host = opt->host,
	    .port = opt->port,
	    .timeout_ms = patience_left(&c->patience, connect_ms),
	    .clock = opt->clock,
	    .interrupted = is_interrupted,
	    .ctx = c,
	};
	struct channel channel;
	int rc;

	c->result->tries++;
	c->received = 0;
	c->s = NULL;
	rc = dial(&target, &channel, e);
	patience_waited(&c->patience, PATIENCE_AWAY, NULL);
	if (rc != 0)
		return rc;
	rc = begin_session(c, &channel, &limits, e);
	patience_waited(&c->patience, PATIENCE_AWAY, NULL);
	c->greeted = c->greeted || (rc == 0 && channel.tls != NULL);
	if (rc == 0)
		rc = run_session(c, &channel, e);
	channel_close(&channel);
	return rc;
}

/* How long to stay away before the next try; 0: there is none. */
static uint32_t
choose_pause(struct client *c, int rc)
{
	bool busy = rc == ERP_OVERLOAD;
	uint32_t top = BACKOFF_MS, seconds;

	/* A server without a place for us hangs up without a word. */
	if (!busy && !(c->greeted && err_is_of_link(rc)) &&
	    !(rc == ERP_LOST && c->vain < UNHEARD_MAX))
		return 0;
	if (c->received >= PROGRESS_BYTES)
		c->vain = 0;
	if (c->vain >= c->opt->retries || c->result->tries >= TRIES_MAX)
		return 0;
	assert(c->vain < c->opt->retries && c->result->tries > 0);
	c->vain++;
	if (busy) {
		/* The server has spread its answers already. */
		seconds = station_report(c->s)->welcome.retry_after;
		return (seconds < BUSY_MAX_S ? seconds : BUSY_MAX_S) * 1000;
	}
	/* Full jitter: stations that lost the server together do not come
	 * back together. */
	if (c->vain > 5)
		top = BACKOFF_MAX_MS;
	else
		top <<= c->vain - 1;
	return 1 + arc4random_uniform(top);
}

/* The same, if that is worth waiting for. */
static uint32_t
pause_ms(struct client *c, int rc)
{
	const struct patience *p = &c->patience;
	uint32_t ms = choose_pause(c, rc);

	patience_waited(&c->patience, PATIENCE_AWAY, NULL);
	/* Not to the last moment: a try needs some time, too, also for its list
	 * of files, and one that has none ends with another failure than what
	 * really was. */
	if (c->opt->total_ms > 0 &&
	    (ms + TRY_MS > p->total || ms + TRY_MS > p->opening))
		return 0;
	return ms;
}

/* Wait; ERP_CANCELLED when interrupted meanwhile. */
static int
sleep_for(struct client *c, uint32_t ms, struct err *e)
{
	const struct retry_options *opt = c->opt;
	struct timespec slice = {.tv_nsec = SLICE_MS * 1000000L};
	uint32_t passed;

	if (opt->sleep_ms != NULL)
		opt->sleep_ms(opt->ctx, ms);
	for (passed = 0; passed < ms && opt->sleep_ms == NULL;
	     passed += SLICE_MS) {
		if (is_interrupted(c) != 0)
			break;
		(void)nanosleep(&slice, NULL);
	}
	patience_waited(&c->patience, PATIENCE_AWAY, NULL);
	if (is_interrupted(c) != 0)
		return err_set(e, ERP_CANCELLED, "interrupted");
	return 0;
}

int
retry_run(
    const struct retry_options *opt, struct retry_result *result, struct err *e)
{
	const struct patience_options patience = {
	    .clock = opt->clock,
	    .timeout_ms = opt->timeout_ms,
	    .answer_ms = opt->answer_ms,
	    .total_ms = opt->total_ms,
	    .bwlimit = opt->bwlimit,
	};
	struct client c;
	struct event ev;
	uint32_t ms;
	int rc;

	memset(&c, 0, sizeof(c));
	memset(result, 0, sizeof(*result));
	c.opt = opt;
	c.result = result;
	patience_init(&c.patience, &patience);
	(void)snprintf(c.shown, sizeof(c.shown), "%.255s:%u", opt->host,
	    (unsigned)opt->port);
	for (;;) {
		rc = try_once(&c, e);
		if (rc == 0 || (ms = pause_ms(&c, rc)) == 0)
			break;
		memset(&ev, 0, sizeof(ev));
		ev.kind = EVENT_RETRY;
		ev.text = e->msg;
		ev.done = c.vain;
		ev.total = opt->retries;
		observe(opt->obs, &ev);
		if ((rc = sleep_for(&c, ms, e)) != 0)
			break;
		patience_try(&c.patience);
	}
	return rc;
}
