/* What leaves a session, and in which order. */
#include "transport/server/server_internal.h"

#include "engine/base/fs.h"
#include "transport/wire/frame.h"

#include <criterion/criterion.h>
#include <string.h>

enum { HEAD = 2, BULK = 5, WORDS = 6, FILE_FD = 9, OFFSET = 100 };

static struct server s;
static struct outbox *const o = &s.outbox;
static const uint8_t bytes[] = "bytes";
static struct err e;

static void
begin(void)
{
	outbox_init(o);
}

static void
end(void)
{
	buf_release(&o->words);
}

TestSuite(server_send, .init = begin, .fini = end);

static void
put_words(size_t n)
{
	static const uint8_t words[OUT_MAX];

	cr_assert_eq(buf_append(&o->words, words, n, &e), 0);
}

static void
put_bulk(const uint8_t *p, size_t sent)
{
	o->bulk = (struct bulk){.head_n = HEAD,
	    .p = p,
	    .offset = OFFSET,
	    .len = BULK,
	    .sent = sent};
	o->fd = p == NULL ? FILE_FD : -1;
}

/* Whole frames first, unless one is begun; and whether others are ready
 * behind, so that the kernel may wait for them. */
Test(server_send, one_frame_after_the_other)
{
	static const struct {
		bool words, bulk, in_file, next;
		size_t sent;
		/* What is next: words, head, or bytes from at on. */
		char what;
		size_t at, n;
		bool more;
	} rows[] = {
	    {true, false, false, false, 0, 'w', 0, WORDS, false},
	    {true, true, false, false, 0, 'w', 0, WORDS, true},
	    {false, true, false, false, 0, 'h', 0, 2, true},
	    {true, true, false, false, 1, 'h', 1, 1, true},
	    {false, true, false, false, 2, 'b', 0, 5, false},
	    {false, true, false, false, 4, 'b', 2, 3, false},
	    {true, true, false, false, 4, 'b', 2, 3, true},
	    {false, true, true, false, 2, 'f', 0, 5, false},
	    {false, true, true, false, 6, 'f', 4, 1, false},
	    {true, true, true, false, 6, 'f', 4, 1, true},
	    {false, true, true, true, 6, 'f', 4, 1, true},
	};
	struct server_bytes out;
	const uint8_t *from;
	size_t i;

	cr_expect_not(server_output(&s, &out));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		outbox_drop(o);
		o->crcs_at = 0;
		o->crcs_n = rows[i].next;
		if (rows[i].words)
			put_words(WORDS);
		if (rows[i].bulk)
			put_bulk(rows[i].in_file ? NULL : bytes, rows[i].sent);
		cr_assert(server_output(&s, &out), "row %zu", i);
		from = rows[i].what == 'w' ? buf_data(&o->words)
		    : rows[i].what == 'h'  ? o->bulk.head
					   : bytes;
		if (rows[i].what == 'f') {
			cr_expect_null(out.p);
			cr_expect_eq(out.fd, FILE_FD);
			cr_expect_eq(out.offset, OFFSET + rows[i].at);
		} else {
			cr_expect_eq(out.p, from + rows[i].at, "row %zu", i);
		}
		cr_expect_eq(out.n, rows[i].n, "row %zu", i);
		cr_expect_eq(out.more, rows[i].more, "row %zu", i);
	}
}

Test(server_send, work_that_adds_to_it_is_not_begun_above_a_mark)
{
	cr_expect(outbox_is_empty(o));
	put_words(OUT_HIGH - 1);
	cr_expect_not(outbox_is_empty(o));
	cr_expect_not(outbox_is_high(o));
	put_words(1);
	cr_expect(outbox_is_high(o));
	outbox_drop(o);
	put_bulk(bytes, 0);
	cr_expect_not(outbox_is_empty(o));
}

/* A manifest in pieces, each a frame, and nothing behind the last. */
Test(server_send, a_manifest_leaves_in_pieces)
{
	static const uint8_t manifest[BULK_PIECE + 1];
	const size_t lens[] = {BULK_PIECE, 1};
	size_t i;

	books_init(&s.books);
	outbox_use_manifest(o, manifest, sizeof(manifest));
	cr_assert_eq(outbox_send_manifest(o, &e), 0);
	cr_expect_eq(outbox_send_manifest(o, &e), ERP_PROTO);
	for (i = 0; i < 2; i++) {
		outbox_next(o, &s.books);
		cr_assert_eq(o->bulk.len, lens[i]);
		cr_expect_eq(o->bulk.p, manifest + i * BULK_PIECE);
		/* It is not put up again while it leaves. */
		outbox_sent(o, &s.books, fs_real(), 1);
		outbox_next(o, &s.books);
		cr_expect_eq(o->bulk.sent, 1);
		outbox_sent(
		    o, &s.books, fs_real(), o->bulk.head_n + o->bulk.len - 1);
		cr_expect_eq(o->bulk.len, 0);
	}
	outbox_next(o, &s.books);
	cr_expect_eq(o->bulk.len, 0);
	cr_expect_eq(outbox_send_manifest(o, &e), ERP_PROTO);
	books_release(&s.books);
}

/* What is begun is ended, so that last words can be read behind it. */
Test(server_send, nothing_but_what_is_begun_comes_before_the_end)
{
	struct msg_error m = {.code = ERROR_FAILED, .text = "why"};
	size_t before;

	put_words(WORDS);
	put_bulk(bytes, 1);
	o->sending_manifest = true;
	o->crcs_n = 3;
	before = o->words.len;
	outbox_end(o, &m);
	cr_expect_eq(o->bulk.len, BULK);
	cr_expect_gt(o->words.len, before);
	cr_expect_not(o->sending_manifest);
	cr_expect_eq(o->crcs_at, o->crcs_n);
	put_bulk(bytes, 0);
	before = o->words.len;
	outbox_end(o, NULL);
	cr_expect_eq(o->bulk.len, 0);
	cr_expect_eq(o->words.len, before);
}
