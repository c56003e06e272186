#include "engine/base/err.h"
#include "engine/delta/compress/compress.h"
#include "transport/server/live_release.h"

#include <criterion/criterion.h>
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
