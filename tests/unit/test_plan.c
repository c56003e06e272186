/*
 * The comparison, from two text tables and without a disk.  A table has its
 * entries behind semicolons:
 *   f PATH SIZE MTIME HASH [x]    a file; HASH is a letter, or - for none
 *   d PATH                        a folder
 *   l PATH TARGET MTIME           a symbolic link
 */
#include "engine/base/err.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/left_out.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct err e;

static void
add_row(struct manifest *m, const char *row)
{
	char path[128], text[128], flag = ' ', kind = ' ';
	long long size = 0, mtime = 0;
	struct entry en;

	memset(&en, 0, sizeof(en));
	en.path = path;
	cr_assert_eq(sscanf(row, " %c %127s", &kind, path), 2, "%s", row);
	if (kind == 'f') {
		en.type = ENTRY_FILE;
		cr_assert_geq(sscanf(row, " f %*s %lld %lld %1s %c", &size,
				  &mtime, text, &flag),
		    3, "%s", row);
		en.content.known = text[0] != '-';
		memset(en.content.hash.b, en.content.known ? text[0] : 0,
		    HASH_LEN);
		en.exec = flag == 'x';
	} else if (kind == 'l') {
		en.type = ENTRY_SYMLINK;
		en.target = text;
		cr_assert_eq(sscanf(row, " l %*s %127s %lld", text, &mtime), 2);
	} else {
		cr_assert_eq(kind, 'd', "%s", row);
		en.type = ENTRY_DIR;
	}
	en.content.size = (uint64_t)size;
	en.mtime.s = mtime;
	cr_assert_eq(manifest_add(m, &en, &e), 0);
}

static void
parse(struct manifest *m, const char *table)
{
	char *text = strdup(table), *row, *rest = text;

	manifest_init(m, PATH_OS_LINUX);
	while ((row = strtok_r(rest, ";", &rest)) != NULL)
		add_row(m, row);
	free(text);
	cr_assert_eq(manifest_sort(m, &e), 0, "%s", e.msg);
}

/* The plan as "KIND path [reasons];" for each action that is not SAME. */
static void
show(const struct plan *plan, char *out)
{
	static const char *const kinds[] = {
	    "same", "new", "changed", "meta", "delete", "extra"};
	static const char *const reasons[] = {
	    "size", "time", "content", "exec", "type", "target", "merge"};
	const struct action *a;
	size_t i, bit;

	out[0] = '\0';
	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		if (a->kind == ACTION_SAME)
			continue;
		sprintf(out + strlen(out), "%s %s", kinds[a->kind],
		    (a->want != NULL ? a->want : a->have)->path);
		for (bit = 0; bit < 7; bit++)
			if (a->reasons & 1u << bit)
				sprintf(out + strlen(out), " %s", reasons[bit]);
		strcat(out, ";");
	}
}

static void
expect_plan(const char *want_table, const char *have_table,
    const struct plan_options *opt, const char *expected)
{
	struct manifest want, have;
	struct plan plan;
	char got[4096];

	parse(&want, want_table);
	parse(&have, have_table);
	cr_assert_eq(plan_build(&want, &have, opt, &plan, &e), 0, "%s", e.msg);
	show(&plan, got);
	cr_expect_str_eq(
	    got, expected, "%s | %s: %s", want_table, have_table, got);
	cr_expect_eq(plan.new_n + plan.changed_n + plan.meta_n + plan.same_n +
		plan.delete_n + plan.extra_n,
	    plan.n);
	cr_expect_eq(plan_is_empty(&plan),
	    strstr(expected, "new ") == NULL &&
		strstr(expected, "changed ") == NULL &&
		strstr(expected, "meta ") == NULL &&
		strstr(expected, "delete ") == NULL);
	plan_release(&plan);
	manifest_release(&want);
	manifest_release(&have);
}

static const struct plan_options plain;

Test(plan, size_date_and_time_decide)
{
	static const char *const table[][3] = {
	    /* wanted, there, plan */
	    {"", "", ""},
	    {"f a 1 10 A", "f a 1 10 -", ""},
	    {"f a 1 10 A", "", "new a;"},
	    {"", "f a 1 10 -", "extra a;"},
	    {"f a 1 10 A", "f a 2 10 -", "changed a size;"},
	    {"f a 1 10 A", "f a 1 11 -", "changed a time;"},
	    {"f a 1 11 A", "f a 1 10 -", "changed a time;"},
	    {"f a 1 10 A", "f a 2 99 -", "changed a size time;"},
	    {"f a 1 10 A", "f a 1 11 A", "meta a time;"},
	    {"f a 1 10 A", "f a 1 11 B", "changed a time content;"},
	    {"f a 1 10 A", "f a 2 11 B", "changed a size time content;"},
	    {"f a 1 10 A", "f a 1 10 B", "changed a content;"},
	    {"f a 1 10 A", "f a 2 10 A", "changed a size;"},
	    {"f a 1 10 A x", "f a 1 10 -", "meta a exec;"},
	    {"f a 1 10 A", "f a 1 10 A x", "meta a exec;"},
	    {"f a 1 10 A x", "f a 2 10 -", "changed a size exec;"},
	    {"d d;f d/a 1 1 A", "d d", "new d/a;"},
	    {"d d;f d/a 1 1 A", "", "new d;new d/a;"},
	    {"d d", "d d;f d/x 1 1 -", "extra d/x;"},
	    {"f b 1 1 A;f c 1 1 A", "f a 1 1 -;f c 1 1 -;f d 1 1 -",
		"extra a;new b;extra d;"},
	    {"l l x 10", "l l x 10", ""},
	    {"l l x 10", "l l y 10", "changed l target;"},
	    {"l l x 10", "l l x 11", "meta l time;"},
	    {"l l x 10", "l l y 11", "changed l time target;"},
	    {"l l x 10", "f l 1 10 -", "changed l type;"},
	    {"f l 1 10 A", "l l x 10", "changed l type;"},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		expect_plan(table[i][0], table[i][1], &plain, table[i][2]);
}

Test(plan, the_window_forgives_seconds)
{
	struct plan_options opt = {.modify_window = 1};

	expect_plan("f a 1 10 A", "f a 1 11 -", &opt, "");
	expect_plan("f a 1 10 A", "f a 1 9 -", &opt, "");
	expect_plan("f a 1 10 A", "f a 1 12 -", &opt, "changed a time;");
	expect_plan("l a x 10", "l a x 11", &opt, "");
	opt.modify_window = 2;
	expect_plan("f a 1 10 A", "f a 1 12 -", &opt, "");
	opt.modify_window = UINT32_MAX;
	expect_plan("f a 1 0 A", "f a 1 4294967295 -", &opt, "");
	expect_plan("f a 1 0 A", "f a 1 4294967296 -", &opt, "changed a time;");
}

Test(plan, checksum_compares_contents)
{
	struct plan_options opt = {.checksum = true};

	expect_plan("f a 1 10 A", "f a 1 10 A", &opt, "");
	expect_plan("f a 1 10 A", "f a 1 10 B", &opt, "changed a content;");
	expect_plan("f a 1 10 A", "f a 1 11 A", &opt, "meta a time;");
	expect_plan("f a 1 10 A", "f a 1 10 -", &opt, "changed a;");
}

Test(plan, windows_sets_have_no_exec_bit)
{
	struct plan_options opt = {.ignore_exec = true};

	expect_plan("f a 1 10 A x", "f a 1 10 -", &opt, "");
	expect_plan("f a 1 10 A x", "f a 1 11 A", &opt, "meta a time;");
}

Test(plan, removal_needs_the_previous_release_unchanged)
{
	struct manifest previous;
	struct plan_options opt = {.remove = true, .previous = &previous};

	parse(&previous, "f a 1 1 A;d d;f d/b 1 1 B;l l x 1;f t 1 1 T");
	expect_plan("", "f a 1 9 A", &opt, "delete a;");
	expect_plan("", "f a 1 1 -", &opt, "extra a;");
	expect_plan("", "f a 1 1 X", &opt, "extra a;");
	expect_plan("", "f z 1 1 A", &opt, "extra z;");
	expect_plan("", "l l x 5", &opt, "delete l;");
	expect_plan("", "l l y 1", &opt, "extra l;");
	expect_plan("", "l t x 1", &opt, "extra t;");
	expect_plan("", "d d;f d/b 1 1 B", &opt, "delete d;delete d/b;");
	expect_plan("", "d d", &opt, "delete d;");
	expect_plan("", "d d;f d/b 1 1 B;f d/own 1 1 -", &opt,
	    "extra d;delete d/b;extra d/own;");
	expect_plan("", "d d;d d/e;d d/e/f;f d-1 1 1 -", &opt,
	    "extra d;extra d-1;extra d/e;extra d/e/f;");
	expect_plan("d d", "d d;f d/b 1 1 B", &opt, "delete d/b;");
	opt.remove = false;
	expect_plan("", "f a 1 9 A", &opt, "extra a;");
	manifest_release(&previous);
	opt.remove = true;
	opt.previous = NULL;
	expect_plan("", "f a 1 1 A", &opt, "extra a;");
}

/* A server that no longer publishes it leaves it to the station. */
Test(plan, the_file_that_names_the_server_is_never_deleted)
{
	struct manifest previous;
	struct plan_options opt = {.remove = true, .previous = &previous};

	parse(&previous, "f SmartClient.INI 1 1 A;f other.ini 1 1 B");
	expect_plan("", "f SmartClient.INI 1 1 A;f other.ini 1 1 B", &opt,
	    "extra SmartClient.INI;delete other.ini;");
	manifest_release(&previous);
}

/* But for what stands in the way of something that the release has. */
Test(plan, what_the_server_leaves_out_is_not_deleted)
{
	struct manifest previous;
	struct left_out left_out = {.folds = false};
	struct plan_options opt = {
	    .remove = true, .previous = &previous, .left_out = &left_out};

	cr_assert_eq(left_out_add(&left_out, "*.log", &e), 0);
	cr_assert_eq(left_out_add(&left_out, "lib/own", &e), 0);
	parse(&previous,
	    "f a.log 1 1 A;f b 1 1 B;d d;f d/c.log 1 1 C;f d/e 1 1 E;"
	    "d lib;d lib/own;f lib/own/f 1 1 F;l l.log x 1");
	expect_plan("", "f a.log 1 1 A;f b 1 1 B;l l.log x 1", &opt,
	    "extra a.log;delete b;extra l.log;");
	expect_plan("", "d d;f d/c.log 1 1 C;f d/e 1 1 E", &opt,
	    "extra d;extra d/c.log;delete d/e;");
	expect_plan("", "d lib;d lib/own;f lib/own/f 1 1 F", &opt,
	    "extra lib;extra lib/own;extra lib/own/f;");
	/* What the release has is compared as ever. */
	expect_plan("f a.log 2 2 X", "f a.log 1 1 A", &opt,
	    "changed a.log size time content;");
	expect_plan("f a.log 1 1 A", "", &opt, "new a.log;");
	expect_plan("d d;d d/c.log", "d d;f d/c.log 1 1 C", &opt,
	    "delete d/c.log type;new d/c.log type;");
	manifest_release(&previous);
	/* Case counts, until it does not. */
	parse(&previous, "f A.LOG 1 1 A");
	expect_plan("", "f A.LOG 1 1 A", &opt, "delete A.LOG;");
	left_out.folds = true;
	expect_plan("", "f A.LOG 1 1 A", &opt, "extra A.LOG;");
	left_out_release(&left_out);
	manifest_release(&previous);
}

Test(plan, files_and_folders_make_way)
{
	struct manifest previous;
	struct plan_options opt = {.previous = &previous};

	parse(&previous, "d x;f x/a 1 1 A;d x/s;f x/s/b 1 1 B");
	expect_plan("d x;f x/n 1 1 N", "f x 1 1 -", &opt,
	    "delete x type;new x type;new x/n;");
	expect_plan("d x", "l x y 1", &opt, "delete x type;new x type;");
	expect_plan("f x 1 1 X", "d x", &opt, "delete x type;new x type;");
	expect_plan("l x y 1", "d x;d x/e", &opt,
	    "delete x type;new x type;delete x/e type;");
	expect_plan("f x 1 1 X", "d x;f x/a 1 1 A;d x/s;f x/s/b 1 1 B", &opt,
	    "delete x type;new x type;delete x/a type;delete x/s type;"
	    "delete x/s/b type;");
	/* A neighbour whose name only begins alike has nothing to do with it,
	 * although it sorts in between. */
	expect_plan("f x 1 1 X", "d x;f x-1 1 1 -;f x/a 1 1 A", &opt,
	    "delete x type;new x type;extra x-1;delete x/a type;");
	manifest_release(&previous);
}

Test(plan, unmanaged_files_never_make_way)
{
	static const char *const have[] = {"d x;f x/own 1 1 -",
	    "d x;f x/a 1 1 -", /* of the release, but perhaps changed */
	    "d x;f x/a 1 1 Z", "d x;d x/s;l x/s/l t 1"};
	struct manifest want, there, previous;
	struct plan_options opt = {.previous = &previous, .remove = true};
	struct plan plan;
	size_t i;

	parse(&want, "f x 1 1 X");
	parse(&previous, "d x;f x/a 1 1 A");
	for (i = 0; i < sizeof(have) / sizeof(have[0]); i++) {
		parse(&there, have[i]);
		cr_expect_eq(plan_build(&want, &there, &opt, &plan, &e),
		    ERP_BLOCKED, "%s", have[i]);
		cr_expect_eq(strncmp(e.msg, there.v[there.n - 1].path, 3), 0);
		cr_expect_eq(plan.n, 0);
		plan_release(&plan);
		manifest_release(&there);
	}
	manifest_release(&want);
	manifest_release(&previous);
}

Test(plan, hashes_are_needed_where_stat_differs)
{
	static const struct {
		const char *want, *have;
		bool needed, with_checksum;
	} table[] = {
	    {"f a 1 10 A", "f a 1 10 -", false, true},
	    {"f a 1 10 A", "f a 1 11 -", true, true},
	    {"f a 1 10 A", "f a 2 10 -", true, true},
	    {"f a 1 10 A x", "f a 1 10 -", false, true},
	    {"f a 1 10 A", "l a x 10", false, false},
	    {"d a", "f a 1 10 -", false, false},
	    {"l a x 10", "l a x 11", false, false},
	};
	struct plan_options sum = {.checksum = true};
	struct manifest want, have;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		parse(&want, table[i].want);
		parse(&have, table[i].have);
		cr_expect_eq(plan_needs_hash(&want.v[0], &have.v[0], &plain),
		    table[i].needed, "row %zu", i);
		cr_expect_eq(plan_needs_hash(&want.v[0], &have.v[0], &sum),
		    table[i].with_checksum, "row %zu", i);
		manifest_release(&want);
		manifest_release(&have);
	}
}

/* A release that changed a content and neither size nor time. */
Test(plan, the_installed_release_tells_of_contents_that_changed)
{
	struct manifest want, have, previous;
	struct plan_options opt = {.previous = &previous};

	parse(&want, "f a 1 10 B;f b 1 10 B;f c 1 10 B");
	parse(&have, "f a 1 10 -;f b 1 10 -;f c 1 10 -");
	parse(&previous, "f a 1 10 A;f b 1 10 B");
	cr_expect(plan_needs_hash(&want.v[0], &have.v[0], &opt));
	cr_expect_not(plan_needs_hash(&want.v[1], &have.v[1], &opt));
	cr_expect_not(plan_needs_hash(&want.v[2], &have.v[2], &opt));
	opt.current = true;
	cr_expect_not(plan_needs_hash(&want.v[0], &have.v[0], &opt));
	manifest_release(&want);
	manifest_release(&have);
	manifest_release(&previous);
}

/* Only so it is seen whether somebody edited what goes. */
Test(plan, what_gives_way_to_another_type_may_be_of_the_release)
{
	struct manifest want, have, previous;
	struct plan_options opt = {.previous = &previous, .remove = true};
	struct plan plan;

	parse(&previous, "f a 1 1 A;f b 1 1 B;f c 1 1 C");
	parse(&have, "f a 1 1 A;f b 2 1 -;f c 1 1 C");
	parse(&want, "d a;d b;l c x 1");
	cr_expect(plan_needs_hash(&want.v[0], &have.v[0], &opt));
	cr_expect_not(plan_needs_hash(&want.v[1], &have.v[1], &opt));
	cr_expect(plan_needs_hash(&want.v[2], &have.v[2], &opt));
	cr_expect_not(plan_needs_hash(&want.v[0], &have.v[0], &plain));
	cr_assert_eq(plan_build(&want, &have, &opt, &plan, &e), 0);
	cr_assert_eq(plan.n, 5);
	cr_expect_not(plan.v[0].edited);
	cr_expect(plan.v[2].edited);
	cr_expect_not(plan.v[4].edited);
	plan_release(&plan);
	manifest_release(&want);
	manifest_release(&have);
	manifest_release(&previous);
}

Test(plan, extras_need_a_hash_when_they_may_be_of_the_release)
{
	struct manifest previous, have;
	struct plan_options opt = {.previous = &previous};
	static const bool needed[] = {true, false, false, false, false};
	size_t i;

	parse(&previous, "f a 1 1 A;f b 1 1 B;d c;l d x 1");
	parse(&have, "f a 1 9 -;f b 2 1 -;d c;l d x 1;f e 1 1 -");
	for (i = 0; i < have.n; i++) {
		cr_expect_eq(plan_needs_extra_hash(&have.v[i], &opt), needed[i],
		    "row %zu", i);
		cr_expect_not(plan_needs_extra_hash(&have.v[i], &plain));
	}
	manifest_release(&previous);
	manifest_release(&have);
}

Test(plan, ini_files_may_be_the_station_s_own)
{
	static const struct {
		const char *rules, *previous, *want, *have, *plan;
		bool hashed;
	} table[] = {
	    {"", NULL, "f a.ini 1 1 A", "f a.ini 2 2 B",
		"changed a.ini size time content;", true},
	    {"keep", NULL, "f a.ini 1 1 A", "f a.ini 2 2 B", "extra a.ini;",
		false},
	    {"keep", "f a.ini 1 1 A", "f a.ini 3 3 C", "f a.ini 2 2 B",
		"extra a.ini;", false},
	    {"keep", NULL, "f a.ini 1 1 A", "", "new a.ini;", false},
	    {"keep", NULL, "f a.exe 1 1 A", "f a.exe 2 2 B",
		"changed a.exe size time content;", true},
	    {"b.ini:keep", NULL, "f a.ini 1 1 A", "f a.ini 2 2 B",
		"changed a.ini size time content;", true},
	    {"keep", NULL, "f a.ini 1 1 A", "l a.ini x 1",
		"changed a.ini type;", false},
	    /* As long as the release has what it had. */
	    {"merge", "f a.ini 1 1 A", "f a.ini 1 9 A", "f a.ini 2 2 B",
		"extra a.ini;", false},
	    {"merge", "f a.ini 1 1 A", "f a.ini 1 1 A", "f a.ini 1 1 -",
		"extra a.ini;", false},
	    {"merge", "f a.ini 1 1 A", "f a.ini 3 3 C", "f a.ini 2 2 B",
		"changed a.ini size time content merge;", true},
	    {"merge", "f a.ini 1 1 A", "f a.ini 3 3 C", "f a.ini 2 2 -",
		"changed a.ini size time merge;", true},
	    {"merge", "f a.ini 1 1 A", "f a.ini 3 3 C", "f a.ini 1 2 A",
		"changed a.ini size time content;", true},
	    {"merge", "f a.ini 1 1 A", "f a.ini 3 3 C", "f a.ini 3 2 C",
		"meta a.ini time;", true},
	    {"merge", "d a.ini", "f a.ini 3 3 C", "f a.ini 2 2 B",
		"changed a.ini size time content merge;", true},
	    {"merge", NULL, "f a.ini 3 3 C", "f a.ini 2 2 B",
		"changed a.ini size time content merge;", true},
	    {"merge", NULL, "f a.ini 3 3 C", "f a.ini 3 3 -", "", false},
	};
	struct manifest previous, want, have;
	struct plan_options opt;
	struct ini_policies ini;
	struct plan plan;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		memset(&ini, 0, sizeof(ini));
		cr_assert_eq(ini_policies_add(&ini, table[i].rules, &e), 0);
		opt = (struct plan_options){.ini = &ini};
		parse(&previous,
		    table[i].previous == NULL ? "" : table[i].previous);
		if (table[i].previous != NULL)
			opt.previous = &previous;
		expect_plan(table[i].want, table[i].have, &opt, table[i].plan);
		parse(&want, table[i].want);
		parse(&have, table[i].have);
		if (have.n == 1)
			cr_expect_eq(
			    plan_needs_hash(&want.v[0], &have.v[0], &opt),
			    table[i].hashed, "row %zu", i);
		/* What is merged does not go. */
		cr_assert_eq(plan_build(&want, &have, &opt, &plan, &e), 0);
		cr_expect_not(
		    plan.v[0].edited && (plan.v[0].reasons & REASON_MERGE) != 0,
		    "row %zu", i);
		plan_release(&plan);
		manifest_release(&want);
		manifest_release(&have);
		manifest_release(&previous);
		ini_policies_release(&ini);
	}
}

Test(plan, what_was_merged_is_wanted_or_left)
{
	struct content merged = {.size = 7, .known = true};
	struct manifest want, have;
	struct plan plan;

	parse(&want, "f a.ini 1 1 A;f b.ini 1 1 B;f c 1 1 C");
	parse(&have, "f a.ini 2 2 D;f b.ini 2 2 E;f c 2 2 F");
	cr_assert_eq(plan_build(&want, &have, &plain, &plan, &e), 0);
	memset(merged.hash.b, 'M', HASH_LEN);
	plan.v[1].edited = true;
	plan_leave(&plan, &plan.v[1]);
	cr_expect_not(plan.v[1].edited);
	cr_assert_eq(
	    plan_want(&plan, &plan.v[0], &merged, (struct stamp){50, 0}, &e),
	    0);
	merged.size = 8;
	cr_assert_eq(
	    plan_want(&plan, &plan.v[2], &merged, (struct stamp){60, 0}, &e),
	    0);
	cr_expect_str_eq(plan.v[0].want->path, "a.ini");
	cr_expect_eq(plan.v[0].want->content.size, 7);
	cr_expect_eq(plan.v[0].want->content.hash.b[0], 'M');
	cr_expect_eq(plan.v[0].want->mtime.s, 50);
	cr_expect_eq(plan.v[2].want->content.size, 8);
	cr_expect_eq(plan.v[1].kind, ACTION_EXTRA);
	cr_expect_null(plan.v[1].want);
	cr_expect_eq(plan.v[1].reasons, 0);
	cr_expect_eq(plan.changed_n, 2);
	cr_expect_eq(plan.extra_n, 1);
	/* The release itself stays as it is. */
	cr_expect_eq(want.v[0].content.size, 1);
	plan_leave(&plan, &plan.v[0]);
	plan_leave(&plan, &plan.v[2]);
	cr_expect(plan_is_empty(&plan));
	plan_release(&plan);
	manifest_release(&want);
	manifest_release(&have);
}

Test(plan, bytes_of_new_and_changed_files_are_counted)
{
	struct manifest want, have;
	struct plan plan;

	parse(&want, "f a 100 1 A;f b 20 1 B;f c 3 1 C;f d 7 1 D;d e");
	parse(&have, "f b 50 1 -;f c 3 2 C;f d 7 1 -");
	cr_assert_eq(plan_build(&want, &have, &plain, &plan, &e), 0);
	cr_assert_eq(plan.new_n, 2);
	cr_assert_eq(plan.changed_n, 1);
	cr_assert_eq(plan.meta_n, 1);
	cr_assert_eq(plan.same_n, 1);
	plan_release(&plan);
	manifest_release(&want);
	manifest_release(&have);
}

Test(plan, folders_are_not_counted_as_files)
{
	const struct plan_options opt = {.checksum = true};
	struct manifest want, have;
	struct plan plan;

	parse(&want, "d dir; f dir/new 1 1 A; l link dir 1; f same 1 1 S");
	parse(&have, "d other; f other/extra 1 1 E; f same 1 1 S");
	cr_assert_eq(plan_build(&want, &have, &opt, &plan, &e), 0);
	cr_expect_eq(plan.new_n, 3);
	cr_expect_eq(plan_files(&plan), 2);
	plan_release(&plan);
	manifest_release(&want);
	manifest_release(&have);
}

Test(plan, what_comes_changes_or_goes_keeps_no_content)
{
	static const struct plan rows[] = {{.new_n = 1}, {.changed_n = 1},
	    {.delete_n = 1}, {.new_n = 1, .changed_n = 1},
	    {.changed_n = 1, .delete_n = 1}, {.new_n = 1, .delete_n = 1}};
	static const struct plan kept = {.same_n = 1, .extra_n = 1, .n = 2};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_not(plan_keeps_content(&rows[i]), "%zu", i);
	cr_expect(plan_keeps_content(&kept));
}

/* What somebody changed since the release that is installed is told when it
 * would be lost. */
Test(plan, edits_that_go_are_known)
{
	static const struct {
		const char *want, *have;
		bool edited;
	} rows[] = {
	    {"f a 2 2 B", "f a 1 1 A", false},
	    {"f a 2 2 B", "f a 1 3 E", true},
	    {"f a 2 2 B", "f a 3 3 -", true},
	    {"f new 2 2 B", "f new 1 1 E", true},
	    {"f a 1 2 E", "f a 1 1 E", false},
	    {"l l z 1", "l l x 1", false},
	    {"l l z 1", "l l y 1", true},
	    {"f l 1 1 B", "l l x 1", false},
	    {"f l 1 1 B", "f l 2 1 E", true},
	    {"d a", "f a 1 1 A", false},
	};
	struct manifest want, have, previous;
	struct plan_options opt = {.remove = true, .previous = &previous};
	struct plan plan;
	size_t i;

	parse(&previous, "f a 1 1 A;l l x 1");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		parse(&want, rows[i].want);
		parse(&have, rows[i].have);
		opt.previous = &previous;
		cr_assert_eq(plan_build(&want, &have, &opt, &plan, &e), 0);
		cr_expect_eq(plan.v[0].edited, rows[i].edited, "row %zu", i);
		plan_release(&plan);
		opt.previous = NULL;
		if (strchr(rows[i].want, 'd') == NULL) {
			cr_assert_eq(
			    plan_build(&want, &have, &opt, &plan, &e), 0);
			cr_expect_not(plan.v[0].edited, "row %zu", i);
			plan_release(&plan);
		}
		manifest_release(&want);
		manifest_release(&have);
	}
	manifest_release(&previous);
}

Test(plan, conflicts_are_kept_by_action)
{
	struct action v[2] = {{.kind = ACTION_EXTRA}, {.kind = ACTION_EXTRA}};
	struct plan p = {.v = v, .n = 2};
	struct plan_conflict c = {.action = 9, .release_wins = true};
	struct err why;

	c.section = strdup("net");
	c.key = strdup("port");
	c.release = strdup("7");
	cr_assert_eq(plan_take_conflict(&p, &v[1], &c, &why), 0);
	c = (struct plan_conflict){.section = strdup(""),
	    .key = strdup("x"),
	    .release = strdup(""),
	    .release_lacks = true};
	cr_assert_eq(plan_take_conflict(&p, &v[0], &c, &why), 0);
	c = (struct plan_conflict){
	    .section = strdup("no"), .release = strdup("no")};
	cr_expect_eq(plan_take_conflict(&p, &v[0], &c, &why), ERP_NOMEM);
	c = (struct plan_conflict){
	    .key = strdup("no"), .release = strdup("no")};
	cr_expect_eq(plan_take_conflict(&p, &v[0], &c, &why), ERP_NOMEM);
	c = (struct plan_conflict){
	    .section = strdup("no"), .key = strdup("no")};
	cr_expect_eq(plan_take_conflict(&p, &v[0], &c, &why), ERP_NOMEM);
	cr_assert_eq(p.conflicts_n, 2);
	cr_expect_eq(p.conflicts[0].action, 1);
	cr_expect_str_eq(p.conflicts[0].section, "net");
	cr_expect_str_eq(p.conflicts[0].key, "port");
	cr_expect_str_eq(p.conflicts[0].release, "7");
	cr_expect(p.conflicts[0].release_wins);
	cr_expect_eq(p.conflicts[1].action, 0);
	cr_expect_str_eq(p.conflicts[1].section, "");
	p.v = NULL;
	plan_release(&p);
	cr_expect_eq(p.conflicts_n, 0);
}
