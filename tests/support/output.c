/* Output of a server session: from memory, or out of a blob's file. */
#include "tests/support/output.h"

#include "engine/base/fs.h"
#include "transport/server/server.h"

#include <criterion/criterion.h>
#include <string.h>

size_t
output_copy(const struct server *sv, const struct fs *fs, uint8_t *to, size_t n)
{
	struct server_bytes out;

	if (!server_output(sv, &out))
		return 0;
	if (n > out.n)
		n = out.n;
	if (out.p != NULL)
		memcpy(to, out.p, n);
	else
		cr_assert_eq(
		    fs_pread(fs, out.fd, to, n, out.offset), (int64_t)n);
	return n;
}

size_t
output_bytes(const struct server *sv, const uint8_t **p)
{
	struct server_bytes out;

	*p = NULL;
	if (!server_output(sv, &out))
		return 0;
	*p = out.p;
	return out.n;
}
