/*
 * liblzma as a function and as a source, for the streams of a patch that it
 * packs better than zstd.  Packing has all bytes at hand; unpacking is
 * streamed.
 */
#include "engine/delta/compress/compress_lzma.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"

#include <assert.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdlib.h>

enum { PREFIX_LEN = 2, PIECE_LEN = 16 * 1024 };

static int
lzma_error(lzma_ret ret, struct err *e)
{
	if (ret == LZMA_MEM_ERROR)
		return err_set(e, ERP_NOMEM, "lzma: out of memory");
	return err_set(e, ERP_INTERNAL, "lzma: error %d", (int)ret);
}

unsigned
lzma_dictionary(uint64_t n, unsigned most)
{
	unsigned log = LZMA_DICTIONARY_MIN;

	assert(most >= LZMA_DICTIONARY_MIN);
	while (log < most && (uint64_t)1 << log < n)
		log++;
	return log;
}

int
compress_lzma_bytes(const void *p, size_t n, const struct lzma_choice *choice,
    struct buf *out, struct err *e)
{
	unsigned dictionary = lzma_dictionary(n, choice->dictionary);
	lzma_options_lzma options;
	lzma_filter filters[] = {
	    {LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, NULL}};
	size_t room = n + n / 2 + 1024, len = PREFIX_LEN;
	uint8_t *to;
	lzma_ret ret;
	int rc;

	if (choice->level > 9 || choice->context > 4 ||
	    choice->dictionary > LZMA_DICTIONARY_MAX ||
	    lzma_lzma_preset(&options, choice->level))
		return err_set(e, ERP_USAGE, "lzma cannot be set up like that");
	options.dict_size = (uint32_t)1 << dictionary;
	options.lc = choice->context;
	options.lp = 0;
	options.pb = 0;
	if ((rc = buf_reserve(out, room, &to, e)) != 0)
		return rc;
	to[0] = (uint8_t)choice->context;
	to[1] = (uint8_t)dictionary;
	ret = lzma_raw_buffer_encode(filters, NULL, p, n, to, &len, room);
	if (ret != LZMA_OK)
		return lzma_error(ret, e);
	buf_commit(out, len);
	return 0;
}

struct decompress_lzma {
	const struct source *in;
	lzma_stream lzma;
	uint64_t left; /* bytes that may still come out */
	unsigned dictionary;
	bool begun;
	bool ended;
	int failed; /* the code of the first failure: it stays */
	uint8_t piece[PIECE_LEN];
};

int
decompress_lzma_new(const struct source *in, uint64_t limit,
    unsigned dictionary, struct decompress_lzma **d, struct err *e)
{
	static const lzma_stream fresh = LZMA_STREAM_INIT;
	struct decompress_lzma *n = calloc(1, sizeof(*n));

	*d = NULL;
	if (n == NULL)
		return err_nomem(e);
	n->lzma = fresh;
	n->in = in;
	n->left = limit;
	n->dictionary = lzma_dictionary(limit, dictionary);
	*d = n;
	return 0;
}

static int
begin(struct decompress_lzma *d, struct err *e)
{
	uint8_t prefix[PREFIX_LEN];
	lzma_options_lzma options = {.dict_size = 0};
	lzma_filter filters[] = {
	    {LZMA_FILTER_LZMA1, &options}, {LZMA_VLI_UNKNOWN, NULL}};
	int64_t got = source_read_full(d->in, prefix, sizeof(prefix), e);
	lzma_ret ret;

	if (got < 0)
		return (int)got;
	d->begun = true;
	options.lc = prefix[0] % 9;
	options.lp = prefix[0] / 9 % 5;
	options.pb = prefix[0] / 45;
	if (got < (int64_t)sizeof(prefix) || options.pb > LZMA_PB_MAX ||
	    options.lc + options.lp > LZMA_LCLP_MAX ||
	    prefix[1] < LZMA_DICTIONARY_MIN || prefix[1] > d->dictionary)
		return err_set(e, ERP_CORRUPT, "not an lzma stream of ours");
	options.dict_size = (uint32_t)1 << prefix[1];
	ret = lzma_raw_decoder(&d->lzma, filters);
	return ret == LZMA_OK ? 0 : lzma_error(ret, e);
}

/* The end marker came: is that all there is? */
static int
check_end(struct decompress_lzma *d, struct err *e)
{
	int64_t got = 0;

	if (d->lzma.avail_in == 0)
		got = d->in->read(d->in->ctx, d->piece, 1, e);
	if (got < 0)
		return (int)got;
	if (got > 0 || d->lzma.avail_in > 0)
		return err_set(
		    e, ERP_CORRUPT, "bytes behind the end of an lzma stream");
	d->ended = true;
	return 0;
}

/* Let liblzma put something out, or take input, or end. */
static int
pull(struct decompress_lzma *d, struct err *e)
{
	lzma_action action = LZMA_RUN;
	lzma_ret ret;
	int64_t got;

	if (d->lzma.avail_in == 0) {
		got = d->in->read(d->in->ctx, d->piece, PIECE_LEN, e);
		if (got < 0)
			return (int)got;
		d->lzma.next_in = d->piece;
		d->lzma.avail_in = (size_t)got;
		if (got == 0)
			action = LZMA_FINISH;
	}
	ret = lzma_code(&d->lzma, action);
	if (ret == LZMA_STREAM_END)
		return check_end(d, e);
	if (ret == LZMA_MEM_ERROR)
		return lzma_error(ret, e);
	if (ret != LZMA_OK)
		return err_set(e, ERP_CORRUPT, "damaged lzma stream");
	return 0;
}

static int64_t
decompress_lzma_read(void *ctx, void *p, size_t n, struct err *e)
{
	struct decompress_lzma *d = ctx;
	uint8_t over; /* a byte above the limit */
	size_t room = n;
	int rc = 0;

	if (d->failed != 0)
		return err_set(e, d->failed, "lzma stream failed before");
	if (n == 0)
		return 0;
	if (d->left == 0) {
		p = &over;
		room = 1;
	} else if (n > d->left) {
		room = (size_t)d->left;
	}
	if (!d->begun)
		rc = begin(d, e);
	d->lzma.next_out = p;
	d->lzma.avail_out = room;
	while (rc == 0 && d->lzma.avail_out == room && !d->ended)
		rc = pull(d, e);
	if (rc == 0 && room - d->lzma.avail_out > d->left)
		rc = err_set(
		    e, ERP_CORRUPT, "lzma stream holds more than allowed");
	if (rc != 0) {
		d->failed = rc;
		return rc;
	}
	assert(d->lzma.avail_out <= room);
	room -= d->lzma.avail_out;
	d->left -= room;
	return (int64_t)room;
}

struct source
decompress_lzma_source(struct decompress_lzma *d)
{
	struct source s = {decompress_lzma_read, d};

	return s;
}

void
decompress_lzma_free(struct decompress_lzma *d)
{
	if (d == NULL)
		return;
	lzma_end(&d->lzma);
	free(d);
}
