/* What the INI files of a client folder say, and which are believed. */
#include "cli/station_ini.h"

#include "cli/config/config.h"
#include "engine/base/err.h"
#include "engine/base/path.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tempdir dir;
static struct station_config config;
static char name[NAME_MAX + 1];
static struct names others;
static struct err e;
static int next_fd;

/* The lowest descriptor that is free. */
static int
lowest_fd(void)
{
	int fd = dup(dir.fd);

	cr_assert_geq(fd, 0);
	(void)close(fd);
	return fd;
}

static void
begin(void)
{
	tempdir_open(&dir);
	next_fd = lowest_fd();
	(void)setenv("LC_ALL", "en_US.UTF-8", 1);
}

static void
end(void)
{
	names_release(&others);
	cr_expect_eq(lowest_fd(), next_fd, "a file stays open");
	tempdir_close(&dir);
}

TestSuite(station_ini, .init = begin, .fini = end);

static int
load(void)
{
	int rc;

	names_release(&others);
	rc = station_ini_load(dir.path, name, &others, &config, &e);
	if (rc == 1)
		station_config_release(&config);
	return rc;
}

static int
own(void)
{
	int rc = station_ini_own(dir.path, &config, &e);

	if (rc == 1)
		station_config_release(&config);
	return rc;
}

Test(station_ini, is_found_in_any_case)
{
	cr_assert_eq(load(), 0);
	tempdir_text(&dir, "other.ini", "", -1);
	cr_assert_eq(load(), 0);
	tempdir_text(&dir, "SmartClient.INI", "", -1);
	cr_assert_eq(load(), 1);
	cr_assert_str_eq(name, "SmartClient.INI");
	cr_assert_eq(
	    station_ini_load("/nowhere/at/all", name, &others, &config, &e), 0);
}

Test(station_ini, names_the_language)
{
	cr_assert_eq(station_ini_lang(dir.path, NULL), LANG_EN);
	tempdir_text(&dir, "smartclient.ini", "[config]\r\nlanguage=2\r\n", -1);
	cr_assert_eq(station_ini_lang(dir.path, NULL), LANG_ES);
	cr_assert_eq(station_ini_lang(dir.path, "pt"), LANG_PT);
	/* Also to say what is wrong in the file. */
	tempdir_text(&dir, "smartclient.ini",
	    "[config]\nlanguage=2\n[ErpSync]\nServer=erp\nRetries=x\n", -1);
	cr_assert_eq(load(), ERP_USAGE);
	cr_assert_eq(station_ini_lang(dir.path, NULL), LANG_ES);
}

Test(station_ini, a_bad_file_names_none)
{
	tempdir_text(&dir, "smartclient.ini", "[config\nlanguage=2\n", -1);
	cr_assert_eq(station_ini_lang(dir.path, NULL), LANG_EN);
}

/* None of them may be waited for, followed or shown. */
Test(station_ini, only_a_regular_file_is_read, .timeout = 10)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/smartclient.ini", dir.path);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_assert_eq(load(), ERP_USAGE);
	cr_assert(strstr(e.msg, "no regular file") != NULL, "%s", e.msg);
	cr_assert_eq(unlink(path), 0);
	tempdir_symlink(&dir, "/etc/passwd", "smartclient.ini");
	cr_assert_eq(load(), ERP_USAGE);
	cr_assert(strstr(e.msg, "no regular file") != NULL, "%s", e.msg);
	cr_assert(strstr(e.msg, "root") == NULL, "%s", e.msg);
	cr_assert_eq(unlink(path), 0);
	tempdir_mkdir(&dir, "smartclient.ini");
	cr_assert_eq(load(), ERP_USAGE);
	cr_assert_eq(station_ini_lang(dir.path, NULL), LANG_EN);
}

Test(station_ini, root_reads_of_others_only_what_is_theirs)
{
	if (geteuid() != 0)
		cr_skip_test("needs root");
	tempdir_text(&dir, "secret", "[root:x\n", -1);
	cr_assert_eq(linkat(dir.fd, "secret", dir.fd, "smartclient.ini", 0), 0);
	cr_assert_eq(chown(dir.path, 4242, 4242), 0);
	cr_assert_eq(load(), ERP_AUTH);
	cr_assert(strstr(e.msg, "root:x") == NULL, "%s", e.msg);
	/* A second name of what only seems to be the owner's. */
	cr_assert_eq(fchownat(dir.fd, "secret", 4242, 4242, 0), 0);
	cr_assert_eq(load(), ERP_AUTH);
	cr_assert_eq(unlinkat(dir.fd, "smartclient.ini", 0), 0);
	tempdir_text(&dir, "smartclient.ini", "[config]\nlanguage=2\n", -1);
	cr_assert_eq(load(), ERP_AUTH);
	cr_assert_eq(fchownat(dir.fd, "smartclient.ini", 4242, 4242, 0), 0);
	cr_assert_eq(load(), 1);
}

Test(station_ini, what_no_release_can_write_may_name_commands)
{
	static const char text[] = "[ErpSync]\nHealthCheck=true\n";

	cr_assert_eq(own(), 0);
	tempdir_text(&dir, "smartclient.ini", text, -1);
	cr_assert_eq(own(), 0);
	tempdir_mkdir(&dir, ".erpsync");
	cr_assert_eq(own(), 0);
	tempdir_text(&dir, ".erpsync/station.ini", text, -1);
	tempdir_chmod(&dir, ".erpsync", 0700);
	tempdir_chmod(&dir, ".erpsync/station.ini", 0644);
	cr_assert_eq(station_ini_own(dir.path, &config, &e), 1, "%s", e.msg);
	cr_assert_str_eq(config.health_check, "true");
	station_config_release(&config);
	tempdir_chmod(&dir, ".erpsync/station.ini", 0664);
	cr_assert_eq(own(), ERP_AUTH);
	tempdir_chmod(&dir, ".erpsync/station.ini", 0644);
	tempdir_chmod(&dir, ".erpsync", 0777);
	cr_assert_eq(own(), ERP_AUTH);
	tempdir_chmod(&dir, ".erpsync", 0755);
	cr_assert_eq(own(), 1);
}

/* Never the one that the disk happens to tell first. */
Test(station_ini, of_several_the_exact_name_counts_else_the_first)
{
	tempdir_text(&dir, "smartclient.INI", "", -1);
	tempdir_text(&dir, "SmartClient.ini", "", -1);
	tempdir_text(&dir, "SMARTCLIENT.INI", "", -1);
	cr_assert_eq(load(), 1);
	cr_assert_str_eq(name, "SMARTCLIENT.INI");
	cr_expect_eq(others.n, 2);
	tempdir_text(&dir, "smartclient.ini", "", -1);
	cr_assert_eq(load(), 1);
	cr_assert_str_eq(name, "smartclient.ini");
	cr_expect_eq(others.n, 3);
}

Test(station_ini, is_found_where_macos_has_it)
{
	tempdir_text(&dir, "smartclient.app/Contents/MacOS/smartclient.ini",
	    "[ErpSync]\nServer=erp\nPort=77\n", -1);
	cr_assert_eq(station_ini_load(dir.path, name, &others, &config, &e), 1,
	    "%s", e.msg);
	cr_assert_str_eq(config.server, "erp");
	cr_assert_eq(config.port, 77);
	cr_expect_eq(others.n, 0);
	station_config_release(&config);
	tempdir_text(&dir, "smartclient.ini", "", -1);
	cr_assert_eq(station_ini_load(dir.path, name, &others, &config, &e), 1);
	cr_assert_eq(config.port, 0, "the one outside counts");
	station_config_release(&config);
}

Test(station_ini, is_judged_before_stations_get_it)
{
	static const struct {
		const char *text;
		const char *why; /* NULL: they would take it */
	} rows[] = {
	    {"", NULL},
	    {"[ErpSync]\nServer=a\nPort=1\nOs=linux\n", NULL},
	    {"[ErpSync]\nTimeout=abc\n", "smartclient.ini:2: Timeout=abc"},
	    {"[ErpSync]\nPin=abc\n", "smartclient.ini:2: Pin=abc"},
	    {"[ErpSync]\nOs=windows\n", "smartclient.ini: says Os="},
	    {"[ErpSync]\nExclude=a,smartclient*\n",
		"smartclient.ini: has an Exclude= that leaves out this file"},
	    {"[ErpSync]\nExclude=smartclient\n", NULL},
	    {"[ErpSync]\nIniPolicy=*.ini:keep\n",
		"smartclient.ini: has an IniPolicy= that keeps this file"},
	    {"[ErpSync]\nIniPolicy=smartclient.ini:merge,keep\n", NULL},
	    {"[ErpSync]\nCA=x.pem\n", "smartclient.ini: CA=x.pem: read "},
	    {"[ErpSync]\nCA=x.pem\n", "unless stations have it"},
	    {"[ErpSync]\nTimeout=abc\nCA=x.pem\n", "Timeout=abc"},
	    {"[ErpSync]\nTimeout=abc\nCA=x.pem\n",
		"; also: smartclient.ini: CA=x.pem: "},
	    {"[ErpSync]\nCA=bad.pem\n", "smartclient.ini: CA=bad.pem: "},
	    {"[ErpSync]\nCertificateClient=bad.pem\n",
		"smartclient.ini: CertificateClient=bad.pem: "},
	    {"[ErpSync]\nCertificateClient=bad.pem\nKeyClient=z\n", NULL},
	    {"[ErpSync]\nCA=/x.pem\nCertificateClient=y\nKeyClient=z\n", NULL},
	};
	char why[400];
	size_t i;

	cr_expect(station_ini_judge(dir.path, PATH_OS_LINUX, why, 400));
	tempdir_text(&dir, "bad.pem", "-----BEGIN \n", -1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		why[0] = '\0';
		tempdir_text(&dir, "smartclient.ini", rows[i].text, -1);
		cr_expect_eq(
		    station_ini_judge(dir.path, PATH_OS_LINUX, why, 400),
		    rows[i].why == NULL, "row %zu", i);
		cr_expect(
		    rows[i].why == NULL || strstr(why, rows[i].why) != NULL,
		    "row %zu: %s", i, why);
	}
}

static bool
last(char host[CONFIG_MAX_HOST + 1], uint16_t *port)
{
	host[0] = '\0';
	*port = 0;
	return station_ini_last(dir.path, STATION_NAMES_NONE, host, port, &e);
}

/* Of an update that has not ended one of two files is there. */
Test(station_ini, an_update_that_has_not_ended_is_seen)
{
	cr_expect(!station_ini_is_between("/nowhere/at/all"));
	cr_expect(!station_ini_is_between(dir.path));
	tempdir_text(&dir, ".erpsync/committed", "", -1);
	cr_expect(station_ini_is_between(dir.path));
	cr_assert_eq(unlinkat(dir.fd, ".erpsync/committed", 0), 0);
	cr_expect(!station_ini_is_between(dir.path));
	tempdir_text(&dir, ".erpsync/journal", "", -1);
	cr_expect(station_ini_is_between(dir.path));
}

Test(station_ini, the_last_server_is_remembered)
{
	char host[CONFIG_MAX_HOST + 1];
	uint16_t port;

	cr_expect(!last(host, &port));
	cr_expect(!station_ini_last(
	    "/nowhere/at/all", STATION_NAMES_NONE, host, &port, &e));
	/* A file in the place of its folder is none of ours. */
	tempdir_text(&dir, ".erpsync", "", -1);
	cr_expect(!last(host, &port));
	cr_expect_eq(own(), 0);
	cr_expect(!station_ini_is_between(dir.path));
	cr_assert_eq(unlinkat(dir.fd, ".erpsync", 0), 0);
	tempdir_text(&dir, ".erpsync/last-server.ini",
	    "[ErpSync]\nServer=erp.example\nPort=65535\n", -1);
	cr_assert(last(host, &port));
	cr_expect_str_eq(host, "erp.example");
	cr_expect_eq(port, 65535);
	cr_expect_not_null(strstr(
	    e.msg, "erp.example, port 65535, which served this folder last"));
	cr_expect_not_null(strstr(e.msg, ".erpsync/last-server.ini"));
	cr_expect_not_null(strstr(e.msg, "--server"));
	tempdir_text(&dir, ".erpsync/last-server.ini",
	    "[ErpSync]\nServer=fe80::1\nPort=1\n", -1);
	cr_assert(last(host, &port));
	cr_expect_str_eq(host, "fe80::1");
	cr_expect_eq(port, 1);
}

/* A folder's may be the lowest, where a program begins without an input. */
Test(station_ini, each_descriptor_will_do)
{
	char host[CONFIG_MAX_HOST + 1];
	uint16_t port;

	tempdir_text(&dir, ".erpsync/last-server.ini",
	    "[ErpSync]\nServer=a\nPort=1\n", -1);
	tempdir_text(&dir, ".erpsync/journal", "", -1);
	(void)close(STDIN_FILENO);
	next_fd = STDIN_FILENO;
	cr_expect(last(host, &port));
	cr_expect(station_ini_is_between(dir.path));
}

Test(station_ini, a_damaged_last_server_is_none, .timeout = 10)
{
	static const char *const bad[] = {"", "junk", "[ErpSync]\n",
	    "[ErpSync]\nServer=a\n", "[ErpSync]\nPort=1\n",
	    "[ErpSync]\nServer=a b\nPort=1\n", "[ErpSync]\nServer=a\nPort=0\n",
	    "[ErpSync]\nServer=a\nPort=65536\n",
	    "[drivers]\nactive=x\n[x]\nserver=a\n"};
	char host[CONFIG_MAX_HOST + 1], path[300];
	uint16_t port;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tempdir_text(&dir, ".erpsync/last-server.ini", bad[i], -1);
		cr_expect(!last(host, &port), "%zu", i);
		cr_expect_str_eq(host, "", "%zu", i);
		cr_expect_eq(port, 0, "%zu", i);
	}
	(void)snprintf(
	    path, sizeof(path), "%s/.erpsync/last-server.ini", dir.path);
	tempdir_text(&dir, "good.ini", "[ErpSync]\nServer=a\nPort=1\n", -1);
	cr_assert_eq(unlink(path), 0);
	tempdir_symlink(&dir, "../good.ini", ".erpsync/last-server.ini");
	cr_expect(!last(host, &port), "a link");
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect(!last(host, &port), "a pipe");
}

Test(station_ini, root_takes_no_last_server_of_others)
{
	char host[CONFIG_MAX_HOST + 1];
	uint16_t port;

	if (geteuid() != 0)
		cr_skip_test("needs root");
	tempdir_text(&dir, ".erpsync/last-server.ini",
	    "[ErpSync]\nServer=a\nPort=1\n", -1);
	tempdir_chmod(&dir, ".erpsync", 0777);
	cr_assert_eq(
	    fchownat(dir.fd, ".erpsync/last-server.ini", 4242, 4242, 0), 0);
	cr_expect(!last(host, &port));
	tempdir_chmod(&dir, ".erpsync", 0755);
	cr_expect(last(host, &port));
}

Test(station_ini, the_one_that_counts_lies_somewhere)
{
	char path[FS_PATH_BYTES];

	cr_expect(!station_ini_path("/nowhere/at/all", path));
	cr_expect(!station_ini_path(dir.path, path));
	tempdir_text(
	    &dir, "smartclient.app/Contents/Resources/smartclient.ini", "", -1);
	cr_assert(station_ini_path(dir.path, path));
	cr_expect_str_eq(
	    path, "smartclient.app/Contents/Resources/smartclient.ini");
	tempdir_text(&dir, "SmartClient.ini", "", -1);
	cr_assert(station_ini_path(dir.path, path));
	cr_expect_str_eq(path, "SmartClient.ini");
}

/* For one of a release that says what cannot be. */
Test(station_ini, the_last_server_is_told_with_why)
{
	char host[CONFIG_MAX_HOST + 1];
	uint16_t port;

	tempdir_text(&dir, ".erpsync/last-server.ini",
	    "[ErpSync]\nServer=a\nPort=1\n", -1);
	cr_assert(
	    station_ini_last(dir.path, STATION_NAMES_WRONGLY, host, &port, &e));
	cr_expect_not_null(strstr(e.msg, "brought smartclient.ini like that"));
	cr_expect(!station_ini_own_names(dir.path));
}
