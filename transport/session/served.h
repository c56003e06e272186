#ifndef ERPSYNC_TRANSPORT_SESSION_SERVED_H
#define ERPSYNC_TRANSPORT_SESSION_SERVED_H

/*
 * A release as sessions use it: decoded, and packed for the wire.  Immutable;
 * counted by its users, from any thread.
 */

#include "engine/base/buf.h"
#include "engine/base/hash.h"
#include "engine/tree/manifest.h"

#include <stdatomic.h>
#include <stdint.h>

struct err;

struct served {
	struct manifest manifest;
	struct hash id;
	uint32_t manifest_len; /* canonical bytes */
	struct buf packed; /* the same, compressed */
	atomic_uint refs;
};

/* Takes the content of m, which is empty afterwards.  One reference. */
int served_new(struct manifest *m, struct served **out, struct err *e);
struct served *served_ref(struct served *s);
void served_unref(struct served *s); /* NULL is fine */

#endif
