#define _GNU_SOURCE /* O_PATH */
/* The real file system behind the table, above all what it refuses. */
#include "engine/base/fs.h"

#include "engine/base/fs_internal.h"
#include "tests/support/deny.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct fs *fs;
static struct tempdir t;

static void
begin(void)
{
	fs = fs_real();
	tempdir_open(&t);
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(fs, .init = begin, .fini = end);

Test(fs, nothing_outside_is_reached)
{
	static const char *const outside[] = {"..", "../x", "/etc", "d/../..",
	    "d/..", "up", "up/x", "abs", "abs/passwd", "in/f"};
	struct fs_stat st;
	size_t i;

	tempdir_text(&t, "d/f", "x", -1);
	tempdir_symlink(&t, "..", "up");
	tempdir_symlink(&t, "/etc", "abs");
	tempdir_symlink(&t, "d", "in");
	for (i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		/* d/.. stays inside and may be opened, but not d/../.. */
		if (strcmp(outside[i], "d/..") != 0)
			cr_expect_lt(fs_open(fs, t.fd, outside[i], FS_READ, 0),
			    0, "%s", outside[i]);
		cr_expect_lt(
		    fs_mkdir(fs, t.fd, outside[i], 0755), 0, "%s", outside[i]);
		cr_expect_lt(
		    fs_open(fs, t.fd, outside[i], FS_WRITE | FS_CREATE, 0600),
		    0, "%s", outside[i]);
	}
	cr_expect_eq(fs_open(fs, t.fd, "../x", FS_READ, 0), -EXDEV);
	cr_expect_eq(fs_open(fs, t.fd, "/etc", FS_READ, 0), -EXDEV);
	cr_expect_eq(fs_open(fs, t.fd, "in/f", FS_READ, 0), -ELOOP);
	cr_expect_eq(fs_open(fs, t.fd, "up", FS_READ, 0), -ELOOP);
	cr_expect_eq(fs_stat(fs, t.fd, "in/f", &st), -ENOTDIR);
	cr_expect_eq(fs_stat(fs, t.fd, "..", &st), -EXDEV);
	cr_expect_eq(fs_stat(fs, t.fd, "d/..", &st), -EXDEV);
	cr_expect_eq(fs_unlink(fs, t.fd, "in/f"), -ENOTDIR);
	cr_expect_eq(fs_rename(fs, t.fd, "d/f", t.fd, "up/f", true), -ENOTDIR);
	cr_expect_eq(fs_rename(fs, t.fd, "d/f", t.fd, "..", true), -EXDEV);
	cr_expect_eq(fs_symlink(fs, "x", t.fd, "in/l"), -ENOTDIR);
	cr_expect_eq(fs_link(fs, t.fd, "in/f", t.fd, "g"), -ENOTDIR);
	cr_expect_eq(
	    fs_utimes(fs, t.fd, "in/f", (struct stamp){1, 0}), -ENOTDIR);
	cr_expect_eq(fs_mkdir(fs, t.fd, "", 0755), -ENOENT);
	cr_expect_lt(fs_mkdir(fs, t.fd, "/x", 0755), 0);
	cr_expect(tempdir_is_text(&t, "d/f", "x"));
}

static atomic_bool stop_exchanging;

/* A folder and a link that leads out of it have each other's name by turns. */
static void *
exchange(void *arg)
{
	(void)arg;
	while (!stop_exchanging)
		(void)syscall(SYS_renameat2, t.fd, "d", t.fd, "out",
		    2 /* RENAME_EXCHANGE */);
	return NULL;
}

/* Whatever others do meanwhile, what is reached is inside. */
Test(fs, a_folder_that_becomes_a_link_leads_nowhere)
{
	enum { FEW = 5000, MANY = 500000 };
	struct tempdir outside;
	unsigned n, reached = 0, refused = 0;
	struct fs_stat st;
	pthread_t other;
	char c;
	int fd;

	tempdir_open(&outside);
	tempdir_text(&outside, "f", "outside", -1);
	tempdir_text(&t, "d/f", "i", -1);
	tempdir_symlink(&t, outside.path, "out");
	cr_assert_eq(pthread_create(&other, NULL, exchange, NULL), 0);
	for (n = 0; n < FEW || ((reached == 0 || refused == 0) && n < MANY);
	     n++) {
		if (fs_stat(fs, t.fd, "d/f", &st) == 0)
			cr_assert_eq(st.size, 1);
		fd = fs_open(
		    fs, t.fd, "d/new", FS_WRITE | FS_CREATE_OR_OPEN, 0600);
		fs_close_quietly(fs, &fd);
		if ((fd = fs_open(fs, t.fd, "d/f", FS_READ, 0)) < 0) {
			refused++;
			continue;
		}
		reached++;
		cr_assert_eq(fs_pread(fs, fd, &c, 1, 0), 1);
		cr_assert_eq(c, 'i');
		cr_assert_eq(fs_close(fs, fd), 0);
	}
	stop_exchanging = true;
	cr_assert_eq(pthread_join(other, NULL), 0);
	cr_expect(reached > 0 && refused > 0, "%u and %u", reached, refused);
	cr_expect(!tempdir_has(&outside, "new"));
	tempdir_close(&outside);
}

/* How many descriptors this process has. */
static int
count_descriptors(void)
{
	struct rlimit most;
	int fd, n = 0;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &most), 0);
	for (fd = 0; fd < 1024 && (rlim_t)fd < most.rlim_cur; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

Test(fs, names_may_have_255_bytes)
{
	char name[2 * NAME_MAX + 3], above[NAME_MAX + 3];
	int fd;

	memset(name, 'n', sizeof(name));
	name[NAME_MAX] = '\0';
	cr_assert_eq(fs_mkdir(fs, t.fd, name, 0755), 0);
	name[NAME_MAX] = '/';
	name[2 * NAME_MAX + 1] = '\0';
	fd = fs_open(fs, t.fd, name, FS_WRITE | FS_CREATE, 0600);
	cr_expect_geq(fd, 0);
	fs_close_quietly(fs, &fd);
	/* One more, at the end and in between. */
	name[2 * NAME_MAX + 1] = 'n';
	name[2 * NAME_MAX + 2] = '\0';
	cr_expect_eq(fs_open(fs, t.fd, name, FS_READ, 0), -ENAMETOOLONG);
	memset(above, 'n', sizeof(above));
	above[NAME_MAX + 1] = '\0';
	cr_expect_eq(fs_open(fs, t.fd, above, FS_READ, 0), -ENAMETOOLONG);
	memcpy(above + NAME_MAX + 1, "/", 2);
	cr_expect_eq(fs_open(fs, t.fd, above, FS_READ, 0), -ENAMETOOLONG);
}

/* Whatever is refused, above all on another device, nothing stays open. */
Test(fs, refusals_leave_no_descriptor)
{
	static const struct {
		const char *path;
		int want;
	} rows[] = {
	    {"proc", -EXDEV}, {"proc/version", -EXDEV}, {"proc/1", -EXDEV}};
	static const char *const inside[] = {"d/d/none", "d/d/f/x", "d/l/x",
	    "d/d/l", "d/../../d", "d/d/..", "none/x"};
	int root = fs_open_root(fs, "/"), before, fd;
	size_t i;

	tempdir_text(&t, "d/d/f", "x", -1);
	tempdir_symlink(&t, "d", "d/l");
	tempdir_symlink(&t, "f", "d/d/l");
	before = count_descriptors();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(fs_open(fs, root, rows[i].path, FS_READ, 0),
		    rows[i].want, "%s", rows[i].path);
	for (i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
		fd = fs_open(fs, t.fd, inside[i], FS_READ, 0);
		/* d/d/.. stays inside and may be opened. */
		cr_expect(fd < 0 || i == 5, "%s", inside[i]);
		fs_close_quietly(fs, &fd);
	}
	fd = fs_open(fs, t.fd, "d/d/f", FS_READ, 0);
	cr_expect_geq(fd, 0);
	fs_close_quietly(fs, &fd);
	cr_expect_eq(count_descriptors(), before);
	fs_close_quietly(fs, &root);
}

Test(fs, create_is_exclusive)
{
	int fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(
	    fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600), -EEXIST);
	fs_close_quietly(fs, &fd);
	cr_assert_eq(fd, -1);
	fs_close_quietly(fs, &fd);
	fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE_OR_OPEN, 0600);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_close(fs, fd), 0);
	cr_assert_eq(fs_open(fs, t.fd, "f", FS_DIRECTORY, 0), -ENOTDIR);
	cr_assert_eq(fs_open(fs, t.fd, "none", FS_READ, 0), -ENOENT);
}

Test(fs, bytes_go_out_and_come_back)
{
	int fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);
	struct fs_stat st;
	char p[16];

	cr_assert_eq(fs_pwrite(fs, fd, "hello", 5, 3), 0);
	cr_assert_eq(fs_pread(fs, fd, p, 16, 0), 8);
	cr_assert_eq(memcmp(p, "\0\0\0hello", 8), 0);
	cr_assert_eq(fs_pread(fs, fd, p, 16, 8), 0);
	cr_assert_eq(fs_fsync(fs, fd), 0);
	cr_assert_eq(fs_truncate(fs, fd, 4), 0);
	cr_assert_eq(fs_fstat(fs, fd, &st), 0);
	cr_assert_eq(st.size, 4);
	cr_assert_eq(fs_allocate(fs, fd, 0), 0);
	cr_assert_eq(fs_allocate(fs, fd, 4096), 0);
	fs_close_quietly(fs, &fd);
}

#ifndef F_SETLEASE /* Linux has it, the C library with _GNU_SOURCE only */
#define F_SETLEASE 1024
#endif

static int refusal;

static int
refuse_allocation(void *ctx, int fd, uint64_t size)
{
	(void)ctx;
	(void)fd;
	(void)size;
	return -refusal;
}

static int leased = -1;
static volatile sig_atomic_t asked_back;

static void
give_back(int sig)
{
	(void)sig;
	asked_back++;
	(void)fcntl(leased, F_SETLEASE, F_UNLCK);
}

/* What Samba has for its clients is given back when somebody asks. */
Test(fs, a_file_under_a_lease_is_waited_for)
{
	int fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);
	struct sigaction act;

	fs_close_quietly(fs, &fd);
	memset(&act, 0, sizeof(act));
	act.sa_handler = give_back;
	cr_assert_eq(sigaction(SIGIO, &act, NULL), 0);
	leased = openat(t.fd, "f", O_RDWR | O_CLOEXEC);
	if (fcntl(leased, F_SETLEASE, F_WRLCK) != 0)
		cr_skip_test("no leases on this file system");
	fd = fs_open(fs, t.fd, "f", FS_READ, 0);
	cr_assert_geq(fd, 0, "%d", fd);
	cr_assert_eq(asked_back, 1);
	fs_close_quietly(fs, &fd);
	cr_assert_eq(close(leased), 0);
}

/* Nor does who keeps it hold up an update for good. */
Test(fs, a_lease_that_is_kept_is_told)
{
	int fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);

	fs_close_quietly(fs, &fd);
	cr_assert_neq(signal(SIGIO, SIG_IGN), SIG_ERR);
	leased = openat(t.fd, "f", O_RDWR | O_CLOEXEC);
	if (fcntl(leased, F_SETLEASE, F_WRLCK) != 0)
		cr_skip_test("no leases on this file system");
	cr_assert_eq(fs_open(fs, t.fd, "f", FS_READ, 0), -EAGAIN);
	cr_assert_eq(close(leased), 0);
}

Test(fs, what_takes_no_allocation_goes_on_without)
{
	static const int refused[] = {
	    EOPNOTSUPP, ENOSYS, EPERM, EINVAL, ENODEV, ENOTTY};
	struct fs_ops ops = *fs->ops;
	struct fs odd = {&ops, NULL};
	size_t i;

	ops.allocate = refuse_allocation;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		refusal = refused[i];
		cr_assert_eq(fs_allocate(&odd, 3, 1), 0, "%d", refused[i]);
	}
	refusal = ENOSPC;
	cr_assert_eq(fs_allocate(&odd, 3, 1), -ENOSPC);
}

Test(fs, nothing_can_be_set_aside)
{
	int fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_allocate(fs, fd, 0), 0);
	fs_close_quietly(fs, &fd);
}

Test(fs, syncfs_is_for_many_files)
{
	struct fs_ops ops = *fs->ops;
	struct fs without = {&ops, NULL};
	int fd, rc;

	cr_assert_eq(fs_syncfs(fs, t.fd, 2), 1);
	/* Whether it is trusted depends on kernel and file system. */
	rc = fs_syncfs(fs, t.fd, 100000);
	cr_assert(rc == 0 || rc == 1, "%d", rc);
	cr_assert_lt(fs_syncfs(fs, -1, 100000), 2);
	/* What fails where it is trusted is told, and not tried otherwise. */
	fd = openat(t.fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_expect_eq(fs_syncfs(fs, fd, 100000), rc == 0 ? -EBADF : 1);
	cr_assert_eq(close(fd), 0);
	ops.fast.syncfs = NULL;
	cr_assert_eq(fs_syncfs(&without, t.fd, 100000), 1);
}

/* A wrong yes is a lost update: FUSE and network file systems may answer a
 * sync of all before anything is safe. */
Test(fs, syncfs_is_for_disks_of_their_own)
{
	static const uint32_t no[] = {0, FUSE_SUPER_MAGIC, NFS_SUPER_MAGIC,
	    SMB_SUPER_MAGIC, SMB2_SUPER_MAGIC, CIFS_SUPER_MAGIC, V9FS_MAGIC,
	    CEPH_SUPER_MAGIC, AFS_SUPER_MAGIC, OVERLAYFS_SUPER_MAGIC,
	    TMPFS_MAGIC, ECRYPTFS_SUPER_MAGIC, MSDOS_SUPER_MAGIC,
	    EXFAT_SUPER_MAGIC, EXT4_SUPER_MAGIC + 1};
	static const uint32_t yes[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
	    BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC};
	size_t i;

	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		cr_expect_not(fs_real_has_own_disk(no[i]), "%x", no[i]);
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		cr_expect(fs_real_has_own_disk(yes[i]), "%x", yes[i]);
}

Test(fs, syncfs_tells_of_losses_since_linux_5_8)
{
	static const struct {
		const char *release;
		bool tells;
	} cases[] = {{"5.8.0", true}, {"5.7.19-generic", false},
	    {"5.10.0-8-amd64", true}, {"4.19.0", false}, {"4.9", false},
	    {"6.0.0", true}, {"6.1.0-13-cloud", true}, {"10.2", true},
	    {"5", false}, {"", false}, {"linux", false}};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(
		    fs_real_syncfs_tells(cases[i].release, EXT4_SUPER_MAGIC),
		    cases[i].tells, "%s", cases[i].release);
		cr_expect_not(
		    fs_real_syncfs_tells(cases[i].release, NFS_SUPER_MAGIC));
	}
}

/* Nothing is where the system makes it up. */
Test(fs, stat_tells_what_is_not_encrypted)
{
	struct fs_stat st;
	int proc = fs_open_root(fs, "/proc");

	cr_assert_geq(proc, 0);
	cr_assert_eq(fs_stat(fs, proc, "sys", &st), 0);
	cr_expect_eq(st.type, FS_DIR);
	cr_expect_not(st.encrypted);
	fs_close_quietly(fs, &proc);
}

Test(fs, stat_tells_what_it_is)
{
	struct fs_stat st;
	int fd;

	tempdir_text(&t, "d/f", "12345", -1);
	tempdir_touch(&t, "d/f", 1234567890, 987654321);
	tempdir_chmod(&t, "d/f", 0750);
	tempdir_symlink(&t, "nowhere", "l");
	cr_assert_eq(mkfifoat(t.fd, "p", 0600), 0);
	cr_assert_eq(fs_stat(fs, t.fd, "d/f", &st), 0);
	cr_assert_eq(st.type, FS_FILE);
	cr_assert_eq(st.size, 5);
	cr_assert_eq(st.mtime.s, 1234567890);
	cr_assert_eq(st.mtime.ns, 987654321);
	cr_assert_eq(st.mode, 0750);
	cr_assert_eq(st.nlink, 1);
	cr_assert_eq(st.uid, geteuid());
	cr_assert_eq(fs_stat(fs, t.fd, "d", &st), 0);
	cr_assert_eq(st.type, FS_DIR);
	cr_assert_eq(fs_stat(fs, t.fd, "l", &st), 0);
	cr_assert_eq(st.type, FS_SYMLINK);
	cr_assert_eq(fs_stat(fs, t.fd, "p", &st), 0);
	cr_assert_eq(st.type, FS_OTHER);
	cr_assert_eq(fs_stat(fs, t.fd, "none", &st), -ENOENT);
	fd = fs_open(fs, t.fd, "p", FS_READ, 0);
	cr_assert_geq(fd, 0, "a FIFO never blocks the open");
	fs_close_quietly(fs, &fd);
}

Test(fs, names_change)
{
	struct fs_stat st;
	char p[4];

	cr_assert_eq(fs_mkdir(fs, t.fd, "d", 0755), 0);
	cr_assert_eq(fs_mkdir(fs, t.fd, "d/e", 0755), 0);
	cr_assert_eq(fs_mkdir(fs, t.fd, "d", 0755), -EEXIST);
	tempdir_text(&t, "a", "a", -1);
	tempdir_text(&t, "d/e/b", "b", -1);
	cr_assert_eq(fs_rename(fs, t.fd, "a", t.fd, "d/e/b", false), -EEXIST);
	cr_assert(tempdir_is_text(&t, "d/e/b", "b"));
	cr_assert_eq(fs_rename(fs, t.fd, "a", t.fd, "d/e/b", true), 0);
	cr_assert(tempdir_is_text(&t, "d/e/b", "a"));
	cr_assert_not(tempdir_has(&t, "a"));
	cr_assert_eq(fs_rename(fs, t.fd, "d/e/b", t.fd, "c", false), 0);
	cr_assert_eq(fs_link(fs, t.fd, "c", t.fd, "d/c2"), 0);
	cr_assert_eq(fs_stat(fs, t.fd, "c", &st), 0);
	cr_assert_eq(st.nlink, 2);
	cr_assert_eq(fs_symlink(fs, "../c", t.fd, "d/l"), 0);
	cr_assert_eq(fs_readlink(fs, t.fd, "d/l", p, 4), 4);
	cr_assert_eq(memcmp(p, "../c", 4), 0);
	cr_assert_eq(fs_readlink(fs, t.fd, "d/l", p, 2), 2, "cut");
	cr_assert_eq(fs_readlink(fs, t.fd, "c", p, 4), -EINVAL);
	cr_assert_eq(fs_rmdir(fs, t.fd, "d"), -ENOTEMPTY);
	cr_assert_eq(fs_rmdir(fs, t.fd, "d/e"), 0);
	cr_assert_eq(fs_unlink(fs, t.fd, "d/l"), 0);
	cr_assert(tempdir_is_text(&t, "c", "a"), "the link went, not its end");
}

Test(fs, times_and_modes_are_set)
{
	struct fs_stat st;
	int fd;

	tempdir_text(&t, "d/f", "x", -1);
	tempdir_symlink(&t, "f", "d/l");
	fd = fs_open(fs, t.fd, "d/f", FS_WRITE, 0);
	cr_assert_eq(fs_futimes(fs, fd, (struct stamp){1000, 5}), 0);
	cr_assert_eq(fs_fchmod(fs, fd, 0755), 0);
	cr_assert_eq(fs_fstat(fs, fd, &st), 0);
	cr_assert_eq(st.mtime.s, 1000);
	cr_assert_eq(st.mtime.ns, 5);
	cr_assert_eq(st.mode, 0755);
	fs_close_quietly(fs, &fd);
	cr_assert_eq(fs_utimes(fs, t.fd, "d/l", (struct stamp){2000, 6}), 0);
	cr_assert_eq(fs_stat(fs, t.fd, "d/l", &st), 0);
	cr_assert_eq(st.mtime.s, 2000);
	cr_assert_eq(fs_stat(fs, t.fd, "d/f", &st), 0);
	cr_assert_eq(st.mtime.s, 1000, "the link's time, not its end's");
}

Test(fs, attributes_come_back_as_they_were_set)
{
	const char *name = "user.note";
	char names[256], value[8];
	struct fs_stat st;
	int fd, rc;

	tempdir_text(&t, "f", "x", -1);
	fd = fs_open(fs, t.fd, "f", FS_WRITE, 0);
	cr_assert_eq(fs_fstat(fs, fd, &st), 0);
	cr_assert_eq(st.uid, geteuid());
	cr_assert_eq(fs_fchown(fs, fd, FS_AS_IT_IS, st.gid), 0);
	cr_assert_eq(fs_fchown(fs, fd, FS_AS_IT_IS, FS_AS_IT_IS), 0);
	if (geteuid() == 0) {
		cr_assert_eq(fs_fchown(fs, fd, 4242, 4343), 0);
		cr_assert_eq(fs_fstat(fs, fd, &st), 0);
		cr_expect_eq(st.uid, 4242);
		cr_expect_eq(st.gid, 4343);
	}
	/* A disk in memory may have those of root only. */
	rc = fs_attr_set(fs, fd, name, "hello", 5);
	if (rc == -EOPNOTSUPP && geteuid() == 0)
		rc = fs_attr_set(fs, fd, name = "trusted.note", "hello", 5);
	if (rc == 0) {
		cr_assert_eq(
		    fs_attr_get(fs, fd, name, value, sizeof(value)), 5);
		cr_assert_eq(memcmp(value, "hello", 5), 0);
		cr_assert_eq(fs_attr_get(fs, fd, name, value, 4), -ERANGE);
		cr_assert_geq(fs_attr_list(fs, fd, names, sizeof(names)),
		    (int)strlen(name) + 1);
		cr_assert_eq(fs_attr_list(fs, fd, names, 1), -ERANGE);
		cr_assert_eq(fs_attr_set(fs, fd, name, "", 0), 0);
		cr_assert_eq(
		    fs_attr_get(fs, fd, name, value, sizeof(value)), 0);
		cr_assert_eq(fs_attr_remove(fs, fd, name), 0);
		cr_assert_eq(fs_attr_remove(fs, fd, name), -ENODATA);
		cr_assert_eq(fs_attr_get(fs, fd, name, value, 4), -ENODATA);
	} else {
		cr_assert_eq(rc, -EOPNOTSUPP, "not on this disk");
	}
	cr_expect_eq(fs_attr_set(fs, -1, name, "", 0), -EBADF);
	cr_expect_eq(fs_attr_get(fs, -1, name, value, 1), -EBADF);
	cr_expect_eq(fs_attr_list(fs, -1, names, 1), -EBADF);
	cr_expect_eq(fs_attr_remove(fs, -1, name), -EBADF);
	fs_close_quietly(fs, &fd);
}

Test(fs, a_lock_is_held_once)
{
	int a = fs_open(fs, t.fd, "lock", FS_WRITE | FS_CREATE, 0600);
	int b = fs_open(fs, t.fd, "lock", FS_WRITE, 0);

	cr_assert_eq(fs_lock(fs, a), 0);
	cr_assert_eq(fs_lock(fs, b), -EAGAIN);
	fs_close_quietly(fs, &a);
	cr_assert_eq(fs_lock(fs, b), 0);
	fs_close_quietly(fs, &b);
}

static int
stop_at_two(void *arg, const char *name)
{
	int *seen = arg;

	cr_assert(strcmp(name, ".") != 0 && strcmp(name, "..") != 0);
	return ++*seen == 2 ? 77 : 0;
}

Test(fs, lists_can_be_stopped_and_repeated)
{
	int seen = 0;

	tempdir_text(&t, "a", "", -1);
	cr_assert_eq(fs_list(fs, t.fd, stop_at_two, &seen), 0);
	cr_assert_eq(seen, 1);
	tempdir_text(&t, "b", "", -1);
	tempdir_text(&t, "c", "", -1);
	seen = 0;
	cr_assert_eq(fs_list(fs, t.fd, stop_at_two, &seen), 77);
	seen = 10;
	cr_assert_eq(fs_list(fs, t.fd, stop_at_two, &seen), 0);
	cr_assert_eq(seen, 13);
}

Test(fs, a_folder_that_is_gone_has_no_names)
{
	int fd, seen = 0;

	tempdir_mkdir(&t, "d");
	fd = fs_open(fs, t.fd, "d", FS_DIRECTORY, 0);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_rmdir(fs, t.fd, "d"), 0);
	cr_expect_eq(fs_list(fs, fd, stop_at_two, &seen), 0);
	cr_expect_eq(seen, 0);
	fs_close_quietly(fs, &fd);
}

/* 0, or what went wrong; nothing else may list folders any more. */
static int
list_without_getdents(void)
{
	int seen = 10;

	if (!deny_call(SYS_getdents64, EIO))
		return 77;
	return fs_list(fs, t.fd, stop_at_two, &seen) == -EIO ? 0 : 1;
}

Test(fs, a_folder_that_cannot_be_read_is_not_an_empty_one)
{
	int status;
	pid_t child;

	tempdir_text(&t, "a", "", -1);
	cr_assert_geq(child = fork(), 0);
	if (child == 0)
		_exit(list_without_getdents());
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		cr_skip_test("no call can be denied here");
	cr_expect_eq(WEXITSTATUS(status), 0);
}

/* The descriptor that comes next. */
static int
next_descriptor(void)
{
	int fd = dup(t.fd);

	(void)close(fd);
	return fd;
}

/* As on an older kernel: what was opened on the way is closed again, however
 * it ends.  0, or the line that is wrong. */
static int
walk_without_openat2(void)
{
	static const struct {
		const char *path;
		int rc;
	} cases[] = {{"d/e/f", 0}, {"f", 0}, {"d/e/none", -ENOENT},
	    {"none/f", -ENOENT}, {"d/f/g", -ENOTDIR}, {"d/link/f", -ELOOP},
	    {"d/../f", -EXDEV}, {"/d/e/f", -EXDEV}};
	int next, fd, i;

	if (!deny_call(SYS_openat2, ENOSYS))
		return 77;
	next = next_descriptor();
	for (i = 0; i < (int)(sizeof(cases) / sizeof(cases[0])); i++) {
		fd = fs_open(fs, t.fd, cases[i].path, FS_READ, 0);
		if ((fd < 0) != (cases[i].rc < 0) ||
		    (fd < 0 && fd != cases[i].rc))
			return 1 + i;
		fs_close_quietly(fs, &fd);
		if (next_descriptor() != next)
			return 101 + i;
	}
	return 0;
}

Test(fs, who_walks_leaves_nothing_open)
{
	int status;
	pid_t child;

	tempdir_text(&t, "d/e/f", "", -1);
	tempdir_text(&t, "d/f", "", -1);
	tempdir_text(&t, "f", "", -1);
	tempdir_symlink(&t, "e", "d/link");
	cr_assert_geq(child = fork(), 0);
	if (child == 0)
		_exit(walk_without_openat2());
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		cr_skip_test("no call can be denied here");
	cr_expect_eq(WEXITSTATUS(status), 0, "%d", WEXITSTATUS(status));
}

static int allocate_says;

static int
allocate(void *ctx, int fd, uint64_t size)
{
	(void)ctx;
	(void)fd;
	(void)size;
	return allocate_says;
}

/* Where blocks cannot be reserved, the look at the space has to do. */
Test(fs, only_a_failing_disk_fails_to_reserve)
{
	static const int absent[] = {
	    0, -EOPNOTSUPP, -ENOSYS, -EPERM, -EINVAL, -ENODEV, -ENOTTY, -EFBIG};
	static const int failing[] = {-ENOSPC, -EDQUOT, -EIO, -EBADF};
	struct fs_ops ops = *fs->ops;
	const struct fs odd = {&ops, NULL};
	size_t i;

	ops.allocate = allocate;
	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		allocate_says = absent[i];
		cr_expect_eq(fs_allocate(&odd, t.fd, 1), 0, "%zu", i);
	}
	for (i = 0; i < sizeof(failing) / sizeof(failing[0]); i++) {
		allocate_says = failing[i];
		cr_expect_eq(
		    fs_allocate(&odd, t.fd, 1), allocate_says, "%zu", i);
	}
}

static int sync_says;

static int
say_sync(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return sync_says;
}

/* There are disks that cannot sync folders; those that fail to are told. */
Test(fs, what_cannot_be_synced_is_no_failure)
{
	static const int absent[] = {0, -EINVAL, -ENOSYS, -EOPNOTSUPP};
	static const int failing[] = {-EIO, -ENOSPC, -EDQUOT, -EROFS, -EBADF};
	struct fs_ops ops = *fs->ops;
	const struct fs odd = {&ops, NULL};
	size_t i;

	ops.fsync = say_sync;
	for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
		sync_says = absent[i];
		cr_expect_eq(fs_fsync(&odd, t.fd), 0, "%zu", i);
	}
	for (i = 0; i < sizeof(failing) / sizeof(failing[0]); i++) {
		sync_says = failing[i];
		cr_expect_eq(fs_fsync(&odd, t.fd), sync_says, "%zu", i);
	}
}

Test(fs, space_is_known)
{
	struct fs_space space = {0, 0};

	cr_assert_eq(fs_space(fs, t.fd, &space), 0);
	cr_assert_gt(space.bytes_free, 0);
	cr_assert_gt(space.inodes_free, 0);
}

Test(fs, a_clone_shares_or_says_that_it_cannot)
{
	int from, to, rc;

	tempdir_text(&t, "a", "shared", -1);
	from = fs_open(fs, t.fd, "a", FS_READ, 0);
	to = fs_open(fs, t.fd, "b", FS_WRITE | FS_CREATE, 0600);
	rc = fs_clone(fs, to, from);
	cr_assert(rc == 0 ? tempdir_is_text(&t, "b", "shared") : rc < 0);
	fs_close_quietly(fs, &from);
	fs_close_quietly(fs, &to);
}

Test(fs, neighbours_are_looked_at_in_one_folder)
{
	struct fs_near near = FS_NEAR;
	struct fs_stat st;
	int open_one;

	tempdir_text(&t, "d/a", "a", -1);
	tempdir_text(&t, "d/b", "bb", -1);
	tempdir_text(&t, "dd/a", "aaa", -1);
	tempdir_text(&t, "a", "aaaa", -1);
	cr_assert_eq(fs_stat_near(fs, t.fd, "d/a", &near, &st), 0);
	cr_assert_eq(st.size, 1);
	open_one = near.fd;
	cr_assert_geq(open_one, 0);
	cr_assert_eq(fs_stat_near(fs, t.fd, "d/b", &near, &st), 0);
	cr_assert_eq(st.size, 2);
	cr_assert_eq(near.fd, open_one);
	cr_assert_eq(fs_stat_near(fs, t.fd, "a", &near, &st), 0);
	cr_assert_eq(st.size, 4);
	cr_assert_eq(fs_stat_near(fs, t.fd, "dd/a", &near, &st), 0);
	cr_assert_eq(st.size, 3);
	cr_assert_eq(fs_stat_near(fs, t.fd, "dd/none", &near, &st), -ENOENT);
	cr_assert_eq(fs_stat_near(fs, t.fd, "none/a", &near, &st), -ENOENT);
	cr_assert_eq(fs_stat_near(fs, t.fd, "dd/..", &near, &st), -EXDEV);
	cr_assert_eq(fs_stat_near(fs, t.fd, "d/a", &near, &st), 0);
	cr_assert_eq(st.size, 1);
	fs_near_close(fs, &near);
	cr_assert_eq(near.fd, -1);
}

Test(fs, a_file_is_mapped_whole_or_not_at_all)
{
	struct fs_ops ops = *fs->ops;
	struct fs without = {&ops, NULL};
	struct rlimit none = {0, 0};
	const void *p;
	int fd, rc;

	tempdir_text(&t, "a", "mapped", -1);
	fd = fs_open(fs, t.fd, "a", FS_READ, 0);
	if ((rc = fs_map(fs, fd, 6, &p)) == 0) {
		cr_assert_eq(memcmp(p, "mapped", 6), 0);
		fs_unmap(fs, p, 6);
	} else {
		/* Not on every file system. */
		cr_assert_eq(rc, -EOPNOTSUPP);
	}
	/* Bytes that are not there would be a signal, later. */
	cr_assert_lt(fs_map(fs, fd, (size_t)1 << 20, &p), 0);
	cr_assert_null(p);
	cr_assert_lt(fs_map(fs, -1, 6, &p), 0);
	ops.fast.map = NULL;
	cr_assert_eq(fs_map(&without, fd, 6, &p), -EOPNOTSUPP);
	/* More than a user may lock. */
	cr_assert(geteuid() != 0 || seteuid(65534) == 0);
	cr_assert_eq(setrlimit(RLIMIT_MEMLOCK, &none), 0);
	cr_assert_lt(fs_map(fs, fd, 6, &p), 0);
	cr_assert_null(p);
	cr_assert(getuid() != 0 || seteuid(0) == 0);
	fs_close_quietly(fs, &fd);
}

Test(fs, roots_are_folders)
{
	int fd = fs_open_root(fs, t.path);

	cr_assert_geq(fd, 0);
	fs_close_quietly(fs, &fd);
	cr_assert_eq(fs_open_root(fs, "/dev/null"), -ENOTDIR);
	cr_assert_eq(fs_open_root(fs, "/nonexistent"), -ENOENT);
}

/* One byte at a time, as a signal or a full pipe could make it. */
static int64_t
pread_one(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	return fs_real()->ops->pread(ctx, fd, p, n > 0 ? 1 : 0, off);
}

static int64_t
pwrite_one(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	return fs_real()->ops->pwrite(ctx, fd, p, n > 0 ? 1 : 0, off);
}

static int64_t
pwrite_none(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	(void)ctx;
	(void)fd;
	(void)p;
	(void)n;
	return off < 2 ? 1 : 0;
}

Test(fs, hints_change_nothing_and_may_be_missing)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs bare = {&ops, NULL};
	char p[8];
	int fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);

	cr_assert_eq(fs_pwrite(fs, fd, "abcdef", 6, 0), 0);
	fs_writeback(fs, fd);
	fs_readahead(fs, fd, 2, 100);
	fs_readahead(fs, -1, 0, 1);
	ops.fast.writeback = NULL;
	ops.fast.readahead = NULL;
	fs_writeback(&bare, fd);
	fs_readahead(&bare, fd, 0, 6);
	cr_assert_eq(fs_pread(fs, fd, p, 8, 0), 6);
	cr_assert_eq(memcmp(p, "abcdef", 6), 0);
	fs_close_quietly(fs, &fd);
}

Test(fs, short_reads_and_writes_go_on)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs slow = {&ops, NULL};
	char p[8];
	int fd = fs_open(fs, t.fd, "f", FS_WRITE | FS_CREATE, 0600);

	ops.pread = pread_one;
	ops.pwrite = pwrite_one;
	cr_assert_eq(fs_pwrite(&slow, fd, "abcdef", 6, 0), 0);
	cr_assert_eq(fs_pread(&slow, fd, p, 8, 1), 5);
	cr_assert_eq(memcmp(p, "bcdef", 5), 0);
	ops.pwrite = pwrite_none;
	cr_assert_eq(fs_pwrite(&slow, fd, "abcdef", 6, 0), -EIO,
	    "no progress is an error, not an endless loop");
	fs_close_quietly(fs, &fd);
}
