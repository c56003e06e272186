/* A self-test says of a good disk that it is good, of each flaw what it is,
 * and leaves nothing behind. */
#include "engine/base/fs_probe.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What was told of one thing. */
struct told {
	const char *what; /* NULL: of all that are not right */
	enum probe_how how;
	char note[512];
	unsigned n[4]; /* of each enum probe_how */
};

static void
tell(void *arg, const char *what, enum probe_how how, const struct err *note)
{
	struct told *t = arg;

	t->n[how]++;
	if (t->what == NULL || strcmp(t->what, what) != 0)
		return;
	t->how = how;
	(void)snprintf(t->note, sizeof(t->note), "%s", note->msg);
}

/* The other program, played: it has the lock, and runs nothing. */
static int
play_start(void *ctx, int folder, struct err *e)
{
	int fd = openat(folder, "program.exe", O_CREAT | O_WRONLY, 0755);

	(void)e;
	(void)close(fd);
	fd = openat(folder, "lock", O_RDWR);
	cr_assert_eq(fs_lock(fs_real(), fd), 0);
	*(int *)ctx = fd;
	return 0;
}

static void
play_end(void *ctx)
{
	(void)close(*(int *)ctx);
}

/* All the while in a folder that is new. */
static int
probe(const struct fs *fs, struct told *told, bool alone, struct err *e)
{
	int lock, rc;
	const struct probe_friend friend = {play_start, play_end, &lock};
	struct tempdir t;
	struct probe p = {fs, -1, "probe", alone ? NULL : &friend, tell, told};

	tempdir_open(&t);
	p.dir = t.fd;
	rc = fs_probe(&p, e);
	cr_expect_eq(tempdir_has(&t, "probe"), rc < 0);
	tempdir_close(&t);
	return rc;
}

Test(fs_probe, a_good_disk)
{
	struct told told = {.what = "times of files"};
	struct err e;

	cr_assert_eq(probe(fs_real(), &told, false, &e), 0);
	cr_expect_eq(told.n[PROBE_RIGHT], 21);
	cr_expect_str_eq(told.note, "to 1 ns");
}

Test(fs_probe, what_takes_two_is_not_tried_alone)
{
	struct told told = {.what = "one update at a time"};
	struct err e;

	cr_assert_eq(probe(fs_real(), &told, true, &e), 0);
	cr_expect_eq(told.n[PROBE_RIGHT], 18);
	cr_expect_eq(told.n[PROBE_UNTRIED], 3);
	cr_expect_eq(told.how, PROBE_UNTRIED);
	cr_expect_str_eq(told.note, "it takes another program");
}

/* Flaws, each a call that does something else than the real one. */
static int
io_error(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return -EIO;
}

/* The same of one kind only: what is written, what is read, folders. */
static int
written_io_error(void *ctx, int fd)
{
	return (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY
	    ? fs_real()->ops->fsync(ctx, fd)
	    : -EIO;
}

static int
read_io_error(void *ctx, int fd)
{
	struct fs_stat st;

	cr_assert_eq(fs_fstat(fs_real(), fd, &st), 0);
	return st.type == FS_FILE &&
		(fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY
	    ? -EIO
	    : fs_real()->ops->fsync(ctx, fd);
}

static int
folder_io_error(void *ctx, int fd)
{
	struct fs_stat st;

	cr_assert_eq(fs_fstat(fs_real(), fd, &st), 0);
	return st.type == FS_DIR ? -EIO : fs_real()->ops->fsync(ctx, fd);
}

static int
no_link(void *ctx, int from_dir, const char *from, int to_dir, const char *to)
{
	(void)ctx;
	(void)from_dir;
	(void)from;
	(void)to_dir;
	(void)to;
	return -EPERM;
}

static int
other_link(
    void *ctx, int from_dir, const char *from, int to_dir, const char *to)
{
	int fd = openat(to_dir, to, O_CREAT | O_WRONLY, 0644);

	(void)ctx;
	(void)from_dir;
	(void)from;
	return close(fd);
}

static int
replaces_all(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	(void)replace;
	return fs_real()->ops->rename(ctx, from_dir, from, to_dir, to, true);
}

static int
replaces_none(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	struct fs_stat st;

	if (replace && fs_stat(fs_real(), to_dir, to, &st) == 0)
		return -ETXTBSY;
	return fs_real()->ops->rename(ctx, from_dir, from, to_dir, to, false);
}

static int
held_from_us(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	int fd;

	if (strcmp(to, "held") != 0)
		return fs_real()->ops->rename(
		    ctx, from_dir, from, to_dir, to, replace);
	fd = openat(to_dir, to, O_CREAT | O_WRONLY, 0644);
	cr_assert_eq(write(fd, "held", 4), 4);
	(void)close(fd);
	return -EBUSY;
}

static size_t
hold(void *ctx, int dir, const char *name, char *who, size_t cap)
{
	(void)ctx;
	(void)dir;
	(void)name;
	(void)snprintf(who, cap, "another");
	return 1;
}

static int
same_for_all(void *ctx, int fd)
{
	(void)ctx;
	(void)fd;
	return 0;
}

static int
no_time(void *ctx, int fd, struct stamp t)
{
	(void)ctx;
	(void)fd;
	(void)t;
	return 0;
}

static int
even_time(void *ctx, int fd, struct stamp t)
{
	t.ns = 0;
	t.s += t.s % 2;
	t.s += 2;
	return fs_real()->ops->futimes(ctx, fd, t);
}

struct listing {
	fs_list_fn *fn;
	void *arg;
};

/* As a disk does that takes accents and letters apart. */
static int
tell_apart(void *arg, const char *name)
{
	const struct listing *l = arg;

	return l->fn(l->arg, strchr(name, '\303') != NULL ? "apart" : name);
}

static int
other_names(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	struct listing l = {fn, arg};

	return fs_real()->ops->list(ctx, dir, tell_apart, &l);
}

static int
no_room(void *ctx, int fd, uint64_t size)
{
	(void)ctx;
	(void)fd;
	(void)size;
	return 0;
}

static int
untold(void *ctx, int fd, struct fs_space *out)
{
	(void)ctx;
	(void)fd;
	out->bytes_free = UINT64_MAX;
	return 0;
}

static int
no_symlink(void *ctx, const char *target, int dir, const char *name)
{
	(void)ctx;
	(void)target;
	(void)dir;
	(void)name;
	return -EOPNOTSUPP;
}

Test(fs_probe, each_flaw_is_told)
{
	const struct fs_ops ops = *fs_real()->ops;
	struct fs_ops sync = ops, link = ops, copy = ops, all = ops;
	struct fs_ops wrote = ops, read = ops, folder = ops;
	struct fs_ops held = ops, holder = ops;
	struct fs_ops none = ops, locks = ops, times = ops, even = ops;
	struct fs_ops names = ops, room = ops, space = ops, symlink = ops;
	const struct {
		const struct fs_ops *ops;
		const char *what;
		enum probe_how how;
		const char *note;
	} flaws[] = {
	    {&sync, "get files and folders onto the disk", PROBE_WRONG,
		"sync a: Input/output error"},
	    {&wrote, "get files and folders onto the disk", PROBE_WRONG,
		"sync a: Input/output error"},
	    {&read, "get files and folders onto the disk", PROBE_WRONG,
		"sync a: Input/output error"},
	    {&folder, "get files and folders onto the disk", PROBE_WRONG,
		"sync .: Input/output error"},
	    {&link, "hard links", PROBE_OTHERWISE, "none, backups are copies"},
	    {&copy, "hard links", PROBE_WRONG, "a hard link is another file"},
	    {&all, "replace no file by mistake", PROBE_WRONG,
		"a file was replaced all the same"},
	    {&none, "replace a file in one step", PROBE_WRONG,
		"rename b: Text file busy"},
	    {&none, "replace a file that is open", PROBE_OTHERWISE,
		"moved aside first"},
	    {&none, "replace a program that runs", PROBE_OTHERWISE,
		"moved aside first"},
	    {&held, "a file that another program holds", PROBE_OTHERWISE,
		"the update ends, nothing is changed"},
	    {&holder, "a file that another program holds", PROBE_OTHERWISE,
		"the update ends and names another, nothing is changed"},
	    {&locks, "one update at a time", PROBE_WRONG,
		"two programs have the same lock; no update here is safe"},
	    {&times, "times of files", PROBE_WRONG,
		"a file has another time than it was given"},
	    {&even, "times of files", PROBE_OTHERWISE, "only to whole seconds"},
	    {&names, "names with accents and symbols", PROBE_WRONG,
		"a\303\247\303\243o \360\237\230\200 \303\211: the disk spells "
		"this name otherwise"},
	    {&room, "reserve space", PROBE_OTHERWISE,
		"not on this disk, only the free space is looked at"},
	    {&space, "free space", PROBE_OTHERWISE,
		"the disk does not tell it"},
	    {&symlink, "symbolic links", PROBE_UNTRIED,
		"there are none on this system or disk"},
	};
	struct told told;
	struct err e;
	struct fs fs;
	size_t i;
	int rc;

	sync.fsync = io_error;
	wrote.fsync = written_io_error;
	read.fsync = read_io_error;
	folder.fsync = folder_io_error;
	held.rename = holder.rename = held_from_us;
	holder.lock.holder = hold;
	link.link = no_link;
	copy.link = other_link;
	all.rename = replaces_all;
	none.rename = replaces_none;
	locks.lock.take = same_for_all;
	times.futimes = no_time;
	even.futimes = even_time;
	names.list = other_names;
	room.allocate = no_room;
	space.space = untold;
	symlink.symlink = no_symlink;
	for (i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		told = (struct told){.what = flaws[i].what};
		fs = (struct fs){flaws[i].ops, NULL};
		rc = probe(&fs, &told, false, &e);
		if (flaws[i].ops == &names)
			cr_expect_eq(rc, ERP_IO); /* it cannot be removed */
		else
			cr_expect_eq(
			    (unsigned)rc, told.n[PROBE_WRONG], "%zu", i);
		cr_expect_eq(told.how, flaws[i].how, "%zu", i);
		cr_expect_str_eq(told.note, flaws[i].note);
	}
}

Test(fs_probe, a_folder_that_takes_none_is_an_error)
{
	struct told told = {.what = NULL};
	struct probe p = {fs_real(), -1, "probe", NULL, tell, &told};
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	p.dir = t.fd;
	tempdir_text(&t, "probe", "mine", -1);
	cr_assert_lt(fs_probe(&p, &e), 0);
	cr_expect_str_eq(e.msg, "create folder probe: File exists");
	cr_expect(tempdir_is_text(&t, "probe", "mine"));
	cr_expect_eq(told.n[PROBE_RIGHT] + told.n[PROBE_WRONG], 0);
	tempdir_close(&t);
}
