/*
 * A server asked by the doctor who knows its folders: what a station would get
 * is compared with what lies there, for doctor_config.c in a program that has
 * the station's part.
 */
#include "cli/doctor/doctor.h"

#include "cli/config/config.h"
#include "cli/fault.h"
#include "cli/messages/details.h"
#include "cli/moment.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/api/erpsync_report.h"

#include <string.h>

static bool
is_equal(const struct erpsync_report *r)
{
	size_t i;

	for (i = 0; i < r->changes_n; i++)
		if (r->changes[i].action != ERPSYNC_ACTION_SAME &&
		    r->changes[i].action != ERPSYNC_ACTION_EXTRA)
			return false;
	return r->compared;
}

static void
tell(struct doctor *d, const struct erpsync_report *r, enum path_os os)
{
	struct doctor_fault none = {{NULL, DO072}, "", EXIT_DISABLED};
	struct doctor_fault disabled = {{UPD012, DO072}, "", EXIT_DISABLED};
	char text[DETAIL_MAX];
	struct err e;

	if (r->verdict == ERPSYNC_DISABLED) {
		doctor_fault(d, DOC019, &disabled);
	} else if (r->verdict == ERPSYNC_NO_PACKAGE) {
		(void)snprintf(text, sizeof(text),
		    messages_coded(d->lang, UPD013), path_os_name(os));
		none.advice.what = text;
		doctor_fault(d, DOC019, &none);
	} else if (r->verdict == ERPSYNC_NOT_NOW) {
		moment_opening(
		    text, d->lang, r->opens_in_s, clock_s(clock_real()));
		doctor_right(d, DOC019, text);
	} else if (is_equal(r)) {
		(void)snprintf(text, sizeof(text),
		    messages_text(d->lang, DOC058), config_os_key(os));
		doctor_right(d, DOC019, text);
	} else {
		(void)err_set(&e, ERP_BUSY,
		    "the folder of %s is not what is served: it changes, it "
		    "was changed a moment ago or after it was sealed, it is a "
		    "release that is held, or the server's log says why it is "
		    "not published",
		    config_os_key(os));
		doctor_warn(d, DOC019, e.msg);
	}
}

/* At the server itself: nobody is at its port, or another program is. */
static void
unanswered(struct doctor *d, const struct err *e)
{
	struct doctor_fault f = {
	    failure_advice_plain(e), e->msg, failure_exit(e->code)};

	if (e->code == ERP_UNREACHABLE)
		f.advice.act = DO074;
	else if (e->code == ERP_LOST || e->code == ERP_PROTO ||
	    e->code == ERP_TIMEOUT || e->code == ERP_UNANSWERED)
		f.advice.act = DO075;
	doctor_fault(d, DOC019, &f);
}

int
doctor_answer(struct doctor *d, const struct server_config *c, enum path_os os)
{
	const struct erpsync_folder_options look = {
	    .size = sizeof(look), .read_only = true};
	struct erpsync_update_options opt = {
	    .size = sizeof(opt), .os = (enum erpsync_os)os};
	struct erpsync_report *report = NULL;
	struct erpsync_folder *f = NULL;
	struct erpsync_error error;
	struct err e;
	int rc;

	if (c->tls.client_ca != NULL) {
		doctor_untried(d, DOC019, DOC059);
		return 0;
	}
	opt.server.host = c->listen[0] != '\0' ? c->listen : "127.0.0.1";
	opt.server.port = c->port;
	opt.server.answer_ms = DOCTOR_ANSWER_MS;
	opt.build = c->build;
	if ((rc = erpsync_folder_open(c->path[os], &look, &f, &error)) == 0)
		rc = erpsync_check(f, &opt, &report, &error);
	if (rc != 0) {
		(void)fault_take(&e, &error);
		unanswered(d, &e);
	} else {
		tell(d, report, os);
	}
	erpsync_report_free(report);
	erpsync_folder_close(f);
	return rc != 0 ? rc : 1;
}
