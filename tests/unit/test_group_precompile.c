/*
 * What a server makes ahead is what a station asks for: the keys of the groups
 * that it foresees from two releases are compared with those of a whole
 * session between them.
 */
#include "engine/base/err.h"
#include "engine/release/compile.h"
#include "engine/release/lineage.h"
#include "engine/tree/missing.h"
#include "tests/support/pair.h"
#include "tests/support/streams.h"
#include "tests/support/update_pair.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 32, MANY = 2300, LARGE = GROUP_FILE + 1000 };

static struct pair p;
static struct station_options opt;
static struct err e;

struct keys {
	struct hash v[KEYS];
	size_t n, members;
};
static struct keys foreseen, asked;

static void
note_key(struct keys *k, const struct compile_request *req)
{
	cr_assert_lt(k->n, KEYS);
	cr_assert_eq(compile_key(req, &k->v[k->n++], &e), 0);
	k->members += req->group.n;
}

static void
note_asked(const struct compile_request *req)
{
	if (req->is_group)
		note_key(&asked, req);
}

static int
note_foreseen(void *ctx, const struct compile_request *req, struct err *why)
{
	(void)ctx;
	(void)why;
	note_key(&foreseen, req);
	return 0;
}

static void
begin(void)
{
	pair_open(&p);
	opt = pair_options(&p);
	p.watch = note_asked;
}

static void
end(void)
{
	pair_close(&p);
}

TestSuite(group_precompile, .init = begin, .fini = end, .timeout = 300);

/* All of one date, as some builds give; but of another inode, as publishing
 * wants to see. */
static void
put(const char *name, const void *bytes, size_t n)
{
	char path[128];

	tempdir_write(&p.server_dir, "fresh", bytes, n, 1000000000);
	(void)snprintf(path, sizeof(path), "update/%s", name);
	cr_assert_eq(
	    renameat(p.server_dir.fd, "fresh", p.server_dir.fd, path), 0);
}

static void
file(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static void
noise(const char *name, size_t size, uint32_t seed)
{
	uint8_t *bytes = malloc(size);

	cr_assert_not_null(bytes);
	fill_noise(bytes, size, seed);
	put(name, bytes, size);
	free(bytes);
}

static void
drop(const char *name)
{
	char cmd[512];

	(void)snprintf(
	    cmd, sizeof(cmd), "rm -r '%s/update/%s'", p.server_dir.path, name);
	cr_assert_eq(system(cmd), 0);
}

static void
update(void)
{
	memset(&asked, 0, sizeof(asked));
	pair_run(&p, &opt);
	cr_assert_eq(p.rc, 0, "%s", p.error);
}

static void
foresee(size_t back)
{
	const struct lineage_visitor visitor = {note_foreseen, NULL};

	memset(&foreseen, 0, sizeof(foreseen));
	cr_assert_eq(
	    lineage_groups(p.store, &p.served->manifest, back, &visitor, &e), 0,
	    "%s", e.msg);
}

/* The station, on the release so many places before the current one, asks for
 * what was foreseen: so many groups of so many files. */
static void
check(size_t back, size_t groups, size_t members)
{
	size_t i;

	foresee(back);
	update();
	cr_expect_eq(foreseen.n, groups, "%zu groups foreseen", foreseen.n);
	cr_expect_eq(
	    foreseen.members, members, "%zu files foreseen", foreseen.members);
	cr_assert_eq(asked.n, foreseen.n, "%zu groups asked", asked.n);
	for (i = 0; i < asked.n; i++)
		cr_expect(
		    hash_equal(&asked.v[i], &foreseen.v[i]), "group %zu", i);
}

static void
first_release(void)
{
	file("app.txt", "version=1\n");
	file("both", "stays\n");
	file("filled", "");
	file("emptied", "something\n");
	file("goes", "goes\n");
	file("mod-1.0.sql", "create table a (x int);\n");
	file("moves", "the same under another name\n");
	file("copied", "what another file will be\n");
	file("becomes", "old\n");
	file("same-size", "11111\n");
	noise("shrinks", GROUP_BASIS + 1, 1);
	noise("large", LARGE, 2);
	noise("grows", 100, 3);
	tempdir_mkdir(&p.server_dir, "update/folder");
	file("folder/inside", "inside\n");
	pair_publish(&p);
}

static void
second_release(void)
{
	file("app.txt", "version=2\n");
	file("filled", "filled\n");
	file("emptied", "");
	drop("goes");
	drop("mod-1.0.sql");
	file("mod-1.1.sql", "create table a (x int, y int);\n");
	drop("moves");
	file("moved", "the same under another name\n");
	file("becomes", "what another file will be\n");
	/* Neither its size nor its time tells. */
	file("same-size", "22222\n");
	noise("shrinks", 500, 4);
	noise("large", LARGE, 5);
	noise("grows", LARGE, 6);
	file("new-1", "new\n");
	file("new-2", "new\n");
	file("empty", "");
	drop("folder");
	file("folder", "a file now\n");
	tempdir_mkdir(&p.server_dir, "update/sub");
	file("sub/new", "another new one\n");
	pair_publish(&p);
}

Test(group_precompile, a_station_asks_for_what_was_foreseen)
{
	first_release();
	update();
	second_release();
	/* app.txt, filled, folder, mod-1.1.sql, new-1, same-size, sub/new */
	check(1, 1, 7);
}

Test(group_precompile, files_of_the_user_do_not_matter)
{
	first_release();
	update();
	second_release();
	tempdir_text(&p.client, "notes.txt", "of the user\n", -1);
	tempdir_mkdir(&p.client, "log");
	tempdir_text(&p.client, "log/today", "of the program\n", -1);
	check(1, 1, 7);
}

Test(group_precompile, deleting_makes_no_difference)
{
	opt.remove = true;
	first_release();
	update();
	second_release();
	check(1, 1, 7);
}

Test(group_precompile, a_station_two_releases_behind)
{
	first_release();
	update();
	second_release();
	file("app.txt", "version=3\n");
	file("same-size", "33333\n");
	pair_publish(&p);
	check(2, 1, 7);
}

Test(group_precompile, everything_an_update_can_do)
{
	char cmd[1024];

	pair_releases(&p.server_dir);
	(void)snprintf(cmd, sizeof(cmd),
	    "cd '%s' && rm -r update && mv v1 update", p.server_dir.path);
	cr_assert_eq(system(cmd), 0);
	pair_publish(&p);
	update();
	(void)snprintf(cmd, sizeof(cmd),
	    "cd '%s' && rm -r update && mv v2 update", p.server_dir.path);
	cr_assert_eq(system(cmd), 0);
	pair_publish(&p);
	foresee(1);
	check(1, foreseen.n, foreseen.members);
	cr_expect_geq(asked.n, 1);
}

static void
many(int version)
{
	char name[32], text[64];
	int i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "f%04d", i);
		(void)snprintf(
		    text, sizeof(text), "file %d of %d\n", i, version);
		file(name, text);
	}
	/* Their sizes alone make more groups. */
	for (i = 0; i < 50; i++) {
		(void)snprintf(name, sizeof(name), "g%04d", i);
		noise(name, GROUP_FILE - 100, (uint32_t)(version * 100 + i));
	}
	pair_publish(&p);
}

Test(group_precompile, several_groups)
{
	many(1);
	/* A first station: nothing of an older release. */
	update();
	cr_expect_eq(asked.n, 3);
	many(2);
	check(1, 3, MANY + 50);
}

static int
stop_at_second(void *ctx, const struct compile_request *req, struct err *why)
{
	(void)ctx;
	(void)req;
	return foreseen.n++ == 0 ? 0 : err_set(why, ERP_CANCELLED, "enough");
}

Test(group_precompile, the_walk_can_be_ended)
{
	const struct lineage_visitor visitor = {stop_at_second, NULL};

	many(1);
	many(2);
	memset(&foreseen, 0, sizeof(foreseen));
	cr_expect_eq(
	    lineage_groups(p.store, &p.served->manifest, 1, &visitor, &e),
	    ERP_CANCELLED);
	cr_expect_eq(foreseen.n, 2);
	cr_expect_eq(
	    lineage_groups(p.store, &p.served->manifest, 2, &visitor, &e),
	    ERP_NOTFOUND);
}

Test(group_precompile, a_station_that_differs_is_served_too)
{
	first_release();
	update();
	second_release();
	tempdir_text(&p.client, "app.txt", "version=1 edited\n", -1);
	foresee(1);
	update();
	cr_assert_eq(asked.n, 1);
	cr_expect_not(hash_equal(&asked.v[0], &foreseen.v[0]));
	cr_expect(tempdir_is_text(&p.client, "app.txt", "version=2\n"));
}
