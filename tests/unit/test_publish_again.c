/* The server's way back to a kept release, with its seals. */
#include "engine/release/publish_again.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_ops.h"
#include "engine/base/observer.h"
#include "engine/release/publish_seal.h"
#include "engine/seal/seal.h"
#include "engine/store/store.h"
#include "engine/store/store_hold.h"
#include "engine/tree/filter.h"
#include "engine/tree/manifest.h"
#include "tests/support/fs_fault.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct release_fixture f;
static struct publish_source src;
static struct minisign_secret secret;
static struct publish_sealer sealer;
static char folder[300], told[400];
static struct err e;
static struct hash one, two;

static void
note(void *ctx, const struct event *ev)
{
	(void)ctx;
	if (ev->kind == EVENT_WARN)
		(void)snprintf(told, sizeof(told), "%s", ev->text);
}

static const struct observer obs = {.event = note, .ctx = NULL};

/* The folder is published: the release that is current. */
static struct hash
publish_as_it_is(void)
{
	struct manifest m;
	struct hash id;

	told[0] = '\0';
	manifest_init(&m, src.os);
	cr_assert_eq(
	    publish_folder(f.store, &src, &obs, &m, &e), 0, "%s", e.msg);
	cr_assert_eq(manifest_id(&m, &id, &e), 0);
	manifest_release(&m);
	return id;
}

/* The same, when it has this text. */
static struct hash
publish(const char *text)
{
	tempdir_text(&f.dir, "upd/prog", text, 1700000000);
	return publish_as_it_is();
}

static void
begin(void)
{
	release_begin(&f);
	(void)snprintf(folder, sizeof(folder), "%s/upd", f.dir.path);
	tempdir_mkdir(&f.dir, "upd");
	src = (struct publish_source){.os = PATH_OS_LINUX,
	    .key = "PathLinux",
	    .path = folder,
	    .build = "2",
	    .keep = 8};
	cr_assert_eq(minisign_secret_new(&secret, &e), 0);
	sealer = (struct publish_sealer){
	    .secret = &secret, .product = "erp", .days = 3};
}

static void
end(void)
{
	release_end(&f);
}

TestSuite(publish_again, .init = begin, .fini = end);

static int
again(const struct hash *id)
{
	struct manifest m;
	struct hash got;
	int rc;

	manifest_init(&m, src.os);
	rc = publish_again(f.store, &src, id, &m, &e);
	if (rc == 0) {
		cr_assert_eq(manifest_id(&m, &got, NULL), 0);
		cr_expect(hash_equal(&got, id));
	}
	manifest_release(&m);
	return rc;
}

/* Is this one current, and which of the two are held? */
static void
expect(const struct hash *current, int one_held, int two_held)
{
	struct store_kept k;

	cr_assert_eq(store_find_current(f.store, src.os, &k, &e), 0);
	cr_expect(hash_equal(&k.id, current));
	cr_expect_eq(store_is_held(f.store, src.os, &one, &e), one_held);
	cr_expect_eq(store_is_held(f.store, src.os, &two, &e), two_held);
}

Test(publish_again, the_folder_does_not_bring_back_what_was_left)
{
	struct hash now, none = {{1}};

	one = publish("one");
	two = publish("two!");
	cr_assert_eq(again(&one), 0, "%s", e.msg);
	expect(&one, 0, 1);
	now = publish("two!");
	cr_expect(hash_equal(&now, &one));
	cr_expect_not_null(
	    strstr(told, "PathLinux: the folder is the release "));
	cr_expect_not_null(
	    strstr(told, ", which is held; release 3 stays the current one"));
	expect(&one, 0, 1);
	cr_assert_eq(again(&one), 0, "%s", e.msg);
	expect(&one, 0, 1);
	cr_expect_eq(again(&none), ERP_NOTFOUND);
	/* Another folder is a release as ever, and so is this one again. */
	now = publish("three");
	cr_expect(!hash_equal(&now, &one) && !hash_equal(&now, &two));
	cr_expect_str_eq(told, "");
	cr_assert_eq(again(&two), 0, "%s", e.msg);
	expect(&two, 0, 0);
	cr_expect_eq(store_is_held(f.store, src.os, &now, &e), 1);
}

/* Who goes back sets Build back, too. */
Test(publish_again, nor_with_another_build_or_other_times)
{
	struct hash now;

	src.build = "1";
	one = publish("one");
	src.build = "2";
	two = publish("two!");
	cr_assert_eq(again(&one), 0, "%s", e.msg);
	src.build = "1";
	now = publish("two!");
	cr_expect(hash_equal(&now, &one));
	cr_expect_not_null(
	    strstr(told, ", which is held; release 3 stays the current one"));
	tempdir_touch(&f.dir, "upd/prog", 1700000009, 0);
	src.build = "2";
	now = publish_as_it_is();
	cr_expect(hash_equal(&now, &one));
	expect(&one, 0, 1);
	/* Let go, it is a release like any other. */
	cr_assert_eq(store_hold(f.store, src.os, &two, false, &e), 0);
	src.build = "1";
	now = publish_as_it_is();
	cr_expect(!hash_equal(&now, &one) && !hash_equal(&now, &two));
	cr_expect_str_eq(told, "");
}

Test(publish_again, the_one_that_is_current_is_let_go)
{
	one = publish("one");
	two = publish("two!");
	cr_assert_eq(store_hold(f.store, src.os, &two, true, &e), 0);
	expect(&two, 0, 1);
	publish("two!");
	cr_expect_str_eq(told, "");
	expect(&two, 0, 1);
	cr_assert_eq(again(&two), 0, "%s", e.msg);
	expect(&two, 0, 0);
}

static int
again_beside(const struct fs *fs)
{
	char path[300];
	struct store *s;
	struct manifest m;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/state", f.dir.path);
	if ((rc = store_open_beside(fs, path, &s, &e)) != 0)
		return rc;
	manifest_init(&m, src.os);
	rc = publish_again(s, &src, &one, &m, &e);
	manifest_release(&m);
	store_close(s);
	return rc;
}

/* As on a full disk: what was current stays on offer. */
Test(publish_again, what_fails_holds_nothing_back)
{
	struct store_kept k;
	struct fs_fault full;
	uint64_t at = 0;

	one = publish("one");
	two = publish("two!");
	fs_fault_init(&full, fs_real());
	do {
		fs_fault_arm(&full, FAULT_ONCE, ++at, ENOSPC);
		if (again_beside(&full.fs) == 0)
			break;
		cr_assert_eq(store_find_current(f.store, src.os, &k, &e), 0);
		if (hash_equal(&k.id, &two))
			expect(&two, 0, 0);
	} while (full.fired && hash_equal(&k.id, &two));
	cr_expect_gt(at, 3);
	expect(&one, 0, 1);
}

Test(publish_again, what_has_lost_a_content_is_not_gone_back_to)
{
	char path[400], hex[HASH_HEX_LEN + 1];
	struct hash h;

	one = publish("one");
	two = publish("two!");
	cr_assert_eq(hash_bytes("one", 3, &h, &e), 0);
	hash_hex(&h, hex);
	(void)snprintf(path, sizeof(path), "%s/state/content/%.2s/%s",
	    f.dir.path, hex, hex);
	cr_assert_eq(unlink(path), 0, "%s", path);
	cr_expect_eq(again(&one), ERP_NOTFOUND, "%s", e.msg);
	expect(&two, 0, 0);
}

/* What the seal that the store has of this release says. */
static struct statement
says(const struct hash *id)
{
	struct sealed sealed;
	struct buf text;

	buf_init(&text, SEAL_TEXT_MAX);
	cr_assert_eq(store_load_seal(f.store, src.os, id, &text, &e), 1);
	cr_assert_eq(seal_read((struct seal_text){(const char *)buf_data(&text),
				   text.len},
			 &sealed, NULL, &e),
	    0, "%s", e.msg);
	buf_release(&text);
	return sealed.says;
}

Test(publish_again, takes_a_new_seal_where_there_are_seals)
{
	src.sealer = &sealer;
	src.build = "1";
	one = publish("one");
	src.build = "2";
	two = publish("two!");
	cr_expect_eq(says(&two).serial, 2);
	src.sealer = NULL;
	cr_expect_eq(again(&one), ERP_UNSEALED);
	cr_expect_not_null(strstr(e.msg, "it takes a new seal"));
	expect(&two, 0, 0);
	src.sealer = &sealer;
	cr_assert_eq(again(&one), 0, "%s", e.msg);
	expect(&one, 0, 1);
	cr_expect_eq(says(&one).serial, 3);
	cr_expect(says(&one).downgrade);
	cr_expect_str_eq(says(&one).build, "1");
	/* The seal of another machine, with a serial number that is old. */
	sealer.serial = 3;
	cr_expect_eq(again(&two), ERP_UNSEALED);
	cr_expect_not_null(strstr(e.msg, "serial number 3, that before it"));
	expect(&one, 0, 1);
	sealer.serial = 4;
	cr_assert_eq(again(&two), 0, "%s", e.msg);
	expect(&two, 1, 0);
}

Test(publish_again, takes_the_seal_that_lies_beside_the_folder)
{
	struct manifest m;
	struct buf text;
	char *file;

	one = publish("one");
	src.sealer = &sealer;
	two = publish("two!");
	src.sealer = NULL;
	cr_expect_eq(again(&one), ERP_UNSEALED, "stations have seen seals");
	cr_assert_eq(store_load_release(f.store, src.os, &one, &m, &e), 0);
	buf_init(&text, SEAL_TEXT_MAX);
	file = publish_seal_file(folder);
	cr_assert_eq(
	    publish_seal_make(fs_real(), file, &sealer, &m, &text, &e), 0);
	free(file);
	buf_release(&text);
	manifest_release(&m);
	src.seal_key = &secret.key;
	cr_assert_eq(again(&one), 0, "%s", e.msg);
	expect(&one, 0, 1);
	cr_expect_eq(says(&one).serial, 2);
}

Test(publish_again, a_key_that_is_asked_for_is_asked_for)
{
	one = publish("one");
	two = publish("two!");
	src.seal_key = &secret.key;
	cr_expect_eq(again(&one), ERP_UNSEALED);
	expect(&two, 0, 0);
}

/* --- beside a publication ----------------------------------------------------
 */

/* Names of releases that came or went: in somebody's turn, and in none. */
static int in_turn, in_none;

static void
note_release(const char *name)
{
	int fd;

	if (strspn(name, "0123456789") != 10)
		return;
	fd = fs_open(fs_real(), f.dir.fd, "state/turn", FS_READ, 0);
	cr_assert_geq(fd, 0);
	if (fs_is_locked(fs_real(), fd) == 1)
		in_turn++;
	else
		in_none++;
	fs_close_quietly(fs_real(), &fd);
}

static int
rename_noted(void *ctx, int from_dir, const char *from, int to_dir,
    const char *to, bool replace)
{
	note_release(to);
	return fs_real()->ops->rename(ctx, from_dir, from, to_dir, to, replace);
}

static int
unlink_noted(void *ctx, int dir, const char *name)
{
	note_release(name);
	return fs_real()->ops->unlink(ctx, dir, name);
}

/* What one looks at, nobody else takes away meanwhile. */
Test(publish_again, releases_come_and_go_in_turns)
{
	struct fs_ops ops = *fs_real()->ops;
	const struct fs fs = {&ops, fs_real()->ctx};

	ops.rename = rename_noted;
	ops.unlink = unlink_noted;
	release_reopen_on(&f, &fs);
	one = publish("one");
	two = publish("two!");
	cr_assert_eq(again(&one), 0, "%s", e.msg);
	src.keep = 1;
	(void)publish("three");
	cr_expect_eq(in_none, 0);
	cr_expect_geq(in_turn, 4 + 3);
	release_reopen(&f);
}

/* An administrator who goes back at this moment. */
static struct {
	struct store *store;
	pthread_t thread;
	atomic_bool done;
	bool begun;
	int rc;
} back;

static void *
go_back(void *arg)
{
	struct manifest m;
	struct err why;

	(void)arg;
	manifest_init(&m, src.os);
	back.rc = publish_again(back.store, &src, &one, &m, &why);
	manifest_release(&m);
	atomic_store(&back.done, true);
	return NULL;
}

/* While the folder is looked at: he would be done soon if he did not wait. */
static void
go_back_meanwhile(void *ctx, const struct event *ev)
{
	int i;

	(void)ctx;
	if (ev->kind != EVENT_WARN || back.begun)
		return;
	back.begun = true;
	cr_assert_eq(pthread_create(&back.thread, NULL, go_back, NULL), 0);
	for (i = 0; i < 30 && !atomic_load(&back.done); i++)
		clock_sleep_ms(NULL, 10);
	cr_expect_not(atomic_load(&back.done));
}

Test(publish_again, nobody_comes_between_a_look_and_its_release)
{
	const struct observer during = {.event = go_back_meanwhile};
	struct filter idle = {.n = 0};
	struct manifest m;
	char path[300];

	one = publish("one");
	two = publish("two!");
	(void)snprintf(path, sizeof(path), "%s/state", f.dir.path);
	cr_assert_eq(store_open_beside(fs_real(), path, &back.store, &e), 0);
	/* A pattern that leaves out nothing is warned of, before the end. */
	cr_assert_eq(filter_add(&idle, "nothing.txt", &e), 0);
	src.filter = &idle;
	manifest_init(&m, src.os);
	cr_assert_eq(publish_folder(f.store, &src, &during, &m, &e), 0);
	manifest_release(&m);
	cr_assert(back.begun);
	cr_assert_eq(pthread_join(back.thread, NULL), 0);
	cr_expect_eq(back.rc, 0);
	/* He came last, so he stays. */
	expect(&one, 0, 1);
	store_close(back.store);
	filter_release(&idle);
}
