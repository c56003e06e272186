/*
 * Any bytes as a signature: loading must refuse them or give something that
 * makes a delta which the checker accepts.  The bytes are the target too.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/stream.h"
#include "engine/delta/rsdelta.h"
#include "engine/delta/signature.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem_stream mem = {data, size, 0};
	struct source target = source_of_mem(&mem);
	struct rsdelta_check check;
	struct signature *sig;
	struct buf delta;
	struct sink to = sink_of_buf(&delta);
	struct err e;

	if (signature_load(data, size, &sig, &e) != 0)
		return 0;
	buf_init(&delta, SIZE_MAX);
	if (rsdelta_make(sig, &target, &to, &e) != 0)
		abort();
	/* Copies may come from any block of any length. */
	rsdelta_check_init(&check, UINT64_MAX, size);
	if (rsdelta_check_feed(&check, buf_data(&delta), delta.len, &e) != 0 ||
	    rsdelta_check_end(&check, &e) != 0 || check.produced != size)
		abort();
	buf_release(&delta);
	signature_free(sig);
	return 0;
}
