#ifndef ERPSYNC_ENGINE_DELTA_RSDELTA_H
#define ERPSYNC_ENGINE_DELTA_RSDELTA_H

/*
 * Deltas of the rolling-checksum road, in librsync's format, streaming: the
 * memory needed does not depend on the size of the target.
 */

#include "engine/delta/match/match_write.h"

#include <stddef.h>
#include <stdint.h>

struct err;
struct range_source;
struct signature;
struct sink;
struct source;

/* Write the delta from the signature's basis to target. */
int rsdelta_make(struct signature *basis, const struct source *target,
    const struct sink *delta, struct err *e);

/* The copies of that delta without the delta (match_write.h). */
int rsdelta_copies(struct signature *basis, const struct source *target,
    match_copy_fn *copied, void *arg, struct err *e);

/*
 * Rebuild the target.  Each command is checked before librsync sees it:
 * copies inside the basis and longer than zero, literals not empty,
 * output never above limit bytes, the end where the stream ends:
 * ERP_CORRUPT.  A basis that turns out shorter than its size is
 * ERP_MISMATCH.  Returns 0 or a code; the output's length goes to *size.
 */
int rsdelta_apply(const struct range_source *basis, const struct source *delta,
    uint64_t limit, const struct sink *out, uint64_t *size, struct err *e);

/* The same with a limit on the number of commands as well. */
struct rsdelta_limits {
	uint64_t output; /* bytes */
	uint64_t commands;
};
int rsdelta_apply_within(const struct range_source *basis,
    const struct source *delta, const struct rsdelta_limits *limits,
    const struct sink *out, uint64_t *size, struct err *e);

/*
 * The most a delta can need when its blocks have the length that
 * sig_params_for gives, with room to spare: commands, and bytes of delta.
 */
uint64_t rsdelta_commands_max(uint64_t target_size);
uint64_t rsdelta_length_max(uint64_t target_size);

/*
 * The checker itself: eats delta bytes in any pieces.
 */
struct rsdelta_check {
	uint64_t basis_size, limit; /* set by init */
	uint64_t commands_max; /* init sets no limit */
	uint64_t produced; /* output bytes so far */
	uint64_t commands;
	int state;
	uint64_t skip; /* literal bytes still to pass */
	uint8_t arg[16]; /* argument bytes of the command being read */
	uint8_t arg_len, arg_need;
	uint8_t op;
};
void rsdelta_check_init(
    struct rsdelta_check *c, uint64_t basis_size, uint64_t limit);
int rsdelta_check_feed(
    struct rsdelta_check *c, const void *p, size_t n, struct err *e);
/* The delta ended here: was that legal? */
int rsdelta_check_end(const struct rsdelta_check *c, struct err *e);

#endif
