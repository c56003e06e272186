/*
 * From an update folder to a release: scan, check, copy into the store, scan
 * again, save.  The one way by which contents come into the store.
 */
#include "engine/release/publish.h"

#include "engine/base/clock.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/base/text.h"
#include "engine/release/publish_check.h"
#include "engine/store/store_internal.h"
#include "engine/tree/filter.h"
#include "engine/tree/hashcache.h"
#include "engine/tree/manifest.h"
#include "engine/tree/scan.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often a folder may change under us before we give up. */
enum { ROUNDS = 5, SHOWN_BYTES = 300 };

struct publisher {
	struct store *s;
	const struct publish_source *src;
	const struct observer *obs;
	int root; /* the update folder */
	struct hashcache *cache;
};

static bool
entry_equal(const struct entry *a, const struct entry *b)
{
	if (strcmp(a->path, b->path) != 0 || a->type != b->type ||
	    a->size != b->size || !stamp_equal(a->mtime, b->mtime) ||
	    a->exec != b->exec || a->ino != b->ino)
		return false;
	if (a->target == NULL || b->target == NULL)
		return a->target == b->target;
	return strcmp(a->target, b->target) == 0;
}

static bool
manifest_equal(const struct manifest *a, const struct manifest *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!entry_equal(&a->v[i], &b->v[i]))
			return false;
	return true;
}

/* What a scan leaves out cannot be published. */
static void
note_scan(void *ctx, const struct event *ev)
{
	struct refusals *r = ctx;

	if (ev->kind == EVENT_WARN)
		refusals_add(r, ev->text);
	else
		observe(r->obs, ev);
}

static int
scan(const struct publisher *p, struct manifest *out, struct err *e)
{
	struct refusals refused = {.obs = p->obs, .key = p->src->key};
	const struct observer obs = {note_scan, &refused};
	struct scan_options opt = {
	    .filter = p->src->filter, .obs = &obs, .skip_unmanageable = true};
	int rc;

	manifest_init(out, p->src->os);
	(void)strlcpy(out->build, p->src->build, sizeof(out->build));
	rc = scan_folder(p->s->fs, p->root, &opt, out, e);
	if (rc != 0)
		(void)err_context(e, "%s", p->src->key);
	else if ((rc = refusals_end(&refused, e)) != 0)
		manifest_release(out);
	return rc;
}

/* Scan once more: 0 if it is still m, ERP_BUSY if not; m is the newer one. */
static int
scan_again(const struct publisher *p, struct manifest *m, struct err *e)
{
	struct manifest newer;
	bool same;
	int rc = scan(p, &newer, e);

	if (rc != 0)
		return rc;
	same = manifest_equal(m, &newer);
	if (same) {
		manifest_release(&newer);
		return 0;
	}
	manifest_release(m);
	*m = newer;
	return err_set(e, ERP_BUSY, "the folder changed while it was read");
}

static void
pause_between_scans(const struct publish_source *src)
{
	if (src->settle_ms > 0 && src->sleep_ms != NULL)
		src->sleep_ms(src->sleep_ctx, src->settle_ms);
}

/* All files of m are copied; v points to them. */
struct copying {
	const struct publisher *p;
	struct entry **v;
};

/* Make the store have the content of one file, whose hash is known. */
static int
copy_file(void *arg, size_t i, bool here, struct err *e)
{
	const struct copying *c = arg;
	const struct entry *entry = c->v[i];
	struct event ev = {EVENT_HASH, entry->path, NULL, 0, entry->size};
	struct store *s = c->p->s;
	struct hash copied;
	uint64_t size;
	int fd, rc;

	if (here)
		observe(c->p->obs, &ev);
	if (store_has_content(s, &entry->hash, entry->size))
		return 0;
	if ((fd = at_open(s->fs, c->p->root, entry->path, FS_READ, e)) < 0)
		return fd;
	rc = store_add_content(s, fd, entry->path, &copied, &size, e);
	fs_close_quietly(s->fs, &fd);
	if (rc == 0 && !hash_equal(&copied, &entry->hash))
		rc = err_set(e, ERP_BUSY, "a file changed while it was read");
	return rc;
}

static int
copy_files(const struct publisher *p, struct manifest *m, struct err *e)
{
	struct hashcache_batch b = {.crew = p->src->crew, .obs = p->obs};
	struct copying c = {p, NULL};
	size_t i;
	int rc;

	if ((b.v = calloc(m->n + 1, sizeof(*b.v))) == NULL)
		return err_nomem(e);
	for (i = 0; i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE)
			b.v[b.n++] = &m->v[i];
	c.v = b.v;
	if ((rc = hashcache_fill_all(p->cache, p->root, &b, e)) == 0)
		rc = crew_run(p->src->crew, copy_file, &c, b.n, e);
	assert(b.n <= m->n);
	free(b.v);
	/* A file that went away is one more change. */
	if (rc == ERP_NOTFOUND)
		return err_set(e, ERP_BUSY, "a file went away");
	if (rc != 0)
		(void)err_context(e, "%s", p->src->key);
	return rc;
}

/* Scan, settle, check, copy, scan: m is then what the store has. */
static int
one_round(const struct publisher *p, struct manifest *m, struct err *e)
{
	int rc;

	pause_between_scans(p->src);
	if ((rc = scan_again(p, m, e)) != 0)
		return rc;
	if ((rc = publish_check_errors(m, p->src, p->obs, e)) != 0 ||
	    (rc = copy_files(p, m, e)) != 0)
		return rc;
	return scan_again(p, m, e);
}

static int
take_folder(const struct publisher *p, struct manifest *m, struct err *e)
{
	struct event ev = {.kind = EVENT_WARN,
	    .text = "the update folder changed while it was read; reading it "
		    "again"};
	char shown[SHOWN_BYTES];
	int i, rc = scan(p, m, e);

	if (rc != 0)
		return rc;
	for (i = 0; i < ROUNDS; i++) {
		rc = one_round(p, m, e);
		if (rc != ERP_BUSY)
			return rc;
		observe(p->obs, &ev);
	}
	text_escape(shown, sizeof(shown), p->src->path);
	return err_set(e, ERP_BUSY,
	    "%s=%s: the folder keeps changing; it is published when it is at "
	    "rest",
	    p->src->key, shown);
}

/* A pattern that leaves out nothing may be misspelt, and what it should have
 * left out is published. */
static void
warn_idle(const struct publisher *p)
{
	const struct filter *f = p->src->filter;
	char text[SHOWN_BYTES + 100], shown[SHOWN_BYTES];
	const struct event ev = {EVENT_WARN, NULL, text, 0, 0};
	size_t i;

	for (i = 0; f != NULL && i < f->n; i++) {
		if (!filter_is_idle(f, i))
			continue;
		text_escape(shown, sizeof(shown), f->v[i]);
		(void)snprintf(text, sizeof(text),
		    "%s: Exclude=%s leaves out nothing; check its spelling, "
		    "upper and lower case differ",
		    p->src->key, shown);
		observe(p->obs, &ev);
	}
}

/* Write the release; m has what was scanned and copied. */
static int
finish(const struct publisher *p, struct manifest *m, struct err *e)
{
	struct names top = {NULL, 0, 0};
	struct event ev = {.kind = EVENT_WARN};
	struct hash id;
	struct err why;
	int rc;

	assert(p->cache != NULL && p->root >= 0);
	if ((rc = names_read(p->s->fs, p->root, "", &top, e)) != 0)
		return rc;
	publish_check_warnings(m, p->src, &top, p->obs);
	names_release(&top);
	warn_idle(p);
	if ((rc = store_save_release(p->s, m, p->src->keep, &id, e)) != 0)
		return rc;
	if (hashcache_save(p->cache, &why) != 0) {
		ev.text = why.msg;
		observe(p->obs, &ev);
	}
	return 0;
}

static int
open_source(struct publisher *p, struct err *e)
{
	const struct publish_source *src = p->src;
	char shown[SHOWN_BYTES], name[STORE_PATH_BYTES];

	p->root = fs_open_root(p->s->fs, src->path);
	if (p->root < 0) {
		text_escape(shown, sizeof(shown), src->path);
		if (p->root == -ENOTDIR)
			return err_set(e, ERP_NOTFOUND,
			    "%s=%s: not a folder; give the path of the update "
			    "folder",
			    src->key, shown);
		if (p->root == -ENOENT)
			return err_set(e, ERP_NOTFOUND,
			    "%s=%s: update folder not found; create it or "
			    "correct the path",
			    src->key, shown);
		return err_sys(e, -p->root, src->key, src->path);
	}
	(void)snprintf(name, sizeof(name), "hashes-%s", path_os_name(src->os));
	return hashcache_open(p->s->fs, p->s->root, name,
	    src->clock == NULL ? clock_real() : src->clock, &p->cache, e);
}

int
publish_folder(struct store *s, const struct publish_source *src,
    const struct observer *obs, struct manifest *out, struct err *e)
{
	struct publisher p = {s, src, obs, -1, NULL};
	struct manifest m;
	int rc;

	assert(src->keep >= 1 && path_os_name(src->os) != NULL);
	manifest_init(&m, src->os);
	store_publish_begin(s);
	if ((rc = open_source(&p, e)) == 0 &&
	    (rc = take_folder(&p, &m, e)) == 0)
		rc = finish(&p, &m, e);
	if (rc == 0) {
		manifest_release(out);
		*out = m;
	} else {
		manifest_release(&m);
	}
	store_publish_end(s);
	if (p.cache != NULL)
		hashcache_free(p.cache);
	fs_close_quietly(s->fs, &p.root);
	return rc;
}
