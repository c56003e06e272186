/* The store with each of its allocations failing; as test_starve.c. */
#include "tests/support/starve.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_file.h"
#include "engine/base/stream.h"
#include "engine/store/hash_set.h"
#include "engine/store/store.h"
#include "engine/store/store_hold.h"
#include "engine/store/store_stations.h"
#include "engine/tree/manifest.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A blob of more pieces than the store has room for at first. */
enum { PIECES = 17, LEN = PIECES * STORE_PIECE, BLOBS = 3 };

static struct tempdir t;
static char state[300];
static uint8_t bytes[LEN];

static void
begin(void)
{
	tempdir_open(&t);
	(void)snprintf(state, sizeof(state), "%s/state", t.path);
	tempdir_text(&t, "content", "text", 1000);
}

static void
end(void)
{
	tempdir_close(&t);
}

TestSuite(starve_store, .init = begin, .fini = end, .timeout = 60);

static struct hash
hash_of(unsigned n)
{
	struct hash h = {.b = {(uint8_t)(n * 167), (uint8_t)n}};

	return h;
}

static int
sets(void *arg, struct err *e)
{
	struct hash_set set = {.v = NULL};
	struct hash h;
	unsigned i;
	int rc = 0;

	(void)arg;
	for (i = 0; rc == 0 && i < 200; i++) {
		h = hash_of(i);
		rc = hash_set_add(&set, &h, e);
	}
	for (i = 0; rc == 0 && i < 200; i++) {
		h = hash_of(i);
		rc = hash_set_has(&set, &h) ? 0 : STARVE_WRONG;
	}
	hash_set_release(&set);
	return rc;
}

static int
write_blob(struct store *s, unsigned n, struct blob *out, struct err *e)
{
	struct blob_writer *w;
	struct hash key = hash_of(n);
	struct sink to;
	int rc = store_blob_begin(s, &w, e);

	if (rc != 0)
		return rc;
	bytes[0] = (uint8_t)n;
	to = blob_writer_sink(w);
	if ((rc = to.write(to.ctx, bytes, LEN, e)) != 0) {
		store_blob_abort(w);
		return rc;
	}
	return store_blob_commit(w, &key, CODEC_FULL, out, e);
}

/* What was stored is there, with what is known of it. */
static int
store_and_find(struct store *s, struct err *e)
{
	uint32_t crcs[PIECES];
	struct blob made, found;
	struct hash content, key;
	uint64_t size;
	unsigned i;
	int rc = 0, fd = openat(t.fd, "content", O_RDONLY);

	if (fd >= 0)
		rc = store_add_content(s, fd, "content", &content, &size, e);
	if (fd >= 0)
		(void)close(fd);
	if (rc != 0)
		return rc;
	for (i = 0; rc == 0 && i < BLOBS; i++) {
		key = hash_of(i);
		if ((rc = write_blob(s, i, &made, e)) != 0)
			break;
		if (!store_blob_crcs(s, &made.id, 0, PIECES, crcs))
			return STARVE_WRONG;
		/* One that cannot be read is made again. */
		rc = store_find_blob(s, &key, &found, e);
		if (rc == 0 && found.len != LEN)
			rc = STARVE_WRONG;
		if (rc == ERP_NOTFOUND)
			rc = 0;
	}
	return rc;
}

/* From an empty folder, or over what an earlier one left. */
static int
stores(void *arg, struct err *e)
{
	struct store *s = NULL;
	int rc = store_open(fs_real(), state, &s, e);

	(void)arg;
	if (rc == 0)
		rc = store_and_find(s, e);
	store_close(s);
	return rc;
}

/* A release of one content, in the state folder: its id. */
static struct hash
save_release(struct hash *content)
{
	char path[] = "a";
	struct entry entry = {
	    .type = ENTRY_FILE, .path = path, .content.known = true};
	struct store *s = NULL;
	struct manifest m;
	struct hash id;
	struct err e;
	int fd = openat(t.fd, "content", O_RDONLY);

	manifest_init(&m, PATH_OS_LINUX);
	cr_assert_eq(store_open(fs_real(), state, &s, &e), 0, "%s", e.msg);
	cr_assert_eq(store_add_content(
			 s, fd, "content", content, &entry.content.size, &e),
	    0, "%s", e.msg);
	entry.content.hash = *content;
	cr_assert_eq(manifest_add(&m, &entry, &e), 0);
	cr_assert_eq(store_save_release(s, &m, 1, &id, &e), 0, "%s", e.msg);
	manifest_release(&m);
	store_close(s);
	(void)close(fd);
	return id;
}

/* What was published is known, or there is no telling. */
static int
finds(void *arg, struct err *e)
{
	const struct hash *content = arg;
	struct store *s = NULL;
	struct hash found;
	int rc = store_open(fs_real(), state, &s, e);

	if (rc == 0)
		rc = store_find_content(s, content->b, 4, 4, &found, e);
	store_close(s);
	return rc != 0 || hash_equal(&found, content) ? rc : STARVE_WRONG;
}

static int
lists(void *arg, struct err *e)
{
	struct store_list list = {NULL, 0};
	struct store *s = NULL;
	int rc = store_open(fs_real(), state, &s, e);

	(void)arg;
	if (rc == 0 &&
	    (rc = store_list_releases(s, PATH_OS_LINUX, &list, e)) == 0 &&
	    list.n != 1)
		rc = STARVE_WRONG;
	free(list.v);
	store_close(s);
	return rc;
}

/* Names beside a release, in the state folder. */
struct stations {
	struct hash id;
	char path[200];
};

static int
is_text(const char *path, const char *text)
{
	char was[32];
	int fd = openat(t.fd, path, O_RDONLY);
	ssize_t n = read(fd, was, sizeof(was));

	(void)close(fd);
	return n == (ssize_t)strlen(text) && memcmp(was, text, (size_t)n) == 0;
}

/* One comes to another, or none does. */
static int
add_station(void *arg, struct err *e)
{
	const struct stations *to = arg;
	struct names names = {NULL, 0, 0};
	struct store *s = NULL;
	int rc, fd = openat(t.fd, to->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (write(fd, "old\n", 4) != 4 || close(fd) != 0)
		return STARVE_WRONG;
	if ((rc = store_open(fs_real(), state, &s, e)) == 0 &&
	    (rc = names_add(&names, "new", e)) == 0)
		rc = store_add_stations(s, PATH_OS_LINUX, &to->id, &names, e);
	names_release(&names);
	store_close(s);
	return is_text(to->path, rc == 0 ? "new\nold\n" : "old\n")
	    ? rc
	    : STARVE_WRONG;
}

Test(starve_store, sets_of_hashes)
{
	STARVE(sets, NULL);
}

Test(starve_store, contents_and_blobs)
{
	STARVE(stores, NULL);
}

Test(starve_store, what_stations_may_have)
{
	struct hash content;

	(void)save_release(&content);
	STARVE(finds, &content);
	STARVE(lists, NULL);
}

Test(starve_store, stations_of_a_release)
{
	char hex[HASH_HEX_LEN + 1];
	struct stations to;
	struct hash content;

	to.id = save_release(&content);
	hash_hex(&to.id, hex);
	(void)snprintf(
	    to.path, sizeof(to.path), "state/release/linux/%s.stations", hex);
	STARVE(add_station, &to);
}
