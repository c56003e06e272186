#ifndef ERPSYNC_ENGINE_DELTA_PATCH_PATCH_H
#define ERPSYNC_ENGINE_DELTA_PATCH_PATCH_H

/*
 * Patches of the known-basis road: both files are at hand when a patch is
 * made, so nothing has to be asked of the station.  The target is described
 * as pieces of the basis with sparse differences, and literal bytes between
 * them; docs/patch-format.md has the bytes.
 *
 * Making is costly and for the server: at most about nine times the basis
 * in memory and 200 MiB.  Applying streams: 64 MiB at most, whatever the
 * files' sizes, and the basis is read in small ranges.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crew;
struct err;
struct range_sink;
struct range_source;
struct sink;
struct source;

enum patch_effort {
	PATCH_BEST, /* smallest patch: suffix array, LZMA */
	PATCH_FAIR, /* some seconds for 100 MB: hashed places, zstd */
	PATCH_QUICK /* about a second for 100 MB: the same, packed less */
};

/* Bytes of a basis that are not known, from <= .. < to. */
struct patch_gap {
	uint64_t from, to;
};

/* Two contents in memory. */
struct patch_pair {
	const uint8_t *basis;
	size_t basis_len;
	const uint8_t *target;
	size_t target_len;
	enum patch_effort effort;
	/* What the patch must not copy: sorted, apart from one another.  The
	 * basis has any bytes there, best those that are likely. */
	const struct patch_gap *gap;
	size_t gap_n;
	/* Asked now and then whether to give up, with ERP_CANCELLED; may be
	 * NULL. */
	bool (*is_cancelled)(void *ctx);
	void *ctx;
	const struct crew *crew; /* may be NULL; is_cancelled is asked by all */
};

/*
 * Write the patch from basis to target.  Each patch is applied before it is
 * handed out, so what was written rebuilds the target.  PATCH_NONE, with
 * nothing written, when a look at samples shows that next to nothing of the
 * basis occurs in the target, as with packed or encrypted files: the whole
 * file is no larger then.
 */
enum { PATCH_NONE = 1 };
int patch_make(
    const struct patch_pair *pair, const struct sink *out, struct err *e);

/*
 * The same of what both contents are with their packed streams unpacked
 * (engine/delta/view/view.h).  PATCH_NONE, too, where there is little that is
 * packed, or not by zlib.  Takes the memory and time of patches of the unpacked
 * contents, of 64 MiB each at most; without gaps.
 */
int patch_make_viewed(
    const struct patch_pair *pair, const struct sink *out, struct err *e);

/* Where the best is wanted the smaller one of both, else a plain one. */
int patch_make_smallest(
    const struct patch_pair *pair, const struct sink *out, struct err *e);

/* Is it such a patch, which can only be applied in order? */
bool patch_is_viewed(const struct range_source *patch);

/*
 * Rebuild the target, at most limit bytes; its length goes to *size.  The
 * patch is read to its end.  ERP_CORRUPT when it is malformed or made for a
 * basis of another length, ERP_MISMATCH when the basis became shorter while
 * it was read.  out may have taken bytes by then, which must be thrown away.
 */
int patch_apply(const struct range_source *basis, const struct source *patch,
    uint64_t limit, const struct sink *out, uint64_t *size, struct err *e);

/* What patch_apply_spread reads and writes, from several threads at once. */
struct patch_files {
	const struct range_source *basis, *patch;
	const struct range_sink *out;
	const struct sink *front; /* takes the first span, too; may be NULL */
};

/*
 * The same with spans rebuilt side by side by the crew.  It needs no more
 * memory for that; out is not written in order.
 */
int patch_apply_spread(const struct patch_files *files, uint64_t limit,
    const struct crew *crew, uint64_t *size, struct err *e);

#endif
