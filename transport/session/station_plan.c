/* A station's own folder: scan, hash what needs it, plan. */
#include "engine/apply/apply.h"
#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "engine/tree/filter.h"
#include "engine/tree/hashcache.h"
#include "engine/tree/scan.h"
#include "transport/session/station_internal.h"

#include <stdlib.h>

static int
scan_own(struct station *s, struct err *e)
{
	struct folder *f = s->opt.folder;
	struct scan_options opt = {s->opt.filter, s->opt.obs, true};

	manifest_init(&s->have, s->opt.os);
	return scan_folder(folder_fs(f), folder_dir(f), &opt, &s->have, e);
}

/*
 * A file that changes while it is hashed, such as a log or an INI in use, is
 * no reason to fail: without a hash it is replaced without a basis.
 */
static int
fill(struct station *s, struct entry *have, struct err *e)
{
	int rc = hashcache_fill(
	    s->cache, folder_dir(s->opt.folder), have, s->opt.obs, e);

	return rc == ERP_BUSY || rc == ERP_NOTFOUND ? 0 : rc;
}

static int
hash_needed(struct station *s, const struct plan_options *opt, struct err *e)
{
	struct entry *have;
	size_t i;
	int rc;

	for (i = 0; i < s->want->n; i++) {
		have = manifest_find(&s->have, s->want->v[i].path);
		if (have == NULL || !plan_needs_hash(&s->want->v[i], have, opt))
			continue;
		if ((rc = fill(s, have, e)) != 0)
			return rc;
	}
	for (i = 0; i < s->have.n; i++) {
		have = &s->have.v[i];
		if (manifest_find(s->want, have->path) != NULL ||
		    !plan_needs_extra_hash(have, opt))
			continue;
		if ((rc = fill(s, have, e)) != 0)
			return rc;
	}
	return 0;
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
		if (a->want->type == ENTRY_FILE)
			s->plan.content_bytes -= a->want->size;
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
		size = s->plan.v[i].want->size;
		most = size > most ? size : most;
		small += size <= GROUP_FILE ? size : 0;
	}
	if (small > GROUP_FILES)
		small = GROUP_FILES;
	return small > BLOB_IN_MEMORY && small > most ? small : most;
}

int
station_plan(struct station *s, struct err *e)
{
	struct folder *f = s->opt.folder;
	const struct folder_state *state = folder_state(f);
	struct plan_options opt = {s->opt.modify_window, s->opt.checksum,
	    s->opt.os == PATH_OS_WINDOWS, s->opt.remove,
	    state->known ? &state->manifest : NULL};
	int rc;

	if ((rc = scan_own(s, e)) != 0 ||
	    (rc = hashcache_open(folder_fs(f), folder_own_dir(f), "hashes",
		 s->opt.clock, &s->cache, e)) != 0 ||
	    (rc = hash_needed(s, &opt, e)) != 0)
		return rc;
	if ((rc = plan_build(s->want, &s->have, &opt, &s->plan, e)) != 0)
		return rc;
	leave_excluded(s);
	s->report.plan = &s->plan;
	s->items = calloc(s->plan.n + 1, sizeof(*s->items));
	if (s->items == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	s->report.items = s->items;
	s->content_max = largest_blob(s);
	return 0;
}
