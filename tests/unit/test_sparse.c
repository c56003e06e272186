#include "engine/base/sparse.h"

#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/stream.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK = 4096, BLOCKS = 40, SIZE = BLOCKS * BLOCK + 600 };

static uint8_t bytes[SIZE], seen[SIZE + 1];

/* Some blocks full, some empty, one with a single byte; the end is a hole. */
static void
fill(void)
{
	memset(bytes, 0, sizeof(bytes));
	memset(bytes, 'a', BLOCK + 17);
	memset(bytes + 20 * BLOCK, 'b', BLOCK);
	bytes[30 * BLOCK + 5] = 'c';
}

static void
expect_bytes(int fd, size_t at_most)
{
	struct stat st;

	cr_assert_eq(
	    fs_pread(fs_real(), fd, seen, sizeof(seen), 0), (int64_t)SIZE);
	cr_assert_eq(memcmp(seen, bytes, SIZE), 0);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_leq((size_t)st.st_blocks * 512, at_most);
}

Test(sparse, zeroes_in_whole_blocks_are_holes_however_they_come)
{
	static const size_t pieces[] = {SIZE, 100, BLOCK, 3 * BLOCK + 1};
	const struct fs *fs = fs_real();
	struct tempdir t;
	size_t i, at, n;
	int fd;

	tempdir_open(&t);
	fill();
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);
		cr_assert_geq(fd, 0);
		for (at = 0; at < SIZE; at += n) {
			n = SIZE - at < pieces[i] ? SIZE - at : pieces[i];
			cr_assert_eq(
			    sparse_pwrite(fs, fd, bytes + at, n, at), 0);
		}
		cr_assert_eq(sparse_end(fs, fd, SIZE), 0);
		/* Less than a sector is not left out. */
		expect_bytes(fd,
		    pieces[i] == 100             ? SIZE + BLOCK
			: pieces[i] % BLOCK == 1 ? 24 * BLOCK
						 : 8 * BLOCK);
		cr_assert_eq(fs_close(fs, fd), 0);
		cr_assert_eq(fs_unlink(fs, t.fd, "f"), 0);
	}
	tempdir_close(&t);
}

Test(sparse, a_copy_has_holes_where_blocks_are_not_shared)
{
	const struct fs *fs = fs_real();
	struct copied made = {.plain = true};
	struct tempdir t;
	struct err e;
	int fd;

	tempdir_open(&t);
	fill();
	tempdir_write(&t, "f", bytes, SIZE, -1);
	cr_assert_eq(file_copy(fs, (struct at){t.fd, "f"},
			 (struct at){t.fd, "g"}, &made, &e),
	    0);
	cr_assert_eq(made.st.size, SIZE);
	fd = fs_open(fs, t.fd, "g", FS_READ, 0);
	expect_bytes(fd, 8 * BLOCK);
	cr_assert_eq(fs_close(fs, fd), 0);
	tempdir_close(&t);
}

/* What is decoded, for a stage, the store or a patch, passes through these. */
Test(sparse, what_is_streamed_has_holes)
{
	const struct fs *fs = fs_real();
	struct file_stream f = {.fs = fs, .path = "f"};
	struct range_sink anywhere = range_sink_of_file(&f);
	struct sink next = sink_of_file(&f);
	struct tempdir t;
	struct err e;
	int i;

	tempdir_open(&t);
	fill();
	for (i = 0; i < 2; i++) {
		f.fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);
		cr_assert_geq(f.fd, 0);
		if (i == 0)
			cr_assert_eq(next.write(next.ctx, bytes, SIZE, &e), 0);
		else
			cr_assert_eq(
			    anywhere.write_at(anywhere.ctx, 0, bytes, SIZE, &e),
			    0);
		cr_assert_eq(sparse_end(fs, f.fd, SIZE), 0);
		expect_bytes(f.fd, 8 * BLOCK);
		cr_assert_eq(fs_close(fs, f.fd), 0);
		cr_assert_eq(fs_unlink(fs, t.fd, "f"), 0);
	}
	tempdir_close(&t);
}
