#ifndef ERPSYNC_TRANSPORT_STATION_STATION_ACCOUNT_INTERNAL_H
#define ERPSYNC_TRANSPORT_STATION_STATION_ACCOUNT_INTERNAL_H

/* What a conversation moved, and those before it whose links broke. */

#include "engine/base/hash.h"
#include "transport/station/station.h"

#include <stddef.h>
#include <stdint.h>

/* What the stations of broken links moved, all of them together. */
struct earlier_item {
	struct hash content;
	struct station_item item;
};
struct earlier {
	uint64_t sent, received;
	uint64_t ms; /* since the first began */
	struct earlier_item *v; /* sorted by content */
	size_t n;
};

/* The bytes on the wire, and whose they are. */
struct account {
	uint64_t received, sent; /* in this conversation */
	/* What a dry run would send and receive beyond what it does. */
	uint64_t foretold_sent, foretold_received;
	uint64_t blob_bytes; /* of all blobs fetched, or foretold */
	uint64_t blob_got; /* of these, what came */
	struct station_item *items; /* one for each action */
	struct earlier earlier;
};

/* Sums that were sent: what they are about, and their hash. */
struct recall {
	struct hash about, sums;
};
struct recalls {
	struct recall *v;
	size_t n;
	size_t old_n; /* of them, sent before the link broke: may be recalled */
};

/* How fast the manifest came, from its first bytes to its last. */
struct rate_in {
	uint64_t first_ms, last_ms;
	uint64_t bytes; /* after the first ones */
};

#endif
