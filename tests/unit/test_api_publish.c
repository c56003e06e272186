#include "transport/api/erpsync_server.h"

#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tempdir t;
static char state[300], update[300];
static struct erpsync_store *store;
static struct erpsync_source source;
static struct erpsync_error e;

static void
begin(void)
{
	tempdir_open(&t);
	tempdir_mkdir(&t, "state");
	tempdir_text(&t, "update/a.txt", "twelve bytes", 1000);
	tempdir_text(&t, "update/b.log", "left out", 1000);
	(void)snprintf(state, sizeof(state), "%s/state", t.path);
	(void)snprintf(update, sizeof(update), "%s/update", t.path);
	cr_assert_eq(
	    erpsync_store_open(state, 0, &store, &e), 0, "%s", e.message);
	memset(&source, 0, sizeof(source));
	source.os = ERPSYNC_LINUX;
	source.path = update;
}

static void
end(void)
{
	erpsync_store_close(store);
	tempdir_close(&t);
}

TestSuite(api_publish, .init = begin, .fini = end);

Test(api_publish, a_store_is_opened_once)
{
	struct erpsync_store *second;

	cr_assert_eq(erpsync_store_open(state, 0, &second, &e), ERPSYNC_HELD);
	cr_assert_null(second);
	cr_assert_eq(erpsync_store_open("/nowhere/at/all", 0, &second, NULL),
	    ERPSYNC_NOTFOUND);
	erpsync_store_close(NULL);
}

Test(api_publish, a_folder_becomes_a_release)
{
	static const char *const but[] = {"*.log"};
	struct erpsync_release release, again;

	source.exclude = but;
	source.exclude_n = 1;
	cr_assert_eq(erpsync_publish(store, &source, NULL, &release, &e), 0,
	    "%s", e.message);
	cr_assert_eq(release.files, 1);
	cr_assert_eq(release.bytes, 12);
	cr_assert_eq(erpsync_publish(store, &source, NULL, &again, &e), 0);
	cr_assert_eq(memcmp(release.id, again.id, ERPSYNC_HASH_LEN), 0);
	source.exclude_n = 0;
	cr_assert_eq(erpsync_publish(store, &source, NULL, &again, &e), 0);
	cr_assert_neq(memcmp(release.id, again.id, ERPSYNC_HASH_LEN), 0);
	cr_assert_eq(again.files, 2);
}

/* Oldest first; the last one is what stations get. */
Test(api_publish, kept_releases_are_listed)
{
	struct erpsync_release old, current;
	struct erpsync_kept_list list;
	char path[200] = "state/release/linux/";
	size_t i, at = strlen(path);

	source.build = "7.00.1";
	cr_assert_eq(erpsync_publish(store, &source, NULL, &old, &e), 0);
	tempdir_text(&t, "update/a.txt", "other", 2000);
	source.build = "7.00.2";
	cr_assert_eq(erpsync_publish(store, &source, NULL, &current, &e), 0);
	for (i = 0; i < ERPSYNC_HASH_LEN; i++)
		(void)snprintf(path + at + 2 * i, 3, "%02x", current.id[i]);
	(void)snprintf(path + at + 2 * i, 10, ".stations");
	tempdir_text(&t, path, "a\nb\n", -1);
	cr_assert_eq(erpsync_hold(state, ERPSYNC_LINUX, "1", true, NULL, &e), 0,
	    "%s", e.message);
	cr_assert_eq(erpsync_releases(state, ERPSYNC_LINUX, &list, &e), 0, "%s",
	    e.message);
	cr_assert_eq(list.n, 2);
	cr_expect_eq(list.v[0].number, 1);
	cr_expect_eq(list.v[1].number, 2);
	cr_expect_eq(memcmp(&list.v[0].release, &old, sizeof(old)), 0);
	cr_expect_eq(memcmp(&list.v[1].release, &current, sizeof(old)), 0);
	cr_expect_str_eq(list.v[0].build, "7.00.1");
	cr_expect_str_eq(list.v[1].build, "7.00.2");
	cr_expect(list.v[0].published > 0 && list.v[1].published > 0);
	cr_expect(!list.v[0].current && list.v[1].current);
	cr_expect(list.v[0].held && !list.v[1].held);
	for (i = 0; i < 2; i++)
		cr_expect(!list.v[i].sealed && !list.v[i].damaged);
	cr_expect_eq(list.v[0].stations, 0);
	cr_expect_eq(list.v[1].stations, 2);
	erpsync_releases_free(&list);
	cr_assert_eq(erpsync_releases(state, ERPSYNC_WINDOWS, &list, &e), 0);
	cr_expect_eq(list.n, 0);
	cr_expect_eq(
	    erpsync_releases("/nowhere/at/all", ERPSYNC_LINUX, &list, NULL),
	    ERPSYNC_NOTFOUND);
}

static void
keep_warning(void *ctx, const struct erpsync_event *ev)
{
	if (ev->kind == ERPSYNC_EVENT_WARN && ev->text != NULL)
		(void)snprintf(ctx, 200, "%s", ev->text);
}

Test(api_publish, warnings_and_failures_are_told)
{
	char warning[200] = "";
	const struct erpsync_observer obs = {keep_warning, warning};
	struct erpsync_release release;

	tempdir_text(&t, "update/Upper.txt", "x", 1000);
	cr_assert_eq(erpsync_publish(store, &source, &obs, &release, &e), 0,
	    "%s", e.message);
	cr_assert_neq(strstr(warning, "Upper.txt"), NULL, "%s", warning);
	source.lowercase_only = true;
	cr_assert_eq(
	    erpsync_publish(store, &source, NULL, &release, &e), ERPSYNC_USAGE);
	source.path = "/nowhere/at/all";
	cr_assert_eq(erpsync_publish(store, &source, NULL, &release, &e),
	    ERPSYNC_NOTFOUND);
}

/* And the one that was is held then. */
Test(api_publish, a_kept_release_is_published_again)
{
	struct erpsync_release one, two;
	struct erpsync_kept now;
	struct erpsync_kept_list list;

	cr_assert_eq(erpsync_publish(store, &source, NULL, &one, &e), 0);
	tempdir_text(&t, "update/a.txt", "other", 2000);
	cr_assert_eq(erpsync_publish(store, &source, NULL, &two, &e), 0);
	cr_expect_eq(erpsync_publish_again(state, &source, "7", &now, &e),
	    ERPSYNC_NOTFOUND);
	cr_expect_eq(erpsync_publish_again(state, &source, "", &now, &e),
	    ERPSYNC_USAGE, "%s", e.message);
	cr_assert_eq(erpsync_publish_again(state, &source, "1", &now, &e), 0,
	    "%s", e.message);
	cr_expect_eq(now.number, 3);
	cr_expect(now.current && !now.held);
	cr_expect_eq(memcmp(now.release.id, one.id, ERPSYNC_HASH_LEN), 0);
	cr_assert_eq(erpsync_releases(state, ERPSYNC_LINUX, &list, &e), 0);
	cr_assert_eq(list.n, 2);
	cr_expect(list.v[0].held && !list.v[0].current);
	cr_expect_eq(memcmp(list.v[0].release.id, two.id, ERPSYNC_HASH_LEN), 0);
	erpsync_releases_free(&list);
}

struct told {
	size_t groups, singles;
	uint64_t bytes;
};

static void
count(void *ctx, const struct erpsync_compiling *c)
{
	struct told *t2 = ctx;

	*(c->group ? &t2->groups : &t2->singles) += 1;
	t2->bytes += c->bytes;
	cr_expect_eq(c->number, c->group ? t2->groups : t2->singles);
	cr_expect(c->group || c->number <= c->of);
	cr_assert_gt(c->files, 0);
}

Test(api_publish, what_stations_will_ask_for_is_compiled)
{
	static char large[8 << 20];
	struct told told = {0, 0, 0};
	struct erpsync_release release;

	cr_assert_eq(erpsync_compile(store, ERPSYNC_LINUX, count, &told, &e),
	    ERPSYNC_NOTFOUND, "nothing is published");
	cr_assert_eq(erpsync_publish(store, &source, NULL, &release, &e), 0);
	tempdir_text(&t, "update/a.txt", "thirteen byte", 2000);
	tempdir_text(&t, "update/b.log", "changed", 2000);
	cr_assert_eq(erpsync_publish(store, &source, NULL, &release, &e), 0);
	cr_assert_eq(erpsync_compile(store, ERPSYNC_LINUX, count, &told, &e), 0,
	    "%s", e.message);
	cr_assert_eq(told.groups, 1);
	cr_assert_eq(told.bytes, 20);
	cr_assert_eq(told.singles, 0);
	/* Large ones are told one by one. */
	tempdir_write(&t, "update/c.bin", large, sizeof(large), 2000);
	tempdir_write(&t, "update/d.bin", large, sizeof(large) - 1, 2000);
	cr_assert_eq(erpsync_publish(store, &source, NULL, &release, &e), 0);
	told = (struct told){0, 0, 0};
	cr_assert_eq(erpsync_compile(store, ERPSYNC_LINUX, count, &told, &e), 0,
	    "%s", e.message);
	cr_expect_eq(told.singles, 2);
	cr_assert_eq(erpsync_compile(store, ERPSYNC_LINUX, NULL, NULL, &e), 0);
}

Test(api_publish, a_key_is_made_as_two_files_or_none)
{
	struct rlimit limit;
	char name[320], id[ERPSYNC_KEY_ID + 1] = "", other[sizeof(id)] = "";
	struct stat st;
	rlim_t was;
	int rc;

	(void)snprintf(name, sizeof(name), "%s/ours", t.path);
	cr_assert_eq(erpsync_seal_key_make(name, NULL, NULL, id, &e), 0, "%s",
	    e.message);
	cr_expect_eq(strlen(id), ERPSYNC_KEY_ID);
	cr_assert_eq(fstatat(t.fd, "ours.pub", &st, 0), 0);
	cr_expect_eq(st.st_mode & 0777, 0644);
	cr_assert_eq(fstatat(t.fd, "ours.key", &st, 0), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_expect_eq(erpsync_seal_key_make(name, NULL, NULL, other, &e),
	    ERPSYNC_BLOCKED);
	/* A disk that has room for the public half only. */
	(void)snprintf(name, sizeof(name), "%s/half", t.path);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	was = limit.rlim_cur;
	limit.rlim_cur = (rlim_t)st.st_size - 1;
	(void)signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rc = erpsync_seal_key_make(name, NULL, NULL, other, &e);
	limit.rlim_cur = was;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_expect_lt(rc, 0);
	cr_expect(!tempdir_has(&t, "half.key"));
	cr_expect(!tempdir_has(&t, "half.pub"));
}

/* Make a pair of keys; the paths of its files, until the next of that name. */
struct seal_key {
	char key[320], pub[320];
};

static struct seal_key
seal_key(const char *name)
{
	char path[310], id[ERPSYNC_KEY_ID + 1];
	struct seal_key k;

	(void)snprintf(path, sizeof(path), "%s/%s", t.path, name);
	cr_assert_eq(erpsync_seal_key_make(path, NULL, NULL, id, &e), 0, "%s",
	    e.message);
	(void)snprintf(k.key, sizeof(k.key), "%s.key", path);
	(void)snprintf(k.pub, sizeof(k.pub), "%s.pub", path);
	return k;
}

static int
publish(void)
{
	struct erpsync_release release;

	return erpsync_publish(store, &source, NULL, &release, &e);
}

Test(api_publish, a_folder_is_sealed_with_the_key_that_is_named)
{
	const struct seal_key ours = seal_key("ours"),
			      other = seal_key("other");
	struct erpsync_sealing how = {.key = ours.key, .days = 400};

	source.sealing = &how;
	source.seal_key = ours.pub;
	cr_expect_eq(publish(), 0, "%s", e.message);
	cr_expect(tempdir_has(&t, "update.minisig"));
	source.sealing = NULL;
	cr_expect_eq(publish(), 0, "%s", e.message);
	source.seal_key = other.pub;
	cr_expect_eq(publish(), ERPSYNC_UNSEALED);
	source.sealing = &how;
	source.seal_key = ours.pub;
	how.older = other.key;
	how.product = "erp";
	cr_expect_eq(publish(), 0, "%s", e.message);
}

/* By who only has the folder. */
Test(api_publish, a_folder_is_sealed_without_a_store)
{
	const struct seal_key ours = seal_key("ours");
	const struct erpsync_sealing how = {.key = ours.key};
	struct erpsync_release out;
	char none[320];

	(void)snprintf(none, sizeof(none), "%s/none", t.path);
	cr_expect_eq(
	    erpsync_seal_folder(&source, NULL, &out, &e), ERPSYNC_USAGE);
	source.sealing = &how;
	source.path = none;
	cr_expect_eq(
	    erpsync_seal_folder(&source, NULL, &out, &e), ERPSYNC_NOTFOUND);
	cr_expect_not(tempdir_has(&t, "none.minisig"));
	source.path = update;
	cr_assert_eq(
	    erpsync_seal_folder(&source, NULL, &out, &e), 0, "%s", e.message);
	cr_expect_eq(out.files, 2);
	/* Whoever publishes it has the public key only. */
	source.sealing = NULL;
	source.seal_key = ours.pub;
	cr_expect_eq(publish(), 0, "%s", e.message);
}

Test(api_publish, a_sealing_that_cannot_be_is_refused)
{
	const struct seal_key ours = seal_key("ours"),
			      other = seal_key("other");
	const struct erpsync_sealing good = {.key = ours.key};
	struct erpsync_sealing how = good;
	char none[320];

	(void)snprintf(none, sizeof(none), "%s/none", t.path);
	source.sealing = &how;
	how.days = 401;
	cr_expect_eq(publish(), ERPSYNC_USAGE);
	cr_expect_not_null(strstr(e.message, "400 days"), "%s", e.message);
	how = good;
	how.product = "two words";
	cr_expect_eq(publish(), ERPSYNC_USAGE);
	how = good;
	how.key = none;
	cr_expect_eq(publish(), ERPSYNC_NOTFOUND);
	cr_expect_not_null(strstr(e.message, "/none"), "%s", e.message);
	how.key = other.pub;
	cr_expect_lt(publish(), 0);
	cr_expect_not_null(strstr(e.message, "other.pub: "), "%s", e.message);
	how = good;
	how.older = none;
	cr_expect_eq(publish(), ERPSYNC_NOTFOUND);
	how.older = ours.key;
	cr_expect_eq(publish(), ERPSYNC_USAGE);
	cr_expect_not_null(
	    strstr(e.message, "is the key that seals"), "%s", e.message);
	source.sealing = NULL;
	source.seal_key = none;
	cr_expect_eq(publish(), ERPSYNC_NOTFOUND);
	source.seal_key = ours.key;
	cr_expect_lt(publish(), 0);
	cr_expect_not_null(strstr(e.message, "ours.key: "), "%s", e.message);
	cr_expect_not(tempdir_has(&t, "update.minisig"));
}

/* For TLS. */
Test(api_publish, a_key_needs_a_name_and_two_files_that_are_not_there)
{
	static const char *const names[] = {"erp.example"};
	char key[320], certificate[320], pin[ERPSYNC_PIN_MAX + 1] = "";
	char again[ERPSYNC_PIN_MAX + 1] = "";
	struct erpsync_server_security shown = {.insecure = false};
	struct erpsync_key_options opt = {.size = sizeof(opt),
	    .certificate = certificate,
	    .key = key,
	    .names = names};
	struct stat st;

	(void)snprintf(key, sizeof(key), "%s/tls.key", t.path);
	(void)snprintf(certificate, sizeof(certificate), "%s/tls.pem", t.path);
	cr_expect_eq(erpsync_make_key(&opt, pin, &e), ERPSYNC_USAGE);
	cr_expect_not_null(strstr(e.message, "needs a name"), "%s", e.message);
	opt.names_n = 1;
	opt.key = NULL;
	cr_expect_eq(erpsync_make_key(&opt, pin, &e), ERPSYNC_USAGE);
	opt.key = key;
	opt.certificate = NULL;
	cr_expect_eq(erpsync_make_key(&opt, pin, &e), ERPSYNC_USAGE);
	/* Both in one file: neither. */
	opt.certificate = key;
	cr_expect_eq(erpsync_make_key(&opt, pin, &e), ERPSYNC_USAGE);
	cr_expect_not(tempdir_has(&t, "tls.key"));
	opt.certificate = certificate;
	tempdir_text(&t, "tls.pem", "here", -1);
	cr_expect_eq(erpsync_make_key(&opt, pin, &e), ERPSYNC_USAGE);
	cr_expect_not_null(strstr(e.message, "tls.pem: is there already"));
	cr_expect_not(tempdir_has(&t, "tls.key"));
	cr_assert_eq(unlinkat(t.fd, "tls.pem", 0), 0);
	cr_assert_eq(erpsync_make_key(&opt, pin, &e), 0, "%s", e.message);
	cr_expect(erpsync_pin_is_valid(pin), "%s", pin);
	cr_assert_eq(fstatat(t.fd, "tls.key", &st, 0), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(fstatat(t.fd, "tls.pem", &st, 0), 0);
	cr_expect_eq(st.st_mode & 0777, 0644);
	/* A server can show it; without the file it cannot. */
	shown.certificate = certificate;
	shown.key = key;
	cr_assert_eq(
	    erpsync_security_check(&shown, again, &e), 0, "%s", e.message);
	cr_expect_str_eq(again, pin);
	cr_expect_str_eq(e.message, "");
	cr_assert_eq(unlinkat(t.fd, "tls.pem", 0), 0);
	cr_expect_eq(
	    erpsync_security_check(&shown, again, &e), ERPSYNC_NOTFOUND);
	cr_expect_not_null(strstr(e.message, "tls.pem"), "%s", e.message);
	cr_expect_eq(erpsync_make_key(&opt, pin, &e), ERPSYNC_USAGE);
	cr_expect_not_null(strstr(e.message, "tls.key: is there already"));
	cr_expect_not(tempdir_has(&t, "tls.pem"));
}
