/* The names of stations beside a release: counted once, lost without harm. */
#include "engine/store/store_stations.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/store/store_hold.h"
#include "engine/tree/manifest.h"
#include "tests/support/fs_fault.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define LONGEST                                                                \
	"0123456789012345678901234567890123456789012345678901234567890123"

static struct release_fixture f;
static struct hash id;
static struct err e;

static struct hash
save(const char *text, int keep)
{
	return release_save(&f, text, keep);
}

static void
begin(void)
{
	release_begin(&f);
	id = save("one", 1);
}

static void
end(void)
{
	release_end(&f);
}

TestSuite(store_stations, .init = begin, .fini = end);

/* Add the names of a text, blanks between. */
static int
add_to(const struct hash *to, const char *text)
{
	struct names names = {NULL, 0, 0};
	char copy[200], *name;
	int rc;

	(void)snprintf(copy, sizeof(copy), "%s", text);
	for (name = strtok(copy, " "); name != NULL; name = strtok(NULL, " "))
		cr_assert_eq(names_add(&names, name, &e), 0);
	rc = store_add_stations(f.store, PATH_OS_LINUX, to, &names, &e);
	names_release(&names);
	return rc;
}

static size_t
count(void)
{
	return store_count_stations(f.store, PATH_OS_LINUX, &id);
}

/* Of its file in the fixture's folder. */
static const char *
path_of(const struct hash *of)
{
	static char path[200];
	char hex[HASH_HEX_LEN + 1];

	hash_hex(of, hex);
	(void)snprintf(
	    path, sizeof(path), "state/release/linux/%s.stations", hex);
	return path;
}

Test(store_stations, each_name_counts_once)
{
	cr_expect_eq(count(), 0);
	cr_expect_eq(add_to(&id, ""), 0);
	cr_expect(!tempdir_has(&f.dir, path_of(&id)), "nothing to write");
	cr_assert_eq(add_to(&id, "m m m"), 0);
	cr_expect_eq(count(), 1);
	cr_assert_eq(add_to(&id, "z b m"), 0);
	cr_assert_eq(add_to(&id, "a p PC-07 b"), 0);
	cr_expect_eq(count(), 6);
	cr_expect(
	    tempdir_is_text(&f.dir, path_of(&id), "PC-07\na\nb\nm\np\nz\n"));
	release_reopen(&f);
	cr_expect_eq(count(), 6);
	cr_expect_eq(store_count_stations(f.store, PATH_OS_WINDOWS, &id), 0);
}

/* When it was written, in seconds. */
static int64_t
written(void)
{
	struct stat st;

	cr_assert_eq(fstatat(f.dir.fd, path_of(&id), &st, 0), 0);
	return st.st_mtime;
}

Test(store_stations, what_is_known_is_not_written_again)
{
	tempdir_text(&f.dir, path_of(&id), "a\nb\n", 7);
	cr_assert_eq(add_to(&id, "b a"), 0);
	cr_expect_eq(written(), 7);
	cr_assert_eq(add_to(&id, "c"), 0);
	cr_expect_neq(written(), 7);
}

Test(store_stations, a_damaged_one_counts_from_nothing)
{
	static const char *const bad[] = {"a\nb", "a\n\nb\n", "\n", "b\na\n",
	    "a\na\n", "a b\n", "a\xc3\n", "a\x7f\n", LONGEST "4\n"};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tempdir_text(&f.dir, path_of(&id), bad[i], -1);
		cr_expect_eq(count(), 0, "%s", bad[i]);
		cr_assert_eq(add_to(&id, "new"), 0);
		cr_expect_eq(count(), 1, "%s", bad[i]);
	}
	tempdir_text(&f.dir, path_of(&id), LONGEST "\n~\n", -1);
	cr_expect_eq(count(), 2, "the longest, and all characters");
	tempdir_text(&f.dir, path_of(&id), "", -1);
	cr_expect_eq(count(), 0);
}

Test(store_stations, there_are_so_many_at_most)
{
	static char text[STORE_STATIONS_MAX * 7 + 1];
	int i;

	for (i = 1; i < STORE_STATIONS_MAX; i++)
		(void)snprintf(text + 7 * (i - 1), 8, "s%05d\n", i);
	tempdir_text(&f.dir, path_of(&id), text, -1);
	cr_expect_eq(count(), STORE_STATIONS_MAX - 1);
	cr_assert_eq(add_to(&id, "a b c"), 0);
	cr_expect_eq(count(), STORE_STATIONS_MAX);
	cr_assert_eq(add_to(&id, "d s00001"), 0);
	cr_expect_eq(count(), STORE_STATIONS_MAX);
}

Test(store_stations, they_go_with_their_release)
{
	struct hash old = id, none = release_hash("none");
	struct buf seal;
	char half[220];

	cr_assert_eq(add_to(&id, "a"), 0);
	buf_init(&seal, 10);
	cr_assert_eq(buf_append(&seal, "seal", 4, &e), 0);
	cr_assert_eq(
	    store_keep_seal(f.store, PATH_OS_LINUX, &old, &seal, &e), 0);
	/* What a kill left half written goes as well. */
	(void)snprintf(half, sizeof(half), "%s.new", path_of(&id));
	tempdir_text(&f.dir, half, "a\nb", -1);
	id = save("two", 1);
	cr_expect(!tempdir_has(&f.dir, path_of(&old)));
	cr_expect(!tempdir_has(&f.dir, half));
	buf_clear(&seal);
	cr_expect_eq(
	    store_load_seal(f.store, PATH_OS_LINUX, &old, &seal, &e), 0);
	buf_release(&seal);
	cr_assert_eq(add_to(&id, "b"), 0);
	/* One that is gone gets none any more, nor one that never was. */
	cr_assert_eq(add_to(&old, "a"), 0);
	cr_expect(!tempdir_has(&f.dir, path_of(&old)));
	cr_assert_eq(add_to(&none, "a"), 0);
	cr_expect(!tempdir_has(&f.dir, path_of(&none)));
	/* The same again under a higher number keeps what it has. */
	(void)save("three", 8);
	cr_assert_eq(store_save_again(f.store, PATH_OS_LINUX, &id, &e), 0);
	(void)save("four", 2);
	cr_expect_eq(count(), 1);
}

/* Each call fails once: those who were counted stay so. */
Test(store_stations, a_failing_disk_takes_none_away)
{
	struct fs_fault fault;
	bool fired = true;
	unsigned call;
	int rc;

	fs_fault_init(&fault, fs_real());
	release_reopen_on(&f, &fault.fs);
	fault.looks = true;
	for (call = 1; fired; call++) {
		cr_assert_lt(call, 100);
		tempdir_text(&f.dir, path_of(&id), "a\n", -1);
		fs_fault_arm(&fault, FAULT_ONCE, call, EIO);
		rc = add_to(&id, "b");
		fired = fault.fired;
		fs_fault_arm(&fault, FAULT_NONE, 0, 0);
		cr_expect_eq(rc == 0, !fired, "call %u: %d", call, rc);
		cr_expect_geq(count(), 1, "call %u", call);
		cr_assert_eq(add_to(&id, "b"), 0, "call %u", call);
		cr_expect_eq(count(), 2, "call %u", call);
	}
	cr_expect_gt(call, 6);
	release_reopen(&f);
}
