/* The table of calls over the simulated disk. */
#include "tests/support/fs_sim.h"

#include "tests/support/fs_sim_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t
sim_ino_of(const struct sim *s, int fd)
{
	if (fd < SIM_FD_BASE || fd >= SIM_FD_BASE + SIM_FDS ||
	    s->fds[fd - SIM_FD_BASE] == 0) {
		(void)fprintf(stderr, "simulated disk: bad descriptor\n");
		abort();
	}
	return s->fds[fd - SIM_FD_BASE];
}

int
sim_ask(struct sim *s, struct sim_call *c)
{
	int rc;

	s->calls++;
	s->changes += c->changes;
	rc = s->hook == NULL ? 0 : s->hook(s->hook_arg, s, c);
	if (c->changes && rc == 0)
		sim_log(&s->disk, c->ino);
	return rc;
}

bool
sim_has_room(const struct sim *s, uint64_t bytes, uint64_t inodes)
{
	return (s->bytes_most == 0 ||
		   sim_bytes_used(&s->disk) + bytes <= s->bytes_most) &&
	    (s->inodes_most == 0 ||
		sim_inodes_used(&s->disk) + inodes <= s->inodes_most);
}

uint32_t
sim_mode(const struct sim *s, uint32_t mode)
{
	return s->fat      ? SIM_FAT_MODE
	    : s->disk.ntfs ? SIM_NTFS_MODE
			   : mode & 07777;
}

static int
fd_new(struct sim *s, uint32_t ino)
{
	int i;

	for (i = 0; i < SIM_FDS; i++)
		if (s->fds[i] == 0) {
			s->fds[i] = ino;
			s->locked[i] = s->writes[i] = false;
			s->disk.v[ino].opens++;
			return SIM_FD_BASE + i;
		}
	return -EMFILE;
}

int
sim_call_open_root(void *ctx, const char *path)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_OPEN_ROOT, false, SIM_ROOT, path, 0};
	int rc = sim_ask(s, &c);
	uint32_t ino;

	if (rc < 0)
		return rc;
	if ((ino = sim_walk(s, path)) == 0)
		return -ENOENT;
	return s->disk.v[ino].type == FS_DIR ? fd_new(s, ino) : -ENOTDIR;
}

/* The folder of the last component of path below dir: 0 or -errno. */
static int
walk_to_last(struct sim *s, uint32_t *dir, const char **path)
{
	char part[256];
	const char *slash;
	uint32_t next;

	while ((slash = strchr(*path, '/')) != NULL) {
		if (slash == *path || (size_t)(slash - *path) >= sizeof(part))
			return -EXDEV;
		memcpy(part, *path, (size_t)(slash - *path));
		part[slash - *path] = '\0';
		*path = slash + 1;
		if (strcmp(part, "..") == 0)
			return -EXDEV;
		if (strcmp(part, ".") == 0)
			continue;
		next = sim_find(&s->disk, SIM_NOW, *dir, sim_intern(part));
		if (next == 0)
			return -ENOENT;
		if (s->disk.v[next].type != FS_DIR)
			return s->disk.v[next].type == FS_SYMLINK ? -ELOOP
								  : -ENOTDIR;
		*dir = next;
	}
	return strcmp(*path, "..") == 0 ? -EXDEV : 0;
}

static int
create(struct sim *s, uint32_t dir, const char *name, uint32_t mode)
{
	struct sim_change ch = {.n = 1, .a[0] = {dir, sim_intern(name), 0}};

	if (s->disk.v[dir].links[SIM_NOW] == 0 && dir != SIM_ROOT)
		return -ENOENT;
	if (!sim_has_room(s, 0, 1))
		return -ENOSPC;
	ch.a[0].ino = sim_inode_new(&s->disk, FS_FILE, sim_mode(s, mode));
	sim_inherit(&s->disk, ch.a[0].ino, dir);
	sim_change(&s->disk, &ch);
	return fd_new(s, ch.a[0].ino);
}

int
sim_call_open(void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_OPEN, false, sim_ino_of(s, dir), path, 0};
	uint32_t at = c.ino, ino;
	const char *name = path;
	int rc;

	if ((rc = walk_to_last(s, &at, &name)) != 0) {
		int asked = sim_ask(s, &c);

		return asked < 0 ? asked : rc;
	}
	ino = strcmp(name, ".") == 0
	    ? at
	    : sim_find(&s->disk, SIM_NOW, at, sim_intern(name));
	if (ino == 0 && (flags & (FS_CREATE | FS_CREATE_OR_OPEN)) != 0) {
		c.kind = SIM_CREATE;
		c.changes = true;
	}
	if ((rc = sim_ask(s, &c)) < 0)
		return rc;
	if (c.kind == SIM_CREATE)
		return create(s, at, name, mode);
	if (ino == 0)
		return -ENOENT;
	if (flags & FS_CREATE)
		return -EEXIST;
	if (s->disk.v[ino].type == FS_SYMLINK)
		return -ELOOP;
	if ((flags & FS_DIRECTORY) && s->disk.v[ino].type != FS_DIR)
		return -ENOTDIR;
	if ((flags & FS_WRITE) && s->disk.v[ino].type == FS_DIR)
		return -EISDIR;
	return fd_new(s, ino);
}

int
sim_call_close(void *ctx, int fd)
{
	struct sim *s = ctx;
	uint32_t ino = sim_ino_of(s, fd);

	s->fds[fd - SIM_FD_BASE] = 0;
	s->disk.v[ino].opens--;
	sim_inode_drop(&s->disk, ino);
	return 0;
}

int
sim_call_fsync(void *ctx, int fd)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_FSYNC, true, sim_ino_of(s, fd), NULL, 0};
	struct sim_inode *in = &s->disk.v[c.ino];
	int rc = sim_ask(s, &c);

	if (rc < 0) {
		/* Linux drops the dirty pages and reports it once. */
		in = &s->disk.v[c.ino];
		if (in->type == FS_FILE && sim_is_dirty(in))
			in->lost = true;
		return rc;
	}
	if (rc != SIM_IGNORE)
		sim_sync(&s->disk, c.ino);
	return 0;
}

static int
sim_call_syncfs(void *ctx, int fd, size_t files)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_SYNCFS, true, sim_ino_of(s, fd), NULL, 0};
	struct sim_inode *in;
	uint32_t i;
	int rc;

	if (s->syncfs_files == 0 || files < s->syncfs_files)
		return 1;
	if ((rc = sim_ask(s, &c)) == SIM_IGNORE)
		return 0;
	for (i = SIM_ROOT; i < s->disk.n; i++) {
		in = &s->disk.v[i];
		if (in->used && rc == 0)
			sim_sync(&s->disk, i);
		else if (in->used && in->type == FS_FILE && sim_is_dirty(in))
			in->lost = true;
	}
	return rc;
}

static void
fill_stat(const struct sim *s, uint32_t ino, struct fs_stat *st)
{
	const struct sim_inode *in = &s->disk.v[ino];
	const struct sim_meta *m = &in->m[SIM_NOW];

	memset(st, 0, sizeof(*st));
	st->type = (enum fs_type)in->type;
	st->size = st->taken = m->data == NULL ? 0 : m->data->len;
	st->mtime = m->mtime;
	st->mode = m->mode;
	st->uid = m->uid;
	st->gid = m->gid;
	st->nlink = in->links[SIM_NOW];
	st->dev = 81;
	st->ino = ino;
	if (!s->fat && !s->disk.ntfs) {
		st->changed.s = in->changed;
		st->born.s = in->born;
	}
	if (s->renumbers) {
		st->dev += s->booted;
		st->ino = (uint64_t)ino * 2654435761u + s->booted;
	}
}

int
sim_call_fstat(void *ctx, int fd, struct fs_stat *st)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_FSTAT, false, sim_ino_of(s, fd), NULL, 0};
	int rc = sim_ask(s, &c);

	if (rc >= 0)
		fill_stat(s, c.ino, st);
	return rc < 0 ? rc : 0;
}

int
sim_call_stat(void *ctx, int dir, const char *name, struct fs_stat *st)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_STAT, false, sim_ino_of(s, dir), name, 0};
	int rc = sim_ask(s, &c);
	uint32_t ino;

	if (rc < 0)
		return rc;
	ino = strcmp(name, ".") == 0
	    ? c.ino
	    : sim_find(&s->disk, SIM_NOW, c.ino, sim_intern(name));
	if (ino == 0)
		return -ENOENT;
	fill_stat(s, ino, st);
	return 0;
}

int
sim_call_list(void *ctx, int dir, fs_list_fn *fn, void *arg)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_LIST, false, sim_ino_of(s, dir), NULL, 0};
	const struct sim_view *w = &s->disk.view[SIM_NOW];
	uint32_t names[1024], n = 0, i;
	uint64_t x = s->seed * 2654435761u + c.ino;
	int32_t at;
	int rc;

	if ((rc = sim_ask(s, &c)) < 0)
		return rc;
	for (at = s->disk.v[c.ino].head[SIM_NOW]; at >= 0 && n < 1024;
	     at = w->v[at].next)
		names[n++] = w->v[at].name;
	for (rc = 0; rc == 0 && n > 0; n--) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		i = (uint32_t)(x >> 33) % n;
		rc = fn(arg, sim_text(names[i]));
		names[i] = names[n - 1];
	}
	return rc;
}

int
sim_call_space(void *ctx, int fd, struct fs_space *out)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_SPACE, false, sim_ino_of(s, fd), NULL, 0};
	uint64_t used = sim_bytes_used(&s->disk);
	uint64_t inodes = sim_inodes_used(&s->disk);
	int rc = sim_ask(s, &c);

	if (rc < 0)
		return rc;
	out->bytes_free = s->bytes_most == 0 ? (uint64_t)1 << 40
	    : s->bytes_most > used           ? s->bytes_most - used
					     : 0;
	out->inodes_free = s->inodes_most == 0 ? UINT64_MAX
	    : s->inodes_most > inodes          ? s->inodes_most - inodes
					       : 0;
	return 0;
}

int
sim_call_lock(void *ctx, int fd)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_LOCK, false, sim_ino_of(s, fd), NULL, 0};
	int i, rc = sim_ask(s, &c);

	if (rc < 0)
		return rc;
	for (i = 0; i < SIM_FDS; i++)
		if (s->locked[i] && s->fds[i] == c.ino && i != fd - SIM_FD_BASE)
			return -EAGAIN;
	s->locked[fd - SIM_FD_BASE] = true;
	return 0;
}

int
sim_call_is_locked(void *ctx, int fd)
{
	struct sim *s = ctx;
	uint32_t ino = sim_ino_of(s, fd);
	int i;

	for (i = 0; i < SIM_FDS; i++)
		if (s->locked[i] && s->fds[i] == ino && i != fd - SIM_FD_BASE)
			return 1;
	return 0;
}

static const struct fs_ops sim_ops = {
    .root.open = sim_call_open_root,
    .open = sim_call_open,
    .close = sim_call_close,
    .pread = sim_call_pread,
    .pwrite = sim_call_pwrite,
    .fsync = sim_call_fsync,
    .fast.syncfs = sim_call_syncfs,
    .fstat = sim_call_fstat,
    .stat = sim_call_stat,
    .list = sim_call_list,
    .mkdir = sim_call_mkdir,
    .unlink = sim_call_unlink,
    .rmdir = sim_call_rmdir,
    .rename = sim_call_rename,
    .link = sim_call_link,
    .symlink = sim_call_symlink,
    .readlink = sim_call_readlink,
    .attr = {sim_call_fchmod, sim_call_fchown, sim_call_attr_list,
	sim_call_attr_get, sim_call_attr_set, sim_call_attr_remove, NULL, NULL},
    .futimes = sim_call_futimes,
    .utimes = sim_call_utimes,
    .truncate = sim_call_truncate,
    .allocate = sim_call_allocate,
    .fast.clone = sim_call_clone,
    .space = sim_call_space,
    .lock.take = sim_call_lock,
    .lock.is_held = sim_call_is_locked,
};

void
sim_open(struct sim *s)
{
	memset(s, 0, sizeof(*s));
	s->fs.ops = &sim_ops;
	s->fs.ctx = s;
	sim_disk_init(&s->disk);
}

void
sim_boot(struct sim *s, const struct sim *like)
{
	s->fs.ops = like->fs.ops;
	s->fs.ctx = s;
	memset(s->fds, 0, sizeof(s->fds));
	memset(s->locked, 0, sizeof(s->locked));
	memset(s->writes, 0, sizeof(s->writes));
	s->seed = like->seed;
	s->hook = NULL;
	s->hook_arg = NULL;
	s->calls = s->changes = 0;
	s->no_links = like->no_links;
	s->no_clone = like->no_clone;
	s->no_utimes = like->no_utimes;
	s->fat = like->fat;
	s->renumbers = like->renumbers;
	s->booted = like->booted + 1;
	s->syncfs_files = like->syncfs_files;
	s->bytes_most = like->bytes_most;
	s->inodes_most = like->inodes_most;
}

void
sim_close(struct sim *s)
{
	sim_disk_release(&s->disk);
}

unsigned
sim_open_fds(const struct sim *s)
{
	unsigned i, n = 0;

	for (i = 0; i < SIM_FDS; i++)
		n += s->fds[i] != 0;
	return n;
}

uint32_t
sim_walk(const struct sim *s, const char *path)
{
	char part[256];
	uint32_t at = SIM_ROOT;
	size_t n;

	for (;; path += n) {
		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n == 0 || at == 0)
			return at;
		memcpy(part, path, n);
		part[n] = '\0';
		at = sim_find(&s->disk, SIM_NOW, at, sim_intern(part));
	}
}
