/*
 * Deflate by zlib, both ways, as raw streams: what stands around them (zip,
 * gzip, zlib headers) is content like any other.
 */
#include "engine/delta/compress/deflate.h"

#include "engine/base/err.h"
#include "engine/base/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { PIECE = 32 * 1024, LEVELS = 9, STRATEGIES = 4, RAW_WINDOW = -15 };

struct deflater {
	z_stream z;
	deflate_how how; /* 0: not set up yet */
	const struct sink *out;
	uint8_t piece[PIECE];
};

bool
deflate_how_is_valid(uint8_t how)
{
	return (how & 15) >= 1 && (how & 15) <= LEVELS &&
	    how >> 5 <= STRATEGIES;
}

/* The next bytes of the stream.  False where the content ends. */
static int
feed(z_stream *z, uint8_t *piece, const struct range_source *from, uint64_t *at,
    struct err *e)
{
	uint64_t left = *at < from->size ? from->size - *at : 0;
	int64_t got = 0;

	/* What lies behind is none of it, as of a file that has grown. */
	if (left > 0)
		got = from->read_at(from->ctx, *at, piece,
		    left < PIECE ? (size_t)left : PIECE, e);
	if (got <= 0)
		return (int)got;
	*at += (uint64_t)got;
	z->next_in = piece;
	z->avail_in = (uInt)got;
	return 1;
}

/* What deflate_unpack does, once zlib is set up. */
static int
unpack_with(z_stream *z, const struct range_source *from, uint64_t at,
    size_t most, const struct sink *out, struct err *e)
{
	uint8_t in[PIECE], made[PIECE];
	int rc, code = Z_OK;

	z->avail_out = PIECE;
	while (code == Z_OK) {
		/* There may be more of what it has than had room. */
		if (z->avail_in == 0 && z->avail_out > 0 &&
		    (rc = feed(z, in, from, &at, e)) <= 0)
			return rc;
		z->next_out = made;
		z->avail_out = PIECE;
		code = inflate(z, Z_NO_FLUSH);
		if (code == Z_MEM_ERROR)
			return err_nomem(e);
		/* It may want for more input only. */
		if (code == Z_BUF_ERROR && z->avail_in == 0)
			code = Z_OK;
		if ((code != Z_OK && code != Z_STREAM_END) ||
		    z->total_out > most)
			return 0;
		if (out != NULL && z->avail_out < PIECE &&
		    (rc = out->write(
			 out->ctx, made, PIECE - z->avail_out, e)) != 0)
			return rc;
	}
	return 1;
}

int
deflate_unpack(const struct range_source *from, uint64_t at, size_t most,
    const struct sink *out, struct deflate_size *size, struct err *e)
{
	z_stream z;
	int rc;

	memset(&z, 0, sizeof(z));
	if (inflateInit2(&z, RAW_WINDOW) != Z_OK)
		return err_nomem(e);
	rc = unpack_with(&z, from, at, most, out, e);
	*size = (struct deflate_size){z.total_in, z.total_out};
	(void)inflateEnd(&z);
	return rc;
}

int
deflater_new(struct deflater **out, struct err *e)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? err_nomem(e) : 0;
}

void
deflater_free(struct deflater *d)
{
	if (d != NULL && d->how != 0)
		(void)deflateEnd(&d->z);
	free(d);
}

int
deflater_begin(
    struct deflater *d, deflate_how how, const struct sink *out, struct err *e)
{
	int code;

	assert(deflate_how_is_valid(how));
	d->out = out;
	if (d->how == how) {
		code = deflateReset(&d->z);
	} else {
		if (d->how != 0)
			(void)deflateEnd(&d->z);
		memset(&d->z, 0, sizeof(d->z));
		d->how = 0;
		code = deflateInit2(&d->z, how & 15, Z_DEFLATED, RAW_WINDOW,
		    (how & 16) != 0 ? 9 : 8, how >> 5);
	}
	if (code != Z_OK)
		return err_nomem(e);
	d->how = how;
	return 0;
}

static int
drive(struct deflater *d, int flush, struct err *e)
{
	int rc, code;

	do {
		d->z.next_out = d->piece;
		d->z.avail_out = PIECE;
		code = deflate(&d->z, flush);
		assert(code != Z_STREAM_ERROR);
		if (d->z.avail_out < PIECE &&
		    (rc = d->out->write(d->out->ctx, d->piece,
			 PIECE - d->z.avail_out, e)) != 0)
			return rc;
	} while (d->z.avail_out == 0);
	return 0;
}

int
deflater_write(struct deflater *d, const void *p, size_t n, struct err *e)
{
	assert(d->how != 0 && n <= UINT32_MAX);
	/* zlib reads only. */
	d->z.next_in = (z_const Bytef *)(uintptr_t)p;
	d->z.avail_in = (uInt)n;
	return drive(d, Z_NO_FLUSH, e);
}

int
deflater_end(struct deflater *d, struct err *e)
{
	assert(d->how != 0);
	d->z.next_in = NULL;
	d->z.avail_in = 0;
	return drive(d, Z_FINISH, e);
}

static int
is_made_so(struct deflater *d, const struct deflate_pair *pair, deflate_how how,
    struct err *e)
{
	struct expected packed = {pair->packed, pair->packed_n};
	const struct sink to = sink_of_expected(&packed);
	size_t at, n;
	int rc = deflater_begin(d, how, &to, e);

	/* In pieces, so that a wrong way ends soon. */
	for (at = 0; rc == 0 && at < pair->raw_n; at += n) {
		n = pair->raw_n - at < PIECE ? pair->raw_n - at : PIECE;
		rc = deflater_write(d, pair->raw + at, n, e);
	}
	if (rc == 0)
		rc = deflater_end(d, e);
	if (rc == ERP_MISMATCH)
		return 0;
	return rc != 0 ? rc : packed.left == 0;
}

int
deflate_find(struct deflater *d, const struct deflate_pair *pair, bool all,
    deflate_how *how, struct err *e)
{
	/* The usual ones first; then other levels, memory, strategies. */
	static const deflate_how ways[] = {6, 9, 1, 5, 7, 8, 4, 3, 2, 6 | 16,
	    9 | 16, 1 | 16, 6 | 32, 9 | 32, 6 | 64, 6 | 128};
	size_t i;
	int rc;

	if (*how != 0 && (rc = is_made_so(d, pair, *how, e)) != 0)
		return rc;
	for (i = 0; all && i < sizeof(ways); i++) {
		if (ways[i] == *how ||
		    (rc = is_made_so(d, pair, ways[i], e)) == 0)
			continue;
		if (rc == 1)
			*how = ways[i];
		return rc;
	}
	return 0;
}
