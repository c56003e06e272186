/* Turns of those who make releases current. */
#include "engine/store/store_turn.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store_hold.h"
#include "tests/support/release.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static struct release_fixture f;
static struct store *beside;
static struct err e;

static void
begin(void)
{
	release_begin(&f);
	beside = release_beside(&f);
}

static void
end(void)
{
	store_close(beside);
	release_end(&f);
}

TestSuite(store_turn, .init = begin, .fini = end);

/* Who waits, and when the other one's turn ends. */
static struct {
	int other; /* its turn */
	int looks, until;
	unsigned ms;
} waiting;

static void
look(void *ctx, uint32_t ms)
{
	waiting.ms += ms;
	if (++waiting.looks == waiting.until)
		store_turn_end(ctx, &waiting.other);
}

Test(store_turn, one_comes_after_the_other)
{
	const struct store_wait wait = {look, f.store, NULL};
	int turn;

	cr_assert_eq(store_turn_begin(f.store, &wait, &waiting.other, &e), 0,
	    "%s", e.msg);
	cr_expect(tempdir_has(&f.dir, "state/turn"));
	waiting.until = 3;
	cr_assert_eq(store_turn_begin(beside, &wait, &turn, &e), 0);
	cr_expect_eq(waiting.looks, 3);
	cr_expect_lt(waiting.other, 0);
	store_turn_end(beside, &turn);
	cr_expect_lt(turn, 0);
	/* Nobody has it: at once. */
	cr_assert_eq(store_turn_begin(f.store, &wait, &turn, &e), 0);
	cr_expect_eq(waiting.looks, 3);
	store_turn_end(f.store, &turn);
}

Test(store_turn, nobody_waits_for_ever)
{
	const struct store_wait wait = {look, f.store, NULL};
	int turn;

	cr_assert_eq(store_turn_begin(f.store, &wait, &waiting.other, &e), 0);
	cr_expect_eq(store_turn_begin(beside, &wait, &turn, &e), ERP_BUSY);
	cr_expect_eq(waiting.ms, 30 * 1000);
	cr_expect_lt(turn, 0);
	/* At the last look is soon enough. */
	waiting.until = 2 * waiting.looks;
	cr_assert_eq(store_turn_begin(beside, &wait, &turn, &e), 0);
	store_turn_end(beside, &turn);
}

/* Whoever is to stop waits no more; a turn that is free is free to him, too. */
Test(store_turn, a_wait_ends_when_it_is_to_stop)
{
	atomic_bool stop = false;
	const struct store_wait wait = {look, f.store, &stop};
	int turn;

	cr_assert_eq(store_turn_begin(f.store, &wait, &waiting.other, &e), 0);
	waiting.until = 2;
	cr_assert_eq(store_turn_begin(beside, &wait, &turn, &e), 0);
	cr_expect_eq(waiting.looks, 2);
	store_turn_end(beside, &turn);
	cr_assert_eq(store_turn_begin(f.store, &wait, &waiting.other, &e), 0);
	atomic_store(&stop, true);
	cr_expect_eq(store_turn_begin(beside, &wait, &turn, &e), ERP_CANCELLED);
	cr_expect_eq(waiting.looks, 2);
	cr_expect_lt(turn, 0);
	store_turn_end(f.store, &waiting.other);
	cr_assert_eq(store_turn_begin(beside, &wait, &turn, &e), 0);
	store_turn_end(beside, &turn);
}

/* A number that is as good as any, where a program begins without an input. */
Test(store_turn, the_lowest_descriptor_is_a_turn_too)
{
	const struct store_wait wait = {look, f.store, NULL};
	int turn;

	(void)close(STDIN_FILENO);
	cr_assert_eq(store_turn_begin(f.store, &wait, &waiting.other, &e), 0);
	cr_assert_eq(waiting.other, 0);
	waiting.until = 1;
	cr_assert_eq(store_turn_begin(beside, &wait, &turn, &e), 0);
	cr_expect_eq(waiting.looks, 1);
	cr_expect_lt(waiting.other, 0);
	store_turn_end(beside, &turn);
}

/* Without its file nobody has taken turns here so far: it is made by who has
 * the folder. */
Test(store_turn, the_folder_s_own_user_makes_the_file)
{
	const struct store_wait wait = {NULL, NULL, NULL};
	int turn;

	cr_assert_eq(store_turn_begin(beside, &wait, &turn, &e), 0);
	cr_expect_not(tempdir_has(&f.dir, "state/turn"));
	store_turn_end(beside, &turn);
	tempdir_mkdir(&f.dir, "state/turn");
	cr_expect_eq(store_turn_begin(f.store, &wait, &turn, &e), ERP_IO);
	cr_expect_eq(store_turn_begin(beside, &wait, &turn, &e), ERP_IO);
}

static void *
end_soon(void *arg)
{
	clock_sleep_ms(NULL, 300);
	store_turn_end(f.store, arg);
	return NULL;
}

Test(store_turn, it_sleeps_by_itself, .timeout = 60)
{
	const struct store_wait wait = {NULL, NULL, NULL};
	pthread_t thread;
	int turn;

	cr_assert_eq(store_turn_begin(f.store, &wait, &waiting.other, &e), 0);
	cr_assert_eq(
	    pthread_create(&thread, NULL, end_soon, &waiting.other), 0);
	cr_assert_eq(store_turn_begin(beside, &wait, &turn, &e), 0);
	cr_assert_eq(pthread_join(thread, NULL), 0);
	cr_expect_lt(waiting.other, 0);
	store_turn_end(beside, &turn);
}
