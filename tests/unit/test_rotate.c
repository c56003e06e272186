#include "engine/apply/rotate.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "tests/support/fs_fault.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Folders 001..003 with one letter each ('.' = none), before and after a
 * backup "n" is rotated in. */
static const struct {
	const char *before, *after;
} cases[] = {
    {"...", "n.."},
    {"a..", "an."},
    {"ab.", "abn"},
    {"abc", "bcn"},
    {".b.", "bn."},
    {"..c", "cn."},
    {"a.c", "acn"},
    {".bc", "bcn"},
};

static void
put_backup(struct tempdir *t, const char *where, char letter)
{
	char path[64], text[2] = {letter, '\0'};

	(void)snprintf(path, sizeof(path), "%s/.erpsync/backup", where);
	tempdir_text(t, path, "ERPBKUP1 and more", -1);
	(void)snprintf(path, sizeof(path), "%s/id", where);
	tempdir_text(t, path, text, -1);
}

static void
bench_open(struct tempdir *t, struct folder *f, const char *slots)
{
	char name[ROTATE_NAME_BYTES];
	int k;

	tempdir_open(t);
	tempdir_mkdir(t, ".erpsync");
	memset(f, 0, sizeof(*f));
	f->fs = fs_real();
	f->path = t->path;
	f->dir = t->fd;
	f->lock = -1;
	f->own = fs_open(f->fs, t->fd, ".erpsync", FS_DIRECTORY, 0);
	for (k = 1; k <= ROTATE_SLOTS; k++) {
		rotate_name(name, k);
		if (slots[k - 1] != '.')
			put_backup(t, name, slots[k - 1]);
	}
	put_backup(t, ".erpsync/bkp.0000000000000001", 'n');
}

static void
expect_slots(struct tempdir *t, const char *slots, const char *what)
{
	char path[64], text[2] = "";
	int k;

	for (k = 1; k <= ROTATE_SLOTS; k++) {
		(void)snprintf(path, sizeof(path), "bkp_remote.00%d", k);
		if (slots[k - 1] == '.') {
			cr_assert_not(tempdir_has(t, path), "%s", what);
			continue;
		}
		text[0] = slots[k - 1];
		(void)snprintf(path, sizeof(path), "bkp_remote.00%d/id", k);
		cr_assert(tempdir_is_text(t, path, text), "%s: %s is not %s",
		    what, path, text);
	}
}

static void
bench_close(struct tempdir *t, struct folder *f)
{
	fs_close_quietly(fs_real(), &f->own);
	tempdir_close(t);
}

Test(rotate, fills_upward_closes_holes_drops_the_oldest)
{
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	bool pushes;
	int number;
	size_t i;

	tx_names_of(1, &names);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bench_open(&t, &f, cases[i].before);
		cr_assert_eq(rotate_check(&f, &e), 0);
		number = rotate_next(&f, &pushes, &e);
		cr_assert_eq(cases[i].after[number - 1], 'n');
		cr_assert_eq(pushes, strchr(cases[i].before, '.') == NULL);
		cr_assert_eq(rotate_run(&f, &names, &e), 0, "%s", e.msg);
		expect_slots(&t, cases[i].after, cases[i].before);
		/* Once more changes nothing. */
		cr_assert_eq(rotate_run(&f, &names, &e), 0);
		expect_slots(&t, cases[i].after, cases[i].before);
		bench_close(&t, &f);
	}
}

Test(rotate, resumes_after_a_stop_anywhere)
{
	struct fs_fault fault;
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	uint64_t at;
	size_t i;
	bool fired;

	tx_names_of(1, &names);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (at = 1, fired = true; fired; at++) {
			bench_open(&t, &f, cases[i].before);
			fs_fault_init(&fault, fs_real());
			fs_fault_arm(&fault, FAULT_KILL, at, EIO);
			f.fs = &fault.fs;
			fired = rotate_run(&f, &names, &e) != 0;
			cr_assert_eq(fired, fault.fired);
			f.fs = fs_real();
			cr_assert_eq(
			    rotate_run(&f, &names, &e), 0, "%s", e.msg);
			expect_slots(&t, cases[i].after, cases[i].before);
			bench_close(&t, &f);
		}
	}
}

Test(rotate, newest)
{
	struct tempdir t;
	struct folder f;
	struct err e;

	bench_open(&t, &f, "ab.");
	cr_assert_eq(rotate_newest(&f, &e), 2);
	tempdir_mkdir(&t, "bkp_remote.003");
	cr_assert_eq(rotate_newest(&f, &e), 2, "003 has no record");
	bench_close(&t, &f);
	bench_open(&t, &f, "a..");
	cr_assert_eq(rotate_newest(&f, &e), 1);
	tempdir_mkdir(&t, "bkp_remote.002");
	cr_assert_eq(rotate_newest(&f, &e), 1, "002 has no record");
	bench_close(&t, &f);
	bench_open(&t, &f, "...");
	tempdir_mkdir(&t, "bkp_remote.001");
	cr_assert_eq(rotate_newest(&f, &e), 1);
	bench_close(&t, &f);
	bench_open(&t, &f, "...");
	tempdir_mkdir(&t, "bkp_remote.001");
	tempdir_mkdir(&t, "bkp_remote.002");
	cr_assert_eq(rotate_newest(&f, &e), 2, "nor has any");
	bench_close(&t, &f);
	bench_open(&t, &f, "...");
	cr_assert_eq(rotate_newest(&f, &e), ERP_NOTFOUND);
	bench_close(&t, &f);
}

/* As POSIX has it: what comes into another folder has a name in it changed. */
static int
rename_needs_right(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	struct fs_stat st;

	cr_assert_eq(fs_stat(fs_real(), from_dir, from, &st), 0);
	return st.type == FS_DIR && from_dir != to_dir && !(st.mode & 0200)
	    ? -EACCES
	    : fs_real()->ops->rename(ctx, from_dir, from, to_dir, to, replace);
}

Test(rotate, a_backup_that_was_made_read_only_goes_like_any)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs fs = {&ops, NULL};
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	char path[300];
	int k;

	ops.rename = rename_needs_right;
	tx_names_of(1, &names);
	for (k = 0; k < 2; k++) {
		bench_open(&t, &f, "abc");
		f.fs = &fs;
		f.keep_trash = k == 1;
		(void)snprintf(path, sizeof(path), "%s/bkp_remote.001", t.path);
		cr_assert_eq(chmod(path, 0555), 0);
		cr_assert_eq(rotate_run(&f, &names, &e), 0, "%s", e.msg);
		expect_slots(&t, "bcn", "read-only");
		bench_close(&t, &f);
	}
}

/* As the ERP's own updater leaves them: folders without a record. */
Test(rotate, backups_of_others_are_taken_over)
{
	static const char *const which[] = {"a..", ".b.", "a.c", "abc"};
	static const char *const after[] = {"an.", "bn.", "acn", "bcn"};
	char name[ROTATE_NAME_BYTES], path[64], text[2] = "";
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	size_t i;
	int k;

	tx_names_of(1, &names);
	for (i = 0; i < sizeof(which) / sizeof(which[0]); i++) {
		bench_open(&t, &f, "...");
		for (k = 1; k <= ROTATE_SLOTS; k++) {
			rotate_name(name, k);
			(void)snprintf(path, sizeof(path), "%s/id", name);
			text[0] = which[i][k - 1];
			if (text[0] != '.')
				tempdir_text(&t, path, text, -1);
		}
		cr_assert_eq(rotate_check(&f, &e), 0);
		cr_assert_eq(rotate_run(&f, &names, &e), 0, "%s", e.msg);
		expect_slots(&t, after[i], which[i]);
		bench_close(&t, &f);
	}
}

Test(rotate, what_is_no_folder_is_in_the_way)
{
	struct tempdir t;
	struct folder f;
	struct err e;

	bench_open(&t, &f, "a..");
	tempdir_text(&t, "bkp_remote.003", "a file", -1);
	cr_assert_eq(rotate_check(&f, &e), ERP_BLOCKED);
	bench_close(&t, &f);
}

/* As a stop leaves them where folders cannot be renamed. */
Test(rotate, what_is_left_of_a_backup_has_no_number)
{
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	int k;

	tx_names_of(1, &names);
	bench_open(&t, &f, "...");
	tempdir_mkdir(&t, "bkp_remote.001");
	tempdir_mkdir(&t, "bkp_remote.003/.erpsync");
	cr_assert_eq(rotate_run(&f, &names, &e), 0, "%s", e.msg);
	expect_slots(&t, "n..", "remainders");
	bench_close(&t, &f);
	/* One file more is somebody's. */
	bench_open(&t, &f, "...");
	for (k = 1; k <= 2; k++)
		tempdir_text(&t,
		    k == 1 ? "bkp_remote.001/id" : "bkp_remote.002/id",
		    k == 1 ? "a" : "b", -1);
	cr_assert_eq(rotate_run(&f, &names, &e), 0, "%s", e.msg);
	expect_slots(&t, "abn", "of others");
	bench_close(&t, &f);
}

/* What the update did to files of one letter: replaced, '-' before it:
 * removed, '+': wrote the same again, '*': added, '!': left. */
static void
put_edits(struct backup *b, const char *edits)
{
	struct backup_entry *had, *did;
	char how = '=';

	for (; *edits != '\0'; edits++) {
		if (strchr("+-*!", *edits) != NULL) {
			how = *edits;
			continue;
		}
		if (how != '!') {
			did = backup_list_add(
			    &b->written, (char[]){*edits, '\0'});
			cr_assert_not_null(did);
			did->content.known = true;
			did->content.hash.b[0] = how == '=' ? 2 : 1;
			did->gone = how == '-';
			did->added = how == '*';
		}
		if (how != '*') {
			had =
			    backup_list_add(&b->files, (char[]){*edits, '\0'});
			cr_assert_not_null(had);
			had->content.known = true;
			had->content.hash.b[0] = 1;
		}
		how = '=';
	}
}

/* A backup with a real record.  A digit is one of that release; "n" and
 * upper-case letters are of a repair: of release 9, and of 1 for A ...  It is
 * of other times alone, unless its edits begin with '='. */
static void
put_edited(struct tempdir *t, const char *where, uint64_t id, char letter,
    const char *edits)
{
	bool upper = letter >= 'A' && letter <= 'Z';
	char path[96];
	struct backup b;
	struct buf out;
	struct err e;

	put_backup(t, where, letter);
	backup_init(&b);
	b.id = id;
	b.has_from = upper || letter == 'n' || (letter > '0' && letter <= '9');
	b.repair = upper || letter == 'n';
	b.from.b[0] = (uint8_t)(upper ? letter - 'A' + 1
		: b.repair            ? 9
		: b.has_from          ? letter - '0'
				      : 0);
	if (*edits == '=') {
		b.to = b.from;
		edits++;
	}
	put_edits(&b, edits);
	buf_init(&out, 4096);
	cr_assert_eq(backup_encode(&b, &out, &e), 0);
	(void)snprintf(path, sizeof(path), "%s/.erpsync/backup", where);
	tempdir_write(t, path, buf_data(&out), out.len, -1);
	buf_release(&out);
	backup_release(&b);
}

static void
put_record(struct tempdir *t, const char *where, uint64_t id, char letter)
{
	put_edited(t, where, id, letter, "");
}

/* As an update (backup "n", 1) and its rollback ("r", 2) left the numbers. */
static void
bench_refused(struct tempdir *t, struct folder *f, const char *slots)
{
	char name[ROTATE_NAME_BYTES];
	struct err e;
	int k;

	bench_open(t, f, "...");
	cr_assert_eq(tree_remove(f->fs, f->own, "bkp.0000000000000001", &e), 0);
	for (k = 1; k <= ROTATE_SLOTS; k++) {
		char c = slots[k - 1];

		rotate_name(name, k);
		if (c != '.')
			put_record(t, name, c == 'n' ? 1 : c == 'r' ? 2 : 9, c);
	}
}

/* What an update (backup "n", 1) and its rollback ("r", 2) made of abc, and
 * what they threw away: that comes back in its order. */
Test(rotate, an_update_taken_back_leaves_the_backups_as_they_were)
{
	static const struct {
		const char *slots, *first, *second, *after;
	} rows[] = {
	    {"cnr", "a", "b", "abc"},
	    {"bnr", NULL, "a", "ab."},
	    {"anr", NULL, NULL, "a.."},
	    {"nr.", NULL, NULL, "..."},
	    /* The rollback did not get that far. */
	    {"bcn", "a", NULL, "abc"},
	    /* Somebody put others there meanwhile. */
	    {"bcd", "a", NULL, "bcd"},
	    {"cd.", "a", "b", "bcd"},
	};
	struct tempdir t;
	struct folder f;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bench_refused(&t, &f, rows[i].slots);
		if (rows[i].first != NULL)
			put_record(&t, ".erpsync/trash.0000000000000001", 9,
			    rows[i].first[0]);
		if (rows[i].second != NULL)
			put_record(&t, ".erpsync/trash.0000000000000002", 9,
			    rows[i].second[0]);
		cr_assert_eq(rotate_unwind(&f, 1, 2, &e), 0, "%s", e.msg);
		expect_slots(&t, rows[i].after, rows[i].slots);
		bench_close(&t, &f);
	}
}

/* What made room for a repair comes back to its place, or to none. */
Test(rotate, what_made_room_for_a_repair_comes_back_to_its_place)
{
	static const struct {
		const char *slots;
		int number; /* of "R", which the update moved */
		int own; /* where the rollback moved the update's "n" from */
		const char *after;
	} rows[] = {
	    {"acr", 2, 3, "aRc"},
	    {"ac.", 2, 3, "aRc"},
	    {"abr", 3, 3, "abR"},
	    {"bcr", 1, 3, "Rbc"},
	    {"ar.", 2, 2, "aR."},
	    {"a.r", 3, 0, "aR."},
	    {"abr", ROTATE_REPAIRED, ROTATE_REPAIRED, "ab."},
	    {"nr.", ROTATE_REPAIRED, 0, "..."},
	};
	char trash[ROTATE_TRASH_BYTES], path[64];
	struct tx_names names[2];
	struct tempdir t;
	struct folder f;
	struct err e;
	size_t i;

	tx_names_of(1, &names[0]);
	tx_names_of(2, &names[1]);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bench_refused(&t, &f, rows[i].slots);
		rotate_trash(trash, &names[0], rows[i].number);
		(void)snprintf(path, sizeof(path), ".erpsync/%s", trash);
		put_record(&t, path, 9, 'R');
		if (rows[i].own != 0) {
			rotate_trash(trash, &names[1], rows[i].own);
			(void)snprintf(
			    path, sizeof(path), ".erpsync/%s", trash);
			put_record(&t, path, 1, 'n');
		}
		cr_assert_eq(rotate_unwind(&f, 1, 2, &e), 0, "%s", e.msg);
		expect_slots(&t, rows[i].after, rows[i].slots);
		cr_expect_eq(tempdir_is_text(&t, ".erpsync/repaired/id", "R"),
		    rows[i].number == ROTATE_REPAIRED, "row %zu", i);
		bench_close(&t, &f);
	}
}

/* A repair of release 9 ("n"; "I" is an earlier one's) with these backups. */
static const struct {
	const char *before, *after;
	bool apart;
} repairs[] = {
    {"...", "n..", false},
    {"1..", "1n.", false},
    {"1I.", "1n.", false},
    {"12I", "12n", false},
    {"1.I", "1n.", false},
    /* Not the newest, or of another release. */
    {"1I2", "12n", false},
    {"1A.", "1An", false},
    /* No number is free: what is there twice, or is installed, goes. */
    {"121", "21n", false},
    {"192", "12n", false},
    {"1Bx", "1Bx", true},
    {"123", "123", true},
    {"xyz", "xyz", true},
};

static void
repair_open(struct tempdir *t, struct folder *f, const char *slots)
{
	char name[ROTATE_NAME_BYTES];
	int k;

	bench_open(t, f, "...");
	tempdir_mkdir(t, ".erpsync/tmp.0000000000000001/bkp_remote");
	for (k = 1; k <= ROTATE_SLOTS; k++) {
		rotate_name(name, k);
		if (slots[k - 1] != '.')
			put_record(t, name, 7, slots[k - 1]);
	}
	put_record(t, ".erpsync/bkp.0000000000000001", 1, 'n');
	/* Of the repair before. */
	put_record(t, ".erpsync/repaired", 6, 'I');
}

static void
expect_repair(struct tempdir *t, size_t i)
{
	expect_slots(t, repairs[i].after, repairs[i].before);
	cr_assert_eq(tempdir_has(t, ".erpsync/repaired"), repairs[i].apart);
	cr_assert(!repairs[i].apart ||
	    tempdir_is_text(t, ".erpsync/repaired/id", "n"));
	cr_assert_not(tempdir_has(t, ".erpsync/bkp.0000000000000001"));
}

/* Who cannot look at a backup takes no other one for it. */
Test(rotate, a_repair_that_cannot_look_moves_nothing_else)
{
	struct fs_fault fault;
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	uint64_t at;
	size_t i;
	int rc;

	tx_names_of(1, &names);
	for (i = 0; i < sizeof(repairs) / sizeof(repairs[0]); i += 3)
		for (at = 1, fault.fired = true; fault.fired; at++) {
			repair_open(&t, &f, repairs[i].before);
			fs_fault_init(&fault, fs_real());
			fault.looks = true;
			fs_fault_arm(&fault, FAULT_ONCE, at, EIO);
			f.fs = &fault.fs;
			rc = rotate_run(&f, &names, &e);
			f.fs = fs_real();
			if (rc != 0)
				cr_assert_eq(
				    rotate_run(&f, &names, &e), 0, "%s", e.msg);
			expect_repair(&t, i);
			bench_close(&t, &f);
		}
}

Test(rotate, a_repair_never_costs_the_last_backup_of_a_release)
{
	struct fs_fault fault;
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	uint64_t at;
	size_t i;
	bool fired;

	tx_names_of(1, &names);
	for (i = 0; i < sizeof(repairs) / sizeof(repairs[0]); i++)
		for (at = 0, fired = true; fired; at++) {
			repair_open(&t, &f, repairs[i].before);
			fs_fault_init(&fault, fs_real());
			if (at > 0) {
				fs_fault_arm(&fault, FAULT_KILL, at, EIO);
				f.fs = &fault.fs;
			}
			fired = rotate_run(&f, &names, &e) != 0 || at == 0;
			cr_assert(at > 0 || !fault.fired, "%s", e.msg);
			f.fs = fs_real();
			cr_assert_eq(
			    rotate_run(&f, &names, &e), 0, "%s", e.msg);
			expect_repair(&t, i);
			bench_close(&t, &f);
		}
}

/* One call that fails is told, or made up for; it is not taken for an answer.
 */
Test(rotate, a_repair_goes_on_after_a_failure_anywhere)
{
	char name[ROTATE_NAME_BYTES];
	struct fs_fault fault;
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	uint64_t at;
	size_t i;
	bool fired;

	rotate_name(name, ROTATE_REPAIRED);
	cr_assert_str_eq(name, ".erpsync/repaired");
	tx_names_of(1, &names);
	for (i = 0; i < sizeof(repairs) / sizeof(repairs[0]); i++)
		for (at = 1, fired = true; fired; at++) {
			repair_open(&t, &f, repairs[i].before);
			fs_fault_init(&fault, fs_real());
			fault.looks = true;
			fs_fault_arm(&fault, FAULT_ONCE, at, EIO);
			f.fs = &fault.fs;
			(void)rotate_run(&f, &names, &e);
			fired = fault.fired;
			f.fs = fs_real();
			cr_assert_eq(
			    rotate_run(&f, &names, &e), 0, "%s", e.msg);
			expect_repair(&t, i);
			bench_close(&t, &f);
		}
}

/* Nor an edit, but for another one of the same file; and what other times took
 * away is not put apart, where the next one would drop it. */
Test(rotate, an_edit_goes_for_another_edit_of_its_file)
{
	static const struct {
		const char *before, *edits[4], *after; /* the last is n's */
		bool apart;
	} rows[] = {
	    {"1I.", {"", "a", "", ""}, "1In", false},
	    {"1I.", {"", "a", "", "a"}, "1n.", false},
	    {"1I.", {"", "a", "", "ab"}, "1n.", false},
	    {"1I.", {"", "ab", "", "a"}, "1In", false},
	    {"1I.", {"", "a", "", "=a"}, "1n.", false},
	    {"1I.", {"", "=a", "", "=b"}, "1In", false},
	    {"1I.", {"", "+a", "", ""}, "1n.", false},
	    {"1I.", {"", "-a", "", ""}, "1In", false},
	    {"1I.", {"", "a", "", "+a"}, "1In", false},
	    {"1I.", {"", "a", "", "!a"}, "1In", false},
	    {"1I.", {"", "!a", "", ""}, "1n.", false},
	    {"12I", {"", "", "a", ""}, "12I", true},
	    {"12I", {"", "", "a", "=b"}, "12I", true},
	    {"12I", {"", "", "a", "b"}, "2In", false},
	    {"12I", {"", "", "a", "a"}, "12n", false},
	    {"192", {"", "a", "", ""}, "192", true},
	    {"192", {"", "a", "", "a"}, "12n", false},
	    {"121", {"a", "", "", ""}, "12n", false},
	    {"121", {"a", "", "b", ""}, "121", true},
	    {"123", {"a", "a", "a", "=a"}, "123", true},
	    {"123", {"", "", "", "a"}, "23n", false},
	    {"123", {"", "", "", "+a"}, "123", true},
	    /* What only added has nothing worth a number. */
	    {"...", {"", "", "", "=*a"}, "...", true},
	    {"1I.", {"", "", "", "=*a*b"}, "1I.", true},
	    {"1..", {"", "", "", "*a*b"}, "1..", true},
	    {"1..", {"", "", "", "=*ab"}, "1n.", false},
	    {"1..", {"", "", "", "=a*b"}, "1n.", false},
	    {"1..", {"", "", "", "=-a*b"}, "1n.", false},
	};
	static const char *const put = ".erpsync/bkp.0000000000000001";
	char name[ROTATE_NAME_BYTES];
	struct tx_names names;
	struct fs_fault fault;
	struct tempdir t;
	struct folder f;
	struct err e;
	uint64_t at;
	size_t i;
	bool fired;
	int k;

	tx_names_of(1, &names);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (at = 0, fired = true; fired; at++) {
			repair_open(&t, &f, rows[i].before);
			for (k = 1; k <= ROTATE_SLOTS; k++) {
				rotate_name(name, k);
				if (rows[i].before[k - 1] != '.')
					put_edited(&t, name, 7,
					    rows[i].before[k - 1],
					    rows[i].edits[k - 1]);
			}
			put_edited(&t, put, 1, 'n', rows[i].edits[3]);
			fs_fault_init(&fault, fs_real());
			if (at > 0) {
				fs_fault_arm(&fault, FAULT_KILL, at, EIO);
				f.fs = &fault.fs;
			}
			fired = rotate_run(&f, &names, &e) != 0 || at == 0;
			f.fs = fs_real();
			cr_assert_eq(
			    rotate_run(&f, &names, &e), 0, "%s", e.msg);
			expect_slots(&t, rows[i].after, rows[i].before);
			cr_assert_eq(tempdir_has(&t, ".erpsync/repaired"),
			    rows[i].apart, "%zu", i);
			bench_close(&t, &f);
		}
}

Test(rotate, what_a_repair_left_apart_goes_with_the_next_update)
{
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;

	tx_names_of(1, &names);
	bench_open(&t, &f, "abc");
	put_record(&t, ".erpsync/repaired", 6, 'I');
	cr_assert_eq(rotate_run(&f, &names, &e), 0, "%s", e.msg);
	expect_slots(&t, "bcn", "the next update");
	cr_assert_not(tempdir_has(&t, ".erpsync/repaired"));
	bench_close(&t, &f);
}

/* An update drops a repair of a release that is there twice, not the oldest. */
Test(rotate, a_repair_goes_before_the_oldest)
{
	static const char *const before[] = {"2A1", "A12", "123", "2A3"};
	static const char *const after[] = {"215", "125", "235", "A35"};
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	size_t i;

	tx_names_of(1, &names);
	for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		repair_open(&t, &f, before[i]);
		cr_assert_eq(
		    tree_remove(f.fs, f.own, "bkp.0000000000000001", &e), 0);
		put_record(&t, ".erpsync/bkp.0000000000000001", 1, '5');
		cr_assert_eq(rotate_run(&f, &names, &e), 0, "%s", e.msg);
		expect_slots(&t, after[i], before[i]);
		bench_close(&t, &f);
	}
}

/* But not what other times alone took away; what a repair put right does. */
Test(rotate, an_edit_does_not_go_before_the_oldest)
{
	static const char *const edits[] = {"a", "=a", "+a"};
	static const char *const after[] = {"A15", "215", "215"};
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	size_t i;

	tx_names_of(1, &names);
	for (i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		repair_open(&t, &f, "2A1");
		put_edited(&t, "bkp_remote.002", 7, 'A', edits[i]);
		cr_assert_eq(
		    tree_remove(f.fs, f.own, "bkp.0000000000000001", &e), 0);
		put_record(&t, ".erpsync/bkp.0000000000000001", 1, '5');
		cr_assert_eq(rotate_run(&f, &names, &e), 0, "%s", e.msg);
		expect_slots(&t, after[i], edits[i]);
		bench_close(&t, &f);
	}
}

static size_t most_read; /* by one call */

static int64_t
front_alone(void *ctx, int fd, void *p, size_t n, uint64_t off)
{
	most_read = n > most_read ? n : most_read;
	return fs_real()->ops->pread(ctx, fd, p, n, off);
}

/* Records and states are as large as manifests: only where a backup is of a
 * repair are they of use.  A folder in the place of a state would end the
 * rotation. */
Test(rotate, without_a_repair_no_state_is_read)
{
	struct fs_ops ops;
	const struct fs fs = {&ops, NULL};
	static const char *const states[] = {"bkp_remote.001/.erpsync/state",
	    "bkp_remote.002/.erpsync/state", "bkp_remote.003/.erpsync/state"};
	struct tx_names names;
	struct tempdir t;
	struct folder f;
	struct err e;
	size_t i;

	tx_names_of(1, &names);
	repair_open(&t, &f, "123");
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		tempdir_mkdir(&t, states[i]);
	cr_assert_eq(tree_remove(f.fs, f.own, "bkp.0000000000000001", &e), 0);
	put_record(&t, ".erpsync/bkp.0000000000000001", 1, '5');
	ops = *fs_real()->ops;
	ops.pread = front_alone;
	f.fs = &fs;
	cr_assert_eq(rotate_run(&f, &names, &e), 0, "%s", e.msg);
	cr_expect_leq(most_read, 64);
	expect_slots(&t, "235", "no state");
	bench_close(&t, &f);
}
