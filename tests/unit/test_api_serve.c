#include "transport/api/erpsync.h"

#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A server in this process, published from update/ in t. */
static struct tempdir t;
static struct erpsync_store *store;
static struct erpsync_source source;
static struct erpsync_server_options opt;
static struct erpsync_server *server;
static struct erpsync_error e;
static pthread_t thread;
static char state[300], update[300], client[300];
static atomic_int published;
static int rc;

static void
log_line(void *ctx, enum erpsync_log_level level, const char *text)
{
	(void)ctx;
	cr_assert_leq(level, ERPSYNC_LOG_ERROR);
	if (strstr(text, "release") != NULL)
		atomic_store(&published, 1);
}

static void
begin(void)
{
	tempdir_open(&t);
	tempdir_mkdir(&t, "state");
	tempdir_mkdir(&t, "client");
	tempdir_text(&t, "update/a.txt", "served", 1000);
	(void)snprintf(state, sizeof(state), "%s/state", t.path);
	(void)snprintf(update, sizeof(update), "%s/update", t.path);
	(void)snprintf(client, sizeof(client), "%s/client", t.path);
	cr_assert_eq(
	    erpsync_store_open(state, 0, &store, &e), 0, "%s", e.message);
	source.os = ERPSYNC_LINUX;
	source.path = update;
	erpsync_options_init(&opt, sizeof(opt));
	opt.address = "127.0.0.1";
	opt.workers = 1;
	opt.settle_ms = 50;
	opt.offer.policy.enabled = true;
	opt.offer.sources = &source;
	opt.offer.sources_n = 1;
	opt.offer.max_rate = "1G";
	opt.log = log_line;
}

static void
end(void)
{
	erpsync_store_close(store);
	tempdir_close(&t);
}

TestSuite(api_serve, .init = begin, .fini = end, .timeout = 300);

static void *
serve(void *arg)
{
	(void)arg;
	rc = erpsync_serve(server, &e);
	return NULL;
}

static void
start(void)
{
	const struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};
	int i;

	cr_assert_eq(
	    erpsync_server_open(store, &opt, &server, &e), 0, "%s", e.message);
	cr_assert_neq(erpsync_server_port(server), 0);
	cr_assert_eq(pthread_create(&thread, NULL, serve, NULL), 0);
	for (i = 0; i < 1000 && !atomic_load(&published); i++)
		(void)nanosleep(&nap, NULL);
	cr_assert(atomic_load(&published));
}

static void
stop(void)
{
	erpsync_server_stop(server);
	(void)pthread_join(thread, NULL);
	erpsync_server_close(server);
	cr_assert_eq(rc, 0, "%s", e.message);
}

/* What a station asks of this server, and its folder. */
static struct erpsync_update_options
station_begin(struct erpsync_folder **f)
{
	struct erpsync_update_options to = {.size = sizeof(to)};

	to.server.host = "127.0.0.1";
	to.server.port = erpsync_server_port(server);
	to.os = ERPSYNC_LINUX;
	cr_assert_eq(
	    erpsync_folder_open(client, NULL, f, &e), 0, "%s", e.message);
	return to;
}

Test(api_serve, stations_get_what_is_published)
{
	struct erpsync_update_options to;
	struct erpsync_folder *f;
	struct erpsync_error why;

	start();
	to = station_begin(&f);
	cr_assert_eq(erpsync_update(f, &to, NULL, &why), 0, "%s", why.message);
	erpsync_folder_close(f);
	cr_assert(tempdir_is_text(&t, "client/a.txt", "served"));
	stop();
}

/* It is the one to be asked where nothing names one, so not by a look, nor for
 * having been asked in vain. */
Test(api_serve, the_server_that_served_last_is_remembered)
{
	static const char file[] = "client/.erpsync/last-server.ini";
	const struct erpsync_folder_options look = {
	    .size = sizeof(look), .or_read_only = true};
	struct erpsync_update_options to;
	struct erpsync_folder *f, *beside;
	struct erpsync_error why;
	char text[100];

	source.build = "7.0";
	opt.offer.policy.build = "7.0";
	start();
	to = station_begin(&f);
	cr_assert_eq(erpsync_check(f, &to, NULL, &why), 0, "%s", why.message);
	cr_expect(!tempdir_has(&t, file), "a look");
	to.os = ERPSYNC_WINDOWS;
	to.rules.force = true;
	cr_assert_eq(erpsync_update(f, &to, NULL, &why), 0, "%s", why.message);
	cr_expect(!tempdir_has(&t, file), "it had nothing for this system");
	to.os = ERPSYNC_LINUX;
	to.build = "7.1";
	cr_assert_eq(erpsync_update(f, &to, NULL, &why), 0, "%s", why.message);
	cr_expect(!tempdir_has(&t, "client/a.txt"));
	cr_expect(!tempdir_has(&t, file), "it was not wanted");
	to.build = "7.0";
	cr_assert_eq(erpsync_folder_open(client, &look, &beside, &why), 0, "%s",
	    why.message);
	cr_assert_eq(
	    erpsync_update(beside, &to, NULL, &why), 0, "%s", why.message);
	erpsync_folder_close(beside);
	cr_expect(!tempdir_has(&t, file), "another holds the folder");
	cr_assert_eq(erpsync_update(f, &to, NULL, &why), 0, "%s", why.message);
	(void)snprintf(text, sizeof(text),
	    "[ErpSync]\nServer=127.0.0.1\nPort=%u\n", (unsigned)to.server.port);
	cr_expect(tempdir_is_text(&t, file, text));
	/* With nothing to do, too; but who is not there is not remembered. */
	tempdir_text(&t, file, "junk", -1);
	cr_assert_eq(erpsync_update(f, &to, NULL, &why), 0, "%s", why.message);
	cr_expect(tempdir_is_text(&t, file, text));
	stop();
	tempdir_text(&t, file, "kept", -1);
	cr_expect_lt(erpsync_update(f, &to, NULL, &why), 0);
	cr_expect(tempdir_is_text(&t, file, "kept"));
	erpsync_folder_close(f);
}

static void
note_warning(void *ctx, const struct erpsync_event *ev)
{
	if (ev->kind == ERPSYNC_EVENT_WARN)
		(void)snprintf(ctx, 200, "%s", ev->text);
}

/* What cannot be remembered fails nothing. */
Test(api_serve, a_server_that_cannot_be_remembered_is_a_warning)
{
	char told[200] = "";
	const struct erpsync_folder_options folder = {
	    .size = sizeof(folder), .observer = {note_warning, told}};
	struct erpsync_update_options to;
	struct erpsync_folder *f;
	struct erpsync_error why;

	start();
	to = station_begin(&f);
	erpsync_folder_close(f);
	cr_assert_eq(
	    erpsync_folder_open(client, &folder, &f, &e), 0, "%s", e.message);
	cr_assert_eq(erpsync_update(f, &to, NULL, &why), 0, "%s", why.message);
	cr_expect_str_eq(told, "");
	cr_assert_eq(unlinkat(t.fd, "client/.erpsync/last-server.ini", 0), 0);
	tempdir_mkdir(&t, "client/.erpsync/last-server.ini");
	cr_assert_eq(erpsync_update(f, &to, NULL, &why), 0, "%s", why.message);
	cr_expect_not_null(strstr(told, "last-server.ini"), "%s", told);
	erpsync_folder_close(f);
	stop();
}

/* The key of this server is remembered in the folder once it was believed. */
Test(api_serve, only_a_server_that_was_believed_is_remembered)
{
	struct erpsync_update_options to;
	struct erpsync_folder *f;
	struct erpsync_error why;

	start();
	to = station_begin(&f);
	to.security.wish = ERPSYNC_TLS;
	to.security.pin =
	    "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	cr_expect_lt(erpsync_update(f, &to, NULL, &why), 0);
	cr_expect(!tempdir_has(&t, "client/.erpsync/servers"));
	cr_expect(!tempdir_has(&t, "client/.erpsync/last-server.ini"));
	cr_expect(!tempdir_has(&t, "client/a.txt"));
	to.security.pin = NULL;
	cr_expect_eq(erpsync_update(f, &to, NULL, &why), 0, "%s", why.message);
	erpsync_folder_close(f);
	cr_expect(tempdir_has(&t, "client/.erpsync/servers"));
	cr_expect(tempdir_is_text(&t, "client/a.txt", "served"));
	stop();
}

Test(api_serve, a_guest_leaves_the_signals_of_its_process)
{
	struct sigaction term, hup, pipe;

	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	start();
	cr_assert_eq(sigaction(SIGTERM, NULL, &term), 0);
	cr_assert_eq(sigaction(SIGHUP, NULL, &hup), 0);
	cr_assert_eq(sigaction(SIGPIPE, NULL, &pipe), 0);
	cr_assert_eq(term.sa_handler, SIG_DFL);
	cr_assert_eq(hup.sa_handler, SIG_DFL);
	cr_assert_eq(pipe.sa_handler, SIG_DFL);
	stop();
}

static int
reload(void *ctx, struct erpsync_offer *out, struct erpsync_error *why)
{
	(void)why;
	*out = opt.offer;
	atomic_store((atomic_int *)ctx, 1);
	return 0;
}

Test(api_serve, in_its_own_process_signals_reload_and_stop)
{
	const struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};
	atomic_int reloaded = 0;
	int i;

	opt.owns_process = true;
	opt.reload = reload;
	opt.ctx = &reloaded;
	start();
	cr_assert_eq(pthread_kill(thread, SIGHUP), 0);
	for (i = 0; i < 1000 && !atomic_load(&reloaded); i++)
		(void)nanosleep(&nap, NULL);
	cr_assert(atomic_load(&reloaded));
	cr_assert_eq(pthread_kill(thread, SIGTERM), 0);
	(void)pthread_join(thread, NULL);
	erpsync_server_close(server);
	cr_assert_eq(rc, 0);
}

static void
count(void *ctx)
{
	(void)atomic_fetch_add((atomic_int *)ctx, 1);
}

Test(api_serve, it_is_told_that_the_server_lives)
{
	const struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};
	atomic_int alive = 0;
	int i;

	opt.alive = count;
	opt.ctx = &alive;
	start();
	for (i = 0; i < 6000 && atomic_load(&alive) < 2; i++)
		(void)nanosleep(&nap, NULL);
	cr_assert_geq(atomic_load(&alive), 2);
	stop();
}

Test(api_serve, an_offer_that_cannot_be_is_refused)
{
	static const char *const nothing[] = {""};
	struct erpsync_source bad = {
	    .path = "/", .exclude = nothing, .exclude_n = 1};
	char build[100];

	memset(build, 'b', sizeof(build) - 1);
	build[sizeof(build) - 1] = '\0';
	opt.offer.policy.build = build;
	cr_assert_eq(
	    erpsync_server_open(store, &opt, &server, &e), ERPSYNC_USAGE);
	cr_assert_null(server);
	opt.offer.policy.build = NULL;
	opt.offer.sources_n = 4;
	cr_assert_eq(
	    erpsync_server_open(store, &opt, &server, &e), ERPSYNC_USAGE);
	opt.offer.sources_n = 1;
	opt.offer.sources = &bad;
	cr_assert_eq(
	    erpsync_server_open(store, &opt, &server, &e), ERPSYNC_USAGE);
	bad.exclude_n = 0;
	opt.offer.max_rate = "fast";
	cr_assert_eq(
	    erpsync_server_open(store, &opt, &server, &e), ERPSYNC_USAGE);
	cr_assert_null(server);
	erpsync_server_close(NULL);
}

/* One that is to be confined does not serve without. */
Test(api_serve, a_folder_to_be_confined_to_has_to_be_there)
{
	opt.owns_process = true;
	opt.confine = true;
	opt.confined_to = "/nowhere/log";
	cr_assert_eq(
	    erpsync_server_open(store, &opt, &server, &e), ERPSYNC_NOTFOUND);
	cr_expect_not_null(strstr(e.message, "/nowhere/log"), "%s", e.message);
	cr_assert_null(server);
}
