/*
 * Any bytes as a delta, on a basis whose size the first byte gives and with
 * the output limit of the second: it is refused or gives exactly what the
 * checker counted, within the limit.
 */
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/rsdelta.h"
#include "tests/support/streams.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t content[256 * 300];
	struct mem_stream b = {content, 0, 0};
	struct mem_stream d = {data, size, 2};
	struct range_source basis;
	struct source delta = source_of_mem(&d);
	struct narrow_sink out = {SIZE_MAX, 0};
	struct sink to = sink_of_narrow(&out);
	uint64_t limit, made;
	struct err e;
	int rc;

	if (size < 2)
		return 0;
	b.len = (size_t)data[0] * 300;
	limit = (uint64_t)data[1] * 300;
	basis = range_of_mem(&b);
	rc = rsdelta_apply(&basis, &delta, limit, &to, &made, &e);
	if (out.taken > limit || (rc == 0 && made != out.taken) ||
	    (rc != 0 && rc != ERP_CORRUPT))
		abort();
	return 0;
}
