#ifndef ERPSYNC_ENGINE_RELEASE_COMPILE_H
#define ERPSYNC_ENGINE_RELEASE_COMPILE_H

/*
 * Which blob brings a station from its basis to a wanted content, made on
 * demand and kept in the store.  Safe to call from several threads.
 */

#include "engine/base/hash.h"
#include "engine/release/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct compile_request {
	struct hash target;
	uint64_t target_size;
	bool has_basis;
	struct hash basis;
	uint64_t basis_size;
	/* Signature of the basis without header, or NULL when not sent. */
	const uint8_t *sums;
	size_t sums_len;
};

struct compile_answer {
	bool need_signature; /* basis unknown here: ask for its signature */
	struct blob blob; /* else this one */
};

/*
 * The smaller of the compressed file and the delta.  A basis that the store
 * holds (an older release) needs no signature from the station.
 * ERP_CORRUPT when sums do not fit basis_size.
 */
int compile_blob(struct store *s, const struct compile_request *req,
    struct compile_answer *out, struct err *e);

/* The key under which equal requests meet, to compute them once. */
int compile_key(
    const struct compile_request *req, struct hash *key, struct err *e);

#endif
