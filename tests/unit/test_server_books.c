/* The books of a session: what a station says against what it said before. */
#include "transport/server/server_books.h"

#include "engine/base/err.h"
#include "engine/tree/manifest.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = WINDOW + 1, FOLDER = FILES, ENTRIES, SIZE = 5000, BLOB = 900 };

static struct books books;
static struct manifest release;
static struct entry entries[ENTRIES];
static struct err e;

static void
begin(void)
{
	size_t i;

	for (i = 0; i < FILES; i++) {
		entries[i].type = ENTRY_FILE;
		entries[i].content.size = SIZE;
	}
	entries[FOLDER].type = ENTRY_DIR;
	release.v = entries;
	release.n = ENTRIES;
	books_init(&books);
}

static void
end(void)
{
	books_release(&books);
}

TestSuite(server_books, .init = begin, .fini = end);

static int
want(uint32_t index, uint8_t flags, uint64_t basis_size)
{
	struct msg_want m = {
	    .index = index, .flags = flags, .basis_size = basis_size};

	return books_want(&books, &release, &m, &e);
}

static struct pending *
wanted(uint32_t index)
{
	struct pending *p;

	cr_assert_eq(want(index, WANT_HAS_BASIS, SIZE), 0, "%s", e.msg);
	p = books_find(&books, index);
	cr_assert_not_null(p);
	return p;
}

static void
offer(struct pending *p)
{
	struct msg_offer m = {.index = p->index, .codec = 1, .len = BLOB};

	books_offer(&books, p, &m);
}

static int
fetch(uint32_t index, uint64_t offset)
{
	struct msg_fetch m = {index, offset};

	return books_fetch(&books, &m, &e);
}

static int
sums(size_t n)
{
	static const uint8_t bytes[SIZE];

	return books_take_sums(&books, bytes, n, &e);
}

Test(server_books, a_file_goes_from_want_to_its_last_byte)
{
	struct pending *p = wanted(7);

	cr_expect_eq(fetch(7, 0), ERP_PROTO); /* nothing is offered yet */
	offer(p);
	cr_expect_eq(fetch(7, BLOB + 1), ERP_PROTO);
	cr_assert_eq(fetch(7, 100), 0);
	cr_expect_eq(fetch(7, 100), ERP_PROTO); /* it is under way */
	cr_assert_eq(books_next_fetch(&books), p);
	books_sent(&books, BLOB - 101);
	cr_expect_eq(p->offset, BLOB - 1);
	books_sent(&books, 1);
	books_end_fetch(&books);
	cr_expect_null(books_next_fetch(&books));
	cr_expect_null(books_find(&books, 7));
	/* It may be wanted again, and what is there already is not sent. */
	offer(wanted(7));
	cr_assert_eq(fetch(7, BLOB), 0);
	cr_expect_null(books_next_fetch(&books));
	cr_expect_eq(books.pending_n, 0);
}

Test(server_books, what_cannot_be_wanted_is_refused)
{
	uint32_t i;

	cr_expect_eq(want(FOLDER, 0, 0), ERP_PROTO);
	cr_expect_eq(want(ENTRIES, 0, 0), ERP_PROTO);
	cr_expect_eq(want(UINT32_MAX, 0, 0), ERP_PROTO);
	cr_assert_eq(want(3, 0, 0), 0);
	cr_expect_eq(want(3, 0, 0), ERP_PROTO); /* twice */
	for (i = 0; i < WINDOW; i++)
		if (i != 3)
			cr_assert_eq(want(i, 0, 0), 0);
	cr_expect_eq(want(WINDOW, 0, 0), ERP_PROTO); /* too many at once */
	cr_expect_eq(books.pending_n, WINDOW);
}

Test(server_books, a_basis_that_cannot_be_of_use_is_not_believed)
{
	const uint64_t limit = 8 * (SIZE + (uint64_t)128 * 1024);
	static const struct {
		uint64_t size;
		bool believed;
	} rows[] = {{0, false}, {1, true},
	    {8 * (SIZE + (uint64_t)128 * 1024) + 7, true},
	    {8 * (SIZE + (uint64_t)128 * 1024) + 8, false},
	    {UINT64_MAX, false}};
	uint32_t i;

	cr_assert_eq(limit + 8, rows[3].size);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_assert_eq(want(i, WANT_HAS_BASIS, rows[i].size), 0);
		cr_expect_eq(books_find(&books, i)->want.flags,
		    rows[i].believed ? WANT_HAS_BASIS : 0, "row %u", i);
	}
}

Test(server_books, whole_files_are_wanted_once_and_after_a_blob)
{
	cr_expect_eq(want(1, WANT_WHOLE, 0), ERP_PROTO); /* no blob before */
	end();
	memset(&books, 0, sizeof(books));
	books_init(&books);
	books_settle(&books, wanted(1));
	books_settle(&books, wanted(2));
	cr_assert_eq(want(1, WANT_WHOLE, 0), 0);
	books_settle(&books, books_find(&books, 1));
	cr_expect_eq(want(1, WANT_WHOLE, 0), ERP_PROTO);
}

Test(server_books, sums_come_in_the_order_asked_and_no_more)
{
	struct pending *first = wanted(9), *second = wanted(4);
	struct batch *b;

	cr_expect_eq(sums(1), ERP_PROTO); /* not asked for */
	books_owe(&books, first, 100, false);
	books_owe(&books, second, 30, true);
	cr_assert_eq(sums(60), 0);
	cr_expect_null(books_next_batch(&books));
	/* A frame may end anywhere. */
	cr_assert_eq(sums(41), 0);
	cr_expect_not_null(books_next_batch(&books));
	cr_assert_eq(sums(29), 0);
	cr_expect_eq(books.batches_sums, 130);
	cr_expect_eq(sums(1), ERP_PROTO);
	b = books_take_batch(&books);
	cr_expect_eq(b->want[0].index, 9);
	cr_expect_eq(b->sums.len, 100);
	cr_expect(!b->short_sums);
	batch_free(b);
	b = books_take_batch(&books);
	cr_expect_eq(b->want[0].index, 4);
	cr_expect(b->short_sums);
	batch_free(b);
	cr_expect_eq(books.batches_sums, 0);
	cr_expect_eq(first->state, PENDING_WANTED);
}

Test(server_books, no_more_sums_are_taken_than_are_owed)
{
	books_owe(&books, wanted(9), 100, false);
	books_owe(&books, wanted(4), 30, true);
	cr_expect_eq(sums(131), ERP_PROTO);
	cr_expect_not_null(strstr(e.msg, "1 bytes of SUMS"), "%s", e.msg);
}

Test(server_books, sums_are_recalled_once_and_whole)
{
	struct pending *p = wanted(9);
	struct hash hash = {{7}};
	struct batch *b;

	cr_expect_eq(
	    books_recall(&books, &hash, &e), ERP_PROTO); /* not asked */
	books_owe(&books, p, 30, true);
	cr_assert_eq(books_recall(&books, &hash, &e), 0);
	cr_expect_eq(sums(1), ERP_PROTO); /* nothing is owed meanwhile */
	b = books_take_batch(&books);
	cr_expect(b->has_recall && hash_equal(&b->recall, &hash));
	cr_expect(b->short_sums);
	cr_expect_eq(b->sums.len, 0);
	batch_free(b);
	/* It was in vain: they are asked again. */
	books_owe(&books, p, 30, true);
	cr_expect_eq(books_recall(&books, &hash, &e), ERP_PROTO);
	cr_assert_eq(sums(30), 0);
	batch_free(books_take_batch(&books));
	/* The other kind is another question. */
	books_owe(&books, p, 100, false);
	cr_assert_eq(books_recall(&books, &hash, &e), 0);
	b = books_take_batch(&books);
	cr_expect(!b->short_sums);
	batch_free(b);
	/* Not behind the first of them. */
	p = wanted(4);
	books_owe(&books, p, 100, false);
	cr_assert_eq(sums(1), 0);
	cr_expect_eq(books_recall(&books, &hash, &e), ERP_PROTO);
}

Test(server_books, a_group_waits_for_the_sums_of_all_its_members)
{
	struct pending *lead = wanted(1), *other = wanted(2);
	const struct msg_want v[] = {lead->want, other->want};
	struct batch *b;

	cr_assert_eq(batch_new(v, 2, &b, &e), 0);
	cr_expect_eq(b->want[1].index, other->want.index);
	b->members = calloc(2, 1);
	cr_assert_not_null(b->members);
	books_owe_group(&books, lead, 60, b);
	cr_expect_eq(other->state, PENDING_WANTED);
	cr_assert_eq(sums(60), 0);
	cr_expect_eq(books_next_batch(&books), b);
	cr_expect_eq(b->sums.len, 60);
	cr_expect_null(lead->group);
	/* One that never came is freed with the books. */
	b = books_take_batch(&books);
	buf_clear(&b->sums);
	books_owe_group(&books, lead, 60, b);
}

Test(server_books, are_full_of_batches_or_of_their_sums)
{
	const struct msg_want want = {.index = 1};
	struct batch *b;
	size_t i;

	for (i = 0; i < BATCHES_MAX; i++) {
		cr_expect(!books_are_full(&books));
		cr_assert_eq(batch_new(&want, 1, &b, &e), 0);
		books_queue(&books, b);
	}
	cr_expect(books_are_full(&books));
	batch_free(books_take_batch(&books));
	cr_expect(!books_are_full(&books));
	cr_assert_eq(batch_new(&want, 1, &b, &e), 0);
	for (i = 0; i < SUMS_HELD_MAX; i += SIZE)
		cr_assert_eq(buf_append(&b->sums, entries, SIZE, &e), 0);
	batch_free(books_take_batch(&books));
	books_queue(&books, b);
	cr_expect(books_are_full(&books));
}

/* They are short ones: its lead's signature is another question. */
Test(server_books, a_group_recalls_its_sums_once)
{
	struct pending *lead = wanted(1), *other = wanted(2);
	const struct msg_want v[] = {lead->want, other->want};
	struct hash hash = {{7}};
	struct batch *b;

	cr_assert_eq(batch_new(v, 2, &b, &e), 0);
	b->members = calloc(2, 1);
	cr_assert_not_null(b->members);
	books_owe_group(&books, lead, 60, b);
	cr_assert_eq(books_recall(&books, &hash, &e), 0);
	cr_expect_eq(books_take_batch(&books), b);
	books_owe_group(&books, lead, 60, b);
	cr_expect_eq(books_recall(&books, &hash, &e), ERP_PROTO);
	cr_assert_eq(sums(60), 0);
	batch_free(books_take_batch(&books));
	books_owe(&books, lead, 100, false);
	cr_expect_eq(books_recall(&books, &hash, &e), 0, "%s", e.msg);
}
