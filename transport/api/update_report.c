/*
 * The report of an update or a check as a plain value that outlives it: from
 * the station's (transport/station) and its plan.  Below update.c and
 * update_compare.c.
 */
#include "transport/api/update_internal.h"

#include "engine/apply/apply.h"
#include "engine/apply/backup.h"
#include "engine/apply/rotate.h"
#include "engine/apply/trust.h"
#include "engine/base/buf.h"
#include "engine/tree/kind.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"
#include "transport/station/station.h"

#include <assert.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

SAME(ERPSYNC_COMPATIBLE, VERDICT_COMPATIBLE);
SAME(ERPSYNC_INCOMPATIBLE, VERDICT_INCOMPATIBLE);
SAME(ERPSYNC_DISABLED, VERDICT_DISABLED);
SAME(ERPSYNC_NO_PACKAGE, VERDICT_NO_PACKAGE);
SAME(ERPSYNC_SERVER_BUSY, VERDICT_BUSY);
SAME(ERPSYNC_NOT_NOW, VERDICT_NOT_NOW);
SAME(ERPSYNC_CURRENT, OUTCOME_CURRENT);
SAME(ERPSYNC_UPDATED, OUTCOME_UPDATED);
SAME(ERPSYNC_DRY_RUN, OUTCOME_DRY_RUN);
SAME(ERPSYNC_DECLINED, OUTCOME_DECLINED);
SAME(ERPSYNC_FAILED, OUTCOME_FAILED);
SAME(ERPSYNC_ACTION_SAME, ACTION_SAME);
SAME(ERPSYNC_ACTION_NEW, ACTION_NEW);
SAME(ERPSYNC_ACTION_CHANGED, ACTION_CHANGED);
SAME(ERPSYNC_ACTION_META, ACTION_META);
SAME(ERPSYNC_ACTION_DELETE, ACTION_DELETE);
SAME(ERPSYNC_ACTION_EXTRA, ACTION_EXTRA);
SAME(ERPSYNC_REASON_SIZE, REASON_SIZE);
SAME(ERPSYNC_REASON_TIME, REASON_TIME);
SAME(ERPSYNC_REASON_CONTENT, REASON_CONTENT);
SAME(ERPSYNC_REASON_EXEC, REASON_EXEC);
SAME(ERPSYNC_REASON_TYPE, REASON_TYPE);
SAME(ERPSYNC_REASON_TARGET, REASON_TARGET);
SAME(ERPSYNC_REASON_MERGE, REASON_MERGE);
SAME(ERPSYNC_FILE, ENTRY_FILE);
SAME(ERPSYNC_DIR, ENTRY_DIR);
SAME(ERPSYNC_SYMLINK, ENTRY_SYMLINK);
SAME(ERPSYNC_CODEC_FULL, CODEC_FULL);
SAME(ERPSYNC_CODEC_RSYNC, CODEC_RSYNC);
SAME(ERPSYNC_CODEC_PATCH, CODEC_PATCH);

/* One text behind the other; where the copy is. */
static const char *
keep_text(char **at, const char *text)
{
	size_t n = strlen(text) + 1;
	char *copy = *at;

	memcpy(copy, text, n);
	*at += n;
	return copy;
}

static const struct entry *
entry_of(const struct action *a)
{
	return a->want != NULL ? a->want : a->have;
}

static int
compare_contents(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return memcmp((*x)->content.hash.b, (*y)->content.hash.b,
	    sizeof((*x)->content.hash.b));
}

/* The files that go, or that only the folder has, as far as their contents are
 * known: what is new may be one of them under another name.  By content. */
struct leaving {
	const struct entry **v;
	size_t n;
};

static int
leaving_find(const struct plan *plan, struct leaving *out, struct err *e)
{
	const struct entry *have;
	size_t i;

	out->n = 0;
	if ((out->v = calloc(plan->n + 1, sizeof(*out->v))) == NULL)
		return err_set(e, ERP_NOMEM, "no memory for the report");
	for (i = 0; i < plan->n; i++) {
		have = plan->v[i].have;
		if (plan->v[i].want == NULL && have->type == ENTRY_FILE &&
		    have->content.known && have->content.size > 0)
			out->v[out->n++] = have;
	}
	qsort(out->v, out->n, sizeof(*out->v), compare_contents);
	return 0;
}

/* Where this action's file was before, or NULL. */
static const char *
leaving_from(const struct leaving *l, const struct action *a)
{
	const struct entry **found;

	if (a->kind != ACTION_NEW || a->want->type != ENTRY_FILE)
		return NULL;
	found = bsearch(&a->want, l->v, l->n, sizeof(*l->v), compare_contents);
	return found != NULL ? (*found)->path : NULL;
}

static enum erpsync_kind
kind_of(const struct entry *entry)
{
	if (entry->type != ENTRY_FILE)
		return ERPSYNC_KIND_OTHER;
	if (kind_is_ini(entry->path))
		return ERPSYNC_KIND_INI;
	return entry->exec || kind_is_code(entry->path) ? ERPSYNC_KIND_PROGRAM
							: ERPSYNC_KIND_OTHER;
}

/* Bytes of the texts of all changes. */
static size_t
texts_size(const struct plan *plan, const struct leaving *leaving)
{
	const struct entry *entry;
	const char *from;
	size_t i, bytes = 1;

	for (i = 0; i < plan->n; i++) {
		entry = entry_of(&plan->v[i]);
		from = leaving_from(leaving, &plan->v[i]);
		bytes += strlen(entry->path) + 1;
		bytes += entry->target != NULL ? strlen(entry->target) + 1 : 0;
		bytes += from != NULL ? strlen(from) + 1 : 0;
	}
	return bytes;
}

/* One of them; its texts go where *at is. */
static void
keep_change(struct erpsync_change *c, char **at, const struct action *a,
    const struct leaving *leaving)
{
	const struct entry *entry = entry_of(a);
	const char *from = leaving_from(leaving, a);

	c->path = keep_text(at, entry->path);
	if (entry->target != NULL)
		c->target = keep_text(at, entry->target);
	if (from != NULL)
		c->from = keep_text(at, from);
	c->action = (enum erpsync_action)a->kind;
	c->reasons = a->reasons;
	c->type = (enum erpsync_type)entry->type;
	c->size = entry->content.size;
	c->kind = kind_of(entry);
	c->edited = a->edited;
	if (a->have != NULL && a->have->type == ENTRY_FILE)
		c->old_size = a->have->content.size;
}

int
report_keep_changes(
    struct kept_report *to, const struct plan *plan, struct err *e)
{
	struct leaving leaving;
	char *at, *end;
	size_t i, bytes;
	int rc = leaving_find(plan, &leaving, e);

	if (rc != 0)
		return rc;
	bytes = texts_size(plan, &leaving);
	/* One more than needed: an empty plan is no lack of memory. */
	to->changes = calloc(plan->n + 1, sizeof(*to->changes));
	to->text = at = malloc(bytes);
	if (to->changes == NULL || to->text == NULL) {
		free(leaving.v);
		return err_set(e, ERP_NOMEM, "no memory for the report");
	}
	end = at + bytes;
	for (i = 0; i < plan->n; i++)
		keep_change(&to->changes[i], &at, &plan->v[i], &leaving);
	assert(at < end);
	(void)end;
	free(leaving.v);
	to->report.compared = true;
	to->report.changes = to->changes;
	to->report.changes_n = plan->n;
	return 0;
}

/* What travelled for each, and what did not have to. */
static void
count_transfers(struct kept_report *to, const struct station_report *from)
{
	uint64_t sizes = 0;
	size_t i;

	assert(to->report.changes_n == from->plan->n);
	for (i = 0; i < to->report.changes_n; i++) {
		if (!from->items[i].transfer)
			continue;
		to->changes[i].codec = (enum erpsync_codec)from->items[i].codec;
		to->changes[i].sent = from->items[i].sent;
		to->changes[i].received = from->items[i].received;
		sizes += to->changes[i].size;
	}
	to->report.literal = from->blob_bytes;
	if (sizes > from->blob_bytes)
		to->report.matched = sizes - from->blob_bytes;
}

/* What INI files are to become: as a check saw it. */
static int
keep_contents(struct kept_report *to, const struct station *s, struct err *e)
{
	const struct buf *content;
	size_t i, bytes = 0;
	uint8_t *at;

	for (i = 0; i < to->report.changes_n; i++)
		if ((content = station_preview(s, i)) != NULL)
			bytes += content->len;
	if ((to->contents = at = malloc(bytes + 1)) == NULL)
		return err_set(e, ERP_NOMEM, "no memory for the report");
	for (i = 0; i < to->report.changes_n; i++) {
		if ((content = station_preview(s, i)) == NULL)
			continue;
		if (content->len > 0)
			memcpy(at, buf_data(content), content->len);
		to->changes[i].becomes = at;
		to->changes[i].becomes_len = content->len;
		at += content->len;
	}
	return 0;
}

/* Keys that both had changed. */
static int
keep_conflicts(struct kept_report *to, const struct plan *plan, struct err *e)
{
	const struct plan_conflict *c = plan->conflicts;
	struct erpsync_conflict *kept;
	struct erpsync_change *of;
	size_t i, bytes = 1;
	char *at;

	for (i = 0; i < plan->conflicts_n; i++)
		bytes += strlen(c[i].section) + strlen(c[i].key) +
		    strlen(c[i].release) + 3;
	to->conflicts = kept = calloc(plan->conflicts_n + 1, sizeof(*kept));
	to->conflict_text = at = malloc(bytes);
	if (kept == NULL || at == NULL)
		return err_set(e, ERP_NOMEM, "no memory for the report");
	for (i = 0; i < plan->conflicts_n; i++) {
		kept[i].section = keep_text(&at, c[i].section);
		kept[i].key = keep_text(&at, c[i].key);
		if (!c[i].release_lacks)
			kept[i].release_value = keep_text(&at, c[i].release);
		kept[i].release_wins = c[i].release_wins;
		of = &to->changes[c[i].action];
		if (of->conflicts_n++ == 0)
			of->conflicts = &kept[i];
	}
	return 0;
}

/* What a check could tell of the disk. */
static void
take_outlook(struct erpsync_outlook *to, const struct station_report *from)
{
	const struct apply_outlook *disk = &from->outlook;

	to->disk_needed = disk->needed;
	to->disk_free = disk->is_free;
	to->backup = disk->backup;
	to->backup_pushes = disk->pushes;
	to->backup_files = disk->files;
	to->backup_bytes = disk->bytes;
	to->rate = from->rate;
}

/* Which backup has the folder as it was before this update, and what is in it;
 * none where none is of it for sure. */
static void
take_backup(
    struct erpsync_outlook *to, struct update *u, const struct hash *release)
{
	struct apply_outlook held = {.files = 0};
	struct backup b;
	int number = rotate_newest(u->folder->f, NULL);

	to->backup = 0;
	if (number < 1)
		return;
	backup_init(&b);
	if (rotate_read(u->folder->f, number, &b, NULL) == 1 && b.has_to &&
	    !(b.repair && hash_equal(&b.from, &b.to)) &&
	    hash_equal(&b.to, release)) {
		to->backup = number;
		apply_count_backup(&b.files, &held);
		to->backup_files = held.files;
		to->backup_bytes = held.bytes;
	}
	backup_release(&b);
}

static void
take_seal(struct kept_report *to, const struct update *u)
{
	struct sealed sealed;

	if (!trust_admitted(u->folder->f, &sealed))
		return;
	api_seal(&to->seal, &sealed);
	to->report.seal = &to->seal;
}

static int
fill_report(struct kept_report *to, struct update *u, struct err *e)
{
	struct erpsync_report *r = &to->report;
	const struct station_report *from;
	int rc;

	(void)strlcpy(r->from_build, u->build, sizeof(r->from_build));
	if (u->none_fetched)
		r->outcome = ERPSYNC_NONE_DOWNLOADED;
	if (u->station == NULL)
		return 0;
	from = station_report(u->station);
	r->verdict = (enum erpsync_verdict)from->welcome.verdict;
	r->outcome = (enum erpsync_outcome)from->outcome;
	(void)strlcpy(r->to_build, from->welcome.build, sizeof(r->to_build));
	if (from->welcome.verdict == VERDICT_NOT_NOW)
		r->opens_in_s = from->welcome.retry_after;
	memcpy(r->release, from->welcome.release.b, sizeof(r->release));
	if (from->refusal.code != 0)
		(void)api_fail(&r->refusal, &from->refusal);
	if (!u->opt.apply_only) {
		r->sent = from->sent;
		r->received = from->received;
	}
	r->elapsed_ms = from->elapsed_ms;
	take_seal(to, u);
	if (from->plan == NULL)
		return 0;
	take_outlook(&r->outlook, from);
	if (r->outcome == ERPSYNC_UPDATED)
		take_backup(&r->outlook, u, &from->welcome.release);
	/* Equal content is of that build, whoever put it there. */
	if (plan_keeps_content(from->plan))
		(void)strlcpy(
		    r->from_build, r->to_build, sizeof(r->from_build));
	if (u->look && r->outcome == ERPSYNC_DRY_RUN)
		r->outcome = plan_is_empty(from->plan) ? ERPSYNC_CURRENT
						       : ERPSYNC_OUTDATED;
	else if (u->opt.download_only && !u->dry_run &&
	    r->outcome == ERPSYNC_DRY_RUN)
		r->outcome = ERPSYNC_DOWNLOADED;
	if ((rc = report_keep_changes(to, from->plan, e)) != 0 ||
	    (rc = keep_conflicts(to, from->plan, e)) != 0)
		return rc;
	count_transfers(to, from);
	return keep_contents(to, u->station, e);
}

int
update_report(struct update *u, struct erpsync_report **out, struct err *e)
{
	struct kept_report *kept = calloc(1, sizeof(*kept));
	int rc;

	if (kept == NULL)
		return err_set(e, ERP_NOMEM, "no memory for the report");
	if ((rc = fill_report(kept, u, e)) == 0)
		*out = &kept->report;
	else
		erpsync_report_free(&kept->report);
	return rc;
}

void
erpsync_report_free(struct erpsync_report *r)
{
	struct kept_report *kept = (struct kept_report *)r;

	if (kept == NULL)
		return;
	free(kept->changes);
	free(kept->text);
	free(kept->conflicts);
	free(kept->conflict_text);
	free(kept->contents);
	free(kept);
}
