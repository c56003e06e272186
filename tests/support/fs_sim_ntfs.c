/*
 * Windows' habits on an NTFS, as engine/base/fs_win32 hands them on: over the
 * calls of fs_sim_calls.c, which know nothing of them.
 *
 * Everybody shares what he has open with everybody, so only names suffer, and
 * as without POSIX' renames and removals: a folder with something open below it
 * keeps its name, a file that is open is not replaced (ETXTBSY: it can be
 * moved) and keeps the name it loses until the last one closes it.  A program
 * that runs can be moved, and nothing else.  A read-only file is not opened for
 * writing, nor flushed by who only reads it.
 */
#include "tests/support/fs_sim_internal.h"

#include <errno.h>
#include <string.h>

enum { WRITABLE = 0200 };

static uint32_t
find(const struct sim *s, int dir, const char *name)
{
	return strcmp(name, ".") == 0
	    ? sim_ino_of(s, dir)
	    : sim_find(&s->disk, SIM_NOW, sim_ino_of(s, dir), sim_intern(name));
}

static bool
runs(const struct sim *s, uint32_t ino)
{
	return ino != 0 && s->disk.program == ino;
}

static bool
is_readonly(const struct sim *s, uint32_t ino)
{
	return s->disk.v[ino].type == FS_FILE &&
	    (s->disk.v[ino].m[SIM_NOW].mode & WRITABLE) == 0;
}

/* A colon would name a stream, a backslash a folder. */
static int
check_name(const char *name)
{
	return strpbrk(name, ":\\") != NULL ? -EINVAL : 0;
}

static int
ntfs_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	struct sim *s = ctx;
	bool writes = (flags & (FS_WRITE | FS_CREATE | FS_CREATE_OR_OPEN)) != 0;
	int fd = check_name(path), rc = 0;
	uint32_t ino;

	if (fd != 0 || (fd = sim_call_open(ctx, dir, path, flags, mode)) < 0)
		return fd;
	ino = sim_ino_of(s, fd);
	if (s->disk.v[ino].doomed || (writes && runs(s, ino)))
		rc = -EBUSY;
	else if (writes && is_readonly(s, ino))
		rc = -EACCES;
	s->writes[fd - SIM_FD_BASE] = writes;
	if (rc != 0)
		(void)sim_call_close(ctx, fd);
	return rc != 0 ? rc : fd;
}

static int
ntfs_close(void *ctx, int fd)
{
	struct sim *s = ctx;
	uint32_t ino = sim_ino_of(s, fd);
	int rc = sim_call_close(ctx, fd);

	sim_settle_doomed(&s->disk, ino);
	return rc;
}

/* Bytes of a read-only file were flushed when it became that, and those of a
 * program do not change: what only reads cannot flush either. */
static int
ntfs_fsync(void *ctx, int fd)
{
	struct sim *s = ctx;
	uint32_t ino = sim_ino_of(s, fd);

	if (!s->writes[fd - SIM_FD_BASE] &&
	    (is_readonly(s, ino) || runs(s, ino)))
		return 0;
	return sim_call_fsync(ctx, fd);
}

static int
ntfs_stat(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	struct sim *s = ctx;
	uint32_t ino = find(s, dir, name);

	if (check_name(name) != 0)
		return -EINVAL;
	return ino != 0 && s->disk.v[ino].doomed
	    ? -ENOENT
	    : sim_call_stat(ctx, dir, name, st);
}

static int
ntfs_mkdir(void *ctx, int dir, const char *name, uint32_t mode)
{
	int rc = check_name(name);

	return rc != 0 ? rc : sim_call_mkdir(ctx, dir, name, mode);
}

/* It keeps its name until nobody has it open. */
static int
doom(struct sim *s, struct sim_call *c, uint32_t ino)
{
	struct sim_inode *in = &s->disk.v[ino];
	int rc = sim_ask(s, c);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (in->type == FS_DIR && in->entries[SIM_NOW] > 0)
		return -ENOTEMPTY;
	if (in->type == FS_DIR && in->stays != 0)
		return -in->stays;
	in->doomed = true;
	in->doomed_dir = c->ino;
	in->doomed_name = sim_intern(c->name);
	return 0;
}

static int
ntfs_unlink(void *ctx, int dir, const char *name)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_UNLINK, true, sim_ino_of(s, dir), name, 0};
	uint32_t ino = find(s, dir, name);

	if (ino == 0 || s->disk.v[ino].type == FS_DIR)
		return sim_call_unlink(ctx, dir, name);
	if (s->disk.v[ino].doomed)
		return -ENOENT;
	if (runs(s, ino))
		return -ETXTBSY;
	return s->disk.v[ino].opens > 0 ? doom(s, &c, ino)
					: sim_call_unlink(ctx, dir, name);
}

static int
ntfs_rmdir(void *ctx, int dir, const char *name)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_RMDIR, true, sim_ino_of(s, dir), name, 0};
	uint32_t ino = find(s, dir, name);

	if (ino != 0 && s->disk.v[ino].doomed)
		return -ENOENT;
	return ino != 0 && s->disk.v[ino].opens > 0 &&
		s->disk.v[ino].type == FS_DIR
	    ? doom(s, &c, ino)
	    : sim_call_rmdir(ctx, dir, name);
}

/* Is anything below this folder open, or a program that runs? */
static bool
is_busy_below(const struct sim *s, uint32_t dir)
{
	const struct sim_view *w = &s->disk.view[SIM_NOW];
	const struct sim_inode *in;
	int32_t i;

	if (s->disk.program != 0 && s->disk.program_dir == dir)
		return true;
	for (i = s->disk.v[dir].head[SIM_NOW]; i >= 0; i = w->v[i].next) {
		in = &s->disk.v[w->v[i].ino];
		if (in->opens > 0 ||
		    (in->type == FS_DIR && is_busy_below(s, w->v[i].ino)))
			return true;
	}
	return false;
}

/* May what has the name be replaced?  0 or -errno. */
static int
check_target(const struct sim *s, uint32_t over)
{
	if (s->disk.v[over].doomed)
		return -EACCES;
	return runs(s, over) || s->disk.v[over].opens > 0 ? -ETXTBSY : 0;
}

static int
ntfs_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	struct sim *s = ctx;
	uint32_t ino = find(s, from_dir, from), over = find(s, to_dir, to);
	int rc = check_name(to);

	if (rc == 0 && ino != 0 && s->disk.v[ino].doomed)
		rc = -EBUSY;
	if (rc == 0 && ino != 0 && s->disk.v[ino].type == FS_DIR &&
	    is_busy_below(s, ino))
		rc = -EACCES;
	if (rc == 0 && ino != 0 && over != 0 && over != ino && replace)
		rc = check_target(s, over);
	if (rc != 0)
		return rc;
	rc = sim_call_rename(ctx, from_dir, from, to_dir, to, replace);
	if (rc == 0 && runs(s, ino) &&
	    s->disk.program_dir == sim_ino_of(s, from_dir))
		s->disk.program_dir = sim_ino_of(s, to_dir);
	return rc;
}

static int
ntfs_fchmod(void *ctx, int fd, uint32_t mode)
{
	struct sim *s = ctx;
	uint32_t ino = sim_ino_of(s, fd);
	bool on = (mode & WRITABLE) == 0;
	int rc;

	if (s->disk.v[ino].type != FS_FILE || is_readonly(s, ino) == on)
		return 0;
	if (on && (rc = ntfs_fsync(ctx, fd)) != 0)
		return rc;
	return sim_call_fchmod(ctx, fd, on ? SIM_READONLY_MODE : SIM_NTFS_MODE);
}

static const struct fs_ops ntfs_ops = {
    .root.open = sim_call_open_root,
    .open = ntfs_open,
    .close = ntfs_close,
    .pread = sim_call_pread,
    .pwrite = sim_call_pwrite,
    .fsync = ntfs_fsync,
    .fstat = sim_call_fstat,
    .stat = ntfs_stat,
    .list = sim_call_list,
    .mkdir = ntfs_mkdir,
    .unlink = ntfs_unlink,
    .rmdir = ntfs_rmdir,
    .rename = ntfs_rename,
    .link = sim_call_link,
    .attr.fchmod = ntfs_fchmod,
    .futimes = sim_call_futimes,
    .utimes = sim_call_utimes,
    .truncate = sim_call_truncate,
    .allocate = sim_call_allocate,
    .space = sim_call_space,
    .lock.take = sim_call_lock,
    .lock.is_held = sim_call_is_locked,
};

void
sim_make_ntfs(struct sim *s)
{
	s->fs.ops = &ntfs_ops;
	s->disk.ntfs = true;
	s->disk.v[SIM_ROOT].folds = true;
}

void
sim_start_program(struct sim *s, const char *folder, const char *name)
{
	uint32_t dir = sim_walk(s, folder);

	s->disk.program = sim_find(&s->disk, SIM_NOW, dir, sim_intern(name));
	s->disk.program_dir = s->disk.program == 0 ? 0 : dir;
}

void
sim_end_program(struct sim *s)
{
	s->disk.program = s->disk.program_dir = 0;
}
