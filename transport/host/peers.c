/*
 * Addresses that call the server: how many connections each has, and whether
 * it may call, or be logged, again.  Asked at each accept, so that none takes
 * all.
 */
#include "transport/host/peers.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MS = 1000 / PEER_LINES, VAIN_MS = 1000 / PEER_VAIN };

/* What an IPv4 address as IPv6 begins with. */
static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static int
peer_compare(struct peer *a, struct peer *b)
{
	return memcmp(a->key, b->key, sizeof(a->key));
}

RB_GENERATE(peer_tree, peer, tree, peer_compare)

void
peers_init(struct peers *list)
{
	RB_INIT(&list->tree);
}

void
peers_release(struct peers *list)
{
	struct peer *p;

	while ((p = RB_MIN(peer_tree, &list->tree)) != NULL) {
		assert(p->conns == 0);
		RB_REMOVE(peer_tree, &list->tree, p);
		free(p);
	}
}

/* The address as IPv6; its last half only if it is a mapped IPv4 address. */
static void
key_of(const struct sockaddr *addr, uint8_t key[PEER_KEY])
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	memset(key, 0, PEER_KEY);
	if (addr->sa_family == AF_INET) {
		memcpy(&in, addr, sizeof(in));
		memcpy(key, mapped, sizeof(mapped));
		memcpy(key + sizeof(mapped), &in.sin_addr, 4);
	} else if (addr->sa_family == AF_INET6) {
		memcpy(&in6, addr, sizeof(in6));
		memcpy(key, &in6.sin6_addr, PEER_KEY);
		if (memcmp(key, mapped, sizeof(mapped)) != 0)
			memset(key + 8, 0, 8);
	}
}

/* 127.0.0.0/8 or the network of ::1 (which nobody else can have). */
static bool
is_loopback(const uint8_t key[PEER_KEY])
{
	static const uint8_t zero[PEER_KEY] = {0};

	return memcmp(key, zero, PEER_KEY) == 0 ||
	    (memcmp(key, mapped, sizeof(mapped)) == 0 && key[12] == 127);
}

struct peer *
peers_get(struct peers *list, const struct sockaddr *addr)
{
	struct peer key, *p;

	key_of(addr, key.key);
	if ((p = RB_FIND(peer_tree, &list->tree, &key)) != NULL)
		return p;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return NULL;
	memcpy(p->key, key.key, sizeof(p->key));
	p->is_local = is_loopback(p->key);
	(void)RB_INSERT(peer_tree, &list->tree, p);
	return p;
}

/* Nothing of its work waits, runs or has to be paid off. */
static bool
is_idle(struct peer *p, uint64_t now)
{
	int i;

	for (i = 0; i < DESK_KINDS; i++)
		if (!turn_lane_is_idle(&p->lanes[i], now))
			return false;
	return true;
}

/* Time pays the debt off. */
static void
pay(struct peer_debt *d, uint64_t now)
{
	uint64_t passed = now - d->since;

	assert(now >= d->since);
	d->owed_ms = passed < d->owed_ms ? d->owed_ms - passed : 0;
	d->since = now;
}

/* Is there room for one more of n that cost so much each? */
static bool
has_credit(struct peer_debt *d, uint64_t now, unsigned n, unsigned cost_ms)
{
	pay(d, now);
	return d->owed_ms <= (uint64_t)(n - 1) * cost_ms;
}

bool
peer_may_log(struct peer *p, uint64_t now)
{
	if (!has_credit(&p->lines, now, PEER_LINES_AT_ONCE, LINE_MS)) {
		p->dropped++;
		return false;
	}
	p->lines.owed_ms += LINE_MS;
	return true;
}

void
peer_called_in_vain(struct peer *p, uint64_t now)
{
	pay(&p->vain, now);
	p->vain.owed_ms += VAIN_MS;
	p->doubted_until = now + PEER_DOUBT_MS;
}

void
peer_greeted(struct peer *p)
{
	p->doubted_until = 0;
}

bool
peer_is_doubted(const struct peer *p, uint64_t now)
{
	return now < p->doubted_until;
}

bool
peer_may_call(struct peer *p, uint64_t now)
{
	return has_credit(&p->vain, now, PEER_VAIN_AT_ONCE, VAIN_MS);
}

void
peers_sweep(struct peers *list, uint64_t now)
{
	struct peer *p, *next;

	for (p = RB_MIN(peer_tree, &list->tree); p != NULL; p = next) {
		next = RB_NEXT(peer_tree, &list->tree, p);
		pay(&p->lines, now);
		pay(&p->vain, now);
		if (p->conns > 0 || p->lines.owed_ms > 0 ||
		    p->vain.owed_ms > 0 || peer_is_doubted(p, now) ||
		    !is_idle(p, now))
			continue;
		RB_REMOVE(peer_tree, &list->tree, p);
		free(p);
	}
}

void
peer_text(const struct sockaddr *addr, char *out, unsigned cap)
{
	char host[INET6_ADDRSTRLEN] = "?";
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (addr->sa_family == AF_INET) {
		memcpy(&in, addr, sizeof(in));
		(void)inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
		(void)snprintf(
		    out, cap, "%s:%u", host, (unsigned)ntohs(in.sin_port));
	} else if (addr->sa_family == AF_INET6) {
		memcpy(&in6, addr, sizeof(in6));
		(void)inet_ntop(AF_INET6, &in6.sin6_addr, host, sizeof(host));
		(void)snprintf(
		    out, cap, "[%s]:%u", host, (unsigned)ntohs(in6.sin6_port));
	} else {
		(void)snprintf(out, cap, "?");
	}
}
