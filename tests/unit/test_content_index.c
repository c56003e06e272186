/*
 * Contents of a manifest, found by hash.
 */
#include "engine/tree/content_index.h"

#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct hash
hash_of(unsigned n)
{
	struct hash h = {{0}};

	/* Few slots: many meet. */
	h.b[0] = (uint8_t)(n % 7);
	memcpy(h.b + 20, &n, sizeof(n));
	return h;
}

static void
add(struct manifest *m, enum entry_type type, unsigned content)
{
	struct entry en = {.type = type};
	char path[32];
	struct err e;

	(void)snprintf(path, sizeof(path), "%06zu", m->n);
	en.path = path;
	en.content.known = type == ENTRY_FILE;
	en.content.hash = hash_of(content);
	cr_assert_eq(manifest_add(m, &en, &e), 0);
}

Test(content_index, has_what_files_contain_and_nothing_else)
{
	struct content_index index = {.m = NULL};
	struct manifest m;
	struct hash h;
	struct err e;
	unsigned i;

	manifest_init(&m, PATH_OS_LINUX);
	for (i = 0; i < 500; i++)
		add(&m, ENTRY_FILE, i / 2);
	add(&m, ENTRY_DIR, 1000);
	cr_assert_eq(content_index_init(&index, &m, &e), 0);
	for (i = 0; i < 500; i++) {
		h = hash_of(i);
		cr_expect_eq(content_index_has(&index, &h), i < 250, "%u", i);
	}
	h = hash_of(1000);
	cr_expect(!content_index_has(&index, &h));
	content_index_release(&index);
	manifest_release(&m);
}

Test(content_index, of_nothing_has_nothing)
{
	struct content_index index = {.m = NULL};
	struct hash h = hash_of(1);
	struct manifest m;
	struct err e;

	cr_expect(!content_index_has(&index, &h));
	manifest_init(&m, PATH_OS_LINUX);
	cr_assert_eq(content_index_init(&index, &m, &e), 0);
	cr_expect(!content_index_has(&index, &h));
	content_index_release(&index);
	cr_expect(!content_index_has(&index, &h));
}
