/*
 * What the disk made of attributes: read after the scan and before the plan,
 * tried after the plan, written after the commit.  A cache beside the state:
 * each entry says of itself what was written and what lay there then, so it
 * is true of any release.
 */
#include "engine/apply/disk_attrs.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define HELD_MAGIC "ERPHELD1"
#define PROBE "probe.new" /* garbage, if it is left */

enum {
	COARSE_S = 2, /* FAT's step: a time that is further off was not set */
	EXEC_WROTE = 1,
	EXEC_LIES = 2,
	FILE_MAX = 256 * 1024 * 1024
};

struct held {
	char *path;
	struct stamp wrote, lies;
	bool wrote_exec, lies_exec;
	bool gone; /* to be left out of the file */
};

struct held_list {
	struct held *v; /* sorted by path up to sorted_n */
	size_t n, cap, sorted_n;
};

static void
list_release(struct held_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i].path);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

static int
compare_held(const void *a, const void *b)
{
	return strcmp(
	    ((const struct held *)a)->path, ((const struct held *)b)->path);
}

static struct held *
list_find(const struct held_list *l, char *path)
{
	struct held key = {.path = path};

	return l->sorted_n == 0
	    ? NULL
	    : bsearch(&key, l->v, l->sorted_n, sizeof(key), compare_held);
}

/* The path becomes the list's, also without memory. */
static int
list_add(struct held_list *l, const struct held *x, struct err *e)
{
	size_t cap = l->cap == 0 ? 64 : 2 * l->cap;
	struct held *v = l->v;

	if (l->n == l->cap) {
		if ((v = reallocarray(v, cap, sizeof(*v))) == NULL) {
			free(x->path);
			return err_nomem(e);
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = *x;
	return 0;
}

/* In the place of what is known of the path. */
static int
list_put(struct held_list *l, const struct held *x, struct err *e)
{
	struct held *known = list_find(l, x->path), copy = *x;

	if (known != NULL) {
		copy.path = known->path;
		*known = copy;
		return 0;
	}
	if ((copy.path = strdup(x->path)) == NULL)
		return err_nomem(e);
	return list_add(l, &copy, e);
}

static void
list_sort(struct held_list *l)
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), compare_held);
	l->sorted_n = l->n;
}

static struct stamp
get_stamp(struct cursor *c)
{
	int64_t s = (int64_t)cursor_u64(c);

	return (struct stamp){s, cursor_u32(c)};
}

static int
put_stamp(struct buf *b, struct stamp t, struct err *e)
{
	int rc = put_u64(b, (uint64_t)t.s, e);

	return rc != 0 ? rc : put_u32(b, t.ns, e);
}

static int
list_decode(struct held_list *l, struct cursor *c, struct err *e)
{
	uint32_t n = cursor_u32(c);
	struct held x;
	uint8_t flags;
	int rc = 0;

	for (; rc == 0 && n > 0; n--) {
		memset(&x, 0, sizeof(x));
		flags = cursor_u8(c);
		x.wrote_exec = (flags & EXEC_WROTE) != 0;
		x.lies_exec = (flags & EXEC_LIES) != 0;
		x.wrote = get_stamp(c);
		x.lies = get_stamp(c);
		if ((rc = record_get_path(c, &x.path, e)) == 0)
			rc = list_add(l, &x, e);
	}
	if (rc == 0 && !cursor_end(c))
		rc = err_set(e, ERP_CORRUPT, "it is malformed");
	list_sort(l);
	return rc;
}

/* What is missing or damaged is nothing. */
static int
list_read(const struct folder *f, struct held_list *l, struct err *e)
{
	struct err why;
	struct cursor c;
	struct buf b;
	int rc;

	memset(l, 0, sizeof(*l));
	if (f->own < 0)
		return 0;
	buf_init(&b, FILE_MAX);
	rc = record_read(
	    f->fs, (struct at){f->own, OWN_HELD}, HELD_MAGIC, &b, &c, &why);
	if (rc == 0)
		rc = list_decode(l, &c, &why);
	buf_release(&b);
	if (rc != 0)
		list_release(l);
	return rc == ERP_NOMEM ? err_nomem(e) : 0;
}

static int
list_write(struct folder *f, const struct held_list *l, struct err *e)
{
	uint32_t count = 0;
	struct buf b;
	size_t i;
	int rc;

	for (i = 0; i < l->n; i++)
		count += !l->v[i].gone;
	if (count == 0)
		return at_unlink_any(f->fs, f->own, OWN_HELD, e);
	buf_init(&b, FILE_MAX);
	if ((rc = record_begin(&b, HELD_MAGIC, e)) == 0)
		rc = put_u32(&b, count, e);
	for (i = 0; rc == 0 && i < l->n; i++) {
		const struct held *x = &l->v[i];

		if (x->gone)
			continue;
		if ((rc = put_u8(&b,
			 (uint8_t)((x->wrote_exec ? EXEC_WROTE : 0) |
			     (x->lies_exec ? EXEC_LIES : 0)),
			 e)) == 0 &&
		    (rc = put_stamp(&b, x->wrote, e)) == 0 &&
		    (rc = put_stamp(&b, x->lies, e)) == 0)
			rc = record_put_text(&b, x->path, e);
	}
	if (rc == 0 && (rc = record_end(&b, e)) == 0)
		rc = file_write_durable(
		    f->fs, f->own, OWN_HELD, buf_data(&b), b.len, e);
	buf_release(&b);
	return rc;
}

int
disk_attrs_read_back(
    const struct folder *f, struct manifest *have, struct err *e)
{
	struct held_list l;
	struct entry *x;
	size_t i;
	int rc;

	if ((rc = list_read(f, &l, e)) != 0)
		return rc;
	for (i = 0; i < l.n; i++) {
		x = manifest_find(have, l.v[i].path);
		if (x == NULL || x->type == ENTRY_DIR ||
		    !stamp_equal(x->raw, l.v[i].lies) ||
		    (x->type == ENTRY_FILE && x->exec != l.v[i].lies_exec))
			continue;
		x->mtime = l.v[i].wrote;
		x->exec = l.v[i].wrote_exec;
	}
	list_release(&l);
	return 0;
}

/* Give a new file or link what want has, and look what lies there. */
static int
probe(struct folder *f, const struct entry *want, struct fs_stat *st,
    struct err *e)
{
	int fd, rc = at_unlink_any(f->fs, f->own, PROBE, e);

	if (rc != 0)
		return rc;
	if (want->type == ENTRY_SYMLINK) {
		if ((rc = fs_symlink(f->fs, "x", f->own, PROBE)) == 0)
			rc = fs_utimes(f->fs, f->own, PROBE, want->mtime);
		if (rc < 0)
			return err_sys(e, -rc, "create link", PROBE);
	} else {
		if ((fd = at_create(f->fs, f->own, PROBE, e)) < 0)
			return fd;
		rc = at_set(
		    f->fs, fd, PROBE, want->exec ? 0755 : 0644, want->mtime, e);
		fs_close_quietly(f->fs, &fd);
		if (rc != 0)
			return rc;
	}
	return at_stat(f->fs, f->own, PROBE, st, e);
}

static bool
is_near(struct stamp a, struct stamp b)
{
	int64_t apart = a.s < b.s ? b.s - a.s : a.s - b.s;

	return apart <= COARSE_S;
}

static bool
is_exec(const struct fs_stat *st)
{
	return st->type == FS_FILE && (st->mode & 0100) != 0;
}

/* Would setting what a wants leave its file as it lies there? */
static bool
is_in_vain(const struct action *a, const struct fs_stat *made, bool ignore_exec)
{
	const struct entry *want = a->want, *have = a->have;

	/* A disk that takes the time, if in steps, can take another one. */
	if (is_near(made->mtime, want->mtime) &&
	    !stamp_equal(made->mtime, have->raw))
		return false;
	return ignore_exec || want->type != ENTRY_FILE ||
	    is_exec(made) != want->exec || have->exec == want->exec;
}

/* As it lies there it counts from now on as what the release has. */
static int
let_be(struct held_list *l, struct plan *plan, struct action *a, struct err *e)
{
	const struct entry *want = a->want;

	assert(a->kind == ACTION_META && plan->meta_n > 0);
	a->kind = ACTION_SAME;
	a->reasons = 0;
	plan->meta_n--;
	plan->same_n++;
	return list_put(l,
	    &(struct held){a->have->path, want->mtime, a->have->raw, want->exec,
		a->have->exec, false},
	    e);
}

static void
warn_once(const struct folder *f, const char *path, size_t n)
{
	struct err why;

	(void)err_set(&why, ERP_IO,
	    "this disk cannot keep its time or exec bit as the release has it "
	    "(files in all: %zu); what it made of them is remembered and "
	    "counts as equal",
	    n);
	folder_warn(f, path, why.msg);
}

/* Write it, and tell of the first one when there was nothing before. */
static int
list_settle(struct folder *f, const struct held_list *l, struct err *e)
{
	size_t i, n = 0, first = 0;

	for (i = l->n; i > 0; i--)
		if (!l->v[i - 1].gone) {
			n++;
			first = i - 1;
		}
	if (n > 0 && l->sorted_n == 0)
		warn_once(f, l->v[first].path, n);
	return list_write(f, l, e);
}

/* The action, if it sets attributes and no content. */
static bool
is_attributes(const struct action *a)
{
	return a->kind == ACTION_META && a->want->type != ENTRY_DIR;
}

int
disk_attrs_settle(
    struct folder *f, struct plan *plan, bool ignore_exec, struct err *e)
{
	struct held_list l = {NULL, 0, 0, 0};
	struct fs_stat made;
	size_t i, found = 0;
	int rc = 0;

	if (f->opt.read_only || f->own < 0 || plan->meta_n == 0)
		return 0;
	if ((rc = folder_check_removes(f, e)) == 0)
		rc = list_read(f, &l, e);
	for (i = 0; rc == 0 && i < plan->n; i++) {
		if (!is_attributes(&plan->v[i]) ||
		    (rc = probe(f, plan->v[i].want, &made, e)) != 0 ||
		    !is_in_vain(&plan->v[i], &made, ignore_exec))
			continue;
		rc = let_be(&l, plan, &plan->v[i], e);
		found++;
	}
	(void)fs_unlink(f->fs, f->own, PROBE);
	if (rc == 0 && found > 0)
		rc = list_settle(f, &l, e);
	list_release(&l);
	return rc;
}

/* One file that was written: 1 when something is to be remembered, or to be
 * forgotten; 0 when not. */
static int
note_one(struct folder *f, struct held_list *l, const struct entry *want,
    struct fs_near *near, bool ignore_exec)
{
	struct held *known = list_find(l, want->path);
	struct held now = {
	    want->path, want->mtime, {0, 0}, want->exec, false, false};
	struct fs_stat st;

	if (fs_stat_near(f->fs, f->dir, want->path, near, &st) != 0)
		return 0;
	now.lies = st.mtime;
	now.lies_exec = is_exec(&st);
	if (now.lies.s == want->mtime.s &&
	    (ignore_exec || now.lies_exec == want->exec)) {
		if (known == NULL)
			return 0;
		known->gone = true;
		return 1;
	}
	return list_put(l, &now, NULL) == 0;
}

void
disk_attrs_note(struct folder *f, const struct plan *plan, bool ignore_exec)
{
	struct fs_near near = FS_NEAR;
	struct held_list l;
	const struct action *a;
	struct err e;
	bool changed = false;
	size_t i;

	if (list_read(f, &l, &e) != 0)
		return;
	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		if (a->want != NULL && a->want->type != ENTRY_DIR &&
		    a->kind != ACTION_SAME &&
		    note_one(f, &l, a->want, &near, ignore_exec))
			changed = true;
	}
	fs_near_close(f->fs, &near);
	if (changed && list_settle(f, &l, &e) != 0)
		folder_warn(f, OWN_HELD, e.msg);
	list_release(&l);
}
