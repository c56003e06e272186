/* The simulated disk with Windows' habits. */
#include "tests/support/fs_sim.h"

#include "engine/base/fs.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct sim s;
static const struct fs *fs;
static int root;

static void
begin(void)
{
	sim_open(&s);
	sim_make_ntfs(&s);
	fs = &s.fs;
	root = fs_open_root(fs, "/");
	cr_assert_geq(root, 0);
}

static void
end(void)
{
	cr_assert_eq(fs_close(fs, root), 0);
	cr_assert_eq(sim_open_fds(&s), 0);
	sim_close(&s);
}

TestSuite(fs_sim_ntfs, .init = begin, .fini = end);

/* A new file, still open. */
static int
make(const char *path, const char *text)
{
	int fd = fs_open(fs, root, path, FS_WRITE | FS_CREATE, 0644);

	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_pwrite(fs, fd, text, strlen(text), 0), 0);
	return fd;
}

static void
put(const char *path, const char *text)
{
	cr_assert_eq(fs_close(fs, make(path, text)), 0);
}

static void
set_mode(const char *path, uint32_t mode)
{
	int fd = fs_open(fs, root, path, FS_READ, 0);

	cr_assert_eq(fs_fchmod(fs, fd, mode), 0);
	cr_assert_eq(fs_close(fs, fd), 0);
}

static int
stat_of(const char *path)
{
	struct fs_stat st;

	return fs_stat(fs, root, path, &st);
}

Test(fs_sim_ntfs, a_folder_with_something_open_below_it_keeps_its_name)
{
	int fd, dir;

	cr_assert_eq(fs_mkdir(fs, root, "d", 0755), 0);
	cr_assert_eq(fs_mkdir(fs, root, "d/e", 0755), 0);
	put("d/e/f", "x");
	fd = fs_open(fs, root, "d/e/f", FS_READ, 0);
	cr_assert_eq(fs_rename(fs, root, "d", root, "x", false), -EACCES);
	/* Its own handle, and that of the file itself, are in no way. */
	dir = fs_open(fs, root, "d", FS_DIRECTORY, 0);
	cr_assert_eq(fs_rename(fs, dir, "e/f", root, "g", false), 0);
	cr_assert_eq(fs_rename(fs, root, "d", root, "x", false), 0);
	cr_assert_eq(fs_close(fs, fd), 0);
	cr_assert_eq(fs_close(fs, dir), 0);
}

Test(fs_sim_ntfs, a_file_that_is_open_keeps_the_name_it_lost)
{
	int fd = make("a", "one"), dir;

	put("b", "two");
	cr_assert_eq(fs_rename(fs, root, "b", root, "a", true), -ETXTBSY);
	cr_assert_eq(fs_mkdir(fs, root, "d", 0755), 0);
	dir = fs_open(fs, root, "d", FS_DIRECTORY, 0);
	cr_assert_eq(fs_rename(fs, root, "a", dir, "a", false), 0);
	cr_assert_eq(fs_close(fs, dir), 0);
	cr_assert_eq(fs_unlink(fs, root, "d/a"), 0);
	cr_assert_eq(stat_of("d/a"), -ENOENT);
	cr_assert_eq(fs_open(fs, root, "d/a", FS_READ, 0), -EBUSY);
	cr_assert_eq(fs_rmdir(fs, root, "d"), -ENOTEMPTY);
	cr_assert_eq(fs_close(fs, fd), 0);
	cr_assert_eq(fs_rmdir(fs, root, "d"), 0);
}

Test(fs_sim_ntfs, what_was_removed_is_gone_after_a_kill_and_back_after_a_cut)
{
	const uint64_t none[SIM_WORDS] = {0};
	struct sim after;
	int fd = make("a", "one");

	cr_assert_eq(fs_fsync(fs, fd), 0);
	cr_assert_eq(fs_unlink(fs, root, "a"), 0);
	sim_boot(&after, &s);
	sim_killed(&after.disk, &s.disk);
	cr_assert_eq(sim_walk(&after, "/a"), 0);
	sim_close(&after);
	sim_boot(&after, &s);
	sim_power_cut(&after.disk, &s.disk, none, NULL, NULL);
	cr_assert_neq(sim_walk(&after, "/a"), 0);
	sim_close(&after);
	cr_assert_eq(fs_close(fs, fd), 0);
	cr_assert_eq(stat_of("a"), -ENOENT);
}

Test(fs_sim_ntfs, a_program_that_runs_can_be_moved_and_nothing_else)
{
	cr_assert_eq(fs_mkdir(fs, root, "d", 0755), 0);
	put("d/a", "one");
	put("b", "two");
	sim_start_program(&s, "/d", "a");
	cr_assert_eq(fs_unlink(fs, root, "d/a"), -ETXTBSY);
	cr_assert_eq(fs_open(fs, root, "d/a", FS_WRITE, 0), -EBUSY);
	cr_assert_eq(fs_rename(fs, root, "b", root, "d/a", true), -ETXTBSY);
	cr_assert_eq(fs_rename(fs, root, "d", root, "x", false), -EACCES);
	cr_assert_eq(fs_link(fs, root, "d/a", root, "l"), 0);
	cr_assert_eq(fs_unlink(fs, root, "l"), -ETXTBSY);
	cr_assert_eq(fs_rename(fs, root, "d/a", root, "a", false), 0);
	cr_assert_eq(fs_rename(fs, root, "d", root, "x", false), 0);
	sim_end_program(&s);
	cr_assert_eq(fs_unlink(fs, root, "a"), 0);
}

Test(fs_sim_ntfs, a_read_only_file_is_written_and_flushed_by_nobody_new)
{
	struct fs_stat st;
	uint64_t changes;
	int fd;

	put("a", "one");
	set_mode("a", 0444);
	cr_assert_eq(fs_stat(fs, root, "a", &st), 0);
	cr_assert_eq(st.mode, 0555);
	cr_assert_eq(fs_open(fs, root, "a", FS_WRITE, 0), -EACCES);
	fd = fs_open(fs, root, "a", FS_READ, 0);
	changes = s.changes;
	cr_assert_eq(fs_fsync(fs, fd), 0);
	cr_assert_eq(s.changes, changes);
	cr_assert_eq(fs_close(fs, fd), 0);
	/* But it was flushed when it became that. */
	cr_assert(!sim_is_dirty(&s.disk.v[st.ino]) ||
	    s.disk.v[st.ino].m[0].data == s.disk.v[st.ino].m[1].data);
	cr_assert_eq(fs_unlink(fs, root, "a"), 0);
}

static unsigned
lost(void *arg, uint32_t ino)
{
	(void)ino;
	return *(const unsigned *)arg;
}

/* What is left of a file that was renamed, and one that was made later. */
static void
cut(uint64_t persist, unsigned fate, struct sim *after)
{
	const uint64_t bits[SIM_WORDS] = {persist};

	sim_boot(after, &s);
	sim_power_cut(&after->disk, &s.disk, bits, lost, &fate);
}

static bool
holds(const struct sim *after, const char *path, const char *bytes, uint32_t n)
{
	uint32_t ino = sim_walk(after, path);
	const struct sim_blob *b =
	    ino == 0 ? NULL : after->disk.v[ino].m[SIM_NOW].data;

	return b != NULL && b->len == n && memcmp(b->b, bytes, n) == 0;
}

Test(fs_sim_ntfs, what_changed_earlier_survives_with_what_changed_later)
{
	struct sim_needs needs;
	struct sim after;

	put("a", "one");
	cr_assert_eq(fs_rename(fs, root, "a", root, "b", false), 0);
	put("c", "two");
	sim_needs(&s.disk, &needs);
	cr_assert_eq(needs.w[2][0], 7);
	/* Its size came before the rename, its bytes did not come. */
	cut(3, FATE_EMPTY | FATE_META_KEPT, &after);
	cr_assert_eq(sim_walk(&after, "/a"), 0);
	cr_assert(holds(&after, "/b", "\0\0\0", 3));
	cr_assert_eq(sim_walk(&after, "/c"), 0);
	sim_close(&after);
	cut(0, FATE_FULL, &after);
	cr_assert_eq(sim_walk(&after, "/b"), 0);
	sim_close(&after);
}

Test(fs_sim_ntfs, a_sync_of_anything_ends_the_log_and_no_other_bytes)
{
	struct sim after;
	int fd;

	put("a", "one");
	fd = make("b", "two");
	cr_assert_eq(fs_fsync(fs, fd), 0);
	cr_assert_eq(fs_close(fs, fd), 0);
	cut(0, FATE_EMPTY | FATE_META_KEPT, &after);
	cr_assert(holds(&after, "/a", "\0\0\0", 3));
	cr_assert(holds(&after, "/b", "two", 3));
	sim_close(&after);
}

Test(fs_sim_ntfs, there_are_no_links_and_no_clones_on_it)
{
	char to[8];
	int a = make("a", "one"), b = make("b", "");

	cr_assert_eq(fs_symlink(fs, "a", root, "l"), -EOPNOTSUPP);
	cr_assert_eq(fs_readlink(fs, root, "a", to, sizeof(to)), -EINVAL);
	cr_assert_eq(fs_clone(fs, b, a), -EOPNOTSUPP);
	cr_assert_eq(fs_close(fs, a), 0);
	cr_assert_eq(fs_close(fs, b), 0);
}

Test(fs_sim_ntfs, names_fold_and_times_have_steps_of_100_ns)
{
	struct fs_stat st;
	int fd;

	put("Readme.txt", "x");
	cr_assert_eq(
	    fs_open(fs, root, "README.TXT", FS_WRITE | FS_CREATE, 0), -EEXIST);
	cr_assert_eq(fs_open(fs, root, "a:b", FS_READ, 0), -EINVAL);
	fd = fs_open(fs, root, "readme.TXT", FS_READ, 0);
	cr_assert_eq(fs_futimes(fs, fd, (struct stamp){5, 123456789}), 0);
	cr_assert_eq(fs_fstat(fs, fd, &st), 0);
	cr_assert_eq(st.mtime.ns, 123456700);
	cr_assert_eq(fs_close(fs, fd), 0);
}
