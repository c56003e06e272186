/*
 * Two manifests in, ordered actions out: after scan and manifest have come,
 * before anything is wanted or changed.  The heart of an update, and pure.
 */
#include "engine/tree/plan.h"

#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/left_out.h"
#include "engine/tree/manifest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A comparison in progress. */
struct planner {
	const struct manifest *want;
	const struct manifest *have;
	const struct plan_options *opt;
	struct plan *out;
};

static bool
times_equal(const struct entry *a, const struct entry *b, uint32_t window)
{
	int64_t apart = a->mtime.s < b->mtime.s ? b->mtime.s - a->mtime.s
						: a->mtime.s - b->mtime.s;

	return apart <= (int64_t)window;
}

/* Had the previous release another content under this name? */
static bool
was_another(const struct entry *want, const struct plan_options *opt)
{
	const struct entry *was = opt->previous == NULL || opt->current
	    ? NULL
	    : manifest_find(opt->previous, want->path);

	return was != NULL && was->content.known && want->content.known &&
	    !hash_equal(&was->content.hash, &want->content.hash);
}

/*
 * Is the file that is there the station's own?  One to be merged is not when
 * the release has another content than before, or it is not known what it had.
 */
static bool
is_own(const struct entry *want, const struct plan_options *opt)
{
	const struct entry *was;

	switch (ini_policy_of(opt->ini, want->path)) {
	case INI_OVERWRITE:
		return false;
	case INI_KEEP:
		return true;
	case INI_MERGE:
		break;
	}
	was = opt->previous == NULL ? NULL
				    : manifest_find(opt->previous, want->path);
	return was != NULL && was->content.known && want->content.known &&
	    hash_equal(&was->content.hash, &want->content.hash);
}

/* What the previous release had in this place, if it was of this type. */
static const struct entry *
previous_of(const struct entry *have, const struct plan_options *opt)
{
	const struct entry *old = opt->previous == NULL
	    ? NULL
	    : manifest_find(opt->previous, have->path);

	return old != NULL && old->type == have->type ? old : NULL;
}

bool
plan_needs_extra_hash(const struct entry *have, const struct plan_options *opt)
{
	const struct entry *old = previous_of(have, opt);

	return old != NULL && have->type == ENTRY_FILE &&
	    old->content.size == have->content.size;
}

bool
plan_needs_hash(const struct entry *want, const struct entry *have,
    const struct plan_options *opt)
{
	if (want->type != ENTRY_FILE || have->type != ENTRY_FILE)
		return plan_needs_extra_hash(have, opt);
	if (is_own(want, opt))
		return false;
	return opt->checksum || want->content.size != have->content.size ||
	    !times_equal(want, have, opt->modify_window) ||
	    was_another(want, opt);
}

/* Does it belong to the previous release, unchanged? */
static bool
is_of_previous(const struct entry *have, const struct plan_options *opt)
{
	const struct entry *old = previous_of(have, opt);

	if (old == NULL)
		return false;
	switch (have->type) {
	case ENTRY_FILE:
		return old->content.known && have->content.known &&
		    hash_equal(&old->content.hash, &have->content.hash);
	case ENTRY_SYMLINK:
		return strcmp(old->target, have->target) == 0;
	case ENTRY_DIR:
		return true;
	}
	return false;
}

/* Would its loss be that of somebody's work?  What changes while it is hashed
 * is no release's. */
static bool
is_edited(const struct entry *have, const struct plan_options *opt)
{
	return opt->previous != NULL && have->type != ENTRY_DIR &&
	    !is_of_previous(have, opt);
}

static void
add_action(struct planner *p, enum action_kind kind, unsigned reasons,
    const struct entry *want, const struct entry *have)
{
	bool goes = (kind == ACTION_CHANGED && (reasons & REASON_MERGE) == 0) ||
	    kind == ACTION_DELETE;
	struct action a = {
	    kind, reasons, want, have, goes && is_edited(have, p->opt)};

	/* Each entry is in one action, and what the kind needs is there. */
	assert(p->out->n < p->want->n + p->have->n);
	assert(
	    (want == NULL) == (kind == ACTION_DELETE || kind == ACTION_EXTRA));
	assert((have == NULL) == (kind == ACTION_NEW));
	p->out->v[p->out->n++] = a;
}

static void
compare_files(
    struct planner *p, const struct entry *want, const struct entry *have)
{
	bool known = want->content.known && have->content.known;
	bool other;
	unsigned reasons = 0;

	if (is_own(want, p->opt)) {
		add_action(p, ACTION_EXTRA, 0, NULL, have);
		return;
	}
	if (want->content.size != have->content.size)
		reasons |= REASON_SIZE;
	if (!times_equal(want, have, p->opt->modify_window))
		reasons |= REASON_TIME;
	if (known && !hash_equal(&want->content.hash, &have->content.hash))
		reasons |= REASON_CONTENT;
	other = (reasons & (REASON_SIZE | REASON_CONTENT)) != 0 ||
	    (!known && (p->opt->checksum || reasons != 0));
	if (!p->opt->ignore_exec && want->exec != have->exec)
		reasons |= REASON_EXEC;
	if (other && ini_policy_of(p->opt->ini, want->path) == INI_MERGE &&
	    !is_of_previous(have, p->opt))
		reasons |= REASON_MERGE;
	add_action(p,
	    other              ? ACTION_CHANGED
		: reasons != 0 ? ACTION_META
			       : ACTION_SAME,
	    reasons, want, have);
}

static void
compare_links(
    struct planner *p, const struct entry *want, const struct entry *have)
{
	unsigned reasons = 0;

	assert(want->target != NULL && have->target != NULL);
	if (!times_equal(want, have, p->opt->modify_window))
		reasons |= REASON_TIME;
	if (strcmp(want->target, have->target) != 0)
		add_action(
		    p, ACTION_CHANGED, reasons | REASON_TARGET, want, have);
	else
		add_action(p, reasons != 0 ? ACTION_META : ACTION_SAME, reasons,
		    want, have);
}

static void
compare_pair(
    struct planner *p, const struct entry *want, const struct entry *have)
{
	if (want->type != have->type) {
		/* A file and a link take each other's name in one step; with
		 * a folder the old has to go first. */
		if (want->type != ENTRY_DIR && have->type != ENTRY_DIR) {
			add_action(p, ACTION_CHANGED, REASON_TYPE, want, have);
			return;
		}
		add_action(p, ACTION_DELETE, REASON_TYPE, NULL, have);
		add_action(p, ACTION_NEW, REASON_TYPE, want, NULL);
		return;
	}
	switch (want->type) {
	case ENTRY_FILE:
		compare_files(p, want, have);
		return;
	case ENTRY_SYMLINK:
		compare_links(p, want, have);
		return;
	case ENTRY_DIR:
		add_action(p, ACTION_SAME, 0, want, have);
		return;
	}
}

/* Is path below a name that the wanted release has, but not as a folder? */
static int
is_in_the_way(const struct manifest *want, const char *path, struct err *e)
{
	char *part = strdup(path);
	const struct entry *above;
	char *slash;
	int found = 0;

	if (part == NULL)
		return err_nomem(e);
	for (slash = strchr(part, '/'); slash != NULL && !found;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		above = manifest_find(want, part);
		found = above != NULL && above->type != ENTRY_DIR;
		*slash = '/';
	}
	free(part);
	return found;
}

static int
plan_extra(struct planner *p, const struct entry *have, struct err *e)
{
	bool ours = is_of_previous(have, p->opt);
	int in_the_way = is_in_the_way(p->want, have->path, e);

	if (in_the_way < 0)
		return in_the_way;
	if (in_the_way && !ours && have->type != ENTRY_DIR)
		return err_path(e, ERP_BLOCKED, have->path,
		    "is not of a release, but its folder would have to go; "
		    "move it away");
	if (in_the_way)
		add_action(p, ACTION_DELETE, REASON_TYPE, NULL, have);
	else
		add_action(p,
		    ours && p->opt->remove &&
			    !left_out_has(p->opt->left_out, have->path)
			? ACTION_DELETE
			: ACTION_EXTRA,
		    0, NULL, have);
	return 0;
}

/* Merge the two sorted lists. */
static int
merge(struct planner *p, struct err *e)
{
	const struct manifest *want = p->want, *have = p->have;
	size_t i = 0, j = 0;
	int order, rc = 0;

	while (rc == 0 && (i < want->n || j < have->n)) {
		if (i == want->n)
			order = 1;
		else if (j == have->n)
			order = -1;
		else
			order = strcmp(want->v[i].path, have->v[j].path);
		if (order < 0)
			add_action(p, ACTION_NEW, 0, &want->v[i++], NULL);
		else if (order > 0)
			rc = plan_extra(p, &have->v[j++], e);
		else
			compare_pair(p, &want->v[i++], &have->v[j++]);
	}
	return rc;
}

/* The action that removes what is named by the first len bytes of path. */
static struct action *
find_removal(const struct plan *plan, const char *path, size_t len)
{
	size_t low = 0, high = plan->n, mid;
	const struct action *a;
	const char *at;
	int order;

	while (low < high) {
		mid = low + (high - low) / 2;
		a = &plan->v[mid];
		at = (a->have != NULL ? a->have : a->want)->path;
		order = strncmp(path, at, len);
		if (order == 0 && at[len] != '\0')
			order = -1;
		if (order == 0)
			return a->kind == ACTION_DELETE ? &plan->v[mid] : NULL;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* A folder in which something stays has to stay. */
static void
keep_parents(struct plan *plan)
{
	struct action *removal;
	const char *path;
	size_t i, len;

	for (i = 0; i < plan->n; i++) {
		if (plan->v[i].kind != ACTION_EXTRA)
			continue;
		assert(plan->v[i].have != NULL);
		path = plan->v[i].have->path;
		for (len = strlen(path); len > 0; len--) {
			if (path[len] != '/')
				continue;
			removal = find_removal(plan, path, len);
			if (removal != NULL)
				removal->kind = ACTION_EXTRA;
		}
	}
}

static void
count_actions(struct plan *plan)
{
	size_t *const counts[] = {
	    [ACTION_SAME] = &plan->same_n,
	    [ACTION_NEW] = &plan->new_n,
	    [ACTION_CHANGED] = &plan->changed_n,
	    [ACTION_META] = &plan->meta_n,
	    [ACTION_DELETE] = &plan->delete_n,
	    [ACTION_EXTRA] = &plan->extra_n,
	};
	size_t i;

	for (i = 0; i < plan->n; i++)
		++*counts[plan->v[i].kind];
	assert(plan->same_n + plan->new_n + plan->changed_n + plan->meta_n +
		plan->delete_n + plan->extra_n ==
	    plan->n);
}

int
plan_build(const struct manifest *want, const struct manifest *have,
    const struct plan_options *opt, struct plan *out, struct err *e)
{
	struct planner p = {want, have, opt, out};
	int rc;

	memset(out, 0, sizeof(*out));
	out->current = opt->current;
	out->ini = opt->ini;
	out->v = calloc(want->n + have->n + 1, sizeof(*out->v));
	if (out->v == NULL)
		return err_nomem(e);
	if ((rc = merge(&p, e)) != 0) {
		plan_release(out);
		return rc;
	}
	if (opt->remove)
		keep_parents(out);
	count_actions(out);
	return 0;
}

void
plan_release(struct plan *p)
{
	size_t i;

	for (i = 0; i < p->conflicts_n; i++) {
		free(p->conflicts[i].section);
		free(p->conflicts[i].key);
		free(p->conflicts[i].release);
	}
	free(p->conflicts);
	free(p->v);
	free(p->made);
	memset(p, 0, sizeof(*p));
}

int
plan_want(struct plan *p, struct action *a, const struct content *content,
    struct stamp mtime, struct err *e)
{
	struct entry *made;

	assert(a->kind == ACTION_CHANGED && a->want->type == ENTRY_FILE);
	/* Actions point into it, so it is made once, for all. */
	if (p->made == NULL &&
	    (p->made = calloc(p->changed_n, sizeof(*p->made))) == NULL)
		return err_nomem(e);
	assert(p->made_n < p->changed_n);
	made = &p->made[p->made_n++];
	*made = *a->want;
	made->content = *content;
	made->mtime = mtime;
	a->want = made;
	return 0;
}

void
plan_leave(struct plan *p, struct action *a)
{
	assert(a->kind == ACTION_CHANGED && p->changed_n > 0);
	a->kind = ACTION_EXTRA;
	a->reasons = 0;
	a->want = NULL;
	a->edited = false;
	p->changed_n--;
	p->extra_n++;
}

int
plan_take_conflict(struct plan *p, const struct action *a,
    struct plan_conflict *c, struct err *e)
{
	struct plan_conflict *v =
	    c->section == NULL || c->key == NULL || c->release == NULL
	    ? NULL
	    : reallocarray(p->conflicts, p->conflicts_n + 1, sizeof(*v));

	if (v == NULL) {
		free(c->section);
		free(c->key);
		free(c->release);
		return err_nomem(e);
	}
	c->action = (size_t)(a - p->v);
	v[p->conflicts_n++] = *c;
	p->conflicts = v;
	return 0;
}

size_t
plan_files(const struct plan *p)
{
	const struct action *a;
	size_t i, n = 0;

	for (i = 0; i < p->n; i++) {
		a = &p->v[i];
		n += a->kind != ACTION_SAME && a->kind != ACTION_EXTRA &&
		    (a->want != NULL ? a->want : a->have)->type != ENTRY_DIR;
	}
	return n;
}

bool
plan_is_empty(const struct plan *p)
{
	return p->same_n + p->extra_n == p->n;
}

bool
plan_removes(const struct plan *p, const char *path)
{
	return find_removal(p, path, strlen(path)) != NULL;
}

bool
plan_keeps_content(const struct plan *p)
{
	return p->new_n + p->changed_n + p->delete_n == 0;
}
