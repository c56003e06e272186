/*
 * Decode any bytes as a manifest.  What is accepted keeps every rule and
 * encodes to the same bytes again.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct manifest m;
	struct buf b;
	struct err e;

	if (manifest_decode(&m, p, n, &e) != 0) {
		if (e.code != ERP_CORRUPT || m.n != 0)
			abort();
		return 0;
	}
	buf_init(&b, MANIFEST_MAX_BYTES);
	if (manifest_encode(&m, &b, &e) != 0 || b.len != n ||
	    memcmp(buf_data(&b), p, n) != 0)
		abort();
	if (manifest_check(&m, &e) != 0)
		abort();
	buf_release(&b);
	manifest_release(&m);
	return 0;
}
