#ifndef ERPSYNC_TRANSPORT_HOST_RATES_H
#define ERPSYNC_TRANSPORT_HOST_RATES_H

/*
 * How many bytes a second leave the server: to all stations together, and to
 * those of ranges of addresses, each at its hours.  Plain values; times come
 * from the caller, as with transport/net/bwlimit.h.
 */

#include "transport/host/peers.h"
#include "transport/net/bwlimit.h"
#include "transport/server/timetable.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum { RATES_MAX = 16 };

struct rate {
	uint8_t key[PEER_KEY]; /* of an address, as peers.h has it */
	unsigned bits; /* of it that count; 0: all stations */
	struct timetable when;
	bool is_on; /* now */
	struct bwlimit limit;
};

struct rates {
	struct rate v[RATES_MAX];
	size_t n;
};

/*
 * Parts with commas between, each [ADDRESS[/BITS]] RATE [DAYS] [HOURS]: a rate
 * in KiB a second or with K, M or G, days and hours as timetable.h has them.
 * ERP_USAGE, also for two of all stations at all hours: 2,5M is none.
 */
int rates_parse(const char *text, struct rates *out, struct err *e);

/* They count from now on. */
void rates_begin(struct rates *r, uint64_t now_ms);
/* Which of them count at this time (since 1970)? */
void rates_look(struct rates *r, int64_t now_s);

/* How many bytes may leave for this address now; 0: wait.  SIZE_MAX: there is
 * no limit. */
size_t rates_room(
    struct rates *r, const uint8_t key[PEER_KEY], uint64_t now_ms);
void rates_take(struct rates *r, const uint8_t key[PEER_KEY], size_t n);

#endif
