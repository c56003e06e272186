/*
 * From a folder to a manifest, by stat only: the first step of publishing,
 * updating and verifying.  Hashes come later, where they are needed
 * (hashcache.h).
 */
#include "engine/tree/scan.h"
#include "engine/base/reserved.h"

#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/tree/filter.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Tell the observer after so many entries. */
enum { EVENT_EACH = 256 };

/* Of a station's folder: whatever it is, backups would have to hold it. */
#define FOLDER_CLOSED                                                          \
	"this user may not open this folder; give him the right, or leave it " \
	"out (--backup-exclude, for updates --exclude too)"

/* A manifest that is compared with what is found. */
struct comparison {
	const struct manifest *m;
	bool *seen; /* for each of its entries */
	size_t next; /* the one that mostly comes next */
	size_t n; /* seen so far */
};

struct scan {
	const struct fs *fs;
	const struct scan_options *opt;
	struct manifest *m;
	struct comparison *with; /* NULL: entries go into m */
};

/* The longest path plus one component of any file system. */
typedef char path_text[PATH_MAX_BYTES + 512];

void
scan_set_stat(struct entry *en, const struct fs_stat *st)
{
	en->content.size = st->size;
	en->mtime = en->raw = st->mtime;
	en->exec = (st->mode & 0100) != 0;
	en->is_public = (st->mode & 044) == 044;
	en->ino = st->ino;
	if (st->mtime.s >= 0 && st->mtime.s <= ENTRY_MAX_MTIME)
		return;
	en->mtime = (struct stamp){st->mtime.s < 0 ? 0 : ENTRY_MAX_MTIME, 0};
}

/* What e says cannot be managed: skip it, or fail with its code. */
static int
unmanageable(const struct scan *s, const char *path, const struct err *e)
{
	struct event ev = {.kind = EVENT_WARN, .path = path, .text = e->msg};
	struct err told;

	if (!s->opt->skip_unmanageable)
		return e->code;
	(void)err_set(&told, e->code, "%s; it is left alone", e->msg);
	if (!s->opt->refuses)
		ev.text = told.msg;
	observe(s->opt->obs, &ev);
	return 0;
}

bool
scan_equal(const struct entry *a, const struct entry *b)
{
	if (strcmp(a->path, b->path) != 0 || a->type != b->type ||
	    a->content.size != b->content.size ||
	    !stamp_equal(a->raw, b->raw) || a->exec != b->exec ||
	    a->ino != b->ino)
		return false;
	if (a->target == NULL || b->target == NULL)
		return a->target == b->target;
	return strcmp(a->target, b->target) == 0;
}

/* Was it there, once? */
static int
compare_entry(struct comparison *c, const struct entry *en, struct err *e)
{
	const struct entry *was =
	    c->next < c->m->n && strcmp(c->m->v[c->next].path, en->path) == 0
	    ? &c->m->v[c->next]
	    : manifest_find(c->m, en->path);
	size_t i = was == NULL ? 0 : (size_t)(was - c->m->v);

	if (was == NULL || c->seen[i] || !scan_equal(was, en))
		return err_path(
		    e, ERP_BUSY, en->path, "changed while it was read");
	c->seen[i] = true;
	c->next = i + 1;
	c->n++;
	return 0;
}

static int
add_entry(const struct scan *s, const struct entry *en, struct err *e)
{
	struct event ev = {.kind = EVENT_SCAN, .path = en->path};
	int rc;

	if (s->m->n >= MANIFEST_MAX_ENTRIES)
		return err_set(
		    e, ERP_USAGE, "more than %d entries", MANIFEST_MAX_ENTRIES);
	rc = s->with != NULL ? compare_entry(s->with, en, e)
			     : manifest_add(s->m, en, e);
	if (rc != 0)
		return rc;
	ev.done = s->with != NULL ? s->with->n : s->m->n;
	if (ev.done % EVENT_EACH != 0)
		return 0;
	observe(s->opt->obs, &ev);
	return observer_asks(s->opt->obs, e);
}

static int
scan_link(const struct scan *s, int dir, const char *name,
    const struct entry *stat, struct err *e)
{
	char target[PATH_MAX_BYTES + 2];
	struct entry en = *stat;
	int n = fs_readlink(s->fs, dir, name, target, sizeof(target) - 1);

	if (n == -ENOENT || n == -EINVAL)
		return 0; /* gone, or no link any more, since the stat */
	if (n < 0)
		return err_sys(e, -n, "read link", en.path);
	assert((size_t)n < sizeof(target));
	target[n] = '\0';
	en.type = ENTRY_SYMLINK;
	en.target = target;
	en.content.size = 0;
	en.exec = false;
	if (s->m->os == PATH_OS_WINDOWS) {
		(void)err_path(e, ERP_USAGE, en.path,
		    "symbolic link in a set for windows");
		return unmanageable(s, en.path, e);
	}
	if (path_check_link(en.path, target, e) != 0)
		return unmanageable(s, en.path, e);
	return add_entry(s, &en, e);
}

static int scan_dir(
    const struct scan *s, int dir, char *path, size_t len, struct err *e);

static int
scan_subdir(const struct scan *s, int dir, const char *name, path_text path,
    struct err *e)
{
	struct entry en;
	int rc, fd = fs_open(s->fs, dir, name, FS_DIRECTORY, 0);

	if (fd == -ENOENT)
		return 0;
	if (fd == -EXDEV) {
		(void)err_path(
		    e, ERP_USAGE, path, "another file system is mounted here");
		return unmanageable(s, path, e);
	}
	if (fd == -EACCES && filter_excludes(s->opt->closed, path))
		return 0;
	if (fd < 0) {
		rc = err_sys(e, -fd, "open folder", path);
		if (fd != -EACCES)
			return rc;
		if (s->opt->closed_n == NULL)
			return s->opt->skip_unmanageable
			    ? err_path(e, ERP_AUTH, path, FOLDER_CLOSED)
			    : rc;
		(*s->opt->closed_n)++;
		return unmanageable(s, path, e);
	}
	memset(&en, 0, sizeof(en));
	en.path = path;
	en.type = ENTRY_DIR;
	if ((rc = add_entry(s, &en, e)) == 0)
		rc = scan_dir(s, fd, path, strlen(path), e);
	fs_close_quietly(s->fs, &fd);
	return rc;
}

static int
scan_file(const struct scan *s, struct entry *en, struct err *e)
{
	en->type = ENTRY_FILE;
	if (en->content.size <= ENTRY_MAX_SIZE)
		return add_entry(s, en, e);
	(void)err_path(e, ERP_USAGE, en->path, "file too large");
	return unmanageable(s, en->path, e);
}

/* One name of a directory; path is its whole path. */
static int
scan_name(const struct scan *s, int dir, const char *name, path_text path,
    struct err *e)
{
	struct fs_stat st;
	struct entry en;
	int rc;

	if (path_is_reserved(path) || filter_excludes(s->opt->filter, path))
		return 0;
	if (path_check(path, strlen(path), s->m->os, e) != 0)
		return unmanageable(s, path, e);
	rc = fs_stat(s->fs, dir, name, &st);
	if (rc == -ENOENT)
		return 0; /* gone since the listing */
	if (rc < 0)
		return err_sys(e, -rc, "stat", path);
	if (st.mounted) {
		(void)err_path(
		    e, ERP_USAGE, path, "another file system is mounted here");
		return unmanageable(s, path, e);
	}
	memset(&en, 0, sizeof(en));
	en.path = path;
	scan_set_stat(&en, &st);
	switch (st.type) {
	case FS_FILE:
		return scan_file(s, &en, e);
	case FS_DIR:
		return scan_subdir(s, dir, name, path, e);
	case FS_SYMLINK:
		return scan_link(s, dir, name, &en, e);
	case FS_OTHER:
		break;
	}
	(void)err_path(e, ERP_USAGE, path, "a device, a FIFO or a socket");
	return unmanageable(s, path, e);
}

/* All of the open directory whose path is the first len bytes of path. */
static int
scan_dir(const struct scan *s, int dir, char *path, size_t len, struct err *e)
{
	struct names list = {NULL, 0, 0};
	size_t i, at = len == 0 ? 0 : len + 1, room = sizeof(path_text) - at;
	int rc = names_list(s->fs, dir, len == 0 ? "." : path, &list, e);

	assert(len < sizeof(path_text));
	for (i = 0; rc == 0 && i < list.n; i++) {
		if (len > 0)
			path[len] = '/';
		if (strlcpy(path + at, list.v[i], room) >= room)
			rc = err_path(e, ERP_USAGE, path, "path too long");
		else
			rc = scan_name(s, dir, list.v[i], path, e);
	}
	names_release(&list);
	return rc;
}

int
scan_folder(const struct fs *fs, int dir, const struct scan_options *opt,
    struct manifest *m, struct err *e)
{
	struct scan s = {fs, opt, m, NULL};
	struct event ev = {.kind = EVENT_SCAN};
	struct err own;
	path_text path = "";
	int rc;

	/* Warnings are made of errors, wanted by the caller or not. */
	if (e == NULL)
		e = &own;
	rc = scan_dir(&s, dir, path, 0, e);
	if (rc == 0)
		rc = manifest_sort(m, e);
	if (rc != 0) {
		manifest_release(m);
		return rc;
	}
	ev.done = m->n;
	observe(opt->obs, &ev);
	return 0;
}

bool
scan_is_same(const struct fs *fs, int dir, const struct scan_options *opt,
    const struct manifest *m)
{
	struct comparison with = {m, calloc(m->n + 1, sizeof(bool)), 0, 0};
	struct manifest none;
	struct scan s = {fs, opt, &none, &with};
	path_text path = "";
	struct err why;
	bool same;

	manifest_init(&none, m->os);
	same = with.seen != NULL && scan_dir(&s, dir, path, 0, &why) == 0 &&
	    with.n == m->n;
	free(with.seen);
	return same;
}

int
scan_hash(const struct fs *fs, int dir, struct manifest *m, struct err *e)
{
	struct entry *entry;
	size_t i;
	int fd, rc = 0;

	for (i = 0; rc == 0 && i < m->n; i++) {
		entry = &m->v[i];
		if (entry->type != ENTRY_FILE)
			continue;
		if ((fd = at_open(fs, dir, entry->path, FS_READ, e)) < 0)
			return fd;
		rc = file_hash(fs, fd, entry->path, &entry->content.hash, e);
		entry->content.known = rc == 0;
		fs_close_quietly(fs, &fd);
	}
	return rc;
}
