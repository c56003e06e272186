#include "engine/base/err.h"
#include "engine/delta/compress/compress.h"
#include "engine/store/store.h"
#include "engine/tree/filter.h"
#include "tests/support/release.h"
#include "transport/server/live_release.h"
#include "transport/wire/msg_left_out.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

Test(live_release, is_the_manifest_packed_and_named)
{
	char path[] = "file";
	struct entry entry;
	struct manifest m, back;
	struct live_release *s;
	struct hash id;
	struct buf raw;
	struct err e;

	memset(&entry, 0, sizeof(entry));
	entry.path = path;
	entry.type = ENTRY_FILE;
	entry.content.size = 3;
	entry.content.known = true;
	manifest_init(&m, PATH_OS_MACOSX);
	cr_assert_eq(manifest_add(&m, &entry, &e), 0);
	cr_assert_eq(manifest_id(&m, &id, &e), 0);
	cr_assert_eq(live_release_new(&m, &s, &e), 0, "%s", e.msg);
	cr_expect_eq(m.n, 0);
	cr_expect(hash_equal(&s->id, &id));

	buf_init(&raw, s->manifest_len);
	cr_assert_eq(
	    decompress_bytes(buf_data(&s->packed), s->packed.len, &raw, &e), 0,
	    "%s", e.msg);
	cr_expect_eq(raw.len, s->manifest_len);
	manifest_init(&back, PATH_OS_LINUX);
	cr_assert_eq(manifest_decode(&back, buf_data(&raw), raw.len, &e), 0,
	    "%s", e.msg);
	cr_expect_eq(back.os, PATH_OS_MACOSX);
	cr_expect_eq(back.n, 1);
	manifest_release(&back);
	buf_release(&raw);

	/* It lives as long as its last user. */
	cr_assert_eq(live_release_ref(s), s);
	live_release_unref(s);
	cr_expect_eq(s->manifest.n, 1);
	live_release_unref(s);
	live_release_unref(NULL);
}

Test(live_release, a_manifest_without_hashes_is_refused)
{
	char path[] = "file";
	struct entry entry;
	struct manifest m;
	struct live_release *s;
	struct err e;

	memset(&entry, 0, sizeof(entry));
	entry.path = path;
	entry.type = ENTRY_FILE;
	manifest_init(&m, PATH_OS_LINUX);
	cr_assert_eq(manifest_add(&m, &entry, &e), 0);
	cr_expect_lt(live_release_new(&m, &s, &e), 0);
	cr_expect_null(s);
	manifest_release(&m);
}

/* A release of n files whose names begin so, saved as the current one. */
static void
save(struct release_fixture *f, const char *name, int n, struct manifest *m,
    struct hash *id)
{
	char path[64];
	struct err e;
	int i;

	manifest_init(m, PATH_OS_LINUX);
	for (i = 0; i < n; i++) {
		(void)snprintf(path, sizeof(path), "%s%04d", name, i);
		release_file(f, m, path, path, strlen(path));
	}
	cr_assert_eq(
	    store_save_release(f->store, m, 8, id, &e), 0, "%s", e.msg);
}

/* What a station on the older release makes of it. */
static void
expect_manifest(const struct live_release *s, const struct manifest *older,
    const struct relative *r)
{
	struct span prefix, frame;
	struct buf from, to, want;
	struct err e;

	buf_init(&from, MANIFEST_MAX_BYTES);
	buf_init(&to, MANIFEST_MAX_BYTES);
	buf_init(&want, MANIFEST_MAX_BYTES);
	cr_assert_eq(manifest_encode(older, &from, &e), 0);
	cr_assert_eq(manifest_encode(&s->manifest, &want, &e), 0);
	prefix = (struct span){buf_data(&from), from.len};
	frame = (struct span){buf_data(&r->packed), r->packed.len};
	cr_assert_eq(
	    decompress_after(&prefix, &frame, &to, &e), 0, "%s", e.msg);
	cr_assert_eq(to.len, want.len);
	cr_expect_arr_eq(buf_data(&to), buf_data(&want), to.len);
	buf_release(&want);
	buf_release(&to);
	buf_release(&from);
}

Test(live_release, leans_on_an_older_one_where_that_is_smaller)
{
	struct manifest first, other, m;
	struct hash first_id, other_id, id;
	struct release_fixture f;
	struct live_release *s;
	struct relative r;
	struct err e;

	release_begin(&f);
	save(&f, "other", 1, &other, &other_id);
	save(&f, "same", 100, &first, &first_id);
	save(&f, "same", 101, &m, &id);
	cr_assert_eq(
	    live_release_load(f.store, PATH_OS_LINUX, &s, &e), 0, "%s", e.msg);
	cr_expect(hash_equal(&s->id, &id));
	cr_expect_not_null(s->ancestors);
	cr_assert_eq(live_release_relate_older(s, f.store, 1, &r, &e), 0);
	cr_expect(hash_equal(&r.from, &first_id));
	cr_expect(r.leans);
	cr_expect_lt(r.packed.len, s->packed.len / 4);
	/* It stays as long as the release does, and takes no more. */
	cr_expect_eq(r.packed.cap, r.packed.len);
	cr_expect_eq(s->packed.cap, s->packed.len);
	expect_manifest(s, &first, &r);
	buf_release(&r.packed);
	/* Of another one little is there. */
	cr_assert_eq(live_release_relate_older(s, f.store, 2, &r, &e), 0);
	cr_expect(hash_equal(&r.from, &other_id));
	cr_expect_gt(r.packed.len, s->packed.len / 4);
	if (r.leans)
		expect_manifest(s, &other, &r);
	buf_release(&r.packed);
	/* There are no more, and it is not older than itself. */
	cr_expect_eq(
	    live_release_relate_older(s, f.store, 3, &r, &e), ERP_NOTFOUND);
	buf_release(&r.packed);
	cr_expect_eq(
	    live_release_relate_older(s, f.store, 0, &r, &e), ERP_NOTFOUND);
	buf_release(&r.packed);
	live_release_unref(s);
	manifest_release(&m);
	manifest_release(&first);
	manifest_release(&other);
	release_end(&f);
}

/* So many are remembered, each while it is being made, too. */
Test(live_release, remembers_what_was_made_for_some)
{
	struct live_release s = {.relatives_n = 0};
	struct relative made;
	struct hash from;
	struct err e;
	int i;

	memset(&from, 0, sizeof(from));
	memset(&s.id, 0xff, sizeof(s.id));
	for (i = 0; i < RELATIVES_MAX; i++) {
		from.b[0] = (uint8_t)i;
		cr_expect_null(live_release_find_relative(&s, &from));
		cr_expect(live_release_begin_relative(&s, &from), "%d", i);
		cr_expect_not(live_release_begin_relative(&s, &from));
	}
	from.b[0] = RELATIVES_MAX;
	cr_expect_not(live_release_begin_relative(&s, &from));
	/* What was not made for anybody makes room, */
	live_release_end_relative(&s, &from, NULL);
	cr_expect_eq(s.relatives_n, RELATIVES_MAX);
	from.b[0] = 3;
	live_release_end_relative(&s, &from, NULL);
	cr_expect_null(live_release_find_relative(&s, &from));
	cr_expect_eq(s.relatives_n, RELATIVES_MAX - 1);
	from.b[0] = RELATIVES_MAX - 1;
	cr_expect_not_null(live_release_find_relative(&s, &from));
	/* and what was made stays. */
	made = (struct relative){.from = from, .leans = true, .hints_len = 7};
	buf_init(&made.packed, 100);
	cr_assert_eq(buf_append(&made.packed, "made", 4, &e), 0);
	live_release_end_relative(&s, &from, &made);
	cr_expect_eq(made.packed.len, 0);
	cr_expect_eq(made.packed.limit, 100);
	cr_expect(live_release_find_relative(&s, &from)->leans);
	cr_expect_eq(live_release_find_relative(&s, &from)->packed.len, 4);
	while (s.relatives_n > 0)
		buf_release(&s.relatives[--s.relatives_n].packed);
}

/* A station of before reads a "**" as one folder at least. */
Test(live_release, names_in_any_folder_or_none_are_told_as_both)
{
	static const char told[] =
	    "\5*.log\5x.dat\10**/x.dat\5d/*.x\11/**/d/*.x";
	struct filter f;
	struct buf out;
	struct err e;

	filter_init(&f);
	buf_init(&out, LEFT_OUT_ALL);
	cr_assert_eq(filter_add(&f, "*.log", &e), 0);
	cr_assert_eq(filter_add(&f, "**/x.dat", &e), 0);
	cr_assert_eq(filter_add(&f, "/**/d/*.x", &e), 0);
	cr_expect_eq(live_release_names(&f, &out, &e), 0);
	cr_assert_eq(out.len, sizeof(told) - 1);
	cr_expect_eq(memcmp(buf_data(&out), told, out.len), 0);
	buf_release(&out);
	filter_release(&f);
}
