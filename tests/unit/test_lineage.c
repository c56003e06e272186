/* What a release comes from: contents of the older ones that are kept. */
#include "engine/release/lineage.h"

#include "engine/base/err.h"
#include "engine/tree/manifest.h"
#include "tests/support/alloc_wrap.h"
#include "tests/support/release.h"
#include "tests/support/starve.h"
#include "tests/support/streams.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct release_fixture f;
static struct err e;
static struct manifest m;

static void
begin(void)
{
	release_begin(&f);
	manifest_init(&m, PATH_OS_LINUX);
}

static void
end(void)
{
	manifest_release(&m);
	release_end(&f);
}

TestSuite(lineage, .init = begin, .fini = end);

/* Save what was added to m since the last release; m stays the newest. */
static void
release(const char *const (*files)[2], size_t n)
{
	struct hash id;
	size_t i;

	manifest_release(&m);
	manifest_init(&m, PATH_OS_LINUX);
	for (i = 0; i < n; i++)
		release_file(
		    &f, &m, files[i][0], files[i][1], strlen(files[i][1]));
	cr_assert_eq(manifest_sort(&m, &e), 0, "%s", e.msg);
	cr_assert_eq(
	    store_save_release(f.store, &m, 4, &id, &e), 0, "%s", e.msg);
}

static void
three_releases(void)
{
	static const char *const oldest[][2] = {
	    {"app", "app 1"}, {"both", "both"}, {"lib.1", "lib 1"}};
	static const char *const older[][2] = {{"app", "app 2"},
	    {"both", "both"}, {"lib.2", "lib 2"}, {"other", "moves"}};
	static const char *const current[][2] = {{"app", "app 3"},
	    {"both", "both"}, {"lib.3", "lib 3"}, {"moved", "moves"},
	    {"new", "new"}, {"nil", ""}};

	release(oldest, 3);
	release(older, 4);
	release(current, 6);
}

static bool
is_from(
    const struct compile_request *req, const char *target, const char *basis)
{
	struct hash want = release_hash(target), from;

	if (!hash_equal(&req->one.target, &want) ||
	    req->one.target_size != strlen(target) ||
	    req->one.has_basis != (basis != NULL))
		return false;
	if (basis == NULL)
		return true;
	from = release_hash(basis);
	return hash_equal(&req->one.basis, &from) &&
	    req->one.basis_size == strlen(basis);
}

Test(lineage, each_file_has_its_nearest_ancestor)
{
	struct ancestor *v;
	struct hash was;
	size_t i;

	three_releases();
	cr_assert_eq(lineage_ancestors(f.store, &m, &v, &e), 0, "%s", e.msg);
	for (i = 0; i < m.n; i++) {
		const char *name = m.v[i].path;
		const char *text = strcmp(name, "app") == 0 ? "app 2"
		    : strcmp(name, "both") == 0             ? "both"
		    : strcmp(name, "lib.3") == 0            ? "lib 2"
							    : "";

		cr_expect_eq(v[i].size, strlen(text), "%s", name);
		was = release_hash(text);
		if (text[0] != '\0')
			cr_expect(hash_equal(&v[i].hash, &was), "%s", name);
	}
	free(v);
}

Test(lineage, requests_are_those_of_stations_the_newest_first)
{
	static const struct {
		const char *target, *basis;
	} rows[] = {
	    {"app 3", "app 2"}, {"lib 3", "lib 2"}, {"new", NULL},
	    {"app 3", "app 1"}, {"lib 3", "lib 1"},
	    {"moves", NULL}, /* the oldest release does not have it */
	};
	struct compile_request *v;
	size_t n, i;

	three_releases();
	cr_assert_eq(lineage_requests(f.store, &m, &v, &n, &e), 0, "%s", e.msg);
	cr_assert_eq(n, sizeof(rows) / sizeof(rows[0]), "%zu", n);
	for (i = 0; i < n; i++)
		cr_expect(is_from(&v[i], rows[i].target, rows[i].basis),
		    "row %zu", i);
	free(v);
}

Test(lineage, requests_are_all_that_stays)
{
	struct compile_request *v;
	size_t n;

	three_releases();
	alloc_watch();
	cr_assert_eq(lineage_requests(f.store, &m, &v, &n, &e), 0, "%s", e.msg);
	free(v);
	cr_expect_eq(alloc_kept(), 0);
}

Test(lineage, a_first_release_has_none)
{
	static const char *const only[][2] = {{"app", "app 1"}};
	struct compile_request *v;
	struct ancestor *a;
	size_t n;

	release(only, 1);
	cr_assert_eq(lineage_requests(f.store, &m, &v, &n, &e), 0);
	cr_expect_eq(n, 0);
	cr_assert_eq(lineage_ancestors(f.store, &m, &a, &e), 0);
	cr_expect_eq(a[0].size, 0);
	free(v);
	free(a);
}

Test(lineage, a_damaged_release_is_passed_over)
{
	struct compile_request *v;
	struct hash id;
	char hex[HASH_HEX_LEN + 1], path[200];
	size_t n;
	struct manifest older;

	three_releases();
	manifest_init(&older, PATH_OS_LINUX);
	cr_assert_eq(
	    store_load_older(f.store, PATH_OS_LINUX, 1, &older, &e), 0);
	cr_assert_eq(manifest_id(&older, &id, &e), 0);
	manifest_release(&older);
	hash_hex(&id, hex);
	(void)snprintf(
	    path, sizeof(path), "state/release/linux/0000000002.%s", hex);
	tempdir_text(&f.dir, path, "damaged", -1);
	cr_assert_eq(lineage_requests(f.store, &m, &v, &n, &e), 0, "%s", e.msg);
	cr_assert_eq(n, 4);
	cr_expect(is_from(&v[0], "app 3", "app 1"));
	free(v);
}

static int
count_group(void *ctx, const struct compile_request *req, struct err *err)
{
	unsigned *n = ctx;

	(void)err;
	*n += req->is_group;
	return 0;
}

/* What locals begin with. */
static void
litter_stack(void)
{
	volatile uint8_t bytes[4096];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = 0xa5;
}

Test(lineage, groups_of_a_release_that_is_not_there)
{
	unsigned n = 0;
	const struct lineage_visitor visitor = {count_group, &n};

	three_releases();
	litter_stack();
	cr_expect_eq(
	    lineage_groups(f.store, &m, 3, &visitor, &e), ERP_NOTFOUND);
	cr_expect_eq(n, 0);
	/* Small files that the older one does not have: a group. */
	cr_expect_eq(
	    lineage_groups(f.store, &m, 1, &visitor, &e), 0, "%s", e.msg);
	cr_expect_eq(n, 1);
}

static int
ask_requests(void *arg, struct err *err)
{
	struct compile_request *v;
	size_t n;
	int rc = lineage_requests(f.store, &m, &v, &n, err);

	(void)arg;
	if (rc != 0)
		return rc;
	free(v);
	return n == 6 ? 0 : STARVE_WRONG;
}

Test(lineage, without_memory_it_says_so)
{
	three_releases();
	STARVE(ask_requests, NULL);
}

Test(lineage, two_releases_that_ask_the_same_are_one)
{
	static const char *const oldest[][2] = {{"app", "app 1"}};
	static const char *const older[][2] = {
	    {"app", "app 1"}, {"lib", "goes"}};
	static const char *const current[][2] = {{"app", "app 2"}};
	struct compile_request *v;
	size_t n;

	release(oldest, 1);
	release(older, 2);
	release(current, 1);
	cr_assert_eq(lineage_requests(f.store, &m, &v, &n, &e), 0, "%s", e.msg);
	cr_assert_eq(n, 1);
	cr_expect(is_from(&v[0], "app 2", "app 1"));
	free(v);
}

/* Stations are told of such a basis, and ask for what is made from it. */
Test(lineage, what_was_renamed_and_edited_is_asked_from_what_it_was)
{
	enum { LEN = 20000 };
	static uint8_t bytes[LEN];
	struct compile_request *v;
	struct hash id, was;
	size_t n;

	fill_noise(bytes, LEN, 1);
	cr_assert_eq(hash_bytes(bytes, LEN, &was, &e), 0);
	release_file(&f, &m, "other.js", bytes, LEN);
	cr_assert_eq(store_save_release(f.store, &m, 4, &id, &e), 0);
	manifest_release(&m);
	manifest_init(&m, PATH_OS_LINUX);
	memset(bytes + LEN / 2, 'x', 20);
	release_file(&f, &m, "moved/new", bytes, LEN);
	cr_assert_eq(store_save_release(f.store, &m, 4, &id, &e), 0);
	cr_assert_eq(lineage_requests(f.store, &m, &v, &n, &e), 0, "%s", e.msg);
	cr_assert_eq(n, 1);
	cr_assert(v[0].one.has_basis);
	cr_expect(hash_equal(&v[0].one.basis, &was));
	free(v);
}
