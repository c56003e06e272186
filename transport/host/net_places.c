/*
 * Places: who has one, and that nobody holds it by silence while others want
 * it.  net_admission.c tells of connections and greetings and asks for room
 * when one comes; who goes is chosen here: of the strangers who is slowest with
 * its words (strangers.c), of the stations of the address that has most places
 * the one that has been of no use for longest.
 */
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/host/net_server_internal.h"

#include <assert.h>
#include <stddef.h>

enum {
	IDLE_MS = 1000, /* so long a station may think at least */
	HEAR_MAX = 64, /* of them are heard before one has to go */
	GREET_MS = 3000, /* and so long greet a server that ends */
	/* Of so many places one is for strangers: for more of them no station
	 * has to go. */
	STRANGERS_ONE_OF = 4
};

struct conn *
places_conn(struct stranger *one)
{
	return (struct conn *)(void *)((char *)one -
	    offsetof(struct conn, stranger));
}

void
places_enter(struct net_server *s, struct conn *c)
{
	assert(!c->greeted && !c->serving);
	s->stats.connections++;
	s->stats.strangers++;
	c->peer->conns++;
	c->stranger.from = c->peer;
	c->stranger.doubted = peer_is_doubted(c->peer, c->stranger.came);
	TAILQ_INSERT_TAIL(&s->strangers, &c->stranger, list);
}

/* It is no stranger any more. */
static void
know(struct net_server *s, struct conn *c)
{
	assert(!c->greeted && s->stats.strangers > 0);
	c->greeted = true;
	s->stats.strangers--;
	TAILQ_REMOVE(&s->strangers, &c->stranger, list);
	TAILQ_INSERT_TAIL(&s->conns, c, list);
}

void
places_greet(struct net_server *s, struct conn *c, bool serving)
{
	know(s, c);
	peer_greeted(c->peer);
	if (!serving)
		return;
	c->serving = true;
	s->stats.stations++;
	c->peer->stations++;
}

static void
leave_service(struct net_server *s, struct conn *c)
{
	if (!c->serving)
		return;
	c->serving = false;
	s->stats.stations--;
	c->peer->stations--;
}

/* Do calls from there count? */
static bool
counts(const struct net_server *s, const struct peer *peer)
{
	return !peer->is_local || s->opt.loopback_counts ||
	    s->opt.max_per_address > 0;
}

void
places_leave(struct net_server *s, struct conn *c)
{
	assert(s->stats.connections > 0 && c->peer->conns > 0);
	if (!c->greeted) {
		know(s, c);
		if (counts(s, c->peer))
			peer_called_in_vain(c->peer, clock_ms(s->opt.clock));
	}
	leave_service(s, c);
	TAILQ_REMOVE(&s->conns, c, list);
	s->stats.connections--;
	c->peer->conns--;
	assert(s->stats.strangers + s->stats.stations <= s->stats.connections);
}

static void
drop(struct conn *c, const char *why)
{
	struct err e;

	(void)err_set(&e, ERP_TIMEOUT, "%s", why);
	conn_drop(c, &e);
}

/* Connections from there, or (NULL) all: fewer when somebody was heard, and had
 * gone, leave the place that is wanted. */
static unsigned
places_of(const struct net_server *s, const struct peer *of)
{
	return of != NULL ? of->conns : s->stats.connections;
}

/*
 * Nobody is dropped unheard: what has come meanwhile may be its greeting, or
 * what a station thought about.  Whoever has more and more to say is not
 * listened to for ever.
 */
bool
places_take_stranger(struct net_server *s, const struct peer *of)
{
	uint64_t now = clock_ms(s->opt.clock);
	unsigned hear = HEAR_MAX, before = places_of(s, of);
	struct stranger *one;

	while (places_of(s, of) == before &&
	    (one = strangers_slowest(&s->strangers, now, of)) != NULL) {
		if (hear > 0 && conn_hear(places_conn(one))) {
			hear--;
			continue;
		}
		drop(places_conn(one),
		    "no greeting while others wanted the place");
	}
	return places_of(s, of) < before;
}

/* Of these two idle stations, which has to go? */
static bool
is_worse(const struct conn *c, uint64_t idle, const struct conn *than,
    uint64_t than_idle)
{
	if (than == NULL || c->peer == than->peer)
		return than == NULL || idle > than_idle;
	return c->peer->stations > than->peer->stations ||
	    (c->peer->stations == than->peer->stations && idle > than_idle);
}

/* Who of this address, or (NULL) any, has been of no use for longest. */
static struct conn *
find_idle(const struct net_server *s, const struct peer *of)
{
	struct conn *c, *worst = NULL;
	uint64_t idle, most = 0;

	TAILQ_FOREACH(c, &s->conns, list)
	{
		if (of != NULL && c->peer != of)
			continue;
		idle = conn_idle_ms(c);
		if (idle < IDLE_MS || !is_worse(c, idle, worst, most))
			continue;
		worst = c;
		most = idle;
	}
	return worst;
}

bool
places_take_idle(struct net_server *s, const struct peer *of)
{
	unsigned hear = HEAR_MAX, before = places_of(s, of);
	struct conn *c;

	while (places_of(s, of) == before && (c = find_idle(s, of)) != NULL) {
		if (hear > 0 && conn_hear(c)) {
			hear--;
			continue;
		}
		drop(c, "silent while others wanted the place");
	}
	return places_of(s, of) < before;
}

/* Have strangers less than is theirs? */
static bool
are_few(const struct net_server *s)
{
	return s->stats.strangers * STRANGERS_ONE_OF <= s->conns_max;
}

bool
places_have_room(const struct net_server *s)
{
	return s->stats.connections < s->conns_max || are_few(s) ||
	    strangers_slowest(&s->strangers, clock_ms(s->opt.clock), NULL) !=
	    NULL;
}

bool
places_make_room(struct net_server *s)
{
	return s->stats.connections < s->conns_max ||
	    places_take_stranger(s, NULL) ||
	    (are_few(s) && places_take_idle(s, NULL));
}

void
places_end_strangers(struct net_server *s)
{
	uint64_t now = clock_ms(s->opt.clock);
	struct stranger *one, *next;

	TAILQ_FOREACH_SAFE(one, &s->strangers, list, next)
	if (now - one->came >= GREET_MS)
		drop(places_conn(one),
		    "no greeting while the server waited to end");
}
