/*
 * Blob codecs on top of compress, rsdelta and patch: a server's content or
 * delta becomes a blob, a station's blob becomes content again, and only the
 * wanted one passes.
 */
#include "engine/delta/pack.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/stream.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/patch/patch.h"
#include "engine/delta/rsdelta.h"

#include <assert.h>
#include <stdatomic.h>

/* A patch below this length takes no time worth a crew. */
enum { SPREAD_FROM = 1 << 20 };

/* What is rebuilt goes to disk in portions of this, so that the sync in the
 * end has little left to wait for. */
enum { FLOW_LEN = 16 << 20 };

int
pack_full(const struct source *target, uint64_t size, int level,
    const struct sink *blob, struct err *e)
{
	struct compressor *c;
	struct sink to;
	int64_t n;
	int rc;

	if ((rc = compressor_new(blob, level, size, &c, e)) != 0)
		return rc;
	to = compressor_sink(c);
	n = stream_copy(target, &to, e);
	rc = n < 0 ? (int)n : compressor_finish(c, e);
	compressor_free(c);
	return rc;
}

int
pack_rsync(struct signature *basis, const struct source *target, int level,
    const struct sink *blob, struct err *e)
{
	struct compressor *c;
	struct sink to;
	int rc;

	if ((rc = compressor_new(blob, level, UINT64_MAX, &c, e)) != 0)
		return rc;
	to = compressor_sink(c);
	if ((rc = rsdelta_make(basis, target, &to, e)) == 0)
		rc = compressor_finish(c, e);
	compressor_free(c);
	return rc;
}

/* Content out of the decompressed bytes of a blob. */
static int
decode(const struct unpack_task *t, const struct source *plain,
    const struct sink *out, struct err *e)
{
	struct rsdelta_limits limits = {t->size, rsdelta_commands_max(t->size)};
	uint64_t made;
	int64_t n;

	if (t->codec == CODEC_RSYNC)
		return rsdelta_apply_within(
		    t->basis, plain, &limits, out, &made, e);
	n = stream_copy(plain, out, e);
	return n < 0 ? (int)n : 0;
}

/* Is what came out, count bytes with this hash, the wanted content? */
static int
compare(const struct unpack_task *t, uint64_t count, const struct hash *got,
    struct err *e)
{
	assert(t->want != NULL);
	if (count != t->size)
		return err_set(e, ERP_MISMATCH,
		    "content has %llu bytes, not %llu",
		    (unsigned long long)count, (unsigned long long)t->size);
	if (!hash_equal(got, t->want))
		return err_set(e, ERP_MISMATCH, "content has another hash");
	return 0;
}

int
unpack_unverified(const struct unpack_task *t, const struct source *blob,
    const struct sink *out, struct err *e)
{
	struct decompressor *d = NULL;
	struct source plain;
	uint64_t most = t->size, got;
	int rc;

	/* The codec is a peer's number. */
	if (t->codec < CODEC_FULL || t->codec > CODEC_PATCH ||
	    (t->codec != CODEC_FULL && t->basis == NULL))
		return err_set(e, ERP_CORRUPT,
		    "blob with codec %d cannot be used here", (int)t->codec);
	/* Its streams are compressed each by itself. */
	if (t->codec == CODEC_PATCH)
		return patch_apply(t->basis, blob, t->size, out, &got, e);
	if (t->codec == CODEC_RSYNC)
		most = rsdelta_length_max(t->size);
	if ((rc = decompressor_new(blob, most, &d, e)) != 0)
		return rc;
	plain = decompressor_source(d);
	rc = decode(t, &plain, out, e);
	decompressor_free(d);
	return rc;
}

int
unpack(const struct unpack_task *t, const struct source *blob,
    const struct sink *out, struct err *e)
{
	struct hash_sink h = {NULL, out, 0};
	struct sink to = sink_of_hash(&h);
	struct hash got;
	int rc;

	if ((rc = hasher_new(&h.hasher, e)) != 0)
		return rc;
	if ((rc = unpack_unverified(t, blob, &to, e)) == 0 &&
	    (rc = hasher_final(h.hasher, &got, e)) == 0)
		rc = compare(t, h.count, &got, e);
	hasher_free(h.hasher);
	return rc;
}

/* A file that is written by several threads, and to disk meanwhile. */
struct flowing {
	struct file_stream *file;
	atomic_uint_fast64_t written;
};

static int
flowing_write_at(
    void *ctx, uint64_t off, const void *p, size_t n, struct err *e)
{
	struct flowing *f = ctx;
	struct range_sink to = range_sink_of_file(f->file);
	int rc = to.write_at(to.ctx, off, p, n, e);
	uint64_t before = atomic_fetch_add(&f->written, n);

	if (rc == 0 && before / FLOW_LEN != (before + n) / FLOW_LEN)
		fs_writeback(f->file->fs, f->file->fd);
	return rc;
}

/* Rebuild from a patch by a crew, and hash behind the first span what could
 * not be hashed on the way. */
static int
unpack_spread(const struct unpack_task *t, const struct range_source *patch,
    const struct crew *crew, struct file_stream *out, struct err *e)
{
	struct flowing flowing = {.file = out};
	struct range_sink to = {flowing_write_at, &flowing};
	struct hash_sink h = {NULL, NULL, 0};
	struct sink hashed = sink_of_hash(&h);
	struct patch_files files = {t->basis, patch, &to, &hashed};
	struct source rest = source_of_file(out);
	struct hash got;
	uint64_t count;
	int64_t n = 0;
	int rc;

	if ((rc = hasher_new(&h.hasher, e)) != 0)
		return rc;
	rc = patch_apply_spread(&files, t->size, crew, &count, e);
	fs_writeback(out->fs, out->fd);
	out->pos = h.count;
	if (rc == 0 && (n = stream_copy(&rest, &hashed, e)) < 0)
		rc = (int)n;
	if (rc == 0 && (rc = hasher_final(h.hasher, &got, e)) == 0)
		rc = compare(t, count, &got, e);
	hasher_free(h.hasher);
	return rc;
}

int
unpack_file(const struct unpack_task *t, const struct range_source *from,
    const struct crew *crew, struct file_stream *out, struct err *e)
{
	struct range_reader reader = {from, 0, from->size};
	struct source blob = source_of_range(&reader);
	struct sink to = sink_of_file(out);

	if (crew != NULL && t->codec == CODEC_PATCH && t->basis != NULL &&
	    from->size >= SPREAD_FROM && !patch_is_viewed(from))
		return unpack_spread(t, from, crew, out, e);
	return unpack(t, &blob, &to, e);
}
