/* What asks the program to stop is remembered and does not end it. */
#include "cli/signals.h"

#include <criterion/criterion.h>
#include <signal.h>

Test(signals, the_last_one_is_remembered)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	size_t i;

	cr_assert_eq(signals_caught(), 0);
	signals_catch();
	cr_assert_eq(signals_caught(), 0);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		cr_assert_eq(raise(numbers[i]), 0);
		cr_assert_eq(signals_caught(), numbers[i]);
	}
}
