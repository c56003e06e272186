/* The books of what travels: each transfer's state and what is counted. */
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "tests/support/alloc_wrap.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <criterion/criterion.h>
#include <string.h>

enum { SIZE = 1000, ENTRIES = 2 };

/* A station that lacks one content, the second file of its release. */
struct scene {
	struct station s;
	struct transfer t;
	struct entry files[ENTRIES], basis;
	struct action action;
	struct station_item item;
	struct transfer *by_index[ENTRIES + 1];
};

static void
begin(struct scene *x)
{
	memset(x, 0, sizeof(*x));
	x->files[1].content = (struct content){.size = SIZE, .known = true};
	x->basis.content = (struct content){.size = 7, .hash = {{9, 8}}};
	x->action.want = &x->files[1];
	x->s.plan.v = &x->action;
	x->s.plan.n = 1;
	x->s.account.items = &x->item;
	x->s.manifest.want.v = x->files;
	x->s.manifest.want.n = ENTRIES;
	x->s.transfers.by_index = x->by_index;
	x->s.transfers.n = 1;
	x->s.transfers.content_total = SIZE;
	TAILQ_INIT(&x->s.transfers.sums);
	x->t.index = 1;
	x->t.basis = &x->basis;
	buf_init(&x->t.mem, SIZE);
	x->by_index[1] = &x->t;
}

Test(station_transfer, a_part_is_offered_to_what_may_be_of_it)
{
	static const struct {
		uint64_t part_len;
		uint8_t flags;
	} rows[] = {
	    {0, 0}, {1, WANT_HAS_PART}, {SIZE, WANT_HAS_PART}, {SIZE + 1, 0}};
	struct msg_want w;
	struct scene x;
	size_t i;

	begin(&x);
	x.t.whole = true;
	memset(&x.s.transfers.part, 5, sizeof(x.s.transfers.part));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&w, 0xff, sizeof(w));
		x.s.transfers.part_len = rows[i].part_len;
		want_fill(&x.s, &x.t, &w);
		cr_expect_eq(w.index, 1);
		cr_expect_eq(w.flags, rows[i].flags, "row %zu", i);
		cr_expect_eq(w.basis_size, 0);
		cr_expect_eq(w.part[PART_PREFIX - 1], rows[i].flags ? 5 : 0);
	}
	x.t.whole = false;
	want_fill(&x.s, &x.t, &w);
	cr_expect_eq(w.flags, WANT_HAS_BASIS);
	cr_expect_eq(w.basis_size, 7);
	cr_expect(hash_equal(&w.basis, &x.basis.content.hash));
}

Test(station_transfer, only_what_is_asked_for_is_open)
{
	static const bool is_open[] = {[TRANSFER_WANTED] = true,
	    [TRANSFER_ASKED] = true,
	    [TRANSFER_DONE] = false};
	struct scene x;
	int state;

	begin(&x);
	x.by_index[ENTRIES] = &x.t;
	for (state = TRANSFER_TODO; state <= TRANSFER_DONE; state++) {
		x.t.state = (enum transfer_state)state;
		cr_expect_eq(transfer_open(&x.s, 1) != NULL, is_open[state],
		    "state %d", state);
	}
	x.t.state = TRANSFER_WANTED;
	cr_expect_null(transfer_open(&x.s, 0));
	cr_expect_null(transfer_open(&x.s, ENTRIES));
}

Test(station_transfer, what_is_lost_is_not_counted)
{
	struct scene x;

	begin(&x);
	x.item = (struct station_item){.transfer = true, .received = 10};
	item_lose(&x.s, &x.t, 4);
	cr_expect_eq(x.item.received, 6);
	cr_expect_not(x.item.transfer);
	item_lose(&x.s, &x.t, 7);
	cr_expect_eq(x.item.received, 0);
}

Test(station_transfer, sums_that_were_sent_may_be_asked_for_again)
{
	struct scene x;

	begin(&x);
	x.s.transfers.asks_n = 3;
	transfer_wanted(&x.s, &x.t, 50);
	cr_expect_eq(x.s.transfers.window_n, 1);
	cr_expect_eq(x.item.sent, 50);
	transfer_owes(&x.s, &x.t, SUMS_SHORT);
	cr_expect(x.t.asked_short && !x.t.asked_sums);
	cr_expect_eq(x.t.asked_by, 3);
	cr_expect_eq(x.item.received, ASK_LEN);
	cr_expect_eq(TAILQ_FIRST(&x.s.transfers.sums), &x.t);
	transfer_recalled(&x.s, &x.t);
	cr_expect_not(x.t.asked_short);
	cr_expect(TAILQ_EMPTY(&x.s.transfers.sums));
	transfer_owes(&x.s, &x.t, SUMS_SHORT);
	transfer_asked(&x.s, &x.t);
	transfer_owes(&x.s, &x.t, SUMS_SIGNATURE);
	transfer_recalled(&x.s, &x.t);
	cr_expect(x.t.asked_short && !x.t.asked_sums);
	cr_expect_eq(x.t.state, TRANSFER_ASKED);
}

/* What is said of sums is of their basis, their target and their kind. */
Test(station_transfer, sums_are_recalled_for_what_they_are_about)
{
	struct hash about, other;
	struct scene x;
	struct err e;

	begin(&x);
	cr_assert_eq(recall_about(&x.t, 1, &x.s, &about, &e), 0);
	x.basis.content.hash.b[0]++;
	cr_assert_eq(recall_about(&x.t, 1, &x.s, &other, &e), 0);
	cr_expect_not(hash_equal(&other, &about), "the basis");
	x.basis.content.hash.b[0]--;
	x.files[1].content.hash.b[0]++;
	cr_assert_eq(recall_about(&x.t, 1, &x.s, &other, &e), 0);
	cr_expect_not(hash_equal(&other, &about), "the target");
	x.files[1].content.hash.b[0]--;
	x.t.asked_sums = true;
	cr_assert_eq(recall_about(&x.t, 1, &x.s, &other, &e), 0);
	cr_expect_not(hash_equal(&other, &about), "the kind");
	x.t.asked_sums = false;
	cr_assert_eq(recall_about(&x.t, 1, &x.s, &other, &e), 0);
	cr_expect(hash_equal(&other, &about));
}

/* The server asks for sums of the transfer's basis. */
static int
ask(struct scene *x, enum sums_kind kind)
{
	const uint32_t index = 1;
	struct frame frame;
	struct buf raw;
	struct err e;
	int rc;

	buf_init(&raw, 100);
	cr_assert_eq(ask_encode(kind, &index, 1, &raw, &e), 0);
	cr_assert_gt(frame_decode(buf_data(&raw), raw.len, &frame, &e), 0);
	if ((rc = ask_receive(&x->s, &frame, &e)) == 0)
		transfer_asked(&x->s, &x->t);
	buf_release(&raw);
	return rc;
}

Test(station_transfer, the_same_sums_are_not_asked_for_twice)
{
	struct scene x;

	begin(&x);
	cr_expect_eq(ask(&x, SUMS_SHORT), ERP_PROTO, "nobody wants it");
	transfer_wanted(&x.s, &x.t, 1);
	cr_expect_eq(ask(&x, SUMS_SHORT), 0);
	cr_expect_eq(ask(&x, SUMS_SHORT), ERP_PROTO);
	cr_expect_eq(ask(&x, SUMS_SIGNATURE), 0);
	cr_expect_eq(ask(&x, SUMS_SIGNATURE), ERP_PROTO);
	cr_expect_eq(ask(&x, SUMS_SHORT), ERP_PROTO);
	begin(&x);
	x.t.whole = true;
	transfer_wanted(&x.s, &x.t, 1);
	cr_expect_eq(ask(&x, SUMS_SIGNATURE), ERP_PROTO, "there is no basis");
}

Test(station_transfer, a_large_blob_or_one_that_was_begun_is_a_part)
{
	static const struct {
		uint64_t len, got;
		bool in_part;
	} rows[] = {{BLOB_IN_MEMORY, 0, false}, {BLOB_IN_MEMORY + 1, 0, true},
	    {100, 1, true}, {BLOB_IN_MEMORY + 5, 2, true}};
	struct msg_offer offer = {.index = 1};
	struct scene x;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(&x);
		offer.len = rows[i].len;
		x.t.state = TRANSFER_WANTED;
		transfer_offered(&x.s, &x.t, &offer, rows[i].got);
		cr_expect_eq(x.t.in_part, rows[i].in_part, "row %zu", i);
		cr_expect_eq(x.s.account.blob_bytes, rows[i].len - rows[i].got);
		cr_expect_eq(x.s.transfers.blob_offered, rows[i].len);
		cr_expect_eq(x.s.transfers.content_offered, SIZE);
	}
}

Test(station_transfer, a_group_counts_the_contents_of_all)
{
	struct transfer_group group = {.n = 3, .size = 5000};
	struct msg_offer offer = {.index = 1, .len = 100};
	struct scene x;

	begin(&x);
	x.t.group = &group;
	x.t.state = TRANSFER_GROUPED;
	transfer_offered(&x.s, &x.t, &offer, 0);
	cr_expect_eq(x.s.transfers.content_offered, 5000);
}

Test(station_transfer, what_was_wrong_comes_as_a_whole_and_is_done)
{
	struct msg_offer offer = {.index = 1, .len = 100};
	struct scene x;
	struct err e;

	begin(&x);
	transfer_wanted(&x.s, &x.t, 1);
	transfer_offered(&x.s, &x.t, &offer, 0);
	cr_assert_eq(buf_append(&x.t.mem, "bad", 3, &e), 0);
	transfer_got(&x.s, &x.t, 3);
	cr_expect_eq(x.t.got, 3);
	cr_expect_eq(x.s.account.blob_got, 3);
	transfer_again(&x.s, &x.t);
	cr_expect(x.t.whole && x.t.again);
	cr_expect_eq(x.t.got, 0);
	cr_expect_eq(x.t.mem.len, 0);
	cr_expect_eq(x.t.state, TRANSFER_WANTED);
	transfer_offered(&x.s, &x.t, &offer, 5);
	cr_expect_not(transfers_done(&x.s.transfers));
	transfer_done(&x.s, &x.t);
	cr_expect(transfers_done(&x.s.transfers));
	cr_expect_eq(x.t.got, 0);
	cr_expect_eq(x.s.transfers.window_n, 0);
	cr_expect_eq(x.s.transfers.content_done, SIZE);
	buf_release(&x.t.mem);
}

Test(station_transfer, keep_no_memory)
{
	struct scene x;
	struct err e;

	begin(&x);
	memset(&x.s.transfers, 0, sizeof(x.s.transfers));
	alloc_watch();
	cr_assert_eq(transfers_init(&x.s, 2, &e), 0);
	buf_init(&x.s.transfers.v[0].mem, SIZE);
	cr_assert_eq(buf_append(&x.s.transfers.v[0].mem, "a", 1, &e), 0);
	buf_init(&x.s.transfers.v[1].mem, SIZE);
	cr_assert_eq(buf_append(&x.s.transfers.v[1].mem, "b", 1, &e), 0);
	transfers_release(&x.s.transfers);
	x.s.account.items = NULL;
	cr_assert_eq(items_init(&x.s, &e), 0);
	cr_expect_eq(x.s.report.items, x.s.account.items);
	items_release(&x.s);
	cr_expect_eq(alloc_kept(), 0);
}

static uint64_t
told_ms(void *ctx)
{
	return *(const uint64_t *)ctx;
}

Test(station_transfer, time_counts_from_its_beginning)
{
	uint64_t now = 5000;
	const struct clock clock = {.monotonic_ms = told_ms, .ctx = &now};
	struct scene x;

	begin(&x);
	x.s.opt.clock = &clock;
	x.s.born = 4200;
	cr_expect_eq(station_elapsed_ms(&x.s), 800);
}

enum { FILES = 4 };

/* Of two groups: the first file's blob began, the third's was not begun. */
Test(station_transfer, of_a_blob_that_broke_off_each_file_has_its_part)
{
	const uint64_t rest = data_frames_len(600);
	struct transfer_group groups[2] = {{0, 2, 1000}, {2, 2, 1000}};
	struct station_item items[FILES];
	struct action actions[FILES];
	struct transfer v[FILES];
	struct entry files[FILES];
	struct station before, s;
	struct err e;
	size_t i;

	memset(&before, 0, sizeof(before));
	memset(&s, 0, sizeof(s));
	memset(actions, 0, sizeof(actions));
	memset(files, 0, sizeof(files));
	memset(items, 0, sizeof(items));
	memset(v, 0, sizeof(v));
	for (i = 0; i < FILES; i++) {
		files[i].content.size = i % 2 == 0 ? 250 : 750;
		files[i].content.hash.b[0] = (uint8_t)i;
		actions[i].want = &files[i];
		items[i].received = 2000;
		v[i].action = i;
		v[i].group = &groups[i / 2];
		v[i].state = i == 0 ? TRANSFER_FETCH : TRANSFER_GROUPED;
	}
	v[0].offer.len = 1000;
	v[0].got = 400;
	before.plan.v = actions;
	before.plan.n = FILES;
	before.account.items = items;
	before.transfers.v = v;
	before.transfers.n = FILES;
	cr_assert_eq(earlier_take(&s, &before, &e), 0);
	cr_assert_eq(s.account.earlier.n, FILES);
	cr_expect_eq(items[0].received, 2000 - rest * 250 / 1000);
	cr_expect_eq(items[1].received, 2000 - rest * 750 / 1000);
	cr_expect_eq(items[2].received, 2000);
	cr_expect_eq(items[3].received, 2000);
	earlier_release(&s);
}
