/* Block signatures: parameters, making, checked loading. */
#include "engine/delta/signature.h"

#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/rsjob.h"
#include "engine/delta/signature_internal.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_BASIS ((uint64_t)64 << 30)

int
sig_params_choose(uint64_t size, uint32_t block_len, int strong_len,
    struct sig_params *out, struct err *e)
{
	rs_magic_number magic = RS_RK_BLAKE2_SIG_MAGIC;
	size_t block = block_len;
	size_t strong = (size_t)strong_len;
	rs_long_t known = size > INT64_MAX ? -1 : (rs_long_t)size;

	rsjob_silence();
	if (block > SIG_BLOCK_MAX)
		return err_set(e, ERP_USAGE,
		    "block size %zu: at most %d is possible", block,
		    SIG_BLOCK_MAX);
	if (strong_len < -1 || strong_len > SIG_STRONG_MAX)
		return err_set(e, ERP_USAGE,
		    "sum size %d: 1 to %d, 0 or -1 is possible", strong_len,
		    SIG_STRONG_MAX);
	if (rs_sig_args(known, &magic, &block, &strong) != RS_DONE ||
	    block == 0 || block > SIG_BLOCK_MAX || strong > SIG_STRONG_MAX)
		return err_set(
		    e, ERP_USAGE, "no signature parameters for this size");
	out->block_len = (uint32_t)block;
	out->strong_len = (uint32_t)strong;
	return 0;
}

int
sig_params_for(uint64_t size, struct sig_params *out, struct err *e)
{
	if (size > SIZE_MAX_BASIS)
		return err_set(e, ERP_USAGE,
		    "a file of %llu bytes is above the limit of 64 GiB",
		    (unsigned long long)size);
	return sig_params_choose(size, 0, -1, out, e);
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
	put_be32(out, RS_RK_BLAKE2_SIG_MAGIC);
	put_be32(out + 4, p->block_len);
	put_be32(out + 8, p->strong_len);
}

int
signature_make(const struct source *basis, const struct sig_params *p,
    const struct sink *out, struct err *e)
{
	rs_result result;
	rs_job_t *job;
	int rc;

	if (p->block_len < 1 || p->block_len > SIG_BLOCK_MAX ||
	    p->strong_len < 1 || p->strong_len > SIG_STRONG_MAX)
		return err_set(e, ERP_USAGE,
		    "signature with blocks of %u and sums of %u bytes",
		    p->block_len, p->strong_len);
	rsjob_silence();
	job = rs_sig_begin(p->block_len, p->strong_len, RS_RK_BLAKE2_SIG_MAGIC);
	if (job == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	rc = rsjob_run(job, basis, out, &result, e);
	if (rc == 0 && result != RS_DONE)
		rc = rsjob_error(result, "signature", e);
	(void)rs_job_free(job);
	return rc;
}

/* What the header says, once it is known to be sane. */
struct shape {
	size_t strong_len;
	size_t count;
};

static int
check_header(const uint8_t *p, size_t n, struct shape *out, struct err *e)
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
		longest = 16;
	else
		return err_set(e, ERP_CORRUPT,
		    "not a signature: it begins with %08x", magic);
	if (block < 1 || block > SIG_BLOCK_MAX)
		return err_set(
		    e, ERP_CORRUPT, "signature with blocks of %u bytes", block);
	if (strong < 1 || strong > longest)
		return err_set(
		    e, ERP_CORRUPT, "signature with sums of %u bytes", strong);
	n -= SIG_HEADER_LEN;
	if (n % (SIG_WEAK_LEN + strong) != 0)
		return err_set(e, ERP_CORRUPT, "signature is cut off");
	out->strong_len = strong;
	out->count = n / (SIG_WEAK_LEN + strong);
	if (out->count > SIG_COUNT_MAX)
		return err_set(
		    e, ERP_CORRUPT, "signature of %zu blocks", out->count);
	return 0;
}

/* A block of the signature and its weak sum, to bring equal sums together. */
struct weak {
	uint32_t sum;
	uint32_t index;
};

static int
compare_weak(const void *a, const void *b)
{
	const struct weak *x = a, *y = b;

	if (x->sum != y->sum)
		return x->sum < y->sum ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/*
 * Of n blocks with one weak sum, let every one whose strong sum would be the
 * SIG_CHAIN_MAX + 1st different one repeat the first block's: librsync
 * indexes a repeated pair once.
 */
static void
cut_chain(uint8_t *sums, const struct shape *sh, const struct weak *w, size_t n)
{
	const uint8_t *kept[SIG_CHAIN_MAX];
	size_t kept_n = 0, entry = SIG_WEAK_LEN + sh->strong_len, i, k;
	uint8_t *strong;

	for (i = 0; i < n; i++) {
		strong = sums + w[i].index * entry + SIG_WEAK_LEN;
		for (k = 0; k < kept_n; k++)
			if (memcmp(kept[k], strong, sh->strong_len) == 0)
				break;
		if (k < kept_n)
			continue;
		if (kept_n < SIG_CHAIN_MAX)
			kept[kept_n++] = strong;
		else
			memcpy(strong, kept[0], sh->strong_len);
	}
}

static int
cut_chains(uint8_t *sums, const struct shape *sh, struct err *e)
{
	size_t entry = SIG_WEAK_LEN + sh->strong_len, i, n;
	struct weak *w;

	if (sh->count <= SIG_CHAIN_MAX)
		return 0;
	w = reallocarray(NULL, sh->count, sizeof(*w));
	if (w == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	for (i = 0; i < sh->count; i++) {
		w[i].sum = get_be32(sums + i * entry);
		w[i].index = (uint32_t)i;
	}
	qsort(w, sh->count, sizeof(*w), compare_weak);
	for (i = 0; i < sh->count; i += n) {
		for (n = 1; i + n < sh->count; n++)
			if (w[i + n].sum != w[i].sum)
				break;
		if (n > SIG_CHAIN_MAX)
			cut_chain(sums, sh, w + i, n);
	}
	free(w);
	return 0;
}

/* Hand checked bytes to librsync and index them. */
static int
load_checked(const uint8_t *p, size_t n, struct signature *sig, struct err *e)
{
	struct mem_stream mem = {p, n, 0};
	struct source src = source_of_mem(&mem);
	rs_result result;
	rs_job_t *job;
	int rc;

	rsjob_silence();
	if ((job = rs_loadsig_begin(&sig->sums)) == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	rc = rsjob_run(job, &src, NULL, &result, e);
	(void)rs_job_free(job);
	if (rc == 0 && result == RS_DONE)
		result = rs_build_hash_table(sig->sums);
	if (rc == 0 && result != RS_DONE)
		rc = rsjob_error(result, "signature", e);
	return rc;
}

int
signature_load(const void *p, size_t n, struct signature **out, struct err *e)
{
	struct signature *sig = NULL;
	uint8_t *copy = NULL;
	struct shape sh = {0, 0};
	int rc;

	*out = NULL;
	if ((rc = check_header(p, n, &sh, e)) != 0)
		return rc;
	sig = calloc(1, sizeof(*sig));
	copy = malloc(n);
	if (sig == NULL || copy == NULL) {
		rc = err_set(e, ERP_NOMEM, "out of memory");
		goto out;
	}
	memcpy(copy, p, n);
	if ((rc = cut_chains(copy + SIG_HEADER_LEN, &sh, e)) != 0)
		goto out;
	if ((rc = load_checked(copy, n, sig, e)) != 0)
		goto out;
	*out = sig;
	sig = NULL;
out:
	free(copy);
	signature_free(sig);
	return rc;
}

void
signature_free(struct signature *s)
{
	if (s == NULL)
		return;
	if (s->sums != NULL)
		rs_free_sumset(s->sums);
	free(s);
}
