/* What AppServer.ini names, apart from what the server publishes. */
#include "cli/config/config_state.h"

#include "cli/config/config.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct server_config server;
static struct err e;

static bool
server_warns(const char *part)
{
	size_t i;

	for (i = 0; i < server.warnings.n; i++)
		if (strstr(server.warnings.v[i], part) != NULL)
			return true;
	return false;
}

Test(config_state, the_state_is_apart_from_what_is_published)
{
	char folder[600], inside[700], beside[700];
	struct tempdir dir;

	tempdir_open(&dir);
	tempdir_mkdir(&dir, "up/sub");
	memset(&server, 0, sizeof(server));
	(void)snprintf(folder, sizeof(folder), "%s/up", dir.path);
	server.path[PATH_OS_LINUX] = folder;
	(void)snprintf(inside, sizeof(inside), "%s/sub/../sub/st", folder);
	(void)snprintf(beside, sizeof(beside), "%s/up-state", dir.path);
	cr_expect_eq(
	    server_config_check_folders(&server, inside, &e), ERP_USAGE);
	cr_expect(strstr(e.msg, "PathLinux") != NULL, "%s", e.msg);
	cr_expect_eq(
	    server_config_check_folders(&server, folder, &e), ERP_USAGE);
	cr_expect_eq(server_config_check_folders(&server, beside, &e), 0);
	cr_expect_eq(server.warnings.n, 0);
	tempdir_close(&dir);
}

/* Log and key are for nobody; one that Exclude names stays where it is. */
Test(config_state, what_is_the_servers_own_is_apart_from_what_is_published)
{
	static const struct {
		const char *text;
		int code;
		size_t warnings;
	} rows[] = {
	    {"LogFile=up/erp.log", ERP_USAGE, 0},
	    {"LogFile=up/sub/new/erp.log", ERP_USAGE, 0},
	    {"LogFile=link", ERP_USAGE, 0},
	    {"LogFile=upper/to-come", ERP_USAGE, 0},
	    {"LogFile=upper/erp.log", 0, 0},
	    {"LogFile=up/erp.log\nExclude=*.log", 0, 0},
	    {"LogFile=up/erp.log\nExclude=sub", ERP_USAGE, 0},
	    {"CertificateServer=up/a.crt\nKeyServer=up/sub/a.key", ERP_USAGE,
		0},
	    {"CertificateServer=up/a.crt\nKeyServer=up/sub/a.key\nExclude=sub",
		0, 0},
	};
	char ini[700], text[400];
	struct tempdir dir;
	size_t i;

	tempdir_open(&dir);
	tempdir_mkdir(&dir, "up/sub");
	tempdir_text(&dir, "up/here.log", "", -1);
	cr_assert_eq(symlinkat("up/here.log", dir.fd, "link"), 0);
	tempdir_mkdir(&dir, "upper");
	cr_assert_eq(symlinkat("../a-link", dir.fd, "upper/to-come"), 0);
	cr_assert_eq(symlinkat("up/new.log", dir.fd, "a-link"), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "[Update]\nEnable=1\nPathLinux=up\n[ErpSync]\n%s\n",
		    rows[i].text);
		tempdir_text(&dir, "a.ini", text, -1);
		(void)snprintf(ini, sizeof(ini), "%s/a.ini", dir.path);
		cr_assert_eq(
		    server_config_load(ini, &server, &e), 0, "%s", e.msg);
		cr_expect_eq(
		    server_config_check_folders(&server, server.state, &e),
		    rows[i].code, "%s: %s", rows[i].text, e.msg);
		cr_expect_eq(
		    server.warnings.n, rows[i].warnings, "%s", rows[i].text);
		server_config_release(&server);
	}
	/* The INI is told of: whoever keeps it there goes on. */
	tempdir_text(&dir, "up/b.ini",
	    "[Update]\nEnable=1\nPathLinux=.\n[ErpSync]\nState=../st\n", -1);
	(void)snprintf(ini, sizeof(ini), "%s/up/b.ini", dir.path);
	cr_assert_eq(server_config_load(ini, &server, &e), 0, "%s", e.msg);
	cr_expect_eq(server_config_check_folders(&server, server.state, &e), 0);
	cr_assert_eq(server.warnings.n, 1);
	cr_expect_not_null(strstr(server.warnings.v[0], "b.ini"));
	server_config_release(&server);
	tempdir_close(&dir);
}

/* What is written by one is not read, or removed, by another. */
Test(config_state, the_servers_own_are_apart_from_each_other)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
	    {"State=.", NULL},
	    {"State=deep", NULL},
	    {"State=st\nLogFile=st/server.log", NULL},
	    {"State=st\nLogFile=st/tls.pem", "st/tls.pem is a file of the"},
	    {"State=st\nLogFile=st/lock", "is a file of the state folder's"},
	    {"State=st\nLogFile=st/blob/log", "is a file of the state"},
	    {"State=st\nLogFile=st/hashes-linux", "is a file of the state"},
	    {"State=st\nLogFile=a.ini", "is the file of --config, too"},
	    {"LogFile=sub/../a.crt\nCertificateServer=a.crt\nKeyServer=a.key",
		"is the file of CertificateServer, too"},
	    {"LogFile=a.key\nCertificateServer=a.crt\nKeyServer=a.key",
		"is the file of KeyServer, too"},
	    {"State=st\nLogFile=st.log", NULL},
	};
	char ini[700], text[400];
	struct tempdir dir;
	size_t i;

	tempdir_open(&dir);
	tempdir_mkdir(&dir, "deep/up");
	tempdir_mkdir(&dir, "st/blob");
	tempdir_mkdir(&dir, "sub");
	tempdir_text(&dir, "a.crt", "", -1);
	tempdir_text(&dir, "a.key", "", -1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "[Update]\nEnable=1\nPathLinux=deep/up\n[ErpSync]\n%s\n",
		    rows[i].text);
		tempdir_text(&dir, "a.ini", text, -1);
		(void)snprintf(ini, sizeof(ini), "%s/a.ini", dir.path);
		cr_assert_eq(
		    server_config_load(ini, &server, &e), 0, "%s", e.msg);
		cr_expect_eq(
		    server_config_check_folders(&server, server.state, &e),
		    rows[i].told == NULL ? 0 : ERP_USAGE, "%s", rows[i].text);
		cr_expect(
		    rows[i].told == NULL || strstr(e.msg, rows[i].told) != NULL,
		    "%s: %s", rows[i].text, e.msg);
		server_config_release(&server);
	}
	tempdir_close(&dir);
}

/* Also where it does not exist yet, or not at all. */
Test(config_state, a_state_folder_to_come_is_compared_by_what_is_there)
{
	char folder[600], root[] = "/", state[5000];
	struct tempdir dir;

	tempdir_open(&dir);
	memset(&server, 0, sizeof(server));
	server.path[PATH_OS_LINUX] = root;
	cr_expect_eq(
	    server_config_check_folders(&server, "/no-such-folder/of-ours", &e),
	    ERP_USAGE);
	cr_expect_eq(server_config_check_folders(&server, "/", &e), ERP_USAGE);
	memset(state, 'a', sizeof(state));
	state[sizeof(state) - 1] = '\0';
	cr_expect_eq(server_config_check_folders(&server, state, &e), 0);
	/* A relative one is where the server is started. */
	tempdir_mkdir(&dir, "up");
	tempdir_mkdir(&dir, "else");
	(void)snprintf(folder, sizeof(folder), "%s/up", dir.path);
	server.path[PATH_OS_LINUX] = folder;
	cr_assert_eq(fchdir(dir.fd), 0);
	cr_expect_eq(server_config_check_folders(&server, "st", &e), 0);
	cr_expect_eq(server_config_check_folders(&server, "else/st", &e), 0);
	cr_expect_eq(
	    server_config_check_folders(&server, "up/st", &e), ERP_USAGE);
	cr_assert_eq(chdir(folder), 0);
	cr_expect_eq(server_config_check_folders(&server, "st", &e), ERP_USAGE);
	cr_expect_eq(server_config_check_folders(&server, "../st", &e), 0);
	cr_assert_eq(chdir("/"), 0);
	cr_expect_eq(server.warnings.n, 0);
	tempdir_close(&dir);
}

Test(config_state, folders_that_get_more_than_is_meant_are_warned_of)
{
	char outer[600], inner[700], state[700];
	struct tempdir dir;

	tempdir_open(&dir);
	tempdir_mkdir(&dir, "up/win");
	tempdir_mkdir(&dir, "st");
	memset(&server, 0, sizeof(server));
	(void)snprintf(outer, sizeof(outer), "%s/up", dir.path);
	(void)snprintf(inner, sizeof(inner), "%s/up/win", dir.path);
	(void)snprintf(state, sizeof(state), "%s/st", dir.path);
	server.path[PATH_OS_LINUX] = outer;
	server.path[PATH_OS_WINDOWS] = inner;
	server.path[PATH_OS_MACOSX] = outer;
	cr_assert_eq(server_config_check_folders(&server, state, &e), 0);
	cr_assert_eq(server.warnings.n, 3);
	cr_expect(strncmp(server.warnings.v[0], "PathWindows=", 12) == 0);
	cr_expect_not_null(strstr(server.warnings.v[0], " lies in PathLinux="));
	cr_expect(server_warns(" and PathMacOSX=") &&
	    server_warns(" are one folder"));
	names_release(&server.warnings);
	server.path[PATH_OS_WINDOWS] = server.path[PATH_OS_MACOSX] = NULL;
	tempdir_chmod(&dir, "st", 0777);
	cr_assert_eq(server_config_check_folders(&server, state, &e), 0);
	cr_assert_eq(server.warnings.n, 1);
	cr_expect_not_null(
	    strstr(server.warnings.v[0], "can write in the state folder"));
	names_release(&server.warnings);
	/* A key that others can read is told beside it. */
	(void)snprintf(inner, sizeof(inner), "%s/key", dir.path);
	tempdir_text(&dir, "key", "secret", -1);
	tempdir_chmod(&dir, "key", 0644);
	server.tls.key = inner;
	cr_assert_eq(server_config_check_folders(&server, state, &e), 0);
	cr_assert_eq(server.warnings.n, 2);
	cr_expect_not_null(strstr(server.warnings.v[0], "the secret key "));
	names_release(&server.warnings);
	tempdir_chmod(&dir, "key", 0600);
	tempdir_chmod(&dir, "st", 0755);
	cr_assert_eq(server_config_check_folders(&server, state, &e), 0);
	cr_expect_eq(server.warnings.n, 0);
	names_release(&server.warnings);
	tempdir_close(&dir);
}

/* Once, whatever leads there; folders beside each other are no matter. */
Test(config_state, one_folder_of_two_systems_is_warned_of)
{
	static const char *const same[] = {
	    "up", "other/../up", "link", "link/../up/."};
	static const char *const apart[] = {"other", "upper", "nowhere"};
	char one[600], two[600], state[700];
	struct tempdir dir;
	size_t i;

	tempdir_open(&dir);
	tempdir_mkdir(&dir, "up");
	tempdir_mkdir(&dir, "upper");
	tempdir_mkdir(&dir, "other");
	tempdir_symlink(&dir, "up", "link");
	memset(&server, 0, sizeof(server));
	(void)snprintf(one, sizeof(one), "%s/up", dir.path);
	(void)snprintf(state, sizeof(state), "%s/st", dir.path);
	server.path[PATH_OS_WINDOWS] = one;
	server.path[PATH_OS_LINUX] = two;
	for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		(void)snprintf(two, sizeof(two), "%s/%s", dir.path, same[i]);
		cr_assert_eq(
		    server_config_check_folders(&server, state, &e), 0);
		cr_expect_eq(server.warnings.n, 1, "%s", same[i]);
		cr_expect(server_warns("PathWindows=") &&
			server_warns(" and PathLinux=") &&
			server_warns(" are one folder"),
		    "%s", same[i]);
		names_release(&server.warnings);
	}
	for (i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
		(void)snprintf(two, sizeof(two), "%s/%s", dir.path, apart[i]);
		cr_assert_eq(
		    server_config_check_folders(&server, state, &e), 0);
		cr_expect_eq(server.warnings.n, 0, "%s", apart[i]);
	}
	tempdir_close(&dir);
}

Test(config_state, a_key_that_others_may_read_is_warned_of)
{
	char line[1024], key[400], path[400];
	struct tempdir t;

	tempdir_open(&t);
	(void)snprintf(path, sizeof(path), "%s/AppServer.ini", t.path);
	cr_expect(!config_warn_key(NULL, line, sizeof(line)));
	tempdir_text(&t, "server.key", "key", -1);
	tempdir_chmod(&t, "server.key", 0600);
	(void)snprintf(key, sizeof(key), "%s/server.key", t.path);
	cr_expect(!config_warn_key(key, line, sizeof(line)));
	tempdir_chmod(&t, "server.key", 0644);
	cr_assert(config_warn_key(key, line, sizeof(line)));
	cr_expect_not_null(strstr(line, key));
	cr_expect_not_null(strstr(line, "chmod 600"));
	tempdir_text(&t, "AppServer.ini",
	    "[Update]\nEnable=1\nPathLinux=/l\n"
	    "[ErpSync]\nKeyServer=server.key\nCertificateServer=x\n",
	    -1);
	cr_assert_eq(server_config_load(path, &server, &e), 0, "%s", e.msg);
	cr_assert_eq(server_config_check_folders(&server, server.state, &e), 0);
	cr_assert_eq(server.warnings.n, 1);
	cr_expect_str_eq(server.warnings.v[0], line);
	server_config_release(&server);
	tempdir_close(&t);
}
