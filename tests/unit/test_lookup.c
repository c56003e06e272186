/* A look-up ends in time, whether or not the resolver does. */
#include "transport/net/lookup.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "tests/support/resolver.h"
#include "transport/net/dial.h"
#include "transport/net/sock.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static int
yes(void *ctx)
{
	(void)ctx;
	return 1;
}

static struct err e;

static int
look(const char *host, uint32_t ms, int (*interrupted)(void *),
    struct sock_addresses *list)
{
	const struct dial_options opt = {.host = host,
	    .port = 4321,
	    .clock = clock_real(),
	    .interrupted = interrupted};

	return lookup(&opt, host, clock_ms(opt.clock) + ms, list, &e);
}

Test(lookup, numbers_and_names_have_addresses)
{
	static const char *const hosts[] = {"127.0.0.1", "::1", "localhost"};
	struct sock_addresses list = {.n = 0};
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (i == 2 &&
		    sock_lookup(hosts[i], 1, false, &list) ==
			sock_no_such_name())
			cr_skip_test("this system knows no localhost");
		cr_assert_eq(look(hosts[i], 5000, NULL, &list), 0);
		cr_assert(list.n > 0 && list.n <= SOCK_ADDRESSES_MAX);
		cr_expect(list.v[0].len > 0);
	}
}

Test(lookup, what_is_no_name_is_said)
{
	struct sock_addresses list = {.n = 0};
	char longest[300];

	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	cr_expect_eq(look(longest, 5000, NULL, &list), ERP_UNREACHABLE);
	cr_expect_eq(list.n, 0);
	cr_expect_eq(look("", 5000, NULL, &list), ERP_UNREACHABLE);
}

/* Those that were left behind end by themselves, and free what they have. */
static void
await_threads(void)
{
	struct timespec slice = {.tv_nsec = 10000000};
	struct stat st = {.st_nlink = 0};
	int i;

	for (i = 0; i < 500; i++) {
		cr_assert_eq(stat("/proc/self/task", &st), 0);
		if (st.st_nlink == 3) /* itself, its parent and one thread */
			break;
		(void)nanosleep(&slice, NULL);
	}
}

/* Not even for one that would answer in the end. */
Test(lookup, a_silent_resolver_is_not_waited_for)
{
	struct sock_addresses list = {.n = 0};

	cr_expect_eq(look(RESOLVER_SILENT, 50, NULL, &list), ERP_UNANSWERED);
	cr_expect_str_eq(e.msg, "no answer to who " RESOLVER_SILENT " is");
	cr_expect_eq(look(RESOLVER_SILENT, 50000, yes, &list), ERP_CANCELLED);
	cr_expect_eq(list.n, 0);
}

Test(lookup, nobody_waits_longer_than_he_wants)
{
	struct sock_addresses list = {.n = 0};
	int i, rc;

	/* Whoever is first, the resolver or the time: never more than that. */
	for (i = 0; i < 20; i++) {
		rc = look("no.such.host.invalid", 0, NULL, &list);
		cr_expect(rc == ERP_UNANSWERED || rc == ERP_UNREACHABLE);
		cr_expect_str_eq(e.msg,
		    rc == ERP_UNANSWERED
			? "no answer to who no.such.host.invalid is"
			: e.msg);
		rc = look("no.such.host.invalid", 5000, yes, &list);
		cr_expect(rc == ERP_CANCELLED || rc == ERP_UNREACHABLE);
		cr_expect_str_eq(
		    e.msg, rc == ERP_CANCELLED ? "interrupted" : e.msg);
	}
	cr_expect_eq(list.n, 0);
	await_threads();
}
