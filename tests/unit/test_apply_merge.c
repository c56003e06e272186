/* INI files that are the station's own, through whole updates. */
#include "engine/apply/apply.h"

#include "engine/apply/folder.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "tests/support/pair.h"
#include "transport/station/station_internal.h"
#include "transport/wire/preface.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INI "smartclient.ini"
#define V1 "[net]\nserver=erp\nport=1\n[ui]\ntheme=a\n"
#define EDITED "; mine\n[net]\nserver=here\nport=9\n[ui]\ntheme=a\nlast=me\n"
#define V2 "[net]\nserver=erp\nport=1\n[ui]\ntheme=b\nnew=1\n"
#define MERGED                                                                 \
	"; mine\n[net]\nserver=here\nport=9\n[ui]\ntheme=b\nnew=1\nlast=me\n"

enum { DATE = 1000000000 };

struct bench {
	struct pair p;
	struct station_options opt;
	struct observer obs;
	int warned;
	char warning[400]; /* the last one */
};

static void
note(void *ctx, const struct event *ev)
{
	struct bench *b = ctx;

	if (ev->kind != EVENT_WARN)
		return;
	b->warned++;
	(void)snprintf(b->warning, sizeof(b->warning), "%s: %s",
	    ev->path == NULL ? "" : ev->path, ev->text);
}

static void
publish(struct bench *b, const char *text, int64_t day)
{
	tempdir_text(&b->p.server_dir, "update/" INI, text, DATE + day * 86400);
	pair_publish(&b->p);
}

static void
run(struct bench *b)
{
	b->warned = 0;
	pair_run(&b->p, &b->opt);
	cr_assert_eq(b->p.rc, 0, "%s", b->p.error);
}

/* A station on v1 by these rules. */
static void
bench_open(struct bench *b, const char *rules)
{
	memset(b, 0, sizeof(*b));
	pair_open(&b->p);
	b->obs = (struct observer){.event = note, .ctx = b};
	tempdir_text(&b->p.server_dir, "update/prog.exe", "MZ", DATE);
	publish(b, V1, 0);
	b->opt = pair_options(&b->p);
	b->opt.obs = &b->obs;
	b->opt.ini_rules = rules;
	run(b);
	cr_assert_eq(b->p.outcome, OUTCOME_UPDATED);
}

static void
edit(struct bench *b, const char *text)
{
	tempdir_text(&b->p.client, INI, text, -1);
}

static void
expect_ini(struct bench *b, const char *text, const char *what)
{
	char *has = tempdir_read(&b->p.client, INI, NULL);

	cr_expect_str_eq(has, text, "%s", what);
	free(has);
}

static int findings;

static void
found(void *arg, const char *path, const char *what)
{
	struct bench *b = arg;

	findings++;
	(void)snprintf(b->warning, sizeof(b->warning), "%s: %s", path, what);
}

static int
verify(struct bench *b)
{
	const struct folder_options opt = {
	    .fs = fs_real(), .clock = clock_real(), .read_only = true};
	struct folder *f;
	struct err e;

	findings = 0;
	cr_assert_eq(
	    folder_open(b->p.client.path, &opt, &f, &e), 0, "%s", e.msg);
	cr_expect_geq(apply_verify(f, NULL, found, b, &e), 0, "%s", e.msg);
	folder_close(f);
	return findings;
}

static void
roll_back(struct bench *b)
{
	const struct folder_options opt = {
	    .fs = fs_real(), .clock = clock_real()};
	struct folder *f;
	struct err e;

	cr_assert_eq(
	    folder_open(b->p.client.path, &opt, &f, &e), 0, "%s", e.msg);
	cr_assert_eq(apply_rollback(f, 0, &e), 0, "%s", e.msg);
	folder_close(f);
}

Test(apply_merge, overwrite_is_the_default)
{
	struct bench b;

	bench_open(&b, NULL);
	edit(&b, EDITED);
	cr_expect_eq(verify(&b), 1);
	run(&b);
	cr_expect_eq(b.p.outcome, OUTCOME_UPDATED);
	expect_ini(&b, V1, "repaired");
	/* But that a release brought this is known. */
	cr_expect(tempdir_is_text(&b.p.client, ".erpsync/ini/brought.1", V1));
	cr_expect_not(tempdir_has(&b.p.client, ".erpsync/policy"));
	pair_close(&b.p);
}

/* Who installed it ended before it could note that. */
Test(apply_merge, what_was_brought_is_known_in_spite_of_a_crash)
{
	static const char noted[] = ".erpsync/ini/brought.1";
	struct bench b;
	int fd;

	bench_open(&b, NULL);
	edit(&b, EDITED);
	fd = b.p.client.fd;
	cr_assert_eq(fs_unlink(fs_real(), fd, noted), 0);
	cr_assert_eq(fs_unlink(fs_real(), b.p.server_dir.fd, "update/" INI), 0);
	pair_publish(&b.p);
	run(&b);
	cr_expect(tempdir_is_text(&b.p.client, noted, V1));
	/* As one who goes back leaves it. */
	publish(&b, V2, 1);
	run(&b);
	cr_assert_eq(fs_unlink(fs_real(), fd, noted), 0);
	roll_back(&b);
	cr_expect(tempdir_is_text(&b.p.client, noted, V2));
	pair_close(&b.p);
}

Test(apply_merge, ten_starts_move_nothing)
{
	static const char *const rules[] = {"merge", "keep"};
	char text[200];
	struct bench b;
	int i, k;

	for (k = 0; k < 2; k++) {
		bench_open(&b, rules[k]);
		for (i = 0; i < 10; i++) {
			(void)snprintf(
			    text, sizeof(text), "%slast=%d\n", V1, i);
			edit(&b, text);
			run(&b);
			cr_expect_eq(b.p.outcome, OUTCOME_CURRENT);
			cr_expect_eq(b.p.blob_bytes, 0);
			expect_ini(&b, text, "a start");
		}
		cr_expect_not(tempdir_has(&b.p.client, "bkp_remote.001/" INI));
		cr_expect_not(tempdir_has(&b.p.client, "bkp_remote.002"));
		cr_expect_eq(verify(&b), 0, "%s", b.warning);
		pair_close(&b.p);
	}
}

Test(apply_merge, a_release_that_changes_another_key_comes_in)
{
	struct bench b;

	bench_open(&b, "merge");
	edit(&b, EDITED);
	publish(&b, V2, 1);
	run(&b);
	cr_expect_eq(b.p.outcome, OUTCOME_UPDATED);
	cr_expect_eq(b.warned, 0, "%s", b.warning);
	cr_expect_eq(b.p.conflicts_n, 0);
	expect_ini(&b, MERGED, "merged");
	cr_expect(tempdir_is_text(&b.p.client, "bkp_remote.001/" INI, EDITED));
	cr_expect_eq(verify(&b), 0, "%s", b.warning);
	run(&b);
	cr_expect_eq(b.p.outcome, OUTCOME_CURRENT);
	expect_ini(&b, MERGED, "a start after it");
	/* The merged file is what the update wrote, so it is taken back. */
	roll_back(&b);
	expect_ini(&b, EDITED, "taken back");
	/* And the base of the release before is still known. */
	b.opt.force = true;
	run(&b);
	expect_ini(&b, MERGED, "once more");
	pair_close(&b.p);
}

Test(apply_merge, what_a_client_wrote_since_outlives_a_rollback)
{
	struct bench b;

	bench_open(&b, "merge");
	edit(&b, EDITED);
	publish(&b, V2, 1);
	run(&b);
	edit(&b, MERGED "later=1\n");
	roll_back(&b);
	expect_ini(&b, MERGED "later=1\n", "left to the station");
	pair_close(&b.p);
}

Test(apply_merge, a_file_that_nobody_edited_is_the_release_s)
{
	struct bench b;

	bench_open(&b, "merge");
	publish(&b, V2, 1);
	run(&b);
	expect_ini(&b, V2, "byte for byte");
	cr_expect_eq(b.p.extra_n, 0);
	/* What the station already has is no change of content. */
	edit(&b, V1);
	publish(&b, V1, 2);
	run(&b);
	cr_expect_eq(b.p.blob_bytes, 0);
	expect_ini(&b, V1, "the station was first");
	pair_close(&b.p);
}

Test(apply_merge, where_both_changed_a_key_the_rule_decides_and_tells)
{
	static const struct {
		uint8_t own, servers;
		const char *port, *told;
	} table[] = {
	    {0, 0, "9", "this station's value stays"},
	    {0, CONFLICT_RELEASE, "2", "the release's value counts"},
	    {CONFLICT_STATION, CONFLICT_RELEASE, "9", "station's value stays"},
	    {CONFLICT_RELEASE, CONFLICT_STATION, "2", "release's value counts"},
	};
	char text[200];
	struct bench b;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bench_open(&b, "merge");
		(void)strlcpy(b.p.policy.ini.rules, "keep", TEXT_LONG);
		b.p.policy.ini.conflict = table[i].servers;
		b.opt.ini_conflict = table[i].own;
		edit(&b, "[net]\nserver=erp\nport=9\n[ui]\ntheme=a\n");
		publish(&b, "[net]\nserver=erp\nport=2\n[ui]\ntheme=a\n", 1);
		b.opt.dry_run = true;
		run(&b);
		cr_expect_eq(b.p.conflicts_n, 1);
		cr_expect_eq(b.p.taken_n, table[i].port[0] == '2');
		b.opt.dry_run = false;
		run(&b);
		cr_expect_eq(b.p.conflicts_n, 1);
		cr_expect_eq(b.p.taken_n, table[i].port[0] == '2');
		(void)snprintf(text, sizeof(text),
		    "[net]\nserver=erp\nport=%s\n[ui]\ntheme=a\n",
		    table[i].port);
		expect_ini(&b, text, table[i].told);
		cr_expect_eq(b.warned, 1);
		cr_expect_not_null(
		    strstr(b.warning, INI ": port in [net]"), "%s", b.warning);
		cr_expect_not_null(
		    strstr(b.warning, table[i].told), "%s", b.warning);
		/* Told once. */
		run(&b);
		cr_expect_eq(b.warned, 0, "%s", b.warning);
		cr_expect_eq(b.p.outcome, OUTCOME_CURRENT);
		pair_close(&b.p);
	}
}

Test(apply_merge, what_the_release_has_is_told_with_a_conflict)
{
	static const struct {
		const char *published, *value;
	} table[] = {
	    {"[net]\nserver=erp\nport=2\n[ui]\ntheme=a\n", "2"},
	    {"[net]\nserver=erp\nport=\n[ui]\ntheme=a\n", ""},
	    {"[net]\nserver=erp\n[ui]\ntheme=a\n", "(none)"},
	};
	struct bench b;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bench_open(&b, "merge");
		edit(&b, "[net]\nserver=erp\nport=9\n[ui]\ntheme=a\n");
		publish(&b, table[i].published, 1);
		run(&b);
		cr_assert_eq(b.p.conflicts_n, 1);
		cr_expect_str_eq(b.p.released, table[i].value);
		pair_close(&b.p);
	}
}

Test(apply_merge, many_conflicts_are_counted)
{
	char base[1000] = "", mine[1000] = "", theirs[1000] = "";
	struct bench b;
	int i;

	for (i = 0; i < 13; i++) {
		(void)snprintf(base + strlen(base), 20, "k%d=1\n", i);
		(void)snprintf(mine + strlen(mine), 20, "k%d=2\n", i);
		(void)snprintf(theirs + strlen(theirs), 20, "k%d=3\n", i);
	}
	bench_open(&b, "merge");
	publish(&b, base, 1);
	run(&b);
	edit(&b, mine);
	publish(&b, theirs, 2);
	run(&b);
	cr_expect_eq(b.warned, 11);
	cr_expect_eq(b.p.conflicts_n, 13);
	cr_expect_str_eq(b.warning,
	    INI ": more of its keys are not as in the release, or no longer "
		"as they were here: 3");
	expect_ini(&b, mine, "nothing was taken");
	/* Nothing had to be done to the folder, so there is no backup. */
	cr_expect_not(tempdir_has(&b.p.client, "bkp_remote.002"));
	pair_close(&b.p);
}

/* Then no key says why, for each by itself could have come. */
Test(apply_merge, what_would_be_read_otherwise_is_left_and_told_once)
{
	struct bench b;

	bench_open(&b, "merge");
	publish(&b, "[net]\ny=\xe7\nz=1\n", 1);
	run(&b);
	edit(&b, "[net]\ny=\xe7\nz=1\nm=1\n");
	publish(&b, "[net]\nz=\xc3\x83\xc2\xa7\n", 2);
	b.warned = 0;
	run(&b);
	cr_expect_eq(b.warned, 1);
	cr_expect_not_null(
	    strstr(b.warning, "read in another encoding"), "%s", b.warning);
	expect_ini(&b, "[net]\ny=\xe7\nz=1\nm=1\n", "as it is");
	pair_close(&b.p);
}

Test(apply_merge, what_the_file_cannot_hold_is_left_out_and_told)
{
	struct bench b;

	bench_open(&b, "merge");
	edit(&b, "[net]\nserver=S\xe3o\nport=1\n[ui]\ntheme=a\n");
	publish(&b,
	    "[net]\nserver=erp\nport=2\nomega=\xce\xa9\n[ui]\ntheme=a\n", 1);
	run(&b);
	cr_expect_eq(b.warned, 1);
	cr_expect_str_eq(b.warning,
	    INI ": omega in [net] has a character in the release that this "
		"file's encoding lacks, so it is left out; publish it without, "
		"and write it here by hand where this file has the key");
	cr_assert_eq(b.p.conflicts_n, 1);
	cr_expect_str_eq(b.p.released, "\xce\xa9");
	expect_ini(&b, "[net]\nserver=S\xe3o\nport=2\n[ui]\ntheme=a\n",
	    "as its program reads it");
	/* As the warning says. */
	publish(&b, "[net]\nserver=erp\nport=2\nomega=O\n[ui]\ntheme=a\n", 2);
	run(&b);
	cr_expect_eq(b.warned, 0, "%s", b.warning);
	expect_ini(&b, "[net]\nserver=S\xe3o\nport=2\nomega=O\n[ui]\ntheme=a\n",
	    "and the key comes");
	pair_close(&b.p);
}

Test(apply_merge, without_a_base_nothing_of_either_is_lost)
{
	char command[500];
	struct bench b;

	/* A station that was overwritten so far, by one that kept no base, and
	 * edited. */
	bench_open(&b, NULL);
	(void)snprintf(command, sizeof(command), "rm -r '%s/.erpsync/ini'",
	    b.p.client.path);
	cr_assert_eq(system(command), 0);
	edit(&b, EDITED);
	b.opt.ini_rules = "merge";
	run(&b);
	cr_expect_eq(b.p.outcome, OUTCOME_CURRENT);
	publish(&b, V2, 1);
	run(&b);
	expect_ini(&b,
	    "; mine\n[net]\nserver=here\nport=9\n[ui]\ntheme=a\nnew=1\n"
	    "last=me\n",
	    "the station wins what differs");
	cr_expect_eq(b.warned, 3, "%s", b.warning);
	pair_close(&b.p);
}

Test(apply_merge, a_base_is_found_while_the_file_is_the_release_s)
{
	struct bench b;

	bench_open(&b, NULL);
	b.opt.ini_rules = "merge";
	run(&b);
	cr_expect_eq(b.p.outcome, OUTCOME_CURRENT);
	edit(&b, EDITED);
	publish(&b, V2, 1);
	run(&b);
	expect_ini(&b, MERGED, "merged with its base");
	cr_expect_eq(b.warned, 0, "%s", b.warning);
	pair_close(&b.p);
}

Test(apply_merge, what_came_last_is_the_base_of_one_that_was_left_out)
{
	struct filter leave;
	struct bench b;

	bench_open(&b, NULL);
	run(&b);
	edit(&b, EDITED);
	filter_init(&leave);
	cr_assert_eq(filter_add(&leave, INI, NULL), 0);
	b.opt.filter = &leave;
	publish(&b, V1 "later=1\n", 1);
	run(&b);
	expect_ini(&b, EDITED, "left out");
	b.opt.filter = NULL;
	b.opt.ini_rules = "keep";
	b.opt.ini_yields = true;
	publish(&b, V2, 2);
	run(&b);
	expect_ini(&b, MERGED, "merged with what it was made of");
	cr_expect_eq(b.warned, 0, "%s", b.warning);
	filter_release(&leave);
	pair_close(&b.p);
}

Test(apply_merge, kept_files_only_come_where_there_is_none)
{
	struct bench b;

	bench_open(&b, "keep");
	edit(&b, EDITED);
	publish(&b, V2, 1);
	run(&b);
	expect_ini(&b, EDITED, "kept");
	cr_expect_eq(b.p.blob_bytes, 0);
	cr_expect_eq(verify(&b), 0, "%s", b.warning);
	cr_assert_eq(unlinkat(b.p.client.fd, INI, 0), 0);
	cr_expect_eq(verify(&b), 1);
	cr_expect_str_eq(b.warning, INI ": missing");
	run(&b);
	expect_ini(&b, V2, "it came back");
	pair_close(&b.p);
}

Test(apply_merge, what_is_no_ini_is_overwritten_and_told)
{
	struct bench b;

	bench_open(&b, "merge");
	tempdir_write(&b.p.client, INI, "[a]\0b", 5, -1);
	publish(&b, V2, 1);
	run(&b);
	expect_ini(&b, V2, "the release's");
	cr_expect_eq(b.warned, 1);
	cr_expect_not_null(strstr(b.warning, "cannot be merged"));
	pair_close(&b.p);
}

Test(apply_merge, rules_that_go_leave_nothing_behind)
{
	struct bench b;

	bench_open(&b, "merge");
	edit(&b, EDITED);
	cr_expect(tempdir_has(&b.p.client, ".erpsync/policy"));
	b.opt.ini_rules = NULL;
	run(&b);
	cr_expect_eq(b.p.outcome, OUTCOME_UPDATED);
	expect_ini(&b, V1, "overwritten again");
	cr_expect_not(tempdir_has(&b.p.client, ".erpsync/policy"));
	pair_close(&b.p);
}

Test(apply_merge, the_server_s_rules_are_for_who_has_none)
{
	struct bench b;

	bench_open(&b, NULL);
	(void)strlcpy(b.p.policy.ini.rules, "merge", TEXT_LONG);
	run(&b);
	edit(&b, EDITED);
	publish(&b, V2, 1);
	run(&b);
	expect_ini(&b, MERGED, "by the server's rule");
	b.opt.ini_rules = "overwrite";
	run(&b);
	expect_ini(&b, V2, "by its own");
	pair_close(&b.p);
}

Test(apply_merge, rules_that_cannot_be_end_it)
{
	struct bench b;

	bench_open(&b, NULL);
	(void)strlcpy(b.p.policy.ini.rules, "mix", TEXT_LONG);
	pair_run(&b.p, &b.opt);
	cr_expect_eq(b.p.rc, ERP_PROTO);
	cr_expect_not_null(
	    strstr(b.p.error, "the server's rules for INI files: mix is none"),
	    "%s", b.p.error);
	b.p.policy.ini.rules[0] = '\0';
	b.opt.ini_rules = "mix";
	pair_run(&b.p, &b.opt);
	cr_expect_eq(b.p.rc, ERP_USAGE);
	pair_close(&b.p);
}

/* Who passes a sealed release on is not to keep a part of it back. */
Test(apply_merge, a_station_that_asks_for_seals_hears_no_rules)
{
	const struct folder_options where = {
	    .fs = fs_real(), .clock = clock_real()};
	struct msg_welcome w = {.verdict = VERDICT_COMPATIBLE,
	    .manifest_len = 10,
	    .packed_len = 10,
	    .flags = WELCOME_INI,
	    .ini = {0, "keep"}};
	struct folder *f;
	struct station *s;
	struct bench b;
	struct buf out;
	struct err e;
	int i, rc;

	bench_open(&b, NULL);
	w.release.b[0] = 1;
	buf_init(&out, 4096);
	cr_assert_eq(preface_encode(FEATURE_INI, &out, &e), 0);
	cr_assert_eq(welcome_encode(&w, &out, &e), 0);
	for (i = 0; i < 2; i++) {
		cr_assert_eq(folder_open(b.p.client.path, &where, &f, &e), 0);
		b.opt.folder = f;
		cr_assert_eq(station_new(&b.opt, &s, &e), 0);
		s->asks_for_seal = i == 1;
		cr_assert_eq(station_input(s, buf_data(&out), out.len, &e), 0);
		while ((rc = station_step(s, &e)) == STATION_AGAIN)
			continue;
		cr_expect_eq(rc, i == 1 ? ERP_PROTO : STATION_IO, "%s", e.msg);
		if (i == 1)
			cr_expect_not_null(strstr(e.msg, "not asked for"));
		station_free(s);
		folder_close(f);
	}
	buf_release(&out);
	pair_close(&b.p);
}

Test(apply_merge, a_dry_run_changes_nothing)
{
	struct bench b;

	bench_open(&b, "merge");
	edit(&b, EDITED);
	publish(&b, V2, 1);
	b.opt.dry_run = true;
	run(&b);
	cr_expect_eq(b.p.changed_n, 1);
	expect_ini(&b, EDITED, "as it was");
	pair_close(&b.p);
}

Test(apply_merge, bases_of_older_releases_go)
{
	char text[100], command[500];
	struct bench b;
	int i;

	bench_open(&b, "merge");
	for (i = 1; i <= 6; i++) {
		(void)snprintf(text, sizeof(text), "%slast=%d\n", V1, i);
		publish(&b, text, i);
		run(&b);
	}
	/* The installed one, once more as what was brought last, and those of
	 * three backups. */
	(void)snprintf(command, sizeof(command),
	    "test \"$(ls '%s/.erpsync/ini' | wc -l)\" = 5", b.p.client.path);
	cr_expect_eq(system(command), 0);
	pair_close(&b.p);
}
