/*
 * What a server, its settings and the library need around an update, with
 * each allocation failing.  As test_starve.c; what other threads allocate
 * does not fail.
 */
#include "tests/support/starve.h"

#include "cli/config/config.h"
#include "cli/file_stream.h"
#include "cli/log.h"
#include "cli/report/contents.h"
#include "cli/report/report.h"
#include "cli/report/report_history.h"
#include "engine/apply/apply.h"
#include "engine/apply/folder.h"
#include "engine/apply/history.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"
#include "transport/api/erpsync.h"
#include "transport/host/listen.h"
#include "transport/host/pool.h"
#include "transport/host/publisher.h"
#include "transport/host/single_flight.h"
#include "transport/host/watch.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tempdir t;
static struct event_base *base;
static char path[3][300];

static void
begin(void)
{
	static const char *const names[3] = {"update", "state", "x.ini"};
	int i;

	tempdir_open(&t);
	tempdir_text(&t, "update/f", "text", 1000);
	tempdir_mkdir(&t, "state");
	for (i = 0; i < 3; i++)
		(void)snprintf(
		    path[i], sizeof(path[i]), "%s/%s", t.path, names[i]);
	cr_assert_not_null(base = event_base_new());
}

static void
end(void)
{
	event_base_free(base);
	tempdir_close(&t);
}

TestSuite(starve_host, .init = begin, .fini = end, .timeout = 120);

/* --- settings -------------------------------------------------------------*/

static int
server_settings(void *arg, struct err *e)
{
	struct server_config c;
	int rc = server_config_load(path[2], &c, e);

	(void)arg;
	if (rc != 0)
		return rc;
	if (c.port != 4321 || c.exclude.n != 2 || c.log_file == NULL ||
	    c.path[PATH_OS_LINUX] == NULL ||
	    strcmp(strrchr(c.path[PATH_OS_LINUX], '/'), "/upd") != 0 ||
	    c.warnings.n == 0)
		rc = STARVE_WRONG;
	server_config_release(&c);
	return rc;
}

static int
station_settings(void *arg, struct err *e)
{
	struct station_config c;
	int fd = fs_open(fs_real(), t.fd, "x.ini", FS_READ, 0), rc;

	(void)arg;
	rc = station_config_load(fd, "x.ini", &c, e);
	fs_close_quietly(fs_real(), &fd);
	if (rc != 0)
		return rc;
	if (strcmp(c.server, "erp") != 0 || c.health_check == NULL ||
	    strcmp(c.health_check, "./check") != 0 || c.exclude.n != 1)
		rc = STARVE_WRONG;
	station_config_release(&c);
	return rc;
}

static int
logs(void *arg, struct err *e)
{
	struct log *l = NULL;
	int rc = log_open("/dev/null", &l, e);

	(void)arg;
	if (rc != 0)
		return rc;
	if (l == NULL)
		return STARVE_WRONG;
	log_write(l, LOG_LEVEL_INFO, "SERVER", "text");
	rc = log_reopen(l, e);
	log_close(l);
	return rc;
}

Test(starve_host, settings)
{
	tempdir_text(&t, "x.ini",
	    "[Update]\nEnable=1\nPathLinux=upd\n[ErpSync]\nPort=4321\n"
	    "Exclude=*.log;*.tmp\nLogFile=a.log\nNoSuchKey=1\n",
	    -1);
	STARVE(server_settings, NULL);
	tempdir_text(&t, "x.ini",
	    "[ErpSync]\nServer=erp\nPort=4321\nExclude=*.log\n"
	    "HealthCheck=./check\n",
	    -1);
	STARVE(station_settings, NULL);
	STARVE(logs, NULL);
}

/* --- what commands write
 * ----------------------------------------------------*/

/* A file at path[1], or elsewhere in path[0]. */
static int
outputs(void *arg, struct err *e)
{
	struct output out;
	int rc = output_open(&out, arg, false, NULL, e);

	if (rc == 0 && (out.name == NULL || out.dir < 0))
		rc = STARVE_WRONG;
	output_close(&out);
	return rc;
}

/* Is it all of the text that there was with memory enough? */
struct written {
	char *all;
	int (*write)(FILE *out, struct err *e);
};

static int
write_whole(void *arg, struct err *e)
{
	struct written *w = arg;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int rc;

	cr_assert_not_null(out);
	rc = w->write(out, e);
	(void)fclose(out);
	if (w->all == NULL)
		w->all = text;
	else if (rc == 0 && strcmp(text, w->all) != 0)
		rc = STARVE_WRONG;
	/* The library made it, and knows of no watch. */
	if (text != w->all)
		free(text);
	return rc;
}

static int
write_report(FILE *out, struct err *e)
{
	static const struct erpsync_change items[] = {
	    {.path = "app/a.dll",
		.action = ERPSYNC_ACTION_NEW,
		.type = ERPSYNC_FILE,
		.size = 1000,
		.codec = ERPSYNC_CODEC_FULL,
		.sent = 40,
		.received = 700},
	    {.path = "b.exe",
		.action = ERPSYNC_ACTION_CHANGED,
		.reasons = ERPSYNC_REASON_SIZE | ERPSYNC_REASON_TIME,
		.type = ERPSYNC_FILE,
		.size = 2000,
		.codec = ERPSYNC_CODEC_RSYNC,
		.sent = 50,
		.received = 600}};
	const struct report r = {.folder = "/erp",
	    .server = "erp:2345",
	    .from_build = "",
	    .to_build = "",
	    .verdict = ERPSYNC_COMPATIBLE,
	    .v = items,
	    .n = 2};
	const struct report_sink sink = {out, REPORT_JSON, LANG_EN};

	return report_write(&r, &sink, 1, e);
}

static int
write_history(FILE *out, struct err *e)
{
	static const struct erpsync_history h = {
	    .v = {{.number = 1, .files = 7, .bytes = 9, .has_to = true},
		{.number = 2, .state = ERPSYNC_BACKUP_BAD}},
	    .n = 2};

	return history_write(out, HISTORY_JSON, LANG_EN, 0, &h, e);
}

Test(starve_host, what_commands_write)
{
	struct written report = {NULL, write_report};
	struct written history = {NULL, write_history};

	STARVE(outputs, path[2]);
	tempdir_text(&t, "x.ini", "", -1);
	STARVE(outputs, path[2]);
	json_set_alloc_funcs(malloc, free);
	STARVE(write_whole, &report);
	STARVE(write_whole, &history);
	cr_expect_not_null(strstr(report.all, "received_bytes"));
	cr_expect_not_null(strstr(history.all, "to_release"));
	free(report.all);
	free(history.all);
}

/* What changes inside an INI file and a text. */
static int
compare_contents(void *arg, struct err *e)
{
	static const struct erpsync_change v[] = {
	    {.path = "a.ini",
		.action = ERPSYNC_ACTION_CHANGED,
		.type = ERPSYNC_FILE,
		.kind = ERPSYNC_KIND_INI},
	    {.path = "a.txt",
		.action = ERPSYNC_ACTION_CHANGED,
		.type = ERPSYNC_FILE}};
	struct contents_line line;
	struct contents *c;
	int rc = contents_make(v, 2, arg, &c, e);

	if (rc == 0 &&
	    !(contents_line(c, 0, 1, &line) && contents_line(c, 1, 2, &line)))
		rc = STARVE_WRONG;
	contents_free(c);
	return rc;
}

static int
compare_folders(void *arg, struct err *e)
{
	const struct contents_options *where = arg;
	struct erpsync_error error = {.code = 0};
	struct erpsync_report *r;
	int rc = erpsync_compare(
	    where->old_folder, where->new_folder, NULL, &r, &error);

	if (rc == 0 && r->changes_n != 2)
		rc = STARVE_WRONG;
	if (rc < 0)
		(void)err_set(e, error.code, "%s", error.message);
	erpsync_report_free(r);
	return rc;
}

Test(starve_host, what_changes_inside_of_files)
{
	char old[300], new[300];
	struct contents_options where = {old, new, true};

	tempdir_text(&t, "old/a.ini", "[a]\nb=1\nc=2\n", 1);
	tempdir_text(&t, "new/a.ini", "[a]\nb=2\nd=2\n", 1);
	tempdir_text(&t, "old/a.txt", "a\nb\n", 1);
	tempdir_text(&t, "new/a.txt", "a\nc\n", 1);
	(void)snprintf(old, sizeof(old), "%s/old", t.path);
	(void)snprintf(new, sizeof(new), "%s/new", t.path);
	STARVE(compare_contents, &where);
	STARVE(compare_folders, &where);
}

/* --- the server's parts
 * -----------------------------------------------------*/

static int
pools(void *arg, struct err *e)
{
	struct pool *p = NULL;
	int rc = pool_new(base, 2, 0, &p, e);

	(void)arg;
	if (rc == 0 && p == NULL)
		rc = STARVE_WRONG;
	pool_free(p);
	return rc;
}

static void
ignore(void *ctx)
{
	(void)ctx;
}

static int
watches(void *arg, struct err *e)
{
	const struct watch_options opt = {.base = base,
	    .clock = clock_real(),
	    .path = path[0],
	    .settle_ms = 50,
	    .changed = ignore};
	struct watch *w = NULL;
	int rc = watch_new(&opt, &w, e);

	(void)arg;
	if (rc == 0 && (w == NULL || watch_is_blind(w)))
		rc = STARVE_WRONG;
	watch_free(w);
	return rc;
}

static int
flights(void *arg, struct err *e)
{
	struct single_flight *o = NULL;
	int rc = single_flight_new(NULL, NULL, &o, e);

	(void)arg;
	if (rc == 0 && o == NULL)
		rc = STARVE_WRONG;
	single_flight_free(o);
	return rc;
}

static int
listeners(void *arg, struct err *e)
{
	const struct listen_options opt = {
	    .base = base, .address = "127.0.0.1"};
	struct listener *l = NULL;
	int rc = listener_new(&opt, &l, e);

	(void)arg;
	if (rc == 0 && (l == NULL || listener_port(l) == 0))
		rc = STARVE_WRONG;
	listener_free(l);
	return rc;
}

static int
publishers(void *arg, struct err *e)
{
	const struct publisher_options opt = {
	    .base = base, .clock = clock_real(), .settle_ms = 50};
	struct publisher *p = NULL;
	int rc = publisher_new(&opt, &p, e);

	(void)arg;
	if (rc == 0 && p == NULL)
		rc = STARVE_WRONG;
	publisher_free(p);
	return rc;
}

Test(starve_host, parts_of_a_server)
{
	STARVE(pools, NULL);
	STARVE(watches, NULL);
	STARVE(flights, NULL);
	STARVE(listeners, NULL);
	STARVE(publishers, NULL);
}

/* --- the library
 * ------------------------------------------------------------*/

/* Its code is the engine's, its text goes to e. */
static int
told(int rc, const struct erpsync_error *error, struct err *e)
{
	if (rc < 0) {
		e->code = rc;
		(void)strlcpy(e->msg, error->message, sizeof(e->msg));
	}
	return rc;
}

static int
stores(void *arg, struct err *e)
{
	struct erpsync_store *s = NULL;
	struct erpsync_error error;
	int rc = erpsync_store_open(path[1], 0, &s, &error);

	(void)arg;
	if (rc == 0 && s == NULL)
		rc = STARVE_WRONG;
	erpsync_store_close(s);
	return told(rc, &error, e);
}

static int
servers(void *arg, struct err *e)
{
	struct erpsync_server_options opt;
	const struct erpsync_source source = {
	    .os = ERPSYNC_LINUX, .path = path[0]};
	struct erpsync_server *s = NULL;
	struct erpsync_error error;
	int rc;

	erpsync_options_init(&opt, sizeof(opt));
	opt.address = "127.0.0.1";
	opt.workers = 1;
	opt.offer.policy.enabled = true;
	opt.offer.sources = &source;
	opt.offer.sources_n = 1;
	rc = erpsync_server_open(arg, &opt, &s, &error);
	if (rc == 0 && (s == NULL || erpsync_server_port(s) == 0))
		rc = STARVE_WRONG;
	erpsync_server_close(s);
	return told(rc, &error, e);
}

static int
folders(void *arg, struct err *e)
{
	struct erpsync_folder *f = NULL;
	struct erpsync_error error;
	int rc = erpsync_folder_open(path[0], NULL, &f, &error);

	(void)arg;
	if (rc == 0 && f == NULL)
		rc = STARVE_WRONG;
	erpsync_folder_close(f);
	return told(rc, &error, e);
}

Test(starve_host, library)
{
	struct erpsync_store *s;

	STARVE(stores, NULL);
	STARVE(folders, NULL);
	cr_assert_eq(erpsync_store_open(path[1], 0, &s, NULL), 0);
	STARVE(servers, s);
	erpsync_store_close(s);
}

/* --- looking at a client folder
 * ---------------------------------------------*/

static void
count(void *arg, const char *where, const char *what)
{
	(void)where;
	(void)what;
	++*(int *)arg;
}

struct looked {
	struct folder *f;
	int verified, bad, found; /* as with memory enough */
};

static int
look(void *arg, struct err *e)
{
	const struct looked *l = arg;
	struct history history;
	int verified, bad = 0, found = 0;

	verified = apply_verify(l->f, NULL, count, &found, e);
	if (verified >= 0)
		bad = history_read(l->f, count, &found, &history, e);
	if (verified < 0 || bad < 0)
		return verified < 0 ? verified : bad;
	return verified == l->verified && bad == l->bad && found == l->found
	    ? 0
	    : STARVE_WRONG;
}

/* Something is damaged, in the folder and in a backup. */
Test(starve_host, what_looks_at_a_folder)
{
	struct station s = {.fs = fs_real(), .remove = true};
	char client[320], release[2][320];
	struct looked l = {.found = 0};
	struct history history;
	struct err e;
	int i;

	pair_releases(&t);
	tempdir_mkdir(&t, "c");
	(void)snprintf(client, sizeof(client), "%s/c", t.path);
	s.client = client;
	for (i = 0; i < 2; i++) {
		(void)snprintf(
		    release[i], sizeof(release[i]), "%s/v%d", t.path, i + 1);
		cr_assert_eq(
		    station_update(&s, release[i], &e), 0, "%s", e.msg);
	}
	tempdir_text(&t, "c/lib/same.dll", "other words", -1);
	tempdir_text(&t, "c/bkp_remote.002/app.exe", "other words", -1);
	cr_assert_eq(station_open(&s, &l.f, &e), 0, "%s", e.msg);
	l.verified = apply_verify(l.f, NULL, count, &l.found, &e);
	l.bad = history_read(l.f, count, &l.found, &history, &e);
	cr_assert(l.verified > 0 && l.bad == 1 && l.found > l.verified);
	STARVE(look, &l);
	folder_close(l.f);
}
