/*
 * The doctor's round at a station: its folder, its INI files, and what an
 * update now would meet; by the same calls that an update makes, on a folder
 * that is only looked at.
 */
#include "cli/doctor/doctor.h"

#include "cli/config/config.h"
#include "cli/fault.h"
#include "cli/local.h"
#include "cli/messages/details.h"
#include "cli/messages/figures.h"
#include "cli/moment.h"
#include "cli/station_files.h"
#include "cli/station_ini.h"
#include "cli/station_job.h"
#include "cli/stuck.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_at.h"
#include "engine/base/text.h"
#include "engine/base/who.h"
#include "transport/api/erpsync_report.h"
#include "transport/api/erpsync_seal.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 24 * 60 * 60, SOON_DAYS = 14 };

const struct opt_row doctor_dir_rows[] = {
    {'d', "dir", "DIR", "the client folder of a station", opt_text,
	.offset = offsetof(struct doctor_options, dir)},
    {'s', "server", "HOST:PORT", "its server; else smartclient.ini tells",
	opt_text, .offset = offsetof(struct doctor_options, server)},
    {.name = NULL},
};

struct dir_round {
	struct doctor *d;
	const char *dir;
	struct erpsync_folder *folder; /* NULL: it cannot be opened */
	char host[CONFIG_MAX_HOST + 1]; /* of the server; "": none named */
	uint16_t port; /* 0: none named */
	bool is_brought; /* by a release, a smartclient.ini that is wrong */
	struct err why; /* then: what is wrong in it */
	bool is_named; /* by an option */
	bool is_unread; /* the INI may name one */
};

/* Why the folder cannot be opened; what is damaged needs a person. */
static void
tell_closed(struct dir_round *r, const struct err *e)
{
	const struct doctor_fault stuck = {
	    {UPD040, DO040}, e->msg, EXIT_RECOVERY};

	if (stuck_is(NULL, e->code))
		doctor_fault(r->d, DOC010, &stuck);
	else
		doctor_wrong(r->d, DOC010, e);
}

static void
look_at_folder(struct dir_round *r)
{
	const struct erpsync_folder_options opt = {.size = sizeof(opt),
	    .observer = {doctor_note, r->d},
	    .read_only = true};
	struct erpsync_folder_info info = {.size = sizeof(info)};
	char text[DETAIL_MAX], date[FIGURES_MAX];
	struct erpsync_error error;
	struct err e;

	if (erpsync_folder_open(r->dir, &opt, &r->folder, &error) != 0 ||
	    erpsync_folder_check_whole(r->folder, &error) != 0) {
		(void)fault_take(&e, &error);
		tell_closed(r, &e);
		return;
	}
	erpsync_folder_info(r->folder, &info);
	if (!info.known) {
		doctor_right(r->d, DOC010, messages_text(r->d->lang, DOC050));
		return;
	}
	figures_time(date, info.installed_at);
	(void)snprintf(text, sizeof(text), messages_text(r->d->lang, DOC051),
	    info.build[0] != '\0' ? info.build : "-", date);
	doctor_right(r->d, DOC010, text);
}

/* May this user update it, and has the disk room? */
static void
look_at_disk(struct dir_round *r)
{
	const struct fs *fs = fs_real();
	int rc, dir = fs_open_root(fs, r->dir);
	struct erpsync_error error;
	struct err e;

	if (dir < 0)
		return;
	if (r->folder != NULL &&
	    erpsync_folder_check_user(r->folder, &error) != 0) {
		(void)fault_take(&e, &error);
		doctor_wrong(r->d, DOC011, &e);
	} else if ((rc = fs_may_change(fs, dir)) == 0) {
		doctor_right(r->d, DOC011, "");
	} else {
		(void)at_not_writable(-rc, r->dir, &e);
		doctor_wrong(r->d, DOC011, &e);
	}
	(void)doctor_space(r->d, dir);
	(void)fs_close(fs, dir);
}

static void
tell_warnings(struct doctor *d, const struct names *warnings)
{
	size_t i;

	for (i = 0; i < warnings->n; i++)
		doctor_warn(d, DOC012, warnings->v[i]);
}

/* What an INI file says beside the server: above all what is left alone here,
 * for of that nothing is missed. */
static void
tell_settings(
    struct doctor *d, const char *name, const struct station_config *c)
{
	char text[DETAIL_MAX], list[STATION_FILES_LIST];
	const struct names *alone = &c->exclude;
	struct err e;

	text_escape(text, sizeof(text), name);
	if (alone->n > 0) {
		station_files_list(list, alone);
		(void)strlcat(text, ": Exclude=", sizeof(text));
		(void)strlcat(text, list, sizeof(text));
	}
	doctor_right(d, DOC012, text);
	tell_warnings(d, &c->warnings);
	if (!station_files_has_all(alone))
		return;
	(void)err_path(&e, ERP_USAGE, name,
	    "has an Exclude= that leaves every file alone, so no update "
	    "changes anything here; remove it");
	doctor_warn(d, DOC012, e.msg);
}

/* The server that an INI names, where none is named that counts more. */
static void
take_server(struct dir_round *r, struct station_config *c)
{
	if (r->host[0] == '\0')
		(void)strlcpy(r->host, c->server, sizeof(r->host));
	if (r->port == 0)
		r->port = c->port;
	station_config_release(c);
}

/* The station's own file first: what it says counts more. */
static void
look_at_settings(struct dir_round *r)
{
	char name[NAME_MAX + 1];
	struct station_config c;
	struct err e;
	bool insecure; /* the session sees */
	int rc = station_ini_own(r->dir, &c, &e);

	if (rc == 1) {
		tell_settings(r->d, ".erpsync/station.ini", &c);
		take_server(r, &c);
	} else if (rc == ERP_USAGE) {
		doctor_wrong(r->d, DOC012, &e);
		r->is_unread = true;
	} else if (rc < 0) {
		doctor_warn(r->d, DOC012, e.msg);
	}
	rc = station_ini_load(r->dir, name, NULL, &c, &e);
	if (rc == 1)
		(void)station_job_drop_brought(r->dir, &c, &insecure);
	if (rc == 1 && station_job_lacks_file(r->dir, name, &c, NULL, &e)) {
		r->is_brought = r->host[0] == '\0';
		r->why = e;
		doctor_warn(r->d, DOC012, e.msg);
		station_config_release(&c);
	} else if (rc == 1) {
		tell_settings(r->d, name, &c);
		take_server(r, &c);
	} else if (rc < 0 &&
	    (r->host[0] != '\0' || station_job_is_brought(r->dir, &e))) {
		/* A release may have brought it, and another may mend it. */
		r->is_brought = r->host[0] == '\0';
		r->why = e;
		doctor_warn(r->d, DOC012, e.msg);
	} else if (rc < 0) {
		doctor_wrong(r->d, DOC012, &e);
		r->is_unread = true;
	}
}

static void
look_at_address(struct dir_round *r)
{
	char text[sizeof(r->host) + 16];
	struct err e;

	if (!r->is_named && !r->is_unread && r->host[0] == '\0' &&
	    station_ini_last(r->dir,
		r->is_brought ? STATION_NAMES_WRONGLY : STATION_NAMES_NONE,
		r->host, &r->port, &e)) {
		doctor_warn(r->d, DOC014, e.msg);
		return;
	}
	if (r->host[0] != '\0' && r->port == 0) {
		(void)config_lacks_port(r->host, &e);
		doctor_wrong_plain(r->d, DOC014, &e);
		return;
	}
	if (r->host[0] == '\0' && r->is_brought) {
		station_job_way_out(&r->why, false);
		doctor_wrong(r->d, DOC014, &r->why);
		return;
	}
	if (r->host[0] == '\0' && (r->is_unread || r->folder == NULL)) {
		doctor_untried(r->d, DOC014, DOC057);
		return;
	}
	if (r->host[0] == '\0') {
		(void)err_set(&e, ERP_USAGE,
		    "no server is named: write [ErpSync] Server= and Port= "
		    "into the folder's smartclient.ini, or give --server "
		    "HOST:PORT");
		doctor_wrong_plain(r->d, DOC014, &e);
		return;
	}
	(void)snprintf(text, sizeof(text),
	    strchr(r->host, ':') != NULL ? "[%s]:%u" : "%s:%u", r->host,
	    r->port);
	doctor_right(r->d, DOC014, text);
}

/* A day of grace: time zones that were set wrong once. */
static void
look_at_clock(struct dir_round *r)
{
	struct erpsync_folder_info info = {.size = sizeof(info)};
	char now[FIGURES_MAX], then[FIGURES_MAX];
	int64_t s = clock_s(clock_real());
	struct doctor_fault f = {{DOC054, DO070}, NULL, EXIT_USAGE};
	struct err e;

	erpsync_folder_info(r->folder, &info);
	figures_time(now, s);
	if (!info.known || s >= info.installed_at - DAY_S) {
		doctor_right(r->d, DOC015, now);
		return;
	}
	figures_time(then, info.installed_at);
	(void)err_set(&e, ERP_USAGE,
	    "it is %s here, but the folder was updated at %s", now, then);
	f.detail = e.msg;
	doctor_fault(r->d, DOC015, &f);
}

static void
no_key(void *ctx, const char *id, const char *key_line)
{
	(void)ctx;
	(void)id;
	(void)key_line;
}

/* By whom the release that is installed is sealed, where that is asked for. */
static void
tell_seal(struct dir_round *r, const struct erpsync_seal *seal)
{
	int64_t left = seal->expires - clock_s(clock_real());
	char text[DETAIL_MAX], date[FIGURES_MAX];
	struct err e;

	(void)snprintf(text, sizeof(text), messages_text(r->d->lang, CLI055),
	    seal->key, seal->serial, seal->product);
	doctor_right(r->d, DOC016, text);
	if (left >= (int64_t)SOON_DAYS * DAY_S)
		return;
	figures_time(date, seal->expires);
	(void)err_set(&e, ERP_FROZEN,
	    "the seal of the installed release ends at %s: the folder has to "
	    "be sealed again before",
	    date);
	doctor_warn(r->d, DOC016, e.msg);
}

static void
look_at_seals(struct dir_round *r)
{
	struct erpsync_error error;
	struct erpsync_seal seal;
	struct err e;
	int n = erpsync_keys(r->folder, no_key, NULL, &error);
	int rc = n > 0 ? erpsync_folder_seal(r->folder, &seal, &error) : n;

	if (n == 0)
		doctor_right(r->d, DOC016, messages_text(r->d->lang, CLI054));
	else if (rc == 1)
		tell_seal(r, &seal);
	else if (rc == 0)
		doctor_right(r->d, DOC016, messages_text(r->d->lang, DOC050));
	else if (fault_take(&e, &error) == ERP_UNSEALED && n > 0)
		doctor_warn(r->d, DOC016, e.msg);
	else
		doctor_wrong(r->d, DOC016, &e);
}

static void
look_at_backups(struct dir_round *r)
{
	struct erpsync_history history;
	struct erpsync_error error;
	char text[DETAIL_MAX];
	struct err e;
	int bad = erpsync_history(r->folder, NULL, NULL, &history, &error);
	struct doctor_fault f = {{NULL, DO071}, "", EXIT_PARTIAL};

	if (bad >= 0 && history.waits)
		doctor_warn(r->d, DOC018, messages_text(r->d->lang, CLI056));
	if (bad < 0) {
		(void)fault_take(&e, &error);
		doctor_wrong(r->d, DOC018, &e);
	} else if (bad > 0) {
		(void)snprintf(text, sizeof(text),
		    messages_coded(r->d->lang, CLI012), bad);
		f.advice.what = text;
		doctor_fault(r->d, DOC018, &f);
	} else if (!history.waits) {
		doctor_right(r->d, DOC018,
		    messages_text(r->d->lang, local_good_backups(&history)));
	}
}

/* What an update now would do, in one line. */
static void
tell_changes(struct dir_round *r, const struct erpsync_report *report)
{
	char text[DETAIL_MAX];
	size_t i, n = 0;

	for (i = 0; i < report->changes_n; i++)
		n += report->changes[i].action != ERPSYNC_ACTION_SAME &&
		    report->changes[i].action != ERPSYNC_ACTION_EXTRA;
	(void)snprintf(
	    text, sizeof(text), messages_text(r->d->lang, DOC055), n);
	doctor_right(
	    r->d, DOC020, n == 0 ? messages_text(r->d->lang, UPD006) : text);
}

static void
tell_answer(struct dir_round *r, const struct erpsync_report *report,
    const struct station_job *job)
{
	struct doctor_fault disabled = {{UPD012, DO012}, "", EXIT_DISABLED};
	struct doctor_fault none = {{NULL, DO013}, "", EXIT_DISABLED};
	char text[DETAIL_MAX];
	struct err e;

	if (report->verdict == ERPSYNC_DISABLED) {
		doctor_fault(r->d, DOC019, &disabled);
		return;
	}
	if (report->verdict == ERPSYNC_NO_PACKAGE) {
		(void)snprintf(text, sizeof(text),
		    messages_coded(r->d->lang, UPD013),
		    path_os_name((enum path_os)job->update.os));
		none.advice.what = text;
		doctor_fault(r->d, DOC019, &none);
		return;
	}
	(void)snprintf(text, sizeof(text), messages_text(r->d->lang, DOC056),
	    report->to_build[0] != '\0' ? report->to_build : "-",
	    messages_text(r->d->lang,
		report->verdict == ERPSYNC_INCOMPATIBLE  ? REP011
		    : report->verdict == ERPSYNC_NOT_NOW ? REP014
							 : REP010));
	doctor_right(r->d, DOC019, text);
	if (report->verdict == ERPSYNC_NOT_NOW) {
		moment_opening(text, r->d->lang, report->opens_in_s,
		    clock_s(clock_real()));
		doctor_right(r->d, DOC020, text);
		return;
	}
	if (report->refusal.code == 0) {
		tell_changes(r, report);
		return;
	}
	(void)fault_take(&e, &report->refusal);
	doctor_wrong(r->d, DOC020, &e);
}

static void
ask(struct dir_round *r, struct station_job *job)
{
	int os = erpsync_folder_system(r->folder);
	struct erpsync_report *report = NULL;
	const struct station_session session = {job, r->folder, NULL, &report};
	struct err e;
	int rc;

	if (!job->system.is_given)
		job->system.os = os >= 0 ? os : (int)who_os();
	job->update.os = (enum erpsync_os)job->system.os;
	job->update.server.retries = 0;
	job->update.server.answer_ms = DOCTOR_ANSWER_MS;
	r->d->is_asking = true;
	rc = station_job_session(&session, &job->update, &e);
	r->d->is_asking = false;
	if (job->look.doubt.code != 0)
		doctor_warn(r->d, DOC014, job->look.doubt.msg);
	if (job->named.ignores_insecure)
		doctor_warn(r->d, DOC012, STATION_IGNORES_INSECURE);
	if (rc != 0)
		doctor_wrong(r->d, DOC019, &e);
	else
		tell_answer(r, report, job);
	erpsync_report_free(report);
}

static const struct opt_command asking_command = {"doctor", "", "",
    {{station_rows, 0}, {opt_common, offsetof(struct station_job, speech)}},
    false, ""};

/* By a check with the same INI files, whose settings were told before. */
static void
ask_as_check(struct dir_round *r, const char *server)
{
	char name[] = "doctor", quiet[] = "--quiet", to[] = "--dir";
	char whose[] = "--server";
	char *dir = strdup(r->dir);
	char *where = server != NULL ? strdup(server) : NULL;
	char *argv[] = {
	    name, quiet, to, dir, where != NULL ? whose : NULL, where, NULL};
	struct station_job job;
	struct opt o;

	if (dir == NULL || (server != NULL && where == NULL)) {
		doctor_untried(r->d, DOC019, UPD036);
	} else {
		opt_begin(&o, &asking_command, server != NULL ? 6 : 4, argv);
		if (station_job_parse(&job, &o, STATION_LOOKS) == OPT_END)
			ask(r, &job);
		else if (job.look.refusal.code != 0 && r->d->wrong == 0)
			doctor_wrong(r->d, DOC019, &job.look.refusal);
		else
			doctor_untried(r->d, DOC019, DOC057);
		station_job_release(&job);
	}
	free(dir);
	free(where);
}

int
doctor_dir(const struct doctor_options *opt)
{
	struct doctor d;
	struct dir_round r = {
	    .d = &d, .dir = opt->dir, .is_named = opt->server != NULL};
	struct err e;
	bool bad;

	doctor_begin(&d, stdout, &opt->speech, opt->dir);
	look_at_folder(&r);
	look_at_disk(&r);
	bad = opt->server != NULL &&
	    config_parse_address(opt->server, 1, r.host, &r.port, &e) != 0;
	look_at_settings(&r);
	if (bad)
		doctor_wrong_plain(&d, DOC014, &e);
	else
		look_at_address(&r);
	if (r.folder != NULL) {
		look_at_clock(&r);
		look_at_seals(&r);
		look_at_backups(&r);
	}
	if (bad || r.folder == NULL || r.host[0] == '\0' || r.port == 0)
		doctor_untried(&d, DOC019, DOC057);
	else
		ask_as_check(&r, opt->server);
	erpsync_folder_close(r.folder);
	return doctor_end(&d);
}
