/*
 * INI files that are the station's own: before the transaction the release's
 * changes are brought into them, so that it only sees what each is to become.
 * Between the stage, where the release's files are, and apply_build.c.
 */
#include "engine/apply/apply.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/ini_base.h"
#include "engine/apply/own_names.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/text.h"
#include "engine/ini/ini_merge.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/kind.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { CONFLICTS_SHOWN = 10, NAME_SHOWN = 80 };

struct merging {
	struct folder *f;
	struct stage *stage;
	struct plan *plan;
};

static void
show(char *out, size_t cap, struct ini_span name)
{
	char text[NAME_SHOWN];

	(void)snprintf(text, sizeof(text), "%.*s", (int)name.len,
	    name.p == NULL ? "" : name.p);
	text_escape(out, cap, text);
}

/* Is it to be told that the release's, or the station's, does not count? */
static bool
is_told(const struct ini_decision *d)
{
	return d->conflict || d->unwritable;
}

static void
warn_conflict(
    const struct merging *m, const char *path, const struct ini_decision *d)
{
	char section[2 * NAME_SHOWN], key[2 * NAME_SHOWN];
	struct err why;

	show(section, sizeof(section), d->section);
	show(key, sizeof(key), d->key);
	if (d->unwritable)
		(void)err_set(&why, ERP_MISMATCH,
		    "%s in [%s] has a character in the release that this "
		    "file's encoding lacks, so it is left out; publish it "
		    "without, and write it here by hand where this file has "
		    "the key",
		    key, section);
	else if (d->taken)
		(void)err_set(&why, ERP_MISMATCH,
		    "%s in [%s] was changed here and in the release; the "
		    "release's value counts",
		    key, section);
	else
		(void)err_set(&why, ERP_MISMATCH,
		    "%s in [%s] was changed here and in the release; this "
		    "station's value stays",
		    key, section);
	folder_warn(m->f, path, why.msg);
}

static void
warn_conflicts(
    const struct merging *m, const char *path, const struct ini_merged *merged)
{
	size_t i, told = 0;
	struct err why;

	if (merged->is_left) {
		(void)err_set(&why, ERP_MISMATCH,
		    "with what is new in the release it would be read in "
		    "another encoding, so it stays as it is; write here by "
		    "hand what is needed of it");
		folder_warn(m->f, path, why.msg);
		return;
	}
	for (i = 0; i < merged->n; i++)
		if (is_told(&merged->v[i]) && told++ < CONFLICTS_SHOWN)
			warn_conflict(m, path, &merged->v[i]);
	if (told <= CONFLICTS_SHOWN)
		return;
	(void)err_set(&why, ERP_MISMATCH,
	    "more of its keys are not as in the release, or no longer as they "
	    "were here: %zu",
	    told - CONFLICTS_SHOWN);
	folder_warn(m->f, path, why.msg);
}

static char *
copy_of(struct ini_span name)
{
	return strndup(name.p == NULL ? "" : name.p, name.len);
}

/* For people at once, and for the report. */
static int
tell_conflicts(struct merging *m, const struct action *a,
    const struct ini_merged *merged, struct err *e)
{
	const struct ini_decision *d;
	struct plan_conflict c;
	int rc = 0;

	warn_conflicts(m, a->want->path, merged);
	for (d = merged->v; rc == 0 && d != merged->v + merged->n; d++) {
		if (!is_told(d))
			continue;
		c = (struct plan_conflict){
		    .section = copy_of(d->section),
		    .key = copy_of(d->key),
		    .release = copy_of(d->release),
		    .release_lacks = d->release.p == NULL,
		    .release_wins = d->taken,
		};
		rc = plan_take_conflict(m->plan, a, &c, e);
	}
	return rc;
}

static struct ini_bytes
bytes_of(const struct buf *b)
{
	return (struct ini_bytes){buf_data(b), b->len};
}

/* The three, and what came of them. */
struct merge_set {
	struct buf base, live;
	const struct buf *release;
	struct ini_merged merged;
};

/* The station's file is to become what was merged. */
static int
settle(struct merging *m, struct action *a, const struct merge_set *set,
    struct err *e)
{
	const struct buf *result = &set->merged.bytes;
	struct content content = {.size = result->len, .known = true};
	struct stamp now = {clock_s(m->f->opt.clock), 0};
	int rc;

	if ((rc = tell_conflicts(m, a, &set->merged, e)) != 0)
		return rc;
	if (buf_equal(result, &set->live)) {
		plan_leave(m->plan, a);
		return 0;
	}
	if (buf_equal(result, set->release))
		return 0;
	if ((rc = stage_add(m->stage, result, &content.hash, e)) != 0)
		return rc;
	/* Never the release's time: it would pass for the release's file. */
	return plan_want(m->plan, a, &content, now, e);
}

/* The file as it lies there, into live: 1 when it is too large to be merged. */
static int
read_live(struct merging *m, const struct entry *have, struct buf *live,
    struct err *e)
{
	int rc;

	if (have->type != ENTRY_FILE || have->content.size > INI_FILE_BYTES)
		return 1;
	rc = file_read(m->f->fs, m->f->dir, have->path, live, e);
	if (rc == ERP_NOTFOUND || rc == ERP_CORRUPT)
		return err_path(e, ERP_BUSY, have->path,
		    "changed since it was compared; close the program and try "
		    "again");
	return rc;
}

/* What the release before brought here, or where that is gone, or it brought
 * none, as it was left out, what was brought last; if that is known. */
static int
read_base(struct merging *m, const char *path, struct buf *base, struct err *e)
{
	const struct manifest *installed = folder_installed(m->f);
	const struct entry *was =
	    installed == NULL ? NULL : manifest_find(installed, path);

	int rc = 0;

	if (was != NULL && was->content.known)
		rc = ini_base_find(m->f, &was->content.hash, base, e);
	return rc != 0 ? rc : ini_base_brought(m->f, path, base, e);
}

/* Read and merge; 1: the release's file takes the place of what is there,
 * which is told.  The set is the caller's to release. */
static int
set_make(struct merging *m, const struct action *a, const struct buf *release,
    struct merge_set *set, struct err *e)
{
	struct ini_merge in = {.release = bytes_of(release),
	    .conflict = m->plan->ini->release_wins ? INI_RELEASE_WINS
						   : INI_STATION_WINS};
	int rc;

	*set = (struct merge_set){.release = release};
	buf_init(&set->base, INI_FILE_BYTES);
	buf_init(&set->live, INI_FILE_BYTES);
	rc = read_live(m, a->have, &set->live, e);
	if (rc == 0 && (rc = read_base(m, a->want->path, &set->base, e)) >= 0) {
		in.base = bytes_of(&set->base);
		in.station = bytes_of(&set->live);
		rc = ini_merge(&in, &set->merged, e);
	}
	if (rc == 1)
		folder_warn(m->f, a->want->path,
		    "cannot be merged key by key, so the release's file "
		    "takes its place; the backup has this one");
	return rc;
}

static void
set_release(struct merge_set *set)
{
	ini_merged_release(&set->merged);
	buf_release(&set->base);
	buf_release(&set->live);
}

static int
merge(struct merging *m, struct action *a, const struct buf *release,
    struct err *e)
{
	struct merge_set set;
	int rc = set_make(m, a, release, &set, e);

	if (rc == 0)
		rc = settle(m, a, &set, e);
	set_release(&set);
	return rc == 1 ? 0 : rc;
}

/* As settle, but what is the station's stays an action: a release that is
 * not installed is no update that was made. */
static int
foretell(struct merging *m, struct action *a, const struct merge_set *set,
    struct buf *out, struct err *e)
{
	const struct buf *result = &set->merged.bytes;
	struct content content = {.size = result->len, .known = true};
	struct stamp now = {clock_s(m->f->opt.clock), 0};
	int rc;

	if ((rc = tell_conflicts(m, a, &set->merged, e)) != 0 ||
	    (rc = buf_append(out, bytes_of(result).p, result->len, e)) != 0 ||
	    (rc = hash_bytes(
		 buf_data(result), result->len, &content.hash, e)) != 0)
		return rc;
	return plan_want(m->plan, a, &content, now, e);
}

int
apply_merge_foretell(struct folder *f, struct plan *plan, struct action *a,
    const struct buf *release, struct buf *out, struct err *e)
{
	struct merging m = {.f = f, .plan = plan};
	struct merge_set set;
	int rc;

	assert(a->kind == ACTION_CHANGED && (a->reasons & REASON_MERGE) != 0);
	rc = set_make(&m, a, release, &set, e);
	if (rc == 0)
		rc = foretell(&m, a, &set, out, e);
	else if (rc == 1)
		rc = buf_append(out, buf_data(release), release->len, e);
	set_release(&set);
	return rc;
}

/* A file of the release that comes: what it has is the base of the next
 * merge. */
static int
take_release(struct merging *m, struct action *a, struct err *e)
{
	const struct content *content = &a->want->content;
	struct hash hash = content->hash;
	struct buf release;
	int rc = 0;

	buf_init(&release, INI_FILE_BYTES);
	if (content->size > INI_FILE_BYTES)
		rc = 1;
	else
		rc = stage_read(m->stage, &hash, content->size, &release, e);
	if (rc == 0 && (a->reasons & REASON_MERGE) != 0)
		rc = merge(m, a, &release, e);
	if (rc == 0)
		rc = ini_base_keep(
		    m->f, &hash, buf_data(&release), release.len, e);
	buf_release(&release);
	return rc == 1 ? 0 : rc;
}

/* A file that stays, while it still is as its release has it. */
static int
keep_release(struct merging *m, const struct action *a, struct err *e)
{
	const struct manifest *installed = folder_installed(m->f);
	const struct entry *of = a->want;
	char path[OWN_PATH_BYTES], name[STAGE_NAME_BYTES];
	struct hash seen;
	struct err why;
	struct buf live;
	int rc;

	if (of == NULL && installed != NULL)
		of = manifest_find(installed, a->have->path);
	if (of == NULL || !of->content.known ||
	    of->content.size != a->have->content.size)
		return 0;
	stage_name(name, &of->content.hash, "");
	if ((rc = own_join(path, OWN_INI, name, e)) != 0 ||
	    (rc = own_exists(m->f->fs, m->f->own, path, e)) != 0)
		return rc < 0 ? rc : 0;
	buf_init(&live, INI_FILE_BYTES);
	/* What cannot be read now is no base. */
	if (read_live(m, a->have, &live, &why) == 0 &&
	    (rc = hash_bytes(buf_data(&live), live.len, &seen, e)) == 0 &&
	    hash_equal(&seen, &of->content.hash))
		rc = ini_base_keep(m->f, &seen, buf_data(&live), live.len, e);
	buf_release(&live);
	return rc;
}

static int
look_at(struct merging *m, struct action *a, struct err *e)
{
	const struct entry *shown = a->want != NULL ? a->want : a->have;

	/* Of what names the server it has to be known what a release brought,
	 * whatever becomes of it. */
	if (shown->type != ENTRY_FILE || a->kind == ACTION_DELETE ||
	    (ini_policy_of(m->plan->ini, shown->path) != INI_MERGE &&
		kind_station_ini(shown->path) == 0))
		return 0;
	if (a->kind == ACTION_NEW || a->kind == ACTION_CHANGED)
		return take_release(m, a, e);
	return a->have == NULL ? 0 : keep_release(m, a, e);
}

int
apply_merge(
    struct folder *f, struct stage *stage, struct plan *plan, struct err *e)
{
	struct merging m = {f, stage, plan};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < plan->n; i++)
		rc = look_at(&m, &plan->v[i], e);
	return rc != 0 ? rc : ini_policies_note(f, plan->ini, e);
}
