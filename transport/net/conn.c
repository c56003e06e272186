/* One connection: a bufferevent on one side, a session on the other. */
#include "transport/net/conn.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/net/once.h"
#include "transport/net/worker.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	IN_KEEP = 64 * 1024, /* bytes read but not taken by the session */
	OUT_KEEP = 128 * 1024, /* bytes on the way to the socket */
	NOTSENT_KEEP = 128 * 1024, /* and in the kernel, not yet sent */
	LINGER_MS = 2000 /* for the station to close after our last byte */
};

/* A job on its way through the pool. */
struct errand {
	struct work work;
	struct conn *conn; /* only while the session lives */
	struct job *job;
	struct once *once;
};

static void pump(struct conn *c);

static uint64_t
now_ms(const struct conn *c)
{
	return c->host->clock->monotonic_ms(c->host->clock->ctx);
}

static int
compile_once(void *ctx, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	return once_compile(ctx, req, out, e);
}

static void
errand_run(void *arg)
{
	struct errand *errand = arg;

	job_run(errand->job, compile_once, errand->once);
}

static void
errand_done(void *arg)
{
	struct errand *errand = arg;
	struct conn *c = errand->conn;
	struct server *session = server_job_done(errand->job);

	free(errand);
	/* No session: c may be gone as well. */
	if (session != NULL)
		pump(c);
}

static void
errand_drop(void *arg)
{
	struct errand *errand = arg;

	job_drop(errand->job);
	free(errand);
}

/* The session's way to its host: server_env. */

static struct served *
session_release(void *ctx, enum path_os os)
{
	struct conn *c = ctx;

	c->os = os;
	return c->host->release(c->host->ctx, os);
}

static const struct server_policy *
session_policy(void *ctx)
{
	const struct conn *c = ctx;

	return c->host->policy(c->host->ctx);
}

/* A session asks this after the release, so the system is known. */
static uint32_t
session_retry_after(void *ctx)
{
	struct conn *c = ctx;

	return c->host->admit(c->host->ctx, c, c->os);
}

static void
session_submit(void *ctx, struct job *job)
{
	struct conn *c = ctx;
	struct errand *errand = calloc(1, sizeof(*errand));

	if (errand == NULL) {
		job_drop(job);
		c->broken = true;
		return;
	}
	errand->work.run = errand_run;
	errand->work.done = errand_done;
	errand->work.drop = errand_drop;
	errand->work.arg = errand;
	errand->conn = c;
	errand->job = job;
	errand->once = c->host->once;
	pool_submit(job_only_reads(job) ? c->host->readers : c->host->compilers,
	    &errand->work);
}

static void
session_report(void *ctx, const struct server_report *r)
{
	struct conn *c = ctx;

	c->host->report(c->host->ctx, c, r);
}

/* Hand the session what has arrived, as much as it takes. */
static void
take_input(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	int64_t taken;
	struct err e;
	size_t n;

	while ((n = evbuffer_get_contiguous_space(in)) > 0 &&
	    !server_is_full(c->session)) {
		taken = server_input(
		    c->session, evbuffer_pullup(in, (ev_ssize_t)n), n, &e);
		/* It failed, knows it, and has no use for the rest. */
		if (taken < 0)
			taken = (int64_t)n;
		if (taken == 0)
			break;
		(void)evbuffer_drain(in, (size_t)taken);
	}
	if (c->eof && !c->eof_told && evbuffer_get_length(in) == 0 &&
	    !server_is_full(c->session)) {
		c->eof_told = true;
		server_eof(c->session);
	}
}

/*
 * Copy a bounded part of the session's output to the socket's buffer.  The
 * session keeps it until it really left, so its deadlines see a slow reader.
 */
static void
give_output(struct conn *c)
{
	const struct buf *out = server_output(c->session);
	size_t n;

	/* A session that gave up drops what the station did not take. */
	if (c->broken || out->len < c->queued)
		return;
	n = out->len - c->queued;
	if (n > OUT_KEEP - c->queued)
		n = OUT_KEEP - c->queued;
	if (n == 0)
		return;
	if (bufferevent_write(c->bev, buf_data(out) + c->queued, n) != 0)
		c->broken = true;
	else
		c->queued += n;
}

static void
set_reading(struct conn *c, bool on)
{
	if (on == c->reading)
		return;
	c->reading = on;
	if ((on ? bufferevent_enable(c->bev, EV_READ)
		: bufferevent_disable(c->bev, EV_READ)) != 0)
		c->broken = true;
}

/*
 * Everything was said.  Closing now could destroy our last words, if the
 * station has sent something that nobody read: so only our direction ends,
 * and the station has a moment to close the other.
 */
static void
linger(struct conn *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	c->lingering = true;
	c->linger_until = now_ms(c) + LINGER_MS;
	(void)evbuffer_drain(in, evbuffer_get_length(in));
	if (shutdown(bufferevent_getfd(c->bev), SHUT_WR) != 0)
		c->broken = true;
	set_reading(c, true);
}

/* Move on whatever can move.  The last thing to do with c: it may be freed. */
static void
pump(struct conn *c)
{
	if (!c->lingering) {
		take_input(c);
		give_output(c);
		if (server_is_done(c->session) && c->queued == 0 &&
		    server_output(c->session)->len == 0)
			linger(c);
		else
			set_reading(c, !c->eof && !server_is_full(c->session));
	}
	if (c->broken || (c->lingering && c->eof))
		conn_free(c);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);

	if (c->lingering)
		(void)evbuffer_drain(in, evbuffer_get_length(in));
	else
		pump(c);
}

/* Some of the output left: called after each write, see conn_new. */
static void
on_write(struct bufferevent *bev, void *arg)
{
	struct conn *c = arg;
	size_t left = evbuffer_get_length(bufferevent_get_output(bev));
	size_t gone = c->queued - left;

	assert(left <= c->queued);
	if (c->lingering || gone == 0)
		return;
	c->queued = left;
	server_sent(c->session, gone);
	pump(c);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *c = arg;

	(void)bev;
	c->eof = true;
	c->reading = false; /* libevent has stopped it */
	if (what & BEV_EVENT_ERROR) {
		server_eof(c->session);
		c->broken = true;
	}
	pump(c);
}

/* Failing to tune a socket costs speed, not correctness. */
static void
tune_socket(int fd)
{
	int on = 1, idle = 60, interval = 15, notsent = NOTSENT_KEEP;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	(void)setsockopt(
	    fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &notsent, sizeof(notsent));
}

static int
open_socket(struct conn *c, int fd, struct err *e)
{
	tune_socket(fd);
	c->bev =
	    bufferevent_socket_new(c->host->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (c->bev == NULL) {
		(void)close(fd);
		return err_set(e, ERP_NOMEM, "out of memory");
	}
	bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, IN_KEEP);
	/* Call back after every write, not only when all is written. */
	bufferevent_setwatermark(c->bev, EV_WRITE, OUT_KEEP, 0);
	(void)bufferevent_set_max_single_read(c->bev, IN_KEEP);
	(void)bufferevent_set_max_single_write(c->bev, OUT_KEEP);
	c->reading = true;
	if (bufferevent_enable(c->bev, EV_READ | EV_WRITE) != 0)
		return err_set(e, ERP_NOMEM, "out of memory");
	return 0;
}

int
conn_new(const struct conn_host *host, int fd, const char *peer,
    struct conn **out, struct err *e)
{
	struct server_env env = {
	    .store = host->store,
	    .clock = host->clock,
	    .release = session_release,
	    .policy = session_policy,
	    .retry_after = session_retry_after,
	    .submit = session_submit,
	    .report = session_report,
	};
	struct conn *c = calloc(1, sizeof(*c));
	int rc;

	*out = NULL;
	if (c == NULL) {
		(void)close(fd);
		return err_set(e, ERP_NOMEM, "out of memory");
	}
	c->host = host;
	c->born = now_ms(c);
	env.ctx = c;
	if ((rc = open_socket(c, fd, e)) == 0)
		rc = server_new(&env, peer, &c->session, e);
	if (rc == 0) {
		*out = c;
		return 0;
	}
	if (c->bev != NULL)
		bufferevent_free(c->bev);
	free(c);
	return rc;
}

void
conn_tick(struct conn *c)
{
	if (c->lingering) {
		if (now_ms(c) >= c->linger_until)
			conn_free(c);
		return;
	}
	server_tick(c->session);
	/* The session threw away what the station did not take. */
	if (server_output(c->session)->len < c->queued)
		c->broken = true;
	pump(c);
}

void
conn_free(struct conn *c)
{
	server_free(c->session);
	bufferevent_free(c->bev);
	c->host->closed(c->host->ctx, c);
	free(c);
}
