/*
 * The report for programs: JSON and CSV, with words that never change
 * (erpsync(1)).  One of the writers that report_write.c chooses from.
 */
#include "cli/report/report_internal.h"

#include "cli/report/contents.h"
#include "cli/report/csv.h"
#include "cli/report/json_put.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync_seal.h"

/* Raised when a key changes its meaning or goes away; report.schema.json. */
enum { REPORT_JSON_FORMAT = 1 };

static json_t *
reasons_json(unsigned reasons)
{
	json_t *list = json_array();
	bool ok = list != NULL;
	size_t i;

	for (i = 0; ok && i < REPORT_REASONS; i++)
		if ((reasons & report_reasons[i].bit) != 0)
			ok = json_put_last(
			    list, json_put_text(report_reasons[i].word));
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
line_json(const struct contents_line *line)
{
	json_t *o;

	if (line->section == NULL)
		return json_put_text(line->text);
	o = json_object();
	if (json_put(o, "section", json_put_text(line->section)) &&
	    json_put(o, "key", json_put_text(line->text)) &&
	    json_put(o, "old", json_put_text(line->old_value)) &&
	    json_put(o, "new", json_put_text(line->new_value)) &&
	    json_put(o, "conflict",
		json_put_text(report_conflict_word(line->conflict))) &&
	    json_put(o, "release", json_put_text(line->release_value)))
		return o;
	json_decref(o);
	return NULL;
}

/* INI keys, or lines of a diff: null when there are none of that kind. */
static json_t *
inside_json(const struct report *r, size_t item, bool keys)
{
	json_t *list = json_array();
	struct contents_line line;
	bool ok = list != NULL;
	size_t k;

	for (k = 0; ok && contents_line(r->contents, item, k, &line); k++)
		if ((line.section != NULL) == keys)
			ok = json_put_last(list, line_json(&line));
	if (ok && json_array_size(list) > 0)
		return list;
	json_decref(list);
	return ok ? json_null() : NULL;
}

static json_t *
item_json(const struct report *r, size_t i)
{
	const struct erpsync_change *item = &r->v[i];
	const char *class = report_class_word(report_class_of(item));
	json_t *o = json_object();

	if (json_put(o, "path", json_put_text(item->path)) &&
	    json_put(o, "type", json_put_text(report_type_word(item->type))) &&
	    json_put(
		o, "action", json_put_text(report_action_word(item->action))) &&
	    json_put(o, "class", json_put_text(class)) &&
	    json_put(o, "reasons", reasons_json(item->reasons)) &&
	    json_put(o, "size", json_put_number(item->size)) &&
	    json_put(o, "old_size", json_put_number(item->old_size)) &&
	    json_put(o, "from", json_put_text(item->from)) &&
	    json_put(o, "edited", json_boolean(item->edited)) &&
	    json_put(
		o, "codec", json_put_text(report_codec_word(item->codec))) &&
	    json_put(o, "sent_bytes", json_put_number(item->sent)) &&
	    json_put(o, "received_bytes", json_put_number(item->received)) &&
	    json_put(o, "ini", inside_json(r, i, true)) &&
	    json_put(o, "diff", inside_json(r, i, false)))
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
items_json(const struct report *r)
{
	json_t *list = json_array();
	bool ok = list != NULL;
	size_t i;

	for (i = 0; ok && i < r->n; i++)
		if (r->v[i].action != ERPSYNC_ACTION_SAME)
			ok = json_put_last(list, item_json(r, i));
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
totals_json(const struct report *r)
{
	struct report_totals t;
	json_t *o = json_object();
	int kind;
	bool ok = true;

	report_count(r, &t);
	for (kind = ERPSYNC_ACTION_SAME; ok && kind <= ERPSYNC_ACTION_EXTRA;
	     kind++)
		ok = json_put(o, report_action_word((enum erpsync_action)kind),
		    json_put_number(t.kinds[kind]));
	if (ok &&
	    json_put(o, "release_bytes", json_put_number(t.wanted_bytes)) &&
	    json_put(o, "content_bytes", json_put_number(t.content_bytes)) &&
	    json_put(o, "literal_bytes", json_put_number(r->literal)) &&
	    json_put(o, "matched_bytes", json_put_number(r->matched)) &&
	    json_put(o, "sent_bytes", json_put_number(r->sent)) &&
	    json_put(o, "received_bytes", json_put_number(r->received)))
		return o;
	json_decref(o);
	return NULL;
}

static json_t *
seal_json(const struct erpsync_seal *s)
{
	char until[REPORT_DATE_MAX];
	json_t *o;

	if (s == NULL)
		return json_null();
	o = json_object();
	report_date(until, s->expires);
	if (json_put(o, "key", json_put_text(s->key)) &&
	    json_put(o, "serial", json_put_number(s->serial)) &&
	    json_put(o, "product", json_put_text(s->product)) &&
	    json_put(o, "expires", json_put_text(until)))
		return o;
	json_decref(o);
	return NULL;
}

/* A number that is not known is null. */
static json_t *
known_number(uint64_t v)
{
	return v == 0 ? json_null() : json_put_number(v);
}

/* What is known besides the changes. */
static json_t *
outlook_json(const struct report *r)
{
	const struct erpsync_outlook *o = &r->facts.outlook;
	char backup[REPORT_BACKUP_MAX];
	bool has_backup = report_backup(backup, r);
	uint64_t rate = r->facts.rate != 0 ? r->facts.rate : o->rate;
	json_t *to = json_object();

	if (json_put(to, "bytes_per_second", known_number(rate)) &&
	    json_put(to, "seconds",
		rate == 0 ? json_null() : json_put_number(report_seconds(r))) &&
	    json_put(to, "disk_needed_bytes", known_number(o->disk_needed)) &&
	    json_put(to, "disk_free_bytes", known_number(o->disk_free)) &&
	    json_put(to, "backup", json_put_text(has_backup ? backup : NULL)) &&
	    json_put(to, "backup_files", json_put_number(o->backup_files)) &&
	    json_put(to, "backup_bytes", json_put_number(o->backup_bytes)) &&
	    json_put(
		to, "backup_drops_oldest", json_boolean(o->backup_pushes)) &&
	    json_put(to, "in_use", json_put_text(r->facts.in_use)) &&
	    json_put(to, "seal", seal_json(r->facts.seal)))
		return to;
	json_decref(to);
	return NULL;
}

/* A time that is not known is null. */
static json_t *
known_date(int64_t v)
{
	char date[REPORT_DATE_MAX];

	report_date(date, v);
	return json_put_text(v != 0 ? date : NULL);
}

/* Who tells it, and when. */
static bool
put_station(json_t *o, const struct report *r)
{
	return json_put(o, "station", json_put_text(r->facts.station)) &&
	    json_put(o, "date", known_date(r->facts.date)) &&
	    json_put(o, "compared_with", json_put_text(r->other));
}

int
report_json(FILE *out, const struct report *r, struct err *e)
{
	char release[HASH_HEX_LEN + 1];
	json_t *o = json_object();

	hash_hex(&r->release, release);
	if (!json_put(o, "format", json_put_number(REPORT_JSON_FORMAT)) ||
	    !json_put(o, "dry_run", json_boolean(r->dry_run)) ||
	    !json_put(o, "folder", json_put_text(r->folder)) ||
	    !json_put(o, "server", json_put_text(r->server)) ||
	    !json_put(o, "release",
		json_put_text(hash_is_zero(&r->release) ? NULL : release)) ||
	    !json_put(o, "from_build", json_put_text(r->from_build)) ||
	    !json_put(o, "to_build", json_put_text(r->to_build)) ||
	    !json_put(
		o, "verdict", json_put_text(report_verdict_word(r->verdict))) ||
	    !json_put(o, "opens", known_date(r->facts.opens)) ||
	    !json_put(o, "refusal",
		json_put_text(r->refusal != NULL ? r->refusal->msg : NULL)) ||
	    !put_station(o, r) || !json_put(o, "outlook", outlook_json(r)) ||
	    !json_put(o, "totals", totals_json(r)) ||
	    !json_put(o, "items", items_json(r))) {
		json_decref(o);
		return err_set(e, ERP_NOMEM, "no memory for the report");
	}
	return json_put_out(out, o, e);
}

static void
reasons_csv(FILE *out, unsigned reasons)
{
	const char *between = "";
	size_t i;

	for (i = 0; i < REPORT_REASONS; i++) {
		if ((reasons & report_reasons[i].bit) == 0)
			continue;
		fprintf(out, "%s%s", between, report_reasons[i].word);
		between = " ";
	}
}

static const char *
word_or_nothing(const char *word)
{
	return word != NULL ? word : "";
}

void
report_csv(FILE *out, const struct report *r)
{
	const struct erpsync_change *item;
	char path[4 * PATH_MAX_BYTES + 1];

	fprintf(out,
	    "path,type,action,reasons,size,codec,sent_bytes,"
	    "received_bytes,class,old_size,from,edited\r\n");
	for (item = r->v; item != r->v + r->n; item++) {
		if (item->action == ERPSYNC_ACTION_SAME)
			continue;
		text_escape(path, sizeof(path), item->path);
		csv_field(out, path);
		fprintf(out, ",%s,%s,", report_type_word(item->type),
		    report_action_word(item->action));
		reasons_csv(out, item->reasons);
		fprintf(out,
		    ",%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 ",%s,%" PRIu64 ",",
		    item->size, word_or_nothing(report_codec_word(item->codec)),
		    item->sent, item->received,
		    word_or_nothing(report_class_word(report_class_of(item))),
		    item->old_size);
		text_escape(path, sizeof(path), word_or_nothing(item->from));
		csv_field(out, path);
		fprintf(out, ",%s\r\n", item->edited ? "yes" : "no");
	}
}
