/*
 * Making signatures: all of a basis, several blocks at a time.  A station
 * makes one of a file that the server does not know, the server of contents
 * that it has.
 */
#include "engine/delta/signature.h"

#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/match/match_blake2b.h"
#include "engine/delta/match/match_weak.h"
#include "engine/delta/signature_internal.h"

#include <assert.h>
#include <librsync.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Bytes read at a time, if blocks are not longer. */
	READ_LEN = 128 * 1024,
	/* Longer blocks are not held several at a time. */
	LANES_BLOCK_MAX = 256 * 1024
};

struct maker {
	const struct sig_params *p;
	const struct weak_sums *weak;
	bool vector;
	uint8_t *mem; /* blocks * p->block_len */
	uint8_t *sums; /* room for those of all blocks */
	size_t blocks;
};

static uint8_t *
put_sums(uint8_t *to, uint32_t weak, const uint8_t *strong, size_t strong_len)
{
	to[0] = (uint8_t)(weak >> 24);
	to[1] = (uint8_t)(weak >> 16);
	to[2] = (uint8_t)(weak >> 8);
	to[3] = (uint8_t)weak;
	memcpy(to + SIG_WEAK_LEN, strong, strong_len);
	return to + SIG_WEAK_LEN + strong_len;
}

/* The strong sums of k blocks of n bytes at p. */
static void
strong_sums(const struct maker *m, const uint8_t *p, size_t n, size_t k,
    uint8_t out[BLAKE2B_LANES][BLAKE2B_LEN])
{
	size_t i;

	assert(k <= BLAKE2B_LANES);
	if (!m->p->md4)
		blake2b_sum_blocks(m->vector, p, n, k, out);
	else
		for (i = 0; i < k; i++)
			rs_mdfour(out[i], p + i * n, n);
}

/* Write the sums of the len bytes in mem; only the last block is short. */
static int
sum_all(struct maker *m, size_t len, const struct sink *out, struct err *e)
{
	uint8_t strong[BLAKE2B_LANES][BLAKE2B_LEN];
	const uint8_t *p = m->mem;
	uint8_t *to = m->sums;
	size_t n = m->p->block_len, left, k, i;

	for (left = len; left > 0; left -= k * n, p += k * n) {
		if (left < n)
			n = left;
		k = left / n < BLAKE2B_LANES ? left / n : BLAKE2B_LANES;
		assert(k > 0 && k * n <= left);
		strong_sums(m, p, n, k, strong);
		for (i = 0; i < k; i++)
			to = put_sums(to, m->weak->sum(p + i * n, n), strong[i],
			    m->p->strong_len);
	}
	return len == 0
	    ? 0
	    : out->write(out->ctx, m->sums, (size_t)(to - m->sums), e);
}

static int
make_all(struct maker *m, const struct source *basis, const struct sink *out,
    struct err *e)
{
	size_t cap = m->blocks * m->p->block_len;
	uint8_t header[SIG_HEADER_LEN];
	int64_t got;
	int rc;

	signature_header(m->p, header);
	rc = out->write(out->ctx, header, sizeof(header), e);
	if (rc != 0)
		return rc;
	do {
		got = source_read_full(basis, m->mem, cap, e);
		if (got < 0)
			return (int)got;
		rc = sum_all(m, (size_t)got, out, e);
	} while (rc == 0 && (size_t)got == cap);
	return rc;
}

int
signature_make_by(bool vector, const struct source *basis,
    const struct sig_params *p, const struct sink *out, struct err *e)
{
	struct maker m = {
	    p, weak_sums_of(!p->rollsum, vector), vector, NULL, NULL, 1};
	uint32_t longest = p->md4 ? SIG_MD4_MAX : SIG_STRONG_MAX;
	int rc;

	if (p->block_len < 1 || p->block_len > SIG_BLOCK_MAX ||
	    p->strong_len < 1 || p->strong_len > longest)
		return err_set(e, ERP_USAGE,
		    "signature with blocks of %u and sums of %u bytes",
		    p->block_len, p->strong_len);
	if (p->block_len <= LANES_BLOCK_MAX)
		m.blocks = (READ_LEN / p->block_len / BLAKE2B_LANES + 1) *
		    BLAKE2B_LANES;
	m.mem = malloc(m.blocks * p->block_len);
	m.sums = malloc(m.blocks * (SIG_WEAK_LEN + p->strong_len));
	rc = m.mem == NULL || m.sums == NULL ? err_nomem(e)
					     : make_all(&m, basis, out, e);
	free(m.mem);
	free(m.sums);
	return rc;
}

int
signature_make(const struct source *basis, const struct sig_params *p,
    const struct sink *out, struct err *e)
{
	return signature_make_by(match_has_avx2(), basis, p, out, e);
}
