/* Sets of hashes: what was added is in it, however late it is sorted. */
#include "engine/store/hash_set.h"

#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "tests/support/alloc_wrap.h"

#include <criterion/criterion.h>
#include <string.h>

static struct hash
hash_of(unsigned n)
{
	struct hash h;

	memset(&h, 0, sizeof(h));
	/* In no order of their numbers. */
	h.b[0] = (uint8_t)(n * 167);
	h.b[HASH_LEN - 1] = (uint8_t)(n >> 8);
	h.b[HASH_LEN - 2] = (uint8_t)n;
	return h;
}

Test(hash_set, an_empty_one_has_nothing)
{
	struct hash_set set = {.v = NULL};
	struct hash h = hash_of(1);

	cr_assert_not(hash_set_has(&set, &h));
	hash_set_release(&set);
	hash_set_release(&set);
}

Test(hash_set, what_was_dropped_is_in_it_no_more)
{
	struct hash_set set = {.v = NULL};
	struct hash h, dropped;
	struct err e;
	unsigned i;

	for (i = 0; i < 10; i++) {
		h = hash_of(i);
		cr_assert_eq(hash_set_add(&set, &h, &e), 0);
	}
	hash_set_sort(&set);
	dropped = set.v[3];
	hash_set_drop(&set, 3);
	cr_assert_eq(set.n, 9);
	for (i = 0; i < 10; i++) {
		h = hash_of(i);
		cr_assert_eq(
		    hash_set_has(&set, &h), !hash_equal(&h, &dropped), "%u", i);
	}
	for (i = 9; i-- > 0;)
		hash_set_drop(&set, i);
	cr_assert_not(hash_set_has(&set, &h));
	hash_set_release(&set);
}

Test(hash_set, has_what_was_added_and_nothing_else)
{
	struct hash_set set = {.v = NULL};
	struct err e;
	struct hash h;
	unsigned i;

	for (i = 0; i < 1000; i += 2) {
		h = hash_of(i);
		cr_assert_eq(hash_set_add(&set, &h, &e), 0);
		/* Looked into between additions. */
		cr_assert(i % 100 != 0 || hash_set_has(&set, &h));
	}
	cr_assert_eq(set.n, 500);
	for (i = 0; i < 1000; i++) {
		h = hash_of(i);
		cr_assert_eq(hash_set_has(&set, &h), i % 2 == 0, "%u", i);
	}
	hash_set_release(&set);
	cr_assert_eq(set.n, 0);
	cr_assert_null(set.v);
}

Test(hash_set, is_in_order_when_it_is_sorted)
{
	struct hash_set set = {.v = NULL};
	struct err e;
	struct hash h;
	unsigned i;

	hash_set_sort(&set);
	for (i = 0; i < 200; i++) {
		h = hash_of(i);
		cr_assert_eq(hash_set_add(&set, &h, &e), 0);
	}
	cr_assert(set.unsorted);
	hash_set_sort(&set);
	cr_assert_not(set.unsorted);
	for (i = 1; i < 200; i++)
		cr_assert_leq(memcmp(&set.v[i - 1], &set.v[i], HASH_LEN), 0);
	hash_set_release(&set);
}

Test(hash_set, keeps_no_memory)
{
	struct hash_set set = {.v = NULL};
	struct hash h = hash_of(1);
	struct err e;

	alloc_watch();
	cr_assert_eq(hash_set_add(&set, &h, &e), 0);
	hash_set_release(&set);
	cr_assert_eq(alloc_kept(), 0);
}

Test(hash_set, one_may_be_added_twice)
{
	struct hash_set set = {.v = NULL};
	struct hash h = hash_of(3), other = hash_of(4);
	struct err e;

	cr_assert_eq(hash_set_add(&set, &h, &e), 0);
	cr_assert_eq(hash_set_add(&set, &h, &e), 0);
	/* Releases have most contents in common. */
	cr_assert_eq(set.n, 1);
	hash_set_sort(&set);
	cr_assert_eq(hash_set_add(&set, &h, &e), 0);
	cr_assert_eq(set.n, 1);
	cr_assert(hash_set_has(&set, &h));
	cr_assert_not(hash_set_has(&set, &other));
	hash_set_release(&set);
}
