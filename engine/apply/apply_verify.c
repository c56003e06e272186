/*
 * The folder against the installed release, by content.  Reads only: what the
 * state says, what a scan finds, and a hash of each file.
 */
#include "engine/apply/apply.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/identity.h"
#include "engine/apply/ini_base.h"
#include "engine/base/crew.h"
#include "engine/base/err.h"
#include "engine/tree/filter.h"
#include "engine/tree/ini_policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is wrong with one entry: a text, NULL when nothing; or a code.  An own
 * one has what the station wants. */
static int
verify_entry(struct folder *f, const struct entry *want, bool own,
    const char **what, struct err *e)
{
	static const enum fs_type types[] = {
	    [ENTRY_FILE] = FS_FILE,
	    [ENTRY_DIR] = FS_DIR,
	    [ENTRY_SYMLINK] = FS_SYMLINK,
	};
	struct identity now;
	struct hash target;
	int rc;

	rc = identity_read(f->fs, f->dir, want->path, false, &now, e);
	if (rc == ERP_NOTFOUND)
		*what = "missing";
	else if (rc != 0 && e->sys == EXDEV)
		*what = "behind what is mounted here";
	else if (rc != 0)
		return rc;
	else if (now.type != types[want->type])
		*what = "of another type";
	else if (want->type == ENTRY_FILE && !own &&
	    now.content.size != want->content.size)
		*what = "of another size";
	if (*what != NULL || want->type == ENTRY_DIR || own)
		return 0;
	rc = identity_read(f->fs, f->dir, want->path, true, &now, e);
	if (rc != 0)
		return rc;
	if (want->type == ENTRY_SYMLINK) {
		rc = hash_bytes(want->target, strlen(want->target), &target, e);
		if (rc == 0 && !hash_equal(&now.content.hash, &target))
			*what = "a link to elsewhere";
		return rc;
	}
	if (!hash_equal(&now.content.hash, &want->content.hash))
		*what = "of other content";
	return 0;
}

struct verification {
	struct folder *f;
	const struct filter *filter;
	struct ini_policies ini; /* of the last update */
	const struct manifest *m; /* under the folder's names */
	const char **what; /* for each entry */
};

/* Is it left out, under the folder's name or the release's? */
static bool
is_left_out(const struct verification *v, const struct entry *en)
{
	const struct folder_state *s = &v->f->state;
	size_t i = spelling_index(&s->spelling, &s->manifest, en);

	return filter_excludes(v->filter, en->path) ||
	    filter_excludes(v->filter, s->manifest.v[i].path);
}

static int
verify_one(void *arg, size_t i, bool here, struct err *e)
{
	struct verification *v = arg;
	const struct entry *want = &v->m->v[i];

	bool own = want->type == ENTRY_FILE &&
	    ini_policy_of(&v->ini, want->path) != INI_OVERWRITE;

	(void)here;
	return is_left_out(v, want)
	    ? 0
	    : verify_entry(v->f, want, own, &v->what[i], e);
}

int
apply_verify(struct folder *f, const struct filter *filter,
    apply_finding_fn *fn, void *arg, struct err *e)
{
	struct verification v = {.f = f, .filter = filter};
	const struct manifest *m;
	int rc, found = 0;
	size_t i;

	if (!f->state.known)
		return err_path(e, ERP_NOTFOUND, f->path,
		    "no release was installed here by erpsync; run erpsync "
		    "update");
	if ((rc = folder_spell(f, NULL, NULL, e)) != 0)
		return rc;
	v.m = m = folder_installed(f);
	if ((rc = ini_policies_recall(f, &v.ini, e)) != 0)
		return rc;
	if ((v.what = calloc(m->n + 1, sizeof(*v.what))) == NULL) {
		ini_policies_release(&v.ini);
		return err_nomem(e);
	}
	rc = crew_run(f->opt.crew, verify_one, &v, m->n, e);
	for (i = 0; rc == 0 && i < m->n; i++) {
		if (v.what[i] == NULL)
			continue;
		fn(arg, m->v[i].path, v.what[i]);
		found++;
	}
	free(v.what);
	ini_policies_release(&v.ini);
	return rc != 0 ? rc : found;
}
