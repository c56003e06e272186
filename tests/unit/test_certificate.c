/* What a server shows in TLS: its own key, made once, or what it is given. */
#include "transport/host/certificate.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/store/store_stations.h"
#include "engine/tree/manifest.h"
#include "tests/support/loopback.h"
#include "tests/support/release.h"
#include "transport/host/net_server.h"
#include "transport/net/channel_tls.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Test(certificate, its_own_is_made_once_and_closed_to_others)
{
	const struct net_security none = {.certificate = NULL};
	char pin[TLS_PIN_BYTES];
	struct release_fixture f;
	struct tls *tls;
	struct stat st;
	struct err e;

	release_begin(&f);
	cr_assert_eq(
	    certificate_load(f.store, &none, false, &tls, &e), 0, "%s", e.msg);
	cr_assert(tls_pin_is_valid(tls_pin(tls)));
	(void)strlcpy(pin, tls_pin(tls), sizeof(pin));
	tls_free(tls);
	cr_assert_eq(fstatat(store_dir(f.store), CERTIFICATE_OWN, &st, 0), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	release_reopen(&f);
	cr_assert_eq(
	    certificate_load(f.store, &none, false, &tls, &e), 0, "%s", e.msg);
	cr_expect_str_eq(tls_pin(tls), pin, "it stays the same");
	tls_free(tls);
	release_end(&f);
}

Test(certificate, one_that_stations_know_is_not_made_anew_while_it_serves)
{
	const struct net_security none = {.certificate = NULL};
	struct release_fixture f;
	struct tls *tls;
	struct err e;

	release_begin(&f);
	cr_assert_eq(certificate_load(f.store, &none, false, &tls, &e), 0);
	tls_free(tls);
	cr_assert_eq(certificate_load(f.store, &none, true, &tls, &e), 0);
	tls_free(tls);
	cr_assert_eq(unlinkat(store_dir(f.store), CERTIFICATE_OWN, 0), 0);
	cr_expect_eq(
	    certificate_load(f.store, &none, true, &tls, &e), ERP_NOTFOUND);
	cr_expect_null(tls);
	cr_expect_not_null(strstr(e.msg, "own key is gone"), "%s", e.msg);
	cr_expect_eq(
	    faccessat(store_dir(f.store), CERTIFICATE_OWN, F_OK, 0), -1);
	release_end(&f);
}

Test(certificate, a_new_one_is_told_of_where_stations_were_served)
{
	const struct net_security none = {.certificate = NULL};
	struct names stations = {NULL, 0, 0};
	struct release_fixture f;
	struct manifest m;
	struct hash id;
	struct tls *tls;
	struct err e;

	release_begin(&f);
	manifest_init(&m, PATH_OS_MACOSX);
	release_file(&f, &m, "a", "x", 1);
	cr_assert_eq(store_save_release(f.store, &m, 1, &id, &e), 0);
	manifest_release(&m);
	/* Published, but no station has it. */
	cr_assert_eq(certificate_load(f.store, &none, false, &tls, &e), 0);
	tls_free(tls);
	cr_assert_eq(unlinkat(store_dir(f.store), CERTIFICATE_OWN, 0), 0);
	cr_assert_eq(names_add(&stations, "PC-07", &e), 0);
	cr_assert_eq(
	    store_add_stations(f.store, PATH_OS_MACOSX, &id, &stations, &e), 0);
	names_release(&stations);
	cr_assert_eq(certificate_load(f.store, &none, false, &tls, &e), 1);
	tls_free(tls);
	cr_expect_eq(certificate_load(f.store, &none, false, &tls, &e), 0);
	tls_free(tls);
	release_end(&f);
}

Test(certificate, a_damaged_one_is_not_made_anew)
{
	const struct net_security none = {.certificate = NULL};
	struct release_fixture f;
	struct tls *tls;
	struct err e;

	release_begin(&f);
	tempdir_text(&f.dir, "state/" CERTIFICATE_OWN, "nothing", -1);
	cr_expect_eq(
	    certificate_load(f.store, &none, false, &tls, &e), ERP_USAGE);
	cr_expect_null(tls);
	cr_expect_not_null(strstr(e.msg, "tls.pem: has no key"), "%s", e.msg);
	cr_expect(tempdir_is_text(&f.dir, "state/" CERTIFICATE_OWN, "nothing"));
	release_end(&f);
}

Test(certificate, a_given_one_counts_with_its_key_only)
{
	const struct net_security none = {.certificate = NULL};
	struct net_security given = {.certificate = NULL};
	struct release_fixture f;
	char pin[TLS_PIN_BYTES], path[600];
	struct tls *tls;
	struct err e;

	release_begin(&f);
	cr_assert_eq(certificate_load(f.store, &none, false, &tls, &e), 0);
	(void)strlcpy(pin, tls_pin(tls), sizeof(pin));
	tls_free(tls);
	cr_assert_eq(renameat(store_dir(f.store), CERTIFICATE_OWN, f.dir.fd,
			 "given.pem"),
	    0);
	(void)snprintf(path, sizeof(path), "%s/given.pem", f.dir.path);
	given.certificate = path;
	cr_expect_eq(
	    certificate_load(f.store, &given, false, &tls, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "KeyServer"), "%s", e.msg);
	given.key = path;
	cr_assert_eq(certificate_load(f.store, &given, false, &tls, &e), 0);
	cr_expect_str_eq(tls_pin(tls), pin);
	tls_free(tls);
	cr_expect_eq(faccessat(store_dir(f.store), CERTIFICATE_OWN, F_OK, 0),
	    -1, "and none of its own is made");
	given.client_ca = "/nowhere/ca.pem";
	cr_expect_eq(
	    certificate_load(f.store, &given, false, &tls, &e), ERP_NOTFOUND);
	release_end(&f);
}

Test(certificate, it_can_be_asked_whether_a_given_one_would_do)
{
	struct net_security given = {.certificate = NULL};
	char pin[TLS_PIN_BYTES] = "x", path[600];
	int64_t now = clock_s(clock_real());
	struct tls_dates valid;
	struct release_fixture f;
	struct tls *tls;
	struct err e;

	release_begin(&f);
	cr_expect_eq(certificate_check(&given, now, pin, &e), 0);
	cr_expect_str_eq(pin, "", "its own is not looked at");
	cr_expect_eq(faccessat(store_dir(f.store), CERTIFICATE_OWN, F_OK, 0),
	    -1, "nor made");
	cr_assert_eq(certificate_load(f.store, &given, false, &tls, &e), 0);
	(void)snprintf(
	    path, sizeof(path), "%s/state/%s", f.dir.path, CERTIFICATE_OWN);
	given.key = path;
	cr_expect_eq(certificate_check(&given, now, pin, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "KeyServer"), "%s", e.msg);
	given.certificate = path;
	cr_expect_eq(certificate_check(&given, now, pin, &e), 0, "%s", e.msg);
	cr_expect_str_eq(pin, tls_pin(tls));
	cr_assert_eq(tls_dates(tls, &valid, &e), 0);
	now = valid.until;
	cr_expect_eq(certificate_check(&given, now, pin, &e), ERP_USAGE);
	cr_expect_str_eq(pin, tls_pin(tls), "it can be shown all the same");
	now--;
	cr_expect_eq(certificate_check(&given, now, pin, &e), 1);
	given.client_ca = "/nowhere/ca.pem";
	cr_expect_eq(certificate_check(&given, now, pin, &e), ERP_NOTFOUND);
	cr_expect_str_eq(pin, "");
	tls_free(tls);
	release_end(&f);
}

/* A certificate with its key, for so many days from yesterday on. */
static void
put_days(unsigned days, struct buf *pem)
{
	static const char *const name = "erp.example";
	const struct tls_names names = {&name, 1};
	char pin[TLS_PIN_BYTES];
	struct err e;

	buf_init(pem, 64 * 1024);
	cr_assert_eq(tls_make_key(&names, days, pem, pem, pin, &e), 0);
}

/* A server's end that shows one. */
static struct tls *
of_days(unsigned days)
{
	struct tls_server from = {.certificate = NULL};
	struct tls *tls;
	struct buf pem;
	struct err e;

	put_days(days, &pem);
	cr_assert_eq(buf_append(&pem, "", 1, &e), 0);
	from.own = (const char *)buf_data(&pem);
	cr_assert_eq(tls_server_new(&from, &tls, &e), 0, "%s", e.msg);
	buf_release(&pem);
	return tls;
}

Test(certificate, its_dates_are_judged_to_the_second)
{
	const int64_t day = 24 * 60 * 60;
	struct tls *tls = of_days(100);
	int64_t now = clock_s(clock_real());
	struct tls_dates valid;
	struct err e;

	cr_assert_eq(tls_dates(tls, &valid, &e), 0);
	cr_expect_leq(valid.until, now + 100 * day);
	cr_expect_gt(valid.until, now + 99 * day);
	cr_expect_leq(valid.from, now - day);
	cr_expect_gt(valid.from, now - 2 * day);
	cr_expect_eq(certificate_judge(tls, valid.from - 1, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "is not valid before"), "%s", e.msg);
	cr_expect_eq(certificate_judge(tls, valid.from, &e), 0);
	cr_expect_eq(certificate_judge(tls, valid.until - 30 * day - 1, &e), 0);
	cr_expect_eq(certificate_judge(tls, valid.until - 30 * day, &e), 1);
	cr_expect_not_null(strstr(e.msg, "expires on"), "%s", e.msg);
	cr_expect_eq(certificate_judge(tls, valid.until - 1, &e), 1);
	cr_expect_eq(certificate_judge(tls, valid.until, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "expired on"), "%s", e.msg);
	tls_free(tls);
}

/* Of its own nobody looks at the dates. */
Test(certificate, a_server_tells_when_a_given_one_ends)
{
	static const struct {
		unsigned days;
		bool told;
	} rows[] = {{3, true}, {100, false}, {0, false}};
	static struct loopback l;
	char path[600];
	struct buf pem;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		loopback_open(&l);
		if (rows[i].days > 0) {
			put_days(rows[i].days, &pem);
			tempdir_write(
			    &l.dir, "given.pem", buf_data(&pem), pem.len, -1);
			buf_release(&pem);
			(void)snprintf(
			    path, sizeof(path), "%s/given.pem", l.dir.path);
			l.opt.config.security.certificate = path;
			l.opt.config.security.key = path;
		}
		loopback_start(&l);
		cr_expect(loopback_logs(&l, "TLS with the key"));
		cr_expect_eq(loopback_has_logged(&l, " expires on "),
		    rows[i].told, "%u days", rows[i].days);
		cr_expect_eq(loopback_stop(&l), 0);
		loopback_close(&l);
	}
}
