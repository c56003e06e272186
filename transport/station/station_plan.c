/*
 * A station's own folder: scan, hash what needs it, plan.  Between the
 * manifest that came and the first thing that is asked for.
 */
#include "engine/apply/apply.h"
#include "engine/apply/disk_attrs.h"
#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "engine/tree/filter.h"
#include "engine/tree/hashcache.h"
#include "engine/tree/kind.h"
#include "engine/tree/scan.h"
#include "transport/station/station_internal.h"

#include <stdlib.h>
#include <string.h>

static int
scan_own(struct station *s, struct err *e)
{
	struct folder *f = s->opt.folder;
	struct scan_options opt = {.filter = s->opt.filter,
	    .obs = s->opt.obs,
	    .skip_unmanageable = true};

	int rc;

	manifest_init(&s->have, s->opt.os);
	rc = scan_folder(folder_fs(f), folder_dir(f), &opt, &s->have, e);
	return rc != 0 ? rc : disk_attrs_read_back(f, &s->have, e);
}

const struct manifest *
station_wanted(const struct station *s)
{
	return spelling_manifest(&s->manifest.spelling, &s->manifest.want);
}

/* Both releases, the wanted and the installed one, take the folder's names. */
static int
take_names(struct station *s, struct err *e)
{
	struct folder *f = s->opt.folder;
	const struct spelling_folder at = {.fs = folder_fs(f),
	    .dir = folder_dir(f),
	    .have = &s->have,
	    .filter = s->opt.filter};
	int rc =
	    spelling_make(&at, &s->manifest.want, &s->manifest.spelling, e);

	return rc != 0 ? rc : folder_spell(f, &s->have, s->opt.filter, e);
}

/* The entries of s->have whose content has to be known, in v: how many.
 * Both lists are sorted, and long. */
static size_t
need_hash(struct station *s, const struct plan_options *opt, struct entry **v)
{
	const struct manifest *want = station_wanted(s);
	struct entry *have;
	size_t i = 0, j, n = 0;
	int order;

	for (j = 0; j < s->have.n; j++) {
		have = &s->have.v[j];
		order = 1;
		while (i < want->n &&
		    (order = strcmp(want->v[i].path, have->path)) < 0)
			i++;
		if (order == 0 ? plan_needs_hash(&want->v[i], have, opt)
			       : plan_needs_extra_hash(have, opt))
			v[n++] = have;
	}
	return n;
}

void
station_hash(struct station *s, struct entry *have)
{
	(void)hashcache_fill(
	    s->cache, folder_dir(s->opt.folder), have, s->opt.obs, NULL);
}

/*
 * A file that changes while it is hashed, such as a log or an INI in use, is
 * no reason to fail: without a hash it is replaced without a basis.
 */
static int
hash_needed(struct station *s, const struct plan_options *opt, struct err *e)
{
	struct folder *f = s->opt.folder;
	struct hashcache_batch b = {
	    .may_change = true, .crew = folder_crew(f), .obs = s->opt.obs};
	int rc;

	if ((b.v = calloc(s->have.n + 1, sizeof(*b.v))) == NULL)
		return err_nomem(e);
	b.n = need_hash(s, opt, b.v);
	rc = hashcache_fill_all(s->cache, folder_dir(f), &b, e);
	free(b.v);
	return rc;
}

/* What the person excludes is left alone, also where the release has it. */
static void
leave_excluded(struct station *s)
{
	struct action *a = s->plan.v;
	size_t i;

	for (i = 0; i < s->plan.n; i++, a++) {
		if (a->kind != ACTION_NEW ||
		    !filter_excludes(s->opt.filter, a->want->path))
			continue;
		a->kind = ACTION_SAME;
		a->reasons = 0;
		s->plan.new_n--;
		s->plan.same_n++;
	}
}

/* The size of the largest content or group: its blob may need a part file. */
static uint64_t
largest_blob(const struct station *s)
{
	uint64_t size, most = 0, small = 0;
	size_t i;

	for (i = 0; i < s->plan.n; i++) {
		if (!action_needs_content(&s->plan.v[i]))
			continue;
		size = s->plan.v[i].want->content.size;
		most = size > most ? size : most;
		small += size <= GROUP_FILE ? size : 0;
	}
	if (small > GROUP_FILES)
		small = GROUP_FILES;
	return small > BLOB_IN_MEMORY && small > most ? small : most;
}

int
station_check_refused(struct station *s, struct err *e)
{
	if (s->opt.force)
		return 0;
	return apply_check_refused(
	    s->opt.folder, &s->report.welcome.release, e);
}

/* Is this an update that is not to be, whatever the folder? */
static int
check_wanted(struct station *s, struct err *e)
{
	int rc = station_check_refused(s, e);

	if (rc != 0)
		return rc;
	return apply_check_deletes(
	    s->opt.folder, &s->plan, s->opt.max_delete, e);
}

int
station_check_plan(struct station *s, struct err *e)
{
	int rc;

	if (plan_is_empty(&s->plan))
		return 0;
	rc = check_wanted(s, e);
	if (rc == 0 && s->opt.dry_run && !s->opt.look)
		rc = apply_foretell(s->opt.folder, &s->plan, largest_blob(s),
		    &s->report.outlook, e);
	if (s->opt.dry_run &&
	    (rc == ERP_HEALTH || rc == ERP_DELETES || rc == ERP_AUTH ||
		rc == ERP_BLOCKED || rc == ERP_NOSPACE || rc == ERP_HELD)) {
		s->report.refusal = *e;
		return 0;
	}
	if (rc != 0 || s->opt.dry_run)
		return rc;
	return apply_preflight(s->opt.folder, &s->plan, largest_blob(s), e);
}

int
station_foretell_merge(struct station *s, size_t i, const struct buf *release,
    struct buf *out, struct err *e)
{
	return apply_merge_foretell(
	    s->opt.folder, &s->plan, &s->plan.v[i], release, out, e);
}

static int
take_left_out(struct station *s, struct err *e)
{
	struct msg_left_out *told = &s->report.welcome.left_out;
	char pattern[LEFT_OUT_BYTES + 1];
	int rc = 0;

	while (rc == 0 && told->len > 0 && left_out_next(told, pattern))
		rc = left_out_add(&s->left_out, pattern, e);
	/* It points to the input. */
	*told = (struct msg_left_out){NULL, 0};
	return rc;
}

int
station_take_rules(struct station *s, struct err *e)
{
	const struct msg_ini *told = &s->report.welcome.ini;
	uint8_t conflict = s->opt.ini_conflict;
	int rc = ini_policies_add(&s->ini, told->rules, e);

	if (rc == ERP_USAGE) {
		(void)err_context(e, "the server's rules for INI files");
		e->code = rc = ERP_PROTO;
	}
	if (conflict == 0)
		conflict = told->conflict;
	s->ini.release_wins = conflict == CONFLICT_RELEASE;
	return rc != 0 ? rc : take_left_out(s, e);
}

int
station_plan(struct station *s, struct err *e)
{
	struct folder *f = s->opt.folder;
	const struct folder_state *state = folder_state(f);
	struct plan_options opt = {.modify_window = s->opt.modify_window,
	    .checksum = s->opt.checksum,
	    .ignore_exec = s->opt.os == PATH_OS_WINDOWS,
	    .remove = s->opt.remove,
	    .ini = &s->ini,
	    .left_out = &s->left_out,
	    .current = state->known &&
		hash_equal(&state->release, &s->report.welcome.release)};
	int rc;

	if ((rc = scan_own(s, e)) != 0 || (rc = take_names(s, e)) != 0)
		return rc;
	opt.previous = folder_installed(f);
	s->left_out.folds =
	    s->opt.os == PATH_OS_WINDOWS || opt.previous != &state->manifest;
	kind_mark_secrets(&s->have, opt.previous);
	if ((rc = hashcache_open(folder_fs(f), folder_own_dir(f), "hashes",
		 s->opt.clock, &s->cache, e)) != 0 ||
	    (rc = hash_needed(s, &opt, e)) != 0)
		return rc;
	if ((rc = plan_build(station_wanted(s), &s->have, &opt, &s->plan, e)) !=
	    0)
		return rc;
	leave_excluded(s);
	if ((rc = disk_attrs_settle(f, &s->plan, opt.ignore_exec, e)) != 0)
		return rc;
	s->report.plan = &s->plan;
	if ((rc = items_init(s, e)) == 0)
		earlier_give(s);
	return rc;
}

bool
station_is_current(const struct station *s)
{
	const struct folder_state *state = folder_state(s->opt.folder);

	return plan_is_empty(&s->plan) && state->known &&
	    hash_equal(&state->release, &s->report.welcome.release);
}

/* Has the folder all that the release has but INI files, and what tells a build
 * among it? */
static bool
holds_all_but_inis(const struct plan *p)
{
	const struct action *a;
	bool tells = false;
	size_t i;

	for (i = 0; i < p->n; i++) {
		a = &p->v[i];
		if (a->kind == ACTION_EXTRA)
			continue;
		if (a->want == NULL)
			return false; /* it is to go */
		if (a->want->type == ENTRY_FILE && kind_is_ini(a->want->path))
			continue;
		if (a->kind == ACTION_NEW || a->kind == ACTION_CHANGED)
			return false;
		tells |= a->have != NULL && a->want->type == ENTRY_FILE;
	}
	return tells;
}

bool
station_holds_build(const struct station *s)
{
	/* A client rewrites its INI files: where nobody knows the build, all
	 * else tells it. */
	return plan_keeps_content(&s->plan) ||
	    (s->opt.build[0] == '\0' && holds_all_but_inis(&s->plan));
}
