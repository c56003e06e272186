#include "engine/apply/identity.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <string.h>

static int
match(
    struct tempdir *t, const char *path, const struct identity *id, bool trust)
{
	struct err e;

	return identity_match(fs_real(), t->fd, path, id, trust, &e);
}

Test(identity, tells_files_apart)
{
	struct identity id;
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	tempdir_text(&t, "a", "one", 1000);
	tempdir_text(&t, "copy", "one", 1000);
	tempdir_text(&t, "other", "two", 1000);
	tempdir_text(&t, "later", "one", 2000);
	tempdir_mkdir(&t, "dir");
	cr_assert_eq(identity_read(fs_real(), t.fd, "a", true, &id, &e), 0);
	cr_assert_eq(match(&t, "a", &id, true), 1);
	cr_assert_eq(match(&t, "none", &id, true), 0);
	cr_assert_eq(match(&t, "other", &id, true), 0);
	cr_assert_eq(match(&t, "later", &id, true), 0);
	cr_assert_eq(match(&t, "dir", &id, true), 0);
	/* Another inode with time, mode and content: renumbered. */
	cr_assert_eq(match(&t, "copy", &id, false), 1);
	cr_assert_eq(match(&t, "a", &id, false), 1);
	/* The same inode, only touched. */
	tempdir_touch(&t, "a", 3000, 0);
	cr_assert_eq(match(&t, "a", &id, true), 1);
	cr_assert_eq(match(&t, "a", &id, false), 0);
	/* The same inode, edited. */
	tempdir_text(&t, "a", "ONE", -1);
	cr_assert_eq(match(&t, "a", &id, true), 0);
	cr_assert_eq(identity_read(fs_real(), t.fd, "none", false, &id, &e),
	    ERP_NOTFOUND);
	tempdir_close(&t);
}

/* Nobody read it then, so its bytes tell nothing. */
Test(identity, without_a_hash_only_its_inode_tells)
{
	struct identity id;
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	tempdir_text(&t, "a", "one", 1000);
	tempdir_text(&t, "copy", "one", 1000);
	cr_assert_eq(identity_read(fs_real(), t.fd, "a", false, &id, &e), 0);
	cr_expect_not(id.content.known);
	cr_expect_eq(match(&t, "a", &id, true), 1);
	cr_expect_eq(match(&t, "copy", &id, true), 0);
	cr_expect_eq(match(&t, "a", &id, false), 0);
	tempdir_touch(&t, "a", 3000, 0);
	cr_expect_eq(match(&t, "a", &id, true), 0);
	tempdir_close(&t);
}

Test(identity, a_file_is_known_by_what_was_read_of_it)
{
	struct identity read, made;
	struct fs_stat st;
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	tempdir_text(&t, "a", "one", 1000);
	cr_assert_eq(identity_read(fs_real(), t.fd, "a", true, &read, &e), 0);
	cr_assert_eq(fs_stat(fs_real(), t.fd, "a", &st), 0);
	memset(&made, 0xff, sizeof(made));
	identity_of_file(&made, &st, &read.content.hash);
	cr_assert(identity_is_exact(&made, &st));
	cr_assert_eq(made.mode, read.mode);
	cr_assert(made.content.known);
	cr_assert(hash_equal(&made.content.hash, &read.content.hash));
	tempdir_close(&t);
}

Test(identity, folders_and_links)
{
	struct identity dir, link;
	struct tempdir t;
	struct err e;

	tempdir_open(&t);
	tempdir_mkdir(&t, "dir");
	tempdir_mkdir(&t, "dir2");
	tempdir_symlink(&t, "target", "link");
	tempdir_symlink(&t, "Target", "link2");
	cr_assert_eq(identity_read(fs_real(), t.fd, "dir", true, &dir, &e), 0);
	cr_assert_eq(
	    identity_read(fs_real(), t.fd, "link", true, &link, &e), 0);
	tempdir_text(&t, "dir/new", "x", -1);
	cr_assert_eq(match(&t, "dir", &dir, true), 1);
	/* Whether it is this one, a number that a rename changes cannot tell.
	 */
	cr_assert_eq(match(&t, "dir2", &dir, true), 1);
	cr_assert_eq(match(&t, "dir2", &dir, false), 1);
	cr_assert_eq(match(&t, "link", &dir, true), 0);
	cr_assert_eq(match(&t, "link", &link, true), 1);
	cr_assert_eq(match(&t, "link2", &link, false), 0);
	tempdir_close(&t);
}

Test(identity, bytes)
{
	struct identity a, b;
	struct cursor c;
	struct buf out;
	struct err e;

	memset(&a, 0, sizeof(a));
	a.type = FS_SYMLINK;
	a.mode = 0755;
	a.ino = 1ULL << 40;
	a.content.size = 9;
	a.mtime.s = -5;
	a.mtime.ns = 999999999;
	a.content.known = true;
	a.content.hash.b[3] = 4;
	buf_init(&out, 1000);
	cr_assert_eq(identity_encode(&a, &out, &e), 0);
	cursor_init(&c, buf_data(&out), out.len);
	identity_decode(&c, &b);
	cr_assert(cursor_end(&c));
	cr_assert_eq(b.type, a.type);
	cr_assert_eq(b.ino, a.ino);
	cr_assert_eq(b.mtime.s, a.mtime.s);
	cr_assert(hash_equal(&a.content.hash, &b.content.hash));
	cr_assert_eq(b.mode, a.mode);
	cr_assert_eq(b.content.size, a.content.size);
	cr_assert_eq(b.mtime.ns, a.mtime.ns);
	buf_release(&out);
}

Test(identity, types_and_flags_that_nothing_has_are_refused)
{
	struct identity id = {.type = FS_OTHER}, back;
	struct cursor c;
	struct buf out;
	struct err e;
	int i;

	buf_init(&out, 1000);
	cr_assert_eq(identity_encode(&id, &out, &e), 0);
	for (i = 0; i < 4; i++) {
		out.p[0] = (uint8_t)(FS_OTHER + i % 2);
		out.p[1] = (uint8_t)(i / 2 * 2);
		memset(&back, 0xff, sizeof(back));
		cursor_init(&c, buf_data(&out), out.len);
		identity_decode(&c, &back);
		cr_expect_eq(c.bad, i != 0, "%d", i);
		if (i == 0)
			cr_expect_eq(back.type, FS_OTHER);
		cr_expect_not(back.content.known, "%d", i);
		cr_expect_eq(back.content.hash.b[0], 0, "%d", i);
	}
	buf_release(&out);
}
