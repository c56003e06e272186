/* The manifest as it arrives: believed when it is the one that was announced,
 * and no sooner. */
#include "transport/station/station_internal.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/delta/compress/compress.h"
#include "engine/tree/hints.h"
#include "tests/support/alloc_wrap.h"
#include "transport/wire/frame.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <string.h>

enum { LEVEL = 3 };

static struct station s;
static struct folder folder;
static struct manifest release, older;
static struct buf raw, packed;
static struct msg_welcome *const welcome = &s.report.welcome;
static struct err e;

/* A manifest of one file. */
static void
make(struct manifest *m, const char *build, const char *path)
{
	char name[40];
	struct entry x = {.path = name, .type = ENTRY_FILE};

	(void)strlcpy(name, path, sizeof(name));
	manifest_init(m, PATH_OS_LINUX);
	(void)strlcpy(m->build, build, sizeof(m->build));
	x.content.size = 5;
	x.content.known = true;
	x.mtime.s = 1000000000;
	cr_assert_eq(manifest_add(m, &x, &e), 0);
}

/* The release is announced, and packed is what is to come. */
static void
begin(void)
{
	make(&release, "2", "new.dll");
	make(&older, "1", "old.dll");
	buf_init(&raw, MANIFEST_MAX_BYTES);
	buf_init(&packed, MANIFEST_MAX_BYTES);
	cr_assert_eq(manifest_encode(&release, &raw, &e), 0);
	cr_assert_eq(manifest_id(&release, &welcome->release, &e), 0);
	cr_assert_eq(
	    compress_bytes(buf_data(&raw), raw.len, LEVEL, &packed, &e), 0);
	welcome->manifest_len = (uint32_t)raw.len;
	welcome->packed_len = (uint32_t)packed.len;
	s.opt.os = PATH_OS_LINUX;
	s.opt.folder = &folder;
	buf_init(&s.manifest.packed, MANIFEST_MAX_BYTES);
}

static void
end(void)
{
	hints_release(&s.manifest.hints);
	manifest_release(&s.manifest.want);
	buf_release(&s.manifest.packed);
	buf_release(&packed);
	buf_release(&raw);
	manifest_release(&older);
	manifest_release(&release);
}

TestSuite(station_manifest, .init = begin, .fini = end);

static int
receive(size_t from, size_t n)
{
	struct frame f = {.type = MSG_MANIFEST,
	    .payload = buf_data(&packed) + from,
	    .len = (uint32_t)n};

	return manifest_receive(&s, &f, &e);
}

static void
expect_refused(int code, const char *why)
{
	cr_expect_eq(receive(0, packed.len), code);
	cr_expect_not_null(strstr(e.msg, why), "%s", e.msg);
}

Test(station_manifest, it_is_whole_with_its_last_byte)
{
	cr_expect_eq(receive(0, 1), 0);
	cr_expect_eq(receive(1, packed.len - 2), 0);
	cr_expect_eq(s.manifest.want.n, 0);
	cr_expect_eq(receive(packed.len - 1, 1), 1);
	cr_assert_eq(s.manifest.want.n, 1);
	cr_expect_str_eq(s.manifest.want.v[0].path, "new.dll");
	cr_expect_eq(s.manifest.packed.len, 0);
}

/* What came, and what was there when it was freed. */
static const void *came;
static size_t entries_then;

static void
look_at_freed(const void *p)
{
	if (p == came)
		entries_then = s.manifest.want.cap;
}

Test(station_manifest, what_came_is_not_kept_beside_what_is_made_of_it)
{
	cr_assert_eq(receive(0, 1), 0);
	came = s.manifest.packed.p;
	cr_assert_not_null(came);
	entries_then = SIZE_MAX;
	alloc_look_at_freed(look_at_freed);
	cr_expect_eq(receive(1, packed.len - 1), 1);
	alloc_look_at_freed(NULL);
	cr_expect_eq(entries_then, 0);
}

Test(station_manifest, one_that_was_not_announced_is_refused)
{
	welcome->release.b[0] ^= 1;
	expect_refused(ERP_MISMATCH, "not the one the server announced");
	cr_expect_eq(s.manifest.want.n, 0);
}

Test(station_manifest, one_of_another_system_is_refused)
{
	s.opt.os = PATH_OS_WINDOWS;
	expect_refused(ERP_MISMATCH, "the files of another system");
}

Test(station_manifest, one_that_unpacks_to_more_is_refused)
{
	welcome->manifest_len--;
	cr_expect_lt(receive(0, packed.len), 0);
	cr_expect_eq(s.manifest.want.n, 0);
}

/* Packed behind the installed one. */
static void
lean(void)
{
	struct buf before;
	struct span prefix, bytes = {buf_data(&raw), raw.len};

	buf_init(&before, MANIFEST_MAX_BYTES);
	cr_assert_eq(manifest_encode(&older, &before, &e), 0);
	prefix = (struct span){buf_data(&before), before.len};
	buf_clear(&packed);
	cr_assert_eq(compress_after(&prefix, &bytes, LEVEL, &packed, &e), 0);
	welcome->flags = WELCOME_RELATIVE;
	welcome->packed_len = (uint32_t)packed.len;
	buf_release(&before);
}

Test(station_manifest, one_that_leans_on_the_installed_one_is_taken)
{
	folder.state.known = true;
	folder.state.manifest = older;
	lean();
	cr_expect_eq(receive(0, packed.len), 1, "%s", e.msg);
	cr_expect_eq(s.manifest.want.n, 1);
}

Test(station_manifest, what_leans_on_nothing_is_refused)
{
	folder.state.manifest = older;
	lean();
	expect_refused(ERP_PROTO, "leans on one that we do not have");
}

/* The new file is like the old one. */
static void
hint(void)
{
	struct hints hints = {.v = NULL};
	struct buf plain;
	size_t before = packed.len;

	buf_init(&plain, HINTS_MAX_BYTES);
	cr_assert_eq(hints_init(&hints, 1, &e), 0);
	cr_assert_eq(hints_set(&hints, 0, "old.dll", &e), 0);
	cr_assert_eq(hints_encode(&hints, &older, &plain, &e), 0);
	cr_assert_eq(
	    compress_bytes(buf_data(&plain), plain.len, LEVEL, &packed, &e), 0);
	welcome->packed_len = (uint32_t)packed.len;
	welcome->hints_len = (uint32_t)(packed.len - before);
	hints_release(&hints);
	buf_release(&plain);
}

Test(station_manifest, hints_come_behind_it)
{
	folder.state.known = true;
	folder.state.manifest = older;
	hint();
	cr_expect_eq(receive(0, packed.len), 1, "%s", e.msg);
	cr_assert_not_null(s.manifest.hints.v);
	cr_expect_str_eq(s.manifest.hints.v[0], "old.dll");
}

Test(station_manifest, hints_about_nothing_are_refused)
{
	folder.state.manifest = older;
	hint();
	expect_refused(ERP_PROTO, "hints about a release that we do not have");
}
