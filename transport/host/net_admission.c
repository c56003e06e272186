/*
 * The server around its sessions: who is let in, what a session is given, what
 * the log gets.  Between the loop (net_server.c) and connections (conn.c).
 */
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "transport/host/certificate.h"
#include "transport/host/listen.h"
#include "transport/host/net_server_internal.h"
#include "transport/host/session_log.h"
#include "transport/net/channel_tls.h"

#include <assert.h>
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <event2/event.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * Stations of one address; and what it may have of connections for each of
 * them, but so many at least: who is one too many can hear that and when to
 * come again, also where a whole branch office calls at once.
 */
enum { MAX_PER_ADDRESS = 64, CALLERS_FOR_ONE = 4, CALLERS_LEAST = 64 };

/* Seconds to stay away: at least, and at random more. */
enum { BUSY_S = 5, BUSY_SPREAD_S = 25, PREPARING_SPREAD_S = 6 };

/* Stations that this address may have at once; 0: no limit. */
static unsigned
most_of(const struct net_server *s, const struct peer *peer)
{
	if (s->opt.max_per_address > 0)
		return s->opt.max_per_address;
	return peer->is_local && !s->opt.loopback_counts ? 0 : MAX_PER_ADDRESS;
}

/* Has this address as many as it may have? */
static bool
has_its_stations(const struct net_server *s, const struct peer *peer)
{
	unsigned most = most_of(s, peer);

	return most > 0 && peer->stations >= most;
}

/* May one more be served?  Who is gone for it was a station, or was refused and
 * stayed. */
static bool
has_station_place(struct net_server *s, struct conn *c)
{
	while (has_its_stations(s, c->peer))
		if (!places_take_idle(s, c->peer)) {
			c->crowded = true;
			return false;
		}
	while (s->stats.stations >= s->opt.max_stations)
		if (!places_take_idle(s, NULL))
			return false;
	return true;
}

/* Seconds that a station for this system should stay away, or 0. */
static int
stay_away(struct net_server *s, struct conn *c, enum path_os os, uint32_t *out,
    struct err *e)
{
	int rc = 0;

	*out = 0;
	if (s->drain.begun || !share_has_room(&s->held) ||
	    !has_station_place(s, c))
		*out = BUSY_S + arc4random_uniform(BUSY_SPREAD_S);
	else if (s->policy.enabled &&
	    (rc = s->releases.awaited(s->releases.ctx, os, e)) > 0)
		*out = (uint32_t)rc + arc4random_uniform(PREPARING_SPREAD_S);
	return rc < 0 ? rc : 0;
}

/* The answer to who has to stay away so many seconds, or finds a place. */
static void
decide(struct net_server *s, const struct msg_hello *hello, uint32_t seconds,
    struct admission *out)
{
	struct live_release *served =
	    s->releases.served(s->releases.ctx, hello->os);

	admission_decide(&s->policy,
	    &(struct arrival){.client = hello->build,
		.served = served,
		.retry_after = seconds,
		.held = s->releases.held(s->releases.ctx, hello->os),
		.downloads = (hello->flags & HELLO_DOWNLOAD) != 0,
		.is_current =
		    served != NULL && hash_equal(&hello->release, &served->id),
		.now = clock_s(s->opt.clock)},
	    out);
}

/* Who asks may be an echo: nobody has to go for it, and nothing is counted. */
static bool
host_foresee(void *ctx, const struct conn *c, const struct msg_hello *hello,
    struct admission *out)
{
	struct net_server *s = ctx;
	struct err e;

	if (s->drain.begun || !share_has_room(&s->held) ||
	    s->stats.stations >= s->opt.max_stations ||
	    has_its_stations(s, c->peer) ||
	    (s->policy.enabled &&
		s->releases.awaited(s->releases.ctx, hello->os, &e) != 0))
		return false;
	decide(s, hello, 0, out);
	return out->served != NULL &&
	    hash_equal(&hello->release, &out->served->id);
}

static int
host_admit(void *ctx, struct conn *c, const struct msg_hello *hello,
    struct admission *out, struct err *e)
{
	struct net_server *s = ctx;
	uint32_t seconds;
	int rc;

	/* Whoever it is and wherever, by TLS alone can it be shown. */
	if (c->channel.tls == NULL && s->asks_who)
		return err_set(e, ERP_UNTRUSTED,
		    "this server serves stations with a certificate only "
		    "(ClientCA); that takes TLS");
	if (c->channel.tls == NULL && !s->insecure && !c->peer->is_local)
		return err_set(e, ERP_UNTRUSTED,
		    "this server serves other machines by TLS only; that takes "
		    "an erpsync that knows it, or Insecure=1 at the server");
	rc = stay_away(s, c, hello->os, &seconds, e);
	places_greet(s, c, rc == 0 && seconds == 0);
	host_look(s);
	if (rc != 0)
		return rc;
	decide(s, hello, seconds, out);
	if (out->served != NULL)
		s->stats.served++;
	else
		s->stats.refused++;
	return 0;
}

void
host_obey(struct net_server *s, const struct net_config *config)
{
	s->policy = config->policy;
	s->rates = config->rates;
	rates_begin(&s->rates, clock_ms(s->opt.clock));
	rates_look(&s->rates, clock_s(s->opt.clock));
}

void
host_tell_window(const struct net_server *s)
{
	time_t now = (time_t)clock_s(s->opt.clock);
	uint32_t left = timetable_opens_in(&s->policy.window, now);
	char zone[16];
	struct tm tm;

	if (s->policy.window.n == 0)
		return;
	if (localtime_r(&now, &tm) == NULL ||
	    strftime(zone, sizeof(zone), "%H:%M UTC%z", &tm) == 0)
		zone[0] = '\0';
	if (left == 0)
		net_log_line(&s->opt.log, NET_LOG_INFO,
		    "Window: at %s stations may update", zone);
	else
		net_log_line(&s->opt.log, NET_LOG_INFO,
		    "Window: at %s no station may update, for %u min more",
		    zone, left / 60);
}

/* Stations without a CA go by the key, and all do so by the server's own. */
void
host_tell_dates(const struct net_server *s)
{
	struct err e;

	if (!s->shows_own &&
	    certificate_judge(s->host.tls, clock_s(s->opt.clock), &e) != 0)
		net_log_line(&s->opt.log, NET_LOG_WARN, "%s", e.msg);
}

/* May a line about this address, or all of them, be logged?  Tells how many
 * were not. */
static bool
may_log(struct net_server *s, struct peer *peer, const char *text)
{
	if (!peer_may_log(peer, clock_ms(s->opt.clock)))
		return false;
	if (peer->dropped > 0)
		net_log_line(&s->opt.log, NET_LOG_WARN,
		    "%s: %u lines like the next were left out", text,
		    peer->dropped);
	peer->dropped = 0;
	return true;
}

/* Who shows a certificate goes by its name, whatever his HELLO says. */
static void
name_station(const struct conn *c, struct msg_hello *hello)
{
	char name[TEXT_SHORT + 1];

	channel_tls_peer(&c->channel, name, sizeof(name));
	if (station_id_is_valid(name))
		(void)strlcpy(hello->station, name, sizeof(hello->station));
}

/* Has it what it was offered, by its own words? */
static bool
has_release(const struct server_report *r)
{
	return r->served != NULL &&
	    (hash_equal(&r->hello->release, &r->served->id) ||
		(r->result != NULL &&
		    (r->result->outcome == OUTCOME_UPDATED ||
			r->result->outcome == OUTCOME_CURRENT)));
}

static void
host_report(void *ctx, struct conn *c, const struct server_report *r)
{
	struct net_server *s = ctx;
	struct server_report shown = *r;
	struct msg_hello hello;

	s->stats.ended++;
	if (r->error != NULL)
		s->stats.failed++;
	s->stats.sent += r->sent;
	s->stats.received += r->received;
	/* A content of the release is damaged, or gone: bring it back. */
	if (r->error != NULL &&
	    (r->error->code == ERP_CORRUPT || r->error->code == ERP_NOTFOUND))
		s->releases.restore(s->releases.ctx);
	if (r->hello != NULL) {
		hello = *r->hello;
		name_station(c, &hello);
		shown.hello = &hello;
	}
	if (r->hello != NULL && has_release(r))
		tally_note(s->workers.tally, r->served->manifest.os,
		    &r->served->id, hello.station);
	/* Whoever has many addresses has no more lines by that, before it has
	 * said who it is. */
	if ((r->hello == NULL &&
		!may_log(s, &s->anybody, "callers without a greeting")) ||
	    !may_log(s, c->peer, r->peer))
		return;
	session_log(
	    &s->opt.log, &shown, clock_ms(s->opt.clock) - c->stranger.came);
	if (c->crowded)
		net_log_line(&s->opt.log, NET_LOG_WARN,
		    "%s: busy, since %u stations of its address are served "
		    "(MaxPerAddress)",
		    r->peer, most_of(s, c->peer));
}

static void
host_closed(void *ctx, struct conn *c)
{
	struct net_server *s = ctx;

	places_leave(s, c);
	host_look(s);
	if (s->drain.begun && s->stats.connections == 0)
		(void)event_base_loopbreak(s->base);
}

/* Has this address all connections that it may have? */
static bool
has_all(const struct net_server *s, const struct peer *peer)
{
	unsigned most = CALLERS_FOR_ONE * most_of(s, peer);

	return most > 0 &&
	    peer->conns >= (most > CALLERS_LEAST ? most : CALLERS_LEAST);
}

/*
 * While there is no room, callers wait where the kernel has them: whoever has
 * just come has his time to greet, and they have theirs when they come in.
 */
void
host_look(struct net_server *s)
{
	bool full = !places_have_room(s);

	if (full == s->full || s->listener == NULL)
		return;
	s->full = full;
	listener_hold(s->listener, full);
}

/* Else the first who calls would be sent away until it is known. */
void
host_notice(struct net_server *s)
{
	int os;

	for (os = 0; os < PATH_OS_N; os++)
		(void)s->releases.held(s->releases.ctx, (enum path_os)os);
}

/* Why a connection from this address is not wanted now, or NULL.  Where places
 * are short who is of no use goes first. */
static const char *
refusal(struct net_server *s, struct peer *peer)
{
	if (!peer_may_call(peer, clock_ms(s->opt.clock)))
		return "too many calls without a greeting";
	if (has_all(s, peer) && !places_take_stranger(s, peer) &&
	    !places_take_idle(s, peer))
		return "too many connections from this address";
	return places_make_room(s) ? NULL : "too many connections";
}

void
host_accepted(void *ctx, int fd, const struct sockaddr *addr)
{
	struct net_server *s = ctx;
	struct peer *peer = peers_get(&s->peers, addr);
	const char *why;
	char text[80];
	struct conn *c;
	struct err e;

	if (peer == NULL) {
		(void)close(fd);
		return;
	}
	peer_text(addr, text, sizeof(text));
	if ((why = refusal(s, peer)) != NULL) {
		s->stats.turned_away++;
		(void)close(fd);
		if (may_log(s, peer, text))
			net_log_line(&s->opt.log, NET_LOG_WARN,
			    "%s: turned away: %s", text, why);
		return;
	}
	if (conn_new(&s->host, fd, peer, text, &c, &e) != 0) {
		if (may_log(s, peer, text))
			net_log_line(
			    &s->opt.log, NET_LOG_ERROR, "%s: %s", text, e.msg);
		return;
	}
	s->stats.accepted++;
	places_enter(s, c);
	/* Its first words are there, mostly: then it is no stranger. */
	(void)conn_hear(c);
	host_look(s);
}

void
host_accept_failed(void *ctx, int sys)
{
	struct net_server *s = ctx;

	net_log_line(&s->opt.log, NET_LOG_ERROR,
	    "cannot accept connections: %s", strerror(sys));
}

void
host_fill(struct net_server *s)
{
	s->host.base = s->base;
	s->host.store = s->opt.store;
	s->host.clock = s->opt.clock;
	s->host.desk = &s->workers.desk;
	s->host.held = &s->held;
	s->host.blobs = &s->blobs;
	s->host.rates = &s->rates;
	s->host.admit = host_admit;
	s->host.foresee = host_foresee;
	s->host.report = host_report;
	s->host.closed = host_closed;
	s->host.ctx = s;
}
