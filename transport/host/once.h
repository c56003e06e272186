#ifndef ERPSYNC_TRANSPORT_HOST_ONCE_H
#define ERPSYNC_TRANSPORT_HOST_ONCE_H

/*
 * Equal questions, one computation: when many stations ask for the same
 * blob at once, the first computes it and the others wait; then they find it
 * in the store.
 */

#include "transport/server/server.h"

struct once;

/* compile is compile_blob or the like; ctx is handed to it. */
int once_new(
    job_compile_fn *compile, void *ctx, struct once **out, struct err *e);

/* As compile_blob; from any thread. */
int once_compile(struct once *o, const struct compile_request *req,
    struct compile_answer *out, struct err *e);

/* No thread is inside any more.  NULL is fine. */
void once_free(struct once *o);

#endif
