/*
 * Opening the state folder: its lock, its format, and what a crash left in it.
 * Stands above all other files of the store and knows each one's beginning.
 */
#include "engine/store/store_hold.h"
#include "engine/store/store_internal.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT_BYTES = 64 };

static const char format_line[] = "erpsync state 1\n";
static const char *const folders[] = {
    "content", "blob", "key", "release", "tmp", NULL};

/* The folder above, opened; *name, inside of *copy to be freed, is what path is
 * called there. */
static int
open_above(
    struct store *s, const char *path, char **copy, char **name, struct err *e)
{
	char *above = *copy = strdup(path), *end;
	int dir;

	if (above == NULL)
		return err_nomem(e);
	for (end = above + strlen(above); end > above + 1 && end[-1] == '/';)
		*--end = '\0';
	*name = strrchr(above, '/');
	if (*name == NULL) {
		dir = fs_open_root(s->fs, ".");
		*name = above;
	} else {
		*(*name)++ = '\0';
		dir = fs_open_root(s->fs, above[0] == '\0' ? "/" : above);
	}
	return dir >= 0
	    ? dir
	    : err_sys(e, -dir, "open the folder above state folder", path);
}

/* The mkdir of name in dir, which path means, gave rc. */
static int
not_made(const struct store *s, int dir, const char *name, const char *path,
    int rc, struct err *e)
{
	struct fs_stat st;

	return rc == -EEXIST && fs_stat(s->fs, dir, name, &st) == 0 &&
		st.type == FS_SYMLINK
	    ? at_leads_nowhere(path, e)
	    : err_sys(e, -rc, "create state folder", path);
}

/* Make the last component of path below its parent and open it. */
static int
create_root(struct store *s, const char *path, struct err *e)
{
	char *copy, *name;
	int dir = open_above(s, path, &copy, &name, e), rc = dir;

	if (dir >= 0 && (rc = fs_mkdir(s->fs, dir, name, 0700)) < 0) {
		rc = not_made(s, dir, name, path, rc, e);
	} else if (dir >= 0) {
		rc = dir_sync(s->fs, dir, "", e);
		s->root = fs_open(s->fs, dir, name, FS_DIRECTORY, 0);
		if (rc == 0 && s->root < 0)
			rc = err_sys(e, -s->root, "open state folder", path);
	}
	fs_close_quietly(s->fs, &dir);
	free(copy);
	return rc;
}

/* It may have its name since a process that was killed made it: make sure that
 * it stays, where we may look above. */
static int
keep_root(struct store *s, const char *path, struct err *e)
{
	char *copy, *name;
	int dir = open_above(s, path, &copy, &name, e);
	int rc = dir >= 0  ? dir_sync(s->fs, dir, "", e)
	    : copy == NULL ? dir
			   : 0;

	fs_close_quietly(s->fs, &dir);
	free(copy);
	return rc;
}

static int
open_root(struct store *s, const char *path, struct err *e)
{
	s->root = fs_open_root(s->fs, path);
	if (s->root == -ENOENT)
		return create_root(s, path, e);
	if (s->root < 0)
		return err_sys(e, -s->root, "open state folder", path);
	return keep_root(s, path, e);
}

/* Of the folder called path; *fd is to be closed in any case. */
static int
take_lock(const struct store *s, const char *path, int *fd, struct err *e)
{
	int rc;

	*fd =
	    fs_open(s->fs, s->root, "lock", FS_WRITE | FS_CREATE_OR_OPEN, 0600);
	if (*fd < 0)
		return err_sys(e, -*fd, "open lock of", path);
	rc = fs_lock(s->fs, *fd);
	if (rc == -EAGAIN)
		return err_set(e, ERP_HELD,
		    "state folder %s is in use by another erpsync server; a "
		    "running server publishes by itself, also what erpsync "
		    "seal "
		    "sealed",
		    path);
	return rc < 0 ? err_sys(e, -rc, "lock", path) : 0;
}

/* Is what is called lock there the one that is held? */
static bool
has_lock(const struct store *s)
{
	struct fs_stat held, there;

	return fs_fstat(s->fs, s->lock_fd, &held) == 0 &&
	    fs_stat(s->fs, s->root, "lock", &there) == 0 &&
	    held.dev == there.dev && held.ino == there.ino;
}

static bool
is_format(const struct buf *text)
{
	return text->len == strlen(format_line) &&
	    memcmp(buf_data(text), format_line, text->len) == 0;
}

static int
another_version(const char *path, struct err *e)
{
	return err_set(e, ERP_USAGE,
	    "state folder %s is of another version of erpsync; name a new "
	    "folder or remove this one",
	    path);
}

static int
write_format(struct store *s, struct err *e)
{
	return file_write_durable(
	    s->fs, s->root, "format", format_line, strlen(format_line), e);
}

int
store_lock_again(struct store *s, struct err *e)
{
	int fd = -1, old, rc;

	if (has_lock(s))
		return 0;
	if ((rc = take_lock(s, "here", &fd, e)) == 0) {
		old = s->lock_fd;
		s->lock_fd = fd;
		fd = old;
	}
	fs_close_quietly(s->fs, &fd);
	return rc != 0 ? rc : 1;
}

int
store_found_anew(struct store *s, struct err *e)
{
	int rc = store_lock_again(s, e);

	return rc < 0 ? rc : write_format(s, e);
}

/* Is the folder ours?  Nothing is created in or removed from another's. */
static int
check_format(struct store *s, const char *path, struct err *e)
{
	struct fs_stat st;
	struct buf text;
	int i, rc;

	buf_init(&text, FORMAT_BYTES);
	rc = file_read(s->fs, s->root, "format", &text, e);
	if (rc == ERP_NOTFOUND) {
		for (i = 0; folders[i] != NULL; i++)
			if (fs_stat(s->fs, s->root, folders[i], &st) == 0)
				break;
		rc = folders[i] == NULL
		    ? write_format(s, e)
		    : err_set(e, ERP_USAGE,
			  "%s is no state folder of erpsync, but has files; "
			  "name a new or empty folder",
			  path);
	} else if (rc == ERP_CORRUPT || (rc == 0 && !is_format(&text))) {
		rc = another_version(path, e);
	}
	buf_release(&text);
	return rc;
}

static int
empty_temp(struct store *s, struct err *e)
{
	struct names list = {NULL, 0, 0};
	char path[STORE_PATH_BYTES * 3];
	size_t i;
	int rc = names_read(s->fs, s->root, "tmp", &list, e);

	for (i = 0; rc == 0 && i < list.n; i++) {
		(void)snprintf(path, sizeof(path), "tmp/%s", list.v[i]);
		rc = tree_remove(s->fs, s->root, path, e);
	}
	names_release(&list);
	return rc;
}

/*
 * Contents without a release are left from a publishing that was cut off;
 * they may never have been synced, so they must not be found.
 */
static int
drop_unneeded(struct store *s, struct err *e)
{
	struct hash_set needed = {.v = NULL};
	int rc;

	assert(s->blobs != NULL && s->blobs->pending.n == 0);
	if ((rc = releases_contents(s, &needed, e)) == 0)
		rc = contents_collect(s, &needed, e);
	hash_set_release(&needed);
	return rc;
}

static int
open_parts(struct store *s, const char *path, struct err *e)
{
	int i, rc;

	if ((rc = open_root(s, path, e)) != 0 ||
	    (rc = take_lock(s, path, &s->lock_fd, e)) != 0 ||
	    (rc = check_format(s, path, e)) != 0)
		return rc;
	for (i = 0; folders[i] != NULL; i++)
		if ((rc = dir_make(s->fs, s->root, folders[i], e)) != 0)
			return rc;
	/* A release is as durable as the names above it. */
	if ((rc = dir_sync(s->fs, s->root, "", e)) != 0)
		return rc;
	if ((rc = empty_temp(s, e)) != 0 || (rc = blobs_open(s, e)) != 0)
		return rc;
	return drop_unneeded(s, e);
}

void
store_set_clock(struct store *s, const struct clock *clock)
{
	s->clock = clock;
}

/* One that is not open yet. */
static int
store_new(const struct fs *fs, struct store **out, struct err *e)
{
	struct store *s = calloc(1, sizeof(*s));
	pthread_mutexattr_t attr;

	if (s == NULL)
		return err_nomem(e);
	s->fs = fs;
	s->clock = clock_real();
	s->root = s->lock_fd = -1;
	(void)pthread_mutexattr_init(&attr);
	(void)pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	(void)pthread_mutex_init(&s->publishing, &attr);
	(void)pthread_mutexattr_destroy(&attr);
	*out = s;
	return 0;
}

int
store_open(
    const struct fs *fs, const char *path, struct store **out, struct err *e)
{
	struct store *s;
	int rc;

	*out = NULL;
	if ((rc = store_new(fs, &s, e)) != 0)
		return rc;
	if ((s->path = strdup(path)) == NULL)
		rc = err_nomem(e);
	if (rc != 0 || (rc = open_parts(s, path, e)) != 0)
		store_close(s);
	else
		*out = s;
	return rc;
}

int
store_open_beside(
    const struct fs *fs, const char *path, struct store **out, struct err *e)
{
	struct store *s;
	struct buf text;
	int rc;

	*out = NULL;
	if ((rc = store_new(fs, &s, e)) != 0)
		return rc;
	buf_init(&text, FORMAT_BYTES);
	s->root = fs_open_root(fs, path);
	if (s->root < 0)
		rc = err_sys(e, -s->root, "open state folder", path);
	else
		rc = file_read(fs, s->root, "format", &text, e);
	if (rc == ERP_NOTFOUND)
		rc = err_set(e, ERP_NOTFOUND,
		    "there is no state folder %s yet; erpsync serve or publish "
		    "makes it",
		    path);
	else if (rc == ERP_CORRUPT || (rc == 0 && !is_format(&text)))
		rc = another_version(path, e);
	buf_release(&text);
	if (rc != 0)
		store_close(s);
	else
		*out = s;
	return rc;
}

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	blobs_close(s);
	fs_close_quietly(s->fs, &s->lock_fd);
	fs_close_quietly(s->fs, &s->root);
	free(s->path);
	(void)pthread_mutex_destroy(&s->publishing);
	free(s);
}
