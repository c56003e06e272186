#ifndef ERPSYNC_ENGINE_STORE_STORE_STATIONS_H
#define ERPSYNC_ENGINE_STORE_STORE_STATIONS_H

/*
 * Which stations said that they have a kept release, by their names: a text
 * beside it, one name a line, in order.  It is for counting only: a lost or
 * damaged one counts from nothing again, and nothing else depends on it.
 */

#include "engine/store/store.h"

#include <stddef.h>

struct names;

enum {
	STORE_STATIONS_MAX = 16384, /* of a release; more are not counted */
	STORE_STATION_BYTES = 64 /* of a name, printable ASCII, no blanks */
};

/*
 * These have it too, in any order and as often as they like.  Nothing is
 * written where all are known by now, or where the release is not kept any
 * more.  Waits while somebody publishes.
 */
int store_add_stations(struct store *s, enum path_os os, const struct hash *id,
    const struct names *names, struct err *e);

/* How many they are; 0 also where that cannot be read.  Right beside whoever
 * holds the store. */
size_t store_count_stations(
    const struct store *s, enum path_os os, const struct hash *id);

#endif
