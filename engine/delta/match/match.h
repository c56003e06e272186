#ifndef ERPSYNC_ENGINE_DELTA_MATCH_MATCH_H
#define ERPSYNC_ENGINE_DELTA_MATCH_MATCH_H

/*
 * Finds a signature's blocks in a target and writes the delta.  Memory is two
 * blocks, or eight when they are small, whatever the size of the target.
 * Time is linear in it for any signature: what strong sums of false matches
 * cost is paid from what was scanned before, and a match not looked at only
 * makes the delta longer.
 */

#include "engine/delta/match/match_write.h"

#include <stdbool.h>

struct err;
struct match_index;
struct sink;
struct source;

/*
 * The same delta for any pieces in which the target arrives.  vector: with
 * AVX2, which the CPU must have; the delta is the same.  Any number of
 * threads may use one index.
 */
int match_delta(const struct match_index *ix, bool vector,
    const struct source *target, const struct sink *delta, struct err *e);

/* The same without a delta: tell of each copy. */
int match_copies(const struct match_index *ix, bool vector,
    const struct source *target, match_copy_fn *copied, void *arg,
    struct err *e);

#endif
