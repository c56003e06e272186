/* When a station's connection is plain, and when TLS, over real sockets. */
#include "transport/net/secure.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/observer.h"
#include "transport/net/channel.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOME_PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* What a station says first. */
static uint8_t words[] = "hello";
static const struct buf says = {
    .p = words, .len = sizeof(words), .limit = sizeof(words)};

/* A socket pair is within this machine; a stream nobody knows. */
struct scene {
	struct secure_options opt;
	struct secure secure;
	struct observer obs;
	struct channel ch;
	int peer, warned, looks;
	struct err e;
};

static int64_t
never(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	(void)ctx;
	(void)p;
	(void)n;
	(void)wait_ms;
	return 0;
}

static int64_t
swallow(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	(void)ctx;
	(void)p;
	(void)wait_ms;
	return (int64_t)n;
}

static void
on_event(void *ctx, const struct event *ev)
{
	struct scene *s = ctx;

	cr_expect_eq(ev->kind, EVENT_WARN);
	cr_expect_not_null(strstr(ev->text, "Insecure=1"), "%s", ev->text);
	s->warned++;
}

static int
interrupted(void *ctx)
{
	return ++((struct scene *)ctx)->looks > 3;
}

static int
begin(struct scene *s, bool is_local, uint64_t ms)
{
	static const struct channel_stream far = {never, swallow, NULL};
	const struct secure_limits limits = {.clock = clock_real(),
	    .until = clock_ms(clock_real()) + ms,
	    .interrupted = interrupted,
	    .ctx = s};
	int fds[2] = {-1, -1}, rc;

	s->obs = (struct observer){.event = on_event, .ctx = s};
	s->opt.obs = &s->obs;
	s->opt.tls.host = "erp.example";
	s->warned = s->looks = 0;
	if (is_local) {
		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		cr_assert_eq(channel_of_socket(&s->ch, fds[0], &s->e), 0);
	} else {
		channel_of_stream(&s->ch, &far);
	}
	s->peer = fds[1];
	secure_init(&s->secure, &s->opt);
	rc = secure_begin(&s->secure, &s->ch, &says, "erp:1", &limits, &s->e);
	return rc;
}

static void
end(struct scene *s)
{
	channel_close(&s->ch);
	if (s->peer >= 0)
		(void)close(s->peer);
	secure_release(&s->secure);
}

Test(secure, within_the_machine_nothing_has_to_be_said)
{
	struct scene s = {.peer = -1};

	cr_assert_eq(begin(&s, true, 1000), 0, "%s", s.e.msg);
	cr_expect_null(s.ch.tls);
	cr_expect_str_eq(secure_pin(&s.secure), "");
	cr_expect_eq(s.secure.believed, false);
	cr_expect_eq(s.warned, 0);
	end(&s);
}

/* All that makes it TLS; the other end is silent, so it comes to nothing. */
Test(secure, what_is_asked_known_or_far_is_tls)
{
	static const struct {
		struct secure_options opt;
		bool is_local;
	} rows[] = {{{.wish = SECURE_TLS}, true}, {{.tls.pin = SOME_PIN}, true},
	    {{.tls.before = SOME_PIN}, true},
	    {{.tls.before = SOME_PIN, .accept = true}, true},
	    {{.wish = SECURE_AUTO}, false}};
	struct scene s;
	uint8_t first;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&s, 0, sizeof(s));
		s.opt = rows[i].opt;
		cr_expect_eq(begin(&s, rows[i].is_local, 0), ERP_TIMEOUT,
		    "row %zu: %s", i, s.e.msg);
		cr_expect_not_null(s.ch.tls);
		cr_expect_eq(s.secure.believed, false);
		if (rows[i].is_local) {
			cr_assert_eq(read(s.peer, &first, 1), 1);
			cr_expect_eq(first, TLS_FIRST_BYTE);
		}
		end(&s);
	}
}

Test(secure, doing_without_is_said_each_time)
{
	struct scene s = {.opt.wish = SECURE_PLAIN};

	cr_assert_eq(begin(&s, false, 1000), 0);
	cr_expect_null(s.ch.tls);
	cr_expect_eq(s.warned, 1);
	end(&s);
	cr_assert_eq(begin(&s, true, 1000), 0);
	cr_expect_eq(s.warned, 0, "but for this machine itself");
	end(&s);
}

Test(secure, who_was_reached_by_tls_is_not_reached_plain)
{
	struct scene s = {
	    .opt = {.wish = SECURE_PLAIN, .tls.before = SOME_PIN}};

	cr_assert_eq(begin(&s, true, 1000), ERP_UNTRUSTED);
	cr_expect_not_null(
	    strstr(s.e.msg, "was reached by TLS before"), "%s", s.e.msg);
	end(&s);
}

Test(secure, whom_to_believe_and_not_to_look_is_a_contradiction)
{
	struct scene s = {.opt = {.wish = SECURE_PLAIN, .tls.pin = SOME_PIN}};

	cr_expect_eq(begin(&s, true, 1000), ERP_USAGE);
	end(&s);
	s.opt.tls.pin = NULL;
	s.opt.tls.ca = "ca.pem";
	cr_expect_eq(begin(&s, false, 1000), ERP_USAGE);
	cr_expect_null(s.ch.tls);
	end(&s);
}

/* A name may lead to this machine all of a sudden. */
Test(secure, who_was_believed_a_moment_ago_is_not_reached_plain)
{
	struct scene s = {.peer = -1};
	const struct secure_limits limits = {
	    .clock = clock_real(), .interrupted = interrupted, .ctx = &s};

	cr_assert_eq(begin(&s, true, 0), 0);
	cr_assert_null(s.ch.tls);
	s.secure.believed = true;
	cr_expect_eq(
	    secure_begin(&s.secure, &s.ch, &says, "erp:1", &limits, &s.e),
	    ERP_TIMEOUT, "%s", s.e.msg);
	cr_expect_not_null(s.ch.tls);
	end(&s);
}

Test(secure, a_silent_server_keeps_nobody)
{
	struct scene s = {.opt.wish = SECURE_TLS};
	uint64_t began = clock_ms(clock_real());

	cr_expect_eq(begin(&s, true, 300), ERP_TIMEOUT, "%s", s.e.msg);
	cr_expect_geq(clock_ms(clock_real()) - began, 300);
	end(&s);
	cr_expect_eq(begin(&s, true, 60 * 1000), ERP_CANCELLED);
	cr_expect_eq(s.looks, 4);
	end(&s);
	s.opt.tls.pin = "no pin";
	cr_expect_eq(begin(&s, true, 1000), ERP_USAGE);
	cr_expect_null(s.ch.tls);
	end(&s);
}
