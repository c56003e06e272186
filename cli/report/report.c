/*
 * Below the writers: counting what a report lists, and the words
 * that all forms share; report_heading.c has the heading.
 */
#include "cli/report/report_internal.h"

#include "cli/messages/figures.h"

#include <bsd/string.h>
#include <string.h>
#include <strings.h>

const struct report_reason report_reasons[REPORT_REASONS] = {
    {ERPSYNC_REASON_TYPE, "type", REP044},
    {ERPSYNC_REASON_SIZE, "size", REP040},
    {ERPSYNC_REASON_TIME, "time", REP041},
    {ERPSYNC_REASON_CONTENT, "content", REP042},
    {ERPSYNC_REASON_EXEC, "executable", REP043},
    {ERPSYNC_REASON_TARGET, "target", REP045},
    {ERPSYNC_REASON_MERGE, "merge", REP046},
};

static void
count_type(struct report_types *t, enum erpsync_type type)
{
	switch (type) {
	case ERPSYNC_FILE:
		t->files++;
		break;
	case ERPSYNC_DIR:
		t->dirs++;
		break;
	case ERPSYNC_SYMLINK:
		t->links++;
		break;
	}
}

static bool
is_content(const struct erpsync_change *item)
{
	return item->type == ERPSYNC_FILE &&
	    (item->action == ERPSYNC_ACTION_NEW ||
		item->action == ERPSYNC_ACTION_CHANGED);
}

enum report_class
report_class_of(const struct erpsync_change *item)
{
	switch (item->action) {
	case ERPSYNC_ACTION_META:
		return item->reasons == ERPSYNC_REASON_TIME ? REPORT_TIMES
							    : REPORT_ATTRIBUTES;
	case ERPSYNC_ACTION_NEW:
		return item->from != NULL ? REPORT_MOVED : REPORT_NEW;
	case ERPSYNC_ACTION_DELETE:
		return item->edited ? REPORT_EDITED : REPORT_REMOVED;
	case ERPSYNC_ACTION_CHANGED:
		if (item->edited)
			return REPORT_EDITED;
		return item->kind == ERPSYNC_KIND_PROGRAM ? REPORT_PROGRAMS
		    : item->kind == ERPSYNC_KIND_INI      ? REPORT_INI
							  : REPORT_OTHERS;
	case ERPSYNC_ACTION_EXTRA:
		return item->conflicts_n > 0 ? REPORT_KEPT : REPORT_LEFT;
	case ERPSYNC_ACTION_SAME:
		break;
	}
	return REPORT_LEFT;
}

void
report_count(const struct report *r, struct report_totals *t)
{
	const struct erpsync_change *item;

	memset(t, 0, sizeof(*t));
	for (item = r->v; item != r->v + r->n; item++) {
		t->kinds[item->action]++;
		t->classes[report_class_of(item)]++;
		t->sent += item->sent;
		t->received += item->received;
		if (item->action == ERPSYNC_ACTION_NEW)
			count_type(&t->created, item->type);
		if (item->action == ERPSYNC_ACTION_DELETE)
			count_type(&t->deleted, item->type);
		if (item->action == ERPSYNC_ACTION_DELETE ||
		    item->action == ERPSYNC_ACTION_EXTRA)
			continue;
		count_type(&t->wanted, item->type);
		t->wanted_bytes += item->size;
		if (!is_content(item))
			continue;
		t->content_bytes += item->size;
		if (item->codec == ERPSYNC_NO_TRANSFER)
			continue;
		t->transferred++;
		t->transferred_bytes += item->size;
	}
}

bool
report_is_turned_away(const struct report *r)
{
	return r->verdict == ERPSYNC_DISABLED ||
	    r->verdict == ERPSYNC_NO_PACKAGE || r->verdict == ERPSYNC_NOT_NOW;
}

size_t
report_changes(const struct report_totals *t)
{
	return t->kinds[ERPSYNC_ACTION_NEW] + t->kinds[ERPSYNC_ACTION_CHANGED] +
	    t->kinds[ERPSYNC_ACTION_META] + t->kinds[ERPSYNC_ACTION_DELETE];
}

const char *
report_action_word(enum erpsync_action kind)
{
	static const char *const words[] = {[ERPSYNC_ACTION_SAME] = "same",
	    [ERPSYNC_ACTION_NEW] = "new",
	    [ERPSYNC_ACTION_CHANGED] = "changed",
	    [ERPSYNC_ACTION_META] = "attributes",
	    [ERPSYNC_ACTION_DELETE] = "delete",
	    [ERPSYNC_ACTION_EXTRA] = "extra"};

	return words[kind];
}

const char *
report_action_key(enum erpsync_action kind)
{
	static const char *const keys[] = {[ERPSYNC_ACTION_SAME] = REP030,
	    [ERPSYNC_ACTION_NEW] = REP031,
	    [ERPSYNC_ACTION_CHANGED] = REP032,
	    [ERPSYNC_ACTION_META] = REP033,
	    [ERPSYNC_ACTION_DELETE] = REP034,
	    [ERPSYNC_ACTION_EXTRA] = REP035};

	return keys[kind];
}

const char *
report_type_word(enum erpsync_type type)
{
	static const char *const words[] = {[ERPSYNC_FILE] = "file",
	    [ERPSYNC_DIR] = "folder",
	    [ERPSYNC_SYMLINK] = "link"};

	return words[type];
}

const char *report_class_word(enum report_class class)
{
	static const char *const words[] = {[REPORT_PROGRAMS] = "program",
	    [REPORT_INI] = "ini",
	    [REPORT_KEPT] = "kept",
	    [REPORT_OTHERS] = "other",
	    [REPORT_NEW] = "new",
	    [REPORT_REMOVED] = "removed",
	    [REPORT_EDITED] = "edited",
	    [REPORT_MOVED] = "moved",
	    [REPORT_ATTRIBUTES] = "attributes",
	    [REPORT_TIMES] = "time",
	    [REPORT_LEFT] = NULL};

	return words[class];
}

const char *report_class_key(enum report_class class)
{
	static const char *const keys[] = {[REPORT_PROGRAMS] = REP100,
	    [REPORT_INI] = REP101,
	    [REPORT_KEPT] = REP109,
	    [REPORT_OTHERS] = REP102,
	    [REPORT_NEW] = REP103,
	    [REPORT_REMOVED] = REP104,
	    [REPORT_EDITED] = REP105,
	    [REPORT_MOVED] = REP106,
	    [REPORT_ATTRIBUTES] = REP107,
	    [REPORT_TIMES] = REP108};

	return keys[class];
}

const char *
report_conflict_word(const struct erpsync_conflict *c)
{
	return c == NULL ? NULL : c->release_wins ? "release" : "station";
}

const char *
report_conflict_key(const struct erpsync_conflict *c)
{
	return c->release_wins ? REP127 : REP126;
}

const char *
report_refusal_key(const struct report *r)
{
	return !r->dry_run ? K2 : r->failed ? CLI015 : REP065;
}

const char *
report_title_key(const struct report *r)
{
	if (r->other != NULL)
		return REP008;
	return r->dry_run ? REP002 : REP001;
}

const char *
report_codec_word(enum erpsync_codec codec)
{
	static const char *const words[] = {[ERPSYNC_NO_TRANSFER] = NULL,
	    [ERPSYNC_CODEC_FULL] = "full",
	    [ERPSYNC_CODEC_RSYNC] = "rsync",
	    [ERPSYNC_CODEC_PATCH] = "patch"};

	return words[codec];
}

const char *
report_verdict_word(enum erpsync_verdict verdict)
{
	/* Who is told to come later gets no report. */
	static const char *const words[] = {
	    NULL, [ERPSYNC_COMPATIBLE] = "compatible",
	    [ERPSYNC_SERVER_BUSY] = "disabled",
	    [ERPSYNC_INCOMPATIBLE] = "incompatible",
	    [ERPSYNC_DISABLED] = "disabled",
	    [ERPSYNC_NO_PACKAGE] = "no-package", [ERPSYNC_NOT_NOW] = "not-now"};

	return words[verdict];
}

const char *
report_verdict_key(enum erpsync_verdict verdict)
{
	static const char *const keys[] = {REP007,
	    [ERPSYNC_COMPATIBLE] = REP010, [ERPSYNC_SERVER_BUSY] = REP012,
	    [ERPSYNC_INCOMPATIBLE] = REP011, [ERPSYNC_DISABLED] = REP012,
	    [ERPSYNC_NO_PACKAGE] = REP013, [ERPSYNC_NOT_NOW] = REP014};

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
report_is_listed(const struct erpsync_change *item)
{
	return item->action != ERPSYNC_ACTION_SAME &&
	    item->action != ERPSYNC_ACTION_EXTRA;
}

bool
report_has_line(const struct report *r, const struct erpsync_change *item)
{
	enum report_class class = report_class_of(item);

	return class == REPORT_KEPT ||
	    (report_is_listed(item) && (r->all || class != REPORT_TIMES));
}

size_t
report_folded(const struct report *r)
{
	size_t n = 0, i;

	for (i = 0; i < r->n; i++)
		n +=
		    report_is_listed(&r->v[i]) && !report_has_line(r, &r->v[i]);
	return n;
}

void
report_bytes(char out[REPORT_BYTES_MAX], enum lang lang, uint64_t bytes)
{
	char exact[FIGURES_MAX], human[FIGURES_MAX];
	size_t len;

	figures_count(exact, lang, bytes);
	(void)snprintf(
	    out, REPORT_BYTES_MAX, messages_text(lang, REP064), exact);
	if (bytes == 1)
		(void)strlcpy(
		    out, messages_text(lang, REP147), REPORT_BYTES_MAX);
	if (bytes < 1024)
		return;
	figures_bytes(human, lang, bytes);
	len = strlen(out);
	(void)snprintf(out + len, REPORT_BYTES_MAX - len, " (%s)", human);
}

void
report_conclusion(FILE *out, enum lang lang, const struct report *r)
{
	char bytes[REPORT_BYTES_MAX];
	struct report_totals t;

	report_count(r, &t);
	report_bytes(bytes, lang, r->sent + r->received);
	if (report_is_turned_away(r))
		messages_print(out, lang, REP063,
		    messages_text(lang, report_verdict_key(r->verdict)));
	else if (!r->dry_run && r->refusal != NULL)
		messages_print(out, lang, REP067);
	else if (r->failed)
		messages_print(out, lang, REP070);
	else if (report_changes(&t) == 0 && r->other != NULL)
		messages_print(out, lang, REP069);
	else if (report_changes(&t) == 0)
		messages_print(out, lang, REP060);
	else if (r->other != NULL)
		messages_print(out, lang, REP068, report_changes(&t));
	else if (r->dry_run)
		messages_print(out, lang, REP061, report_changes(&t), bytes);
	else
		messages_print(out, lang, REP062, report_changes(&t), bytes);
}

int
report_format_of(const char *path)
{
	static const struct {
		const char *ending;
		enum report_format format;
	} known[] = {{".txt", REPORT_TEXT}, {".json", REPORT_JSON},
	    {".csv", REPORT_CSV}, {".html", REPORT_HTML},
	    {".htm", REPORT_HTML}};
	const char *dot = strrchr(path, '.');
	size_t i;

	for (i = 0; dot != NULL && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcasecmp(dot, known[i].ending) == 0)
			return (int)known[i].format;
	return -1;
}
