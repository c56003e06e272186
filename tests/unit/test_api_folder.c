#include "transport/api/erpsync.h"
#include "transport/api/erpsync_server.h"

#include "engine/base/err.h"
#include "tests/support/station.h"
#include "tests/support/tempdir.h"
#include "tests/support/update_pair.h"
#include "transport/api/api_internal.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct tempdir t;
static char client[PAIR_PATH], v1[PAIR_PATH], v2[PAIR_PATH];
static struct station st;
static struct erpsync_error e;

static void
begin(void)
{
	struct err why;

	pair_folders(&t, client, v1, v2);
	st.fs = fs_real();
	st.client = client;
	cr_assert_eq(station_update(&st, v1, &why), 0, "%s", why.msg);
	cr_assert_eq(station_update(&st, v2, &why), 0, "%s", why.msg);
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(api_folder, .init = begin, .fini = end);

static struct erpsync_folder *
open_folder(const struct erpsync_folder_options *opt)
{
	struct erpsync_folder *f;

	cr_assert_eq(
	    erpsync_folder_open(client, opt, &f, &e), 0, "%s", e.message);
	return f;
}

Test(api_folder, tells_what_is_installed)
{
	struct erpsync_folder_options opt = {
	    .size = sizeof(opt), .read_only = true};
	struct erpsync_folder_info info = {.size = sizeof(info)};
	struct erpsync_folder *f = open_folder(&opt);
	size_t len = 0;

	erpsync_folder_info(f, &info);
	cr_assert(info.known && !info.stuck);
	cr_assert_eq(info.recovery, ERPSYNC_RECOVERY_NONE);
	cr_assert_str_eq(info.build, "v2");
	cr_assert_gt(info.installed_at, 0);
	cr_assert(erpsync_folder_has(f, "APP.exe"));
	cr_assert(!erpsync_folder_has(f, "user.ini"));
	cr_assert(erpsync_folder_is_as_installed(f, "app.exe"));
	cr_assert_null(erpsync_folder_ini_base(f, "app.exe", &len));
	cr_assert_null(erpsync_folder_ini_base(f, "user.ini", &len));
	cr_assert(!erpsync_folder_is_as_installed(f, "user.ini"));
	tempdir_text(&t, "c/app.exe", "edited", -1);
	cr_assert(!erpsync_folder_is_as_installed(f, "app.exe"));
	cr_assert_eq(unlinkat(t.fd, "c/app.exe", 0), 0);
	cr_assert(!erpsync_folder_is_as_installed(f, "app.exe"));
	cr_assert(!erpsync_folder_knows(f, "erp.example", 1));
	tempdir_text(&t, "c/.erpsync/servers", "erp.example:1 key\n", -1);
	cr_assert(erpsync_folder_knows(f, "erp.example", 1));
	cr_assert(!erpsync_folder_knows(f, "erp.example", 2));
	/* A caller with a smaller struct keeps what lies behind it. */
	info.size = offsetof(struct erpsync_folder_info, build);
	(void)strcpy(info.build, "mine");
	erpsync_folder_info(f, &info);
	cr_assert(info.known);
	cr_assert_str_eq(info.build, "mine");
	erpsync_folder_close(f);
	erpsync_folder_close(NULL);
}

Test(api_folder, one_that_cannot_be_opened_says_why)
{
	struct erpsync_folder_options opt = {.size = 3};
	struct erpsync_folder *f, *second;

	cr_assert_eq(erpsync_folder_open("/nowhere/at/all", NULL, &f, &e),
	    ERPSYNC_NOTFOUND);
	cr_assert_null(f);
	cr_assert_neq(e.message[0], '\0');
	cr_assert_eq(
	    erpsync_folder_open(client, &opt, &f, NULL), ERPSYNC_USAGE);
	/* A variable that is empty, in front of a slash. */
	opt = (struct erpsync_folder_options){
	    .size = sizeof(opt), .read_only = true};
	cr_assert_eq(erpsync_folder_open("/./", &opt, &f, &e), ERPSYNC_USAGE);
	cr_assert(strstr(e.message, "/./: is the root of") == e.message, "%s",
	    e.message);
	f = open_folder(NULL);
	cr_assert_eq(
	    erpsync_folder_open(client, NULL, &second, &e), ERPSYNC_HELD);
	erpsync_folder_close(f);
}

Test(api_folder, tells_who_looks_whether_he_may_update)
{
	struct erpsync_folder_options opt = {
	    .size = sizeof(opt), .read_only = true};
	struct erpsync_folder *f = open_folder(&opt);

	cr_expect_eq(erpsync_folder_check_user(f, &e), 0, "%s", e.message);
	tempdir_chmod(&t, "c/.erpsync", 0720);
	cr_expect_eq(erpsync_folder_check_user(f, &e), ERPSYNC_AUTH);
	cr_expect(
	    strstr(e.message, ".erpsync: can be written by other") == e.message,
	    "%s", e.message);
	erpsync_folder_close(f);
}

Test(api_folder, recovers)
{
	cr_assert_eq(erpsync_recover(client, &e), ERPSYNC_RECOVERY_NONE);
	cr_assert_eq(erpsync_recover("/nowhere/at/all", &e), ERPSYNC_NOTFOUND);
}

static void
count_event(void *ctx, const struct erpsync_event *ev)
{
	*(unsigned *)ctx |= 1U << ev->kind;
}

Test(api_folder, rolls_back)
{
	unsigned seen = 0;
	struct erpsync_folder_options opt = {
	    .size = sizeof(opt), .observer = {count_event, &seen}};
	struct erpsync_folder_info info = {.size = sizeof(info)};
	struct erpsync_folder *f = open_folder(&opt);

	cr_assert_eq(erpsync_rollback(f, 0, false, &e), 0, "%s", e.message);
	erpsync_folder_info(f, &info);
	cr_assert_str_eq(info.build, "v1");
	cr_assert(seen & (1U << ERPSYNC_EVENT_BACKUP));
	cr_assert(seen & (1U << ERPSYNC_EVENT_COMMIT));
	erpsync_folder_close(f);
	f = open_folder(NULL);
	cr_assert_lt(erpsync_rollback(f, 9, false, &e), 0);
	erpsync_folder_close(f);
}

static void
keep_finding(void *ctx, const char *path, const char *what)
{
	(void)snprintf(ctx, 100, "%s: %s", path, what);
}

Test(api_folder, verifies)
{
	static const char *const but[] = {"app.*"};
	struct erpsync_folder *f;
	char found[100] = "";

	tempdir_text(&t, "c/app.exe", "edited", -1);
	f = open_folder(NULL);
	cr_assert_eq(erpsync_verify(f, NULL, 0, keep_finding, found, &e), 1);
	cr_assert_str_eq(found, "app.exe: of another size");
	cr_assert_eq(erpsync_verify(f, but, 1, keep_finding, found, &e), 0);
	erpsync_folder_close(f);
}

Test(api_folder, lists_its_backups)
{
	struct erpsync_history h;
	struct erpsync_folder *f;

	tempdir_text(&t, "c/bkp_remote.003/app.exe", "not ours", -1);
	f = open_folder(NULL);
	cr_assert_eq(
	    erpsync_history(f, NULL, NULL, &h, &e), 0, "%s", e.message);
	cr_assert_eq(h.n, 3);
	cr_assert_eq(h.v[0].number, 1);
	cr_assert_eq(h.v[0].state, ERPSYNC_BACKUP_GOOD);
	cr_assert(!h.v[0].has_from && h.v[0].has_to);
	cr_assert_str_eq(h.v[1].from_build, "v1");
	cr_assert_str_eq(h.v[1].to_build, "v2");
	cr_assert_eq(memcmp(h.v[1].from, h.v[0].to, ERPSYNC_HASH_LEN), 0);
	cr_assert_gt(h.v[1].date, h.v[0].date);
	cr_assert_gt(h.v[0].bytes, 1000);
	cr_assert_eq(h.v[2].state, ERPSYNC_BACKUP_FOREIGN);
	erpsync_folder_close(f);
}

static int
unfit(void *ctx, const char *folder, struct erpsync_error *why)
{
	*(const char **)ctx = folder;
	(void)strcpy(why->message, "it does not start");
	return ERPSYNC_HEALTH;
}

Test(api_folder, the_health_check_is_the_callers)
{
	const char *asked = NULL;
	struct erpsync_folder_options opt = {
	    .size = sizeof(opt), .health = unfit, .health_ctx = &asked};
	struct erpsync_folder_info info = {.size = sizeof(info)};
	struct erpsync_folder *f = open_folder(&opt);

	erpsync_folder_info(f, &info);
	cr_assert_eq(erpsync_rollback(f, 0, false, &e), 0, "not asked then");
	cr_assert_null(asked);
	erpsync_folder_close(f);
}

Test(api_folder, a_folder_with_a_client_in_it_is_a_slip)
{
	struct erpsync_folder_options opt = {.size = sizeof(opt)};
	struct erpsync_folder *f;
	struct tempdir above;
	char path[320];

	tempdir_open(&above);
	tempdir_text(&above, "a/file", "text", -1);
	tempdir_text(&above, "b/.erpsync/state", "", -1);
	tempdir_text(&above, "c/file", "text", -1);
	(void)snprintf(path, sizeof(path), "%s", above.path);
	cr_assert_eq(erpsync_folder_open(path, &opt, &f, &e), ERPSYNC_USAGE);
	cr_expect_not_null(
	    strstr(e.message, "holds the client folder b;"), "%s", e.message);
	(void)snprintf(path, sizeof(path), "%s/b/sub", above.path);
	tempdir_mkdir(&above, "b/sub");
	cr_assert_eq(erpsync_folder_open(path, &opt, &f, &e), ERPSYNC_USAGE);
	cr_expect_not_null(
	    strstr(e.message, "lies in the client folder"), "%s", e.message);
	(void)snprintf(path, sizeof(path), "%s/b/.erpsync", above.path);
	cr_assert_eq(erpsync_folder_open(path, &opt, &f, &e), ERPSYNC_USAGE);
	cr_expect_not_null(
	    strstr(e.message, "own or a backup"), "%s", e.message);
	tempdir_mkdir(&above, "c/bkp_remote.001");
	(void)snprintf(path, sizeof(path), "%s/c/bkp_remote.001", above.path);
	cr_assert_eq(erpsync_folder_open(path, &opt, &f, &e), ERPSYNC_USAGE);
	cr_expect_not_null(
	    strstr(e.message, "own or a backup"), "%s", e.message);
	tempdir_close(&above);
}

struct keys {
	char ids[200], lines[600]; /* each with a blank */
};

static void
note_key(void *ctx, const char *id, const char *line)
{
	struct keys *k = ctx;

	(void)strlcat(k->ids, id, sizeof(k->ids));
	(void)strlcat(k->ids, " ", sizeof(k->ids));
	(void)strlcat(k->lines, line, sizeof(k->lines));
	(void)strlcat(k->lines, " ", sizeof(k->lines));
}

Test(api_folder, its_keys_come_and_go)
{
	struct erpsync_folder_options opt = {.size = sizeof(opt)};
	char path[2][300], id[2][ERPSYNC_KEY_ID + 1], want[200], *text, *line;
	struct erpsync_folder *f = open_folder(&opt);
	struct erpsync_seal seal;
	struct keys told;
	size_t n;
	int i;

	memset(&told, 0, sizeof(told));
	cr_expect_eq(erpsync_keys(f, note_key, &told, &e), 0);
	cr_expect_eq(erpsync_folder_seal(f, &seal, &e), 0);
	cr_expect_lt(erpsync_key_add(f, "no key", 6, "", &e), 0);
	for (i = 0; i < 2; i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%s/key%d", t.path, i);
		cr_assert_eq(
		    erpsync_seal_key_make(path[i], NULL, NULL, id[i], &e), 0);
		text = tempdir_read(&t, i == 0 ? "key0.pub" : "key1.pub", &n);
		cr_assert_eq(
		    erpsync_key_add(f, text, n, "", &e), 0, "%s", e.message);
		cr_expect_eq(erpsync_key_add(f, text, n, "", &e), ERPSYNC_USAGE,
		    "not twice");
		free(text);
	}
	cr_expect_eq(erpsync_keys(f, note_key, &told, &e), 2);
	(void)snprintf(want, sizeof(want), "%s %s ", id[0], id[1]);
	cr_expect_str_eq(told.ids, want);
	/* The line is as good as the file. */
	cr_assert_eq(erpsync_key_remove(f, id[0], &e), 0, "%s", e.message);
	cr_expect_eq(erpsync_key_remove(f, id[0], &e), ERPSYNC_NOTFOUND);
	line = told.lines;
	cr_assert_eq(erpsync_key_add(f, line, strcspn(line, " "), "", &e), 0,
	    "%s", e.message);
	memset(&told, 0, sizeof(told));
	cr_expect_eq(erpsync_keys(f, note_key, &told, &e), 2);
	/* What is installed has no seal. */
	cr_expect_eq(erpsync_folder_seal(f, &seal, &e), ERPSYNC_UNSEALED);
	cr_assert_eq(erpsync_key_remove(f, id[0], &e), 0);
	cr_assert_eq(erpsync_key_remove(f, id[1], &e), 0);
	memset(&told, 0, sizeof(told));
	cr_expect_eq(erpsync_keys(f, note_key, &told, &e), 0);
	cr_expect_str_eq(told.ids, "");
	erpsync_folder_close(f);
}
