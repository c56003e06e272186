/* A station that need not say again what it said, at a real server: what comes
 * of it before the handshake is over, and when the answer changes meanwhile. */
#include "transport/host/conn_internal.h"

#include "engine/base/err.h"
#include "tests/support/loopback.h"
#include "transport/net/channel_tls.h"
#include "transport/wire/frame.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MS = 20 * 1000, ANSWER_MAX = 64 * 1024 };

/* A station's end, whose bytes may be held back. */
struct caller {
	struct loopback l;
	struct tls *tls;
	struct channel ch;
	struct buf hello, held;
	struct hash release;
	bool echoes; /* it has only the first words of the handshake */
	bool begun;
	int fd;
	struct err e;
};

static int64_t
take(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	struct caller *c = ctx;
	struct pollfd one = {.fd = c->fd, .events = POLLIN};
	ssize_t got;

	if (poll(&one, 1, (int)wait_ms) == 0)
		return 0;
	got = recv(c->fd, p, n, 0);
	return got > 0 ? got : CHANNEL_END;
}

static int64_t
give(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	struct caller *c = ctx;

	(void)wait_ms;
	if (c->echoes && c->begun)
		cr_assert_eq(buf_append(&c->held, p, n, NULL), 0);
	else
		cr_assert_eq(send(c->fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
	c->begun = true;
	return (int64_t)n;
}

static void
caller_open(struct caller *c)
{
	const struct tls_client from = {.host = "127.0.0.1"};

	memset(c, 0, sizeof(*c));
	buf_init(&c->hello, 4096);
	buf_init(&c->held, 4096);
	loopback_open(&c->l);
	tempdir_text(&c->l.dir, "update/f", "one", 1000000000);
	loopback_start(&c->l);
	cr_assert_eq(tls_client_new(&from, &c->tls, &c->e), 0);
}

static void
caller_close(struct caller *c)
{
	tls_free(c->tls);
	buf_release(&c->held);
	buf_release(&c->hello);
	loopback_close(&c->l);
}

/* Connect, as a station that has c->release; until the server is believed. */
static void
call(struct caller *c)
{
	const struct channel_stream s = {take, give, c};
	struct msg_hello m = {.station = "test", .os = PATH_OS_LINUX};
	int rc;

	m.release = c->release;
	buf_clear(&c->hello);
	cr_assert_eq(preface_encode(0, &c->hello, NULL), 0);
	cr_assert_eq(hello_encode(&m, &c->hello, NULL), 0);
	c->begun = false;
	c->fd = loopback_connect(&c->l);
	channel_of_stream(&c->ch, &s);
	cr_assert_eq(channel_tls_begin(&c->ch, c->tls, &c->e), 0);
	cr_assert_eq(
	    channel_tls_offer(&c->ch, buf_data(&c->hello), c->hello.len, &c->e),
	    0);
	while ((rc = channel_tls_shake(&c->ch, "erp:1", &c->e)) == 0)
		cr_assert_geq(channel_wait(&c->ch, CHANNEL_RECV, WAIT_MS), 0);
	cr_assert_eq(rc, 1, "%s", c->e.msg);
}

static void
hang_up(struct caller *c)
{
	channel_close(&c->ch);
	(void)close(c->fd);
}

/* The release of the WELCOME that comes. */
static struct hash
hear(struct caller *c)
{
	static uint8_t bytes[ANSWER_MAX];
	struct msg_welcome m;
	struct frame f;
	size_t n = 0;
	int64_t got;

	do {
		cr_assert_geq(channel_wait(&c->ch, CHANNEL_RECV, WAIT_MS), 0);
		got = channel_recv(&c->ch, bytes + n, sizeof(bytes) - n);
		cr_assert_geq(got, 0);
		n += (size_t)got;
	} while (n <= PREFACE_LEN ||
	    frame_decode(bytes + PREFACE_LEN, n - PREFACE_LEN, &f, NULL) <= 0);
	cr_assert_eq(f.type, MSG_WELCOME);
	cr_assert_eq(welcome_decode(f.payload, f.len, &m, NULL), 0);
	return m.release;
}

static void
say_hello(struct caller *c)
{
	cr_assert(!channel_tls_is_said(&c->ch));
	cr_assert_eq(
	    channel_send(&c->ch, buf_data(&c->hello), c->hello.len, false),
	    (int64_t)c->hello.len);
}

/* It has learned which release there is, and got a ticket for having it. */
static void
settle(struct caller *c)
{
	call(c);
	say_hello(c);
	c->release = hear(c);
	hang_up(c);
	call(c);
	say_hello(c);
	(void)hear(c);
	hang_up(c);
}

/* Connect once more; the last words of the handshake stay here. */
static void
call_as_echo(struct caller *c)
{
	struct hash release;

	c->echoes = true;
	call(c);
	cr_assert(channel_tls_is_said(&c->ch));
	release = hear(c);
	cr_expect(hash_equal(&release, &c->release));
}

Test(conn_again, an_echo_is_a_stranger)
{
	struct caller c;

	caller_open(&c);
	settle(&c);
	call_as_echo(&c);
	cr_expect_gt(c.held.len, 0);
	hang_up(&c);
	cr_expect(loopback_logs(&c.l, "the station closed the connection"));
	cr_expect_eq(loopback_stop(&c.l), 0);
	cr_expect_eq(c.l.stats.served, 2, "none by the echo");
	cr_expect_eq(c.l.stats.ended, 3);
	caller_close(&c);
}

Test(conn_again, what_was_told_counts_if_it_is_so_still)
{
	uint8_t rest[16];
	struct caller c;

	caller_open(&c);
	settle(&c);
	call_as_echo(&c);
	cr_assert_eq(send(c.fd, buf_data(&c.held), c.held.len, MSG_NOSIGNAL),
	    (ssize_t)c.held.len);
	buf_clear(&c.held);
	c.echoes = false;
	cr_assert_geq(channel_wait(&c.ch, CHANNEL_RECV, 300), 0);
	cr_expect_eq(channel_recv(&c.ch, rest, sizeof(rest)), 0,
	    "nothing is said twice");
	hang_up(&c);
	cr_expect_eq(loopback_stop(&c.l), 0);
	cr_expect_eq(c.l.stats.served, 3);
	caller_close(&c);
}

Test(conn_again, what_has_changed_meanwhile_ends_it)
{
	uint8_t rest[16];
	struct caller c;
	int64_t n;

	caller_open(&c);
	settle(&c);
	call_as_echo(&c);
	tempdir_text(&c.l.dir, "update/g", "two", 1000000000);
	cr_assert(loopback_logs(&c.l, "build -, 2 entries"));
	cr_assert_eq(send(c.fd, buf_data(&c.held), c.held.len, MSG_NOSIGNAL),
	    (ssize_t)c.held.len);
	c.echoes = false;
	do
		n = channel_wait(&c.ch, CHANNEL_RECV, WAIT_MS) < 0
		    ? ERP_IO
		    : channel_recv(&c.ch, rest, sizeof(rest));
	while (n == 0);
	cr_expect_lt(n, 0, "nothing of the other answer");
	hang_up(&c);
	cr_expect(loopback_logs(&c.l, "what it was told has changed"));
	cr_expect_eq(loopback_stop(&c.l), 0);
	caller_close(&c);
}
