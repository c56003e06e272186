/*
 * Memory that is taken piece by piece and goes at once.
 */
#include "engine/base/arena.h"

#include <criterion/criterion.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { MANY = 5000 };

Test(arena, what_was_taken_stays_as_it_is)
{
	struct arena a = {NULL};
	char want[32], *text[MANY];
	uint64_t *number[MANY];
	int i;

	for (i = 0; i < MANY; i++) {
		(void)snprintf(want, sizeof(want), "text %d and more", i);
		text[i] = arena_text(&a, want, strlen(want) - 9);
		number[i] = arena_take(&a, sizeof(*number[i]));
		cr_assert_not_null(text[i]);
		cr_assert_not_null(number[i]);
		*number[i] = (uint64_t)i;
	}
	for (i = 0; i < MANY; i++) {
		(void)snprintf(want, sizeof(want), "text %d", i);
		cr_assert_str_eq(text[i], want);
		cr_assert_eq(*number[i], (uint64_t)i);
	}
	arena_release(&a);
}

Test(arena, anything_fits_where_it_is)
{
	struct arena a = {NULL};
	int i;

	for (i = 0; i < MANY; i++) {
		cr_assert_not_null(arena_text(&a, "x", (size_t)i % 2));
		cr_assert_eq(
		    (uintptr_t)arena_take(&a, 1) % alignof(max_align_t), 0);
	}
	arena_release(&a);
}

Test(arena, more_than_a_block_has_a_block_of_its_own)
{
	enum { LARGE = 3 << 20 };
	struct arena a = {NULL};
	char *small = arena_text(&a, "small", 5);
	char *large = arena_take(&a, LARGE);

	cr_assert_not_null(small);
	cr_assert_not_null(large);
	memset(large, 'x', LARGE);
	cr_assert_str_eq(small, "small");
	cr_assert_not_null(arena_text(&a, "", 0));
	arena_release(&a);
}

Test(arena, an_empty_one_is_released_and_used_again)
{
	struct arena a = {NULL};

	arena_release(&a);
	cr_assert_not_null(arena_text(&a, "a", 1));
	arena_release(&a);
	cr_assert_null(a.last);
	cr_assert_str_eq(arena_text(&a, "b", 1), "b");
	arena_release(&a);
}

Test(arena, what_no_machine_has_is_refused)
{
	struct arena a = {NULL};

	cr_assert_null(arena_take(&a, SIZE_MAX / 2));
	cr_assert_str_eq(arena_text(&a, "c", 1), "c");
	arena_release(&a);
}
