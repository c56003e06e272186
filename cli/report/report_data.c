/*
 * The report for programs: JSON and CSV, with words that never change
 * (erpsync(1)).  One of the writers that report_write.c chooses from.
 */
#include "cli/report/report_internal.h"

#include "cli/report/csv.h"
#include "engine/base/err.h"
#include "engine/base/text.h"

#include <jansson.h>
#include <string.h>

/* Raised when a key changes its meaning or goes away. */
enum { REPORT_JSON_FORMAT = 1 };

/* A string, escaped if it is not UTF-8; null for NULL. */
static json_t *
text_json(const char *text)
{
	char shown[4 * PATH_MAX_BYTES + 1];

	if (text == NULL)
		return json_null();
	if (utf8_is_valid(text, strlen(text)))
		return json_string(text);
	text_escape(shown, sizeof(shown), text);
	return json_string(shown);
}

static json_t *
number_json(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

/* json_object_set_new and json_array_append_new take the reference also when
 * they fail, and refuse NULL: so a lack of memory is seen in their result. */
static bool
put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

static json_t *
reasons_json(unsigned reasons)
{
	json_t *list = json_array();
	bool ok = list != NULL;
	size_t i;

	for (i = 0; ok && i < REPORT_REASONS; i++)
		if ((reasons & report_reasons[i].bit) != 0)
			ok = json_array_append_new(list,
				 json_string(report_reasons[i].word)) == 0;
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *
item_json(const struct erpsync_change *item)
{
	json_t *o = json_object();

	if (put(o, "path", text_json(item->path)) &&
	    put(o, "type", text_json(report_type_word(item->type))) &&
	    put(o, "action", text_json(report_action_word(item->action))) &&
	    put(o, "reasons", reasons_json(item->reasons)) &&
	    put(o, "size", number_json(item->size)) &&
	    put(o, "codec", text_json(report_codec_word(item->codec))) &&
	    put(o, "sent_bytes", number_json(item->sent)) &&
	    put(o, "received_bytes", number_json(item->received)))
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
			ok = json_array_append_new(list, item_json(&r->v[i])) ==
			    0;
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
		ok = put(o, report_action_word((enum erpsync_action)kind),
		    number_json(t.kinds[kind]));
	if (ok && put(o, "release_bytes", number_json(t.wanted_bytes)) &&
	    put(o, "content_bytes", number_json(t.content_bytes)) &&
	    put(o, "literal_bytes", number_json(r->literal)) &&
	    put(o, "matched_bytes", number_json(r->matched)) &&
	    put(o, "sent_bytes", number_json(r->sent)) &&
	    put(o, "received_bytes", number_json(r->received)))
		return o;
	json_decref(o);
	return NULL;
}

int
report_json(FILE *out, const struct report *r, struct err *e)
{
	char release[HASH_HEX_LEN + 1];
	json_t *o = json_object();
	int rc = 0;

	hash_hex(&r->release, release);
	if (!put(o, "format", number_json(REPORT_JSON_FORMAT)) ||
	    !put(o, "dry_run", json_boolean(r->dry_run)) ||
	    !put(o, "folder", text_json(r->folder)) ||
	    !put(o, "server", text_json(r->server)) ||
	    !put(o, "release",
		text_json(hash_is_zero(&r->release) ? NULL : release)) ||
	    !put(o, "from_build", text_json(r->from_build)) ||
	    !put(o, "to_build", text_json(r->to_build)) ||
	    !put(o, "verdict", text_json(report_verdict_word(r->verdict))) ||
	    !put(o, "refusal",
		text_json(r->refusal != NULL ? r->refusal->msg : NULL)) ||
	    !put(o, "totals", totals_json(r)) ||
	    !put(o, "items", items_json(r)))
		rc = err_set(e, ERP_NOMEM, "no memory for the report");
	/* A failure to write shows in out, where report_write looks. */
	else if (json_dumpf(o, out, JSON_INDENT(2)) == 0)
		(void)fputc('\n', out);
	else if (!ferror(out))
		rc = err_set(e, ERP_NOMEM, "no memory for the report");
	json_decref(o);
	return rc;
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
