/*
 * Writing without blocks of zeroes: below the file streams and the copies,
 * above the calls of the disk.
 */
#include "engine/base/sparse.h"

#include <assert.h>
#include <string.h>

/* The smallest hole of the usual file systems; what begins or ends one of
 * the pieces that come may be a part of it, if it is worth a look. */
enum { BLOCK = 4096, LEAST = 512 };

/* How many of the n bytes at off belong to this block. */
static size_t
in_block(uint64_t off, size_t n)
{
	size_t left = BLOCK - (size_t)(off % BLOCK);

	return left < n ? left : n;
}

static bool
is_hole(const uint8_t *p, size_t n)
{
	return n >= LEAST && p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

int
sparse_pwrite(
    const struct fs *fs, int fd, const void *bytes, size_t n, uint64_t off)
{
	const uint8_t *p = bytes;
	size_t done = 0, run = 0, part;
	int rc = 0;

	/* run: bytes before done that are still to be written. */
	while (rc == 0 && done < n) {
		part = in_block(off + done, n - done);
		if (is_hole(p + done, part)) {
			if (run > 0)
				rc = fs_pwrite(fs, fd, p + done - run, run,
				    off + done - run);
			run = 0;
		} else {
			run += part;
		}
		done += part;
	}
	assert(run <= n);
	if (rc == 0 && run > 0)
		rc = fs_pwrite(fs, fd, p + n - run, run, off + n - run);
	return rc;
}

int
sparse_end(const struct fs *fs, int fd, uint64_t size)
{
	struct fs_stat st;
	int rc = fs_fstat(fs, fd, &st);

	return rc < 0 || st.size == size ? rc : fs_truncate(fs, fd, size);
}
