#ifndef ERPSYNC_TRANSPORT_STATION_STATION_PREVIEW_INTERNAL_H
#define ERPSYNC_TRANSPORT_STATION_STATION_PREVIEW_INTERNAL_H

/*
 * What a dry run looks into, station_preview.c: INI files that an update would
 * change are fetched, so that it can be told which keys.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct frame;
struct preview;
struct station;

struct previews {
	bool offered; /* the server lets it */
	struct preview *v;
	size_t n, done_n;
	uint64_t sent, received; /* bytes that no update would move */
};

/*
 * Ask for the INI files of the plan that change, as far as they can be looked
 * into: how many; 0: there are none.  The server's answers; previews_done: all
 * are here, or will not be.
 */
int previews_ask(struct station *s, struct err *e);
int preview_offer_receive(
    struct station *s, const struct frame *f, struct err *e);
int preview_data_receive(
    struct station *s, const struct frame *f, struct err *e);
bool previews_done(const struct station *s);
void previews_release(struct station *s);

#endif
