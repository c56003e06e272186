/*
 * Below the writers: filling a report from a plan, counting it, and the words
 * that all forms share.
 */
#include "cli/report/report_internal.h"

#include "cli/report/columns.h"
#include "engine/base/err.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

const struct report_reason report_reasons[REPORT_REASONS] = {
    {REASON_TYPE, "type", REP044},
    {REASON_SIZE, "size", REP040},
    {REASON_TIME, "time", REP041},
    {REASON_CONTENT, "content", REP042},
    {REASON_EXEC, "executable", REP043},
    {REASON_TARGET, "target", REP045},
};

int
report_take_plan(struct report *r, const struct plan *plan, struct err *e)
{
	const struct entry *entry;
	const struct action *a;
	struct report_item *item;
	size_t i;

	/* One more than needed: an empty plan is no lack of memory. */
	r->v = calloc(plan->n + 1, sizeof(*r->v));
	if (r->v == NULL)
		return err_set(e, ERP_NOMEM, "no memory for the report");
	r->n = plan->n;
	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		item = &r->v[i];
		entry = a->want != NULL ? a->want : a->have;
		item->path = entry->path;
		item->target = entry->target;
		item->kind = a->kind;
		item->reasons = a->reasons;
		item->type = entry->type;
		item->size = entry->size;
	}
	return 0;
}

void
report_release(struct report *r)
{
	free(r->v);
	r->v = NULL;
	r->n = 0;
}

static void
count_type(struct report_types *t, enum entry_type type)
{
	switch (type) {
	case ENTRY_FILE:
		t->files++;
		break;
	case ENTRY_DIR:
		t->dirs++;
		break;
	case ENTRY_SYMLINK:
		t->links++;
		break;
	}
}

static bool
is_content(const struct report_item *item)
{
	return item->type == ENTRY_FILE &&
	    (item->kind == ACTION_NEW || item->kind == ACTION_CHANGED);
}

void
report_count(const struct report *r, struct report_totals *t)
{
	const struct report_item *item;

	memset(t, 0, sizeof(*t));
	for (item = r->v; item != r->v + r->n; item++) {
		t->kinds[item->kind]++;
		t->sent += item->sent;
		t->received += item->received;
		if (item->kind == ACTION_NEW)
			count_type(&t->created, item->type);
		if (item->kind == ACTION_DELETE)
			count_type(&t->deleted, item->type);
		if (item->kind == ACTION_DELETE || item->kind == ACTION_EXTRA)
			continue;
		count_type(&t->wanted, item->type);
		t->wanted_bytes += item->size;
		if (!is_content(item))
			continue;
		t->content_bytes += item->size;
		if (item->codec == NULL)
			continue;
		t->transferred++;
		t->transferred_bytes += item->size;
	}
}

size_t
report_changes(const struct report_totals *t)
{
	return t->kinds[ACTION_NEW] + t->kinds[ACTION_CHANGED] +
	    t->kinds[ACTION_META] + t->kinds[ACTION_DELETE];
}

const char *
report_action_word(enum action_kind kind)
{
	static const char *const words[] = {[ACTION_SAME] = "same",
	    [ACTION_NEW] = "new",
	    [ACTION_CHANGED] = "changed",
	    [ACTION_META] = "attributes",
	    [ACTION_DELETE] = "delete",
	    [ACTION_EXTRA] = "extra"};

	return words[kind];
}

const char *
report_action_key(enum action_kind kind)
{
	static const char *const keys[] = {[ACTION_SAME] = REP030,
	    [ACTION_NEW] = REP031,
	    [ACTION_CHANGED] = REP032,
	    [ACTION_META] = REP033,
	    [ACTION_DELETE] = REP034,
	    [ACTION_EXTRA] = REP035};

	return keys[kind];
}

const char *
report_type_word(enum entry_type type)
{
	static const char *const words[] = {[ENTRY_FILE] = "file",
	    [ENTRY_DIR] = "folder",
	    [ENTRY_SYMLINK] = "link"};

	return words[type];
}

const char *
report_verdict_word(enum report_verdict verdict)
{
	static const char *const words[] = {[REPORT_COMPATIBLE] = "compatible",
	    [REPORT_INCOMPATIBLE] = "incompatible",
	    [REPORT_DISABLED] = "disabled",
	    [REPORT_NO_PACKAGE] = "no-package"};

	return words[verdict];
}

const char *
report_verdict_key(enum report_verdict verdict)
{
	static const char *const keys[] = {[REPORT_COMPATIBLE] = REP010,
	    [REPORT_INCOMPATIBLE] = REP011,
	    [REPORT_DISABLED] = REP012,
	    [REPORT_NO_PACKAGE] = REP013};

	return keys[verdict];
}

void
report_why(char out[REPORT_WHY_MAX], enum lang lang, unsigned reasons)
{
	size_t i;

	out[0] = '\0';
	for (i = 0; i < REPORT_REASONS; i++) {
		if ((reasons & report_reasons[i].bit) == 0)
			continue;
		if (out[0] != '\0')
			(void)strlcat(out, ", ", REPORT_WHY_MAX);
		(void)strlcat(out, messages_text(lang, report_reasons[i].key),
		    REPORT_WHY_MAX);
	}
}

bool
report_is_listed(const struct report_item *item)
{
	return item->kind != ACTION_SAME && item->kind != ACTION_EXTRA;
}

void
report_bytes(char out[REPORT_BYTES_MAX], enum lang lang, uint64_t bytes)
{
	char human[COLUMNS_BYTES_MAX];
	size_t len;

	(void)snprintf(
	    out, REPORT_BYTES_MAX, messages_text(lang, REP064), bytes);
	if (bytes < 1024)
		return;
	columns_bytes(human, bytes);
	len = strlen(out);
	(void)snprintf(out + len, REPORT_BYTES_MAX - len, " (%s)", human);
}

void
report_versions(
    char out[REPORT_VERSIONS_MAX], enum lang lang, const struct report *r)
{
	const char *unknown = messages_text(lang, REP007);
	const char *from = r->from_build, *to = r->to_build;

	if (from == NULL || from[0] == '\0')
		from = unknown;
	if (to == NULL || to[0] == '\0')
		to = unknown;
	(void)snprintf(out, REPORT_VERSIONS_MAX, "%s -> %s", from, to);
}

void
report_conclusion(FILE *out, enum lang lang, const struct report *r)
{
	char bytes[REPORT_BYTES_MAX];
	struct report_totals t;

	report_count(r, &t);
	report_bytes(bytes, lang, r->sent + r->received);
	if (r->verdict == REPORT_DISABLED || r->verdict == REPORT_NO_PACKAGE)
		messages_print(out, lang, REP063,
		    messages_text(lang, report_verdict_key(r->verdict)));
	else if (report_changes(&t) == 0)
		messages_print(out, lang, REP060);
	else if (r->dry_run)
		messages_print(out, lang, REP061, report_changes(&t), bytes);
	else
		messages_print(out, lang, REP062, report_changes(&t), bytes);
}
