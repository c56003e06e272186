#include "tests/support/fs_sim.h"

#include "engine/base/fs.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

struct bench {
	struct sim s;
	const struct fs *fs;
	int root;
};

static void
bench_open(struct bench *b)
{
	sim_open(&b->s);
	b->fs = &b->s.fs;
	b->root = fs_open_root(b->fs, "/");
	cr_assert_geq(b->root, 0);
}

static void
bench_close(struct bench *b)
{
	cr_assert_eq(fs_close(b->fs, b->root), 0);
	cr_assert_eq(sim_open_fds(&b->s), 0);
	sim_close(&b->s);
}

static void
put(struct bench *b, const char *path, const char *text, bool sync)
{
	int fd = fs_open(b->fs, b->root, path, FS_WRITE | FS_CREATE, 0644);

	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_pwrite(b->fs, fd, text, strlen(text), 0), 0);
	if (sync)
		cr_assert_eq(fs_fsync(b->fs, fd), 0);
	cr_assert_eq(fs_close(b->fs, fd), 0);
}

static unsigned
kept(void *arg, uint32_t ino)
{
	(void)arg;
	(void)ino;
	return FATE_KEPT | FATE_META_KEPT;
}

/* The disk when only these pending changes survive, by bits. */
static void
cut(struct sim *to, struct bench *b, uint64_t persist)
{
	uint64_t bits[SIM_WORDS] = {persist};

	sim_boot(to, &b->s);
	sim_power_cut(&to->disk, &b->s.disk, bits, kept, NULL);
}

static size_t
size_at(const struct sim *s, const char *path)
{
	uint32_t ino = sim_walk(s, path);
	const struct sim_blob *data;

	cr_assert_neq(ino, 0);
	data = s->disk.v[ino].m[SIM_NOW].data;
	return data == NULL ? 0 : data->len;
}

Test(fs_sim, names_last_when_their_folder_is_synced_and_bytes_when_they_are)
{
	struct bench b;
	struct sim after;

	bench_open(&b);
	put(&b, "a", "one", true);
	put(&b, "b", "two", false);
	cut(&after, &b, 0);
	cr_assert_eq(sim_walk(&after, "/a"), 0);
	sim_close(&after);
	cr_assert_eq(fs_fsync(b.fs, b.root), 0);
	cr_assert_eq(b.s.disk.pending_n, 0);
	cut(&after, &b, 0);
	cr_assert_eq(size_at(&after, "/a"), 3);
	cr_assert_eq(size_at(&after, "/b"), 0);
	sim_close(&after);
	bench_close(&b);
}

Test(fs_sim, a_rename_is_whole_and_needs_only_what_made_its_names)
{
	static struct sim_needs needs;
	struct bench b;
	struct sim after;

	bench_open(&b);
	cr_assert_eq(fs_mkdir(b.fs, b.root, "d", 0755), 0);
	put(&b, "a", "one", true);
	sim_sync_all(&b.s.disk);
	put(&b, "x", "no matter", true);
	cr_assert_eq(fs_rename(b.fs, b.root, "a", b.root, "d/b", false), 0);
	cr_assert_eq(fs_mkdir(b.fs, b.root, "d/e", 0755), 0);
	cr_assert_eq(fs_rename(b.fs, b.root, "d/b", b.root, "d/e/c", false), 0);
	cr_assert_eq(b.s.disk.pending_n, 4);
	sim_needs(&b.s.disk, &needs);
	cr_assert_eq(needs.w[1][0], 2);
	cr_assert_eq(needs.w[3][0], 2 | 4 | 8);
	cut(&after, &b, 2);
	cr_assert_eq(sim_walk(&after, "/a"), 0);
	cr_assert_eq(sim_walk(&after, "/x"), 0);
	cr_assert_eq(size_at(&after, "/d/b"), 3);
	sim_close(&after);
	cut(&after, &b, 4);
	cr_assert_eq(size_at(&after, "/a"), 3);
	cr_assert_neq(sim_walk(&after, "/d/e"), 0);
	sim_close(&after);
	bench_close(&b);
}

Test(fs_sim, owners_and_attributes_are_durable_with_their_file)
{
	struct bench b;
	struct sim after;
	const uint8_t *value;
	size_t n;
	int fd, i;

	bench_open(&b);
	put(&b, "a", "one", true);
	cr_assert_eq(fs_fsync(b.fs, b.root), 0);
	fd = fs_open(b.fs, b.root, "a", FS_WRITE, 0);
	for (i = 0; i < 2; i++) {
		cr_assert_eq(fs_fchown(b.fs, fd, 7, 8), 0);
		cr_assert_eq(fs_attr_set(b.fs, fd, "user.a", "xy", 2), 0);
		cr_assert_eq(fs_attr_set(b.fs, fd, "user.b", "", 0), 0);
		cr_assert_eq(fs_attr_set(b.fs, fd, "user.a", "z", 1), 0);
		cr_assert_eq(fs_attr_remove(b.fs, fd, "user.b"), 0);
		cr_assert_eq(fs_attr_remove(b.fs, fd, "user.b"), -ENODATA);
		cut(&after, &b, 0);
		value =
		    sim_attr(&after.disk, sim_walk(&after, "/a"), "user.a", &n);
		cr_assert_eq(value != NULL && n == 1 && *value == 'z', i == 1);
		cr_assert_eq(
		    after.disk.v[sim_walk(&after, "/a")].m[SIM_NOW].gid == 8,
		    i == 1);
		sim_close(&after);
		cr_assert_eq(fs_fsync(b.fs, fd), 0);
	}
	cr_assert_eq(fs_close(b.fs, fd), 0);
	bench_close(&b);
}

Test(fs_sim, a_failed_fsync_loses_what_was_written)
{
	struct bench b;
	struct sim after;
	int fd;

	bench_open(&b);
	put(&b, "a", "one", true);
	cr_assert_eq(fs_fsync(b.fs, b.root), 0);
	fd = fs_open(b.fs, b.root, "a", FS_WRITE, 0);
	cr_assert_eq(fs_pwrite(b.fs, fd, "longer", 6, 0), 0);
	b.s.disk.v[sim_walk(&b.s, "/a")].lost = true;
	/* The next one says that all is well. */
	cr_assert_eq(fs_fsync(b.fs, fd), 0);
	cr_assert_eq(size_at(&b.s, "/a"), 6);
	cut(&after, &b, 0);
	cr_assert_eq(size_at(&after, "/a"), 3);
	sim_close(&after);
	cr_assert_eq(fs_close(b.fs, fd), 0);
	bench_close(&b);
}

static int
fail_syncfs(void *arg, struct sim *s, struct sim_call *c)
{
	(void)arg;
	(void)s;
	return c->kind == SIM_SYNCFS ? -EIO : 0;
}

Test(fs_sim, syncfs_makes_all_durable_or_loses_all)
{
	struct bench b;
	struct sim after;

	bench_open(&b);
	cr_assert_eq(fs_mkdir(b.fs, b.root, "d", 0755), 0);
	put(&b, "d/a", "one", false);
	put(&b, "b", "two", false);
	/* Not for few, and never unless the scene says so. */
	cr_assert_eq(fs_syncfs(b.fs, b.root, 1000), 1);
	b.s.syncfs_files = 3;
	cr_assert_eq(fs_syncfs(b.fs, b.root, 2), 1);
	cr_assert_eq(b.s.disk.pending_n, 3);
	b.s.hook = fail_syncfs;
	cr_assert_eq(fs_syncfs(b.fs, b.root, 3), -EIO);
	b.s.hook = NULL;
	put(&b, "c", "later", false);
	/* The next one says that all is well. */
	cr_assert_eq(fs_syncfs(b.fs, b.root, 3), 0);
	cr_assert_eq(b.s.disk.pending_n, 0);
	cut(&after, &b, 0);
	cr_assert_eq(size_at(&after, "/d/a"), 0);
	cr_assert_eq(size_at(&after, "/b"), 0);
	cr_assert_eq(size_at(&after, "/c"), 5);
	sim_close(&after);
	bench_close(&b);
}

Test(fs_sim, behaves_as_linux_in_the_corners)
{
	struct fs_stat st;
	struct bench b;
	char text[4] = "";
	int fd, other;

	bench_open(&b);
	put(&b, "a", "one", true);
	cr_assert_eq(fs_link(b.fs, b.root, "a", b.root, "b"), 0);
	cr_assert_eq(fs_rename(b.fs, b.root, "a", b.root, "b", false), -EEXIST);
	cr_assert_eq(fs_rename(b.fs, b.root, "a", b.root, "b", true), 0);
	cr_assert_eq(fs_stat(b.fs, b.root, "a", &st), 0);
	cr_assert_eq(st.nlink, 2);
	cr_assert_eq(
	    fs_open(b.fs, b.root, "a", FS_WRITE | FS_CREATE, 0), -EEXIST);
	fd = fs_open(b.fs, b.root, "a", FS_WRITE, 0);
	cr_assert_eq(fs_unlink(b.fs, b.root, "a"), 0);
	cr_assert_eq(fs_unlink(b.fs, b.root, "b"), 0);
	cr_assert_eq(fs_pread(b.fs, fd, text, 3, 0), 3);
	cr_assert_str_eq(text, "one");
	cr_assert_eq(fs_close(b.fs, fd), 0);
	cr_assert_eq(fs_mkdir(b.fs, b.root, "d", 0755), 0);
	cr_assert_eq(fs_symlink(b.fs, "d", b.root, "l"), 0);
	put(&b, "d/f", "x", false);
	cr_assert_eq(fs_open(b.fs, b.root, "l/f", FS_READ, 0), -ELOOP);
	cr_assert_eq(fs_open(b.fs, b.root, "../x", FS_READ, 0), -EXDEV);
	cr_assert_eq(fs_rmdir(b.fs, b.root, "d"), -ENOTEMPTY);
	cr_assert_eq(fs_unlink(b.fs, b.root, "d"), -EISDIR);
	fd = fs_open(b.fs, b.root, "d/f", FS_WRITE, 0);
	other = fs_open(b.fs, b.root, "d/f", FS_WRITE, 0);
	cr_assert_eq(fs_lock(b.fs, fd), 0);
	cr_assert_eq(fs_lock(b.fs, other), -EAGAIN);
	cr_assert_eq(fs_close(b.fs, fd), 0);
	cr_assert_eq(fs_lock(b.fs, other), 0);
	cr_assert_eq(fs_close(b.fs, other), 0);
	bench_close(&b);
}

Test(fs_sim, a_full_disk_says_so_and_gets_room_back)
{
	struct fs_space space;
	struct bench b;
	int fd;

	bench_open(&b);
	b.s.bytes_most = 4 * SIM_BLOCK;
	put(&b, "a", "one", false);
	cr_assert_eq(fs_space(b.fs, b.root, &space), 0);
	cr_assert_eq(space.bytes_free, 2 * SIM_BLOCK);
	fd = fs_open(b.fs, b.root, "b", FS_WRITE | FS_CREATE, 0644);
	cr_assert_eq(fs_allocate(b.fs, fd, 2 * SIM_BLOCK + 1), -ENOSPC);
	cr_assert_eq(fs_allocate(b.fs, fd, 2 * SIM_BLOCK), 0);
	cr_assert_eq(fs_close(b.fs, fd), 0);
	cr_assert_eq(fs_mkdir(b.fs, b.root, "d", 0755), -ENOSPC);
	cr_assert_eq(fs_unlink(b.fs, b.root, "b"), 0);
	cr_assert_eq(fs_mkdir(b.fs, b.root, "d", 0755), 0);
	bench_close(&b);
}
