/*
 * Fuzz target: the merge of INI files.  The input is who wins, then base,
 * station and release with a NUL between.
 */
#include "engine/ini/ini_merge.h"

#include "engine/base/err.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* What stands before the next NUL, if that is not to be the last part. */
static struct ini_bytes
take_part(const uint8_t **p, size_t *n)
{
	const uint8_t *nul = *n == 0 ? NULL : memchr(*p, '\0', *n);
	struct ini_bytes part = {*p, nul == NULL ? *n : (size_t)(nul - *p)};

	*n -= nul == NULL ? part.n : part.n + 1;
	*p += nul == NULL ? part.n : part.n + 1;
	return part;
}

/* The merge has to give this file. */
static void
expect(const struct ini_merge *in, struct ini_bytes want)
{
	struct ini_merged m;
	struct err e;

	if (ini_merge(in, &m, &e) != 0 || m.bytes.len != want.n ||
	    (want.n > 0 && memcmp(buf_data(&m.bytes), want.p, want.n) != 0))
		abort();
	ini_merged_release(&m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct ini_merge in;
	struct ini_merged m;
	struct err e;
	size_t i;

	if (n == 0)
		return 0;
	in.conflict = p[0] & 1 ? INI_RELEASE_WINS : INI_STATION_WINS;
	p++;
	n--;
	in.base = take_part(&p, &n);
	in.station = take_part(&p, &n);
	in.release = (struct ini_bytes){p, n};
	if (ini_merge(&in, &m, &e) == 0) {
		if (m.bytes.len > INI_FILE_BYTES)
			abort();
		for (i = 0; i < m.n; i++)
			if (m.v[i].key.p == NULL ||
			    (m.v[i].station.p == NULL &&
				m.v[i].release.p == NULL))
				abort();
		/* Once is enough, but for a file that now could hold what it
		 * could not. */
		in.station =
		    (struct ini_bytes){buf_data(&m.bytes), m.bytes.len};
		if (m.unwritable == 0)
			expect(&in, in.station);
	}
	ini_merged_release(&m);
	return 0;
}
