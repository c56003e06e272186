/*
 * Block signatures: their parameters, which follow from the size of the basis,
 * and checked loading.  What a peer's signature passes before a delta is made
 * from it.
 */
#include "engine/delta/signature.h"

#include "engine/base/err.h"
#include "engine/delta/match/match_index.h"
#include "engine/delta/rsjob.h"
#include "engine/delta/signature_internal.h"

#include <assert.h>
#include <bsd/stdlib.h>
#include <librsync.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)SIG_CHAIN_MAX == (int)MATCH_BUCKET_MAX,
    "what signature.h promises is what the index keeps");

enum { SMALL_BASIS = 65536, BLOCK_LEAST = 256, BLOCK_STEP = 128 };
#define SIZE_MAX_BASIS ((uint64_t)64 << 30)

/* The format that a signature with these sums begins with. */
static rs_magic_number
magic_of(bool rollsum, bool md4)
{
	if (rollsum)
		return md4 ? RS_MD4_SIG_MAGIC : RS_BLAKE2_SIG_MAGIC;
	return md4 ? RS_RK_MD4_SIG_MAGIC : RS_RK_BLAKE2_SIG_MAGIC;
}

int
sig_params_choose(
    const struct sig_wish *wish, struct sig_params *out, struct err *e)
{
	rs_magic_number magic = magic_of(wish->rollsum, wish->md4);
	int longest = wish->md4 ? SIG_MD4_MAX : SIG_STRONG_MAX;
	size_t block = wish->block_len, strong = (size_t)wish->strong_len;
	rs_long_t known = wish->size > INT64_MAX ? -1 : (rs_long_t)wish->size;

	rsjob_silence();
	if (block > SIG_BLOCK_MAX)
		return err_set(e, ERP_USAGE,
		    "block size %zu: at most %d is possible", block,
		    SIG_BLOCK_MAX);
	if (wish->strong_len < -1 || wish->strong_len > longest)
		return err_set(e, ERP_USAGE,
		    "sum size %d: 1 to %d, 0 or -1 is possible",
		    wish->strong_len, longest);
	if (rs_sig_args(known, &magic, &block, &strong) != RS_DONE ||
	    block == 0 || block > SIG_BLOCK_MAX || strong > SIG_STRONG_MAX)
		return err_set(
		    e, ERP_USAGE, "no signature parameters for this size");
	*out = (struct sig_params){
	    (uint32_t)block, (uint32_t)strong, wish->rollsum, wish->md4};
	return 0;
}

/* The floor of the binary logarithm of n, which is not zero. */
static uint32_t
log2_of(uint64_t n)
{
	uint32_t bits = 0;

	assert(n > 0);
	while ((n >>= 1) > 0)
		bits++;
	return bits;
}

/* The floor of the root of size. */
static uint32_t
root_of(uint64_t size)
{
	uint64_t low = 0, high = UINT32_MAX, middle;

	while (low < high) {
		middle = (low + high + 1) / 2;
		if (middle * middle <= size)
			low = middle;
		else
			high = middle - 1;
	}
	return (uint32_t)low;
}

/* Part of the protocol (docs/protocol.md, "Sums"), so not left to whichever
 * librsync is installed. */
int
sig_params_for(uint64_t size, struct sig_params *out, struct err *e)
{
	if (size > SIZE_MAX_BASIS)
		return err_set(e, ERP_USAGE,
		    "a file of %llu bytes is above the limit of 64 GB",
		    (unsigned long long)size);
	memset(out, 0, sizeof(*out));
	out->block_len = size <= SMALL_BASIS
	    ? BLOCK_LEAST
	    : root_of(size) / BLOCK_STEP * BLOCK_STEP;
	out->strong_len = 2 +
	    (log2_of(size + (1 << 24)) + log2_of(size / out->block_len + 1) +
		7) /
		8;
	assert(out->strong_len <= SIG_STRONG_MAX);
	return 0;
}

uint64_t
sig_block_count(uint64_t size, const struct sig_params *p)
{
	return size / p->block_len + (size % p->block_len != 0);
}

uint64_t
sig_length(uint64_t size, const struct sig_params *p)
{
	return SIG_HEADER_LEN +
	    sig_block_count(size, p) * (SIG_WEAK_LEN + p->strong_len);
}

static void
put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static uint32_t
get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

void
signature_header(const struct sig_params *p, uint8_t out[SIG_HEADER_LEN])
{
	put_be32(out, (uint32_t)magic_of(p->rollsum, p->md4));
	put_be32(out + 4, p->block_len);
	put_be32(out + 8, p->strong_len);
}

static int
check_header(const uint8_t *p, size_t n, struct match_shape *out, struct err *e)
{
	uint32_t magic, block, strong, longest;

	if (n < SIG_HEADER_LEN)
		return err_set(
		    e, ERP_CORRUPT, "signature of %zu bytes is cut off", n);
	magic = get_be32(p);
	block = get_be32(p + 4);
	strong = get_be32(p + 8);
	if (magic == RS_BLAKE2_SIG_MAGIC || magic == RS_RK_BLAKE2_SIG_MAGIC)
		longest = SIG_STRONG_MAX;
	else if (magic == RS_MD4_SIG_MAGIC || magic == RS_RK_MD4_SIG_MAGIC)
		longest = SIG_MD4_MAX;
	else
		return err_set(e, ERP_CORRUPT,
		    "not a signature: it begins with %08x", magic);
	if (block < 1 || block > SIG_BLOCK_MAX)
		return err_set(e, ERP_CORRUPT,
		    "signature with blocks of %u bytes, at most %d are taken",
		    block, SIG_BLOCK_MAX);
	if (strong < 1 || strong > longest)
		return err_set(
		    e, ERP_CORRUPT, "signature with sums of %u bytes", strong);
	n -= SIG_HEADER_LEN;
	if (n % (SIG_WEAK_LEN + strong) != 0)
		return err_set(e, ERP_CORRUPT, "signature is cut off");
	out->block_len = block;
	out->strong_len = strong;
	out->rabinkarp =
	    magic == RS_RK_MD4_SIG_MAGIC || magic == RS_RK_BLAKE2_SIG_MAGIC;
	out->blake2b = longest == SIG_STRONG_MAX;
	out->count = n / (SIG_WEAK_LEN + strong);
	if (out->count > SIG_COUNT_MAX)
		return err_set(
		    e, ERP_CORRUPT, "signature of %zu blocks", out->count);
	return 0;
}

int
signature_load(const void *p, size_t n, struct signature **out, struct err *e)
{
	const uint8_t *bytes = p;
	struct match_shape shape;
	struct signature *sig;
	int rc;

	*out = NULL;
	if ((rc = check_header(bytes, n, &shape, e)) != 0)
		return rc;
	if ((sig = calloc(1, sizeof(*sig))) == NULL)
		return err_nomem(e);
	rc = match_index_new(
	    &shape, bytes + SIG_HEADER_LEN, arc4random(), &sig->index, e);
	if (rc != 0) {
		signature_free(sig);
		return rc;
	}
	assert(sig->index != NULL);
	*out = sig;
	return 0;
}

void
signature_free(struct signature *s)
{
	if (s == NULL)
		return;
	match_index_free(s->index);
	free(s);
}
