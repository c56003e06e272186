#ifndef ERPSYNC_ENGINE_DELTA_VIEW_VIEW_H
#define ERPSYNC_ENGINE_DELTA_VIEW_VIEW_H

/*
 * A content seen through its packed streams: the same bytes, but for some of
 * the streams, in whose places their raw bytes stand.  A patch between two
 * views is small where one between the contents is not, since an edit in front
 * of a packed stream changes all of it (docs/patch-format.md, "Views").
 *
 *   view_scan   content -> streams      view_layout   streams -> view
 *   view_read   view as a range source  view_repack   view -> content
 */

#include "engine/delta/compress/deflate.h"
#include "engine/delta/view/view_scan.h"

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct range_source;
struct sink;

/* A stream that is seen unpacked. */
struct view_piece {
	uint64_t at; /* its first packed byte in the content; 0: not known */
	uint64_t view; /* its first raw byte in the view */
	uint32_t packed, raw; /* bytes */
	deflate_how how; /* how it is packed again; of a target only */
};
struct view {
	struct view_piece *v; /* ascending; owned */
	size_t n;
	uint64_t content_len, len; /* bytes */
};

/* The view in which the chosen streams, those whose how is not 0, are
 * unpacked; ERP_NOMEM. */
int view_layout(const struct view_streams *streams, const deflate_how *how,
    uint64_t content_len, struct view *out, struct err *e);
void view_release(struct view *v); /* zeroes are fine */

/*
 * The view as a range source: streams are unpacked as they are read, and the
 * last ones kept, 24 MiB of them.  What cannot be unpacked (any more), or takes
 * more than 4 times the view and 64 MiB in all, since it is read back and
 * forth, is ERP_MISMATCH.  content and view outlive it.
 */
struct view_reader;
int view_reader_new(const struct view *v, const struct range_source *content,
    struct view_reader **out, struct err *e);
struct range_source view_reader_source(struct view_reader *r);
void view_reader_free(struct view_reader *r); /* NULL is fine */

/*
 * A sink for the bytes of a view, from which the content goes to out.  It makes
 * content_len bytes at most; end fails with ERP_MISMATCH if they are fewer, as
 * where a zlib packs otherwise.  v and out outlive it.
 */
struct view_repacker;
int view_repacker_new(const struct view *v, const struct sink *out,
    struct view_repacker **r, struct err *e);
struct sink view_repacker_sink(struct view_repacker *r);
int view_repacker_end(struct view_repacker *r, struct err *e);
void view_repacker_free(struct view_repacker *r); /* NULL is fine */

/*
 * What a patch says of its two views, appended to out: of the basis which of
 * its streams are unpacked, of the target where they are and how they are
 * packed.  Decoding makes both from that and the basis's streams; ERP_CORRUPT
 * for what no maker says.
 */
int view_encode(const struct view *basis, const struct view_streams *streams,
    const struct view *target, struct buf *out, struct err *e);
struct view_pair {
	struct view basis, target;
};
int view_decode(const struct view_streams *streams, uint64_t basis_len,
    uint64_t target_len, const struct buf *in, struct view_pair *out,
    struct err *e);

/* What both ends know before: the basis's streams, as the target's are told.
 * Appended to out. */
int view_prefix(
    const struct view_streams *streams, struct buf *out, struct err *e);

#endif
