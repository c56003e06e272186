/*
 * Whole files and trees on top of the calls of fs.h: read, written durably,
 * copied, hashed, removed.  What several modules of store and apply need
 * alike.
 */
#include "engine/base/fs_file.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_owned.h"
#include "engine/base/sort.h"
#include "engine/base/sparse.h"
#include "engine/base/stream.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 64 * 1024, COPY_BYTES = 128 * 1024 };

/*
 * Of many copies that one sync will make durable, smaller ones are left to
 * it: it writes neighbours with one request, and a request for each costs
 * more than it saves.
 */
enum { EARLY_BYTES = 128 * 1024 };

int
file_read_open(const struct fs *fs, int fd, const char *path, struct buf *out,
    struct err *e)
{
	uint64_t off = 0;
	uint8_t beyond, *to;
	size_t room, asked;
	int64_t got;
	int rc;

	do {
		room = out->limit - out->len;
		room = room < READ_BYTES ? room : READ_BYTES;
		asked = room > 0 ? room : 1;
		/* A byte beyond the limit tells a file that is too large from
		 * a lack of memory. */
		to = &beyond;
		if (room > 0 && (rc = buf_reserve(out, room, &to, e)) != 0)
			return rc;
		got = fs_pread(fs, fd, to, asked, off);
		if (got == -ESPIPE || got == -EISDIR)
			return err_path(
			    e, ERP_CORRUPT, path, "is no regular file");
		if (got < 0)
			return err_sys(e, (int)-got, "read", path);
		if (got > 0 && room == 0)
			return err_path(
			    e, ERP_CORRUPT, path, "larger than it can be");
		assert(room > 0 || got == 0);
		buf_commit(out, (size_t)got);
		off += (uint64_t)got;
	} while ((size_t)got == asked);
	return 0;
}

int
file_read(const struct fs *fs, int dir, const char *path, struct buf *out,
    struct err *e)
{
	int fd = fs_open(fs, dir, path, FS_READ, 0);
	struct fs_stat st;
	int rc;

	/* The errno alone could be of the way there, or of a passing fault. */
	if ((fd == -ELOOP || fd == -ENXIO) &&
	    fs_stat(fs, dir, path, &st) == 0 && st.type != FS_FILE)
		return err_path(e, ERP_CORRUPT, path, "is no regular file");
	if (fd < 0)
		return at_failed(fd, "open", path, e);
	rc = file_read_open(fs, fd, path, out, e);
	fs_close_quietly(fs, &fd);
	return rc;
}

int
dir_sync(const struct fs *fs, int dir, const char *path, struct err *e)
{
	return at_sync(fs, dir, path[0] == '\0' ? "." : path, FS_DIRECTORY, e);
}

/* Write a new file and sync it, closing it in any case. */
static int
write_synced(const struct fs *fs, int fd, const char *path, const void *p,
    size_t n, struct err *e)
{
	int rc;

	if ((rc = fs_pwrite(fs, fd, p, n, 0)) < 0)
		rc = err_sys(e, -rc, "write", path);
	else
		rc = at_fsync(fs, fd, path, e);
	fs_close_quietly(fs, &fd);
	return rc;
}

/* 1: the disk closes no file to others. */
static int
set_rights(
    const struct fs *fs, int fd, const char *path, uint32_t mode, struct err *e)
{
	int rc;

	if (mode == AT_CLOSED)
		return at_is_closed(fs, fd) ? 0 : 1;
	if (mode == AT_PRIVATE || (rc = fs_fchmod(fs, fd, mode)) == 0)
		return 0;
	return err_sys(e, -rc, "set mode of", path);
}

int
file_write_durable(const struct fs *fs, int dir, const char *path,
    const void *p, size_t n, struct err *e)
{
	return file_write_shared(
	    fs, (struct at){dir, path}, AT_PRIVATE, p, n, e);
}

int
file_write_shared(const struct fs *fs, struct at to, uint32_t mode,
    const void *p, size_t n, struct err *e)
{
	const char *path = to.path;
	int dir = to.dir;
	char temp[FS_PATH_BYTES], above[FS_PATH_BYTES];
	char *slash;
	int fd, rc;

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return err_path(e, ERP_USAGE, path, "path too long");
	if ((rc = at_unlink_any(fs, dir, temp, e)) != 0)
		return rc;
	fd = at_create_mode(
	    fs, dir, temp, mode == AT_CLOSED ? AT_CLOSED : AT_PRIVATE, e);
	if (fd < 0)
		return fd;
	if ((rc = set_rights(fs, fd, temp, mode, e)) != 0) {
		fs_close_quietly(fs, &fd);
		goto out;
	}
	if ((rc = write_synced(fs, fd, temp, p, n, e)) != 0 ||
	    (rc = at_rename(fs, dir, temp, path, e)) != 0)
		goto out;
	(void)strlcpy(above, path, sizeof(above));
	slash = strrchr(above, '/');
	*(slash == NULL ? above : slash) = '\0';
	return dir_sync(fs, dir, above, e);
out:
	(void)fs_unlink(fs, dir, temp);
	return rc;
}

int
file_hash(const struct fs *fs, int fd, const char *path, struct hash *out,
    struct err *e)
{
	struct file_stream f = {fs, fd, 0, path};
	struct source src = source_of_file(&f);

	return hash_source(&src, out, NULL, e);
}

/* A copy as it is being made. */
struct copy {
	const struct fs *fs;
	const char *from;
	int in; /* or -1 */
	struct fs_stat st; /* of from */
	struct {
		const char *path;
		int fd; /* or -1 */
	} to[2];
	size_t n; /* new files */
};

static struct copy
copy_of(const struct fs *fs, const struct at *from, const struct at *to)
{
	return (struct copy){.fs = fs,
	    .from = from->path,
	    .in = -1,
	    .to = {{to->path, -1}, {NULL, -1}},
	    .n = 1};
}

static int
copy_begin(struct copy *c, int from_dir, int to_dir, struct err *e)
{
	const struct fs *fs = c->fs;
	size_t i;
	int rc;

	if ((rc = at_open(fs, from_dir, c->from, FS_READ, e)) < 0)
		return rc;
	c->in = rc;
	if ((rc = at_fstat(fs, c->in, c->from, &c->st, e)) != 0)
		return rc;
	for (i = 0; i < c->n; i++) {
		rc = at_create_mode(fs, to_dir, c->to[i].path,
		    AT_PRIVATE | (c->st.mode & 0100), e);
		if (rc < 0)
			return rc;
		assert(c->to[i].fd < 0);
		c->to[i].fd = rc;
	}
	return 0;
}

/* Share blocks; the number of new files that do.  A second one shares those
 * of the first, for from may change. */
static size_t
copy_clone(const struct copy *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (fs_clone(
			c->fs, c->to[i].fd, i == 0 ? c->in : c->to[0].fd) != 0)
			break;
	return i;
}

/* How much to read next: what grows meanwhile is copied as it was, but blocks
 * that are shared are all that there are. */
static size_t
next_chunk(const struct copy *c, size_t have, uint64_t off)
{
	return have > 0 || c->st.size - off > COPY_BYTES
	    ? COPY_BYTES
	    : (size_t)(c->st.size - off);
}

/* Pass all bytes by h, unless it is NULL, to all new files but so many that
 * have them already. */
static int
pass_bytes(const struct copy *c, size_t have, struct hasher *h, struct err *e)
{
	const char *from = have == 0 ? c->from : c->to[0].path;
	int in = have == 0 ? c->in : c->to[0].fd;
	size_t i, want = next_chunk(c, have, 0);
	uint8_t *chunk = malloc(want + 1);
	uint64_t off = 0;
	int64_t got = 1;
	int rc = 0;

	if (chunk == NULL)
		return err_nomem(e);
	while (rc == 0 && want > 0 && got > 0) {
		got = fs_pread(c->fs, in, chunk, want, off);
		if (got < 0)
			rc = err_sys(e, (int)-got, "read", from);
		else if (h != NULL)
			rc = hasher_update(h, chunk, (size_t)got, e);
		for (i = have; rc == 0 && i < c->n; i++) {
			rc = sparse_pwrite(
			    c->fs, c->to[i].fd, chunk, (size_t)got, off);
			if (rc < 0)
				rc = err_sys(e, -rc, "write", c->to[i].path);
		}
		off += got > 0 ? (uint64_t)got : 0;
		if (rc == 0)
			want = next_chunk(c, have, off);
	}
	free(chunk);
	for (i = have; rc == 0 && i < c->n; i++)
		if ((rc = sparse_end(c->fs, c->to[i].fd, off)) < 0)
			rc = err_sys(e, -rc, "write", c->to[i].path);
	return rc;
}

/* Is it better to begin writing the copy now than to leave it to a sync? */
static bool
is_early(const struct copy *c, const struct copied *made)
{
	return made->of < FS_MANY_FILES || c->st.size >= EARLY_BYTES;
}

/* Blocks or bytes; sum gets the hash of what lies there, unless it is NULL. */
static int
copy_content(
    struct copy *c, struct copied *made, struct hash *sum, struct err *e)
{
	size_t i, shared = made->plain ? 0 : copy_clone(c);
	bool early = is_early(c, made);
	struct hasher *h = NULL;
	int rc;

	assert(shared <= c->n);
	made->plain = shared == 0;
	if (shared == c->n && sum == NULL)
		return 0;
	if (sum != NULL && (rc = hasher_new(&h, e)) != 0)
		return rc;
	rc = pass_bytes(c, shared, h, e);
	if (rc == 0 && sum != NULL)
		rc = hasher_final(h, sum, e);
	hasher_free(h);
	for (i = shared; rc == 0 && early && i < c->n; i++)
		fs_writeback(c->fs, c->to[i].fd);
	return rc;
}

/* What the new file i has beside its content, in how it then lies there. */
static int
copy_attributes(const struct copy *c, size_t i, struct owned_like *like,
    struct fs_stat *st, struct err *e)
{
	struct owned_like none = {.fd = -1}, of = {c->in, OWNED_SAME, 0};
	struct owned_new to = {
	    c->to[i].fd, c->to[i].path, st->mode & 0777, &st->mtime};
	int rc;

	assert(i < c->n && to.fd >= 0);
	if (like != NULL) {
		to.mode = st->mode;
		of = like->fd < 0 ? of : *like;
	}
	rc = owned_set(c->fs, like == NULL ? &none : &of, &to, e);
	if (like != NULL)
		like->lost = of.lost;
	return rc != 0 ? rc : at_fstat(c->fs, to.fd, to.path, st, e);
}

static void
copy_close(struct copy *c)
{
	fs_close_quietly(c->fs, &c->in);
	fs_close_quietly(c->fs, &c->to[0].fd);
	fs_close_quietly(c->fs, &c->to[1].fd);
}

int
file_copy(const struct fs *fs, struct at from, struct at to,
    struct copied *made, struct err *e)
{
	struct copy c = copy_of(fs, &from, &to);
	struct copied plain = {.as = NULL};
	struct hash *sum = made == NULL ? NULL : &made->hash;
	struct owned_like too = {.fd = -1};
	struct second_copy *second;
	int rc;

	if (made == NULL)
		made = &plain;
	if ((second = made->second) != NULL)
		c.to[c.n++].path = second->to;
	if ((rc = copy_begin(&c, from.dir, to.dir, e)) == 0)
		rc = copy_content(&c, made, sum, e);
	if (rc == 0) {
		made->st = made->as == NULL ? c.st : *made->as;
		rc = copy_attributes(&c, 0, made->like, &made->st, e);
	}
	if (rc == 0 && second != NULL) {
		rc = copy_attributes(&c, 1, &too, &second->st, e);
		second->lost = too.lost;
	}
	copy_close(&c);
	return rc;
}

bool
file_link_is_refused(int rc)
{
	return rc < 0 && rc != -ENOSPC && rc != -EDQUOT && rc != -EIO &&
	    rc != -EEXIST && rc != -ENOMEM;
}

int
file_clone(const struct fs *fs, struct at from, struct at to, struct err *e)
{
	struct copy c = copy_of(fs, &from, &to);
	struct owned_like all = {.fd = -1};
	int rc = copy_begin(&c, from.dir, to.dir, e);
	bool shared = rc == 0 && copy_clone(&c) == 1;

	if (shared)
		rc = copy_attributes(&c, 0, &all, &c.st, e);
	copy_close(&c);
	if (rc != 0 || shared)
		return rc;
	rc = at_unlink(fs, to.dir, to.path, e);
	return rc == 0 ? 1 : rc;
}

int
dir_make(const struct fs *fs, int dir, const char *path, struct err *e)
{
	char part[FS_PATH_BYTES];
	size_t i, len = strlcpy(part, path, sizeof(part));
	struct fs_stat st;
	int rc = 0;

	if (len >= sizeof(part))
		return err_path(e, ERP_USAGE, path, "path too long");
	for (i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		rc = fs_mkdir(fs, dir, part, 0755);
		if (rc < 0 && rc != -EEXIST)
			return err_sys(e, -rc, "create folder", part);
		if (i < len)
			part[i] = '/';
	}
	/* Something else may have the last name. */
	if (rc == -EEXIST && (rc = fs_stat(fs, dir, path, &st)) == 0 &&
	    st.type != FS_DIR)
		rc = -EEXIST;
	return rc < 0 ? err_sys(e, -rc, "create folder", path) : 0;
}

int
names_add(struct names *list, const char *name, struct err *e)
{
	size_t cap = list->cap == 0 ? 16 : 2 * list->cap;
	char **v;

	assert(list->n <= list->cap);
	if (list->n == list->cap) {
		v = reallocarray(list->v, cap, sizeof(*v));
		if (v == NULL)
			return err_nomem(e);
		list->v = v;
		list->cap = cap;
	}
	if ((list->v[list->n] = strdup(name)) == NULL)
		return err_nomem(e);
	list->n++;
	return 0;
}

void
names_release(struct names *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}

static int
collect_name(void *arg, const char *name)
{
	return names_add(arg, name, NULL) == 0 ? 0 : -ENOMEM;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
names_list(const struct fs *fs, int fd, const char *path, struct names *out,
    struct err *e)
{
	int rc = fs_list(fs, fd, collect_name, out);

	if (rc < 0) {
		names_release(out);
		return err_sys(e, -rc, "read folder", path);
	}
	sort_array(out->v, out->n, sizeof(out->v[0]), compare_names);
	return 0;
}

int
names_read(const struct fs *fs, int dir, const char *path, struct names *out,
    struct err *e)
{
	const char *shown = path[0] == '\0' ? "." : path;
	int fd = fs_open(fs, dir, shown, FS_DIRECTORY, 0);
	int rc;

	if (fd < 0)
		return err_sys(e, -fd, "open folder", shown);
	rc = names_list(fs, fd, shown, out, e);
	fs_close_quietly(fs, &fd);
	return rc;
}
