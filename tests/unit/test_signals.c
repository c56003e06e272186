/* What asks the program to stop is remembered and does not end it. */
#include "cli/signals.h"

#include <criterion/criterion.h>
#include <signal.h>

/* Whatever the caller of the suite ignores. */
static void
set_up(void)
{
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
}

TestSuite(signals, .init = set_up);

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

/* No flag of anybody else's goes to the next program. */
static int
flags_of(int number)
{
	struct sigaction now;

	cr_assert_eq(sigaction(number, NULL, &now), 0);
	return now.sa_flags &
	    (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_NODEFER | SA_ONSTACK |
		(int)SA_RESETHAND | SA_RESTART | SA_SIGINFO);
}

static void
harmless(int number)
{
	(void)number;
}

/* What SIGNAL does now. */
static void (*handler_of(int number))(int)
{
	struct sigaction now;

	cr_assert_eq(sigaction(number, NULL, &now), 0);
	return now.sa_handler;
}

Test(signals, what_was_ignored_before_stays_ignored)
{
	(void)signal(SIGHUP, SIG_IGN);
	signals_catch();
	cr_assert_eq(raise(SIGHUP), 0);
	cr_expect_eq(signals_caught(), 0);
	cr_assert_eq(raise(SIGTERM), 0);
	cr_expect_eq(signals_caught(), SIGTERM);
	signals_restore();
	cr_expect(handler_of(SIGHUP) == SIG_IGN);
	cr_expect(handler_of(SIGINT) == SIG_DFL);
	cr_expect(handler_of(SIGTERM) == SIG_DFL);
}

Test(signals, what_was_caught_ends_the_next_program)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	size_t i;

	signals_catch();
	signals_restore();
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		cr_expect(handler_of(numbers[i]) == SIG_DFL &&
			flags_of(numbers[i]) == 0,
		    "%zu", i);
	/* What was put there since is not ours to take away. */
	(void)signal(SIGINT, harmless);
	signals_restore();
	cr_expect(handler_of(SIGINT) == harmless);
}

Test(signals, children_can_be_waited_for)
{
	(void)signal(SIGCHLD, SIG_IGN);
	signals_catch();
	cr_expect(handler_of(SIGCHLD) == SIG_DFL);
	signals_restore();
	cr_expect(handler_of(SIGCHLD) == SIG_IGN);
}

Test(signals, what_is_ignored_is_handed_on_as_it_was)
{
	(void)signal(SIGPIPE, harmless);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGUSR1, harmless);
	signals_survive();
	cr_expect(handler_of(SIGPIPE) == SIG_IGN);
	cr_expect(handler_of(SIGXFSZ) == SIG_IGN);
	cr_expect(handler_of(SIGUSR1) == harmless);
	signals_restore();
	cr_expect(handler_of(SIGPIPE) == harmless);
	cr_expect(handler_of(SIGXFSZ) == SIG_IGN);
	cr_expect(handler_of(SIGUSR1) == harmless);
}

Test(signals, what_was_blocked_comes_in_and_is_handed_on_blocked)
{
	sigset_t set, now;

	(void)sigfillset(&set);
	cr_assert_eq(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	signals_unblock();
	signals_catch();
	cr_assert_eq(raise(SIGTERM), 0);
	cr_expect_eq(signals_caught(), SIGTERM);
	signals_restore();
	cr_assert_eq(sigprocmask(SIG_SETMASK, NULL, &now), 0);
	cr_expect(sigismember(&now, SIGTERM));
	cr_expect(sigismember(&now, SIGHUP));
	cr_expect(sigismember(&now, SIGUSR1));
	/* Once. */
	(void)sigemptyset(&set);
	cr_assert_eq(sigprocmask(SIG_SETMASK, &set, NULL), 0);
	signals_restore();
	cr_assert_eq(sigprocmask(SIG_SETMASK, NULL, &now), 0);
	cr_expect_not(sigismember(&now, SIGUSR1));
}
