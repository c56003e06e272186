#ifndef ERPSYNC_TRANSPORT_HOST_SINGLE_FLIGHT_H
#define ERPSYNC_TRANSPORT_HOST_SINGLE_FLIGHT_H

/*
 * Equal questions, one computation: when many stations ask for the same
 * blob at once, the first computes it and the others wait; then they find it
 * in the store.
 */

#include "transport/server/server.h"

struct single_flight;

/* compile is compile_blob or the like; ctx is handed to it. */
int single_flight_new(job_compile_fn *compile, void *ctx,
    struct single_flight **out, struct err *e);

/* As compile_blob; from any thread. */
int single_flight_compile(struct single_flight *o,
    const struct compile_request *req, struct compile_answer *out,
    struct err *e);

/* No thread is inside any more.  NULL is fine. */
void single_flight_free(struct single_flight *o);

#endif
