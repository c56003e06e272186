/* The server on a real port. */
#include "transport/host/net_server_internal.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "tests/support/loopback.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void
send_all(int fd, const void *p, size_t n)
{
	cr_assert_eq(send(fd, p, n, MSG_NOSIGNAL), (ssize_t)n);
}

static void
send_buf(int fd, struct buf *b)
{
	send_all(fd, buf_data(b), b->len);
	buf_release(b);
}

/* This station, which has that release. */
static void
say_hello_as(int fd, const char *station, const struct hash *release)
{
	struct msg_hello m;
	struct buf b;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, station, sizeof(m.station));
	m.os = PATH_OS_LINUX;
	m.flags = HELLO_AGREED;
	m.release = *release;
	buf_init(&b, 4096);
	cr_assert_eq(preface_encode(FEATURE_HINTS, &b, NULL), 0);
	cr_assert_eq(hello_encode(&m, &b, NULL), 0);
	send_buf(fd, &b);
}

static void
say_hello(int fd)
{
	const struct hash other = {.b = {1}};

	say_hello_as(fd, "test", &other);
}

/* Take n bytes out of the socket. */
static void
take(int fd, uint8_t *p, size_t n)
{
	cr_assert_eq(recv(fd, p, n, MSG_WAITALL), (ssize_t)n,
	    "the server said less than expected");
}

/* The next frame, of any type, into bytes. */
static struct frame
any_frame(int fd, uint8_t *bytes, size_t cap)
{
	struct frame f;
	struct err e;
	size_t len;

	take(fd, bytes, FRAME_HEADER_LEN);
	len = (size_t)bytes[1] | (size_t)bytes[2] << 8 | (size_t)bytes[3] << 16;
	cr_assert_leq(len, cap - FRAME_HEADER_LEN);
	take(fd, bytes + FRAME_HEADER_LEN, len);
	cr_assert_eq(frame_decode(bytes, FRAME_HEADER_LEN + len, &f, &e),
	    (int64_t)(FRAME_HEADER_LEN + len), "%s", e.msg);
	return f;
}

/* The next that says something. */
static struct frame
next_frame(int fd, uint8_t *bytes, size_t cap)
{
	struct frame f;

	do {
		f = any_frame(fd, bytes, cap);
	} while (f.type == MSG_NOP);
	return f;
}

/* Preface and WELCOME, after say_hello. */
static struct msg_welcome
hear_welcome(int fd)
{
	uint8_t bytes[FRAME_HEADER_LEN + CONTROL_MAX];
	struct msg_welcome w;
	struct frame f;

	take(fd, bytes, PREFACE_LEN);
	f = next_frame(fd, bytes, sizeof(bytes));
	cr_assert_eq(f.type, MSG_WELCOME);
	cr_assert_eq(welcome_decode(f.payload, f.len, &w, NULL), 0);
	return w;
}

/* Say something that is answered. */
static void
ask_manifest(int fd)
{
	uint8_t bytes[FRAME_HEADER_LEN + CONTROL_MAX];
	struct buf b;

	buf_init(&b, 4096);
	cr_assert_eq(get_manifest_encode(&b, NULL), 0);
	send_buf(fd, &b);
	cr_assert_eq(next_frame(fd, bytes, sizeof(bytes)).type, MSG_MANIFEST);
}

static int
greet(struct loopback *l, struct msg_welcome *w)
{
	int fd = loopback_connect(l);

	say_hello(fd);
	*w = hear_welcome(fd);
	return fd;
}

static void
open_with_file(struct loopback *l)
{
	loopback_open(l);
	tempdir_text(&l->dir, "update/one", "1", 1000000000);
}

Test(net_server, serves_a_station_that_says_hello)
{
	struct msg_welcome w;
	struct loopback l;
	int fd;

	open_with_file(&l);
	loopback_start(&l);
	fd = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	cr_expect_gt(w.manifest_len, 0);
	/* Half-closing in the middle is an end like any other. */
	cr_assert_eq(shutdown(fd, SHUT_WR), 0);
	cr_expect_gt(loopback_drain(fd), 0);
	cr_expect(loopback_logs(&l, "the station closed the connection"));
	(void)close(fd);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

/* A session of this station that ends so; 0: without a result. */
static struct hash
visit(struct loopback *l, const char *station, const struct hash *has,
    int outcome)
{
	struct msg_result result = {.files = 0};
	struct msg_welcome w;
	int fd = loopback_connect(l);
	char line[100];
	struct buf b;

	say_hello_as(fd, station, has);
	w = hear_welcome(fd);
	if (outcome != 0) {
		result.outcome = (enum outcome)outcome;
		buf_init(&b, 4096);
		cr_assert_eq(result_encode(&result, &b, NULL), 0);
		send_buf(fd, &b);
	}
	cr_assert_eq(shutdown(fd, SHUT_WR), 0);
	(void)loopback_drain(fd);
	(void)close(fd);
	(void)snprintf(line, sizeof(line), "station %s,", station);
	cr_expect(loopback_logs(l, line));
	return w.release;
}

Test(net_server, stations_count_that_have_the_release)
{
	struct hash other = {.b = {1}}, id;
	char hex[HASH_HEX_LEN + 1], path[200];
	struct loopback l;

	open_with_file(&l);
	loopback_start(&l);
	/* While it runs, too, and not only at its end. */
	id = visit(&l, "updated", &other, OUTCOME_UPDATED);
	hash_hex(&id, hex);
	(void)snprintf(
	    path, sizeof(path), "state/release/linux/%s.stations", hex);
	while (!tempdir_has(&l.dir, path))
		clock_sleep_ms(NULL, 20);
	(void)visit(&l, "looked", &other, OUTCOME_DRY_RUN);
	(void)visit(&l, "failed", &other, OUTCOME_FAILED);
	(void)visit(&l, "left", &other, 0);
	(void)visit(&l, "current", &other, OUTCOME_CURRENT);
	(void)visit(&l, "had", &id, 0);
	(void)visit(&l, "had-looked", &id, OUTCOME_DRY_RUN);
	cr_expect_eq(loopback_stop(&l), 0);
	cr_expect(tempdir_is_text(
	    &l.dir, path, "current\nhad\nhad-looked\nupdated\n"));
	/* Who gets nothing has nothing. */
	l.opt.config.policy.enabled = false;
	loopback_start(&l);
	(void)visit(&l, "refused", &other, OUTCOME_CURRENT);
	cr_expect_eq(loopback_stop(&l), 0);
	cr_expect(tempdir_is_text(
	    &l.dir, path, "current\nhad\nhad-looked\nupdated\n"));
	loopback_close(&l);
}

Test(net_server, garbage_gets_no_answer)
{
	static const char http[] = "GET / HTTP/1.0\r\n\r\n";
	struct loopback l;
	uint8_t noise[512];
	int fd;

	open_with_file(&l);
	loopback_start(&l);
	fd = loopback_connect(&l);
	send_all(fd, http, sizeof(http) - 1);
	cr_expect_eq(loopback_drain(fd), 0);
	cr_expect(loopback_logs(&l, "no station: error"));
	(void)close(fd);

	/* After the greeting, it gets an ERROR. */
	fd = loopback_connect(&l);
	say_hello(fd);
	memset(noise, 0xff, sizeof(noise));
	send_all(fd, noise, sizeof(noise));
	cr_expect_gt(loopback_drain(fd), PREFACE_LEN);
	cr_expect(loopback_logs(&l, "station test, linux"));
	(void)close(fd);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

Test(net_server, a_caller_who_dribbles_is_cut, .timeout = 300)
{
	struct loopback l;
	struct buf b;
	int fd;

	open_with_file(&l);
	loopback_start(&l);
	fd = loopback_connect(&l);
	buf_init(&b, PREFACE_LEN);
	cr_assert_eq(preface_encode(FEATURE_HINTS, &b, NULL), 0);
	send_all(fd, buf_data(&b), 3);
	atomic_store(&l.skew_ms, 9 * 1000);
	send_all(fd, buf_data(&b) + 3, 2);
	cr_expect(!loopback_has_logged(&l, "no greeting"));
	atomic_store(&l.skew_ms, 18 * 1000);
	cr_expect_eq(loopback_drain(fd), 0);
	cr_expect(loopback_logs(&l, "no greeting in time"));
	(void)close(fd);
	buf_release(&b);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

/* Ask for the only file, and wait until it is offered. */
static void
ask_for_file(int fd)
{
	static uint8_t bytes[FRAME_HEADER_LEN + FRAME_MAX];
	struct msg_want want = {.index = 0};
	struct msg_fetch fetch = {.index = 0};
	struct buf b;

	buf_init(&b, 4096);
	cr_assert_eq(wants_encode(&want, 1, &b, NULL), 0);
	send_buf(fd, &b);
	while (next_frame(fd, bytes, sizeof(bytes)).type != MSG_OFFER)
		;
	buf_init(&b, 4096);
	cr_assert_eq(fetches_encode(&fetch, 1, &b, NULL), 0);
	send_buf(fd, &b);
}

Test(net_server, a_station_that_does_not_read_is_cut, .timeout = 300)
{
	enum { BIG = 24 * 1024 * 1024 };
	struct msg_welcome w;
	struct loopback l;
	uint8_t *noise = malloc(BIG);
	size_t i;
	int fd;

	cr_assert_not_null(noise);
	for (i = 0; i < BIG; i++)
		noise[i] = (uint8_t)(rand() >> 7);
	loopback_open(&l);
	tempdir_write(&l.dir, "update/big", noise, BIG, 1000000000);
	free(noise);
	loopback_start(&l);
	fd = greet(&l, &w);
	ask_for_file(fd);
	for (i = 1; i <= 20 &&
	     !loopback_has_logged(&l, "less than 256 bytes a second");
	     i++) {
		atomic_store(&l.skew_ms, i * 61 * 1000);
		(void)sleep(1);
	}
	cr_expect(loopback_logs(&l, "less than 256 bytes a second"));
	(void)close(fd);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

static int
greet_from(struct loopback *l, const char *address, struct msg_welcome *w)
{
	int fd = loopback_connect_from(l, address);

	say_hello(fd);
	*w = hear_welcome(fd);
	return fd;
}

/* Greet until the verdict is this one.  The last word to another station may
 * have left only now: it takes a second until that one counts as silent. */
static int
greet_until(struct loopback *l, enum verdict verdict)
{
	const struct timespec pause = {0, 20 * 1000 * 1000};
	struct msg_welcome w;
	int i, fd = -1;

	for (i = 0; i < 250; i++) {
		fd = greet(l, &w);
		if (w.verdict == verdict)
			break;
		(void)close(fd);
		(void)nanosleep(&pause, NULL);
	}
	cr_assert_eq(w.verdict, verdict);
	return fd;
}

static uint64_t
no_time(void *ctx)
{
	(void)ctx;
	return 1000;
}

/* So many connections an address may have at least, whatever its stations. */
enum { CALLERS_LEAST = 64 };

Test(net_server, stations_of_one_address_are_limited, .timeout = 300)
{
	struct msg_welcome w;
	struct loopback l;
	int i, fd[CALLERS_LEAST];

	open_with_file(&l);
	l.opt.max_per_address = 2;
	l.clock.monotonic_ms = no_time; /* nobody is silent for long */
	loopback_start(&l);
	for (i = 0; i < 2; i++) {
		fd[i] = greet(&l, &w);
		cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	}
	/* All others hear when to come again. */
	for (; i < CALLERS_LEAST; i++)
		fd[i] = loopback_connect(&l);
	for (i = 2; i < CALLERS_LEAST; i++) {
		say_hello(fd[i]);
		w = hear_welcome(fd[i]);
		cr_expect_eq(w.verdict, VERDICT_BUSY, "caller %d", i);
		cr_expect(w.retry_after >= 1 && w.retry_after <= 60);
		(void)close(fd[i]);
	}
	cr_expect(loopback_logs(
	    &l, "busy, since 2 stations of its address are served"));
	/* Another address is another. */
	fd[2] = greet_from(&l, "127.0.0.2", &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	(void)close(fd[2]);
	(void)close(fd[0]);
	(void)close(greet_until(&l, VERDICT_COMPATIBLE));
	(void)close(fd[1]);
	cr_expect_eq(loopback_stop(&l), 0);
	cr_expect_eq(l.stats.turned_away, 0);
	loopback_close(&l);
}

Test(net_server, a_silent_station_makes_room_for_one_of_its_address,
    .timeout = 300)
{
	struct msg_welcome w;
	struct loopback l;
	int fd[3];

	open_with_file(&l);
	l.opt.max_per_address = 2;
	loopback_start(&l);
	fd[0] = greet(&l, &w);
	atomic_store(&l.skew_ms, 500);
	fd[1] = greet(&l, &w);
	atomic_store(&l.skew_ms, 4000);
	/* Nobody has to go for a station of elsewhere. */
	fd[2] = greet_from(&l, "127.0.0.2", &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	cr_expect_not(loopback_has_logged(&l, "silent while others wanted"));
	(void)close(fd[2]);
	fd[2] = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	/* The one that has been silent for longest has gone. */
	(void)loopback_drain(fd[0]);
	cr_expect(loopback_logs(&l, "silent while others wanted"));
	(void)close(fd[0]);
	(void)close(fd[1]);
	(void)close(fd[2]);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

Test(net_server, connections_of_one_address_are_limited, .timeout = 300)
{
	struct msg_welcome w;
	struct loopback l;
	int i, fd[CALLERS_LEAST], late;

	open_with_file(&l);
	l.opt.max_per_address = 2;
	loopback_start(&l);
	fd[0] = greet(&l, &w);
	for (i = 1; i < CALLERS_LEAST; i++)
		fd[i] = loopback_connect(&l);
	/* Once who came behind them is heard they have come. */
	(void)close(greet_from(&l, "127.0.0.3", &w));
	cr_expect_not(loopback_has_logged(&l, "wanted the place"));
	/* Who has not greeted so far makes room, after its while. */
	atomic_store(&l.skew_ms, STRANGER_MS);
	late = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	cr_expect(loopback_logs(&l, "no greeting while others wanted"));
	(void)close(late);
	for (i = 0; i < CALLERS_LEAST; i++)
		(void)close(fd[i]);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

Test(net_server, a_full_server_says_when_to_come_back)
{
	struct msg_welcome w;
	struct loopback l;
	int fd, late;

	open_with_file(&l);
	l.opt.max_stations = 1;
	loopback_start(&l);
	fd = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	late = loopback_connect(&l);
	say_hello(late);
	w = hear_welcome(late);
	/* Unless this took a second: then the first has been silent. */
	if (w.verdict == VERDICT_BUSY) {
		cr_expect_geq(w.retry_after, 1);
		cr_expect_leq(w.retry_after, 60);
	}
	(void)close(late);
	cr_expect(w.verdict != VERDICT_BUSY ||
	    loopback_logs(&l, "busy: turned away"));
	(void)close(fd);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

Test(net_server, nobody_holds_a_place_by_silence, .timeout = 300)
{
	struct msg_welcome w;
	struct loopback l;
	int silent, fd;

	open_with_file(&l);
	l.opt.max_stations = 1;
	loopback_start(&l);
	silent = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	/* A minute does not matter while nobody wants the place. */
	atomic_store(&l.skew_ms, 60 * 1000);
	cr_expect(!loopback_has_logged(&l, "silent"));
	fd = greet_until(&l, VERDICT_COMPATIBLE);
	(void)loopback_drain(silent);
	cr_expect(loopback_logs(&l, "silent while others wanted the place"));
	(void)close(silent);
	(void)close(fd);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

/* Where every place is taken.  By the time that this one is turned away the
 * others have all that was for them, and are silent. */
static void
greet_in_vain(struct loopback *l)
{
	struct msg_welcome w;

	(void)close(greet(l, &w));
	cr_expect_eq(w.verdict, VERDICT_BUSY);
}

/* A station may think for less than a second, whoever wants its place. */
Test(net_server, silence_is_a_second_of_it)
{
	struct msg_welcome w;
	struct loopback l;
	uint64_t now;
	int silent, fd;

	open_with_file(&l);
	l.opt.max_stations = 1;
	loopback_start(&l);
	now = clock_ms(&l.clock);
	atomic_store(&l.stands_ms, now);
	silent = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	greet_in_vain(&l);
	atomic_store(&l.stands_ms, now + 999);
	greet_in_vain(&l);
	atomic_store(&l.stands_ms, now + 1000);
	fd = greet_until(&l, VERDICT_COMPATIBLE);
	(void)close(silent);
	(void)close(fd);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

/* Does the server close this connection soon? */
static bool
hears_end(int fd)
{
	struct pollfd in = {.fd = fd, .events = POLLIN};
	char bytes[256];
	ssize_t got = 1;

	while (got > 0 && poll(&in, 1, 5000) == 1)
		got = recv(fd, bytes, sizeof(bytes), 0);
	return got == 0;
}

/* Who has been of no use for longest goes, wherever it stands. */
Test(net_server, the_longest_silence_gives_way)
{
	struct msg_welcome w;
	struct loopback l;
	uint64_t now, first;
	int fd[3];

	for (first = 0; first < 2; first++) {
		open_with_file(&l);
		l.opt.max_stations = 2;
		loopback_start(&l);
		now = clock_ms(&l.clock);
		atomic_store(&l.stands_ms, now);
		fd[first] = greet(&l, &w);
		cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
		if (first == 1) {
			/* The later connection is the longer silent one. */
			fd[0] = greet(&l, &w);
			greet_in_vain(&l);
			atomic_store(&l.stands_ms, now + 4000);
			ask_manifest(fd[1]);
		} else {
			atomic_store(&l.stands_ms, now + 4000);
			fd[1] = greet(&l, &w);
		}
		cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
		atomic_store(&l.stands_ms, now + 9000);
		fd[2] = greet_until(&l, VERDICT_COMPATIBLE);
		cr_expect(hears_end(fd[0]), "%d", (int)first);
		(void)close(fd[0]);
		(void)close(fd[1]);
		(void)close(fd[2]);
		cr_expect_eq(loopback_stop(&l), 0);
		loopback_close(&l);
	}
}

enum { OFFICE = 50, FLOOD = 700 };

/* Fifty behind one address, fifty elsewhere, and one who calls and calls and
 * never says a word. */
Test(net_server, a_branch_office_and_others_get_in, .timeout = 300)
{
	int office[OFFICE], others[OFFICE], flood[FLOOD], i;
	struct msg_welcome w;
	struct loopback l;
	char address[32];

	open_with_file(&l);
	l.opt.loopback_counts = true;
	l.opt.max_stations = 2 * OFFICE;
	loopback_start(&l);
	for (i = 0; i < FLOOD; i++)
		flood[i] = loopback_connect_from(&l, "127.0.0.9");
	for (i = 0; i < OFFICE; i++) {
		(void)snprintf(address, sizeof(address), "127.0.1.%d", i + 1);
		office[i] = greet_from(&l, "127.0.0.2", &w);
		cr_assert_eq(w.verdict, VERDICT_COMPATIBLE, "office %d", i);
		others[i] = greet_from(&l, address, &w);
		cr_assert_eq(w.verdict, VERDICT_COMPATIBLE, "other %d", i);
	}
	for (i = 0; i < OFFICE; i++) {
		(void)close(office[i]);
		(void)close(others[i]);
	}
	for (i = 0; i < FLOOD; i++)
		(void)close(flood[i]);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

Test(net_server, before_the_first_release_stations_wait)
{
	struct msg_welcome w;
	struct loopback l;
	int fd;

	open_with_file(&l);
	l.opt.config.sources[0].settle_ms = 1500;
	l.no_wait = true;
	loopback_start(&l);
	fd = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_BUSY);
	(void)close(fd);
	cr_expect(loopback_logs(&l, "update published"));
	fd = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	(void)close(fd);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

Test(net_server, draining_lets_sessions_finish, .timeout = 300)
{
	struct msg_welcome w;
	struct loopback l;
	int fd, late;

	open_with_file(&l);
	loopback_start(&l);
	fd = greet(&l, &w);
	late = loopback_connect(&l);
	cr_assert_eq(kill(getpid(), SIGTERM), 0);
	cr_expect(loopback_logs(&l, "stopping: no more connections"));
	/* Who had connected but not greeted is sent away politely. */
	say_hello(late);
	cr_expect_eq(hear_welcome(late).verdict, VERDICT_BUSY);
	(void)close(late);
	(void)close(fd);
	loopback_join(&l);
	cr_expect_eq(l.rc, 0);
	loopback_close(&l);
}

Test(net_server, draining_waits_for_no_stranger, .timeout = 300)
{
	struct loopback l;
	struct pollfd in = {.events = POLLIN};
	uint64_t now;

	open_with_file(&l);
	loopback_start(&l);
	in.fd = loopback_connect(&l);
	now = clock_ms(&l.clock);
	atomic_store(&l.stands_ms, now);
	net_server_stop(l.server);
	cr_expect(loopback_logs(&l, "stopping: no more connections"));
	/* It has three seconds from when it came. */
	(void)poll(&in, 1, 1500);
	cr_expect(!loopback_has_logged(&l, "no greeting while"));
	atomic_store(&l.stands_ms, now + 3000);
	loopback_join(&l);
	cr_expect(loopback_has_logged(&l, "no greeting while"));
	cr_expect_eq(l.rc, 0);
	(void)close(in.fd);
	loopback_close(&l);
}

Test(net_server, draining_ends, .timeout = 300)
{
	struct msg_welcome w;
	struct loopback l;
	int fd;

	open_with_file(&l);
	loopback_start(&l);
	fd = greet(&l, &w);
	net_server_stop(l.server);
	cr_expect(loopback_logs(&l, "stopping: no more connections"));
	atomic_store(&l.skew_ms, 11 * 1000);
	loopback_join(&l);
	cr_expect_eq(l.rc, ERP_CANCELLED);
	(void)close(fd);
	/* The second request does not wait at all. */
	l.log_n = 0;
	loopback_start(&l);
	fd = greet(&l, &w);
	net_server_stop(l.server);
	net_server_stop(l.server);
	loopback_join(&l);
	cr_expect_eq(l.rc, ERP_CANCELLED);
	cr_expect(loopback_logs(&l, "1 sessions cut off"));
	(void)close(fd);
	loopback_close(&l);
}

static int
reload(void *ctx, struct net_config *out, struct err *e)
{
	int *calls = ctx;

	if ((*calls)++ == 0)
		return err_set(e, ERP_USAGE, "line 3 is nonsense");
	memset(out, 0, sizeof(*out));
	return 0;
}

Test(net_server, hangup_reloads_the_configuration)
{
	struct msg_welcome w;
	struct loopback l;
	int calls = 0, fd;

	open_with_file(&l);
	l.opt.reload = reload;
	l.opt.ctx = &calls;
	loopback_start(&l);
	cr_assert_eq(kill(getpid(), SIGHUP), 0);
	cr_expect(loopback_logs(&l, "not reloaded: line 3 is nonsense"));
	fd = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_COMPATIBLE);
	cr_assert_eq(kill(getpid(), SIGHUP), 0);
	cr_expect(loopback_logs(&l, "configuration reloaded"));
	(void)close(fd);
	fd = greet(&l, &w);
	cr_expect_eq(w.verdict, VERDICT_DISABLED);
	(void)close(fd);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

Test(net_server, leaks_no_descriptors, .timeout = 300)
{
	const struct timespec nap = {.tv_nsec = 50 * 1000000L};
	struct msg_welcome w;
	struct loopback l;
	int i, fd, before;

	open_with_file(&l);
	loopback_start(&l);
	fd = greet(&l, &w);
	(void)close(fd);
	cr_expect(loopback_logs(&l, "closed the connection"));
	before = count_fds();
	for (i = 0; i < 90; i++) {
		fd = loopback_connect(&l);
		if (i % 3 == 0)
			say_hello(fd);
		else if (i % 3 == 1)
			send_all(fd, "x", 1);
		(void)close(fd);
	}
	for (i = 0; i < 600 && count_fds() > before; i++)
		(void)nanosleep(&nap, NULL);
	cr_expect_leq(count_fds(), before);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

/* Does the other end say so, not only by and by? */
static bool
is_hung_up(int fd)
{
	const struct timeval second = {.tv_sec = 5};
	char byte;

	cr_assert_eq(
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)),
	    0);
	return recv(fd, &byte, 1, 0) == 0 || errno == ECONNRESET;
}

enum { REFUSED = 100 };

Test(net_server, who_is_turned_away_hears_it_and_costs_nothing)
{
	struct msg_welcome w;
	struct loopback l;
	int i, first[CALLERS_LEAST], fd, before;

	open_with_file(&l);
	l.opt.max_per_address = 1;
	l.clock.monotonic_ms = no_time; /* nobody is silent for long */
	loopback_start(&l);
	for (i = 0; i < CALLERS_LEAST; i++)
		first[i] = loopback_connect(&l);
	/* Once who came behind them is heard they have come. */
	(void)close(greet_from(&l, "127.0.0.3", &w));
	cr_assert(loopback_logs(&l, "the station closed the connection"));
	before = count_fds();
	for (i = 0; i < REFUSED; i++) {
		fd = loopback_connect(&l);
		cr_expect(is_hung_up(fd), "caller %d", i);
		(void)close(fd);
	}
	cr_expect_leq(count_fds(), before);
	cr_expect(loopback_logs(&l, "turned away: too many connections"));
	for (i = 0; i < CALLERS_LEAST; i++)
		(void)close(first[i]);
	cr_expect_eq(loopback_stop(&l), 0);
	cr_expect_eq(l.stats.turned_away, REFUSED);
	loopback_close(&l);
}

Test(net_server, a_taken_port_is_an_error_and_starts_nothing)
{
	struct net_server *second;
	struct loopback l;
	struct err e;

	open_with_file(&l);
	loopback_start(&l);
	l.opt.port = l.port;
	cr_expect_lt(net_server_new(&l.opt, &second, &e), 0);
	cr_expect_null(second);
	cr_expect_not_null(strstr(e.msg, "listen"));
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

/* Descriptors that the server keeps for itself, with one worker; see
 * raise_limits of net_server.c. */
enum { OWN_FDS = 64 + 8, CONNS_MOST = 16000, STATIONS_MOST = 1000 };

Test(net_server, it_takes_as_many_stations_as_it_has_descriptors_for)
{
	static const struct {
		unsigned files, conns, blobs;
	} cases[] = {{OWN_FDS + STATIONS_MOST + CONNS_MOST + 1, CONNS_MOST,
			 STATIONS_MOST},
	    {OWN_FDS + STATIONS_MOST + CONNS_MOST, CONNS_MOST, STATIONS_MOST},
	    {OWN_FDS + STATIONS_MOST + CONNS_MOST - 1, CONNS_MOST - 1,
		STATIONS_MOST},
	    /* One in four, if stations are not fewer. */
	    {OWN_FDS + 4 * STATIONS_MOST, 3 * STATIONS_MOST, STATIONS_MOST},
	    {OWN_FDS + 4 * STATIONS_MOST - 4, 3 * STATIONS_MOST - 3,
		STATIONS_MOST - 1},
	    {OWN_FDS + 5, 3, 2}, {OWN_FDS + 4, 3, 1}, {OWN_FDS + 2, 1, 1},
	    {OWN_FDS + 1, 0, 0}};
	struct rlimit lim;
	struct loopback l;
	struct err e;
	size_t i;

	open_with_file(&l);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		lim.rlim_cur = lim.rlim_max = cases[i].files;
		if (setrlimit(RLIMIT_NOFILE, &lim) != 0)
			continue; /* the machine has not so many */
		if (cases[i].conns == 0) {
			cr_expect_eq(
			    net_server_new(&l.opt, &l.server, &e), ERP_USAGE);
			cr_expect_not_null(
			    strstr(e.msg, "make it 74 or more"), "%s", e.msg);
			continue;
		}
		cr_assert_eq(
		    net_server_new(&l.opt, &l.server, &e), 0, "%s", e.msg);
		cr_expect_eq(l.server->conns_max, cases[i].conns, "%u: %u",
		    cases[i].files, l.server->conns_max);
		cr_expect_eq(l.server->blobs.most, cases[i].blobs, "%u: %u",
		    cases[i].files, l.server->blobs.most);
		net_server_free(l.server);
	}
	loopback_close(&l);
}

/* The limit is raised as far as it may be, but not that of another program. */
Test(net_server, its_limit_of_descriptors_is_raised)
{
	const struct rlimit few = {OWN_FDS + 4, OWN_FDS + 8};
	struct rlimit now;
	struct loopback l;
	struct err e;
	int guest;

	open_with_file(&l);
	for (guest = 1; guest >= 0; guest--) {
		l.opt.guest = guest;
		cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
		cr_assert_eq(
		    net_server_new(&l.opt, &l.server, &e), 0, "%s", e.msg);
		cr_expect_eq(l.server->conns_max, guest ? 3 : 6);
		cr_assert_eq(getrlimit(RLIMIT_NOFILE, &now), 0);
		cr_expect_eq(now.rlim_cur, guest ? few.rlim_cur : few.rlim_max);
		net_server_free(l.server);
		l.server = NULL;
	}
	loopback_close(&l);
}

enum { WAITING = 200, WAITING_KIB = 64 };

/* This process's memory: the server's, for its stations have none here. */
static long
resident_kib(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long all, resident;

	cr_assert_not_null(f);
	cr_assert_eq(fscanf(f, "%ld %ld", &all, &resident), 2);
	cr_assert_eq(fclose(f), 0);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Ask for the only file, take nothing of it but the beginning. */
static int
wait_for_line(struct loopback *l)
{
	static uint8_t bytes[FRAME_HEADER_LEN + FRAME_MAX];
	struct msg_want want = {.index = 0};
	struct msg_fetch fetch = {.index = 0};
	struct msg_welcome w;
	int fd = greet(l, &w), size = 4096;
	struct buf b;

	cr_assert_eq(
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	buf_init(&b, 4096);
	cr_assert_eq(wants_encode(&want, 1, &b, NULL), 0);
	send_buf(fd, &b);
	cr_assert_eq(next_frame(fd, bytes, sizeof(bytes)).type, MSG_MANIFEST);
	cr_assert_eq(next_frame(fd, bytes, sizeof(bytes)).type, MSG_OFFER);
	cr_assert_eq(fetches_encode(&fetch, 1, &b, NULL), 0);
	send_buf(fd, &b);
	take(fd, bytes, FRAME_HEADER_LEN);
	cr_assert_eq(bytes[0], MSG_DATA);
	return fd;
}

/* A server with a file that a slow line takes long for. */
static void
open_with_noise(struct loopback *l)
{
	const size_t n = 8 << 20;
	uint8_t *noise = malloc(n);
	uint32_t seed = 1;
	size_t k;

	cr_assert_not_null(noise);
	for (k = 0; k < n; k++)
		noise[k] =
		    (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
	loopback_open(l);
	l->opt.config.no_compile_ahead = true;
	tempdir_write(&l->dir, "update/noise", noise, n, 1000000000);
	free(noise);
	loopback_start(l);
}

/* Where no more files may be open a station waits, and hears of it. */
Test(net_server, blobs_wait_for_descriptors, .timeout = 300)
{
	static uint8_t bytes[FRAME_HEADER_LEN + FRAME_MAX];
	struct msg_welcome w;
	struct loopback l;
	int first, second;

	open_with_noise(&l);
	(void)close(wait_for_line(&l));
	l.server->blobs.most = 1;
	do
		(void)close(greet(&l, &w));
	while (l.server->blobs.open > 0);
	first = wait_for_line(&l);
	cr_expect_eq(l.server->blobs.open, 1);
	second = greet(&l, &w);
	ask_for_file(second);
	cr_expect_eq(any_frame(second, bytes, sizeof(bytes)).type, MSG_NOP);
	cr_expect_eq(any_frame(second, bytes, sizeof(bytes)).type, MSG_NOP);
	cr_expect_eq(l.server->blobs.open, 1);
	(void)close(first);
	cr_expect_eq(next_frame(second, bytes, sizeof(bytes)).type, MSG_DATA);
	(void)close(second);
	cr_expect_eq(loopback_stop(&l), 0);
	loopback_close(&l);
}

Test(net_server, a_station_with_a_slow_line_takes_little_memory)
{
	struct loopback l;
	int fds[WAITING], i;
	long before, each;

#ifdef __SANITIZE_ADDRESS__
	cr_skip("the sanitizer has memory of its own");
#endif
	open_with_noise(&l);
	/* The first has the blob made. */
	(void)close(wait_for_line(&l));
	before = resident_kib();
	for (i = 0; i < WAITING; i++)
		fds[i] = wait_for_line(&l);
	each = (resident_kib() - before) / WAITING;
	cr_expect_lt(each, WAITING_KIB, "%ld KiB for each", each);
	for (i = 0; i < WAITING; i++)
		(void)close(fds[i]);
	loopback_stop(&l);
	loopback_close(&l);
}

/* libevent warns of this. */
static void
run_within(evutil_socket_t fd, short what, void *base)
{
	(void)fd;
	(void)what;
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
}

static int told;

static void
count_lines(int severity, const char *text)
{
	(void)severity;
	(void)text;
	told++;
}

/* How many lines of libevent's the process gets, once a server is made. */
static int
lines_beside(struct loopback *l)
{
	struct event_base *base = event_base_new();
	struct err e;

	told = 0;
	event_set_log_callback(count_lines);
	cr_assert_eq(net_server_new(&l->opt, &l->server, &e), 0, "%s", e.msg);
	cr_assert_eq(
	    event_base_once(base, -1, EV_TIMEOUT, run_within, base, NULL), 0);
	cr_assert_eq(event_base_dispatch(base), 1);
	event_base_free(base);
	net_server_free(l->server);
	l->server = NULL;
	return told;
}

Test(net_server, a_guest_leaves_the_log_of_libevent_to_its_process)
{
	struct loopback l;

	loopback_open(&l);
	l.opt.guest = true;
	cr_expect_eq(lines_beside(&l), 1);
	l.opt.guest = false;
	cr_expect_eq(lines_beside(&l), 0);
	loopback_close(&l);
}
