/* One connection over a socket, on a clock that stands still: how its bytes
 * leave, and how it ends. */
#include "transport/host/conn.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/release.h"
#include "transport/host/peers.h"
#include "transport/host/rates.h"
#include "transport/server/server_internal.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BEGIN_MS = 100 * 1000, OUTPUT = 16 * 1024 * 1024, KIB = 1024 };

static struct release_fixture f;
static uint64_t now_ms;
static struct desk desk; /* no job comes to it */
static struct share held;
static struct blob_files blobs;
static struct rates rates;
static struct peer peer;
static struct conn_host host;
static struct conn *conn;
static int station; /* the other end */
static uint8_t output[OUTPUT];
/* What the host was told. */
static int closed;
static uint64_t cost_us; /* at HELLO */
static char reported[200]; /* the error, or "" */

static uint64_t
now(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock clock_set = {.monotonic_ms = now};

static int
admit(void *ctx, struct conn *c, const struct msg_hello *hello,
    struct admission *out, struct err *e)
{
	(void)ctx;
	(void)hello;
	(void)out;
	cost_us = c->client.cost_us;
	return err_set(e, ERP_CANCELLED, "not today");
}

static void
report(void *ctx, struct conn *c, const struct server_report *r)
{
	(void)ctx;
	(void)c;
	if (r->error != NULL)
		(void)strlcpy(reported, r->error->msg, sizeof(reported));
}

static void
is_closed(void *ctx, struct conn *c)
{
	(void)ctx;
	(void)c;
	closed++;
}

/* Two ends of a TCP connection.  The station's takes little that it does not
 * read. */
static int
connect_station(void)
{
	struct sockaddr_in in = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	int little = 16 * KIB, fd, door = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert_eq(bind(door, (struct sockaddr *)&in, len), 0);
	cr_assert_eq(listen(door, 1), 0);
	cr_assert_eq(getsockname(door, (struct sockaddr *)&in, &len), 0);
	station = socket(AF_INET, SOCK_STREAM, 0);
	cr_assert_eq(
	    setsockopt(station, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little)),
	    0);
	cr_assert_eq(connect(station, (struct sockaddr *)&in, len), 0);
	fd = accept(door, NULL, NULL);
	cr_assert_geq(fd, 0);
	cr_assert_eq(close(door), 0);
	return fd;
}

static void
begin(void)
{
	struct err e;
	int rc;

	release_begin(&f);
	now_ms = BEGIN_MS;
	host = (struct conn_host){
	    .base = event_base_new(),
	    .store = f.store,
	    .clock = &clock_set,
	    .desk = &desk,
	    .held = &held,
	    .blobs = &blobs,
	    .rates = &rates,
	    .admit = admit,
	    .report = report,
	    .closed = is_closed,
	};
	cr_assert_not_null(host.base);
	rc = conn_new(&host, connect_station(), &peer, "here", &conn, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
}

static void
end(void)
{
	if (closed == 0)
		conn_free(conn);
	cr_expect_eq(closed, 1);
	(void)close(station);
	event_base_free(host.base);
	release_end(&f);
}

TestSuite(conn, .init = begin, .fini = end);

/* So many bytes are to be sent, by a session that wants nothing else. */
static void
put_up(size_t n)
{
	conn->greeted = true;
	conn->session->inbox.has_hello = true;
	conn->session->state = SERVER_REFUSED;
	conn->session->outbox.bulk.p = output;
	conn->session->outbox.bulk.len = n;
}

static int
unsent_limit(void)
{
	int limit = 0;
	socklen_t len = sizeof(limit);

	cr_assert_eq(getsockopt(conn->channel.fd, IPPROTO_TCP,
			 TCP_NOTSENT_LOWAT, &limit, &len),
	    0);
	return limit;
}

/* How much the kernel takes grows while it is emptied fast, and shrinks when
 * that takes long. */
Test(conn, the_socket_is_filled_as_the_line_is_fast)
{
	static const struct {
		uint64_t after_ms;
		int limit; /* in KiB */
	} rows[] = {
	    {0, 128}, /* since ever */
	    {49, 256},
	    {50, 256},
	    {0, 512},
	    {1000, 512},
	    {49, 1024},
	    {0, 1024},
	    {1001, 512},
	    {1001, 256},
	    {1001, 128},
	    {1001, 128},
	};
	size_t i;

	put_up(OUTPUT);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		now_ms += rows[i].after_ms;
		conn_tick(conn);
		cr_assert_eq(closed, 0);
		cr_expect(conn->writing);
		cr_expect_eq(unsent_limit(), rows[i].limit * KIB, "row %zu: %d",
		    i, unsent_limit());
	}
	cr_expect_lt(conn->session->outbox.sent, OUTPUT);
}

/* Bytes that the rates keep back leave as soon as they may, by themselves; it
 * is not the station that is slow. */
Test(conn, what_a_rate_keeps_back_leaves_later)
{
	struct err e;

	cr_assert_eq(rates_parse("4", &rates, &e), 0, "%s", e.msg);
	rates_begin(&rates, now_ms);
	rates_look(&rates, 0);
	put_up(4 * KIB);
	conn_tick(conn);
	cr_expect_eq(conn->session->outbox.sent, 0);
	cr_expect(conn->limited);
	cr_expect(conn->session->held);
	cr_expect_not(conn->writing);
	now_ms += 250;
	cr_assert_eq(event_base_loop(host.base, EVLOOP_ONCE), 0);
	cr_expect_eq(conn->session->outbox.sent, KIB);
	cr_expect(conn->limited);
	/* What left was taken from the rate. */
	now_ms += 125;
	conn_tick(conn);
	cr_expect_eq(conn->session->outbox.sent, KIB + KIB / 2);
	rates.n = 0;
	conn_tick(conn);
	cr_expect_eq(conn->session->outbox.sent, 4 * KIB);
	cr_expect_not(conn->limited);
	cr_expect_not(conn->session->held);
}

/* What is not to be sent any more is not waited for. */
Test(conn, nothing_waits_for_a_rate_when_all_is_dropped)
{
	struct err e;

	cr_assert_eq(rates_parse("4", &rates, &e), 0, "%s", e.msg);
	rates_begin(&rates, now_ms);
	rates_look(&rates, 0);
	put_up(KIB);
	conn_tick(conn);
	cr_expect(conn->limited);
	outbox_drop(&conn->session->outbox);
	conn_tick(conn);
	cr_expect_not(conn->limited);
	cr_expect_not(conn->session->held);
}

static int64_t
take_some(struct channel *ch, const void *p, size_t n, bool more)
{
	(void)ch;
	(void)p;
	(void)more;
	return n < 64 * KIB ? (int64_t)n : 64 * KIB;
}

/* However fast one takes, others have their turn. */
Test(conn, a_fast_line_has_its_turns)
{
	struct channel_ops ops = *conn->channel.ops;

	ops.send = take_some;
	conn->channel.ops = &ops;
	put_up(OUTPUT);
	conn_tick(conn);
	cr_expect_eq(conn->session->outbox.sent, 1024 * KIB);
	cr_expect(conn->writing);
	conn_tick(conn);
	cr_expect_eq(conn->session->outbox.sent, 2048 * KIB);
	conn_free(conn);
}

static int flushed;

static int
flush(struct channel *ch)
{
	(void)ch;
	return flushed;
}

/* TLS may have more to say than the session has. */
Test(conn, what_the_channel_holds_is_sent)
{
	struct channel_ops ops = *conn->channel.ops;

	ops.flush = flush;
	conn->channel.ops = &ops;
	flushed = 1;
	put_up(1);
	conn_tick(conn);
	cr_expect_eq(conn->session->outbox.sent, 1);
	cr_expect(conn->writing);
	flushed = 0;
	conn_tick(conn);
	cr_expect_not(conn->writing);
	cr_expect_eq(closed, 0);
	flushed = ERP_IO;
	conn_tick(conn);
	cr_expect_eq(closed, 1);
}

static int
end_with_words(struct channel *ch)
{
	(void)ch;
	flushed = 1;
	return 0;
}

/* As TLS says that it ends. */
Test(conn, last_words_of_the_channel_are_sent)
{
	struct channel_ops ops = *conn->channel.ops;

	ops.flush = flush;
	ops.end = end_with_words;
	flushed = 0;
	conn->channel.ops = &ops;
	conn->session->state = SERVER_CLOSING;
	conn_tick(conn);
	cr_expect_gt(conn->linger_until, clock_ms(&clock_set));
	cr_expect(conn->writing);
	flushed = 0;
	cr_assert_eq(event_base_loop(host.base, EVLOOP_ONCE), 0);
	cr_expect_not(conn->writing);
	cr_expect_eq(closed, 0);
	conn_free(conn);
}

/* What it holds is on the account of all and of its address; who holds more
 * than the others leave is not read from, which is no fault of its. */
Test(conn, memory_of_sessions_is_on_account)
{
	struct buf *inbox = &conn->session->inbox.bytes;
	uint8_t *p;
	size_t n;

	put_up(0);
	cr_assert_eq(buf_reserve(inbox, 1000, &p, NULL), 0);
	n = inbox->cap;
	conn_tick(conn);
	cr_expect_eq(held.held, n);
	cr_expect_eq(peer.held.held, n);
	cr_expect(conn->reading);
	conn_tick(conn);
	cr_expect_eq(held.held, n);
	held.held += SHARE_ALL;
	held.first = peer.held.first = &held;
	conn_tick(conn);
	cr_expect_not(conn->reading);
	cr_expect(conn->session->held);
	held.held -= SHARE_ALL;
	conn_tick(conn);
	cr_expect(conn->reading);
	cr_expect_not(conn->session->held);
	conn_free(conn);
	cr_expect_eq(held.held, 0);
	cr_expect_eq(peer.held.held, 0);
}

static bool
may_open(void)
{
	return conn->session->env.may_open(conn->session->env.ctx);
}

/* Of all connections together; one that has its file need not ask. */
Test(conn, files_of_blobs_are_counted)
{
	put_up(OUTPUT);
	blobs = (struct blob_files){.open = 1, .most = 2};
	cr_expect(may_open());
	cr_expect_eq(blobs.open, 2);
	cr_expect(may_open());
	cr_expect_eq(blobs.open, 2);
	conn->session->outbox.fd = dup(station);
	conn_tick(conn);
	cr_expect_eq(blobs.open, 2);
	fs_close_quietly(fs_real(), &conn->session->outbox.fd);
	conn_tick(conn);
	cr_expect_eq(blobs.open, 1);
	conn_tick(conn);
	cr_expect_eq(blobs.open, 1);
	blobs.most = 1;
	cr_expect_not(may_open());
	cr_expect_eq(blobs.open, 1);
	blobs.most = 2;
	cr_expect(may_open());
	conn_free(conn);
	cr_expect_eq(blobs.open, 1);
}

/* Everything was said. */
static void
say_all(void)
{
	char byte;

	/* Nothing was read while it was full. */
	put_up(0);
	conn->session->state = SERVER_PREPARING;
	conn_tick(conn);
	cr_expect_not(conn->reading);
	conn->session->state = SERVER_CLOSING;
	conn_tick(conn);
	cr_assert_eq(closed, 0);
	/* It hears the end, and can still answer. */
	cr_expect_eq(recv(station, &byte, 1, 0), 0);
	cr_expect_eq(send(station, "x", 1, MSG_NOSIGNAL), 1);
	cr_assert_eq(event_base_loop(host.base, EVLOOP_ONCE), 0);
	cr_assert_eq(closed, 0);
}

Test(conn, at_the_end_the_station_has_a_moment_to_close)
{
	say_all();
	now_ms += 1999;
	conn_tick(conn);
	cr_assert_eq(closed, 0);
	now_ms++;
	conn_tick(conn);
	cr_expect_eq(closed, 1);
}

Test(conn, when_the_station_closes_it_is_over)
{
	say_all();
	cr_assert_eq(shutdown(station, SHUT_WR), 0);
	cr_assert_eq(event_base_loop(host.base, EVLOOP_ONCE), 0);
	cr_expect_eq(closed, 1);
}

/* The session hears of it when it has taken all that came before. */
Test(conn, a_station_that_hangs_up_is_told_in_its_turn)
{
	put_up(0);
	conn->session->state = SERVER_PREPARING;
	conn_tick(conn);
	cr_expect_not(conn->reading);
	cr_assert_eq(shutdown(station, SHUT_WR), 0);
	cr_assert_geq(event_base_loop(host.base, EVLOOP_NONBLOCK), 0);
	cr_expect_not(conn->eof);
	conn->session->state = SERVER_HELLO;
	conn_tick(conn);
	cr_expect(conn->reading);
	cr_assert_eq(event_base_loop(host.base, EVLOOP_ONCE), 0);
	cr_expect_eq(closed, 1);
	cr_expect_str_eq(reported, "the station closed the connection");
}

Test(conn, a_link_that_broke_is_told_with_what_was_sent)
{
	const struct linger at_once = {.l_onoff = 1};

	cr_assert_eq(setsockopt(station, SOL_SOCKET, SO_LINGER, &at_once,
			 sizeof(at_once)),
	    0);
	put_up(OUTPUT);
	conn_tick(conn);
	cr_expect(conn->writing);
	(void)close(station);
	station = -1;
	conn_tick(conn);
	cr_expect_eq(closed, 1);
	cr_expect_str_eq(reported, "send answer: Connection reset by peer");
}

static void
greet(uint8_t flags)
{
	struct msg_hello m;
	struct buf b;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, "test", sizeof(m.station));
	m.os = PATH_OS_LINUX;
	m.flags = (uint8_t)(HELLO_AGREED | flags);
	buf_init(&b, 4096);
	cr_assert_eq(preface_encode(FEATURE_HINTS, &b, NULL), 0);
	cr_assert_eq(hello_encode(&m, &b, NULL), 0);
	cr_assert_eq(
	    send(station, buf_data(&b), b.len, MSG_NOSIGNAL), (ssize_t)b.len);
	buf_release(&b);
	cost_us = UINT64_MAX;
	while (cost_us == UINT64_MAX)
		cr_assert_eq(event_base_loop(host.base, EVLOOP_ONCE), 0);
}

Test(conn, an_update_comes_before_previews)
{
	greet(0);
	cr_expect_eq(cost_us, 0);
}

Test(conn, a_preview_comes_behind_updates)
{
	greet(HELLO_DRY_RUN);
	cr_expect_eq(cost_us, TURNS_GRAIN_US);
}
