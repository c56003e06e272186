/* What the station has under another name. */
#include "transport/station/station_internal.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/tree/hashcache.h"
#include "engine/tree/scan.h"
#include "tests/support/folding.h"
#include "tests/support/pair.h"
#include "tests/support/release.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ACTIONS = 8 };

static struct tempdir t;
static struct station s;
static const struct scan_options plain;
static struct folder folder;
static struct action action[ACTIONS];
static struct entry want[ACTIONS];
static struct locals *locals;
static struct err e;

static void
begin(void)
{
	int rc;

	tempdir_open(&t);
	folder.fs = fs_real();
	folder.dir = t.fd;
	s.opt.folder = &folder;
	s.plan.v = action;
	rc = hashcache_open(fs_real(), -1, "", clock_real(), &s.cache, &e);
	cr_assert_eq(rc, 0);
	tempdir_text(&t, "same.dll", "same", 1000);
	tempdir_text(&t, "went.dll", "moved", 1000);
	tempdir_text(&t, "long.dll", "of another length", 1000);
	tempdir_text(&t, "mine.ini", "mined", 1000);
	rc = scan_folder(fs_real(), t.fd, &plain, &s.have, &e);
	cr_assert_eq(rc, 0, "%s", e.msg);
}

static void
end(void)
{
	locals_free(locals);
	hashcache_free(s.cache);
	manifest_release(&s.have);
	tempdir_close(&t);
}

TestSuite(station_local, .init = begin, .fini = end);

static struct entry *
have(const char *path)
{
	struct entry *x = manifest_find(&s.have, path);

	cr_assert_not_null(x, "%s", path);
	return x;
}

/* The plan has this for a file of the folder, or NULL, and wants a text, or
 * NULL. */
static struct entry *
plan(enum action_kind kind, const char *path, const char *text)
{
	size_t i = s.plan.n++;

	action[i].kind = kind;
	action[i].have = path == NULL ? NULL : have(path);
	if (text == NULL)
		return NULL;
	want[i].type = ENTRY_FILE;
	want[i].content.size = strlen(text);
	want[i].content.hash = release_hash(text);
	want[i].content.known = true;
	action[i].want = &want[i];
	return &want[i];
}

static const struct entry *
find(const struct entry *x)
{
	return locals_find(locals, x);
}

/* What is as it is wanted was compared, and is not read for that. */
Test(station_local, a_content_is_found_under_other_names)
{
	struct entry *same, *moved, *none;

	(void)plan(ACTION_SAME, "same.dll", "same");
	(void)plan(ACTION_DELETE, "went.dll", NULL);
	(void)plan(ACTION_EXTRA, "long.dll", NULL);
	same = plan(ACTION_NEW, NULL, "same");
	moved = plan(ACTION_NEW, NULL, "moved");
	none = plan(ACTION_NEW, NULL, "other");
	cr_assert_eq(locals_make(&s, &locals, &e), 0);
	cr_expect_eq(find(same), have("same.dll"));
	cr_expect_eq(find(moved), have("went.dll"));
	cr_expect_null(find(none));
	cr_expect_not(have("same.dll")->content.known);
	cr_expect(have("went.dll")->content.known);
	/* Nothing of that length is wanted. */
	cr_expect_not(have("long.dll")->content.known);
	/* Nor is it here with another length. */
	moved->content.size++;
	cr_expect_null(find(moved));
}

Test(station_local, nobody_hears_of_what_is_secret)
{
	struct entry *x;

	have("mine.ini")->is_secret = true;
	(void)plan(ACTION_EXTRA, "mine.ini", NULL);
	x = plan(ACTION_NEW, NULL, "mined");
	cr_assert_eq(locals_make(&s, &locals, &e), 0);
	cr_expect_null(find(x));
	cr_expect_not(have("mine.ini")->content.known);
}

Test(station_local, where_nothing_is_needed_nothing_is_read)
{
	(void)plan(ACTION_DELETE, "went.dll", NULL);
	(void)plan(ACTION_META, "same.dll", "same");
	cr_assert_eq(locals_make(&s, &locals, &e), 0);
	cr_expect_not(have("went.dll")->content.known);
	cr_expect_not(have("same.dll")->content.known);
	cr_expect_null(find(&want[1]));
}

/* As when the server wants a content without saying which. */
Test(station_local, a_content_that_is_not_known_is_no_other)
{
	struct entry *x = plan(ACTION_SAME, "same.dll", "same");

	x->content.known = false;
	x = plan(ACTION_NEW, NULL, "of another length");
	(void)plan(ACTION_EXTRA, "long.dll", NULL);
	cr_assert_eq(locals_make(&s, &locals, &e), 0);
	cr_expect_eq(find(x), have("long.dll"));
	cr_expect_null(find(&want[0]));
}

/* One of the calls that open it does not find it. */
struct absence {
	int opened, at;
};

static int
open_without(void *arg, struct sim *disk, struct sim_call *c)
{
	struct absence *a = arg;

	(void)disk;
	if (c->kind != SIM_OPEN || c->name == NULL ||
	    strcmp(c->name, "went") != 0)
		return 0;
	return ++a->opened == a->at ? -ENOENT : 0;
}

Test(station_local, what_goes_meanwhile_comes_from_the_server)
{
	struct absence a = {1, 0};
	struct station_options opt;
	struct folding at;
	struct pair p;

	for (a.at = 1; a.opened >= a.at - 1; a.at++) {
		folding_open(&at);
		pair_open(&p);
		p.client_fs = &at.disk.fs;
		opt = pair_options(&p);
		tempdir_text(&p.server_dir, "update/went", "one text", 1000);
		pair_publish(&p);
		pair_run(&p, &opt);
		cr_assert_eq(p.rc, 0, "%s", p.error);
		cr_assert_eq(renameat(p.server_dir.fd, "update/went",
				 p.server_dir.fd, "update/came"),
		    0);
		pair_publish(&p);
		a.opened = 0;
		at.disk.hook = open_without;
		at.disk.hook_arg = &a;
		pair_run(&p, &opt);
		cr_expect_eq(p.rc, 0, "open %d: %s", a.at, p.error);
		cr_expect(folding_holds(&at, "came", "one text"));
		pair_close(&p);
		folding_close(&at);
	}
	cr_expect_gt(a.at, 2);
}
