/*
 * An update or a check of a client folder for the library's callers: what it
 * is about, the way to the server (update_reach.c), and the report of how it
 * went as a plain value.
 */
#include "transport/api/update_internal.h"

#include "engine/apply/apply.h"
#include "engine/apply/folder.h"
#include "engine/apply/system.h"
#include "engine/base/clock.h"
#include "engine/base/who.h"
#include "engine/tree/filter.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"
#include "transport/net/channel.h"
#include "transport/net/retry.h"
#include "transport/net/secure.h"
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
SAME(ERPSYNC_FILE, ENTRY_FILE);
SAME(ERPSYNC_DIR, ENTRY_DIR);
SAME(ERPSYNC_SYMLINK, ENTRY_SYMLINK);
SAME(ERPSYNC_CODEC_FULL, CODEC_FULL);
SAME(ERPSYNC_CODEC_RSYNC, CODEC_RSYNC);
SAME(ERPSYNC_CODEC_PATCH, CODEC_PATCH);

/* The report with all that it points to. */
struct kept_report {
	struct erpsync_report report; /* first: it is the caller's handle */
	struct erpsync_change *changes;
	char *text;
};

/* The host name, cut to what a station id may be. */
static void
default_station_id(char out[ERPSYNC_LABEL_MAX + 1])
{
	char host[256], one[2] = "";
	size_t i, n = 0;

	who_host(host, sizeof(host));
	for (i = 0; host[i] != '\0' && n < ERPSYNC_LABEL_MAX; i++) {
		one[0] = host[i];
		if (erpsync_station_id_is_valid(one))
			out[n++] = host[i];
	}
	out[n] = '\0';
	if (n == 0)
		(void)strlcpy(out, "station", ERPSYNC_LABEL_MAX + 1);
}

static int
set_names(struct update *u, struct err *e)
{
	const struct folder_state *state = folder_state(u->folder->f);
	const char *build = u->opt.build, *id = u->opt.station_id;

	if (build == NULL)
		build = state->known ? state->manifest.build : "";
	if (strlcpy(u->build, build, sizeof(u->build)) >= sizeof(u->build))
		return err_set(e, ERP_USAGE, "the build code is too long");
	if (id == NULL)
		default_station_id(u->station_id);
	else if (!erpsync_station_id_is_valid(id))
		return err_set(e, ERP_USAGE, "the station id cannot be");
	else
		(void)strlcpy(u->station_id, id, sizeof(u->station_id));
	return 0;
}

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

/* The changes that the plan has: text for them all, then one by one. */
static int
keep_changes(
    struct kept_report *to, const struct station_report *from, struct err *e)
{
	const struct plan *plan = from->plan;
	const struct entry *entry;
	struct erpsync_change *c;
	size_t i, bytes = 1;
	char *at;

	for (i = 0; i < plan->n; i++) {
		entry = entry_of(&plan->v[i]);
		bytes += strlen(entry->path) + 1;
		bytes += entry->target != NULL ? strlen(entry->target) + 1 : 0;
	}
	/* One more than needed: an empty plan is no lack of memory. */
	to->changes = calloc(plan->n + 1, sizeof(*to->changes));
	to->text = at = malloc(bytes);
	if (to->changes == NULL || to->text == NULL)
		return err_set(e, ERP_NOMEM, "no memory for the report");
	for (i = 0; i < plan->n; i++) {
		entry = entry_of(&plan->v[i]);
		c = &to->changes[i];
		c->path = keep_text(&at, entry->path);
		if (entry->target != NULL)
			c->target = keep_text(&at, entry->target);
		c->action = (enum erpsync_action)plan->v[i].kind;
		c->reasons = plan->v[i].reasons;
		c->type = (enum erpsync_type)entry->type;
		c->size = entry->content.size;
	}
	assert(at < to->text + bytes);
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

static int
fill_report(struct kept_report *to, struct update *u, struct err *e)
{
	struct erpsync_report *r = &to->report;
	const struct station_report *from;
	int rc;

	(void)strlcpy(r->from_build, u->build, sizeof(r->from_build));
	if (u->station == NULL)
		return 0;
	from = station_report(u->station);
	r->verdict = (enum erpsync_verdict)from->welcome.verdict;
	r->outcome = (enum erpsync_outcome)from->outcome;
	(void)strlcpy(r->to_build, from->welcome.build, sizeof(r->to_build));
	memcpy(r->release, from->welcome.release.b, sizeof(r->release));
	if (from->refusal.code != 0)
		(void)api_fail(&r->refusal, &from->refusal);
	r->sent = from->sent;
	r->received = from->received;
	r->elapsed_ms = from->elapsed_ms;
	if (from->plan == NULL)
		return 0;
	/* Equal content is of that build, whoever put it there. */
	if (plan_keeps_content(from->plan))
		(void)strlcpy(
		    r->from_build, r->to_build, sizeof(r->from_build));
	if (u->look && r->outcome == ERPSYNC_DRY_RUN)
		r->outcome = plan_is_empty(from->plan) ? ERPSYNC_CURRENT
						       : ERPSYNC_OUTDATED;
	if ((rc = keep_changes(to, from, e)) == 0)
		count_transfers(to, from);
	return rc;
}

static int
make_report(struct update *u, struct erpsync_report **out, struct err *e)
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
	free(kept);
}

/* Files of another system among its own would leave it no client at all. */
static int
check_system(const struct update *u, struct err *e)
{
	int os = system_of_folder(u->folder->f);

	if (os < 0 || os == (int)u->opt.os || u->opt.rules.force)
		return 0;
	return err_set(e, ERP_USAGE,
	    "the folder has the files of %s, not of %s",
	    path_os_name((enum path_os)os),
	    path_os_name((enum path_os)u->opt.os));
}

static int
run(struct update *u, struct err *e)
{
	const struct erpsync_rules *rules = &u->opt.rules;
	int rc;

	if (!u->dry_run && !u->look &&
	    (rc = apply_prove_earlier(u->folder->f, e)) != 0)
		return rc;
	if ((rc = set_names(u, e)) != 0 || (rc = check_system(u, e)) != 0 ||
	    (rc = api_filter(
		 &u->filter, rules->exclude, rules->exclude_n, e)) != 0)
		return rc;
	who_arch(u->arch, sizeof(u->arch));
	return update_reach(u, e);
}

static int
update(struct update *u, const struct erpsync_update_options *opt,
    struct erpsync_report **report, struct erpsync_error *error)
{
	struct err e, of_report;
	int rc = api_options(&u->opt, sizeof(u->opt), opt, &e), report_rc;

	if (report != NULL)
		*report = NULL;
	if (rc == 0) {
		u->folder->obs.interrupted = update_is_interrupted;
		u->folder->obs.interrupted_ctx = u;
		rc = run(u, &e);
		u->folder->obs.interrupted = NULL;
	}
	if (report != NULL) {
		report_rc = make_report(u, report, &of_report);
		if (rc == 0 && (rc = report_rc) != 0)
			e = of_report;
	}
	station_free(u->station);
	filter_release(&u->filter);
	return rc != 0 ? api_fail(error, &e) : 0;
}

int
erpsync_update(struct erpsync_folder *f,
    const struct erpsync_update_options *opt, struct erpsync_report **report,
    struct erpsync_error *e)
{
	struct update u = {.folder = f, .look = folder_why_look(f->f) != NULL};

	return update(&u, opt, report, e);
}

int
erpsync_check(struct erpsync_folder *f,
    const struct erpsync_update_options *opt, struct erpsync_report **report,
    struct erpsync_error *e)
{
	struct update u = {.folder = f, .dry_run = true};

	return update(&u, opt, report, e);
}
