#ifndef ERPSYNC_TRANSPORT_WIRE_MSG_LEFT_OUT_H
#define ERPSYNC_TRANSPORT_WIRE_MSG_LEFT_OUT_H

/*
 * Names that a server leaves out of its releases (engine/tree/left_out.h), as
 * a WELCOME has them: a string for each pattern, one behind the other.
 */

#include "engine/tree/left_out.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum { LEFT_OUT_ALL = 4096 /* bytes of them all */ };
struct msg_left_out {
	const uint8_t *p;
	size_t len;
};

/* Put a pattern behind those in out: 1; 0 for one that cannot be told or is
 * too much; or ERP_NOMEM. */
int left_out_put(struct buf *out, const char *pattern, struct err *e);

/* Take the first one of those that were decoded; false at their end. */
bool left_out_next(struct msg_left_out *rest, char out[LEFT_OUT_BYTES + 1]);

/* Are these patterns, at least one? */
bool left_out_are_legal(struct msg_left_out told);

#endif
