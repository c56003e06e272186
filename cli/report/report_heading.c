/*
 * The heading of a report for people, what is to be known before any file is
 * looked at: one line for each fact.  Between report.c and the writers that
 * show it.
 */
#include "cli/report/report_internal.h"

#include "cli/messages/figures.h"
#include "engine/base/text.h"
#include "transport/api/erpsync_seal.h"

#include <bsd/string.h>
#include <string.h>
#include <time.h>

enum { RELEASE_SHOWN = 16 };

/* What a link moves that nobody told of, for an idea: bytes a second. */
enum { SLOW_LINK = 1000 * 1000 / 8, FAST_LINK = 10 * SLOW_LINK };

/* The next one, which its caller fills. */
static char *
next(struct report_fact *v, size_t *n, const char *key)
{
	v[*n].key = key;
	v[*n].text[0] = '\0';
	return v[(*n)++].text;
}

static void
versions(char *out, enum lang lang, const struct report *r)
{
	const char *unknown = messages_text(lang, REP007);
	const char *from = r->from_build, *to = r->to_build;

	if (from == NULL || from[0] == '\0')
		from = unknown;
	if (to == NULL || to[0] == '\0')
		to = unknown;
	(void)snprintf(out, REPORT_FACT_MAX, "%s -> %s", from, to);
}

void
report_date(char out[REPORT_DATE_MAX], int64_t date)
{
	time_t t = (time_t)date;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, REPORT_DATE_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)strlcpy(out, "?", REPORT_DATE_MAX);
}

static uint64_t
seconds_at(const struct report *r, uint64_t rate)
{
	uint64_t bytes = r->sent + r->received;

	return bytes / rate + (bytes % rate != 0);
}

uint64_t
report_seconds(const struct report *r)
{
	uint64_t rate =
	    r->facts.rate != 0 ? r->facts.rate : r->facts.outlook.rate;

	return rate == 0 ? 0 : seconds_at(r, rate);
}

static void
transfer_time(char *out, enum lang lang, const struct report *r)
{
	char time[FIGURES_MAX], other[FIGURES_MAX], rate[FIGURES_MAX];
	uint64_t told = r->facts.rate, seen = r->facts.outlook.rate;

	if (!r->dry_run) {
		figures_span(time, (r->elapsed_ms + 999) / 1000);
		(void)snprintf(out, REPORT_FACT_MAX, "%s", time);
	} else if (told == 0 && seen == 0) {
		figures_span(time, seconds_at(r, SLOW_LINK));
		figures_span(other, seconds_at(r, FAST_LINK));
		(void)snprintf(out, REPORT_FACT_MAX,
		    messages_text(lang, REP082), time, other);
	} else {
		figures_span(time, report_seconds(r));
		figures_bytes(rate, lang, told != 0 ? told : seen);
		(void)snprintf(out, REPORT_FACT_MAX,
		    messages_text(lang, told != 0 ? REP080 : REP081), time,
		    rate);
	}
}

static void
disk(char *out, enum lang lang, const struct erpsync_outlook *o)
{
	char needed[FIGURES_MAX], is_free[FIGURES_MAX];

	figures_bytes(needed, lang, o->disk_needed);
	figures_bytes(is_free, lang, o->disk_free);
	(void)snprintf(
	    out, REPORT_FACT_MAX, messages_text(lang, REP083), needed, is_free);
}

bool
report_backup(char out[REPORT_BACKUP_MAX], const struct report *r)
{
	(void)snprintf(
	    out, REPORT_BACKUP_MAX, "bkp_remote.%03d", r->facts.outlook.backup);
	return r->facts.outlook.backup > 0;
}

static void
backup(char *out, enum lang lang, const struct report *r)
{
	const struct erpsync_outlook *o = &r->facts.outlook;
	char name[REPORT_BACKUP_MAX], files[FIGURES_MAX], bytes[FIGURES_MAX];
	size_t n;

	if (!report_backup(name, r)) {
		(void)strlcpy(
		    out, messages_text(lang, REP086), REPORT_FACT_MAX);
		return;
	}
	(void)strlcpy(out, name, REPORT_FACT_MAX);
	if (o->backup_files == 0)
		return;
	figures_count(files, lang, o->backup_files);
	figures_bytes(bytes, lang, o->backup_bytes);
	(void)strlcat(out, ": ", REPORT_FACT_MAX);
	n = strlen(out);
	(void)snprintf(out + n, REPORT_FACT_MAX - n,
	    messages_text(lang, REP084), files, bytes);
	if (!o->backup_pushes)
		return;
	(void)strlcat(out, "; ", REPORT_FACT_MAX);
	(void)strlcat(out, messages_text(lang, REP085), REPORT_FACT_MAX);
}

static void
seal(char *out, enum lang lang, const struct erpsync_seal *s)
{
	char until[REPORT_DATE_MAX];

	if (s == NULL) {
		(void)strlcpy(
		    out, messages_text(lang, REP088), REPORT_FACT_MAX);
		return;
	}
	report_date(until, s->expires);
	until[strcspn(until, "T")] = '\0';
	(void)snprintf(out, REPORT_FACT_MAX, messages_text(lang, REP087),
	    s->key, s->serial, s->product, until);
}

/* What there is with a server only. */
static void
server_facts(
    struct report_fact *v, size_t *n, enum lang lang, const struct report *r)
{
	const char *dash = "-";
	char release[HASH_HEX_LEN + 1];

	text_escape(next(v, n, REP003), REPORT_FACT_MAX,
	    r->server != NULL ? r->server : dash);
	hash_hex(&r->release, release);
	release[RELEASE_SHOWN] = '\0';
	(void)strlcpy(next(v, n, REP004),
	    hash_is_zero(&r->release) ? dash : release, REPORT_FACT_MAX);
	versions(next(v, n, REP005), lang, r);
	(void)strlcpy(next(v, n, REP006),
	    messages_text(lang, report_verdict_key(r->verdict)),
	    REPORT_FACT_MAX);
	if (r->facts.opens != 0)
		figures_time(next(v, n, REP089), r->facts.opens);
	if (r->n == 0)
		return;
	seal(next(v, n, REP072), lang, r->facts.seal);
	if (r->sent + r->received > 0)
		transfer_time(next(v, n, REP073), lang, r);
}

size_t
report_heading(struct report_fact out[REPORT_FACTS], enum lang lang,
    const struct report *r)
{
	const struct erpsync_outlook *o = &r->facts.outlook;
	struct report_totals t;
	size_t n = 0;

	report_count(r, &t);
	if (r->other != NULL)
		text_escape(next(out, &n, REP079), REPORT_FACT_MAX, r->other);
	else
		server_facts(out, &n, lang, r);
	if (o->disk_needed > 0)
		disk(next(out, &n, REP074), lang, o);
	if (report_changes(&t) > 0 && r->other == NULL)
		backup(next(out, &n, REP075), lang, r);
	if (r->facts.in_use != NULL && r->facts.in_use[0] != '\0')
		text_escape(
		    next(out, &n, REP076), REPORT_FACT_MAX, r->facts.in_use);
	if (r->facts.station != NULL)
		text_escape(
		    next(out, &n, REP077), REPORT_FACT_MAX, r->facts.station);
	if (r->facts.date != 0)
		figures_time(next(out, &n, REP078), r->facts.date);
	return n;
}
