/* Calls that change names, bytes and attributes; digests of trees. */
#include "tests/support/fs_sim_internal.h"

#include "engine/base/path.h"
#include "engine/base/reserved.h"

#include <errno.h>
#include <string.h>

static size_t
size_of(const struct sim *s, uint32_t ino)
{
	const struct sim_blob *b = s->disk.v[ino].m[SIM_NOW].data;

	return b == NULL ? 0 : b->len;
}

int64_t
sim_call_pread(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_PREAD, false, sim_ino_of(s, fd), NULL, n};
	size_t have = size_of(s, c.ino);
	int rc = sim_ask(s, &c);

	if (rc < 0)
		return rc;
	if (s->disk.v[c.ino].type == FS_DIR)
		return -EISDIR;
	if (off >= have)
		return 0;
	n = c.n < have - off ? c.n : have - off;
	memcpy(p, s->disk.v[c.ino].m[SIM_NOW].data->b + off, n);
	return (int64_t)n;
}

static struct stamp
as_held(const struct sim *s, struct stamp t)
{
	if (s->disk.ntfs)
		t.ns -= t.ns % 100;
	return s->fat ? (struct stamp){t.s - t.s % 2, 0} : t;
}

static void
touch(struct sim *s, uint32_t ino)
{
	s->disk.v[ino].m[SIM_NOW].mtime =
	    as_held(s, (struct stamp){s->disk.tick, 0});
}

static uint64_t
blocks(uint64_t size)
{
	return (size + SIM_BLOCK - 1) / SIM_BLOCK * SIM_BLOCK;
}

/* Make it at least size long. */
static int
extend(struct sim *s, uint32_t ino, uint64_t size)
{
	size_t have = size_of(s, ino);

	if (size > have && blocks(size) > blocks(have) &&
	    !sim_has_room(s, blocks(size) - blocks(have), 0))
		return -ENOSPC;
	sim_resize(&s->disk, ino, size > have ? size : have);
	return 0;
}

int64_t
sim_call_pwrite(void *ctx, int fd, const void *p, size_t n, uint64_t off)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_PWRITE, true, sim_ino_of(s, fd), NULL, n};
	int rc = sim_ask(s, &c);

	if (rc < 0)
		return rc;
	if (rc == SIM_IGNORE)
		return (int64_t)c.n;
	if ((rc = extend(s, c.ino, off + c.n)) != 0)
		return rc;
	memcpy(s->disk.v[c.ino].m[SIM_NOW].data->b + off, p, c.n);
	touch(s, c.ino);
	return (int64_t)c.n;
}

/* The inode of name in c->ino, after asking; *rc says why not. */
static uint32_t
named(struct sim *s, struct sim_call *c, int *rc)
{
	uint32_t ino;

	if ((*rc = sim_ask(s, c)) != 0)
		return 0;
	ino = sim_find(&s->disk, SIM_NOW, c->ino, sim_intern(c->name));
	*rc = ino == 0 ? -ENOENT : 0;
	return ino;
}

/* A name that is to be new in the folder of c: 0 or -errno. */
static int
fresh(struct sim *s, struct sim_call *c, uint64_t bytes, uint64_t inodes)
{
	int rc = sim_ask(s, c);

	if (rc != 0)
		return rc;
	if (sim_find(&s->disk, SIM_NOW, c->ino, sim_intern(c->name)) != 0)
		return -EEXIST;
	return sim_has_room(s, bytes, inodes) ? 0 : -ENOSPC;
}

int
sim_call_mkdir(void *ctx, int dir, const char *name, uint32_t mode)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_MKDIR, true, sim_ino_of(s, dir), name, 0};
	struct sim_change ch = {.n = 1, .a[0].dir = c.ino};
	int rc = fresh(s, &c, SIM_BLOCK, 1);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	ch.a[0].name = sim_intern(name);
	ch.a[0].ino = sim_inode_new(&s->disk, FS_DIR, sim_mode(s, mode));
	s->disk.v[ch.a[0].ino].folds = s->disk.v[c.ino].folds;
	sim_inherit(&s->disk, ch.a[0].ino, c.ino);
	sim_change(&s->disk, &ch);
	return 0;
}

int
sim_call_unlink(void *ctx, int dir, const char *name)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_UNLINK, true, sim_ino_of(s, dir), name, 0};
	struct sim_change ch = {.n = 1, .a[0].dir = c.ino};
	int rc;
	uint32_t ino = named(s, &c, &rc);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (s->disk.v[ino].type == FS_DIR)
		return -EISDIR;
	ch.a[0].name = sim_intern(name);
	sim_change(&s->disk, &ch);
	return 0;
}

int
sim_call_rmdir(void *ctx, int dir, const char *name)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_RMDIR, true, sim_ino_of(s, dir), name, 0};
	struct sim_change ch = {.n = 1, .a[0].dir = c.ino};
	int rc;
	uint32_t ino = named(s, &c, &rc);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (s->disk.v[ino].type != FS_DIR)
		return -ENOTDIR;
	if (s->disk.v[ino].entries[SIM_NOW] > 0)
		return -ENOTEMPTY;
	if (s->disk.v[ino].stays != 0)
		return -s->disk.v[ino].stays;
	ch.a[0].name = sim_intern(name);
	ch.emptied = ino;
	sim_change(&s->disk, &ch);
	return 0;
}

int
sim_call_rename(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	struct sim *s = ctx;
	struct sim_call c = {
	    SIM_RENAME, true, sim_ino_of(s, from_dir), from, 0};
	struct sim_change ch = {
	    .n = 2, .a[0].dir = c.ino, .a[1].dir = sim_ino_of(s, to_dir)};
	const struct sim_inode *a, *b;
	int rc;
	uint32_t ino = named(s, &c, &rc), over;

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (s->disk.v[ino].stays != 0 && s->disk.v[ino].type == FS_DIR)
		return -s->disk.v[ino].stays;
	if (s->disk.v[ino].lower)
		return -EXDEV;
	ch.a[0].name = sim_intern(from);
	ch.a[1].name = sim_intern(to);
	ch.a[1].ino = ino;
	over = sim_find(&s->disk, SIM_NOW, ch.a[1].dir, ch.a[1].name);
	if (over != 0 && !replace)
		return -EEXIST;
	if (over == ino)
		return 0; /* two names of one inode: nothing happens */
	if (over != 0) {
		a = &s->disk.v[ino];
		b = &s->disk.v[over];
		if (a->type == FS_DIR && b->type != FS_DIR)
			return -ENOTDIR;
		if (a->type != FS_DIR && b->type == FS_DIR)
			return -EISDIR;
		if (b->entries[SIM_NOW] > 0)
			return -ENOTEMPTY;
	}
	sim_change(&s->disk, &ch);
	return 0;
}

int
sim_call_link(
    void *ctx, int from_dir, const char *from, int to_dir, const char *to)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_LINK, true, sim_ino_of(s, to_dir), to, 0};
	struct sim_change ch = {.n = 1, .a[0].dir = c.ino};
	int rc = fresh(s, &c, 0, 0);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	ch.a[0].name = sim_intern(to);
	ch.a[0].ino = sim_find(
	    &s->disk, SIM_NOW, sim_ino_of(s, from_dir), sim_intern(from));
	if (ch.a[0].ino == 0)
		return -ENOENT;
	if (s->no_links || s->disk.v[ch.a[0].ino].type == FS_DIR)
		return -EPERM;
	sim_change(&s->disk, &ch);
	return 0;
}

int
sim_call_symlink(void *ctx, const char *target, int dir, const char *name)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_SYMLINK, true, sim_ino_of(s, dir), name, 0};
	struct sim_change ch = {.n = 1, .a[0].dir = c.ino};
	struct sim_inode *in;
	int rc = fresh(s, &c, 0, 1);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	ch.a[0].name = sim_intern(name);
	ch.a[0].ino = sim_inode_new(&s->disk, FS_SYMLINK, 0777);
	sim_resize(&s->disk, ch.a[0].ino, strlen(target));
	in = &s->disk.v[ch.a[0].ino];
	memcpy(in->m[SIM_NOW].data->b, target, strlen(target));
	sim_meta_set(&in->m[SIM_KEPT], &in->m[SIM_NOW]);
	sim_change(&s->disk, &ch);
	return 0;
}

int64_t
sim_call_readlink(void *ctx, int dir, const char *name, char *p, size_t cap)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_READLINK, false, sim_ino_of(s, dir), name, 0};
	int rc;
	uint32_t ino = named(s, &c, &rc);
	size_t n;

	if (rc != 0)
		return rc;
	if (s->disk.v[ino].type != FS_SYMLINK)
		return -EINVAL;
	n = size_of(s, ino) < cap ? size_of(s, ino) : cap;
	memcpy(p, s->disk.v[ino].m[SIM_NOW].data->b, n);
	return (int64_t)n;
}

int
sim_call_fchmod(void *ctx, int fd, uint32_t mode)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_FCHMOD, true, sim_ino_of(s, fd), NULL, 0};
	int rc = sim_ask(s, &c);

	if (rc == 0 && s->fat)
		return -EPERM;
	if (rc == 0)
		s->disk.v[c.ino].m[SIM_NOW].mode = mode & 07777;
	return rc < 0 ? rc : 0;
}

int
sim_call_futimes(void *ctx, int fd, struct stamp t)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_FUTIMES, true, sim_ino_of(s, fd), NULL, 0};
	int rc = sim_ask(s, &c);

	if (rc == 0)
		s->disk.v[c.ino].m[SIM_NOW].mtime = as_held(s, t);
	return rc < 0 ? rc : 0;
}

int
sim_call_utimes(void *ctx, int dir, const char *name, struct stamp t)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_UTIMES, true, sim_ino_of(s, dir), name, 0};
	int rc;
	uint32_t ino = named(s, &c, &rc);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (s->no_utimes)
		return -EOPNOTSUPP;
	s->disk.v[ino].m[SIM_NOW].mtime = as_held(s, t);
	sim_log(&s->disk, ino);
	return 0;
}

int
sim_call_truncate(void *ctx, int fd, uint64_t size)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_TRUNCATE, true, sim_ino_of(s, fd), NULL, 0};
	int rc = sim_ask(s, &c);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if ((rc = extend(s, c.ino, size)) != 0)
		return rc;
	sim_resize(&s->disk, c.ino, size);
	touch(s, c.ino);
	return 0;
}

int
sim_call_allocate(void *ctx, int fd, uint64_t size)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_ALLOCATE, true, sim_ino_of(s, fd), NULL, 0};
	int rc = sim_ask(s, &c);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (s->fat)
		return -EOPNOTSUPP;
	if ((rc = extend(s, c.ino, size)) == 0)
		touch(s, c.ino);
	return rc;
}

int
sim_call_clone(void *ctx, int to, int from)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_CLONE, true, sim_ino_of(s, to), NULL, 0};
	uint32_t source = sim_ino_of(s, from);
	struct sim_meta m;
	int rc;

	c.changes = !s->no_clone;
	if ((rc = sim_ask(s, &c)) != 0)
		return rc < 0 ? rc : 0;
	if (s->no_clone)
		return -EOPNOTSUPP;
	if ((rc = extend(s, c.ino, size_of(s, source))) != 0)
		return rc;
	m = s->disk.v[c.ino].m[SIM_NOW];
	m.data = s->disk.v[source].m[SIM_NOW].data;
	sim_meta_set(&s->disk.v[c.ino].m[SIM_NOW], &m);
	touch(s, c.ino);
	return 0;
}

static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint64_t
digest(const struct sim *s, uint32_t ino, uint64_t path, int depth,
    enum sim_digest what)
{
	const struct sim_view *w = &s->disk.view[SIM_NOW];
	const struct sim_inode *in = &s->disk.v[ino];
	const struct sim_meta *m = &in->m[SIM_NOW];
	uint64_t h = mix(path, in->type * 4096u + m->mode);
	enum sim_digest below;
	const char *name;
	int32_t i;

	h = mix(mix(h, (uint64_t)m->uid << 32 | m->gid),
	    m->attrs == NULL ? 0 : sim_blob_hash(m->attrs));
	if (what != SIM_BYTES && (what != SIM_LIVE || in->type != FS_DIR))
		h = mix(mix(h, (uint64_t)m->mtime.s), m->mtime.ns);
	if (in->type != FS_DIR)
		return mix(h, sim_blob_hash(m->data));
	/* A sum, since names come in any order. */
	for (i = in->head[SIM_NOW]; i >= 0; i = w->v[i].next) {
		name = sim_text(w->v[i].name);
		if (what == SIM_LIVE && depth == 0 && path_is_reserved(name))
			continue;
		below = what;
		if (what == SIM_BACKUP && depth == 0 && path_is_reserved(name))
			below = SIM_BYTES;
		h += digest(s, w->v[i].ino, mix(path, w->v[i].name + 7),
		    depth + 1, below);
	}
	return h;
}

uint64_t
sim_digest(const struct sim *s, const char *path, enum sim_digest what)
{
	uint32_t ino = sim_walk(s, path);

	return ino == 0 ? 0 : digest(s, ino, 99, 0, what);
}
