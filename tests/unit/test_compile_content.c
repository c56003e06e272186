/* Contents are checked as they are read, and only what is damaged goes. */
#include "engine/release/compile_internal.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 5000 };

static struct release_fixture f;
static uint8_t bytes[SIZE + 1], got[SIZE];
static struct hash id;
static struct err e;

/* It is there, and was not looked at for a while. */
static void
add(void)
{
	id = release_content(&f, bytes, SIZE);
	store_uncheck_contents(f.store);
}

static void
begin(void)
{
	size_t i;

	release_begin(&f);
	for (i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	add();
}

static void
end(void)
{
	release_end(&f);
}

TestSuite(compile_content, .init = begin, .fini = end);

/* The store's file of it has the first n bytes. */
static void
write_file(size_t n)
{
	char *path = release_path("content", &id);

	tempdir_write(&f.dir, path, bytes, n, -1);
	free(path);
}

static bool
is_there(void)
{
	char *path = release_path("content", &id);
	bool is = tempdir_has(&f.dir, path);

	free(path);
	return is;
}

/* Read so much of it, and end with this code. */
static int
read_some(size_t n, int rc)
{
	struct content_reader c;
	struct source src;

	cr_assert_eq(content_open(&c, f.store, &id, SIZE, &e), 0);
	src = content_source(&c);
	cr_assert_eq(source_read_full(&src, got, n, &e), (int64_t)n);
	return content_close(&c, rc, &e);
}

/* Who gives up, or has no room for what he makes of it, says nothing of it. */
Test(compile_content, what_was_not_read_to_its_end_is_not_damaged)
{
	const int codes[] = {ERP_CANCELLED, ERP_NOSPACE, ERP_IO, ERP_NOMEM};
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		cr_expect_eq(read_some(SIZE / 2, codes[i]), codes[i]);
		cr_expect(is_there());
		cr_expect_not(store_content_is_checked(f.store, &id));
		/* Nor does it vouch for what was read. */
		cr_expect_eq(read_some(SIZE, codes[i]), codes[i]);
		cr_expect_not(store_content_is_checked(f.store, &id));
	}
}

Test(compile_content, what_ended_too_soon_is_damaged)
{
	cr_expect_eq(read_some(SIZE - 1, 0), ERP_CORRUPT);
	cr_expect_not_null(strstr(e.msg, "was damaged and is removed"));
	cr_expect_not(is_there());
	add();
	cr_expect_eq(read_some(SIZE - 1, ERP_MISMATCH), ERP_CORRUPT);
	cr_expect_not(is_there());
}

Test(compile_content, what_is_whole_is_hashed_once)
{
	cr_expect_eq(read_some(SIZE, 0), 0);
	cr_expect(store_content_is_checked(f.store, &id));
	/* What happens to it then shows when it is doubted. */
	bytes[0] ^= 1;
	write_file(SIZE);
	cr_expect_eq(content_read(f.store, &id, SIZE, got, &e), 0);
	cr_expect_eq(got[0], bytes[0]);
	cr_expect_eq(content_vouch(f.store, &id, SIZE, &e), 0);
	cr_expect(is_there());
	cr_expect_eq(content_verify(f.store, &id, SIZE, &e), ERP_CORRUPT);
	cr_expect_not(is_there());
}

Test(compile_content, each_way_to_read_sees_damage)
{
	static const size_t lengths[] = {SIZE - 1, SIZE, SIZE + 1};
	struct held held;
	int way, rc;
	size_t i;

	for (i = 0; i < 3; i++)
		for (way = 0; way < 3; way++) {
			add();
			if (lengths[i] == SIZE)
				bytes[SIZE / 2] ^= 1;
			write_file(lengths[i]);
			if (lengths[i] == SIZE)
				bytes[SIZE / 2] ^= 1;
			rc = way == 0 ? content_vouch(f.store, &id, SIZE, &e)
			    : way == 1
			    ? content_read(f.store, &id, SIZE, got, &e)
			    : content_hold(f.store, &id, SIZE, &held, &e);
			cr_expect_eq(
			    rc, ERP_CORRUPT, "%zu %d", lengths[i], way);
			cr_expect_not(is_there());
		}
	cr_expect_null(held.p);
}

/* A checked one of another length is damaged all the same. */
Test(compile_content, its_length_is_looked_at_always)
{
	store_content_checked(f.store, &id);
	write_file(SIZE + 1);
	cr_expect_eq(content_read(f.store, &id, SIZE, got, &e), ERP_CORRUPT);
	cr_expect_not(is_there());
}

/* Answers outlive it. */
Test(compile_content, what_is_gone_is_vouched_for)
{
	store_drop_content(f.store, &id);
	cr_expect_eq(content_vouch(f.store, &id, SIZE, &e), 0);
	cr_expect_eq(content_verify(f.store, &id, SIZE, &e), ERP_NOTFOUND);
}
