/*
 * One connection: a channel on one side, a session (transport/server) on the
 * other, the event loop below.  What the session needs done goes from here to
 * the workers (pool.c), and what came of it back.
 */
#include "transport/host/conn_internal.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/host/peers.h"
#include "transport/host/rates.h"
#include "transport/net/channel_tls.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>

enum {
	READ_MAX = 64 * 1024, /* bytes read at a time */
	TURN_MAX = 1024 * 1024, /* bytes sent before others have their turn */
	/* Bytes in the kernel that are not yet sent: from, to. */
	NOTSENT_MIN = 128 * 1024,
	NOTSENT_MAX = 1024 * 1024,
	FAST_MS = 50, /* to send them: there may be more of them */
	SLOW_MS = 1000, /* or less */
	/* A link that dies in silence is probed after so long, so often. */
	IDLE_S = 60,
	INTERVAL_S = 15,
	/* Until there may be room in a rate, whose bucket holds more. */
	LIMITED_MS = 40,
	LINGER_MS = 2000 /* for the station to close after our last byte */
};

static bool pump(struct conn *c);

/* The session's way to its host: server_env. */

static int
session_admit(void *ctx, const struct msg_hello *hello, struct admission *out,
    struct err *e)
{
	struct conn *c = ctx;

	/* Updates come before previews. */
	if (hello->flags & HELLO_DRY_RUN)
		c->client.cost_us += TURNS_GRAIN_US;
	return c->host->admit(c->host->ctx, c, hello, out, e);
}

static void
session_submit(void *ctx, struct job *job)
{
	struct conn *c = ctx;

	if (!desk_take(c->host->desk, &c->client, job))
		c->broken = true;
}

static uint32_t
session_ahead(void *ctx)
{
	const struct conn *c = ctx;

	return desk_ahead(c->host->desk, &c->client);
}

static bool
session_may_open(void *ctx)
{
	struct conn *c = ctx;
	struct blob_files *blobs = c->host->blobs;

	if (!c->has_blob && blobs->open >= blobs->most)
		return false;
	blobs->open += !c->has_blob;
	c->has_blob = true;
	return true;
}

/* It may have closed it. */
static void
note_blob(struct conn *c, bool has)
{
	struct blob_files *blobs = c->host->blobs;

	assert(!c->has_blob || blobs->open > 0);
	if (c->has_blob && !has)
		blobs->open--;
	c->has_blob = c->has_blob && has;
}

static void
session_report(void *ctx, const struct server_report *r)
{
	struct conn *c = ctx;

	c->host->report(c->host->ctx, c, r);
}

/* One system call's worth of output, as channel_send answers. */
static int64_t
send_bytes(struct conn *c, const struct server_bytes *out)
{
	if (out->p != NULL)
		return channel_send(&c->channel, out->p, out->n, out->more);
	return channel_send_file(&c->channel, out->fd, out->offset, out->n);
}

static void
set_event(struct conn *c, struct event *event, bool *is, bool on)
{
	if (on == *is)
		return;
	assert(event != NULL);
	*is = on;
	if ((on ? event_add(event, NULL) : event_del(event)) != 0)
		c->broken = true;
}

/* Does the channel have bytes of its own that wait for the socket? */
static bool
is_holding(struct conn *c)
{
	int rc = channel_flush(&c->channel);

	c->broken |= rc < 0;
	return rc > 0;
}

static void
set_notsent(struct conn *c, int bytes)
{
	assert(bytes >= NOTSENT_MIN && bytes <= NOTSENT_MAX);
	c->notsent = bytes;
	channel_limit_unsent(&c->channel, bytes);
}

/*
 * The socket is full.  On a fast line it may hold more, so that it is filled
 * less often; on a slow one deadlines have to see that bytes leave.
 */
static void
fit_socket(struct conn *c)
{
	uint64_t now = clock_ms(c->host->clock), since = now - c->filled;

	c->filled = now;
	if (since < FAST_MS && c->notsent < NOTSENT_MAX)
		set_notsent(c, c->notsent * 2);
	else if (since > SLOW_MS && c->notsent > NOTSENT_MIN)
		set_notsent(c, c->notsent / 2);
}

/* May some of it leave now?  Else wait until there is room in the rates. */
static bool
has_room(struct conn *c, struct server_bytes *out)
{
	struct rates *rates = c->host->rates;
	size_t room = rates_room(rates, c->peer->key, clock_ms(c->host->clock));
	static const struct timeval wait = {.tv_usec = LIMITED_MS * 1000};

	c->limited = room == 0;
	if (out->n > room)
		out->n = room;
	if (!c->limited)
		return true;
	if (event_add(c->resume, &wait) != 0)
		c->broken = true;
	return false;
}

/*
 * Send what the socket takes.  The session keeps the rest, so its deadlines
 * see a slow reader.
 */
static void
give_output(struct conn *c)
{
	struct server_bytes out;
	struct err e;
	size_t turn = 0;
	int64_t n;

	c->limited = false;
	while (turn < TURN_MAX && server_output(c->session, &out) &&
	    has_room(c, &out)) {
		n = send_bytes(c, &out);
		if (n == 0) {
			fit_socket(c);
			break;
		}
		if (n < 0) {
			(void)err_sys(&e, c->channel.sys, "send",
			    out.p != NULL ? "answer" : "blob");
			server_lost(c->session, &e);
			c->broken = true;
			return;
		}
		assert((size_t)n <= out.n);
		turn += (size_t)n;
		rates_take(c->host->rates, c->peer->key, (size_t)n);
		server_sent(c->session, (size_t)n);
	}
	set_event(c, c->writable, &c->writing,
	    is_holding(c) || (!c->limited && server_output(c->session, &out)));
}

static void
set_reading(struct conn *c, bool on)
{
	set_event(c, c->readable, &c->reading, on);
}

/*
 * Everything was said.  Closing now could destroy our last words, if the
 * station has sent something that nobody read: so only our direction ends,
 * and the station has a moment to close the other.
 */
static void
linger(struct conn *c)
{
	assert(c->linger_until == 0 && !c->writing);
	assert(server_is_done(c->session));
	c->linger_until = clock_ms(c->host->clock) + LINGER_MS;
	if (channel_end(&c->channel) != 0)
		c->broken = true;
	set_event(c, c->writable, &c->writing, is_holding(c));
	set_reading(c, !c->eof);
}

/* What the session holds has changed, perhaps: may more of it come? */
static bool
may_read(struct conn *c)
{
	size_t held = server_held(c->session);
	bool may;

	share_note(c->host->held, &c->peer->held, c, c->held, held);
	c->held = held;
	note_blob(c, server_has_blob(c->session));
	may = !c->greeted ||
	    share_may_read(c->host->held, &c->peer->held, c, held);
	/* Nor is it the station's fault that it gets no more. */
	server_hold(c->session, !may || c->limited);
	return may;
}

/* Move on whatever can move: false when c is freed.  The last thing to do with
 * it. */
static bool
pump(struct conn *c)
{
	bool gone;

	if (c->linger_until > 0 && !c->broken) {
		set_event(c, c->writable, &c->writing, is_holding(c));
	} else if (!c->broken) {
		if (c->eof)
			server_eof(c->session);
		give_output(c);
		if (server_is_done(c->session) && !c->writing && !c->limited)
			linger(c);
		else
			set_reading(c,
			    may_read(c) && !c->eof &&
				!server_is_full(c->session));
	}
	gone = c->broken || (c->linger_until > 0 && c->eof);
	if (gone)
		conn_free(c);
	return !gone;
}

/* The first byte tells what begins; false: it is not there yet. */
static bool
tell(struct conn *c)
{
	uint8_t first = 0;
	struct err e;
	int rc = c->told ? 0 : channel_peek(&c->channel, &first);

	if (c->told || rc == 0)
		return c->told;
	c->told = true;
	if (rc == 1 && first == TLS_FIRST_BYTE &&
	    channel_tls_begin(&c->channel, c->host->tls, &e) != 0) {
		server_lost(c->session, &e);
		c->broken = true;
	}
	return true;
}

/* Nothing more can be received. */
static void
receive_failed(struct conn *c)
{
	const char *why = channel_tls_why(&c->channel);
	struct err e;

	if (c->linger_until > 0 || why == NULL) {
		server_eof(c->session);
		c->broken = true;
		return;
	}
	/* TLS has told the station; that has to arrive. */
	(void)err_set(&e, ERP_PROTO, "TLS: %s", why);
	server_lost(c->session, &e);
}

/* What has come goes to the session.  If it fails it knows, and has no use for
 * the rest.  Unless it is full it has room for what is read at a time. */
static void
give_input(struct conn *c, const uint8_t *bytes, size_t n)
{
	bool greeted = c->greeted;
	struct err e;

	(void)server_input(c->session, bytes, n, &e);
	if (c->greeted && !greeted)
		again_give(c);
}

/* Take what has come, if there is room: false when nothing had. */
static bool
take_input(struct conn *c)
{
	uint64_t before = channel_tls_heard(&c->channel);
	uint8_t bytes[READ_MAX];
	struct err e;
	int64_t n;

	if (c->broken || (c->linger_until == 0 && server_is_full(c->session)) ||
	    !tell(c))
		return false;
	n = c->broken ? 0 : channel_recv(&c->channel, bytes, sizeof(bytes));
	c->stranger.said = channel_tls_heard(&c->channel);
	if (n != ERP_IO && !c->broken && again_hear(c, &e) != 0) {
		server_lost(c->session, &e);
		c->broken = true;
	}
	if (n == CHANNEL_END) {
		c->eof = true;
		set_reading(c, false);
	} else if (n < 0) {
		receive_failed(c);
	} else if (n > 0 && c->linger_until == 0) {
		give_input(c, bytes, (size_t)n);
	}
	return n != 0 || c->stranger.said > before;
}

bool
conn_hear(struct conn *c)
{
	bool heard = take_input(c);

	/* Of TLS there may be something to answer, whatever came. */
	return !pump(c) || heard;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)conn_hear(arg);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)pump(arg);
}

static int
open_channel(struct conn *c, struct err *e)
{
	int fd = c->channel.fd;

	channel_keep_alive(&c->channel, IDLE_S, INTERVAL_S);
	set_notsent(c, NOTSENT_MIN);
	c->readable =
	    event_new(c->host->base, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->writable =
	    event_new(c->host->base, fd, EV_WRITE | EV_PERSIST, on_writable, c);
	c->resume = event_new(c->host->base, -1, 0, on_writable, c);
	if (c->readable != NULL && c->writable != NULL && c->resume != NULL)
		set_reading(c, true);
	return c->reading && !c->broken ? 0 : err_nomem(e);
}

static void
close_channel(struct conn *c)
{
	if (c->readable != NULL)
		event_free(c->readable);
	if (c->writable != NULL)
		event_free(c->writable);
	if (c->resume != NULL)
		event_free(c->resume);
	channel_close(&c->channel);
}

/* Of its jobs one is done. */
static void
moved(void *ctx)
{
	(void)pump(ctx);
}

int
conn_new(const struct conn_host *host, int fd, struct peer *peer,
    const char *shown, struct conn **out, struct err *e)
{
	struct server_env env = {
	    .store = host->store,
	    .clock = host->clock,
	    .admit = session_admit,
	    .submit = session_submit,
	    .report = session_report,
	    .ahead = session_ahead,
	    .may_open = session_may_open,
	};
	struct channel channel;
	struct conn *c;
	int rc;

	*out = NULL;
	if ((rc = channel_of_socket(&channel, fd, e)) != 0)
		return rc;
	if ((c = calloc(1, sizeof(*c))) == NULL) {
		channel_close(&channel);
		return err_nomem(e);
	}
	c->host = host;
	c->channel = channel;
	c->peer = peer;
	LIST_INIT(&c->client.errands);
	c->client.lanes = peer->lanes;
	c->client.moved = moved;
	c->client.ctx = c;
	c->stranger.came = clock_ms(c->host->clock);
	again_init(c);
	env.ctx = c;
	if ((rc = open_channel(c, e)) == 0)
		rc = server_new(&env, shown, &c->session, e);
	if (rc == 0) {
		*out = c;
		return 0;
	}
	close_channel(c);
	free(c);
	return rc;
}

void
conn_tick(struct conn *c)
{
	if (c->linger_until > 0) {
		if (clock_ms(c->host->clock) >= c->linger_until)
			conn_free(c);
		return;
	}
	/* Nobody is late with what only was not taken so far. */
	if (!c->greeted)
		(void)take_input(c);
	server_tick(c->session);
	(void)pump(c);
}

void
conn_drop(struct conn *c, const struct err *e)
{
	server_lost(c->session, e);
	conn_free(c);
}

uint64_t
conn_idle_ms(const struct conn *c)
{
	return server_idle_ms(c->session);
}

void
conn_free(struct conn *c)
{
	share_note(c->host->held, &c->peer->held, c, c->held, 0);
	note_blob(c, false);
	server_free(c->session);
	desk_leave(c->host->desk, &c->client);
	close_channel(c);
	again_release(c);
	c->host->closed(c->host->ctx, c);
	free(c);
}
