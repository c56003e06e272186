/* Who has a place: the server's own loop, turned by hand, on a clock that
 * stands still. */
#include "transport/host/net_server_internal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "tests/support/loopback.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BEGIN_MS = 100 * 1000 };

static struct net_server *
begin(struct loopback *l, unsigned places)
{
	struct err e;

	loopback_open(l);
	l->opt.config.sources_n = 0;
	l->opt.loopback_counts = true;
	atomic_store(&l->stands_ms, BEGIN_MS);
	cr_assert_eq(net_server_new(&l->opt, &l->server, &e), 0, "%s", e.msg);
	l->port = net_server_port(l->server);
	l->server->conns_max = places;
	return l->server;
}

static void
end(struct loopback *l)
{
	net_server_free(l->server);
	l->server = NULL;
	loopback_close(l);
}

/* Whatever is there now is done. */
static void
turn(struct loopback *l)
{
	int i;

	for (i = 0; i < 4; i++)
		cr_assert_geq(
		    event_base_loop(l->server->base, EVLOOP_NONBLOCK), 0);
}

/* It is that many milliseconds after the beginning. */
static void
at(struct loopback *l, uint64_t ms)
{
	atomic_store(&l->stands_ms, BEGIN_MS + ms);
	host_look(l->server);
	turn(l);
}

static int
call(struct loopback *l, int last)
{
	char from[32];

	(void)snprintf(
	    from, sizeof(from), "127.0.%d.%d", 2 + last / 250, 1 + last % 250);
	return loopback_connect_from(l, from);
}

static void
greet(int fd)
{
	struct msg_hello m;
	struct buf b;

	memset(&m, 0, sizeof(m));
	(void)strlcpy(m.station, "test", sizeof(m.station));
	m.os = PATH_OS_LINUX;
	m.flags = HELLO_AGREED;
	buf_init(&b, 4096);
	cr_assert_eq(preface_encode(FEATURE_HINTS, &b, NULL), 0);
	cr_assert_eq(hello_encode(&m, &b, NULL), 0);
	cr_assert_eq(
	    send(fd, buf_data(&b), b.len, MSG_NOSIGNAL), (ssize_t)b.len);
	buf_release(&b);
}

/* -1: nothing came; 0: it was hung up on; else the bytes. */
static ssize_t
hears(int fd)
{
	char bytes[4096];

	return recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
}

static void
expect_stats(const struct net_server *s, unsigned connections,
    unsigned strangers, unsigned stations)
{
	cr_expect_eq(s->stats.connections, connections, "%u connections",
	    s->stats.connections);
	cr_expect_eq(
	    s->stats.strangers, strangers, "%u strangers", s->stats.strangers);
	cr_expect_eq(
	    s->stats.stations, stations, "%u stations", s->stats.stations);
}

Test(net_places, who_has_just_come_has_a_while)
{
	struct loopback l;
	struct net_server *s = begin(&l, 2);
	int fd[3];

	fd[0] = call(&l, 0);
	turn(&l);
	atomic_store(&l.stands_ms, BEGIN_MS + 1);
	fd[1] = call(&l, 1);
	turn(&l);
	cr_expect(s->full);
	fd[2] = call(&l, 2);
	greet(fd[2]);
	/* It waits where the kernel has it. */
	at(&l, STRANGER_MS - 1);
	expect_stats(s, 2, 2, 0);
	cr_expect_eq(s->stats.accepted, 2);
	at(&l, STRANGER_MS);
	expect_stats(s, 2, 1, 1);
	cr_expect_eq(hears(fd[0]), 0);
	cr_expect_eq(hears(fd[1]), -1);
	cr_expect_gt(hears(fd[2]), 0);
	cr_expect_eq(s->stats.turned_away, 0);
	(void)close(fd[0]);
	(void)close(fd[1]);
	(void)close(fd[2]);
	end(&l);
}

/* What came is taken before anybody has to go. */
Test(net_places, nobody_is_dropped_unheard)
{
	struct loopback l;
	struct net_server *s = begin(&l, 2);
	int fd[2];

	fd[0] = call(&l, 0);
	fd[1] = call(&l, 1);
	turn(&l);
	atomic_store(&l.stands_ms, BEGIN_MS + STRANGER_MS);
	greet(fd[0]);
	cr_assert(places_take_stranger(s, NULL));
	expect_stats(s, 1, 0, 1);
	cr_expect_gt(hears(fd[0]), 0);
	cr_expect_eq(hears(fd[1]), 0);
	cr_expect(!places_take_stranger(s, NULL));
	(void)close(fd[0]);
	(void)close(fd[1]);
	end(&l);
}

/* Whoever is gone as soon as he is heard is not dropped once more, and has left
 * the place that was wanted. */
Test(net_places, who_goes_by_himself_leaves_his_place)
{
	struct loopback l;
	struct net_server *s = begin(&l, 2);
	int fd[2];

	fd[0] = call(&l, 0);
	fd[1] = call(&l, 1);
	turn(&l);
	atomic_store(&l.stands_ms, BEGIN_MS + STRANGER_MS);
	places_conn(TAILQ_FIRST(&s->strangers))->broken = true;
	cr_assert(places_take_stranger(s, NULL));
	expect_stats(s, 1, 1, 0);
	(void)close(fd[1]);
	cr_expect(places_take_stranger(s, NULL));
	expect_stats(s, 0, 0, 0);
	(void)close(fd[0]);
	end(&l);
}

Test(net_places, a_station_that_goes_by_itself_leaves_its_place)
{
	struct loopback l;
	struct net_server *s = begin(&l, 4);
	int fd[2], i;

	for (i = 0; i < 2; i++) {
		fd[i] = call(&l, i);
		greet(fd[i]);
	}
	turn(&l);
	expect_stats(s, 2, 0, 2);
	atomic_store(&l.stands_ms, BEGIN_MS + 5000);
	TAILQ_FIRST(&s->conns)->broken = true;
	cr_assert(places_take_idle(s, NULL));
	expect_stats(s, 1, 0, 1);
	(void)close(fd[0]);
	(void)close(fd[1]);
	end(&l);
}

/* The place of one that was refused is none of a station. */
Test(net_places, no_more_stations_are_served_for_one_that_was_refused)
{
	struct loopback l;
	struct net_server *s = begin(&l, 4);
	int fd[3], i;

	for (i = 0; i < 3; i++) {
		atomic_store(&l.stands_ms, BEGIN_MS + (uint64_t)i * 1100);
		s->opt.max_stations = i == 0 ? 0 : 1;
		fd[i] = call(&l, i / 2);
		greet(fd[i]);
		turn(&l);
		expect_stats(s, 1U + (i == 1), 0, i > 0);
	}
	cr_expect_eq(s->stats.served + s->stats.refused, 3);
	for (i = 0; i < 3; i++)
		(void)close(fd[i]);
	end(&l);
}

/* Nor is it late with a greeting that only was not read. */
Test(net_places, nobody_is_late_unheard)
{
	struct loopback l;
	struct net_server *s = begin(&l, 4);
	int fd[2];

	fd[0] = call(&l, 0);
	fd[1] = call(&l, 1);
	turn(&l);
	greet(fd[0]);
	atomic_store(&l.stands_ms, BEGIN_MS + 11 * 1000);
	conn_tick(places_conn(TAILQ_FIRST(&s->strangers)));
	expect_stats(s, 2, 1, 1);
	cr_expect_gt(hears(fd[0]), 0);
	conn_tick(places_conn(TAILQ_FIRST(&s->strangers)));
	cr_expect_eq(hears(fd[1]), 0);
	(void)close(fd[0]);
	(void)close(fd[1]);
	end(&l);
}

/* Time alone lets the next ones in. */
Test(net_places, who_waits_comes_in_by_and_by, .timeout = 300)
{
	struct loopback l;
	struct net_server *s = begin(&l, 1);
	int fd[2];

	fd[0] = call(&l, 0);
	turn(&l);
	fd[1] = call(&l, 1);
	turn(&l);
	cr_expect_eq(s->stats.accepted, 1);
	atomic_store(&l.stands_ms, BEGIN_MS + STRANGER_MS);
	while (s->stats.accepted < 2)
		cr_assert_geq(event_base_loop(s->base, EVLOOP_ONCE), 0);
	cr_expect_eq(hears(fd[0]), 0);
	(void)close(fd[0]);
	(void)close(fd[1]);
	end(&l);
}

/* A place that is given back is there at once. */
Test(net_places, who_waits_comes_in_when_another_leaves)
{
	struct loopback l;
	struct net_server *s = begin(&l, 2);
	int fd[3];

	fd[0] = call(&l, 0);
	fd[1] = call(&l, 1);
	turn(&l);
	fd[2] = call(&l, 2);
	greet(fd[2]);
	turn(&l);
	cr_expect_eq(s->stats.accepted, 2);
	(void)close(fd[0]);
	turn(&l);
	cr_expect_eq(s->stats.accepted, 3);
	expect_stats(s, 2, 1, 1);
	(void)close(fd[1]);
	(void)close(fd[2]);
	end(&l);
}

/* A fourth of the places is for strangers; for more of them no station goes,
 * however silent. */
Test(net_places, strangers_do_not_push_all_stations_out)
{
	struct loopback l;
	struct net_server *s = begin(&l, 4);
	int fd[8], i;

	for (i = 0; i < 4; i++) {
		fd[i] = call(&l, i);
		greet(fd[i]);
	}
	turn(&l);
	expect_stats(s, 4, 0, 4);
	atomic_store(&l.stands_ms, BEGIN_MS + 5000);
	for (; i < 8; i++) {
		fd[i] = call(&l, i);
		turn(&l);
	}
	expect_stats(s, 4, 2, 2);
	cr_expect_eq(s->stats.turned_away, 0);
	for (i = 0; i < 8; i++)
		(void)close(fd[i]);
	end(&l);
}

/* Whose last call came to nothing has less time when places are short, until
 * somebody from there greets. */
Test(net_places, an_address_that_called_in_vain_is_doubted)
{
	struct loopback l;
	struct net_server *s = begin(&l, 1);
	int fd;

	(void)close(call(&l, 0));
	turn(&l);
	expect_stats(s, 0, 0, 0);
	fd = call(&l, 0);
	turn(&l);
	cr_expect(s->full);
	atomic_store(&l.stands_ms, BEGIN_MS + STRANGER_DOUBTED_MS - 1);
	cr_expect(!places_have_room(s));
	atomic_store(&l.stands_ms, BEGIN_MS + STRANGER_DOUBTED_MS);
	cr_expect(places_have_room(s));
	greet(fd);
	turn(&l);
	expect_stats(s, 1, 0, 1);
	(void)close(fd);
	turn(&l);
	fd = call(&l, 0);
	turn(&l);
	atomic_store(&l.stands_ms, BEGIN_MS + 2 * STRANGER_DOUBTED_MS);
	cr_expect(!places_have_room(s));
	(void)close(fd);
	end(&l);
}

Test(net_places, calls_in_vain_are_limited)
{
	struct sockaddr_in in = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000201)};
	struct loopback l;
	struct net_server *s = begin(&l, 4);
	struct peer *p = peers_get(&s->peers, (const struct sockaddr *)&in);
	int fd, i;

	cr_assert_not_null(p);
	for (i = 1; i < PEER_VAIN_AT_ONCE; i++)
		peer_called_in_vain(p, BEGIN_MS);
	(void)close(call(&l, 0));
	turn(&l);
	cr_expect_eq(s->stats.accepted, 1);
	fd = call(&l, 0);
	turn(&l);
	cr_expect_eq(hears(fd), 0);
	cr_expect_eq(s->stats.turned_away, 1);
	cr_expect(loopback_has_logged(&l, "too many calls without a greeting"));
	(void)close(fd);
	/* Time pays; this machine itself, where a broker may run, is not asked
	 * to. */
	at(&l, 250);
	l.server->opt.loopback_counts = false;
	(void)close(call(&l, 0));
	(void)close(call(&l, 0));
	turn(&l);
	cr_expect_eq(s->stats.accepted, 3);
	cr_expect_eq(s->stats.turned_away, 1);
	end(&l);
}

/* However many addresses there are to call from. */
Test(net_places, strangers_have_few_lines_in_the_log)
{
	struct loopback l;
	struct net_server *s = begin(&l, 4);
	const char *at_line;
	int i, lines = 0;

	for (i = 0; i < PEER_LINES_AT_ONCE + 10; i++) {
		(void)close(call(&l, i));
		turn(&l);
	}
	for (at_line = l.log;
	     (at_line = strstr(at_line, "no station: ")) != NULL; at_line++)
		lines++;
	cr_expect_eq(lines, PEER_LINES_AT_ONCE);
	cr_expect_eq(s->anybody.dropped, 10);
	/* Who greets has its line all the same. */
	i = call(&l, i);
	greet(i);
	(void)close(i);
	turn(&l);
	cr_expect(loopback_has_logged(&l, "station test"));
	atomic_store(&l.stands_ms, BEGIN_MS + 1000);
	(void)close(call(&l, 0));
	turn(&l);
	cr_expect(loopback_has_logged(&l,
	    "callers without a greeting: 10 lines like the next were left "
	    "out"));
	end(&l);
}

enum {
	PLACES = 30,
	MOB = 150, /* silent, or half a preface, or a byte now and then */
	HONEST = 30,
	STEP_MS = 100,
	LATEST_MS = 8 * 1000
};

/* They call, and call again when they are hung up on. */
static void
molest(struct loopback *l, int mob[MOB], int step)
{
	int i;

	for (i = 0; i < MOB; i++) {
		if (mob[i] >= 0 && hears(mob[i]) == 0) {
			(void)close(mob[i]);
			mob[i] = -1;
		}
		if (mob[i] < 0)
			mob[i] = call(l, i);
		else if (i % 3 == 1 && step % 10 == 0)
			(void)send(mob[i], "E", 1, MSG_NOSIGNAL);
		else if (i % 3 == 2 && step % 10 == 0)
			(void)send(mob[i], "ERPsyn", 6, MSG_NOSIGNAL);
	}
}

Test(net_places, a_mob_keeps_nobody_out, .timeout = 300)
{
	struct loopback l;
	struct net_server *s = begin(&l, PLACES);
	int mob[MOB], honest[HONEST], came[HONEST], step, i, in = 0;
	ssize_t got;

	memset(mob, -1, sizeof(mob));
	memset(honest, -1, sizeof(honest));
	for (step = 0; in < HONEST && step < 300; step++) {
		molest(&l, mob, step);
		/* One comes each time, every other of the same address; he
		 * greets a moment later. */
		for (i = 0; i < HONEST; i++) {
			if (i == step - 10) {
				honest[i] =
				    call(&l, i % 2 == 0 ? 300 : 300 + i);
				came[i] = step;
			} else if (i == step - 11) {
				greet(honest[i]);
			}
			if (honest[i] < 0 || (got = hears(honest[i])) < 0)
				continue;
			cr_assert_gt(got, 0, "%d was dropped", i);
			cr_expect_leq((step - came[i]) * STEP_MS, LATEST_MS);
			(void)close(honest[i]);
			honest[i] = -1;
			in++;
		}
		at(&l, (uint64_t)step * STEP_MS);
	}
	cr_expect_eq(in, HONEST);
	cr_expect_leq(s->stats.connections, PLACES);
	cr_expect_gt(s->stats.failed, 0);
	for (i = 0; i < MOB; i++)
		if (mob[i] >= 0)
			(void)close(mob[i]);
	end(&l);
}
