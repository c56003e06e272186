/*
 * What a backup holds, and which files may share their bytes with it: a scan
 * of the live folder, with what the plan hashed already.  Its list is what
 * backup.c makes.
 */
#include "engine/apply/backup.h"

#include "engine/apply/backup_before.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/path.h"
#include "engine/base/reserved.h"
#include "engine/base/sort.h"
#include "engine/tree/filter.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A file without a NUL byte up to here is text, which programs edit. */
enum { TEXT_BYTES = 8000, TARGET_BYTES = 4096 };

struct backup_hint *
backup_hints_add(struct backup_hints *h)
{
	size_t cap = h->cap == 0 ? 64 : 2 * h->cap;
	struct backup_hint *v = h->v;

	if (h->n == h->cap) {
		if ((v = reallocarray(v, cap, sizeof(*v))) == NULL)
			return NULL;
		h->v = v;
		h->cap = cap;
	}
	memset(&v[h->n], 0, sizeof(*v));
	return &v[h->n++];
}

/* By path; of two hints the more careful one comes first. */
static int
compare_hints(const void *a, const void *b)
{
	const struct backup_hint *x = a, *y = b;
	int order = strcmp(x->path, y->path);

	if (order == 0)
		order = (int)y->goes - (int)x->goes;
	return order != 0 ? order : (int)x->pristine - (int)y->pristine;
}

void
backup_hints_sort(struct backup_hints *h)
{
	sort_array(h->v, h->n, sizeof(h->v[0]), compare_hints);
}

void
backup_hints_release(struct backup_hints *h)
{
	free(h->v);
	memset(h, 0, sizeof(*h));
}

static int
compare_hint_path(const void *key, const void *hint)
{
	return strcmp(key, ((const struct backup_hint *)hint)->path);
}

const struct backup_hint *
backup_hints_next(const struct backup_hints *h, const char *path, size_t *at)
{
	const struct backup_hint *x = NULL;

	if (*at < h->n && strcmp(h->v[*at].path, path) == 0)
		x = &h->v[*at];
	else if (h->n > 0)
		x = bsearch(
		    path, h->v, h->n, sizeof(h->v[0]), compare_hint_path);
	if (x == NULL)
		return NULL;
	while (x > h->v && strcmp(x[-1].path, path) == 0)
		x--;
	*at = (size_t)(x - h->v) + 1;
	return x;
}

/* A name in an open folder, and what it is in the client folder. */
struct place {
	int dir;
	const char *name;
	const char *path;
};

static int
is_text(const struct fs *fs, const struct place *at, uint64_t size,
    bool *opened, struct err *e)
{
	const char *path = at->path, *dot = strrchr(path, '.');
	char head[TEXT_BYTES];
	int64_t got;
	int fd;

	if (dot != NULL && strcasecmp(dot, ".ini") == 0)
		return 1;
	if ((fd = fs_open(fs, at->dir, at->name, FS_READ, 0)) < 0)
		return at_failed(fd, "back up", path, e);
	*opened = true;
	got = fs_pread(
	    fs, fd, head, size < sizeof(head) ? size : sizeof(head), 0);
	fs_close_quietly(fs, &fd);
	if (got < 0)
		return err_sys(e, (int)-got, "read", path);
	return got == 0 || memchr(head, 0, (size_t)got) == NULL;
}

int
backup_is_text(struct folder *f, const char *path, struct err *e)
{
	bool opened;

	return is_text(
	    f->fs, &(struct place){f->dir, path, path}, TEXT_BYTES, &opened, e);
}

struct walk {
	struct folder *f;
	int dir; /* the folder that is walked */
	const struct backup_hints *hints;
	size_t hint_at; /* where the next one is looked for */
	const struct filter *leave; /* of the user's files, or NULL */
	struct backup_before *before; /* NULL: nobody asks how */
	struct backup_list *out;
};

/* What a name is, of which hint is known. */
static int
look(const struct walk *w, const struct place *at,
    const struct backup_hint *hint, struct fs_stat *st)
{
	/* Before a backup is made each is looked at anew. */
	if (w->before != NULL &&
	    backup_before_shares(w->before, w->hints->looks ? hint : NULL, st))
		return 0;
	return fs_stat(w->f->fs, at->dir, at->name, st);
}

/* Share or copy, and the hash if it is known. */
static int
classify(const struct walk *w, const struct place *at,
    const struct backup_hint *hint, const struct fs_stat *live,
    struct backup_entry *x, struct err *e)
{
	int rc;

	assert(x->type == FS_FILE);
	x->how = BACKUP_COPY;
	if (hint == NULL && filter_excludes(w->leave, x->path)) {
		x->how = BACKUP_LEAVE;
		return 0;
	}
	/* Another size or time: changed since it was looked at. */
	if (hint != NULL &&
	    (hint->content.size != x->content.size ||
		!stamp_equal(hint->mtime, x->mtime)))
		return 0;
	if (hint != NULL)
		x->content = hint->content;
	if (w->before != NULL && backup_before_tells(w->before, live, hint, x))
		return 0;
	if (hint == NULL || !hint->pristine)
		return 0;
	if ((rc = is_text(w->f->fs, at, x->content.size, &x->opened, e)) == 0)
		x->how = BACKUP_SHARE;
	return rc < 0 ? rc : 0;
}

static int
read_target(const struct fs *fs, const struct place *at, struct backup_entry *x,
    struct err *e)
{
	char target[TARGET_BYTES + 1];
	int n = fs_readlink(fs, at->dir, at->name, target, TARGET_BYTES);

	if (n < 0)
		return err_sys(e, -n, "read link", x->path);
	target[n] = '\0';
	if ((x->target = strdup(target)) == NULL)
		return err_nomem(e);
	return 0;
}

static int walk_folder(
    struct walk *w, const char *path, int depth, struct err *e);

static void
leave_out(const struct walk *w, const char *path, const struct fs_stat *st)
{
	if (w->hints->looks)
		return;
	folder_warn(w->f, path,
	    st->type == FS_OTHER
		? "is not a file, folder or link; it is not backed up"
		: "another file system is mounted here; it is not backed up");
}

/* What is left out need not fit into a backup. */
static int
unfit(const struct walk *w, const char *path, struct err *e)
{
	return filter_excludes(w->leave, path)
	    ? 0
	    : err_path(e, ERP_BLOCKED, path,
		  "is too deep or too long to back up; move it out of the "
		  "folder, or leave it out (--backup-exclude)");
}

static int
walk_one(struct walk *w, const struct place *at, int depth, struct err *e)
{
	const char *path = at->path;
	const struct backup_hint *hint =
	    backup_hints_next(w->hints, path, &w->hint_at);
	struct backup_entry *x;
	struct fs_stat st;
	int rc = look(w, at, hint, &st);

	if (rc == -ENOENT)
		return 0; /* a temporary file of a running program */
	if (rc < 0)
		return err_sys(e, -rc, "back up", path);
	if (st.type == FS_OTHER || st.mounted) {
		leave_out(w, path, &st);
		return 0;
	}
	if (!raw_path_ok(path, strlen(path)))
		return unfit(w, path, e);
	if ((x = backup_list_add(w->out, path)) == NULL)
		return err_nomem(e);
	x->type = st.type;
	x->mode = st.mode;
	x->content.size = st.type == FS_FILE ? st.size : 0;
	x->taken = st.taken < st.size ? st.taken : st.size;
	x->mtime = st.mtime;
	if (st.type == FS_FILE)
		return classify(w, at, hint, &st, x, e);
	if (st.type == FS_SYMLINK) {
		if ((rc = read_target(w->f->fs, at, x, e)) != ERP_NOTFOUND)
			return rc;
		backup_list_drop(w->out, w->out->n - 1);
		return 0;
	}
	rc = walk_folder(w, path, depth + 1, e);
	/* What cannot be read may be left out, with all that is in it. */
	if (rc == ERP_AUTH && filter_excludes(w->leave, path)) {
		assert(strcmp(w->out->v[w->out->n - 1].path, path) == 0);
		backup_list_drop(w->out, w->out->n - 1);
		rc = 0;
	}
	return rc;
}

static int
walk_folder(struct walk *w, const char *path, int depth, struct err *e)
{
	char below[OWN_PATH_BYTES];
	const struct fs *fs = w->f->fs;
	struct names list = {NULL, 0, 0};
	struct place at = {-1, NULL, below};
	size_t i;
	int rc;

	assert(depth <= RAW_PATH_DEPTH);
	/* It is open while its names are looked at, so that their paths are
	 * not gone down again for each. */
	at.dir = fs_open(fs, w->dir, depth == 0 ? "." : path, FS_DIRECTORY, 0);
	rc = at.dir < 0 ? err_sys(e, -at.dir, "back up", path)
			: names_list(fs, at.dir, path, &list, e);
	/* A program has removed it meanwhile. */
	if (rc == ERP_NOTFOUND && depth > 0)
		rc = 0;
	if (rc == ERP_AUTH && depth > 0)
		return err_path(e, ERP_AUTH, path, BACKUP_UNREADABLE);
	for (i = 0; rc == 0 && i < list.n; i++) {
		if (depth == 0 && path_is_reserved(list.v[i]))
			continue;
		at.name = list.v[i];
		if (own_join(below, path, list.v[i], NULL) == 0)
			rc = walk_one(w, &at, depth, e);
		else if (!filter_excludes(w->leave, list.v[i]))
			rc = unfit(w, path, e);
	}
	fs_close_quietly(fs, &at.dir);
	names_release(&list);
	return rc;
}

int
backup_collect(struct folder *f, const struct backup_hints *hints,
    struct backup_list *out, struct err *e)
{
	struct backup_before before;
	struct walk w = {
	    f, f->dir, hints, 0, f->opt.backup_exclude, &before, out};
	int rc;

	backup_before_open(&before, f);
	if ((rc = walk_folder(&w, "", 0, e)) == 0)
		backup_list_sort(out);
	backup_before_close(&before);
	if (!hints->looks)
		backup_before_note(f, NULL);
	return rc;
}

int
backup_scan(struct folder *f, const char *folder, struct backup_list *out,
    struct err *e)
{
	const struct backup_hints none = {.looks = true};
	struct walk w = {f, -1, &none, 0, NULL, NULL, out};
	int rc;

	if ((w.dir = at_open(f->fs, f->dir, folder, FS_DIRECTORY, e)) < 0)
		return w.dir;
	if ((rc = walk_folder(&w, "", 0, e)) == 0)
		backup_list_sort(out);
	fs_close_quietly(f->fs, &w.dir);
	return rc;
}
