/* A session in one line. */
#include "transport/host/session_log.h"

#include "engine/base/err.h"
#include "transport/host/net_log.h"
#include "transport/server/server.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <string.h>

struct line {
	int level;
	char text[4096];
};

static void
keep(void *ctx, int level, const char *text)
{
	struct line *l = ctx;

	l->level = level;
	(void)strlcpy(l->text, text, sizeof(l->text));
}

static struct line
line_of(const struct server_report *r, const char *build)
{
	struct line l = {.level = -1};
	const struct net_log log = {.line = keep, .ctx = &l};

	struct server_report told = *r;

	told.build = build;
	session_log(&log, &told, 1234);
	return l;
}

static struct msg_hello
hello_of(const char *build)
{
	struct msg_hello h;

	memset(&h, 0, sizeof(h));
	(void)strlcpy(h.station, "PC-07", sizeof(h.station));
	(void)strlcpy(h.arch, "x86_64", sizeof(h.arch));
	(void)strlcpy(h.build, build, sizeof(h.build));
	h.os = PATH_OS_WINDOWS;
	return h;
}

Test(session_log, an_update)
{
	struct msg_hello hello = hello_of("7.00.170117A");
	struct msg_result result = {.outcome = OUTCOME_UPDATED, .files = 12};
	const struct server_report r = {.peer = "10.0.0.7:5123",
	    .hello = &hello,
	    .verdict = VERDICT_COMPATIBLE,
	    .result = &result,
	    .sent = 1000,
	    .received = 200};
	struct line l = line_of(&r, "7.00.191205P");

	cr_expect_eq(l.level, NET_LOG_INFO);
	cr_expect_str_eq(l.text,
	    "10.0.0.7:5123: station PC-07, windows x86_64, build "
	    "7.00.170117A, ours 7.00.191205P, compatible: updated, 12 files, "
	    "1000 bytes sent, 200 received, 1234 ms");
}

Test(session_log, what_changed_nothing_at_a_station)
{
	struct msg_hello hello = hello_of("1");
	struct msg_result result = {.outcome = OUTCOME_DRY_RUN};
	struct server_report r = {.peer = "p",
	    .hello = &hello,
	    .verdict = VERDICT_COMPATIBLE,
	    .result = &result};
	struct line l;

	hello.flags = HELLO_DRY_RUN;
	l = line_of(&r, "1");
	cr_expect_not_null(strstr(l.text, "compatible: dry run, 0 files"));
	hello.flags |= HELLO_DOWNLOAD;
	l = line_of(&r, "1");
	cr_expect_not_null(strstr(l.text, "compatible: dry run, 0 files"));
	hello.flags = HELLO_DOWNLOAD;
	l = line_of(&r, "1");
	cr_expect_not_null(strstr(l.text, "compatible: downloaded, 0 files"));
}

/* Is there a text of n bytes 1, quoted, in the line? */
static void
expect_whole(const char *line, size_t n)
{
	char want[4 * TEXT_LONG + 3] = "\"";
	size_t i;

	for (i = 0; i < n; i++)
		(void)strlcat(want, "\\001", sizeof(want));
	(void)strlcat(want, "\"", sizeof(want));
	cr_expect_not_null(strstr(line, want), "%s", line);
}

Test(session_log, texts_of_a_station_cannot_forge_lines)
{
	struct msg_hello hello = hello_of("");
	struct msg_result result = {.outcome = OUTCOME_FAILED};
	const struct server_report r = {.peer = "p",
	    .hello = &hello,
	    .verdict = VERDICT_INCOMPATIBLE,
	    .result = &result};
	struct line l;

	(void)strlcpy(
	    result.text, "disk\nfull \x1b[31m \xc2\x9b", sizeof(result.text));
	l = line_of(&r, "");
	cr_expect_eq(l.level, NET_LOG_WARN);
	cr_expect_not_null(strstr(l.text, "failed, 0 files: \"disk\\nfull"));
	cr_expect_null(strpbrk(l.text, "\n\x1b"));
	cr_expect_null(strstr(l.text, "\xc2\x9b"));
	/* The longest texts fit. */
	memset(result.text, 1, sizeof(result.text) - 1);
	memset(hello.arch, 1, sizeof(hello.arch) - 1);
	l = line_of(&r, "");
	cr_expect_not_null(strstr(l.text, "1234 ms"));
	expect_whole(l.text, TEXT_SHORT);
	expect_whole(l.text, TEXT_LONG);
}

Test(session_log, errors_and_strangers)
{
	struct msg_hello hello = hello_of("");
	struct err e;
	struct server_report r = {.peer = "[::1]:9", .error = &e};
	struct line l;

	(void)err_set(&e, ERP_TIMEOUT, "timeout: no greeting in time");
	l = line_of(&r, "");
	cr_expect_eq(l.level, NET_LOG_WARN);
	cr_expect_not_null(strstr(l.text, "[::1]:9: no station: error "));
	cr_expect_not_null(strstr(l.text, "no greeting in time"));
	r.error = NULL;
	l = line_of(&r, "");
	cr_expect_not_null(strstr(l.text, "ended early"));
	cr_expect_eq(l.level, NET_LOG_WARN);
	r.hello = &hello;
	r.verdict = VERDICT_BUSY;
	l = line_of(&r, "");
	cr_expect_not_null(strstr(l.text, "busy: turned away"));
	cr_expect_eq(l.level, NET_LOG_INFO);
	r.verdict = VERDICT_NOT_NOW;
	l = line_of(&r, "");
	cr_expect_not_null(strstr(l.text, "not now: turned away"));
	cr_expect_eq(l.level, NET_LOG_INFO);
}

Test(session_log, what_a_station_says_of_itself_stays_one_field)
{
	struct msg_hello hello = hello_of("x\", compatible: updated");
	const struct server_report r = {
	    .peer = "p", .hello = &hello, .verdict = VERDICT_INCOMPATIBLE};
	struct line l;

	(void)strlcpy(
	    hello.arch, "a, build 9 k=v \xe2\x80\xa8", sizeof(hello.arch));
	l = line_of(&r, "");
	cr_expect_not_null(
	    strstr(l.text,
		"windows \"a, build 9 k=v \\342\\200\\250\", build "
		"\"x\\\", compatible: updated\", ours -, incompatible: "),
	    "%s", l.text);
}
