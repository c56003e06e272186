#include "engine/apply/journal.h"

#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void
add(struct journal *j, enum op_kind kind, const char *path)
{
	struct op *op = NULL;
	struct err e;

	cr_assert_eq(journal_add(j, kind, path, &op, &e), 0);
	op->old.content.size = 11;
	op->saved.content.size = 22;
	op->fresh.content.size = 33;
	op->fresh.content.known = true;
	op->fresh.content.hash.b[0] = (uint8_t)path[0];
}

static void
sample(struct journal *j)
{
	journal_init(j, 0xabc);
	j->dev = 5;
	j->has_state = true;
	add(j, OP_ADD, "n");
	add(j, OP_RMDIR, "d");
	add(j, OP_RMDIR, "d/e");
	add(j, OP_REPLACE, "b");
	add(j, OP_ADD, "n/m");
	add(j, OP_DELETE, "x");
	add(j, OP_DELETE, "x/y");
	journal_sort(j);
}

Test(journal, order_of_the_run)
{
	static const char *const want[] = {
	    "x/y", "x", "b", "n", "n/m", "d/e", "d"};
	struct journal j;
	size_t i;

	sample(&j);
	for (i = 0; i < j.n; i++)
		cr_assert_str_eq(j.v[i].path, want[i]);
	cr_assert_eq(j.v[2].number, 4, "numbers stay with their operation");
	journal_release(&j);
}

Test(journal, written_and_read)
{
	struct journal j, back;
	struct tempdir t;
	struct err e;
	size_t i;

	tempdir_open(&t);
	sample(&j);
	cr_assert_eq(journal_read(fs_real(), t.fd, OWN_JOURNAL, &back, &e),
	    ERP_NOTFOUND);
	cr_assert_eq(journal_write(fs_real(), t.fd, &j, &e), 0, "%s", e.msg);
	cr_assert_eq(journal_read(fs_real(), t.fd, OWN_JOURNAL, &back, &e), 0);
	cr_assert_eq(back.tx, 0xabc);
	cr_assert_eq(back.dev, 5);
	cr_assert(back.has_state);
	cr_assert_eq(back.n, j.n);
	for (i = 0; i < j.n; i++) {
		cr_assert_eq(back.v[i].kind, j.v[i].kind);
		cr_assert_eq(back.v[i].number, j.v[i].number);
		cr_assert_str_eq(back.v[i].path, j.v[i].path);
	}
	cr_assert_eq(back.v[2].old.content.size, 11);
	cr_assert_eq(back.v[2].saved.content.size, 22);
	cr_assert_eq(back.v[2].fresh.content.size, 33);
	cr_assert(hash_equal(
	    &back.v[2].fresh.content.hash, &j.v[2].fresh.content.hash));
	journal_release(&j);
	journal_release(&back);
	tempdir_close(&t);
}

Test(journal, a_damaged_one_stops_and_says_so)
{
	struct journal j, back;
	struct tempdir t;
	struct err e;
	char *bytes;
	size_t n;

	tempdir_open(&t);
	sample(&j);
	cr_assert_eq(journal_write(fs_real(), t.fd, &j, &e), 0);
	bytes = tempdir_read(&t, OWN_JOURNAL, &n);
	tempdir_write(&t, OWN_JOURNAL, bytes, n - 1, -1);
	cr_assert_eq(
	    journal_read(fs_real(), t.fd, OWN_JOURNAL, &back, &e), ERP_CORRUPT);
	cr_assert(strstr(e.msg, "recovery required") != NULL, "%s", e.msg);
	bytes[n / 2] ^= 1;
	tempdir_write(&t, OWN_JOURNAL, bytes, n, -1);
	cr_assert_eq(
	    journal_read(fs_real(), t.fd, OWN_JOURNAL, &back, &e), ERP_CORRUPT);
	free(bytes);
	journal_release(&j);
	tempdir_close(&t);
}

/* What has no room in the middle may have some for what follows. */
Test(journal, one_that_does_not_fit_is_not_written)
{
	char path[300];
	struct journal j;
	struct buf whole, b;
	struct err e;
	size_t max;

	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	journal_init(&j, 7);
	add(&j, OP_RMDIR, path);
	add(&j, OP_REPLACE, path);
	buf_init(&whole, JOURNAL_MAX);
	cr_assert_eq(journal_encode(&j, &whole, &e), 0);
	for (max = 0; max <= whole.len; max++) {
		buf_init(&b, max);
		cr_assert_eq(journal_encode(&j, &b, &e) == 0, max == whole.len,
		    "%zu of %zu", max, whole.len);
		buf_release(&b);
	}
	buf_release(&whole);
	journal_release(&j);
}

/* The bytes behind the record's heading. */
Test(journal, an_operation_that_nothing_writes_is_refused)
{
	static const size_t heading = 8 + 8 + 1 + 4;
	struct journal j, back;
	struct cursor c;
	struct buf b;
	struct err e;
	uint8_t *p;
	size_t n;
	int kind;

	journal_init(&j, 7);
	add(&j, OP_RMDIR, "d");
	buf_init(&b, JOURNAL_MAX);
	cr_assert_eq(journal_encode(&j, &b, &e), 0);
	p = b.p + RECORD_OVERHEAD - HASH_LEN;
	n = b.len - RECORD_OVERHEAD;
	for (kind = 0; kind <= OP_RMDIR + 1; kind++) {
		p[heading] = (uint8_t)kind;
		cursor_init(&c, p, n);
		if (kind == OP_RMDIR) {
			cr_expect_eq(journal_decode(&c, &back, &e), 0);
			journal_release(&back);
			continue;
		}
		cr_expect_eq(journal_decode(&c, &back, &e), ERP_CORRUPT);
		cr_expect_str_eq(e.msg,
		    kind < OP_DELETE || kind > OP_RMDIR
			? "unknown operation in it"
			: "an operation is malformed",
		    "%d", kind);
		cr_expect_null(back.v);
	}
	buf_release(&b);
	journal_release(&j);
}
