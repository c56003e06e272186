/* Hints come back as they were, and fit the two releases they are about. */
#include "engine/tree/hints.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct manifest release, older;
static struct err e;

static void
add(struct manifest *m, const char *path, enum entry_type type)
{
	struct entry entry;
	char copy[64];

	memset(&entry, 0, sizeof(entry));
	(void)strcpy(copy, path);
	entry.path = copy;
	entry.type = type;
	cr_assert_eq(manifest_add(m, &entry, &e), 0);
}

static void
begin(void)
{
	char name[16];
	int i;

	manifest_init(&release, PATH_OS_LINUX);
	manifest_init(&older, PATH_OS_LINUX);
	for (i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "n%03d", i);
		add(&release, name, i == 10 ? ENTRY_DIR : ENTRY_FILE);
		(void)snprintf(name, sizeof(name), "o%03d", i);
		add(&older, name, i == 20 ? ENTRY_DIR : ENTRY_FILE);
	}
}

static void
end(void)
{
	manifest_release(&release);
	manifest_release(&older);
}

TestSuite(hints, .init = begin, .fini = end);

Test(hints, come_back_as_they_were)
{
	static const struct {
		size_t of;
		const char *path;
	} rows[] = {{0, "o299"}, {1, "o000"}, {2, "o001"}, {11, "o010"},
	    {298, "o298"}, {299, "o000"}};
	struct hints h = {.v = NULL}, back = {.v = NULL};
	struct buf b;
	size_t i, n = 0;

	buf_init(&b, HINTS_MAX_BYTES);
	cr_assert_eq(hints_init(&h, release.n, &e), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_assert_eq(hints_set(&h, rows[i].of, rows[i].path, &e), 0);
	cr_assert_eq(hints_encode(&h, &older, &b, &e), 0, "%s", e.msg);
	cr_assert_eq(
	    hints_decode(&back, &release, &older, &b, &e), 0, "%s", e.msg);
	cr_assert_eq(back.n, release.n);
	for (i = 0; i < release.n; i++) {
		if (h.v[i] == NULL)
			cr_expect_null(back.v[i], "%zu", i);
		else
			cr_expect_str_eq(back.v[i], h.v[i]);
		n += back.v[i] != NULL;
	}
	cr_expect_eq(n, sizeof(rows) / sizeof(rows[0]));
	hints_release(&h);
	hints_release(&back);
	hints_release(&back);
	buf_release(&b);
}

Test(hints, none_are_no_bytes)
{
	struct hints h = {.v = NULL};
	struct buf b;

	buf_init(&b, HINTS_MAX_BYTES);
	cr_assert_eq(hints_encode(&h, &older, &b, &e), 0);
	cr_assert_eq(hints_init(&h, release.n, &e), 0);
	cr_assert_eq(hints_encode(&h, &older, &b, &e), 0);
	cr_expect_eq(b.len, 0);
	hints_release(&h);
	buf_release(&b);
}

Test(hints, that_fit_no_release_are_refused)
{
	static const struct {
		const char *what;
		size_t n;
		uint8_t bytes[12];
		int want;
	} rows[] = {
	    {"the first of each", 2, {0, 0}, 0},
	    {"the last of each", 4, {0xab, 2, 0xd6, 4}, 0},
	    {"one behind the last", 3, {0xac, 2, 0}, ERP_PROTO},
	    {"two behind it", 5, {0xab, 2, 0, 0, 0}, ERP_PROTO},
	    {"one behind the last older", 3, {0, 0xd8, 4}, ERP_PROTO},
	    {"one before the first", 2, {0, 1}, ERP_PROTO},
	    {"of a folder", 2, {10, 0}, ERP_PROTO},
	    {"to a folder", 2, {0, 40}, ERP_PROTO},
	    {"cut short", 1, {0}, ERP_PROTO},
	    {"cut within", 2, {0, 0x80}, ERP_PROTO},
	    {"longer than needed", 3, {0, 0x80, 0}, ERP_PROTO},
	    {"a step too far", 6, {0, 0x80, 0x80, 0x80, 0x80, 0x10}, ERP_PROTO},
	};
	struct hints h;
	struct buf b;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, HINTS_MAX_BYTES);
		cr_assert_eq(buf_append(&b, rows[i].bytes, rows[i].n, &e), 0);
		h = (struct hints){.v = NULL};
		cr_expect_eq(hints_decode(&h, &release, &older, &b, &e),
		    rows[i].want, "%s", rows[i].what);
		cr_expect((h.v != NULL) == (rows[i].want == 0));
		hints_release(&h);
		buf_release(&b);
	}
}
