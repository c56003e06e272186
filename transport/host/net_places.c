/*
 * Places: who has one, and that nobody holds it by silence while others want
 * it.  net_admission.c tells of connections and greetings and asks for room
 * when one comes; who goes is chosen here: of the address that has most places
 * the one that has been of no use for longest.
 */
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/host/net_server_internal.h"

#include <assert.h>

enum {
	IDLE_MS = 1000, /* so long a station may think at least */
	GREET_MS = 3000 /* and so long greet a server that ends */
};

void
places_enter(struct net_server *s, struct conn *c)
{
	assert(!c->greeted && !c->serving);
	s->stats.strangers++;
	c->peer->strangers++;
}

void
places_greet(struct net_server *s, struct conn *c, bool serving)
{
	assert(!c->greeted && s->stats.strangers > 0);
	c->greeted = true;
	s->stats.strangers--;
	c->peer->strangers--;
	if (!serving)
		return;
	c->serving = true;
	s->stats.stations++;
	c->peer->stations++;
}

void
places_leave(struct net_server *s, struct conn *c)
{
	assert(c->greeted || !c->serving);
	if (c->serving) {
		s->stats.stations--;
		c->peer->stations--;
	}
	if (!c->greeted) {
		s->stats.strangers--;
		c->peer->strangers--;
	}
	c->serving = false;
	c->greeted = true;
}

/* Its place is another's; it is freed by the loop. */
static void
cut(struct net_server *s, struct conn *c, const char *why)
{
	struct err e;

	assert(!c->broken);
	(void)err_set(&e, ERP_TIMEOUT, "%s", why);
	places_leave(s, c);
	conn_cut(c, &e);
}

/* Of these two strangers, or idle ones, who has to go? */
static bool
is_worse(const struct conn *c, uint64_t since, unsigned places,
    const struct conn *than, uint64_t than_since, unsigned than_places)
{
	if (than == NULL || c->peer == than->peer)
		return than == NULL || since < than_since;
	return places > than_places ||
	    (places == than_places && since < than_since);
}

bool
places_take_stranger(struct net_server *s, const struct peer *of)
{
	struct conn *c, *worst = NULL;

	TAILQ_FOREACH(c, &s->conns, list)
	if (!c->greeted && !c->broken && (of == NULL || c->peer == of) &&
	    is_worse(c, c->born, c->peer->strangers, worst,
		worst == NULL ? 0 : worst->born,
		worst == NULL ? 0 : worst->peer->strangers))
		worst = c;
	if (worst == NULL)
		return false;
	cut(s, worst, "no greeting while others wanted the place");
	return true;
}

bool
places_take_idle(struct net_server *s, const struct peer *of)
{
	struct conn *c, *worst = NULL;
	uint64_t idle, most = 0;

	TAILQ_FOREACH(c, &s->conns, list)
	{
		if (!c->greeted || c->broken || (of != NULL && c->peer != of))
			continue;
		idle = conn_idle_ms(c);
		if (idle < IDLE_MS ||
		    !is_worse(c, UINT64_MAX - idle, c->peer->stations, worst,
			UINT64_MAX - most,
			worst == NULL ? 0 : worst->peer->stations))
			continue;
		worst = c;
		most = idle;
	}
	if (worst == NULL)
		return false;
	cut(s, worst, "silent while others wanted the place");
	return true;
}

void
places_end_strangers(struct net_server *s)
{
	uint64_t now = clock_ms(s->opt.clock);
	struct conn *c;

	TAILQ_FOREACH(c, &s->conns, list)
	if (!c->greeted && !c->broken && now - c->born >= GREET_MS)
		cut(s, c, "no greeting while the server waited to end");
}
