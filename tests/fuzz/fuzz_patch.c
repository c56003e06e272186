/*
 * Any bytes as a patch on a fixed basis: it is refused, or it gives exactly
 * what its head says, within the limit.  Read by position it is the same.
 */
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/patch/patch.h"
#include "tests/support/streams.h"

#include <stdlib.h>

enum { BASIS_LEN = 4096, LIMIT = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
put_at(void *ctx, uint64_t off, const void *p, size_t n, struct err *e)
{
	(void)ctx;
	(void)p;
	(void)e;
	if (off > LIMIT || n > LIMIT - off)
		abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t basis[BASIS_LEN];
	struct mem_stream b = {basis, sizeof(basis), 0}, m = {data, size, 0};
	struct range_source range = range_of_mem(&b);
	struct source patch = source_of_mem(&m);
	struct narrow_sink out = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&out);
	struct range_source bytes = range_of_mem(&m);
	struct range_sink places = {put_at, NULL};
	const struct patch_files files = {&range, &bytes, &places, NULL};
	uint64_t made, spread;
	struct err e;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(basis); i++)
		basis[i] = (uint8_t)(i * 7 + (i >> 8));
	rc = patch_apply(&range, &patch, LIMIT, &to, &made, &e);
	if (out.taken > LIMIT || (rc == 0 && out.taken != made) ||
	    (rc != 0 && rc != ERP_CORRUPT && rc != ERP_NOMEM))
		abort();
	if (patch_apply_spread(&files, LIMIT, NULL, &spread, &e) != rc ||
	    (rc == 0 && spread != made))
		abort();
	return 0;
}
