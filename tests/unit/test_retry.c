/* A station's way to the server, over good and bad links. */
#include "transport/net/retry.h"

#include "engine/apply/folder.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "tests/support/loopback.h"
#include "tests/support/relay.h"
#include "transport/net/secure.h"
#include "transport/station/station.h"
#include "transport/wire/limits.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BIG = 1024 * 1024, SLEEPS = 16 };

struct bench {
	struct loopback l;
	struct relay relay;
	struct tempdir client;
	struct retry_options opt;
	struct secure_options safety; /* nothing is asked for */
	struct secure secure;
	struct retry_result result;
	struct folder *folder;
	struct station *station; /* the last */
	struct observer obs;
	struct err e;
	int rc;
	bool answer;
	int asked, retries;
	uint32_t slept[SLEEPS]; /* milliseconds */
	int slept_n;
	struct net_server *stop_in_sleep;
	struct clock late; /* as if pauses had been as long as pause_ms */
	uint64_t pause_ms, paused_ms;
	uint8_t noise[BIG];
};

static void
on_event(void *ctx, const struct event *ev)
{
	struct bench *b = ctx;

	if (ev->kind != EVENT_RETRY)
		return;
	b->retries++;
	cr_expect_not_null(ev->text);
}

static int
make_station(void *ctx, struct station **out, struct err *e)
{
	struct bench *b = ctx;
	const struct station_options opt = {.folder = b->folder,
	    .clock = clock_real(),
	    .station_id = "test",
	    .arch = "x86_64",
	    .build = "A1",
	    .os = PATH_OS_LINUX,
	    .before = b->station};
	int rc = station_new(&opt, out, e);

	station_free(b->station);
	b->station = *out;
	return rc;
}

static bool
ask(void *ctx, struct station *s)
{
	struct bench *b = ctx;

	(void)s;
	b->asked++;
	return b->answer;
}

static void
note_sleep(void *ctx, uint32_t ms)
{
	struct bench *b = ctx;

	if (b->slept_n < SLEEPS)
		b->slept[b->slept_n++] = ms;
	b->paused_ms += b->pause_ms;
}

static uint64_t
late_ms(void *ctx)
{
	const struct bench *b = ctx;

	return clock_ms(clock_real()) + b->paused_ms;
}

/* Only pauses take time. */
static uint64_t
standing_ms(void *ctx)
{
	const struct bench *b = ctx;

	return 1000 + b->paused_ms;
}

static int64_t
real_s(void *ctx)
{
	(void)ctx;
	return clock_s(clock_real());
}

/* A server with one file that does not compress, and a relay to it. */
static void
bench_open(struct bench *b)
{
	uint32_t seed = 1;
	size_t i;

	memset(b, 0, sizeof(*b));
	for (i = 0; i < BIG; i++) {
		seed = seed * 1664525 + 1013904223;
		b->noise[i] = (uint8_t)(seed >> 24);
	}
	loopback_open(&b->l);
	tempdir_open(&b->client);
	tempdir_write(&b->l.dir, "update/big", b->noise, BIG, 1000000000);
	b->obs.event = on_event;
	b->obs.ctx = b;
	b->opt.host = "127.0.0.1";
	b->opt.clock = clock_real();
	b->opt.obs = &b->obs;
	b->opt.make_station = make_station;
	b->opt.ask = ask;
	b->opt.sleep_ms = note_sleep;
	b->opt.ctx = b;
	secure_init(&b->secure, &b->safety);
	b->opt.secure = &b->secure;
	for (i = 0; i < RELAY_CUTS; i++)
		b->relay.cut[i] = -1;
}

/* Start the server, and the relay in front of it. */
static void
bench_start(struct bench *b)
{
	loopback_start(&b->l);
	b->relay.to = b->l.port;
	relay_start(&b->relay);
	b->opt.port = b->relay.port;
}

static void
bench_run(struct bench *b)
{
	const struct folder_options fopt = {
	    .fs = fs_real(), .clock = clock_real()};
	int rc = folder_open(b->client.path, &fopt, &b->folder, &b->e);

	cr_assert_eq(rc, 0, "%s", b->e.msg);
	b->rc = retry_run(&b->opt, &b->result, &b->e);
}

static void
bench_close(struct bench *b)
{
	station_free(b->station);
	folder_close(b->folder);
	if (b->relay.port != 0)
		relay_stop(&b->relay);
	loopback_close(&b->l);
	tempdir_close(&b->client);
	free(b);
}

static struct bench *
bench_new(void)
{
	struct bench *b = malloc(sizeof(*b));

	cr_assert_not_null(b);
	bench_open(b);
	return b;
}

static bool
has_update(struct bench *b)
{
	size_t n = 0;
	char *p;
	bool same;

	if (!tempdir_has(&b->client, "big"))
		return false;
	p = tempdir_read(&b->client, "big", &n);
	same = n == BIG && memcmp(p, b->noise, BIG) == 0;
	free(p);
	return same;
}

Test(retry, updates_and_counts_the_bytes)
{
	struct bench *b = bench_new();

	bench_start(b);
	bench_run(b);
	cr_assert_eq(b->rc, 0, "%s", b->e.msg);
	cr_expect_eq(station_report(b->station)->outcome, OUTCOME_UPDATED);
	cr_expect(has_update(b));
	cr_expect_eq(b->result.tries, 1);
	cr_expect_eq(b->retries, 0);
	cr_expect_eq(b->result.sent, station_report(b->station)->sent);
	cr_expect_eq(b->result.received, station_report(b->station)->received);
	cr_expect(loopback_logs(&b->l, "compatible: updated, "));
	/* The other end counts the same. */
	cr_expect_eq(loopback_stop(&b->l), 0);
	cr_expect_eq(b->l.stats.sent, b->result.received);
	cr_expect_eq(b->l.stats.received, b->result.sent);
	cr_expect_eq(b->l.stats.ended, 1);
	cr_expect_eq(b->l.stats.failed, 0);
	bench_close(b);
}

/* The report of the last try has the bytes of all. */
static void
told_as_one(struct bench *b)
{
	const struct station_report *r = station_report(b->station);

	cr_expect_eq(r->sent, b->result.sent);
	cr_expect_eq(r->received, b->result.received);
	cr_assert_eq(r->plan->n, 1);
	cr_expect(r->items[0].transfer);
	cr_expect_eq(r->items[0].codec, CODEC_FULL);
	/* It does not compress: all of it came, and counts as that file's. */
	cr_expect_geq(r->blob_bytes, BIG);
	cr_expect_geq(r->items[0].received, r->blob_bytes);
	cr_expect_lt(r->items[0].received, r->received);
	cr_expect_lt(r->received - r->items[0].received, 3 * 64 * 1024);
}

static void
over_a_damaging_link(int64_t up, int64_t down)
{
	struct bench *b = bench_new();

	b->relay.harm_up = up;
	b->relay.harm_down = down;
	b->opt.retries = 1;
	bench_start(b);
	bench_run(b);
	cr_expect_eq(b->rc, 0, "%s", b->e.msg);
	cr_expect_eq(b->result.tries, 2);
	cr_expect(has_update(b));
	cr_expect_eq(loopback_stop(&b->l), 0);
	/* The last words of a station may be lost. */
	cr_expect(up == 0 || loopback_logs(&b->l, "arrived damaged"));
	bench_close(b);
}

Test(retry, what_arrives_damaged_is_a_lost_connection, .timeout = 300)
{
	/* Of HELLO the payload, of DATA another. */
	over_a_damaging_link(PREFACE_LEN + FRAME_HEADER_LEN + 3, 0);
	over_a_damaging_link(0, BIG / 2);
}

Test(retry, a_broken_link_is_resumed, .timeout = 300)
{
	struct bench *b = bench_new();

	b->opt.retries = 2;
	b->relay.cut[0] = 500 * 1000;
	b->relay.cut[1] = 300 * 1000;
	bench_start(b);
	bench_run(b);
	cr_assert_eq(b->rc, 0, "%s", b->e.msg);
	cr_expect(has_update(b));
	cr_expect_eq(b->result.tries, 3);
	cr_expect_eq(b->retries, 2);
	/* What is lost is a frame that was cut in its middle, each time. */
	cr_expect_lt(b->result.received, BIG + 3 * 64 * 1024,
	    "%llu bytes: nothing was resumed",
	    (unsigned long long)b->result.received);
	told_as_one(b);
	bench_close(b);
}

/* The time for a greeting begins with the try, not with the pause before. */
Test(retry, a_long_pause_costs_no_greeting, .timeout = 300)
{
	struct bench *b = bench_new();

	b->late = (struct clock){late_ms, real_s, b};
	b->opt.clock = &b->late;
	b->opt.retries = 2;
	b->opt.answer_ms = 8000;
	b->opt.total_ms = 60000;
	b->pause_ms = 9000;
	b->relay.cut[0] = 500 * 1000;
	b->relay.cut[1] = 300 * 1000;
	bench_start(b);
	bench_run(b);
	cr_assert_eq(b->rc, 0, "%s", b->e.msg);
	cr_expect(has_update(b));
	cr_expect_eq(b->result.tries, 3);
	bench_close(b);
}

/* Else the last one would only tell that it had none. */
Test(retry, no_try_begins_without_time_for_it, .timeout = 300)
{
	struct bench *b = bench_new();
	int i;

	b->late = (struct clock){standing_ms, real_s, b};
	b->opt.clock = &b->late;
	b->opt.retries = 7;
	b->opt.total_ms = 600 * 1000;
	b->pause_ms = 599 * 1000 + 100;
	for (i = 0; i < RELAY_CUTS; i++)
		b->relay.cut[i] = 40;
	bench_start(b);
	bench_run(b);
	cr_expect_eq(b->rc, ERP_LOST, "%s", b->e.msg);
	cr_expect_eq(b->result.tries, 2);
	bench_close(b);
}

static uint64_t
fast_ms(void *ctx)
{
	(void)ctx;
	return 10 * clock_ms(clock_real());
}

/* The time for the list of files is that of all tries: another one would fail
 * of it at once. */
Test(retry, a_list_that_drips_is_not_begun_again, .timeout = 300)
{
	struct bench *b = bench_new();
	char name[32];
	int i;

	for (i = 0; i < 600; i++) {
		(void)snprintf(name, sizeof(name), "update/%d", i);
		tempdir_text(&b->l.dir, name, name, 1000000000);
	}
	b->late = (struct clock){fast_ms, real_s, b};
	b->opt.clock = &b->late;
	b->opt.retries = 5;
	b->opt.total_ms = 6000;
	b->opt.bwlimit = 512;
	bench_start(b);
	bench_run(b);
	cr_expect_eq(b->rc, ERP_TIMEOUT, "%d %s", b->rc, b->e.msg);
	cr_expect_not_null(
	    strstr(b->e.msg, "no whole list of files"), "%s", b->e.msg);
	cr_expect_eq(b->result.tries, 1);
	bench_close(b);
}

Test(retry, a_link_that_always_breaks_is_given_up)
{
	static const uint32_t top[] = {
	    1000, 2000, 4000, 8000, 16000, 30000, 30000};
	struct bench *b = bench_new();
	int i;

	b->opt.retries = 7;
	for (i = 0; i < RELAY_CUTS; i++)
		b->relay.cut[i] = 40;
	bench_start(b);
	bench_run(b);
	cr_expect_eq(b->rc, ERP_LOST);
	cr_expect_eq(b->result.tries, 8);
	cr_assert_eq(b->slept_n, 7);
	for (i = 0; i < b->slept_n; i++) {
		cr_expect_gt(b->slept[i], 0);
		cr_expect_leq(b->slept[i], top[i]);
	}
	cr_expect(!tempdir_has(&b->client, "big"));
	bench_close(b);
}

Test(retry, no_server_is_said_at_once)
{
	struct bench *b = bench_new();
	uint16_t port;

	bench_start(b);
	port = b->relay.port;
	relay_stop(&b->relay);
	b->relay.port = 0;
	b->opt.port = port;
	b->opt.retries = 5;
	bench_run(b);
	cr_expect_eq(b->rc, ERP_UNREACHABLE);
	cr_expect_eq(b->e.sys, ECONNREFUSED);
	cr_expect_eq(b->result.tries, 1);
	cr_expect_eq(b->slept_n, 0);
	cr_expect_null(b->station);
	folder_close(b->folder);
	b->opt.host = "no.such.host.invalid";
	bench_run(b);
	cr_expect_eq(b->rc, ERP_UNREACHABLE);
	bench_close(b);
}

Test(retry, a_silent_server_times_out, .timeout = 300)
{
	struct bench *b = bench_new();

	relay_start(&b->relay);
	b->opt.port = b->relay.port;
	b->opt.timeout_ms = 300;
	b->opt.retries = 1;
	bench_run(b);
	cr_expect_eq(b->rc, ERP_TIMEOUT);
	cr_expect_eq(b->result.tries, 1, "it never greeted");
	bench_close(b);
}

/* A server without a place hangs up; one that is none may, too. */
Test(retry, who_hangs_up_without_a_word_is_called_twice_more)
{
	static const struct {
		unsigned retries;
		int hang_ups;
		int rc;
		unsigned tries;
	} cases[] = {{5, 2, 0, 3}, {5, 3, ERP_LOST, 3}, {1, 3, ERP_LOST, 2},
	    {0, 1, ERP_LOST, 1}};
	struct bench *b;
	size_t k;
	int i;

	for (k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		b = bench_new();
		b->opt.retries = cases[k].retries;
		for (i = 0; i < cases[k].hang_ups; i++)
			b->relay.cut[i] = 0;
		bench_start(b);
		bench_run(b);
		cr_expect_eq(b->rc, cases[k].rc, "%zu: %d", k, b->rc);
		cr_expect_eq(b->result.tries, cases[k].tries, "%zu: %u", k,
		    b->result.tries);
		for (i = 0; i < b->slept_n; i++)
			cr_expect_leq(b->slept[i], 1000U << i);
		bench_close(b);
	}
}

/* Whose TLS is believed is known for a server. */
Test(retry, a_handshake_is_as_good_as_a_greeting)
{
	struct bench *b = bench_new();
	int i;

	b->safety.wish = SECURE_TLS;
	b->safety.tls.host = "127.0.0.1";
	b->opt.retries = 4;
	for (i = 0; i < RELAY_CUTS; i++)
		b->relay.cut[i] = 800; /* within what comes behind it */
	bench_start(b);
	bench_run(b);
	cr_expect_eq(b->rc, ERP_LOST, "%d %s", b->rc, b->e.msg);
	cr_expect_eq(b->result.tries, 5);
	cr_expect_eq(station_awaits(b->station), STATION_AWAITS_GREETING);
	secure_release(&b->secure);
	bench_close(b);
}

Test(retry, something_else_on_the_port_is_not_tried_again)
{
	struct bench *b = bench_new();

	b->relay.says = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
	relay_start(&b->relay);
	b->opt.port = b->relay.port;
	b->opt.retries = 5;
	bench_run(b);
	cr_expect_eq(b->rc, ERP_PROTO);
	cr_expect_eq(b->result.tries, 1);
	bench_close(b);
}

Test(retry, the_person_is_asked_once, .timeout = 300)
{
	struct bench *b = bench_new();

	b->l.opt.config.sources[0].build = "B2";
	b->answer = true;
	b->opt.retries = 1;
	b->relay.cut[0] = 300 * 1000;
	bench_start(b);
	bench_run(b);
	cr_assert_eq(b->rc, 0, "%s", b->e.msg);
	cr_expect_eq(b->asked, 1);
	cr_expect_eq(b->result.tries, 2);
	cr_expect(has_update(b));
	bench_close(b);
}

Test(retry, a_no_is_an_end_and_not_a_failure)
{
	struct bench *b = bench_new();

	b->l.opt.config.sources[0].build = "B2";
	bench_start(b);
	bench_run(b);
	cr_assert_eq(b->rc, 0, "%s", b->e.msg);
	cr_expect_eq(b->asked, 1);
	cr_expect_eq(station_report(b->station)->outcome, OUTCOME_DECLINED);
	cr_expect(!tempdir_has(&b->client, "big"));
	cr_expect(loopback_logs(&b->l, "incompatible: declined"));
	bench_close(b);
}

static int
is_asked(void *ctx)
{
	const struct bench *b = ctx;

	return b->asked;
}

Test(retry, who_is_interrupted_while_asked_has_not_declined)
{
	struct bench *b = bench_new();

	b->l.opt.config.sources[0].build = "B2";
	b->opt.interrupted = is_asked;
	bench_start(b);
	bench_run(b);
	cr_expect_eq(b->rc, ERP_CANCELLED);
	cr_expect_eq(b->asked, 1);
	cr_expect_eq(b->result.tries, 1);
	bench_close(b);
}

Test(retry, a_busy_server_is_asked_again_when_it_said)
{
	struct bench *b = bench_new();

	/* Still preparing its first release, for longer than we try. */
	b->l.opt.config.sources[0].settle_ms = 1500;
	b->l.no_wait = true;
	b->opt.retries = 2;
	bench_start(b);
	bench_run(b);
	cr_expect_eq(b->rc, ERP_OVERLOAD);
	cr_expect_eq(b->result.tries, 3);
	cr_assert_eq(b->slept_n, 2);
	cr_expect_geq(b->slept[0], 1000);
	cr_expect_leq(b->slept[0], 60 * 1000);
	cr_expect(loopback_logs(&b->l, "update published"));
	folder_close(b->folder);
	bench_run(b);
	cr_expect_eq(b->rc, 0, "%s", b->e.msg);
	bench_close(b);
}

static int
yes(void *ctx)
{
	(void)ctx;
	return 1;
}

Test(retry, an_interrupt_ends_it)
{
	struct bench *b = bench_new();

	relay_start(&b->relay);
	b->opt.port = b->relay.port;
	b->opt.retries = 5;
	b->opt.interrupted = yes;
	bench_run(b);
	cr_expect_eq(b->rc, ERP_CANCELLED);
	cr_expect_eq(b->slept_n, 0);
	bench_close(b);
}

static int
has_slept(void *ctx)
{
	const struct bench *b = ctx;

	return b->slept_n > 0;
}

/* During the pause between two tries, too: there is no other try. */
Test(retry, an_interrupt_ends_a_pause)
{
	struct bench *b = bench_new();
	int i;

	b->opt.retries = 5;
	b->opt.interrupted = has_slept;
	for (i = 0; i < RELAY_CUTS; i++)
		b->relay.cut[i] = 40;
	bench_start(b);
	bench_run(b);
	cr_expect_eq(b->rc, ERP_CANCELLED);
	cr_expect_eq(b->slept_n, 1);
	cr_expect_eq(b->result.tries, 1);
	bench_close(b);
}

Test(retry, the_bandwidth_is_kept, .timeout = 300)
{
	struct bench *b = bench_new();
	uint64_t ms;

	b->opt.bwlimit = BIG / 2;
	bench_start(b);
	bench_run(b);
	cr_assert_eq(b->rc, 0, "%s", b->e.msg);
	cr_expect(has_update(b));
	ms = station_report(b->station)->elapsed_ms;
	cr_expect_geq(ms, 1900, "%llu ms", (unsigned long long)ms);
	bench_close(b);
}

Test(retry, files_that_came_before_the_link_broke_are_told, .timeout = 300)
{
	struct bench *b = bench_new();
	const struct station_report *r;
	uint64_t items = 0;
	size_t i;

	/* In one group with its like, and whole before the first cut. */
	tempdir_write(&b->l.dir, "update/a", b->noise, 3000, 1000000000);
	tempdir_write(&b->l.dir, "update/b", b->noise + 3000, 3000, 1000000000);
	b->opt.retries = 1;
	b->relay.cut[0] = 700 * 1000;
	bench_start(b);
	bench_run(b);
	cr_assert_eq(b->rc, 0, "%s", b->e.msg);
	cr_expect_eq(b->result.tries, 2);
	r = station_report(b->station);
	cr_expect_eq(r->sent, b->result.sent);
	cr_expect_eq(r->received, b->result.received);
	cr_assert_eq(r->plan->n, 3);
	for (i = 0; i < r->plan->n; i++) {
		cr_expect(r->items[i].transfer);
		cr_expect_eq(r->items[i].codec, CODEC_FULL);
		cr_expect_geq(
		    r->items[i].received, r->plan->v[i].want->content.size);
		items += r->items[i].received;
	}
	cr_expect_geq(r->blob_bytes, BIG + 6000);
	cr_expect_leq(items, r->received);
	cr_expect_lt(r->received - items, 2 * 64 * 1024);
	bench_close(b);
}
