/*
 * zstd as a sink and as a source.  The last step of a full blob or a rolling-
 * checksum delta on its way out, the first one on its way in; patches use it
 * for single streams.
 */
#include "engine/delta/compress/compress.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

/*
 * Content of unknown size is held back up to this many bytes: when it ends
 * before, its size is known after all.  Without that zstd clears tables for
 * a full window, which costs far more than compressing a small delta.
 */
enum { HEAD_LEN = 256 * 1024, LEVEL_MAX = 19 };

static int
zstd_error(size_t code, struct err *e)
{
	switch ((int)ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		return err_set(e, ERP_NOMEM, "zstd: out of memory");
	default:
		return err_set(
		    e, ERP_INTERNAL, "zstd: %s", ZSTD_getErrorName(code));
	}
}

/* zstd takes the size of a frame that ends with its first call for granted,
 * whatever was promised: the count is our own. */
static int
broken_promise(struct err *e)
{
	return err_set(
	    e, ERP_MISMATCH, "content is longer or shorter than promised");
}

struct compressor {
	const struct sink *out;
	ZSTD_CCtx *cctx;
	uint64_t size; /* promised, or UINT64_MAX */
	uint64_t taken; /* bytes so far */
	uint8_t *head; /* held back; NULL when nothing is */
	size_t head_len;
	uint8_t *piece; /* compressed bytes on their way to out */
	size_t piece_cap;
};

/* Feed n bytes to zstd, and all that comes out of it to the sink. */
static int
push(struct compressor *c, const void *p, size_t n, ZSTD_EndDirective mode,
    struct err *e)
{
	ZSTD_inBuffer in = {p, n, 0};
	ZSTD_outBuffer out;
	size_t left;
	int rc;

	do {
		out.dst = c->piece;
		out.size = c->piece_cap;
		out.pos = 0;
		left = ZSTD_compressStream2(c->cctx, &out, &in, mode);
		if (ZSTD_isError(left))
			return zstd_error(left, e);
		if (out.pos > 0 &&
		    (rc = c->out->write(c->out->ctx, c->piece, out.pos, e)) !=
			0)
			return rc;
	} while (mode == ZSTD_e_end ? left > 0 : in.pos < in.size);
	return 0;
}

/* Tell zstd the size, or that it is not known. */
static int
pledge(struct compressor *c, uint64_t size, struct err *e)
{
	size_t code = ZSTD_CCtx_setPledgedSrcSize(
	    c->cctx, size == UINT64_MAX ? ZSTD_CONTENTSIZE_UNKNOWN : size);

	return ZSTD_isError(code) ? zstd_error(code, e) : 0;
}

static int
setup_compressor(struct compressor *c, int level, struct err *e)
{
	size_t code;

	c->cctx = ZSTD_createCCtx();
	c->piece_cap = ZSTD_CStreamOutSize();
	c->piece = malloc(c->piece_cap);
	if (c->size == UINT64_MAX)
		c->head = malloc(HEAD_LEN);
	if (c->cctx == NULL || c->piece == NULL ||
	    (c->size == UINT64_MAX && c->head == NULL))
		return err_nomem(e);
	/* Up to level 19 windows end at 8 MiB by themselves, and matching
	 * over longer distances stays off. */
	code = ZSTD_CCtx_setParameter(c->cctx, ZSTD_c_compressionLevel, level);
	if (ZSTD_isError(code))
		return zstd_error(code, e);
	return c->head != NULL ? 0 : pledge(c, c->size, e);
}

int
compressor_new(const struct sink *out, int level, uint64_t size,
    struct compressor **c, struct err *e)
{
	struct compressor *n;
	int rc;

	*c = NULL;
	if (level < 1 || level > LEVEL_MAX)
		return err_set(e, ERP_USAGE,
		    "compression level %d: 1 to %d is possible", level,
		    LEVEL_MAX);
	n = calloc(1, sizeof(*n));
	if (n == NULL)
		return err_nomem(e);
	n->out = out;
	n->size = size;
	if ((rc = setup_compressor(n, level, e)) != 0) {
		compressor_free(n);
		return rc;
	}
	*c = n;
	return 0;
}

int
compressor_set_window(struct compressor *c, unsigned log, struct err *e)
{
	size_t code;

	assert(c->taken == 0 && log >= 10 && log <= COMPRESS_WINDOW_LOG);
	code = ZSTD_CCtx_setParameter(c->cctx, ZSTD_c_windowLog, (int)log);
	return ZSTD_isError(code) ? zstd_error(code, e) : 0;
}

/* No longer hold back: what was held goes first. */
static int
release_head(struct compressor *c, struct err *e)
{
	uint8_t *head = c->head;
	int rc = pledge(c, UINT64_MAX, e);

	if (rc == 0)
		rc = push(c, head, c->head_len, ZSTD_e_continue, e);
	c->head = NULL;
	free(head);
	return rc;
}

static int
compressor_write(void *ctx, const void *p, size_t n, struct err *e)
{
	struct compressor *c = ctx;
	int rc;

	assert(c != NULL);
	if (n == 0)
		return 0;
	if (n > c->size - c->taken)
		return broken_promise(e);
	c->taken += n;
	assert(c->head_len <= HEAD_LEN && c->head_len <= c->taken);
	if (c->head != NULL && n <= HEAD_LEN - c->head_len) {
		memcpy(c->head + c->head_len, p, n);
		c->head_len += n;
		return 0;
	}
	if (c->head != NULL && (rc = release_head(c, e)) != 0)
		return rc;
	return push(c, p, n, ZSTD_e_continue, e);
}

struct sink
compressor_sink(struct compressor *c)
{
	struct sink s = {compressor_write, c};

	return s;
}

int
compressor_finish(struct compressor *c, struct err *e)
{
	int rc;

	assert(c != NULL);
	if (c->size != UINT64_MAX && c->taken != c->size)
		return broken_promise(e);
	if (c->head == NULL)
		return push(c, NULL, 0, ZSTD_e_end, e);
	if ((rc = pledge(c, c->head_len, e)) != 0)
		return rc;
	return push(c, c->head, c->head_len, ZSTD_e_end, e);
}

void
compressor_free(struct compressor *c)
{
	if (c == NULL)
		return;
	(void)ZSTD_freeCCtx(c->cctx);
	free(c->head);
	free(c->piece);
	free(c);
}

struct decompressor {
	const struct source *in;
	ZSTD_DCtx *dctx;
	uint64_t left; /* bytes that may still come out */
	uint8_t *piece; /* compressed bytes read and not yet used */
	size_t piece_cap;
	ZSTD_inBuffer avail; /* within piece */
	bool begun;
	bool ended; /* the frame is complete and nothing follows */
	int failed; /* the code of the first failure: it stays */
};

int
decompressor_new(const struct source *in, uint64_t limit,
    struct decompressor **d, struct err *e)
{
	struct decompressor *n = calloc(1, sizeof(*n));
	int rc;

	*d = NULL;
	if (n == NULL)
		return err_nomem(e);
	n->in = in;
	n->left = limit;
	n->dctx = ZSTD_createDCtx();
	n->piece_cap = ZSTD_DStreamInSize();
	n->piece = malloc(n->piece_cap);
	n->avail.src = n->piece;
	if (n->dctx == NULL || n->piece == NULL) {
		decompressor_free(n);
		return err_nomem(e);
	}
	if ((rc = decompressor_set_window(n, COMPRESS_WINDOW_LOG, e)) != 0) {
		decompressor_free(n);
		return rc;
	}
	*d = n;
	return 0;
}

int
decompressor_set_window(struct decompressor *d, unsigned log, struct err *e)
{
	size_t code;

	assert(!d->begun && log <= COMPRESS_WINDOW_LOG);
	code = ZSTD_DCtx_setParameter(d->dctx, ZSTD_d_windowLogMax, (int)log);
	return ZSTD_isError(code) ? zstd_error(code, e) : 0;
}

static int
refill(struct decompressor *d, struct err *e)
{
	int64_t n = source_read_full(d->in, d->piece, d->piece_cap, e);

	if (n < 0)
		return (int)n;
	d->avail.size = (size_t)n;
	d->avail.pos = 0;
	return 0;
}

/* Skippable and old frames are frames to zstd too, but not to us. */
static int
check_magic(struct decompressor *d, struct err *e)
{
	static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd};
	int rc = refill(d, e);

	if (rc != 0)
		return rc;
	d->begun = true;
	if (d->avail.size < sizeof(magic) ||
	    memcmp(d->piece, magic, sizeof(magic)) != 0)
		return err_set(e, ERP_CORRUPT, "not a zstd frame");
	return 0;
}

/* The frame is complete: is that all there is? */
static int
check_end(struct decompressor *d, struct err *e)
{
	int rc = 0;

	assert(d->begun && !d->ended);
	if (d->avail.pos == d->avail.size)
		rc = refill(d, e);
	if (rc == 0 && d->avail.pos < d->avail.size)
		rc = err_set(
		    e, ERP_CORRUPT, "bytes behind the end of a zstd frame");
	d->ended = rc == 0;
	return rc;
}

/* Let zstd put something into the empty out, or take input, or end. */
static int
pull(struct decompressor *d, ZSTD_outBuffer *out, struct err *e)
{
	size_t code;
	int rc;

	if (d->avail.pos == d->avail.size && (rc = refill(d, e)) != 0)
		return rc;
	code = ZSTD_decompressStream(d->dctx, out, &d->avail);
	if (ZSTD_isError(code)) {
		if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
			return zstd_error(code, e);
		return err_set(e, ERP_CORRUPT, "damaged zstd frame: %s",
		    ZSTD_getErrorName(code));
	}
	if (code == 0)
		return check_end(d, e);
	if (d->avail.size == 0 && out->pos == 0)
		return err_set(e, ERP_CORRUPT, "zstd frame is cut off");
	return 0;
}

static int64_t
decompressor_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct decompressor *d = ctx;
	ZSTD_outBuffer out = {p, n, 0};
	uint8_t over; /* a byte above the limit */
	int rc = 0;

	if (d->failed != 0)
		return err_set(e, d->failed, "zstd frame failed before");
	if (n == 0)
		return 0;
	if (d->left == 0) {
		out.dst = &over;
		out.size = 1;
	} else if (n > d->left) {
		out.size = (size_t)d->left;
	}
	if (!d->begun)
		rc = check_magic(d, e);
	while (rc == 0 && out.pos == 0 && !d->ended)
		rc = pull(d, &out, e);
	if (rc == 0 && out.pos > d->left)
		rc = err_set(
		    e, ERP_CORRUPT, "zstd frame holds more than allowed");
	if (rc != 0) {
		d->failed = rc;
		return rc;
	}
	assert(out.pos <= n);
	d->left -= out.pos;
	return (int64_t)out.pos;
}

struct source
decompressor_source(struct decompressor *d)
{
	struct source s = {decompressor_read, d};

	return s;
}

void
decompressor_free(struct decompressor *d)
{
	if (d == NULL)
		return;
	(void)ZSTD_freeDCtx(d->dctx);
	free(d->piece);
	free(d);
}

int
compress_bytes(
    const void *p, size_t n, int level, struct buf *out, struct err *e)
{
	struct sink to = sink_of_buf(out);
	struct compressor *c;
	int rc;

	if ((rc = compressor_new(&to, level, n, &c, e)) != 0)
		return rc;
	if ((rc = compressor_write(c, p, n, e)) == 0)
		rc = compressor_finish(c, e);
	compressor_free(c);
	return rc;
}

int
decompress_bytes(const void *p, size_t n, struct buf *out, struct err *e)
{
	struct mem_stream mem = {p, n, 0};
	struct source in = source_of_mem(&mem), from;
	struct sink to = sink_of_buf(out);
	struct decompressor *d;
	int64_t done;
	int rc;

	if ((rc = decompressor_new(&in, out->limit - out->len, &d, e)) != 0)
		return rc;
	from = decompressor_source(d);
	done = stream_copy(&from, &to, e);
	decompressor_free(d);
	return done < 0 ? (int)done : 0;
}

/* The smallest window that reaches over n bytes, within the limit. */
static int
window_for(size_t n)
{
	int log = 10;

	while (log < COMPRESS_WINDOW_LOG && ((size_t)1 << log) < n)
		log++;
	return log;
}

int
compress_after(const struct span *prefix, const struct span *bytes, int level,
    struct buf *out, struct err *e)
{
	ZSTD_CCtx *cctx = ZSTD_createCCtx();
	size_t code = 0, cap = ZSTD_compressBound(bytes->n);
	uint8_t *to;
	int rc;

	if (cctx == NULL)
		return err_nomem(e);
	if ((rc = buf_reserve(out, cap, &to, e)) != 0)
		goto out;
	(void)ZSTD_CCtx_setParameter(cctx, ZSTD_c_compressionLevel, level);
	(void)ZSTD_CCtx_setParameter(
	    cctx, ZSTD_c_windowLog, window_for(prefix->n + bytes->n));
	code = ZSTD_CCtx_refPrefix(cctx, prefix->p, prefix->n);
	if (!ZSTD_isError(code))
		code = ZSTD_compress2(cctx, to, cap, bytes->p, bytes->n);
	if (ZSTD_isError(code))
		rc = zstd_error(code, e);
	else
		buf_commit(out, code);
out:
	(void)ZSTD_freeCCtx(cctx);
	return rc;
}

int
decompress_after(const struct span *prefix, const struct span *frame,
    struct buf *out, struct err *e)
{
	ZSTD_DCtx *dctx = ZSTD_createDCtx();
	size_t code, cap = out->limit - out->len;
	uint8_t *to;
	int rc;

	if (dctx == NULL)
		return err_nomem(e);
	if ((rc = buf_reserve(out, cap, &to, e)) != 0)
		goto out;
	/* In one go no window is needed, whatever the frame says. */
	code = ZSTD_DCtx_refPrefix(dctx, prefix->p, prefix->n);
	if (!ZSTD_isError(code))
		code = ZSTD_decompressDCtx(dctx, to, cap, frame->p, frame->n);
	if (ZSTD_isError(code))
		rc = err_set(
		    e, ERP_CORRUPT, "zstd: %s", ZSTD_getErrorName(code));
	else
		buf_commit(out, code);
out:
	(void)ZSTD_freeDCtx(dctx);
	return rc;
}
