#include "engine/apply/spare.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "tests/support/fs_fault.h"
#include "tests/support/tempdir.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TRASH ".erpsync/trash.0000000000000009"
#define SPARE ".erpsync/spare"
#define BKP ".erpsync/bkp.000000000000000a"

/* A client, and the backup of it that has just fallen out. */
struct bench {
	struct tempdir t;
	struct fs_fault fault;
	struct folder f;
	struct backup_list files; /* of the next backup */
};

/* In the backup as another name of what is live. */
static void
share(struct bench *b, const char *path)
{
	char to[OWN_PATH_BYTES];

	cr_assert_eq(own_join(to, TRASH, path, NULL), 0);
	cr_assert_eq(
	    fs_link(fs_real(), b->t.fd, path, b->t.fd, to), 0, "%s", path);
}

static void
bench_open(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	tempdir_open(&b->t);
	tempdir_text(&b->t, "prog", "program", 1000);
	tempdir_text(&b->t, "lib/a", "library", 1000);
	tempdir_text(&b->t, "lib/deep/b", "another", 1000);
	tempdir_mkdir(&b->t, TRASH "/lib/deep");
	tempdir_mkdir(&b->t, TRASH "/empty");
	tempdir_text(&b->t, TRASH "/notes", "a copy", 1000);
	tempdir_text(&b->t, TRASH "/.erpsync/backup", "its record", 1000);
	tempdir_symlink(&b->t, "prog", TRASH "/link");
	share(b, "prog");
	share(b, "lib/a");
	share(b, "lib/deep/b");
	tempdir_chmod(&b->t, TRASH "/lib", 0500);
	fs_fault_init(&b->fault, fs_real());
	b->f.fs = &b->fault.fs;
	b->f.path = b->t.path;
	b->f.dir = b->t.fd;
	b->f.own = fs_open(fs_real(), b->t.fd, ".erpsync", FS_DIRECTORY, 0);
	b->f.lock = -1;
	cr_assert_geq(b->f.own, 0);
}

static void
bench_close(struct bench *b)
{
	backup_list_release(&b->files);
	fs_close_quietly(fs_real(), &b->f.own);
	tempdir_close(&b->t);
}

static bool
keep(struct bench *b)
{
	return spare_keep(&b->f, strrchr(TRASH, '/') + 1);
}

static bool
use(struct bench *b)
{
	backup_list_sort(&b->files);
	return spare_use(&b->f, &b->files, strrchr(BKP, '/') + 1);
}

/* What the next backup is to have at path; of a file that shares the live one
 * all that is known of this. */
static struct backup_entry *
want(struct bench *b, const char *path, enum fs_type type, enum backup_how how)
{
	struct backup_entry *x = backup_list_add(&b->files, path);
	struct fs_stat st;

	cr_assert_not_null(x);
	x->type = type;
	x->how = how;
	if (type != FS_FILE)
		return x;
	cr_assert_eq(fs_stat(fs_real(), b->t.fd, path, &st), 0, "%s", path);
	x->ino = st.ino;
	x->mtime = st.mtime;
	x->content.size = st.size;
	return x;
}

static bool
is_there(const struct bench *b, const char *path)
{
	const struct backup_entry *x = backup_list_find(&b->files, path);

	cr_assert_not_null(x, "%s", path);
	return x->there;
}

Test(spare, has_the_names_whose_files_have_others)
{
	struct bench b;

	bench_open(&b);
	cr_assert(keep(&b));
	cr_expect_not(tempdir_has(&b.t, TRASH));
	cr_expect(tempdir_is_text(&b.t, SPARE "/prog", "program"));
	cr_expect(tempdir_is_text(&b.t, SPARE "/lib/a", "library"));
	cr_expect(tempdir_is_text(&b.t, SPARE "/lib/deep/b", "another"));
	cr_expect_not(tempdir_has(&b.t, SPARE "/notes"), "no content");
	cr_expect_not(tempdir_has(&b.t, SPARE "/link"));
	cr_expect_not(tempdir_has(&b.t, SPARE "/.erpsync"), "no backup");
	bench_close(&b);
}

Test(spare, is_not_made_twice_or_of_nothing)
{
	struct bench b;

	bench_open(&b);
	tempdir_mkdir(&b.t, SPARE);
	cr_expect_not(keep(&b), "there is one");
	cr_expect(tempdir_has(&b.t, TRASH "/prog"));
	cr_expect(spare_drop(&b.f));
	cr_expect_not(tempdir_has(&b.t, SPARE));
	cr_expect_not(spare_drop(&b.f), "there was none");
	/* A disk without links, or one that shares blocks: all are copies. */
	tempdir_text(&b.t, TRASH "/new", "a copy", 1000);
	cr_expect_eq(tree_remove(fs_real(), b.t.fd, TRASH "/lib", NULL), 0);
	cr_expect_eq(tree_remove(fs_real(), b.t.fd, TRASH "/prog", NULL), 0);
	cr_expect_not(keep(&b));
	cr_expect_not(tempdir_has(&b.t, SPARE));
	cr_expect(tempdir_has(&b.t, TRASH), "left to who collects garbage");
	/* No folder at all. */
	cr_expect_eq(tree_remove(fs_real(), b.t.fd, TRASH, NULL), 0);
	tempdir_text(&b.t, TRASH, "not a backup", 1000);
	cr_expect_not(keep(&b));
	cr_expect(tempdir_has(&b.t, TRASH));
	bench_close(&b);
}

Test(spare, becomes_the_next_backup)
{
	struct bench b;
	struct fs_stat st;

	bench_open(&b);
	cr_assert(keep(&b));
	want(&b, "prog", FS_FILE, BACKUP_SHARE);
	want(&b, "lib", FS_DIR, BACKUP_COPY);
	want(&b, "lib/a", FS_FILE, BACKUP_AGAIN)->again =
	    want(&b, "lib/a", FS_FILE, BACKUP_SHARE)->ino;
	backup_list_drop(&b.files, b.files.n - 1);
	want(&b, "lib/deep", FS_DIR, BACKUP_COPY);
	want(&b, "lib/deep/b", FS_FILE, BACKUP_SHARE);
	cr_assert(use(&b));
	cr_expect_not(tempdir_has(&b.t, SPARE));
	cr_expect(is_there(&b, "prog"));
	cr_expect(is_there(&b, "lib"));
	cr_expect(is_there(&b, "lib/a"));
	cr_expect(is_there(&b, "lib/deep"));
	cr_expect(is_there(&b, "lib/deep/b"));
	cr_expect(tempdir_is_text(&b.t, BKP "/prog", "program"));
	cr_expect(tempdir_is_text(&b.t, BKP "/lib/a", "library"));
	cr_expect(tempdir_is_text(&b.t, BKP "/lib/deep/b", "another"));
	cr_expect_not(tempdir_has(&b.t, BKP "/empty"), "in no list");
	cr_expect_eq(fs_stat(fs_real(), b.t.fd, BKP "/lib", &st), 0);
	cr_expect_eq(st.mode & 0700, 0700, "what is new can be put into it");
	bench_close(&b);
}

Test(spare, nothing_stays_that_is_another_file)
{
	struct bench b;

	bench_open(&b);
	cr_assert(keep(&b));
	/* Each is in the spare; none as the next backup is to have it. */
	want(&b, "prog", FS_FILE, BACKUP_COPY);
	want(&b, "lib", FS_DIR, BACKUP_COPY);
	want(&b, "lib/a", FS_FILE, BACKUP_SHARE)->ino++;
	want(&b, "lib/deep", FS_SYMLINK, BACKUP_COPY);
	want(&b, "empty", FS_SYMLINK, BACKUP_COPY);
	cr_assert(use(&b));
	cr_expect(is_there(&b, "lib"));
	cr_expect_not(is_there(&b, "prog"));
	cr_expect_not(is_there(&b, "lib/a"));
	cr_expect_not(is_there(&b, "lib/deep"));
	cr_expect_not(is_there(&b, "empty"));
	cr_expect_not(tempdir_has(&b.t, BKP "/prog"));
	cr_expect_not(tempdir_has(&b.t, BKP "/lib/a"));
	cr_expect_not(tempdir_has(&b.t, BKP "/lib/deep"));
	cr_expect_not(tempdir_has(&b.t, BKP "/empty"));
	bench_close(&b);
}

/* An inode that was written to, or given another time, is not what was listed.
 */
Test(spare, a_file_that_changed_since_it_was_listed_does_not_stay)
{
	struct bench b;

	bench_open(&b);
	cr_assert(keep(&b));
	want(&b, "prog", FS_FILE, BACKUP_SHARE)->content.size++;
	want(&b, "lib", FS_DIR, BACKUP_COPY);
	want(&b, "lib/a", FS_FILE, BACKUP_SHARE)->mtime.ns++;
	cr_assert(use(&b));
	cr_expect_not(is_there(&b, "prog"));
	cr_expect_not(is_there(&b, "lib/a"));
	cr_expect_not(tempdir_has(&b.t, BKP "/prog"));
	cr_expect_not(tempdir_has(&b.t, BKP "/lib/a"));
	bench_close(&b);
}

/* The last name of a file is no link of the live one any more, whatever its
 * number. */
Test(spare, a_last_name_does_not_stay)
{
	struct bench b;

	bench_open(&b);
	cr_assert(keep(&b));
	want(&b, "prog", FS_FILE, BACKUP_SHARE);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "prog"), 0);
	cr_assert(use(&b));
	cr_expect_not(is_there(&b, "prog"));
	cr_expect_not(tempdir_has(&b.t, BKP "/prog"));
	bench_close(&b);
}

/* Each call fails once: there is the whole of it, or nothing. */
Test(spare, is_only_a_help)
{
	struct bench b;
	uint64_t at = 0;
	bool used;

	do {
		bench_open(&b);
		cr_assert(keep(&b));
		want(&b, "prog", FS_FILE, BACKUP_SHARE);
		want(&b, "lib", FS_DIR, BACKUP_COPY);
		want(&b, "lib/a", FS_FILE, BACKUP_SHARE)->ino++;
		b.fault.looks = true;
		fs_fault_arm(&b.fault, FAULT_ONCE, ++at, EACCES);
		used = use(&b);
		cr_expect_eq(used, tempdir_has(&b.t, BKP), "call %d", (int)at);
		cr_expect_eq(used, is_there(&b, "prog"), "call %d", (int)at);
		cr_expect_eq(used, is_there(&b, "lib"), "call %d", (int)at);
		cr_expect_not(used && tempdir_has(&b.t, BKP "/lib/a"));
		cr_expect_not(used && tempdir_has(&b.t, BKP "/lib/deep"));
		/* Who removes garbage finds it, and says if it stays. */
		cr_expect(
		    used || at == b.fault.calls || !tempdir_has(&b.t, SPARE),
		    "call %d", (int)at);
		cr_expect(tempdir_is_text(&b.t, "prog", "program"));
		used = b.fault.fired;
		bench_close(&b);
	} while (used);
	cr_expect_gt(at, 10);
}

Test(spare, of_no_use_it_is_garbage_and_not_kept_again)
{
	struct bench b;

	bench_open(&b);
	cr_assert(keep(&b));
	tempdir_text(&b.t, BKP, "in its way", -1);
	want(&b, "prog", FS_FILE, BACKUP_SHARE);
	cr_expect_not(use(&b));
	cr_expect_not(is_there(&b, "prog"));
	cr_expect_not(tempdir_has(&b.t, SPARE));
	cr_expect(tempdir_has(&b.t, ".erpsync/trash.spare/prog"));
	cr_expect_not(spare_keep(&b.f, "trash.spare"));
	bench_close(&b);
}

/* Deeper than a backup is, as somebody may have made it since. */
Test(spare, nothing_too_deep_is_gone_into)
{
	char deep[OWN_PATH_BYTES] = TRASH;
	struct bench b;
	int i;

	bench_open(&b);
	for (i = 0; i < RAW_PATH_DEPTH; i++)
		(void)strlcat(deep, "/d", sizeof(deep));
	tempdir_mkdir(&b.t, deep);
	cr_assert(keep(&b), "as deep as may be");
	cr_assert_eq(
	    fs_rename(fs_real(), b.t.fd, SPARE, b.t.fd, TRASH, false), 0);
	(void)strlcat(deep, "/d", sizeof(deep));
	tempdir_mkdir(&b.t, deep);
	cr_expect_not(keep(&b));
	bench_close(&b);
}

/* Nor a name that is too long for a backup. */
Test(spare, nothing_too_long_is_gone_into)
{
	enum { NAME = 250 };
	char path[OWN_PATH_BYTES + 2 * NAME] = TRASH;
	struct bench b;
	size_t end = strlen(path);

	bench_open(&b);
	while (end < OWN_PATH_BYTES) {
		path[end] = '/';
		memset(path + end + 1, 'd', NAME);
		end += 1 + NAME;
		path[end] = '\0';
		cr_assert_eq(fs_mkdir(fs_real(), b.t.fd, path, 0700), 0);
	}
	cr_expect_not(keep(&b));
	cr_assert_eq(fs_rmdir(fs_real(), b.t.fd, path), 0);
	cr_expect(keep(&b));
	bench_close(&b);
}

/* A member of the folder's group may have put his own there. */
Test(spare, folders_are_this_users_alone)
{
	struct bench b;
	struct fs_stat st;
	int fd;

	bench_open(&b);
	cr_assert(keep(&b));
	want(&b, "lib", FS_DIR, BACKUP_COPY);
	want(&b, "lib/deep", FS_DIR, BACKUP_COPY);
	tempdir_chmod(&b.t, SPARE "/lib", 02777);
	fd = fs_open(fs_real(), b.t.fd, SPARE "/lib/deep", FS_DIRECTORY, 0);
	/* Only root can make one of another's. */
	cr_expect(
	    fs_fchown(fs_real(), fd, 65534, FS_AS_IT_IS) == 0 || getuid() != 0);
	cr_assert_eq(fs_close(fs_real(), fd), 0);
	cr_assert(use(&b));
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, BKP "/lib", &st), 0);
	cr_expect_eq(st.mode, 02700);
	cr_assert_eq(fs_stat(fs_real(), b.t.fd, BKP "/lib/deep", &st), 0);
	cr_expect_eq(st.uid, getuid());
	cr_expect_eq(st.mode, 0700);
	bench_close(&b);
}

/* What only it names: what the others had was removed to make room. */
Test(spare, tells_what_would_come_free)
{
	struct bench b;

	bench_open(&b);
	cr_expect_eq(spare_bytes(&b.f), 0, "there is none");
	cr_assert(keep(&b));
	cr_expect_eq(spare_bytes(&b.f), 0, "each is live");
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "prog"), 0);
	cr_assert_eq(fs_unlink(fs_real(), b.t.fd, "lib/deep/b"), 0);
	cr_expect_eq(spare_bytes(&b.f), strlen("program") + strlen("another"));
	bench_close(&b);
}
