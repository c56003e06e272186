#ifndef ERPSYNC_TRANSPORT_NET_BWLIMIT_H
#define ERPSYNC_TRANSPORT_NET_BWLIMIT_H

/*
 * A limit of bytes a second for one direction: a bucket that fills with time
 * and holds a quarter of a second's bytes.
 */

#include <stddef.h>
#include <stdint.h>

struct bwlimit {
	uint64_t rate; /* bytes a second; 0: no limit */
	uint64_t tokens; /* thousandths of a byte */
	uint64_t filled; /* monotonic milliseconds */
};

void bwlimit_init(struct bwlimit *b, uint64_t rate, uint64_t now);

/* How many bytes may pass now; SIZE_MAX without a limit.  0 until there are
 * enough to be worth a system call. */
size_t bwlimit_room(struct bwlimit *b, uint64_t now);

/* n bytes passed; n is at most the room. */
void bwlimit_take(struct bwlimit *b, size_t n);

/* When there was no room: milliseconds until there is. */
uint32_t bwlimit_wait_ms(const struct bwlimit *b);

#endif
