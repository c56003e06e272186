/*
 * Any bytes as a patch on a fixed basis: it is refused, or it gives exactly
 * what its head says, within the limit.
 */
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/patch.h"
#include "tests/support/streams.h"

#include <stdlib.h>

enum { BASIS_LEN = 4096, LIMIT = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t basis[BASIS_LEN];
	struct mem_stream b = {basis, sizeof(basis), 0}, m = {data, size, 0};
	struct range_source range = range_of_mem(&b);
	struct source patch = source_of_mem(&m);
	struct narrow_sink out = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&out);
	uint64_t made;
	struct err e;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(basis); i++)
		basis[i] = (uint8_t)(i * 7 + (i >> 8));
	rc = patch_apply(&range, &patch, LIMIT, &to, &made, &e);
	if (out.taken > LIMIT || (rc == 0 && out.taken != made) ||
	    (rc != 0 && rc != ERP_CORRUPT && rc != ERP_NOMEM))
		abort();
	return 0;
}
