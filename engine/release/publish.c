/*
 * From an update folder to a release: scan, wait for Settle, scan, check, copy
 * into the store, scan again, save.  The one way by which contents come into
 * the store.
 */
#include "engine/release/publish.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/base/text.h"
#include "engine/release/publish_again.h"
#include "engine/release/publish_check.h"
#include "engine/release/publish_closed.h"
#include "engine/release/publish_seal.h"
#include "engine/seal/seal.h"
#include "engine/store/store.h"
#include "engine/store/store_turn.h"
#include "engine/tree/filter.h"
#include "engine/tree/hashcache.h"
#include "engine/tree/manifest.h"
#include "engine/tree/scan.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often a folder may change under us before we give up. */
enum { ROUNDS = 5, SHOWN_BYTES = 300, SHOWN_SHORT = 160, NAME_BYTES = 64 };

/* Kept free beside a new content: folders, a manifest, blocks half used. */
enum { ROOM_MORE = 64 * 1024 };

struct publisher {
	struct store *s;
	const struct publish_source *src;
	const struct observer *obs;
	int root; /* the update folder */
	struct hashcache *cache; /* only while it is needed, or NULL */
};

/* The first entry that differs, of either; NULL: they are equal. */
static const struct entry *
first_change(const struct manifest *a, const struct manifest *b)
{
	size_t i;
	int order;

	for (i = 0; i < a->n && i < b->n; i++) {
		order = strcmp(a->v[i].path, b->v[i].path);
		if (order != 0)
			return order < 0 ? &a->v[i] : &b->v[i];
		if (!scan_equal(&a->v[i], &b->v[i]))
			return &b->v[i];
	}
	return i < a->n ? &a->v[i] : i < b->n ? &b->v[i] : NULL;
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

static void
tell(const struct publisher *p, const char *text)
{
	struct event ev = {.kind = EVENT_WARN, .text = text};

	observe(p->obs, &ev);
}

/* All that is to be said of the folder but is no error. */
static int
tell_warnings(
    const struct publisher *p, const struct manifest *m, struct err *e)
{
	struct names top = {NULL, 0, 0};
	int rc = names_read(store_fs(p->s), p->root, "", &top, e);

	if (rc == 0)
		publish_check_warnings(m, p->src, &top, p->obs);
	names_release(&top);
	return rc;
}

/* Names were refused: what else is wrong is told in the same round. */
static void
tell_rest(const struct publisher *p, const struct manifest *m)
{
	struct err other;

	if (m->n == 0)
		return;
	/* Of a folder that has nothing else there is no more to say. */
	if (publish_has_file(m) &&
	    publish_check_errors(m, p->src, p->obs, &other) == ERP_USAGE)
		tell(p, other.msg);
	(void)tell_warnings(p, m, NULL);
}

static int
scan(const struct publisher *p, struct manifest *out, struct err *e)
{
	struct refusals refused = {.obs = p->obs, .key = p->src->key};
	size_t closed = 0;
	const struct observer obs = {.event = note_scan, .ctx = &refused};
	struct scan_options opt = {.filter = p->src->filter,
	    .obs = &obs,
	    .skip_unmanageable = true,
	    .refuses = true,
	    .closed_n = &closed};
	int rc;

	manifest_init(out, p->src->os);
	(void)strlcpy(out->build, p->src->build, sizeof(out->build));
	rc = scan_folder(store_fs(p->s), p->root, &opt, out, e);
	if (rc != 0)
		(void)err_context(e, "%s", p->src->key);
	else if (refused.n > 0) {
		closed +=
		    publish_closed(store_fs(p->s), p->root, out, &refused);
		rc = closed == refused.n ? ERP_AUTH : ERP_USAGE;
		rc = refusals_end(&refused, rc, e);
		tell_rest(p, out);
		manifest_release(out);
	}
	return rc;
}

static int
busy_with(const struct entry *entry, struct err *e)
{
	return err_path(e, ERP_BUSY, entry->path, "changed while it was read");
}

/* Scan once more: 0 if it is still m, ERP_BUSY and what changed in e if not; m
 * is the newer one then.  A second manifest is made only where it is needed. */
static int
scan_again(const struct publisher *p, struct manifest *m, struct err *e)
{
	const struct scan_options opt = {
	    .filter = p->src->filter, .obs = p->obs};
	const struct entry *changed;
	struct manifest newer;
	int rc;

	if (scan_is_same(store_fs(p->s), p->root, &opt, m))
		return 0;
	if ((rc = scan(p, &newer, e)) != 0)
		return rc;
	if ((changed = first_change(m, &newer)) == NULL) {
		manifest_release(&newer);
		return 0;
	}
	rc = busy_with(changed, e);
	manifest_release(m);
	*m = newer;
	return rc;
}

/* What the store lacks of m is copied; v points to it. */
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
	struct event ev = {
	    EVENT_HASH, entry->path, NULL, 0, entry->content.size};
	struct store *s = c->p->s;
	struct hash copied;
	uint64_t size;
	int fd, rc;

	if (here)
		observe(c->p->obs, &ev);
	/* Another file of the same content was faster. */
	if (store_has_content(s, &entry->content.hash, entry->content.size))
		return 0;
	if ((fd = at_open(store_fs(s), c->p->root, entry->path, FS_READ, e)) <
	    0)
		return fd;
	rc = store_add_content(s, fd, entry->path, &copied, &size, e);
	/* Prepared answers are only a saving: a release needs the room. */
	if (rc == ERP_NOSPACE &&
	    store_make_room(s, entry->content.size + ROOM_MORE) > 0)
		rc = store_add_content(s, fd, entry->path, &copied, &size, e);
	fs_close_quietly(store_fs(s), &fd);
	if (rc == 0 && !hash_equal(&copied, &entry->content.hash))
		rc = busy_with(entry, e);
	return rc;
}

static int
open_cache(struct publisher *p, struct err *e)
{
	const struct publish_source *src = p->src;
	char name[NAME_BYTES];

	if (p->cache != NULL)
		return 0; /* left by a round that failed */
	(void)snprintf(name, sizeof(name), "hashes-%s", path_os_name(src->os));
	return hashcache_open(store_fs(p->s), store_dir(p->s), name,
	    src->clock == NULL ? clock_real() : src->clock, &p->cache, e);
}

/* It takes as much memory as a manifest, so it goes before the last scan. */
static void
close_cache(struct publisher *p)
{
	struct err why;

	if (hashcache_save(p->cache, &why) != 0)
		tell(p, why.msg);
	hashcache_free(p->cache);
	p->cache = NULL;
}

static int
copy_files(struct publisher *p, struct manifest *m, struct err *e)
{
	struct hashcache_batch b = {.crew = p->src->crew, .obs = p->obs};
	struct copying c = {p, NULL};
	size_t i;
	int rc = open_cache(p, e);

	if (rc == 0 && (b.v = calloc(m->n + 1, sizeof(*b.v))) == NULL)
		rc = err_nomem(e);
	if (rc != 0)
		return rc;
	for (i = 0; i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE)
			b.v[b.n++] = &m->v[i];
	c.v = b.v;
	if ((rc = hashcache_fill_all(p->cache, p->root, &b, e)) == 0)
		rc = crew_run(p->src->crew, copy_file, &c,
		    store_lacking(p->s, b.v, b.n), e);
	assert(b.n <= m->n);
	free(b.v);
	if (rc == 0)
		close_cache(p);
	/* A file that went away is one more change. */
	if (rc == ERP_NOTFOUND)
		return err_set(e, ERP_BUSY, "a file went away");
	if (rc != 0 && rc != ERP_BUSY)
		(void)err_context(e, "%s", p->src->key);
	return rc;
}

/* A round ended with e: what else keeps m from being published? */
static void
tell_more(const struct publisher *p, const struct manifest *m, struct err *e)
{
	struct refusals r = {.obs = p->obs, .key = p->src->key};
	struct err other;

	(void)publish_closed(store_fs(p->s), p->root, m, &r);
	if (e->code == ERP_AUTH)
		(void)refusals_end(&r, ERP_AUTH, e);
	else if (refusals_end(&r, ERP_AUTH, &other) != 0)
		tell(p, other.msg);
	(void)tell_warnings(p, m, NULL);
}

/* Scan, settle, check, copy, scan: m is then what the store has.  Where nothing
 * is waited for, the last scan tells what the one before the check would. */
static int
one_round(struct publisher *p, struct manifest *m, struct err *e)
{
	const struct publish_source *src = p->src;
	struct err other;
	int rc, again;

	if (src->settle_ms > 0 && src->sleep_ms != NULL)
		src->sleep_ms(src->sleep_ctx, src->settle_ms);
	if (src->settle_ms > 0 && (rc = scan_again(p, m, e)) != 0)
		return rc;
	if ((rc = publish_check_errors(m, src, p->obs, e)) == 0 &&
	    (rc = copy_files(p, m, e)) == 0)
		return scan_again(p, m, e);
	if (rc == ERP_USAGE || rc == ERP_AUTH)
		tell_more(p, m, e);
	/* The next round is to be of the file as it is now. */
	if (rc != ERP_BUSY || (again = scan_again(p, m, &other)) == 0 ||
	    again == ERP_BUSY)
		return rc;
	*e = other;
	return again;
}

static int
take_folder(struct publisher *p, struct manifest *m, struct err *e)
{
	char shown[SHOWN_SHORT], text[2 * SHOWN_BYTES];
	struct err why;
	int i, rc = scan(p, m, e);

	if (rc != 0)
		return rc;
	for (i = 0; i < ROUNDS; i++) {
		rc = one_round(p, m, &why);
		if (rc != ERP_BUSY) {
			if (rc != 0 && e != NULL)
				*e = why;
			return rc;
		}
		(void)snprintf(text, sizeof(text),
		    "%.300s; reading the update folder again", why.msg);
		tell(p, text);
	}
	text_escape(shown, sizeof(shown), p->src->path);
	return err_set(e, ERP_BUSY,
	    "%s=%s: the folder keeps changing (%.200s); it is published when "
	    "it is at rest: name what always changes in [ErpSync] Exclude",
	    p->src->key, shown, why.msg);
}

/* A pattern that leaves out nothing may be misspelt, and what it should have
 * left out is published.  It is told as the INI has it. */
static void
warn_idle(const struct publisher *p)
{
	const struct filter *f = p->src->filter;
	char text[SHOWN_BYTES + 100], shown[SHOWN_BYTES];
	size_t i;

	for (i = 0; f != NULL && i < f->n; i++) {
		if (!filter_is_idle(f, i))
			continue;
		text_escape_rest(shown, sizeof(shown), f->v[i]);
		(void)snprintf(text, sizeof(text),
		    "%s: Exclude=%s leaves out nothing; check its spelling, "
		    "upper and lower case differ",
		    p->src->key, shown);
		tell(p, text);
	}
}

/* The seal is there for good before its release is. */
static int
seal(const struct publisher *p, const struct manifest *m, struct err *e)
{
	struct buf text;
	struct hash id;
	int rc;

	buf_init(&text, SEAL_TEXT_MAX);
	rc = publish_seal(store_fs(p->s), p->src, m, &text, e);
	if (rc == 0 && text.len > 0 && (rc = manifest_id(m, &id, e)) == 0) {
		publish_seal_warn(p->s, p->src, &id, &text, p->obs);
		rc = store_keep_seal(p->s, m->os, &id, &text, e);
	}
	if (rc != 0)
		(void)err_context(e, "%s", p->src->key);
	buf_release(&text);
	return rc;
}

/* In its turn: write the release, unless another one stays. */
static int
save(const struct publisher *p, struct manifest *m, struct err *e)
{
	struct hash id;
	int rc = publish_stand_back(p->s, p->src, p->obs, m, e);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if ((rc = tell_warnings(p, m, e)) != 0)
		return rc;
	warn_idle(p);
	if ((rc = seal(p, m, e)) != 0)
		return rc;
	return store_save_release(p->s, m, p->src->keep, &id, e);
}

/* m has what was scanned and copied. */
static int
finish(const struct publisher *p, struct manifest *m, struct err *e)
{
	const struct store_wait wait = {
	    p->src->sleep_ms, p->src->sleep_ctx, p->src->stop};
	int turn, rc = store_turn_begin(p->s, &wait, &turn, e);

	assert(p->cache == NULL && p->root >= 0);
	if (rc != 0)
		return rc;
	rc = save(p, m, e);
	store_turn_end(p->s, &turn);
	return rc;
}

static int
open_source(struct publisher *p, struct err *e)
{
	const struct publish_source *src = p->src;
	char shown[SHOWN_BYTES];

	p->root = fs_open_root(store_fs(p->s), src->path);
	if (p->root >= 0)
		return 0;
	text_escape(shown, sizeof(shown), src->path);
	if (p->root == -ENOTDIR)
		return err_set(e, ERP_NOTFOUND,
		    "%s=%s: not a folder; give the path of the update folder",
		    src->key, shown);
	if (p->root == -ENOENT)
		return err_set(e, ERP_NOTFOUND,
		    "%s=%s: update folder not found; create it or correct the "
		    "path",
		    src->key, shown);
	return err_sys(e, -p->root, src->key, src->path);
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
	hashcache_free(p.cache);
	fs_close_quietly(store_fs(s), &p.root);
	return rc;
}
