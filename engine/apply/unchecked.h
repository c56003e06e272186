#ifndef ERPSYNC_ENGINE_APPLY_UNCHECKED_H
#define ERPSYNC_ENGINE_APPLY_UNCHECKED_H

/* The update whose health check has not ended yet: written before its commit,
 * so that a crash cannot make a release pass for checked. */

#include "engine/base/hash.h"

#include <stdint.h>

struct err;
struct folder;

struct unchecked {
	struct hash release; /* that the update brings */
	uint64_t tx; /* its number, and the id of its backup */
};

int unchecked_write(
    struct folder *f, const struct unchecked *mark, struct err *e);

/* 1, 0 when there is none or a damaged one, or a code. */
int unchecked_read(struct folder *f, struct unchecked *out, struct err *e);

int unchecked_clear(struct folder *f, struct err *e);

#endif
