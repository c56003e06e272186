/*
 * The report for programs: JSON and CSV, with words that never change
 * (erpsync(1)).  One of the writers that report_write.c chooses from.
 */
#include "cli/report/report_internal.h"

#include "cli/report/csv.h"
#include "cli/report/json_put.h"
#include "engine/base/err.h"
#include "engine/base/text.h"

/* Raised when a key changes its meaning or goes away. */
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
item_json(const struct erpsync_change *item)
{
	json_t *o = json_object();

	if (json_put(o, "path", json_put_text(item->path)) &&
	    json_put(o, "type", json_put_text(report_type_word(item->type))) &&
	    json_put(
		o, "action", json_put_text(report_action_word(item->action))) &&
	    json_put(o, "reasons", reasons_json(item->reasons)) &&
	    json_put(o, "size", json_put_number(item->size)) &&
	    json_put(
		o, "codec", json_put_text(report_codec_word(item->codec))) &&
	    json_put(o, "sent_bytes", json_put_number(item->sent)) &&
	    json_put(o, "received_bytes", json_put_number(item->received)))
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
			ok = json_put_last(list, item_json(&r->v[i]));
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
	    !json_put(o, "refusal",
		json_put_text(r->refusal != NULL ? r->refusal->msg : NULL)) ||
	    !json_put(o, "totals", totals_json(r)) ||
	    !json_put(o, "items", items_json(r))) {
		json_decref(o);
		return err_set(e, ERP_NOMEM, "no memory for the report");
	}
	return json_put_out(out, o, e);
}

void
report_csv(FILE *out, const struct report *r)
{
	const struct erpsync_change *item;
	const char *between, *codec;
	char path[4 * PATH_MAX_BYTES + 1];
	size_t i;

	fprintf(out,
	    "path,type,action,reasons,size,codec,sent_bytes,"
	    "received_bytes\r\n");
	for (item = r->v; item != r->v + r->n; item++) {
		if (item->action == ERPSYNC_ACTION_SAME)
			continue;
		text_escape(path, sizeof(path), item->path);
		csv_field(out, path);
		fprintf(out, ",%s,%s,", report_type_word(item->type),
		    report_action_word(item->action));
		codec = report_codec_word(item->codec);
		between = "";
		for (i = 0; i < REPORT_REASONS; i++) {
			if ((item->reasons & report_reasons[i].bit) == 0)
				continue;
			fprintf(out, "%s%s", between, report_reasons[i].word);
			between = " ";
		}
		fprintf(out, ",%" PRIu64 ",%s,%" PRIu64 ",%" PRIu64 "\r\n",
		    item->size, codec != NULL ? codec : "", item->sent,
		    item->received);
	}
}
