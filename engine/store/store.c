/*
 * The ground of the store: names in the state folder, temporary files and their
 * way to a name, and the sweep over all that lie under a kind.
 */
#include "engine/store/store_internal.h"

#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A folder that is made and removed again. */
#define PROBE "probe"

enum { HH_LEN = 2 };

const struct fs *
store_fs(const struct store *s)
{
	return s->fs;
}

int
store_dir(const struct store *s)
{
	return s->root;
}

bool
store_is_gone(const struct store *s)
{
	struct fs_stat st;

	/* What it is known by is written before anything else. */
	return fs_stat(s->fs, s->root, "format", &st) == -ENOENT;
}

bool
store_is_moved(const struct store *s)
{
	int fd = s->path == NULL ? -EIO : fs_open_root(s->fs, s->path);
	bool moved = fd == -ENOENT || fd == -ENOTDIR;
	struct fs_stat ours, there;

	/* What cannot be told is no reason to complain. */
	if (fd >= 0 && fs_fstat(s->fs, s->root, &ours) == 0 &&
	    fs_fstat(s->fs, fd, &there) == 0)
		moved = ours.dev != there.dev || ours.ino != there.ino;
	fs_close_quietly(s->fs, &fd);
	return moved;
}

void
store_path(char out[STORE_PATH_BYTES], const char *kind, const struct hash *h)
{
	char hex[HASH_HEX_LEN + 1];

	hash_hex(h, hex);
	(void)snprintf(
	    out, STORE_PATH_BYTES, "%s/%.*s/%s", kind, HH_LEN, hex, hex);
}

static int
removed(struct err *e)
{
	return err_set(
	    e, ERP_IO, "the state folder was removed; start the server again");
}

int
store_missed(const struct store *s, struct err *e)
{
	/* Into one that was only emptied all is published again: only there a
	 * folder can be made. */
	if (!store_is_gone(s))
		return ERP_NOTFOUND;
	if (fs_mkdir(s->fs, s->root, PROBE, 0700) == -ENOENT)
		return removed(e);
	(void)fs_rmdir(s->fs, s->root, PROBE);
	return ERP_NOTFOUND;
}

/* A call in the state folder gave rc, which e tells: say where that was.  Not
 * found is what the server serves from, never a file of the update folder. */
static int
failed_here(const struct store *s, int rc, struct err *e)
{
	if (rc == ERP_NOTFOUND && store_is_gone(s))
		return removed(e);
	return rc < 0 ? err_context(e, "state folder") : rc;
}

/* The file, and its folder where somebody cleaned up while we serve. */
static int
create_temp(struct store *s, const char *path, struct err *e)
{
	int rc = at_create(s->fs, s->root, path, e);

	if (rc == ERP_NOTFOUND &&
	    (rc = dir_make(s->fs, s->root, "tmp", e)) == 0)
		rc = at_create(s->fs, s->root, path, e);
	return failed_here(s, rc, e);
}

int
store_temp(struct store *s, char path[STORE_PATH_BYTES], struct err *e)
{
	uint64_t n;

	store_lock(s);
	n = s->blobs->temp_n++;
	store_unlock(s);
	(void)snprintf(
	    path, STORE_PATH_BYTES, "tmp/%llu", (unsigned long long)n);
	return create_temp(s, path, e);
}

int
store_place(struct store *s, const char *temp, const char *kind,
    const struct hash *h, struct err *e)
{
	char path[STORE_PATH_BYTES], above[STORE_PATH_BYTES];
	int rc;

	store_path(path, kind, h);
	rc = fs_rename(s->fs, s->root, temp, s->root, path, true);
	if (rc == -ENOENT) {
		(void)strlcpy(above, path, sizeof(above));
		*strrchr(above, '/') = '\0';
		if ((rc = dir_make(s->fs, s->root, above, e)) != 0)
			return failed_here(s, rc, e);
		rc = fs_rename(s->fs, s->root, temp, s->root, path, true);
	}
	return failed_here(
	    s, rc < 0 ? err_sys(e, -rc, "rename to", path) : 0, e);
}

/* One folder kind/HH of a sweep. */
static int
sweep_folder(struct store *s, const char *above, store_keep_fn *keep, void *arg,
    struct err *e)
{
	struct names list = {NULL, 0, 0};
	char path[2 * STORE_PATH_BYTES], *name = path;
	struct hash h;
	size_t i;
	int rc = names_read(s->fs, s->root, above, &list, e);

	name += snprintf(path, STORE_PATH_BYTES, "%s/", above);
	for (i = 0; rc == 0 && i < list.n; i++) {
		if (!hash_parse(list.v[i], &h))
			continue;
		memcpy(name, list.v[i], HASH_HEX_LEN + 1);
		store_lock(s);
		if (!keep(arg, path, &h))
			rc = at_unlink_any(s->fs, s->root, path, e);
		store_unlock(s);
	}
	names_release(&list);
	return rc;
}

int
store_sweep(struct store *s, const char *kind, store_keep_fn *keep, void *arg,
    struct err *e)
{
	struct names list = {NULL, 0, 0};
	char above[STORE_PATH_BYTES];
	size_t i;
	int rc = names_read(s->fs, s->root, kind, &list, e);

	for (i = 0; rc == 0 && i < list.n; i++) {
		if (strlen(list.v[i]) != HH_LEN)
			continue;
		(void)snprintf(
		    above, sizeof(above), "%s/%.2s", kind, list.v[i]);
		rc = sweep_folder(s, above, keep, arg, e);
	}
	names_release(&list);
	return rc;
}
