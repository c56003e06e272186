/*
 * The first bytes say how long blocks are, where the basis ends and which byte
 * of its signature is damaged; the rest is basis and target.  The delta is the
 * same with and without vectors; undamaged, it rebuilds the target, else it
 * stands for as many bytes.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/match/match.h"
#include "engine/delta/match/match_weak.h"
#include "engine/delta/rsdelta.h"
#include "engine/delta/signature.h"
#include "engine/delta/signature_internal.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 6 };

static void
sign(const uint8_t *p, size_t n, uint32_t block_len, struct buf *out)
{
	struct mem_stream mem = {p, n, 0};
	struct source src = source_of_mem(&mem);
	struct sig_params params = {.block_len = block_len, .strong_len = 8};
	struct sink to = sink_of_buf(out);
	struct err e;

	buf_init(out, SIZE_MAX);
	if (signature_make(&src, &params, &to, &e) != 0)
		abort();
}

static void
make(const struct signature *sig, bool vector, const uint8_t *p, size_t n,
    struct buf *out)
{
	struct mem_stream mem = {p, n, 0};
	struct source src = source_of_mem(&mem);
	struct sink to = sink_of_buf(out);
	struct err e;

	buf_init(out, SIZE_MAX);
	if (match_delta(sig->index, vector, &src, &to, &e) != 0)
		abort();
}

static void
check(const struct buf *delta, const uint8_t *p, size_t basis_len, size_t size,
    bool damaged)
{
	struct mem_stream b = {p, basis_len, 0};
	struct mem_stream d = {buf_data(delta), delta->len, 0};
	struct range_source basis = range_of_mem(&b);
	struct source src = source_of_mem(&d);
	struct rsdelta_check c;
	struct buf out;
	struct sink to = sink_of_buf(&out);
	uint64_t made;
	struct err e;

	rsdelta_check_init(&c, UINT64_MAX, size);
	if (rsdelta_check_feed(&c, buf_data(delta), delta->len, &e) != 0 ||
	    rsdelta_check_end(&c, &e) != 0 || c.produced != size)
		abort();
	if (damaged)
		return;
	buf_init(&out, size);
	if (rsdelta_apply(&basis, &src, size, &to, &made, &e) != 0 ||
	    made != size ||
	    (size > 0 && memcmp(buf_data(&out), p + basis_len, size) != 0))
		abort();
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t basis_len, target_len, at;
	struct buf sums, delta, plain;
	struct signature *sig;
	bool damaged;
	struct err e;

	if (size < HEAD)
		return 0;
	basis_len = ((size_t)data[1] << 8 | data[2]) % (size - HEAD + 1);
	target_len = size - HEAD - basis_len;
	at = (size_t)data[3] << 8 | data[4];
	sign(data + HEAD, basis_len, data[0] + 1u, &sums);
	damaged = data[5] != 0 && SIG_HEADER_LEN + at < sums.len;
	if (damaged)
		sums.p[sums.off + SIG_HEADER_LEN + at] ^= data[5];
	if (signature_load(buf_data(&sums), sums.len, &sig, &e) != 0)
		abort();
	make(sig, false, data + HEAD + basis_len, target_len, &plain);
	make(
	    sig, match_has_avx2(), data + HEAD + basis_len, target_len, &delta);
	if (delta.len != plain.len ||
	    memcmp(buf_data(&delta), buf_data(&plain), delta.len) != 0)
		abort();
	check(&delta, data + HEAD, basis_len, target_len, damaged);
	signature_free(sig);
	buf_release(&sums);
	buf_release(&delta);
	buf_release(&plain);
	return 0;
}
