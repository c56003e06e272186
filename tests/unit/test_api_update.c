#define _GNU_SOURCE /* memmem */
#include "transport/api/erpsync.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/who.h"
#include "tests/support/alloc_wrap.h"
#include "tests/support/loopback.h"
#include "tests/support/tempdir.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LARGE = 20000 };

static struct loopback *l;
static struct tempdir client;
static struct erpsync_folder *f;
static struct erpsync_update_options opt;
static struct erpsync_error e;
static struct {
	unsigned events;
	int asked;
	char from[80], to[80];
	bool answer;
	int interrupted;
} seen;

static void
note(void *ctx, const struct erpsync_event *ev)
{
	(void)ctx;
	seen.events |= 1U << ev->kind;
}

static bool
answer(void *ctx, const char *from_build, const char *to_build)
{
	(void)ctx;
	seen.asked++;
	(void)strcpy(seen.from, from_build);
	(void)strcpy(seen.to, to_build);
	return seen.answer;
}

static int
interrupted(void *ctx)
{
	(void)ctx;
	return seen.interrupted;
}

/* A server with one release, and an empty folder with a file of the user. */
static void
begin(void)
{
	struct erpsync_folder_options folder = {
	    .size = sizeof(folder), .observer = {note, NULL}};
	char text[LARGE]; /* travels as much less */

	memset(&seen, 0, sizeof(seen));
	l = calloc(1, sizeof(*l));
	loopback_open(l);
	memset(text, 'x', sizeof(text));
	tempdir_write(&l->dir, "update/a.txt", text, sizeof(text), 1000);
	tempdir_text(&l->dir, "update/sub/b.txt", "another", 2000);
	tempdir_symlink(&l->dir, "a.txt", "update/link");
	(void)strcpy(l->opt.config.policy.build, "7.2");
	l->opt.config.sources[0].build = "7.2";
	loopback_start(l);
	tempdir_open(&client);
	tempdir_text(&client, "mine.ini", "[a]\n", -1);
	cr_assert_eq(erpsync_folder_open(client.path, &folder, &f, &e), 0, "%s",
	    e.message);
	erpsync_options_init(&opt, sizeof(opt));
	opt.server.host = "127.0.0.1";
	opt.server.port = l->port;
	opt.os = ERPSYNC_LINUX;
	opt.build = "7.2";
}

static void
end(void)
{
	erpsync_folder_close(f);
	tempdir_close(&client);
	loopback_close(l);
	free(l);
}

TestSuite(api_update, .init = begin, .fini = end, .timeout = 300);

static const struct erpsync_change *
change_of(const struct erpsync_report *r, const char *path)
{
	size_t i;

	for (i = 0; i < r->changes_n; i++)
		if (strcmp(r->changes[i].path, path) == 0)
			return &r->changes[i];
	cr_assert_fail("%s is not reported", path);
	return NULL;
}

Test(api_update, the_folder_becomes_the_release)
{
	struct erpsync_folder_info info = {.size = sizeof(info)};
	const struct erpsync_change *c;
	struct erpsync_report *r;
	uint64_t sizes = 0;
	size_t i;

	cr_assert_eq(erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
	cr_assert(tempdir_is_text(&client, "sub/b.txt", "another"));
	cr_assert(seen.events & (1U << ERPSYNC_EVENT_COMMIT));
	cr_assert_eq(r->verdict, ERPSYNC_COMPATIBLE);
	cr_assert_eq(r->outcome, ERPSYNC_UPDATED);
	cr_assert_str_eq(r->from_build, "7.2");
	cr_assert_str_eq(r->to_build, "7.2");
	cr_assert(r->compared);
	cr_assert_eq(r->changes_n, 5);
	cr_assert_gt(r->received, 100);
	cr_assert_eq(r->refusal.code, 0);
	c = change_of(r, "a.txt");
	cr_assert_eq(c->action, ERPSYNC_ACTION_NEW);
	cr_assert_eq(c->type, ERPSYNC_FILE);
	cr_assert_eq(c->size, LARGE);
	for (i = 0; i < r->changes_n; i++)
		if (r->changes[i].codec != ERPSYNC_NO_TRANSFER)
			sizes += r->changes[i].size;
	cr_assert(r->literal > 0 && r->literal < sizes);
	cr_assert_eq(r->matched, sizes - r->literal);
	cr_assert_neq(c->codec, ERPSYNC_NO_TRANSFER);
	c = change_of(r, "link");
	cr_assert_eq(c->type, ERPSYNC_SYMLINK);
	cr_assert_str_eq(c->target, "a.txt");
	cr_assert_eq(change_of(r, "mine.ini")->action, ERPSYNC_ACTION_EXTRA);
	erpsync_folder_info(f, &info);
	cr_assert_eq(memcmp(info.release, r->release, ERPSYNC_HASH_LEN), 0);
	erpsync_report_free(r);
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), 0, "%s", e.message);
}

Test(api_update, a_check_changes_nothing_and_tells_the_cost)
{
	struct erpsync_report *r;

	cr_assert_eq(erpsync_check(f, &opt, &r, &e), 0, "%s", e.message);
	cr_assert(!tempdir_has(&client, "a.txt"));
	cr_assert_eq(r->outcome, ERPSYNC_DRY_RUN);
	cr_assert_eq(change_of(r, "sub")->type, ERPSYNC_DIR);
	cr_assert_gt(r->received, 100);
	cr_assert_gt(r->literal, 0);
	erpsync_report_free(r);
	erpsync_report_free(NULL);
}

/* What was looked at in a session of its own is not another by then. */
Test(api_update, no_other_release_than_the_one_that_was_looked_at)
{
	static const uint8_t none[ERPSYNC_HASH_LEN];
	struct erpsync_report *r;
	int k;

	cr_assert_eq(erpsync_check(f, &opt, &r, &e), 0, "%s", e.message);
	opt.release = none;
	for (k = 0; k < 2; k++) {
		cr_expect_eq(erpsync_update(f, &opt, NULL, &e),
		    ERPSYNC_OVERLOAD, "%s", e.message);
		cr_expect_eq(tempdir_has(&client, "a.txt"), k == 1);
		opt.release = r->release;
		cr_expect_eq(
		    erpsync_update(f, &opt, NULL, &e), 0, "%s", e.message);
		cr_expect(tempdir_has(&client, "a.txt"));
		/* Also where the other is the one that is here. */
		opt.release = none;
	}
	erpsync_report_free(r);
}

/* Only an INI that stays is nothing to go back to, anything else is. */
/* One, but for only an INI that stays, which is nothing to go back to. */
Test(api_update, the_backup_that_is_foretold_is_the_one_that_is_made)
{
	struct erpsync_report *r;
	int some;

	for (some = 0; some <= 1; some++) {
		if (some == 1) {
			erpsync_folder_close(f);
			tempdir_close(&client);
			tempdir_open(&client);
			tempdir_mkdir(&client, "empty");
			cr_assert_eq(
			    erpsync_folder_open(client.path, NULL, &f, &e), 0);
		}
		cr_assert_eq(
		    erpsync_check(f, &opt, &r, &e), 0, "%s", e.message);
		cr_expect_eq(r->outlook.backup, some);
		erpsync_report_free(r);
		cr_assert_eq(
		    erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
		cr_expect_eq(r->outlook.backup, some);
		cr_expect_eq(tempdir_has(&client, "bkp_remote.001"), some);
		erpsync_report_free(r);
	}
}

Test(api_update, a_check_tells_what_an_update_would_do_to_the_disk)
{
	struct erpsync_report *r;

	tempdir_text(&client, "mine.txt", "mine", -1);
	cr_assert_eq(erpsync_check(f, &opt, &r, &e), 0, "%s", e.message);
	cr_expect_gt(r->outlook.disk_needed, LARGE);
	cr_expect_gt(r->outlook.disk_free, 0);
	/* What the user has. */
	cr_expect_eq(r->outlook.backup, 1);
	cr_expect_not(r->outlook.backup_pushes);
	cr_expect_eq(r->outlook.backup_files, 2);
	cr_expect_eq(r->outlook.backup_bytes, 8);
	cr_expect_eq(r->outlook.rate, 0, "so short a list tells nothing");
	cr_expect_null(r->seal);
	erpsync_report_free(r);
	cr_assert_eq(erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
	cr_expect_eq(r->outlook.backup, 1);
	cr_expect_eq(r->outlook.backup_files, 2);
	cr_expect_eq(r->outlook.backup_bytes, 8);
	cr_expect_eq(r->outlook.disk_needed, 0);
	erpsync_report_free(r);
	/* What is put right pushes nothing out. */
	tempdir_text(&client, "sub/b.txt", "mine", 5);
	cr_assert_eq(erpsync_check(f, &opt, &r, &e), 0, "%s", e.message);
	cr_expect_eq(r->outlook.backup, 0);
	cr_expect_gt(r->outlook.backup_files, 2);
	erpsync_report_free(r);
}

Test(api_update, edits_and_new_names_are_told)
{
	const struct erpsync_change *c;
	struct erpsync_report *r;

	cr_assert_eq(erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
	c = change_of(r, "sub/b.txt");
	cr_expect_not(c->edited);
	cr_expect_eq(c->old_size, 0);
	cr_expect_eq(c->kind, ERPSYNC_KIND_OTHER);
	cr_expect_eq(change_of(r, "mine.ini")->kind, ERPSYNC_KIND_INI);
	erpsync_report_free(r);
	tempdir_text(&client, "sub/b.txt", "mine", 5);
	cr_assert_eq(renameat(client.fd, "a.txt", client.fd, "c.so"), 0);
	cr_assert_eq(erpsync_check(f, &opt, &r, &e), 0, "%s", e.message);
	c = change_of(r, "sub/b.txt");
	cr_expect(c->edited);
	cr_expect_eq(c->old_size, 4);
	cr_expect_null(c->from);
	c = change_of(r, "a.txt");
	cr_expect_eq(c->action, ERPSYNC_ACTION_NEW);
	cr_expect_str_eq(c->from, "c.so");
	cr_expect_eq(c->codec, ERPSYNC_NO_TRANSFER);
	cr_expect_not(c->edited);
	erpsync_report_free(r);
}

Test(api_update, two_folders_are_compared)
{
	const char *const left_out[] = {"no*"};
	const struct erpsync_rules rules = {
	    .exclude = left_out, .exclude_n = 1, .modify_window = 5};
	const struct erpsync_change *c;
	struct erpsync_report *r;
	struct tempdir other;

	tempdir_open(&other);
	tempdir_text(&other, "mine.ini", "[b]\n", 1000);
	tempdir_text(&other, "lib.so", "new", 1000);
	tempdir_text(&other, "late", "x", 1005);
	tempdir_text(&client, "late", "x", 1000);
	tempdir_text(&client, "mine.ini", "[a]\n", 1000);
	tempdir_text(&client, "gone", "gone", 1000);
	tempdir_text(&client, "not", "this", 1000);
	tempdir_text(&client, "bkp_remote.001/x", "nor this", 1000);
	cr_assert_eq(erpsync_compare(client.path, other.path, &rules, &r, &e),
	    0, "%s", e.message);
	cr_expect_eq(r->changes_n, 4);
	cr_expect(r->compared);
	cr_expect_eq(r->outcome, ERPSYNC_DRY_RUN);
	cr_expect_eq(r->sent + r->received, 0);
	cr_expect_eq(change_of(r, "gone")->action, ERPSYNC_ACTION_DELETE);
	cr_expect_not(change_of(r, "gone")->edited);
	cr_expect_eq(change_of(r, "late")->action, ERPSYNC_ACTION_SAME);
	c = change_of(r, "mine.ini");
	cr_expect_eq(c->reasons, ERPSYNC_REASON_CONTENT, "%x", c->reasons);
	c = change_of(r, "lib.so");
	cr_expect_eq(c->action, ERPSYNC_ACTION_NEW);
	cr_expect_eq(c->kind, ERPSYNC_KIND_PROGRAM);
	erpsync_report_free(r);
	cr_assert_eq(
	    erpsync_compare(client.path, client.path, NULL, &r, &e), 0);
	cr_expect_eq(change_of(r, "not")->action, ERPSYNC_ACTION_SAME);
	erpsync_report_free(r);
	cr_expect_eq(
	    erpsync_compare(client.path, "/nowhere/at/all", NULL, &r, &e),
	    ERPSYNC_NOTFOUND);
	cr_expect_null(r);
	/* What a release cannot have: only the station's is left alone. */
	tempdir_text(&other, "a\"b", "x", 1);
	cr_expect_eq(erpsync_compare(other.path, client.path, NULL, &r, &e), 0);
	erpsync_report_free(r);
	cr_expect_neq(
	    erpsync_compare(client.path, other.path, NULL, &r, &e), 0);
	cr_expect_not_null(strstr(e.message, "a\"b"), "%s", e.message);
	cr_expect_null(r);
	tempdir_close(&other);
}

/* Serve what the update folder has now. */
static void
serve_again(const char *path, const char *text, int64_t mtime)
{
	cr_assert_eq(loopback_stop(l), 0);
	memset(l->log, 0, l->log_n);
	l->log_n = 0;
	tempdir_text(&l->dir, path, text, mtime);
	loopback_start(l);
	cr_assert(loopback_logs(l, "update published"));
	opt.server.port = l->port;
}

/* Each with its file, also where nothing of that changes. */
Test(api_update, keys_that_both_changed_are_reported)
{
	static const char text[] = "[a]\nx=%d\ny=%d\n[b]\nz=%d\n";
	const struct erpsync_change *c;
	struct erpsync_report *r;
	char one[60], two[60];

	opt.ini.policy = "merge";
	(void)snprintf(one, sizeof(one), text, 1, 1, 1);
	tempdir_text(&l->dir, "update/first.ini", one, 2000);
	serve_again("update/second.ini", one, 2000);
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), 0, "%s", e.message);
	(void)snprintf(two, sizeof(two), text, 1, 2, 2);
	tempdir_text(&client, "first.ini", two, 5);
	tempdir_text(&client, "second.ini", two, 5);
	(void)snprintf(one, sizeof(one), text, 3, 3, 3);
	(void)snprintf(two, sizeof(two), text, 1, 1, 3);
	tempdir_text(&l->dir, "update/first.ini", one, 3000);
	serve_again("update/second.ini", two, 3000);
	cr_assert_eq(erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
	cr_assert_eq(r->outcome, ERPSYNC_UPDATED);
	c = change_of(r, "first.ini");
	cr_assert_eq(c->conflicts_n, 2);
	cr_expect_str_eq(c->conflicts[0].section, "a");
	cr_expect_str_eq(c->conflicts[0].key, "y");
	cr_expect_str_eq(c->conflicts[1].section, "b");
	cr_expect_str_eq(c->conflicts[1].key, "z");
	cr_expect_str_eq(c->conflicts[1].release_value, "3");
	cr_expect_not(c->conflicts[1].release_wins);
	c = change_of(r, "second.ini");
	cr_expect_eq(c->action, ERPSYNC_ACTION_EXTRA);
	cr_assert_eq(c->conflicts_n, 1);
	cr_expect_str_eq(c->conflicts[0].section, "b");
	cr_expect_str_eq(c->conflicts[0].key, "z");
	cr_expect_eq(change_of(r, "a.txt")->conflicts_n, 0);
	erpsync_report_free(r);
	/* Where the release wins, that is told. */
	opt.ini.conflict = ERPSYNC_RELEASE_WINS;
	(void)snprintf(two, sizeof(two), text, 1, 1, 4);
	serve_again("update/second.ini", two, 4000);
	cr_assert_eq(erpsync_check(f, &opt, &r, &e), 0, "%s", e.message);
	c = change_of(r, "second.ini");
	cr_assert_eq(c->conflicts_n, 1);
	cr_expect(c->conflicts[0].release_wins);
	erpsync_report_free(r);
}

/* It has a number, as that of an update to other contents. */
Test(api_update, the_backup_of_an_edit_that_other_times_took_is_named)
{
	struct erpsync_report *r;
	int edited;

	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), 0, "%s", e.message);
	for (edited = 1; edited >= 0; edited--) {
		if (edited)
			tempdir_text(&client, "sub/b.txt", "mine", 5);
		serve_again("update/sub/b.txt", "another", 3000 + edited);
		cr_assert_eq(
		    erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
		cr_assert_eq(r->outcome, ERPSYNC_UPDATED);
		cr_expect_eq(r->outlook.backup, edited ? 1 : 2);
		erpsync_report_free(r);
	}
	/* What is put right is in it, but it has not its name for sure. */
	tempdir_text(&client, "sub/b.txt", "mine", 5);
	cr_assert_eq(erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
	cr_expect_eq(r->outlook.backup, 0);
	erpsync_report_free(r);
}

Test(api_update, the_person_is_asked)
{
	struct erpsync_report *r;
	uint64_t sent;

	opt.build = "7.1";
	opt.ask = answer;
	cr_assert_eq(erpsync_check(f, &opt, &r, &e), 0, "%s", e.message);
	sent = r->sent;
	erpsync_report_free(r);
	cr_assert_eq(erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
	cr_assert_eq(seen.asked, 1);
	cr_assert_str_eq(seen.from, "7.1");
	cr_assert_str_eq(seen.to, "7.2");
	cr_assert_eq(r->outcome, ERPSYNC_DECLINED);
	cr_assert_eq(r->verdict, ERPSYNC_INCOMPATIBLE);
	cr_assert(!tempdir_has(&client, "a.txt"));
	erpsync_report_free(r);
	seen.answer = true;
	cr_assert_eq(erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
	cr_assert(tempdir_has(&client, "a.txt"));
	cr_expect_eq(r->sent, sent, "%llu, foretold %llu",
	    (unsigned long long)r->sent, (unsigned long long)sent);
	erpsync_report_free(r);
}

Test(api_update, nobody_to_ask_is_a_no)
{
	struct erpsync_report *r;

	opt.build = "7.1";
	cr_assert_eq(erpsync_update(f, &opt, &r, &e), 0, "%s", e.message);
	cr_assert_eq(r->outcome, ERPSYNC_DECLINED);
	erpsync_report_free(r);
}

Test(api_update, an_interrupt_ends_it)
{
	struct erpsync_report *r;

	seen.interrupted = 1;
	opt.interrupted = interrupted;
	cr_assert_eq(erpsync_update(f, &opt, &r, &e), ERPSYNC_CANCELLED);
	cr_assert_not_null(r);
	cr_assert(!r->compared);
	erpsync_report_free(r);
	cr_assert(!tempdir_has(&client, "a.txt"));
}

Test(api_update, a_failure_has_a_report_too)
{
	struct erpsync_report *r;

	cr_assert_eq(loopback_stop(l), 0);
	cr_assert_lt(erpsync_update(f, &opt, &r, &e), 0);
	cr_assert_neq(e.message[0], '\0');
	cr_assert_eq(r->verdict, 0);
	cr_assert_str_eq(r->from_build, "7.2");
	erpsync_report_free(r);
}

Test(api_update, options_that_cannot_be_are_refused)
{
	static const char *const bad[] = {""};

	char build[ERPSYNC_LABEL_MAX + 2];

	opt.station_id = "a b";
	cr_assert_eq(erpsync_check(f, &opt, NULL, &e), ERPSYNC_USAGE);
	cr_expect_str_eq(e.message, "the station id cannot be");
	opt.station_id = "pc-1";
	memset(build, '7', sizeof(build));
	build[sizeof(build) - 1] = '\0';
	opt.build = build;
	cr_assert_eq(erpsync_check(f, &opt, NULL, &e), ERPSYNC_USAGE);
	cr_expect_str_eq(e.message, "the build code is too long");
	opt.build = NULL;
	opt.rules.exclude = bad;
	opt.rules.exclude_n = 1;
	cr_assert_eq(erpsync_check(f, &opt, NULL, &e), ERPSYNC_USAGE);
	opt.rules.exclude_n = 0;
	opt.size = sizeof(opt) + 8;
	cr_assert_eq(erpsync_check(f, &opt, NULL, &e), ERPSYNC_USAGE);
}

/* Who says nothing of himself is known by his machine. */
Test(api_update, a_station_has_the_name_and_kind_of_its_machine)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char host[256], arch[64], line[400];
	const char *from = host;
	char *to = host;

	who_host(host, sizeof(host));
	who_arch(arch, sizeof(arch));
	cr_assert(host[0] != '\0' && arch[0] != '\0');
	for (; *from != '\0'; from++)
		if (strchr(legal, *from) != NULL)
			*to++ = *from;
	*to = '\0';
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), 0, "%s", e.message);
	(void)snprintf(line, sizeof(line), "station %.*s, linux %s, ",
	    ERPSYNC_LABEL_MAX, to > host ? host : "station", arch);
	cr_expect(loopback_logs(l, line), "%s", line);
}

static int64_t
no_bytes(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	const struct timespec nap = {.tv_nsec = 10 * 1000 * 1000};

	(void)p;
	(void)n;
	if (wait_ms > 0)
		(void)nanosleep(&nap, NULL);
	return *(const int64_t *)ctx;
}

static int64_t
swallow(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	(void)ctx;
	(void)p;
	(void)wait_ms;
	return (int64_t)n;
}

Test(api_update, a_stream_that_ends_is_lost_a_silent_one_times_out)
{
	int64_t answer_of_read = ERPSYNC_STREAM_END;
	const struct erpsync_stream stream = {
	    no_bytes, swallow, &answer_of_read};

	opt.server.stream = &stream;
	opt.server.timeout_ms = 100;
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), ERPSYNC_LOST);
	answer_of_read = ERPSYNC_IO;
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), ERPSYNC_LOST);
	answer_of_read = 0;
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), ERPSYNC_TIMEOUT);
	seen.interrupted = 1;
	opt.interrupted = interrupted;
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), ERPSYNC_CANCELLED);
	cr_assert(!tempdir_has(&client, "a.txt"));
}

Test(api_update, memory_that_is_lacking_ends_a_stream)
{
	int64_t end = ERPSYNC_STREAM_END;
	const struct erpsync_stream stream = {no_bytes, swallow, &end};
	uint64_t at = 0, n = 0;
	int rc;

	opt.server.stream = &stream;
	for (; at <= n; at++) {
		alloc_arm(at, false);
		rc = erpsync_check(f, &opt, NULL, &e);
		n = alloc_disarm();
		cr_assert(rc == ERPSYNC_LOST || (at > 0 && rc == ERPSYNC_NOMEM),
		    "at %" PRIu64 ": %d %s", at, rc, e.message);
	}
}

Test(api_update, a_server_whose_stream_ends_gives_up)
{
	int64_t answer_of_read = ERPSYNC_STREAM_END;
	const struct erpsync_stream stream = {
	    no_bytes, swallow, &answer_of_read};
	const struct erpsync_policy policy = {.enabled = true};
	struct erpsync_store *store;
	char state[300];

	tempdir_mkdir(&client, "state");
	(void)snprintf(state, sizeof(state), "%s/state", client.path);
	cr_assert_eq(erpsync_store_open(state, 0, &store, &e), 0);
	cr_assert_lt(erpsync_serve_stream(store, &policy, &stream, &e), 0);
	cr_assert_neq(e.message[0], '\0');
	answer_of_read = ERPSYNC_IO;
	cr_assert_lt(erpsync_serve_stream(store, &policy, &stream, &e), 0);
	erpsync_store_close(store);
}

/* A station that says what is no word of the protocol, at once or behind its
 * preface, and ends. */
struct babble {
	bool begins_well;
	int reads;
	size_t heard;
};

static int64_t
babble(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	struct babble *b = ctx;
	struct buf said;
	struct err why;

	(void)wait_ms;
	if (++b->reads > 1)
		return ERPSYNC_STREAM_END;
	memset(p, 'x', n);
	if (b->begins_well) {
		buf_init(&said, n);
		cr_assert_eq(preface_encode(0, &said, &why), 0);
		memcpy(p, buf_data(&said), said.len);
		buf_release(&said);
	}
	return (int64_t)n;
}

static int64_t
hear_slowly(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	struct babble *b = ctx;

	(void)p;
	(void)wait_ms;
	b->heard += n > 0;
	return n > 0;
}

/* Its last words are said all the same, and nothing is read behind the end. */
Test(api_update, a_server_bears_any_words)
{
	const struct erpsync_policy policy = {.enabled = true};
	struct erpsync_store *store;
	char state[300];
	size_t heard = 0;
	int k;

	tempdir_mkdir(&client, "state");
	(void)snprintf(state, sizeof(state), "%s/state", client.path);
	cr_assert_eq(erpsync_store_open(state, 0, &store, &e), 0);
	for (k = 0; k < 2; k++) {
		struct babble b = {.begins_well = k == 1};
		const struct erpsync_stream stream = {babble, hear_slowly, &b};

		cr_expect_lt(
		    erpsync_serve_stream(store, &policy, &stream, &e), 0);
		cr_expect_leq(b.reads, 2, "%d", b.reads);
		cr_expect_geq(b.heard, heard + (size_t)k * 10);
		heard = b.heard;
	}
	erpsync_store_close(store);
}

/* What a station of another release says, and what it is told. */
struct caller {
	struct buf says, hears;
};

static int64_t
caller_says(void *ctx, void *bytes, size_t n, uint32_t wait_ms)
{
	struct caller *c = ctx;

	(void)wait_ms;
	if (c->says.len == 0)
		return ERPSYNC_STREAM_END;
	n = n < c->says.len ? n : c->says.len;
	memcpy(bytes, buf_data(&c->says), n);
	buf_consume(&c->says, n);
	return (int64_t)n;
}

static int64_t
caller_hears(void *ctx, const void *bytes, size_t n, uint32_t wait_ms)
{
	struct caller *c = ctx;

	(void)wait_ms;
	cr_assert_eq(buf_append(&c->hears, bytes, n, NULL), 0);
	return (int64_t)n;
}

Test(api_update, a_stream_is_told_what_is_left_out)
{
	static const char *const exclude[] = {"*.log", "debug/"};
	struct erpsync_policy policy = {
	    .enabled = true, .exclude = exclude, .exclude_n = 2};
	const struct erpsync_source source = {
	    .os = ERPSYNC_LINUX, .path = l->update};
	struct msg_hello hello = {.station = "s1", .os = PATH_OS_LINUX};
	struct erpsync_release release;
	struct erpsync_store *store;
	struct caller c;
	char state[300];
	const struct erpsync_stream stream = {caller_says, caller_hears, &c};

	tempdir_mkdir(&client, "state");
	(void)snprintf(state, sizeof(state), "%s/state", client.path);
	cr_assert_eq(erpsync_store_open(state, 0, &store, &e), 0);
	cr_assert_eq(erpsync_publish(store, &source, NULL, &release, &e), 0);
	hello.release.b[0] = 1;
	buf_init(&c.says, 4096);
	buf_init(&c.hears, 65536);
	cr_assert_eq(preface_encode(FEATURE_LEFT_OUT, &c.says, NULL), 0);
	cr_assert_eq(hello_encode(&hello, &c.says, NULL), 0);
	(void)erpsync_serve_stream(store, &policy, &stream, &e);
	cr_expect_not_null(memmem(
	    buf_data(&c.hears), c.hears.len, "\x0c\0\5*.log\5debug", 14));
	policy.exclude = (const char *const[]){"*.log", ""};
	cr_expect_eq(
	    erpsync_serve_stream(store, &policy, &stream, &e), ERPSYNC_USAGE);
	buf_release(&c.says);
	buf_release(&c.hears);
	erpsync_store_close(store);
}

/* Its programs would be gone. */
Test(api_update, a_folder_of_another_system_is_left_alone)
{
	tempdir_text(&client, "smartclient.exe", "MZ", -1);
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), ERPSYNC_USAGE);
	cr_expect_not_null(
	    strstr(e.message, "has the files of windows"), "%s", e.message);
	cr_expect_not(tempdir_has(&client, "a.txt"));
	opt.rules.force = true;
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), 0, "%s", e.message);
	cr_expect(tempdir_has(&client, "a.txt"));
}

/* What happens with what was fetched, and no server to ask. */
static enum erpsync_outcome
apply(void)
{
	struct erpsync_update_options own = opt;
	struct erpsync_report *r;
	enum erpsync_outcome outcome;

	own.apply_only = true;
	own.server.port = 1;
	cr_assert_eq(erpsync_update(f, &own, &r, &e), 0, "%s", e.message);
	outcome = r->outcome;
	cr_expect_eq(r->sent, 0);
	cr_expect_eq(r->received, 0);
	cr_expect_eq(r->compared, outcome != ERPSYNC_NONE_DOWNLOADED);
	erpsync_report_free(r);
	return outcome;
}

static void
fetch(enum erpsync_outcome outcome)
{
	struct erpsync_update_options own = opt;
	struct erpsync_report *r;

	own.download_only = true;
	cr_assert_eq(erpsync_update(f, &own, &r, &e), 0, "%s", e.message);
	cr_expect_eq(r->outcome, outcome);
	cr_expect_gt(r->received, 0);
	erpsync_report_free(r);
}

Test(api_update, what_was_fetched_needs_no_server)
{
	cr_expect_eq(apply(), ERPSYNC_NONE_DOWNLOADED);
	fetch(ERPSYNC_DOWNLOADED);
	cr_expect_not(tempdir_has(&client, "a.txt"));
	cr_expect_eq(apply(), ERPSYNC_UPDATED);
	cr_expect(tempdir_is_text(&client, "sub/b.txt", "another"));
	cr_expect_eq(apply(), ERPSYNC_NONE_DOWNLOADED);
	fetch(ERPSYNC_CURRENT);
	cr_expect_eq(apply(), ERPSYNC_NONE_DOWNLOADED);
}

Test(api_update, what_was_fetched_goes_with_an_update)
{
	fetch(ERPSYNC_DOWNLOADED);
	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), 0, "%s", e.message);
	cr_expect_not(tempdir_has(&client, ".erpsync/fetched"));
	cr_expect_eq(apply(), ERPSYNC_NONE_DOWNLOADED);
	/* Of a repair, which a folder that is whole has no need of. */
	tempdir_text(&client, "sub/b.txt", "damaged", -1);
	fetch(ERPSYNC_DOWNLOADED);
	tempdir_text(&client, "sub/b.txt", "another", 2000);
	fetch(ERPSYNC_CURRENT);
	cr_expect_not(tempdir_has(&client, ".erpsync/fetched"));
}

Test(api_update, who_fetched_is_asked_before_it_is_put_in_place)
{
	opt.build = "7.1";
	opt.ask = answer;
	fetch(ERPSYNC_DOWNLOADED);
	cr_expect_eq(seen.asked, 0);
	cr_expect_eq(apply(), ERPSYNC_DECLINED);
	cr_expect_eq(seen.asked, 1);
	cr_expect_not(tempdir_has(&client, "a.txt"));
	seen.answer = true;
	cr_expect_eq(apply(), ERPSYNC_UPDATED);
	cr_expect_eq(seen.asked, 2);
}

Test(api_update, what_the_folder_lost_since_is_fetched_again)
{
	struct erpsync_update_options own = opt;

	cr_assert_eq(erpsync_update(f, &opt, NULL, &e), 0, "%s", e.message);
	tempdir_text(&client, "sub/b.txt", "damaged", -1);
	fetch(ERPSYNC_DOWNLOADED);
	tempdir_text(&client, "a.txt", "damaged", -1);
	own.apply_only = true;
	cr_expect_eq(erpsync_update(f, &own, NULL, &e), ERPSYNC_NOTFOUND);
	cr_expect_not_null(strstr(e.message, "fetch it again"));
	cr_expect(tempdir_is_text(&client, "sub/b.txt", "damaged"));
	fetch(ERPSYNC_DOWNLOADED);
	cr_expect_eq(apply(), ERPSYNC_UPDATED);
	cr_expect(tempdir_is_text(&client, "sub/b.txt", "another"));
}
