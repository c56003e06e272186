/* A file system that fails on request. */
#include "tests/support/fs_fault.h"

#include <errno.h>
#include <string.h>

/* 0, or the negative errno this call has to fail with. */
static int
fault(struct fs_fault *f, bool changes)
{
	bool due = false;

	changes |= f->looks;
	if (changes)
		f->calls++;
	switch (f->mode) {
	case FAULT_NONE:
		return 0;
	case FAULT_ONCE:
		due = changes && f->calls == f->at;
		break;
	case FAULT_FROM:
		due = changes && f->calls >= f->at;
		break;
	case FAULT_KILL:
		due = f->fired || (changes && f->calls >= f->at);
		break;
	}
	f->fired |= due;
	return due ? -f->error : 0;
}

/* Pass a call on unless it is due to fail. */
#define PASS(changes, call)                                                    \
	do {                                                                   \
		struct fs_fault *f = ctx;                                      \
		int due = fault(f, changes);                                   \
		return due != 0 ? due : f->real->ops->call;                    \
	} while (0)
#define PASS_SYNC(call)                                                        \
	do {                                                                   \
		struct fs_fault *f = ctx;                                      \
		int due = fault(f, true);                                      \
		f->lost_sync |= due != 0;                                      \
		return due != 0 ? due : f->real->ops->call;                    \
	} while (0)
#define ON f->real->ctx

static int
fault_open_root(void *ctx, const char *path)
{
	PASS(false, root.open(ON, path));
}

static int
fault_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	PASS((flags & (FS_CREATE | FS_CREATE_OR_OPEN)) != 0,
	    open(ON, dir, path, flags, mode));
}

static int
fault_close(void *ctx, int fd)
{
	struct fs_fault *f = ctx;

	return f->real->ops->close(ON, fd);
}

static int64_t
fault_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	PASS(false, pread(ON, fd, p, n, off));
}

static int64_t
fault_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	PASS(true, pwrite(ON, fd, p, n, off));
}

static int
fault_fsync(void *ctx, int fd)
{
	PASS_SYNC(fsync(ON, fd));
}

static int
fault_syncfs(void *ctx, int fd, size_t files)
{
	PASS_SYNC(fast.syncfs(ON, fd, files));
}

static int
fault_fstat(void *ctx, int fd, struct fs_stat *st)
{
	PASS(false, fstat(ON, fd, st));
}

static int
fault_stat(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	PASS(false, stat(ON, dir, name, st));
}

static int
fault_list(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	PASS(false, list(ON, dir, fn, arg));
}

static int
fault_mkdir(void *ctx, int dir, const char *name, uint32_t mode)
{
	PASS(true, mkdir(ON, dir, name, mode));
}

static int
fault_unlink(void *ctx, int dir, const char *name)
{
	PASS(true, unlink(ON, dir, name));
}

static int
fault_rmdir(void *ctx, int dir, const char *name)
{
	PASS(true, rmdir(ON, dir, name));
}

static int
fault_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	PASS(true, rename(ON, from_dir, from, to_dir, to, replace));
}

static int
fault_link(
    void *ctx, int from_dir, const char *from, int to_dir, const char *to)
{
	PASS(true, link(ON, from_dir, from, to_dir, to));
}

static int
fault_symlink(void *ctx, const char *target, int dir, const char *name)
{
	PASS(true, symlink(ON, target, dir, name));
}

static int64_t
fault_readlink(void *ctx, int dir, const char *name, char *p, size_t cap)
{
	PASS(false, readlink(ON, dir, name, p, cap));
}

static int
fault_fchmod(void *ctx, int fd, uint32_t mode)
{
	PASS(true, attr.fchmod(ON, fd, mode));
}

static int
fault_fchown(void *ctx, int fd, uint32_t uid, uint32_t gid)
{
	PASS(true, attr.fchown(ON, fd, uid, gid));
}

static int64_t
fault_attr_list(void *ctx, int fd, char *p, size_t cap)
{
	PASS(false, attr.list(ON, fd, p, cap));
}

static int64_t
fault_attr_get(void *ctx, int fd, const char *name, void *p, size_t cap)
{
	PASS(false, attr.get(ON, fd, name, p, cap));
}

static int
fault_attr_set(void *ctx, int fd, const char *name, const void *p, size_t n)
{
	PASS(true, attr.set(ON, fd, name, p, n));
}

static int
fault_attr_remove(void *ctx, int fd, const char *name)
{
	PASS(true, attr.remove(ON, fd, name));
}

static int
fault_futimes(void *ctx, int fd, struct stamp t)
{
	PASS(true, futimes(ON, fd, t));
}

static int
fault_utimes(void *ctx, int dir, const char *name, struct stamp t)
{
	PASS(true, utimes(ON, dir, name, t));
}

static int
fault_truncate(void *ctx, int fd, uint64_t size)
{
	PASS(true, truncate(ON, fd, size));
}

static int
fault_allocate(void *ctx, int fd, uint64_t size)
{
	PASS(true, allocate(ON, fd, size));
}

static int
fault_clone(void *ctx, int to, int from)
{
	struct fs_fault *f = ctx;
	int due = fault(f, false);

	return due != 0 ? due : fs_clone(f->real, to, from);
}

static int
fault_space(void *ctx, int fd, struct fs_space *out)
{
	PASS(false, space(ON, fd, out));
}

static int
fault_lock(void *ctx, int fd)
{
	PASS(false, lock.take(ON, fd));
}

static int
fault_is_locked(void *ctx, int fd)
{
	PASS(false, lock.is_held(ON, fd));
}

void
fs_fault_init(struct fs_fault *f, const struct fs *real)
{
	static const struct fs_ops ops = {
	    .root.open = fault_open_root,
	    .open = fault_open,
	    .close = fault_close,
	    .pread = fault_pread,
	    .pwrite = fault_pwrite,
	    .fsync = fault_fsync,
	    .fast.syncfs = fault_syncfs,
	    .fstat = fault_fstat,
	    .stat = fault_stat,
	    .list = fault_list,
	    .mkdir = fault_mkdir,
	    .unlink = fault_unlink,
	    .rmdir = fault_rmdir,
	    .rename = fault_rename,
	    .link = fault_link,
	    .symlink = fault_symlink,
	    .readlink = fault_readlink,
	    .attr = {fault_fchmod, fault_fchown, fault_attr_list,
		fault_attr_get, fault_attr_set, fault_attr_remove, NULL, NULL},
	    .futimes = fault_futimes,
	    .utimes = fault_utimes,
	    .truncate = fault_truncate,
	    .allocate = fault_allocate,
	    .fast.clone = fault_clone,
	    .space = fault_space,
	    .lock.take = fault_lock,
	    .lock.is_held = fault_is_locked,
	};

	memset(f, 0, sizeof(*f));
	f->fs.ops = &ops;
	f->fs.ctx = f;
	f->real = real;
}

void
fs_fault_arm(struct fs_fault *f, enum fault_mode mode, uint64_t at, int error)
{
	f->mode = mode;
	f->at = at;
	f->error = error;
	f->calls = 0;
	f->fired = f->lost_sync = false;
}

int
fs_play_clone(void *ctx, int to, int from)
{
	char bytes[128];
	int64_t n = fs_pread(fs_real(), from, bytes, sizeof(bytes), 0);

	(void)ctx;
	return fs_pwrite(fs_real(), to, bytes, (size_t)n, 0);
}

int
fs_keep_stays(void *ctx, int dir, const char *name)
{
	return strcmp(name, "stays") == 0
	    ? -EPERM
	    : fs_real()->ops->unlink(ctx, dir, name);
}
