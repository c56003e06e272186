/* Settings out of AppServer.ini and smartclient.ini. */
#include "cli/config/config.h"
#include "cli/station_ini.h"

#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct tempdir t;
static struct server_config server;
static struct station_config station;
static struct err e;
static char path[400];

static void
begin(void)
{
	tempdir_open(&t);
	(void)snprintf(path, sizeof(path), "%s/AppServer.ini", t.path);
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(config, .init = begin, .fini = end);

static int
load_server(const char *text)
{
	tempdir_text(&t, "AppServer.ini", text, -1);
	return server_config_load(path, &server, &e);
}

static int
load_station(const char *text)
{
	int fd, rc;

	tempdir_text(&t, "smartclient.ini", text, -1);
	fd = fs_open(fs_real(), t.fd, "smartclient.ini", FS_READ, 0);
	cr_assert_geq(fd, 0);
	rc = station_config_load(fd, "smartclient.ini", &station, &e);
	fs_close_quietly(fs_real(), &fd);
	return rc;
}

static void
salvage_station(const char *text, size_t len)
{
	int fd;

	tempdir_write(&t, "smartclient.ini", text, len, -1);
	fd = fs_open(fs_real(), t.fd, "smartclient.ini", FS_READ, 0);
	cr_assert_geq(fd, 0);
	station_config_salvage(fd, &station);
	fs_close_quietly(fs_real(), &fd);
}

static bool
server_warns(const char *part)
{
	size_t i;

	for (i = 0; i < server.warnings.n; i++)
		if (strstr(server.warnings.v[i], part) != NULL)
			return true;
	return false;
}

Test(config, an_erp_file_is_enough)
{
	char state[400];

	cr_assert_eq(load_server("[UPDATE]\nEnable=1\n"
				 "PathWindows=/erp/win\nPathLinux=linux_upd\n"
				 "[DRIVERS]\nActive=TCP\n"
				 "[TCP]\nType=TCPIP\nPort=1234\n"),
	    0, "%s", e.msg);
	cr_assert(server.enable);
	cr_assert_str_eq(server.path[PATH_OS_WINDOWS], "/erp/win");
	(void)snprintf(state, sizeof(state), "%s/linux_upd", t.path);
	cr_assert_str_eq(server.path[PATH_OS_LINUX], state);
	cr_assert_null(server.path[PATH_OS_MACOSX]);
	cr_assert_eq(server.port, 1234);
	cr_assert_str_eq(server.listen, "");
	(void)snprintf(state, sizeof(state), "%s/erpsync-state", t.path);
	cr_assert_str_eq(server.state, state);
	cr_assert_eq(server.keep, 8);
	cr_assert_eq(server.blob_cache_bytes, (uint64_t)2 << 30);
	cr_assert_eq(server.settle_ms, 2000);
	cr_assert_eq(server.warnings.n, 0);
	cr_assert_eq(server_config_need_port(&server, &e), 0);
	server_config_release(&server);
}

Test(config, every_own_key_is_read)
{
	struct erpsync_source source;

	cr_assert_eq(
	    load_server("[Update]\nEnable=on\nPathMacOSX=/m\n"
			"[ErpSync]\nListen=127.0.0.1:99\nState=/s\n"
			"IniPolicy=smartclient.ini:merge\n"
			"Build=7.00.191205P\nMinClientBuild=7.00.170117A\n"
			"LowercaseOnly=yes\nKeep=3\nWorkers=2\n"
			"MaxStations=50\nBlobCacheMB=64\nLogFile=/l\n"
			"Exclude=*.log, tmp/* ;*.bak\nSettle=0\nSandbox=0\n"
			"Window=22:00-06:00, sat\nAcceptable=5,6*\n"
			"MaxRate=2M, 10.0.0.0/8 512 sat\n"),
	    0, "%s", e.msg);
	cr_assert(!server.sandbox);
	cr_assert_str_eq(server.listen, "127.0.0.1");
	cr_assert_eq(server.port, 99);
	cr_assert_str_eq(server.state, "/s");
	cr_assert_str_eq(server.log_file, "/l");
	cr_assert_str_eq(server.build, "7.00.191205P");
	cr_assert_str_eq(server.min_client_build, "7.00.170117A");
	cr_assert(server.lowercase_only);
	cr_assert_eq(server.keep, 3);
	cr_assert_eq(server.workers, 2);
	cr_assert_eq(server.max_stations, 50);
	cr_assert_eq(server.blob_cache_bytes, (uint64_t)64 << 20);
	cr_assert_eq(server.settle_ms, 0);
	cr_assert_str_eq(server.terms.window, "22:00-06:00, sat");
	cr_assert_str_eq(server.terms.acceptable, "5,6*");
	cr_assert_str_eq(server.terms.max_rate, "2M, 10.0.0.0/8 512 sat");
	cr_assert_eq(server.exclude.n, 3);
	cr_assert_str_eq(server.exclude.v[0], "*.log");
	cr_assert_str_eq(server.exclude.v[1], "tmp/*");
	cr_assert_str_eq(server.exclude.v[2], "*.bak");
	source = config_source(&server, PATH_OS_MACOSX);
	cr_assert_eq(source.os, ERPSYNC_MACOSX);
	cr_assert_str_eq(source.key, "PathMacOSX");
	cr_assert_str_eq(source.path, "/m");
	cr_assert_str_eq(source.build, "7.00.191205P");
	cr_assert_eq(source.keep, 3);
	cr_assert_eq(source.exclude_n, 3);
	cr_assert(source.judge_ini == station_ini_judge);
	cr_assert_str_eq(source.ini_policy, "smartclient.ini:merge");
	server_config_release(&server);
}

Test(config, enable_has_many_spellings)
{
	static const struct {
		const char *value;
		int result; /* 1 yes, 0 no, -1 refused */
	} cases[] = {{"1", 1}, {"yes", 1}, {"TRUE", 1}, {"On", 1}, {"sim", 1},
	    {"0", 0}, {"no", 0}, {"False", 0}, {"OFF", 0}, {"n\xe3o", 0},
	    {"", 0}, {"2", -1}, {"1 ; on", -1}};
	char text[100];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "[Update]\nEnable=%s\nPathLinux=/l\n", cases[i].value);
		if (cases[i].result < 0) {
			cr_assert_eq(load_server(text), ERP_USAGE);
			cr_assert_not_null(strstr(e.msg, "AppServer.ini:2: "));
			continue;
		}
		cr_assert_eq(load_server(text), 0, "%s", e.msg);
		cr_assert_eq(server.enable, cases[i].result == 1);
		server_config_release(&server);
	}
}

Test(config, what_may_be_meant_otherwise_is_a_warning)
{
	static const struct {
		const char *text, *warning;
	} cases[] = {
	    {"[Update]\nEnable=1\nPathWindow=/w\n",
		"AppServer.ini:3: PathWindow is no key of [Update]"},
	    {"[Update]\nEnable=1\n", "AppServer.ini:2: Enable=1, but none"},
	    {"[Update]\nEnable=\nPathLinux=/l\n",
		"AppServer.ini:2: Enable of [Update] has no value"},
	    {"[General]\nx=1\n", "there is no [Update] section"},
	    {"[Update]\nEnable=0\n[ErpSync]\nKeeps=1\n",
		"AppServer.ini:4: Keeps is no key of [ErpSync]"},
	    {"[Update]\nEnable=0\n[ErpSync]\nMaxRate=2M, 10.0.0.0/8 1\n",
		"AppServer.ini:4: MaxRate has a rate below 2K"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(load_server(cases[i].text), 0, "%s", e.msg);
		cr_assert(
		    server_warns(cases[i].warning), "%s", cases[i].warning);
		server_config_release(&server);
	}
}

Test(config, a_wrong_server_value_is_refused_with_its_line)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"[Update]\nPathWindows=c:\\ERP\n",
		"AppServer.ini:2: PathWindows=c:\\ERP is a path of Windows"},
	    {"[Drivers]\nActive=TCP\n", "AppServer.ini:2: Active=TCP, but "},
	    {"[Drivers]\nActive=T\n[T]\nPort=70000\n",
		"AppServer.ini:4: Port=70000 is not"},
	    {"[ErpSync]\nPort=0\n", "AppServer.ini:2: Port=0 is not"},
	    {"[ErpSync]\nKeep=many\n", "AppServer.ini:2: Keep=many"},
	    {"[ErpSync]\nKeep=0\n", "AppServer.ini:2: Keep=0"},
	    {"[ErpSync]\nWindow=8 to 18\n",
		"AppServer.ini:2: Window: '8 to 18' are no hours"},
	    {"[ErpSync]\nMaxRate=fast\n",
		"AppServer.ini:2: MaxRate: 'fast' is not a rate"},
	    {"[ErpSync]\nBuild=a b\n", "AppServer.ini:2: Build may only"},
	    {"[ErpSync]\nListen=a:b\n", "AppServer.ini:2: Listen: a:b"},
	    {"[ErpSync]\nListen=a:1\nPort=2\n", "AppServer.ini:3: Listen at"},
	    {"[ErpSync]\nLowercaseOnly=maybe\n", "AppServer.ini:2: Lower"},
	    {"[Update\n", "AppServer.ini:1: a section"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(
		    load_server(cases[i].text), ERP_USAGE, "%s", cases[i].text);
		cr_assert_eq(
		    strncmp(e.msg, cases[i].message, strlen(cases[i].message)),
		    0, "%s", e.msg);
		cr_assert_null(server.state);
	}
}

Test(config, the_port_comes_from_the_nearest_place)
{
	cr_assert_eq(load_server("[Drivers]\nActive=T\n[T]\nPort=1\n"
				 "[ErpSync]\nPort=2\n"),
	    0);
	cr_assert_eq(server.port, 2);
	server_config_release(&server);
	cr_assert_eq(load_server("[Drivers]\nActive=T\n[T]\nPort=1\n"
				 "[ErpSync]\nListen=::1\n"),
	    0);
	cr_assert_eq(server.port, 1);
	cr_assert_str_eq(server.listen, "::1");
	server_config_release(&server);
	cr_assert_eq(load_server("[Update]\nEnable=0\n"), 0);
	cr_assert_eq(server_config_need_port(&server, &e), ERP_USAGE);
	server_config_release(&server);
}

Test(config, a_station_finds_its_server)
{
	cr_assert_eq(load_station("[config]\nlanguage=2\n"
				  "[drivers]\nactive=Minha Conexao\n"
				  "[minha conexao]\nserver=erp.local\n"
				  "port=1234\n"),
	    0, "%s", e.msg);
	cr_assert_str_eq(station.server, "erp.local");
	cr_assert_eq(station.port, 1234);
	cr_assert_eq(station.language, LANGUAGE_ES);
	cr_assert_null(station.health_check);
	station_config_release(&station);
	cr_assert_eq(
	    load_station("[ErpSync]\nHealthCheck=./client --version\n"), 0);
	cr_assert_str_eq(station.health_check, "./client --version");
	station_config_release(&station);
	cr_assert_eq(load_station("[config]\nlanguage=9\n"), 0);
	cr_assert_str_eq(station.server, "");
	cr_assert_eq(station.port, 0);
	cr_assert_eq(station.language, LANGUAGE_UNSET);
	cr_assert_eq(station.warnings.n, 1);
	station_config_release(&station);
}

Test(config, a_wrong_station_file_is_refused_with_its_line)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
	    {"[drivers]\nactive=x\n", "smartclient.ini:2: active=x, but"},
	    {"[drivers]\nactive=x\n[x]\nport=1\n",
		"smartclient.ini:2: section [x] has no server="},
	    {"[drivers]\nactive=x\n[x]\nserver=a\n",
		"smartclient.ini:4: section [x] has no port="},
	    {"[drivers]\nactive=x\n[x]\nserver=a b\nport=1\n",
		"smartclient.ini:4: server=a b"},
	    {"[drivers]\nactive=x\n[x]\nserver=a:1\nport=1\n",
		"smartclient.ini:4: server=a:1 has a port"},
	    {"[drivers]\nactive=x\n[x]\nserver=a\nport=x\n",
		"smartclient.ini:5: port=x is not"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(load_station(cases[i].text), ERP_USAGE);
		cr_assert_eq(
		    strncmp(e.msg, cases[i].message, strlen(cases[i].message)),
		    0, "%s", e.msg);
	}
}

Test(config, a_rate_has_a_unit_or_counts_kibibytes)
{
	static const struct {
		const char *text;
		uint64_t rate; /* 0: refused */
	} cases[] = {
	    {"5", 5 << 10},
	    {"512K", 512 << 10},
	    {"2M", 2 << 20},
	    {"-5", 0},
	    {"5x", 0},
	    {"fast", 0},
	    {"99999999999999999999", 0},
	    {"18014398509481984", 0},
	    {"2M a second", 0},
	};
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(text, sizeof(text), "[ErpSync]\nBwLimit=%s\n",
		    cases[i].text);
		/* Whatever failed before. */
		errno = EIO;
		cr_expect_eq(load_station(text),
		    cases[i].rate == 0 ? ERP_USAGE : 0, "%s", text);
		if (cases[i].rate != 0)
			cr_expect_eq(
			    station.bwlimit, cases[i].rate, "%s", text);
		station_config_release(&station);
	}
}

Test(config, addresses_are_split)
{
	static const struct {
		const char *text, *host;
		int port; /* -1: refused; 7: as it was */
	} cases[] = {{"a:1", "a", 1}, {"a", "a", 7}, {":1", "", 1},
	    {"1234", "", 1234}, {"[::1]:5", "::1", 5}, {"[::1]", "::1", 7},
	    {"::1", "::1", 7}, {"10.0.0.1:80", "10.0.0.1", 80}, {"", "", 7},
	    {"a:", "", -1}, {"a:65536", "", -1}, {"a b:1", "", -1},
	    {"[::1", "", -1}, {"[::1]x", "", -1}, {"a:1x", "", -1},
	    {"a;b:1", "", -1}, {"99999", "", -1}};
	char host[CONFIG_MAX_HOST + 1];
	uint16_t port;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		port = 7;
		if (cases[i].port < 0) {
			cr_assert_eq(config_parse_address(
					 cases[i].text, 0, host, &port, &e),
			    ERP_USAGE, "%s", cases[i].text);
			continue;
		}
		cr_assert_eq(
		    config_parse_address(cases[i].text, 0, host, &port, &e), 0,
		    "%s", cases[i].text);
		cr_assert_str_eq(host, cases[i].host);
		cr_assert_eq(port, cases[i].port);
	}
}

/* A file tells where the server is, so that its port is one; any that is free
 * is for --listen alone. */
Test(config, port_0_is_no_port_of_a_file)
{
	char host[CONFIG_MAX_HOST + 1];
	uint16_t port = 7;

	cr_assert_eq(config_parse_address("a:0", 0, host, &port, &e), 0);
	cr_expect_eq(port, 0);
	cr_expect_eq(
	    config_parse_address("a:0", 1, host, &port, &e), ERP_USAGE);
	cr_expect_str_eq(
	    e.msg, "a:0 is not HOST:PORT with a port from 1 to 65535");
	cr_expect_eq(
	    config_parse_address("[::1]:0", 1, host, &port, &e), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "from 1 to 65535"), "%s", e.msg);
	cr_expect_eq(load_server("[ErpSync]\nListen=127.0.0.1:0\n"), ERP_USAGE);
	cr_expect_not_null(
	    strstr(e.msg, ":2: Listen: 127.0.0.1:0"), "%s", e.msg);
	cr_expect_eq(load_server("[ErpSync]\nListen=:0\nPort=7\n"), ERP_USAGE);
	cr_expect_eq(
	    load_station("[ErpSync]\nServer=a:0\nPort=7\n"), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, ":2: Server=a:0 is"), "%s", e.msg);
}

/* Of what people write, none is told to have a port, and then to have none. */
Test(config, a_server_is_a_host_alone)
{
	static const char *const bad[] = {"http://127.0.0.1",
	    "127.0.0.1 ; ours", "http://erp:80/", "erp:99999", "erp server"};
	char text[100];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "[ErpSync]\nServer=%s\nPort=7\n", bad[i]);
		cr_expect_eq(load_station(text), ERP_USAGE);
		cr_expect_not_null(
		    strstr(e.msg, "is no name or address of a host"), "%s",
		    e.msg);
		cr_expect_null(strstr(e.msg, "HOST:PORT"), "%s", e.msg);
	}
}

/* Where a port is missing, or no address is meant, the brackets are named. */
Test(config, an_ipv6_address_and_its_port_need_brackets)
{
	static const char *const alone[] = {
	    "::1", "::1:1234", "fe80::1%eth0", "[::1]", "[fe80::1%eth0]"};
	static const char *const bad[] = {
	    "[::1", "[::1]1234", "[::1]:x", "[::1]:65536"};
	char host[CONFIG_MAX_HOST + 1];
	uint16_t port;
	size_t i;

	for (i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		port = 0;
		cr_assert_eq(
		    config_parse_address(alone[i], 1, host, &port, &e), 0);
		cr_expect_eq(port, 0, "%s", alone[i]);
		cr_expect_eq(config_lacks_port(host, &e), ERP_USAGE);
		cr_expect_not_null(strstr(e.msg, "[::1]:1234"), "%s", e.msg);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(config_parse_address(bad[i], 1, host, &port, &e),
		    ERP_USAGE, "%s", bad[i]);
		cr_expect_not_null(strstr(e.msg, "[::1]:1234"), "%s", e.msg);
	}
	cr_assert_eq(
	    config_parse_address("[fe80::1%eth0]:9", 1, host, &port, &e), 0);
	cr_expect_str_eq(host, "fe80::1%eth0");
	cr_expect_eq(port, 9);
	cr_expect_eq(config_lacks_port("erp", &e), ERP_USAGE);
	cr_expect_str_eq(e.msg, "give both host and port, as HOST:PORT");
	cr_expect_eq(load_station("[ErpSync]\nServer=::1:1234\n"), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, ":2: Server=::1:1234 is an IPv6"));
	cr_assert_eq(load_station("[ErpSync]\nServer=::1\nPort=7\n"), 0);
	cr_expect_str_eq(station.server, "::1");
	station_config_release(&station);
}

Test(config, a_list_of_builds_has_a_limit)
{
	static const char head[] = "[ErpSync]\n\nAcceptable=";
	char text[sizeof(head) + 1001];

	memset(text, '7', sizeof(text));
	memcpy(text, head, sizeof(head) - 1);
	text[sizeof(text) - 1] = '\0';
	cr_expect_eq(load_server(text), ERP_USAGE);
	cr_expect(strncmp(e.msg, "AppServer.ini:3: Acceptable: ", 29) == 0,
	    "%s", e.msg);
	cr_expect_not_null(strstr(e.msg, "at most 1000 bytes"), "%s", e.msg);
	text[sizeof(text) - 2] = '\0';
	cr_assert_eq(load_server(text), 0, "%s", e.msg);
	cr_expect_eq(strlen(server.terms.acceptable), 1000);
	server_config_release(&server);
}

Test(config, a_least_build_above_the_build_is_warned_of)
{
	static const struct {
		const char *text;
		bool warns;
	} rows[] = {
	    {"Build=7.00.1\nMinClientBuild=7.00.2\n", true},
	    {"MinClientBuild=8\n\nBuild=7.00.191205P\n", true},
	    {"Build=7.00.10\nMinClientBuild=7.00.9\n", false},
	    {"Build=7.00.1a\nMinClientBuild=7.00.1A\n", false},
	    {"Build=7\n", false},
	    {"MinClientBuild=7\n", false},
	};
	char text[100];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "[Update]\nEnable=0\n[ErpSync]\n%s", rows[i].text);
		cr_assert_eq(load_server(text), 0, "%s", e.msg);
		cr_expect_eq(server.warnings.n, rows[i].warns, "%zu", i);
		cr_expect_eq(
		    server_warns(i == 0 ? "AppServer.ini:5: MinClientBuild="
					: "AppServer.ini:4: MinClientBuild="),
		    rows[i].warns, "%zu", i);
		server_config_release(&server);
	}
}

Test(config, what_a_running_server_does_not_take_is_told)
{
	static const struct {
		const char *lines, *warned;
	} cases[] = {
	    {"Listen=127.0.0.1\n", "Listen "},
	    {"Port=77\n", "Port "},
	    {"State=elsewhere\n", "State "},
	    {"LogFile=a.log\n", "LogFile "},
	    {"Workers=3\n", "Workers "},
	    {"MaxStations=3\n", "MaxStations "},
	    {"MaxPerAddress=3\n", "MaxPerAddress "},
	    {"BlobCacheMB=64\n", "BlobCacheMB "},
	    {"Keep=3\nBuild=b\nSettle=9\nExclude=x\n", NULL},
	};
	struct server_config now;
	char text[200];
	size_t i;

	cr_assert_eq(load_server("[Update]\nEnable=1\nPathLinux=/x\n"), 0);
	now = server;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(text, sizeof(text),
		    "[Update]\nEnable=1\nPathLinux=/y\n[ErpSync]\n%s",
		    cases[i].lines);
		cr_assert_eq(load_server(text), 0, "%s", e.msg);
		cr_assert_eq(server_config_compare(&now, &server, &e), 0);
		cr_expect_eq(server.warnings.n, cases[i].warned != NULL, "%s",
		    cases[i].lines);
		if (cases[i].warned != NULL)
			cr_expect_eq(
			    strncmp(server.warnings.v[0], cases[i].warned,
				strlen(cases[i].warned)),
			    0, "%s", server.warnings.v[0]);
		server_config_release(&server);
	}
	server_config_release(&now);
}

Test(config, rules_for_ini_files_are_for_both_ends)
{
	cr_assert_eq(load_station("[ErpSync]\nIniPolicy=a.ini:merge, keep\n"
				  "IniConflict=Release\n"),
	    0, "%s", e.msg);
	cr_expect_str_eq(station.ini.policy, "a.ini:merge, keep");
	cr_expect_eq(station.ini.conflict, ERPSYNC_RELEASE_WINS);
	station_config_release(&station);
	cr_assert_eq(load_station("[ErpSync]\nIniConflict=station\n"), 0);
	cr_expect_null(station.ini.policy);
	cr_expect_eq(station.ini.conflict, ERPSYNC_STATION_WINS);
	station_config_release(&station);
	cr_assert_eq(load_station("[ErpSync]\n"), 0);
	cr_expect_eq(station.ini.conflict, 0);
	station_config_release(&station);
	cr_expect_eq(load_station("[ErpSync]\nIniPolicy=mix\n"), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, ":2: IniPolicy: mix is none of"));
	cr_expect_eq(load_station("[ErpSync]\nIniConflict=both\n"), ERP_USAGE);
	cr_expect_not_null(strstr(
	    e.msg, ":2: IniConflict=both is none of station and release"));
	cr_assert_eq(load_server("[Update]\nEnable=1\n[ErpSync]\n"
				 "IniPolicy=merge\nIniConflict=release\n"),
	    0, "%s", e.msg);
	cr_expect_str_eq(server.ini.policy, "merge");
	cr_expect_eq(server.ini.conflict, ERPSYNC_RELEASE_WINS);
	server_config_release(&server);
}

Test(config, a_stations_patience_and_backups)
{
	cr_assert_eq(load_station("[ErpSync]\nRetries=0\nHealthTimeout=5\n"
				  "BackupExclude=spool, *.db;\n"),
	    0, "%s", e.msg);
	cr_expect_eq(station.retries, 1, "one more than it says");
	cr_expect_eq(station.health_timeout_ms, 5000);
	cr_assert_eq(station.backup_exclude.n, 2);
	cr_expect_str_eq(station.backup_exclude.v[1], "*.db");
	cr_expect_eq(station.warnings.n, 0);
	station_config_release(&station);
	cr_assert_eq(load_station("[ErpSync]\nRetry=1\n"), 0);
	cr_expect_eq(station.retries, 0);
	cr_assert_eq(station.warnings.n, 1);
	cr_expect_not_null(strstr(station.warnings.v[0], "Retry is no key"));
	station_config_release(&station);
	cr_assert_eq(load_station("[ErpSync]\nWindow=Never\n"), 0);
	cr_expect_eq(station.window, 3);
	station_config_release(&station);
	cr_expect_eq(load_station("[ErpSync]\nWindow=1\n"), ERP_USAGE);
	cr_expect_eq(load_station("[ErpSync]\nRetries=1001\n"), ERP_USAGE);
	cr_expect_eq(load_station("[ErpSync]\nHealthTimeout=0\n"), ERP_USAGE);
	cr_expect_eq(load_station("[ErpSync]\nStationId=a/b\n"), ERP_USAGE);
	cr_expect_eq(
	    load_station("[ErpSync]\nPin=sha256//ab\n"), ERP_UNTRUSTED);
	cr_expect_eq(e.code, ERP_UNTRUSTED);
	cr_expect_not_null(strstr(e.msg, ":2: Pin=sha256//ab is no pin"));
	/* Half an address is none, unless the ERP's has the other half. */
	cr_expect_eq(load_station("[ErpSync]\nServer=erp\n"), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, ":2: Server=erp has no port"));
	cr_assert_eq(load_station("[ErpSync]\nServer=erp\n[drivers]\n"
				  "active=x\n[x]\nserver=other\nport=7\n"),
	    0);
	cr_expect_str_eq(station.server, "erp");
	cr_expect_eq(station.port, 7);
	station_config_release(&station);
}

#define A_PIN "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

Test(config, what_can_be_taken_of_a_wrong_file_is)
{
	static const char text[] =
	    "[ErpSync]\nServer=erp\nPort=77\nRetries=many\nInsecure=1\n"
	    "Exclude=a, b\nBackupExclude=c\nIniPolicy=x.ini:keep\n"
	    "Os=linux\nCA=ca.pem\nPin=" A_PIN "\n"
	    "CertificateClient=me.pem\nKeyClient=my.key\n"
	    "SecureConnection=perhaps\n";

	salvage_station(text, sizeof(text) - 1);
	cr_expect_str_eq(station.server, "");
	cr_expect_eq(station.port, 0);
	cr_expect(!station.insecure, "it loosens nothing");
	cr_expect(station.secure, "what may be asked for is");
	cr_expect_eq(station.exclude.n, 2);
	cr_expect_eq(station.backup_exclude.n, 1);
	cr_expect_str_eq(station.ini.policy, "x.ini:keep");
	cr_expect_neq(station.system, 0);
	cr_expect_str_eq(station.ca, "ca.pem");
	cr_expect_str_eq(station.pin, A_PIN);
	cr_expect_str_eq(station.certificate, "me.pem");
	cr_expect_str_eq(station.key, "my.key");
	cr_expect(!station.doubt.vague);
	cr_expect(!station.doubt.unproven);
	station_config_release(&station);
}

Test(config, what_a_wrong_file_may_say_is_feared)
{
	static const struct {
		const char *text;
		size_t len; /* 0: all of it */
		bool vague, unproven;
	} rows[] = {
	    {"[ErpSync]\nRetries=x\n", 0, false, false},
	    {"[ErpSync]\nPin=x\n", 0, false, true},
	    {"[ErpSync]\nIniPolicy=x\n", 0, true, false},
	    {"[ErpSync\nIniPolicy=x\n", 0, true, false},
	    {"[x\npin = x\n", 0, true, true},
	    {"[x\n\tCa=x", 0, true, true},
	    {"\xef\xbb\xbfPIN=x\n[x", 0, true, true},
	    {"[x\nPin=\n;CA=x\nPinned=x\nCA\n", 0, true, false},
	    {"\xff\xfeP\0i\0n\0=\0x\0", 12, true, true},
	    {"a\0\nCA=x", 7, true, true},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		salvage_station(rows[i].text,
		    rows[i].len != 0 ? rows[i].len : strlen(rows[i].text));
		cr_expect_eq(station.doubt.vague, rows[i].vague, "row %zu", i);
		cr_expect_eq(
		    station.doubt.unproven, rows[i].unproven, "row %zu", i);
		station_config_release(&station);
	}
}

Test(config, bytes_are_judged_as_a_file_is)
{
	static const char good[] = "[ErpSync]\nExclude=a\nRetries=1\nfoo=1\n";
	static const char bad[] = "[ErpSync]\nExclude=a\nRetries=many\n";

	cr_expect_eq(
	    station_config_read(good, sizeof(good) - 1, "x.ini", &station, &e),
	    0);
	station_config_release(&station);
	cr_expect_eq(
	    station_config_read(bad, sizeof(bad) - 1, "x.ini", &station, &e),
	    ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "x.ini:3: Retries=many"));
	cr_expect_eq(
	    station_config_read("a\0b", 3, "x.ini", &station, &e), ERP_USAGE);
}

static bool
names_key(const struct err *fault, const void *key)
{
	return strstr(fault->msg, key) != NULL;
}

/* Each of them, not only the first. */
Test(config, all_that_is_wrong_is_found)
{
	static const char bad[] = "[ErpSync]\nServer=a:1\nRetries=many\n"
				  "Timeout=long\nExclude=a\n";
	static const char *const keys[] = {
	    "Server", "Retries", "Timeout", "Exclude"};
	static const char none[] = "[a\n";
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		cr_expect_eq(station_config_has_fault(bad, sizeof(bad) - 1,
				 &station, names_key, keys[i]),
		    i < 3, "%s", keys[i]);
		cr_expect_eq(station.exclude.n, 1);
		station_config_release(&station);
	}
	cr_expect(station_config_has_fault(
	    none, sizeof(none) - 1, &station, names_key, ":1: "));
	station_config_release(&station);
}
