/* The files that an INI names for its connection: where, and whether. */
#include "cli/station_files.h"

#include "cli/config/config.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"
#include "transport/api/erpsync.h"
#include "transport/net/channel_tls.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(station_files, lie_beside_the_ini_unless_they_say_where)
{
	static const struct {
		const char *text, *place;
	} rows[] = {
	    {"ca.pem", "/erp/ca.pem"},
	    {"pki/ca.pem", "/erp/pki/ca.pem"},
	    {"/etc/ca.pem", "/etc/ca.pem"},
	    {"\\\\host\\ca.pem", "\\\\host\\ca.pem"},
	    {"C:\\ca.pem", "C:\\ca.pem"},
	};
	char *place;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		place = station_files_place("/erp", rows[i].text);
		cr_expect_str_eq(place, rows[i].place);
		cr_expect_eq(station_files_is_beside(rows[i].text),
		    strcmp(place, rows[i].text) != 0);
		free(place);
	}
}

/* A key with its certificate, in three files: both, the key, the certificate.
 */
static void
make_pem(struct tempdir *t, const char *both, const char *key, const char *own)
{
	static const char *const names[] = {"station"};
	const struct tls_names of = {names, 1};
	struct buf parts[2];
	char pin[TLS_PIN_BYTES], text[4096];
	struct err e;

	buf_init(&parts[0], 2048);
	buf_init(&parts[1], 2048);
	cr_assert_eq(tls_make_key(&of, 100, &parts[0], &parts[1], pin, &e), 0);
	tempdir_write(t, key, buf_data(&parts[0]), parts[0].len, -1);
	tempdir_write(t, own, buf_data(&parts[1]), parts[1].len, -1);
	(void)snprintf(text, sizeof(text), "some words\n%.*s%.*s",
	    (int)parts[0].len, (const char *)buf_data(&parts[0]),
	    (int)parts[1].len, (const char *)buf_data(&parts[1]));
	tempdir_text(t, both, text, -1);
	text[strlen(text) / 4 * 3] = '\0';
	tempdir_text(t, "cut.pem", text, -1);
	buf_release(&parts[0]);
	buf_release(&parts[1]);
}

static char *
text_or_null(char *text)
{
	return text[0] != '\0' ? text : NULL;
}

Test(station_files, load_as_the_connection_will_load_them)
{
	struct {
		char ca[12], certificate[12], key[12];
		int code;
		const char *why;
	} rows[] = {
	    {"none.pem", "", "", ERP_UNTRUSTED, "x.ini: CA=none.pem: "},
	    {"own.pem/x", "", "", ERP_UNTRUSTED, "x.ini: CA=own.pem/x: "},
	    {"junk.pem", "", "", ERP_UNTRUSTED, "junk.pem"},
	    {"begin.pem", "", "", ERP_UNTRUSTED, "begin.pem"},
	    {"cut.pem", "", "", ERP_UNTRUSTED, "cut.pem"},
	    {"key.pem", "", "", ERP_UNTRUSTED, "no certificate"},
	    {"own.pem", "", "", 0, ""},
	    {"both.pem", "", "none.pem", 0, ""},
	    {"", "none.pem", "", ERP_USAGE,
		"x.ini: CertificateClient=none.pem: "},
	    {"", "own.pem", "", ERP_USAGE, "no key"},
	    {"", "own.pem", "none.pem", ERP_USAGE, "none.pem"},
	    {"", "own.pem", "other.pem", ERP_USAGE, "is not the key"},
	    {"", "cut.pem", "", ERP_USAGE, "cut.pem"},
	    {"", "both.pem", "", 0, ""},
	    {"", "own.pem", "key.pem", 0, ""},
	};
	struct station_config c;
	struct tempdir t;
	struct err e;
	size_t i;

	tempdir_open(&t);
	make_pem(&t, "both.pem", "other.pem", "own.pem");
	make_pem(&t, "both.pem", "key.pem", "own.pem");
	tempdir_text(&t, "junk.pem", "junk", -1);
	tempdir_text(&t, "begin.pem", "-----BEGIN \n", -1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&c, 0, sizeof(c));
		c.ca = text_or_null(rows[i].ca);
		c.certificate = text_or_null(rows[i].certificate);
		c.key = text_or_null(rows[i].key);
		e.msg[0] = '\0';
		cr_expect_eq(station_files_check(t.path, "x.ini", &c, NULL, &e),
		    rows[i].code, "row %zu", i);
		cr_expect_not_null(
		    strstr(e.msg, rows[i].why), "row %zu: %s", i, e.msg);
	}
	tempdir_close(&t);
}

Test(station_files, named_elsewhere_count_instead)
{
	struct station_config c = {
	    .ca = (char[]){"none.pem"}, .certificate = (char[]){"own.pem"}};
	struct erpsync_security but = {.ca = "x", .certificate = "x"};
	char key[300];
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	make_pem(&t, "both.pem", "key.pem", "own.pem");
	cr_expect_eq(station_files_check(t.path, "x.ini", &c, &but, &e), 0);
	(void)snprintf(key, sizeof(key), "%s/key.pem", t.path);
	but.certificate = NULL;
	but.key = key;
	cr_expect_eq(station_files_check(t.path, "x.ini", &c, &but, &e), 0);
	tempdir_close(&t);
}

/* A CRL in it would not count, if it were passed over for that. */
Test(station_files, that_cannot_be_looked_at_now_are_not_of_no_use)
{
	char loop[] = "loop.pem";
	struct station_config c = {.ca = loop};
	struct tempdir t;
	struct err e;
	int rc;

	tempdir_open(&t);
	tempdir_symlink(&t, loop, loop);
	rc = station_files_check(t.path, "x.ini", &c, NULL, &e);
	cr_expect(rc != 0 && rc != ERP_UNTRUSTED && rc != ERP_USAGE, "%d: %s",
	    rc, e.msg);
	cr_expect_eq(
	    strncmp(e.msg, "x.ini: CA=loop.pem: ", 20), 0, "%s", e.msg);
	tempdir_close(&t);
}
