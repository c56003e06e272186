/* From an update folder to a release, and what is refused or warned about. */
#include "engine/release/publish.h"

#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/store/store.h"
#include "engine/tree/filter.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/manifest.h"
#include "tests/support/fs_fault.h"
#include "tests/support/release.h"
#include "transport/net/threads.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct release_fixture f;
static struct publish_source src;
static struct manifest m;
static struct err e;
static struct names warnings;
static char folder[300];

static void
note(void *ctx, const struct event *ev)
{
	(void)ctx;
	if (ev->kind == EVENT_WARN)
		cr_assert_eq(names_add(&warnings, ev->text, NULL), 0);
}

static const struct observer obs = {.event = note, .ctx = NULL};

static void
begin(void)
{
	release_begin(&f);
	(void)snprintf(folder, sizeof(folder), "%s/upd", f.dir.path);
	tempdir_mkdir(&f.dir, "upd");
	memset(&src, 0, sizeof(src));
	src.os = PATH_OS_WINDOWS;
	src.key = "PathWindows";
	src.path = folder;
	src.build = "7.00.191205P";
	src.keep = 8;
	manifest_init(&m, PATH_OS_WINDOWS);
}

static void
end(void)
{
	manifest_release(&m);
	names_release(&warnings);
	release_end(&f);
}

TestSuite(publish, .init = begin, .fini = end);

static int
publish(void)
{
	names_release(&warnings);
	manifest_release(&m);
	manifest_init(&m, src.os);
	return publish_folder(f.store, &src, &obs, &m, &e);
}

static size_t
warnings_with(const char *part)
{
	size_t i, n = 0;

	for (i = 0; i < warnings.n; i++)
		n += strstr(warnings.v[i], part) != NULL;
	return n;
}

static bool
is_current(void)
{
	struct manifest now;
	struct hash a, b;
	bool same;

	manifest_init(&now, src.os);
	if (store_load_current(f.store, src.os, &now, &e) != 0)
		return false;
	same = manifest_id(&now, &a, &e) == 0 && manifest_id(&m, &b, &e) == 0 &&
	    hash_equal(&a, &b);
	manifest_release(&now);
	return same;
}

Test(publish, a_folder_becomes_the_current_release)
{
	const struct entry *entry;

	tempdir_text(&f.dir, "upd/smartclient.exe", "program", 1700000000);
	tempdir_text(&f.dir, "upd/dlls/platforms/qwindows.dll", "dll", -1);
	tempdir_mkdir(&f.dir, "upd/empty");
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_assert_eq(warnings.n, 0);
	cr_assert_eq(m.n, 5);
	cr_assert_str_eq(m.build, "7.00.191205P");
	entry = manifest_find(&m, "smartclient.exe");
	cr_assert_not_null(entry);
	cr_assert_eq(entry->mtime.s, 1700000000);
	cr_assert(store_has_content(f.store, &entry->content.hash, 7));
	cr_assert(is_current());
	/* It is durable: another process finds it. */
	release_reopen(&f);
	cr_assert(is_current());
	cr_assert(store_has_content(f.store, &entry->content.hash, 7));
}

Test(publish, an_unchanged_folder_is_the_same_release)
{
	struct hash one, two;

	tempdir_text(&f.dir, "upd/a", "1", 1700000000);
	cr_assert_eq(publish(), 0);
	cr_assert_eq(manifest_id(&m, &one, &e), 0);
	cr_assert_eq(publish(), 0);
	cr_assert_eq(manifest_id(&m, &two, &e), 0);
	cr_assert(hash_equal(&one, &two));
	tempdir_text(&f.dir, "upd/a", "2", 1700000001);
	cr_assert_eq(publish(), 0);
	cr_assert_eq(manifest_id(&m, &two, &e), 0);
	cr_assert_not(hash_equal(&one, &two));
	cr_assert(is_current());
}

Test(publish, a_content_that_was_lost_is_copied_again)
{
	struct hash h;

	tempdir_text(&f.dir, "upd/a", "text", 1700000000);
	cr_assert_eq(publish(), 0);
	h = m.v[0].content.hash;
	store_drop_content(f.store, &h);
	cr_assert_eq(publish(), 0);
	cr_assert(store_has_content(f.store, &h, 4));
}

/* With a.exe in the folder, which the pattern does not name. */
static void
leave_out(struct filter *filter, const char *pattern)
{
	filter_init(filter);
	cr_assert_eq(filter_add(filter, pattern, &e), 0);
	src.filter = filter;
	tempdir_text(&f.dir, "upd/a.exe", "x", -1);
}

Test(publish, names_can_be_left_out)
{
	struct filter filter;

	leave_out(&filter, "*.log");
	tempdir_text(&f.dir, "upd/a.log", "x", -1);
	cr_assert_eq(publish(), 0);
	cr_assert_eq(m.n, 1);
	filter_release(&filter);
}

/* As it stands in the INI, where it is looked for. */
Test(publish, a_pattern_that_leaves_out_nothing_is_told_as_it_is_written)
{
	struct filter filter;

	leave_out(&filter, "debug\\*");
	cr_assert_eq(publish(), 0);
	cr_expect_eq(warnings_with("Exclude=debug\\* leaves out nothing"), 1);
	filter_release(&filter);
}

Test(publish, a_folder_of_what_is_refused_is_not_empty)
{
	tempdir_text(&f.dir, "upd/d/a:b", "x", -1);
	tempdir_text(&f.dir, "upd/con:", "x", -1);
	cr_assert_eq(publish(), ERP_USAGE);
	cr_expect_eq(warnings_with("folder is empty"), 0);
	cr_expect_eq(warnings_with("forbidden character"), 2);
}

Test(publish, what_cannot_be_published_is_named)
{
	static const struct {
		enum path_os os;
		const char *files[3];
		const char *target; /* of a link named "link", or NULL */
		bool lowercase_only;
		const char *message; /* NULL: it is published */
	} cases[] = {
	    {PATH_OS_WINDOWS, {NULL}, NULL, false, "folder is empty"},
	    {PATH_OS_WINDOWS, {".erpsync/x"}, NULL, false, "folder is empty"},
	    {PATH_OS_WINDOWS, {"A.dll", "a.dll"}, NULL, false,
		"A.dll and a.dll"},
	    {PATH_OS_MACOSX, {"x", "X"}, NULL, false, "smartclient.app"},
	    {PATH_OS_MACOSX, {"smartclient.app/x", "smartclient.app/X"}, NULL,
		false, "smartclient.app/X and smartclient.app/x"},
	    {PATH_OS_MACOSX, {"smartclient.app/Info.plist"}, NULL, true, NULL},
	    {PATH_OS_WINDOWS, {"a"}, "a", false, "link"},
	    {PATH_OS_LINUX, {"a"}, "a", false, NULL},
	    {PATH_OS_LINUX, {"a"}, "../../etc/passwd", false, "link"},
	    {PATH_OS_WINDOWS, {"aux.txt"}, NULL, false, "aux.txt"},
	    {PATH_OS_LINUX, {"b\\c"}, NULL, false, "b\\\\c"},
	    {PATH_OS_LINUX, {"dir/Read.me"}, NULL, true, "dir/Read.me"},
	    {PATH_OS_LINUX, {"dir/read.me"}, NULL, true, NULL},
	};
	size_t i, j;
	char path[100];
	int rc;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		src.os = cases[i].os;
		src.lowercase_only = cases[i].lowercase_only;
		for (j = 0; j < 3 && cases[i].files[j] != NULL; j++) {
			(void)snprintf(
			    path, sizeof(path), "upd/%s", cases[i].files[j]);
			tempdir_text(&f.dir, path, "x", -1);
		}
		if (cases[i].target != NULL)
			tempdir_symlink(&f.dir, cases[i].target, "upd/link");
		rc = publish();
		if (cases[i].message == NULL) {
			cr_assert_eq(rc, 0, "case %zu: %s", i, e.msg);
			cr_assert(is_current());
		} else {
			cr_assert_eq(rc, ERP_USAGE, "case %zu: %s", i, e.msg);
			cr_assert_not_null(
			    strstr(e.msg, cases[i].message), "%s", e.msg);
			cr_assert_not_null(strstr(e.msg, "PathWindows"));
		}
		cr_assert_eq(tree_remove(fs_real(), f.dir.fd, "upd", &e), 0);
		tempdir_mkdir(&f.dir, "upd");
	}
}

/* 25 files "upd/FORMAT", and one of a legal name, published. */
static int
publish_25(const char *format)
{
	char name[40], path[100];
	int i;

	tempdir_text(&f.dir, "upd/legal", "x", -1);
	for (i = 0; i < 25; i++) {
		(void)snprintf(name, sizeof(name), "upd/%s", format);
		(void)snprintf(path, sizeof(path), "%s%d", name, i);
		tempdir_text(&f.dir, path, "x", -1);
	}
	return publish();
}

/* Twenty of them, and one for the other five. */
static void
check_25(const char *part)
{
	cr_expect_eq(warnings_with(part), 20, "%zu", warnings_with(part));
	cr_expect_eq(warnings_with("PathWindows: and 5 more"), 1);
	cr_expect_eq(warnings.n, 21 + warnings_with("lower case"));
	cr_expect_not_null(strstr(e.msg, "PathWindows: 25 names"), "%s", e.msg);
	cr_expect_not_null(strstr(e.msg, part), "%s", e.msg);
}

Test(publish, all_illegal_names_are_told_at_once)
{
	cr_assert_eq(publish_25("a?"), ERP_USAGE);
	check_25("a?");
}

Test(publish, all_upper_case_names_are_told_at_once)
{
	src.lowercase_only = true;
	cr_assert_eq(publish_25("Upper"), ERP_USAGE);
	check_25("Upper");
}

Test(publish, all_names_equal_without_case_are_told_at_once)
{
	cr_assert_eq(publish_25("x"), 0, "%s", e.msg);
	cr_assert_eq(publish_25("X"), ERP_USAGE);
	check_25("same name");
}

Test(publish, one_illegal_name_is_the_error)
{
	tempdir_text(&f.dir, "upd/a?", "x", -1);
	cr_assert_eq(publish(), ERP_USAGE);
	cr_expect_eq(warnings.n, 0);
	cr_expect_not_null(strstr(e.msg, "PathWindows: a?"), "%s", e.msg);
}

Test(publish, a_missing_folder_is_named_with_its_key)
{
	src.path = "/nonexistent/upd";
	cr_assert_eq(publish(), ERP_NOTFOUND);
	cr_assert_not_null(strstr(e.msg, "PathWindows=/nonexistent/upd"));
	src.path = "/dev/null";
	cr_assert_eq(publish(), ERP_NOTFOUND);
	cr_assert_not_null(
	    strstr(e.msg, "PathWindows=/dev/null: not a folder"));
}

Test(publish, a_failure_leaves_the_current_release)
{
	struct manifest now;
	struct hash old, got;

	tempdir_text(&f.dir, "upd/a", "1", -1);
	cr_assert_eq(publish(), 0);
	cr_assert_eq(manifest_id(&m, &old, &e), 0);
	tempdir_text(&f.dir, "upd/A", "2", -1);
	cr_assert_eq(publish(), ERP_USAGE);
	manifest_init(&now, src.os);
	cr_assert_eq(store_load_current(f.store, src.os, &now, &e), 0);
	cr_assert_eq(manifest_id(&now, &got, &e), 0);
	cr_assert(hash_equal(&old, &got));
	manifest_release(&now);
}

Test(publish, a_change_before_1970_is_published)
{
	struct hash old, now;

	tempdir_text(&f.dir, "upd/old.dat", "AAAA", 1000);
	tempdir_touch(&f.dir, "upd/old.dat", -1000, 0);
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_assert_eq(warnings_with("old.dat is dated before 1970"), 1);
	cr_assert_eq(manifest_id(&m, &old, &e), 0);
	tempdir_text(&f.dir, "upd/old.dat", "BBBB", 1000);
	tempdir_touch(&f.dir, "upd/old.dat", -500, 0);
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_assert_eq(manifest_id(&m, &now, &e), 0);
	cr_assert_not(hash_equal(&old, &now));
	cr_assert_eq(manifest_find(&m, "old.dat")->mtime.s, 0);
}

Test(publish, an_administrators_slips_are_warned_about)
{
	char path[100];
	int i;

	tempdir_text(&f.dir, "upd/smartclient.ini", "x", -1);
	tempdir_text(&f.dir, "upd/smartclient.log", "x", -1);
	tempdir_text(&f.dir, "upd/other/notes.log", "x", -1);
	tempdir_text(&f.dir, "upd/bkp_remote.001/x", "x", -1);
	tempdir_text(&f.dir, "upd/.erpsync/x", "x", -1);
	tempdir_mkdir(&f.dir, "upd/lost+found"); /* says nothing */
	tempdir_text(&f.dir, "upd/client.ZIP", "x", -1);
	tempdir_text(&f.dir, "upd/a.tar.gz", "x", -1);
	for (i = 0; i < 25; i++) {
		(void)snprintf(path, sizeof(path), "upd/\xc3\x89-%d", i);
		tempdir_text(&f.dir, path, "x", -1);
	}
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_assert_eq(warnings_with("client runs"), 3);
	cr_assert_eq(warnings_with("smartclient.log is a sign"), 1);
	cr_assert_eq(warnings_with("bkp_remote.001 is a sign"), 1);
	cr_assert_eq(warnings_with(".erpsync is a sign"), 1);
	cr_assert_eq(warnings_with("packed archive"), 2);
	/* Ten, and one for the other sixteen. */
	cr_assert_eq(warnings_with("lower case"), 11);
	cr_assert_eq(warnings_with("16 more"), 1);
	/* Our own folders are not for stations. */
	cr_assert_null(manifest_find(&m, "bkp_remote.001"));
	cr_assert_null(manifest_find(&m, ".erpsync"));
	cr_assert_null(manifest_find(&m, "lost+found"));
}

Test(publish, a_macosx_set_keeps_its_case_without_a_warning)
{
	src.os = PATH_OS_MACOSX;
	src.lowercase_only = true;
	tempdir_text(
	    &f.dir, "upd/smartclient.app/Contents/MacOS/Client", "x", -1);
	tempdir_chmod(
	    &f.dir, "upd/smartclient.app/Contents/MacOS/Client", 0755);
	tempdir_symlink(
	    &f.dir, "MacOS/Client", "upd/smartclient.app/Contents/Current");
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_assert_eq(warnings.n, 0);
	cr_assert(
	    manifest_find(&m, "smartclient.app/Contents/MacOS/Client")->exec);
	cr_assert_str_eq(
	    manifest_find(&m, "smartclient.app/Contents/Current")->target,
	    "MacOS/Client");
}

/* A folder that changes in the first so many pauses. */
static int changes_left;

static void
change(void *ctx, uint32_t ms)
{
	char text[32];

	(void)ctx;
	cr_assert_eq(ms, 5);
	if (changes_left-- > 0) {
		(void)snprintf(text, sizeof(text), "change %d", changes_left);
		tempdir_text(&f.dir, "upd/a", text, 1700000000 + changes_left);
	}
}

Test(publish, a_folder_is_taken_when_it_is_at_rest)
{
	tempdir_text(&f.dir, "upd/a", "x", -1);
	src.settle_ms = 5;
	src.sleep_ms = change;
	changes_left = 3;
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_assert_eq(warnings_with("changed while it was read"), 3);
	cr_assert_eq(m.v[0].mtime.s, 1700000000);
	cr_assert(is_current());
}

Test(publish, a_folder_that_never_rests_is_not_published)
{
	tempdir_text(&f.dir, "upd/a", "x", -1);
	src.settle_ms = 5;
	src.sleep_ms = change;
	changes_left = 1000;
	cr_assert_eq(publish(), ERP_BUSY);
	cr_assert_not_null(strstr(e.msg, "keeps changing"));
	cr_assert_not_null(strstr(e.msg, "Exclude"));
	cr_assert_eq(m.n, 0);
	cr_assert_eq(store_load_current(f.store, src.os, &m, &e), ERP_NOTFOUND);
}

/* Changes the folder while its files are copied: the event of a file. */
static void
note_and_change(void *ctx, const struct event *ev)
{
	note(ctx, ev);
	if (ev->kind == EVENT_HASH && ev->done == 0 && changes_left-- > 0)
		tempdir_text(&f.dir, "upd/late", "half a copy", -1);
}

/* The same of the file that is copied. */
static void
note_and_change_it(void *ctx, const struct event *ev)
{
	note(ctx, ev);
	if (ev->kind == EVENT_HASH && ev->done == 0 && changes_left-- > 0)
		tempdir_text(&f.dir, "upd/a", "another", 1700000001);
}

/* Also where nothing waits for it to come to rest. */
Test(publish, a_file_that_changed_once_is_read_as_it_is_then)
{
	const struct observer changing = {
	    .event = note_and_change_it, .ctx = NULL};

	tempdir_text(&f.dir, "upd/a", "x", 1700000000);
	changes_left = 1;
	src.settle_ms = 0;
	cr_assert_eq(
	    publish_folder(f.store, &src, &changing, &m, &e), 0, "%s", e.msg);
	cr_expect_eq(m.v[0].content.size, 7);
	cr_expect_eq(warnings_with("a: changed while it was read; reading"), 1);
	cr_expect(is_current());
}

Test(publish, a_half_copied_folder_is_never_published)
{
	const struct observer changing = {
	    .event = note_and_change, .ctx = NULL};

	tempdir_text(&f.dir, "upd/a", "x", -1);
	changes_left = 1;
	cr_assert_eq(publish_folder(f.store, &src, &changing, &m, &e), 0);
	cr_assert_eq(warnings_with("changed while it was read"), 1);
	cr_assert_not_null(manifest_find(&m, "late"));
	cr_assert(is_current());
}

Test(publish, a_crew_publishes_the_same)
{
	static unsigned four = 4;
	struct crew crew = {threads_real()->run, &four};
	struct manifest serial;
	struct hash a, b;
	char name[32], text[32];
	int i;

	/* Many, and each content twice. */
	for (i = 0; i < 400; i++) {
		(void)snprintf(name, sizeof(name), "upd/f%d", i);
		(void)snprintf(text, sizeof(text), "text %d", i / 2);
		tempdir_text(&f.dir, name, text, 1700000000 + i);
	}
	src.crew = &crew;
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_assert_eq(manifest_id(&m, &a, &e), 0);
	for (i = 0; (size_t)i < m.n; i++)
		cr_assert(store_has_content(
		    f.store, &m.v[i].content.hash, m.v[i].content.size));
	serial = m;
	manifest_init(&m, src.os);
	src.crew = NULL;
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_assert_eq(manifest_id(&m, &b, &e), 0);
	cr_assert(hash_equal(&a, &b));
	manifest_release(&serial);
}

Test(publish, what_stations_could_not_use_is_warned_about)
{
	src.os = PATH_OS_LINUX;
	tempdir_text(&f.dir, "upd/smartclient", "x", 1000000000);
	tempdir_text(&f.dir, "upd/start.sh", "x", 1000000000);
	tempdir_text(&f.dir, "upd/lib.so", "x", 5000000000);
	tempdir_text(&f.dir, "upd/a.tmp", "x", 1000000000);
	tempdir_text(&f.dir, "upd/d/thumbs.db", "x", 1000000000);
	tempdir_text(&f.dir, "upd/readme.txt~", "x", 1000000000);
	tempdir_text(&f.dir, "upd/console.log", "x", 1000000000);
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_expect_eq(warnings_with("cannot be started"), 2);
	cr_expect_eq(warnings_with("leftover"), 4);
	cr_expect_eq(warnings_with("lib.so is dated in the future"), 1);
	cr_expect_eq(warnings.n, 7);
	tempdir_chmod(&f.dir, "upd/smartclient", 0755);
	src.os = PATH_OS_WINDOWS;
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_expect_eq(warnings_with("cannot be started"), 0);
}

static int judged;

static bool
judge(const char *path, int os, char *why, size_t cap)
{
	judged++;
	cr_expect_str_eq(path, folder);
	cr_expect_eq(os, PATH_OS_LINUX);
	(void)snprintf(why, cap, "line 4 is bad");
	return judged == 2;
}

Test(publish, an_ini_that_stations_cannot_read_is_warned_about)
{
	src.os = PATH_OS_LINUX;
	src.judge_ini = judge;
	tempdir_text(&f.dir, "upd/other.ini", "x", 1000000000);
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_expect_eq(judged, 0);
	tempdir_text(&f.dir, "upd/smartclient.ini", "x", 1000000000);
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_expect_eq(warnings_with("PathWindows: line 4 is bad"), 1);
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_expect_eq(judged, 2);
	cr_expect_eq(warnings_with("line 4 is bad"), 0);
}

Test(publish, an_ini_that_stations_keep_replaces_nothing)
{
	static const struct {
		const char *rules;
		size_t warnings;
	} rows[] = {{NULL, 1}, {"smartclient.ini:merge", 0}, {"keep", 0},
	    {"other.ini:keep", 1}, {"smartclient.ini:overwrite,merge", 1}};
	struct ini_policies rules;
	size_t i;

	src.judge_ini = judge;
	tempdir_text(&f.dir, "upd/smartclient.ini", "x", 1000000000);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&rules, 0, sizeof(rules));
		if (rows[i].rules != NULL)
			cr_assert_eq(
			    ini_policies_add(&rules, rows[i].rules, &e), 0);
		src.ini = rows[i].rules != NULL ? &rules : NULL;
		judged = 0;
		src.os = PATH_OS_LINUX;
		cr_assert_eq(publish(), 0, "%s", e.msg);
		cr_expect_eq(warnings_with("replaces each station's own"),
		    rows[i].warnings, "row %zu", i);
		/* It may be bad all the same. */
		cr_expect_eq(judged, 1);
		ini_policies_release(&rules);
	}
	src.ini = NULL;
}

/* Nothing is left out unasked; what is in such a folder is told by it. */
Test(publish, what_is_not_the_clients_is_named_once_for_a_folder)
{
	static const char *const files[] = {".git/HEAD", ".git/objects/00/x~",
	    "lib/.svn/entries", "__MACOSX/._a", "._b", "c/.#lock", "d/~$e.xls",
	    "x.git/fine", "trash/fine", "f.rej"};
	static const char *const named[] = {".git looks", "lib/.svn looks",
	    "__MACOSX looks", "._b looks", "c/.#lock looks", "d/~$e.xls looks",
	    "f.rej looks"};
	char path[64];
	size_t i;

	src.os = PATH_OS_WINDOWS;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "upd/%s", files[i]);
		tempdir_text(&f.dir, path, "x", 1000000000);
	}
	cr_assert_eq(publish(), 0, "%s", e.msg);
	for (i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		cr_expect_eq(warnings_with(named[i]), 1, "%s", named[i]);
	cr_expect_eq(warnings_with("leftover"), 7);
	cr_expect_eq(warnings_with("upper-case"), 0);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		cr_expect_not_null(manifest_find(&m, files[i]), "%s", files[i]);
}

/* Else each round of an administrator finds the next. */
Test(publish, one_round_tells_all_that_is_wrong)
{
	tempdir_text(&f.dir, "upd/con.txt", "x", 1000000000);
	tempdir_text(&f.dir, "upd/A.dll", "x", 1000000000);
	tempdir_text(&f.dir, "upd/a.dll", "x", 1000000000);
	tempdir_text(&f.dir, "upd/old.zip", "x", 1000000000);
	src.os = PATH_OS_WINDOWS;
	cr_assert_eq(publish(), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "con.txt"), "%s", e.msg);
	cr_expect_eq(warnings_with("A.dll and "), 1);
	cr_expect_eq(warnings_with("packed archive"), 1);
}

static int
open_what_is_not_shut(
    void *ctx, int dir, const char *path, int flags, uint32_t mode)
{
	const char *name = strrchr(path, '/');

	name = name == NULL ? path : name + 1;
	return strncmp(name, "shut", 4) == 0
	    ? -EACCES
	    : fs_real()->ops->open(ctx, dir, path, flags, mode);
}

/* Nor is what may not be read told one a round, or hides the rest. */
Test(publish, one_round_tells_all_that_may_not_be_read)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs fs = {&ops, NULL};

	ops.open = open_what_is_not_shut;
	release_reopen_on(&f, &fs);
	tempdir_text(&f.dir, "upd/old.zip", "x", 1000000000);
	tempdir_text(&f.dir, "upd/shut1", "1", 1000000000);
	cr_assert_eq(publish(), ERP_AUTH);
	cr_expect_str_eq(e.msg, "PathWindows: open shut1: Permission denied");
	cr_expect_eq(e.sys, EACCES);
	cr_expect_eq(warnings_with("packed archive"), 1);
	tempdir_text(&f.dir, "upd/shut2", "2", 1000000000);
	tempdir_mkdir(&f.dir, "upd/shut_folder");
	cr_assert_eq(publish(), ERP_AUTH);
	cr_expect_eq(warnings_with("open shut1: "), 1);
	cr_expect_eq(warnings_with("open shut2: "), 1);
	cr_expect_eq(warnings_with("open folder shut_folder: "), 1);
	cr_expect_not_null(strstr(e.msg, "3 names or files"), "%s", e.msg);
	tempdir_text(&f.dir, "upd/con.txt", "x", 1000000000);
	cr_assert_eq(publish(), ERP_USAGE);
	cr_expect_eq(warnings_with("con.txt"), 1);
	cr_expect_eq(warnings_with("open shut2: "), 1);
	cr_expect_eq(warnings_with("packed archive"), 1);
	/* Beside names that only the whole list shows to be wrong. */
	cr_assert_eq(fs_unlink(fs_real(), f.dir.fd, "upd/con.txt"), 0);
	cr_assert_eq(unlinkat(f.dir.fd, "upd/shut_folder", AT_REMOVEDIR), 0);
	cr_assert_eq(unlinkat(f.dir.fd, "upd/shut2", 0), 0);
	tempdir_text(&f.dir, "upd/A.dll", "x", 1000000000);
	tempdir_text(&f.dir, "upd/a.dll", "x", 1000000000);
	cr_assert_eq(publish(), ERP_USAGE);
	cr_expect_not_null(strstr(e.msg, "A.dll"), "%s", e.msg);
	cr_expect_eq(warnings_with("open shut1: "), 1);
	release_reopen(&f);
}

static void
note_id(struct hash *out)
{
	struct manifest now;

	manifest_init(&now, src.os);
	cr_assert_eq(
	    store_load_current(f.store, src.os, &now, &e), 0, "%s", e.msg);
	cr_assert_eq(manifest_id(&now, out, &e), 0);
	manifest_release(&now);
}

/* Success is never said of what did not come about. */
Test(publish, whatever_call_fails_the_answer_is_true)
{
	struct hash before, now, new;
	struct fs_fault fault;
	bool fired = true;
	uint64_t at;
	int rc;

	tempdir_text(&f.dir, "upd/a", "1", 1700000000);
	cr_assert_eq(publish(), 0);
	note_id(&before);
	tempdir_text(&f.dir, "upd/a", "other", 1700000001);
	tempdir_text(&f.dir, "upd/b", "more", 1700000001);
	fs_fault_init(&fault, fs_real());
	release_reopen_on(&f, &fault.fs);
	for (at = 1; fired; at++) {
		fs_fault_arm(&fault, FAULT_ONCE, at, EIO);
		rc = publish();
		fired = fault.fired;
		fs_fault_arm(&fault, FAULT_NONE, 0, EIO);
		note_id(&now);
		if (rc != 0) {
			cr_expect(
			    hash_equal(&now, &before), "call %zu", (size_t)at);
			cr_expect_eq(
			    e.sys, EIO, "call %zu: %s", (size_t)at, e.msg);
			continue;
		}
		cr_expect_eq(manifest_id(&m, &new, &e), 0);
		cr_expect(hash_equal(&now, &new), "call %zu", (size_t)at);
		/* The old one again, for the next call. */
		tempdir_text(&f.dir, "upd/a", "1", 1700000000);
		(void)unlinkat(f.dir.fd, "upd/b", 0);
		cr_assert_eq(publish(), 0, "%s", e.msg);
		note_id(&now);
		cr_assert(hash_equal(&now, &before));
		tempdir_text(&f.dir, "upd/a", "other", 1700000001);
		tempdir_text(&f.dir, "upd/b", "more", 1700000001);
	}
	cr_expect_gt(at, 10);
	release_reopen(&f);
}

/* The calls of a publication of so many files of which one changed. */
static uint64_t
calls_of(struct fs_fault *fault, int files)
{
	char path[32];
	int i;

	for (i = 0; i < files; i++) {
		(void)snprintf(path, sizeof(path), "upd/%d/%d", i / 20, i);
		tempdir_text(&f.dir, path, "of all the same", 1700000000);
	}
	cr_assert_eq(publish(), 0, "%s", e.msg);
	tempdir_text(&f.dir, "upd/0/0", "another", 1700000001);
	fs_fault_arm(fault, FAULT_NONE, 0, EIO);
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_assert(is_current());
	return fault->calls;
}

/* Two scans and a look into the store; more for a folder. */
Test(publish, three_calls_for_a_file_that_did_not_change)
{
	struct fs_fault fault;
	uint64_t few, many;

	fs_fault_init(&fault, fs_real());
	fault.looks = true;
	release_reopen_on(&f, &fault.fs);
	few = calls_of(&fault, 100);
	many = calls_of(&fault, 500);
	/* 400 more files, 20 more folders. */
	cr_expect_geq(many - few, 3 * 400);
	cr_expect_leq(many - few, 3 * 400 + 20 * 10, "%zu more calls",
	    (size_t)(many - few));
	release_reopen(&f);
}

/* How a file is changed between two looks at the folder. */
enum touch { NEW_NS, NEW_INODE };
static enum touch touch;

static void
touch_up(void *ctx, uint32_t ms)
{
	(void)ctx;
	(void)ms;
	if (changes_left-- <= 0)
		return;
	if (touch == NEW_INODE) {
		tempdir_text(&f.dir, "new", "x", -1);
		cr_assert_eq(renameat(f.dir.fd, "new", f.dir.fd, "upd/a"), 0);
	}
	tempdir_touch(&f.dir, "upd/a", 1700000000, touch == NEW_NS);
}

/* The same size and second, and another file. */
Test(publish, the_least_change_is_seen)
{
	tempdir_text(&f.dir, "upd/a", "x", 1700000000);
	tempdir_touch(&f.dir, "upd/a", 1700000000, 0);
	src.settle_ms = 5;
	src.sleep_ms = touch_up;
	for (touch = NEW_NS; touch <= NEW_INODE; touch++) {
		changes_left = 1;
		cr_assert_eq(publish(), 0, "%s", e.msg);
		cr_expect_eq(warnings_with("changed while it was read"), 1,
		    "change %d", (int)touch);
		changes_left = 0;
		cr_assert_eq(publish(), 0, "%s", e.msg);
		cr_expect_eq(warnings.n, 0);
	}
}

/* A file system under which a file gets other bytes as it is read again. */
static unsigned reads;

static int64_t
read_other(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	int64_t got = fs_real()->ops->pread(ctx, fd, p, n, off);

	if (got == 5 && memcmp(p, "bytes", 5) == 0 && reads++ == 1)
		memcpy(p, "other", 5);
	return got;
}

static int
clone_nothing(void *ctx, int to, int from)
{
	(void)ctx;
	(void)to;
	(void)from;
	return -EOPNOTSUPP;
}

Test(publish, other_bytes_than_were_hashed_are_not_taken)
{
	struct fs_ops ops = *fs_real()->ops;
	struct fs other = {&ops, fs_real()->ctx};

	ops.pread = read_other;
	ops.fast.clone = clone_nothing;
	tempdir_text(&f.dir, "upd/a", "bytes", 1700000000);
	release_reopen_on(&f, &other);
	cr_assert_eq(publish(), 0, "%s", e.msg);
	cr_expect_gt(reads, 2);
	cr_expect_eq(warnings_with("a: changed while it was read"), 1);
	cr_expect(store_has_content(f.store, &m.v[0].content.hash, 5));
	cr_expect(is_current());
	release_reopen(&f);
}
