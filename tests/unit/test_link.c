/* A station over a stream of the caller's: nothing to poll, the same update,
 * and each end of the stream is told as what it is. */
#include "transport/net/link.h"

#include "engine/apply/folder.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/loopback.h"
#include "transport/net/channel.h"
#include "transport/net/patience.h"
#include "transport/station/station.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
	struct tempdir client;
	struct folder *folder;
	struct station *station;
	/* The stream: a socket's, or these bytes and then this answer. */
	int fd;
	struct buf says;
	int64_t then;
	struct buf again; /* this for ever, each time after so long */
	uint32_t each_ms;
	uint32_t timeout_ms, total_ms;
	size_t heard; /* bytes sent to it */
	const char *gone_with; /* the client's file with which it ends */
};

static bool
is_gone(struct fixture *f)
{
	return f->gone_with != NULL && tempdir_has(&f->client, f->gone_with);
}

static int64_t
take(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	struct fixture *f = ctx;
	struct pollfd poll_in = {.fd = f->fd, .events = POLLIN};
	ssize_t got;

	if (is_gone(f))
		return CHANNEL_END;
	if (f->fd < 0) {
		if (f->says.len == 0 && f->again.len > 0) {
			if (f->each_ms > wait_ms)
				return 0;
			clock_sleep_ms(NULL, f->each_ms);
			n = f->again.len < n ? f->again.len : n;
			memcpy(p, buf_data(&f->again), n);
			return (int64_t)n;
		}
		if (f->says.len == 0)
			return f->then;
		if (n > f->says.len)
			n = f->says.len;
		memcpy(p, buf_data(&f->says), n);
		buf_consume(&f->says, n);
		return (int64_t)n;
	}
	if (poll(&poll_in, 1, (int)wait_ms) <= 0)
		return 0;
	got = recv(f->fd, p, n, 0);
	return got > 0 ? got : got == 0 ? CHANNEL_END : ERP_IO;
}

static int64_t
give(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	struct fixture *f = ctx;
	struct pollfd poll_out = {.fd = f->fd, .events = POLLOUT};
	ssize_t sent = (ssize_t)n;

	if (is_gone(f))
		return ERP_IO;
	if (f->fd >= 0) {
		if (poll(&poll_out, 1, (int)wait_ms) <= 0)
			return 0;
		/* A narrow one, so that output waits now and then. */
		sent = send(f->fd, p, n < 100 ? n : 100, MSG_NOSIGNAL);
	}
	f->heard += sent > 0 ? (size_t)sent : 0;
	return sent > 0 ? sent : ERP_IO;
}

static void
fixture_open(struct fixture *f)
{
	const struct folder_options fopt = {
	    .fs = fs_real(), .clock = clock_real()};
	struct station_options opt = {.clock = clock_real(),
	    .station_id = "test",
	    .arch = "x86_64",
	    .build = "A1",
	    .os = PATH_OS_LINUX};
	struct err e;
	int rc;

	memset(f, 0, sizeof(*f));
	f->fd = -1;
	buf_init(&f->says, 4096);
	buf_init(&f->again, 4096);
	tempdir_open(&f->client);
	rc = folder_open(f->client.path, &fopt, &f->folder, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
	opt.folder = f->folder;
	cr_assert_eq(station_new(&opt, &f->station, &e), 0);
}

static void
fixture_close(struct fixture *f)
{
	station_free(f->station);
	folder_close(f->folder);
	tempdir_close(&f->client);
	buf_release(&f->says);
	buf_release(&f->again);
}

static int
fixture_run(struct fixture *f, struct link_result *result, struct err *e)
{
	const struct channel_stream stream = {take, give, f};
	const struct patience_options limits = {.clock = clock_real(),
	    .timeout_ms = f->timeout_ms != 0 ? f->timeout_ms : 300,
	    .total_ms = f->total_ms};
	struct patience patience;
	struct channel ch;
	const struct link_options opt = {.channel = &ch,
	    .shown = "server:1",
	    .clock = clock_real(),
	    .patience = &patience};
	int rc;

	channel_of_stream(&ch, &stream);
	patience_init(&patience, &limits);
	rc = link_run(&opt, f->station, result, e);
	channel_close(&ch);
	return rc;
}

Test(link, updates_over_a_stream)
{
	static struct loopback l;
	struct link_result result;
	struct fixture f;
	struct err e;
	char name[32];
	int i;

	loopback_open(&l);
	for (i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "update/d%d/f%d", i % 7, i);
		tempdir_text(&l.dir, name, name, 1000000000 + i);
	}
	loopback_start(&l);
	fixture_open(&f);
	f.fd = loopback_connect(&l);
	cr_assert_eq(fixture_run(&f, &result, &e), 0, "%s", e.msg);
	cr_expect_eq(station_report(f.station)->outcome, OUTCOME_UPDATED);
	cr_expect(tempdir_is_text(&f.client, "d3/f3", "update/d3/f3"));
	cr_expect_eq(result.sent, f.heard);
	cr_expect_eq(result.sent, station_report(f.station)->sent);
	cr_expect_eq(result.received, station_report(f.station)->received);
	cr_expect(loopback_logs(&l, "compatible: updated, "));
	(void)close(f.fd);
	fixture_close(&f);
	loopback_close(&l);
}

/* The update is in place, and nobody is there to hear of it. */
Test(link, a_result_that_nobody_hears_takes_no_time)
{
	static struct loopback l;
	struct link_result result;
	struct fixture f;
	uint64_t began;
	struct err e;

	loopback_open(&l);
	tempdir_text(&l.dir, "update/file", "text", 1000000000);
	loopback_start(&l);
	fixture_open(&f);
	f.fd = loopback_connect(&l);
	f.gone_with = "file";
	f.timeout_ms = 20 * 1000;
	began = clock_ms(clock_real());
	cr_expect_eq(fixture_run(&f, &result, &e), 0, "%s", e.msg);
	cr_expect_lt(clock_ms(clock_real()) - began, 10 * 1000);
	cr_expect_eq(station_report(f.station)->outcome, OUTCOME_UPDATED);
	(void)close(f.fd);
	fixture_close(&f);
	loopback_close(&l);
}

static uint64_t
stands(void *ctx)
{
	(void)ctx;
	return 1000;
}

/* Where there is nothing to do nobody waits for the server to close. */
Test(link, nothing_to_do_takes_no_farewell, .timeout = 300)
{
	const struct clock clock = {.monotonic_ms = stands};
	const struct patience_options limits = {
	    .clock = &clock, .timeout_ms = 300};
	const struct msg_welcome welcome = {.verdict = VERDICT_DISABLED};
	struct patience patience;
	struct channel ch;
	const struct link_options opt = {.channel = &ch,
	    .shown = "server:1",
	    .clock = &clock,
	    .patience = &patience};
	struct link_result result;
	uint8_t heard[4096];
	struct fixture f;
	struct err e;
	int fd[2];
	size_t n = 0;
	ssize_t got;

	fixture_open(&f);
	patience_init(&patience, &limits);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	cr_assert_eq(channel_of_socket(&ch, fd[0], &e), 0);
	cr_assert_eq(preface_encode(0, &f.says, &e), 0);
	cr_assert_eq(welcome_encode(&welcome, &f.says, &e), 0);
	cr_assert_eq(
	    send(fd[1], buf_data(&f.says), f.says.len, 0), (ssize_t)f.says.len);
	cr_expect_eq(link_run(&opt, f.station, &result, &e), 0, "%s", e.msg);
	cr_expect_eq(station_report(f.station)->outcome, OUTCOME_CURRENT);
	channel_close(&ch);
	/* It said all, to the end. */
	while ((got = recv(fd[1], heard + n, sizeof(heard) - n, 0)) > 0)
		n += (size_t)got;
	cr_expect_eq(got, 0);
	cr_expect_eq(n, result.sent);
	(void)close(fd[1]);
	fixture_close(&f);
}

/* What comes of a server that says its preface, ERROR with this code unless it
 * is 0, and then ends its stream so. */
static void
ends(int error, int64_t then, int want, const char *text)
{
	struct msg_error m = {.code = (uint16_t)error, .text = "it is gone"};
	struct link_result result;
	struct fixture f;
	struct err e;

	fixture_open(&f);
	f.then = then;
	cr_assert_eq(preface_encode(FEATURE_HINTS, &f.says, &e), 0);
	if (error != 0)
		cr_assert_eq(error_encode(&m, &f.says, &e), 0);
	cr_expect_eq(fixture_run(&f, &result, &e), want, "%s: %s",
	    err_name(e.code), e.msg);
	cr_expect_str_eq(e.msg, text);
	cr_expect_gt(f.heard, PREFACE_LEN);
	fixture_close(&f);
}

Test(link, every_end_has_its_code)
{
	static const char gone[] = "server:1: the server reports: it is gone";

	ends(0, CHANNEL_END, ERP_LOST, "server:1 closed the connection");
	ends(0, ERP_IO, ERP_LOST,
	    "lost the connection to server:1: Input/output error");
	ends(0, 0, ERP_TIMEOUT, "server:1: less than 256 B/s for 1 s");
	/* Asking again helps, so it is like a link that broke. */
	ends(ERROR_GONE, 0, ERP_LOST, gone);
	ends(ERROR_TIMEOUT, 0, ERP_TIMEOUT, gone);
	ends(ERROR_FULL, 0, ERP_SERVER_FULL, gone);
	ends(ERROR_VERSION, 0, ERP_NOVERSION, gone);
	ends(ERROR_PROTOCOL, 0, ERP_PROTO, gone);
	ends(ERROR_FAILED, 0, ERP_SERVER_FAILED, gone);
	ends(ERROR_PLAIN, 0, ERP_UNTRUSTED, gone);
	/* Codes of a version to come. */
	ends(8, 0, ERP_SERVER_FAILED, gone);
	ends(0xffff, 0, ERP_SERVER_FAILED, gone);
}

/* A frame of ours that holds no ERROR. */
Test(link, an_error_that_cannot_be_read_is_one_of_the_protocol)
{
	struct link_result result;
	struct fixture f;
	struct err e;
	size_t mark;

	fixture_open(&f);
	f.then = CHANNEL_END;
	cr_assert_eq(preface_encode(FEATURE_HINTS, &f.says, &e), 0);
	cr_assert_eq(frame_begin(&f.says, &mark, &e), 0);
	cr_assert_eq(buf_append(&f.says, "x", 1, &e), 0);
	cr_assert_eq(frame_end(&f.says, mark, MSG_ERROR, &e), 0);
	cr_expect_eq(fixture_run(&f, &result, &e), ERP_PROTO, "%s", e.msg);
	cr_expect_null(strstr(e.msg, "the server reports"), "%s", e.msg);
	fixture_close(&f);
}

/* A list of files in crumbs, as fast as they are eaten. */
Test(link, crumbs_end_with_the_time_for_the_list)
{
	struct msg_welcome w = {.verdict = VERDICT_COMPATIBLE,
	    .release = {{1}},
	    .manifest_len = 1 << 26,
	    .packed_len = 1 << 26};
	struct link_result result;
	struct fixture f;
	size_t mark;
	struct err e;
	int i;

	fixture_open(&f);
	f.total_ms = 100;
	cr_assert_eq(preface_encode(FEATURE_HINTS, &f.says, &e), 0);
	cr_assert_eq(welcome_encode(&w, &f.says, &e), 0);
	for (i = 0; i < 64; i++) {
		cr_assert_eq(frame_begin(&f.again, &mark, &e), 0);
		cr_assert_eq(buf_append(&f.again, "x", 1, &e), 0);
		cr_assert_eq(frame_end(&f.again, mark, MSG_MANIFEST, &e), 0);
	}
	cr_expect_eq(fixture_run(&f, &result, &e), ERP_TIMEOUT);
	cr_expect_str_eq(e.msg, "server:1: no whole list of files within 1 s");
	fixture_close(&f);
}

/* A server that says for ever, and fast, that it is there. */
static void
chatter(struct fixture *f, uint32_t each_ms, uint32_t total_ms, struct err *e)
{
	struct msg_nop nop = {false, 0};
	struct link_result result;
	int i;

	fixture_open(f);
	f->each_ms = each_ms;
	f->total_ms = total_ms;
	cr_assert_eq(preface_encode(FEATURE_HINTS, &f->says, e), 0);
	for (i = 0; i < 64; i++)
		cr_assert_eq(nop_encode(&nop, &f->again, e), 0);
	cr_expect_lt(fixture_run(f, &result, e), 0);
	fixture_close(f);
}

Test(link, words_are_no_progress_however_many)
{
	struct fixture f;
	struct err e;

	chatter(&f, 5, 400, &e);
	cr_expect_str_eq(
	    e.msg, "server:1: no progress towards an update for 1 s");
}

/* They take the station's own time, which no patience counts. */
Test(link, words_are_bounded)
{
	struct fixture f;
	struct err e;

	chatter(&f, 0, 60 * 1000, &e);
	cr_expect_eq(e.code, ERP_PROTO);
	cr_expect_str_eq(e.msg,
	    "server:1: the server says more than 100000 times that it is "
	    "there");
}
