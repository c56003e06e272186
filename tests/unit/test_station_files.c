/* The files that an INI names for its connection: where, and whether. */
#include "cli/station_files.h"

#include "cli/config/config.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define PEM "some words\n-----BEGIN CERTIFICATE-----\n"

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

Test(station_files, are_there_and_are_what_they_are_for)
{
	struct station_config c = {.ca = (char[]){"ca.pem"}}, but = c;
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	cr_expect_eq(
	    station_files_check(t.path, "x.ini", &c, NULL, &e), ERP_UNTRUSTED);
	cr_expect_eq(strncmp(e.msg, "x.ini: CA=ca.pem: ", 18), 0, "%s", e.msg);
	cr_expect_eq(station_files_check(t.path, "x.ini", &c, &but, &e), 0);
	tempdir_text(&t, "ca.pem", "junk", -1);
	cr_expect_eq(
	    station_files_check(t.path, "x.ini", &c, NULL, &e), ERP_UNTRUSTED);
	cr_expect_not_null(strstr(e.msg, "PEM"), "%s", e.msg);
	tempdir_text(&t, "ca.pem", PEM, -1);
	cr_expect_eq(station_files_check(t.path, "x.ini", &c, NULL, &e), 0);
	c.key = (char[]){"key.pem"};
	cr_expect_eq(station_files_check(t.path, "x.ini", &c, NULL, &e), 0);
	c.certificate = c.ca;
	cr_expect_eq(
	    station_files_check(t.path, "x.ini", &c, NULL, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "KeyClient=key.pem"), "%s", e.msg);
	tempdir_text(&t, "key.pem", PEM, -1);
	cr_expect_eq(station_files_check(t.path, "x.ini", &c, NULL, &e), 0);
	tempdir_close(&t);
}
