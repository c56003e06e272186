/* What is said of kept releases beside a server: the list, held back, again. */
#include "engine/store/store_hold.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/tree/manifest.h"
#include "tests/support/fs_fault.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct release_fixture f;
static struct store *beside;
static struct err e;

static void
begin(void)
{
	release_begin(&f);
	beside = release_beside(&f);
}

static void
end(void)
{
	store_close(beside);
	release_end(&f);
}

TestSuite(store_hold, .init = begin, .fini = end);

static struct hash
save(const char *text, int keep)
{
	return release_save(&f, text, keep);
}

/* The list as "NUMBER:" and a letter, upper case for one that is held. */
static const char *
listed(const struct hash *v, size_t n)
{
	static char text[200];
	struct store_list list;
	size_t i, k;
	int letter;

	text[0] = '\0';
	cr_assert_eq(store_list_releases(beside, PATH_OS_LINUX, &list, &e), 0);
	for (i = 0; i < list.n; i++) {
		for (k = 0; k < n && !hash_equal(&v[k], &list.v[i].id); k++)
			continue;
		cr_assert_lt(k, n);
		cr_expect_geq(list.v[i].saved_s, 1700000000);
		letter = (list.v[i].held ? 'A' : 'a') + (int)k;
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%d%c", i > 0 ? " " : "", (int)list.v[i].number, letter);
	}
	free(list.v);
	return text;
}

Test(store_hold, a_release_is_held_until_it_is_let_go)
{
	struct store_kept current;
	struct hash v[2];

	cr_expect_str_eq(listed(NULL, 0), "");
	cr_expect_eq(store_find_current(beside, PATH_OS_LINUX, &current, &e),
	    ERP_NOTFOUND);
	v[0] = save("one", 8);
	v[1] = save("two", 8);
	cr_expect_str_eq(listed(v, 2), "1a 2b");
	cr_expect_eq(store_is_held(beside, PATH_OS_LINUX, &v[1], &e), 0);
	cr_assert_eq(store_hold(beside, PATH_OS_LINUX, &v[1], true, &e), 0);
	cr_assert_eq(
	    store_hold(beside, PATH_OS_LINUX, &v[1], true, &e), 0, "twice");
	cr_expect_str_eq(listed(v, 2), "1a 2B");
	cr_expect_eq(store_is_held(f.store, PATH_OS_LINUX, &v[1], &e), 1);
	cr_expect_eq(store_is_held(f.store, PATH_OS_LINUX, &v[0], &e), 0);
	cr_assert_eq(
	    store_find_current(beside, PATH_OS_LINUX, &current, &e), 0);
	cr_expect(current.held);
	cr_expect_eq(current.number, 2);
	cr_expect(hash_equal(&current.id, &v[1]));
	release_reopen(&f);
	cr_expect_str_eq(listed(v, 2), "1a 2B");
	cr_assert_eq(store_hold(beside, PATH_OS_LINUX, &v[1], false, &e), 0);
	cr_assert_eq(
	    store_hold(beside, PATH_OS_LINUX, &v[1], false, &e), 0, "twice");
	cr_expect_str_eq(listed(v, 2), "1a 2b");
}

Test(store_hold, an_older_one_is_current_again_and_keeps_what_is_its)
{
	struct hash v[4];
	struct buf text;

	buf_init(&text, 100);
	v[0] = save("one", 3);
	cr_assert_eq(buf_append(&text, "seal", 4, &e), 0);
	cr_assert_eq(
	    store_keep_seal(f.store, PATH_OS_LINUX, &v[0], &text, &e), 0);
	v[1] = save("two", 3);
	cr_assert_eq(
	    store_save_again(beside, PATH_OS_LINUX, &v[0], &e), 0, "%s", e.msg);
	cr_expect_str_eq(listed(v, 2), "2b 3a");
	cr_assert_eq(store_save_again(beside, PATH_OS_LINUX, &v[0], &e), 0);
	cr_expect_str_eq(listed(v, 2), "2b 3a", "it is current already");
	cr_assert_eq(store_hold(beside, PATH_OS_LINUX, &v[0], true, &e), 0);
	/* The older name goes, with nothing that is the newer one's. */
	v[2] = save("three", 3);
	cr_expect_str_eq(listed(v, 3), "2b 3A 4c");
	buf_clear(&text);
	cr_expect_eq(
	    store_load_seal(f.store, PATH_OS_LINUX, &v[0], &text, &e), 1);
	/* And it goes with its marks. */
	v[3] = save("four", 1);
	cr_expect_str_eq(listed(v, 4), "5d");
	cr_expect_eq(store_is_held(beside, PATH_OS_LINUX, &v[0], &e), 0);
	cr_expect_eq(
	    store_load_seal(f.store, PATH_OS_LINUX, &v[0], &text, &e), 0);
	cr_expect_eq(
	    store_save_again(beside, PATH_OS_LINUX, &v[0], &e), ERP_NOTFOUND);
	cr_expect_str_eq(listed(v, 4), "5d");
	buf_release(&text);
}

Test(store_hold, what_lacks_a_content_is_not_current_again)
{
	struct hash v[2], content = release_hash("one");

	v[0] = save("one", 8);
	v[1] = save("two", 8);
	store_drop_content(f.store, &content);
	cr_expect_eq(
	    store_save_again(beside, PATH_OS_LINUX, &v[0], &e), ERP_NOTFOUND);
	cr_expect_str_eq(listed(v, 2), "1a 2b");
}

static int
hold(const struct hash *id)
{
	return store_hold(f.store, PATH_OS_LINUX, id, true, &e);
}

static int
let_go(const struct hash *id)
{
	return store_hold(f.store, PATH_OS_LINUX, id, false, &e);
}

static int
list(const struct hash *id)
{
	struct store_list kept;
	int rc = store_list_releases(f.store, PATH_OS_LINUX, &kept, &e);

	if (rc == 0) {
		cr_expect_eq(kept.n, 1);
		cr_expect(hash_equal(&kept.v[0].id, id));
	}
	free(kept.v);
	return rc;
}

static int
ask_current(const struct hash *id)
{
	struct store_kept out;
	int rc = store_find_current(f.store, PATH_OS_LINUX, &out, &e);

	if (rc == 0)
		cr_expect(hash_equal(&out.id, id));
	return rc;
}

/* Each call fails once. */
Test(store_hold, a_failing_disk_is_told)
{
	static int (*const asks[])(const struct hash *) = {
	    hold, let_go, list, ask_current};
	struct hash id = save("one", 8);
	struct fs_fault fault;
	bool fired;
	unsigned call;
	size_t i;
	int rc;

	fs_fault_init(&fault, fs_real());
	release_reopen_on(&f, &fault.fs);
	fault.looks = true;
	for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		for (call = 1, fired = true; fired; call++) {
			cr_assert_lt(call, 100);
			cr_assert_eq(store_hold(beside, PATH_OS_LINUX, &id,
					 asks[i] == let_go, &e),
			    0);
			fs_fault_arm(&fault, FAULT_ONCE, call, EIO);
			rc = asks[i](&id);
			fired = fault.fired;
			fs_fault_arm(&fault, FAULT_NONE, 0, 0);
			cr_expect_eq(
			    rc == 0, !fired, "%zu, call %u: %d", i, call, rc);
		}
		cr_expect_gt(call, 2, "%zu", i);
	}
	release_reopen(&f);
}

Test(store_hold, only_a_state_folder_is_opened)
{
	char path[400];
	struct store *s;

	(void)snprintf(path, sizeof(path), "%s/none", f.dir.path);
	cr_expect_eq(store_open_beside(fs_real(), path, &s, &e), ERP_NOTFOUND);
	cr_expect_null(s);
	cr_expect(!tempdir_has(&f.dir, "none"));
	tempdir_mkdir(&f.dir, "empty");
	(void)snprintf(path, sizeof(path), "%s/empty", f.dir.path);
	cr_expect_eq(store_open_beside(fs_real(), path, &s, &e), ERP_NOTFOUND);
	tempdir_text(&f.dir, "empty/format", "erpsync state 9\n", -1);
	cr_expect_eq(store_open_beside(fs_real(), path, &s, &e), ERP_USAGE);
}

Test(store_hold, what_is_held_is_known_with_another_build)
{
	struct hash one = save("one", 8), two = save("two", 8), found, built;
	char hex[HASH_HEX_LEN + 1], path[200];
	struct manifest m;

	manifest_init(&m, PATH_OS_LINUX);
	release_file(&f, &m, "a.txt", "one", 3);
	(void)strcpy(m.build, "9");
	cr_expect_eq(store_find_held(beside, &m, &found, &e), 0);
	cr_assert_eq(store_hold(beside, PATH_OS_LINUX, &two, true, &e), 0);
	cr_expect_eq(store_find_held(beside, &m, &found, &e), 0);
	cr_assert_eq(store_hold(beside, PATH_OS_LINUX, &one, true, &e), 0);
	cr_assert_eq(store_find_held(beside, &m, &found, &e), 1);
	cr_expect(hash_equal(&found, &one));
	/* The newest of several. */
	cr_assert_eq(store_save_release(f.store, &m, 8, &built, &e), 0);
	cr_assert_eq(store_hold(beside, PATH_OS_LINUX, &built, true, &e), 0);
	cr_assert_eq(store_find_held(beside, &m, &found, &e), 1);
	cr_expect(hash_equal(&found, &built));
	/* One that is damaged is none, and hides no other. */
	hash_hex(&built, hex);
	(void)snprintf(
	    path, sizeof(path), "state/release/linux/%010d.%s", 3, hex);
	cr_assert(tempdir_has(&f.dir, path));
	tempdir_text(&f.dir, path, "damaged", -1);
	cr_assert_eq(store_find_held(beside, &m, &found, &e), 1);
	cr_expect(hash_equal(&found, &one));
	manifest_release(&m);
	/* Of another system nothing is. */
	manifest_init(&m, PATH_OS_WINDOWS);
	cr_expect_eq(store_find_held(beside, &m, &found, &e), 0);
	manifest_release(&m);
}
