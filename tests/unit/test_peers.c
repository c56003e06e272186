/* Addresses that call. */
#include "transport/host/peers.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>

/* The socket address of a text. */
static struct sockaddr_storage
address(const char *text)
{
	struct sockaddr_storage out;
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	memset(&out, 0, sizeof(out));
	memset(&in, 0, sizeof(in));
	memset(&in6, 0, sizeof(in6));
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
		in.sin_family = AF_INET;
		in.sin_port = htons(1234);
		memcpy(&out, &in, sizeof(in));
	} else {
		cr_assert_eq(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
		in6.sin6_family = AF_INET6;
		in6.sin6_port = htons(1234);
		memcpy(&out, &in6, sizeof(in6));
	}
	return out;
}

static struct peer *
get(struct peers *list, const char *text)
{
	struct sockaddr_storage a = address(text);
	struct peer *p = peers_get(list, (struct sockaddr *)&a);

	cr_assert_not_null(p);
	return p;
}

Test(peers, who_is_the_same_and_who_is_local)
{
	static const struct {
		const char *a, *b;
		bool same, local;
	} v[] = {
	    {"10.0.0.1", "10.0.0.1", true, false},
	    {"10.0.0.1", "10.0.0.2", false, false},
	    {"10.0.0.1", "::ffff:10.0.0.1", true, false},
	    {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true, false},
	    {"2001:db8:1:2::1", "2001:db8:1:3::1", false, false},
	    {"127.0.0.1", "127.0.0.1", true, true},
	    {"127.9.9.9", "127.0.0.1", false, true},
	    {"::1", "::1", true, true},
	    {"::ffff:127.0.0.1", "127.0.0.1", true, true},
	    {"126.255.255.255", "128.0.0.1", false, false},
	};
	struct peers list;
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		peers_init(&list);
		cr_expect_eq(get(&list, v[i].a) == get(&list, v[i].b),
		    v[i].same, "%s and %s", v[i].a, v[i].b);
		cr_expect_eq(
		    get(&list, v[i].a)->is_local, v[i].local, "%s", v[i].a);
		peers_release(&list);
	}
}

/* How many of n lines at once may be logged. */
static int
lines(struct peer *p, int n, uint64_t now)
{
	int may = 0;

	while (n-- > 0)
		may += peer_may_log(p, now);
	return may;
}

Test(peers, log_lines_are_limited_in_the_long_run)
{
	struct peers list;
	struct peer *p;

	peers_init(&list);
	p = get(&list, "10.0.0.1");
	cr_expect_eq(lines(p, 1000, 5000), PEER_LINES_AT_ONCE);
	cr_expect_eq(p->dropped, 1000 - PEER_LINES_AT_ONCE);
	cr_expect_eq(lines(p, 1000, 5000), 0);
	cr_expect_eq(lines(p, 1000, 6000), PEER_LINES);
	cr_expect_eq(lines(p, 1000, 9000), 3 * PEER_LINES);
	/* Another address has its own limit. */
	cr_expect_eq(lines(get(&list, "10.0.0.2"), 5, 9000), 5);
	cr_expect_eq(lines(p, 1000, 900000), PEER_LINES_AT_ONCE);
	peers_release(&list);
}

Test(peers, sweeping_forgets_who_owes_nothing)
{
	struct peers list;
	struct peer *p;

	peers_init(&list);
	p = get(&list, "10.0.0.1");
	p->conns = 1;
	p->dropped = 7;
	cr_expect_eq(lines(get(&list, "10.0.0.2"), 3, 1000), 3);
	(void)get(&list, "10.0.0.3");
	peers_sweep(&list, 1000);
	cr_expect_eq(get(&list, "10.0.0.1")->dropped, 7);
	cr_expect_gt(get(&list, "10.0.0.2")->lines.owed_ms, 0);
	get(&list, "10.0.0.1")->conns = 0;
	peers_sweep(&list, 60000);
	cr_expect(RB_EMPTY(&list.tree));
	peers_release(&list);
}

/* Of whatever kind it is. */
Test(peers, who_has_work_or_owes_for_it_is_not_forgotten)
{
	struct turns turns;
	struct turn turn;
	struct peers list;
	struct peer *p;
	int i;

	for (i = 0; i < DESK_KINDS; i++) {
		memset(&turn, 0, sizeof(turn));
		peers_init(&list);
		turns_init(&turns, 1);
		p = get(&list, "10.0.0.1");
		turns_add(&turns, &p->lanes[i], &turn, 0);
		peers_sweep(&list, 1000);
		cr_assert_not(RB_EMPTY(&list.tree), "%d waits", i);
		cr_assert_eq(turns_next(&turns, 1000), &turn);
		peers_sweep(&list, 1000);
		cr_assert_not(RB_EMPTY(&list.tree), "%d is at work", i);
		turns_end(&turns, &turn, 1000 * TURNS_PAY_US, 1000);
		peers_sweep(&list, 1999);
		cr_assert_not(RB_EMPTY(&list.tree), "%d is not paid off", i);
		peers_sweep(&list, 2000);
		cr_assert(RB_EMPTY(&list.tree), "%d", i);
		peers_release(&list);
	}
}

Test(peers, calls_in_vain_are_limited_and_remembered)
{
	struct peers list;
	struct peer *p;
	int i;

	peers_init(&list);
	p = get(&list, "10.0.0.1");
	cr_expect(!peer_is_doubted(p, 1000));
	for (i = 0; i < PEER_VAIN_AT_ONCE; i++) {
		cr_expect(peer_may_call(p, 1000), "%d", i);
		peer_called_in_vain(p, 1000);
	}
	cr_expect(!peer_may_call(p, 1000));
	/* Four a second are paid off. */
	cr_expect(!peer_may_call(p, 1000 + 249));
	cr_expect(peer_may_call(p, 1000 + 250));
	peer_called_in_vain(p, 1000 + 250);
	cr_expect(!peer_may_call(p, 1000 + 499));
	cr_expect(peer_may_call(p, 1000 + 500));
	cr_expect(peer_is_doubted(p, 1250 + PEER_DOUBT_MS - 1));
	cr_expect(!peer_is_doubted(p, 1250 + PEER_DOUBT_MS));
	peer_greeted(p);
	cr_expect(!peer_is_doubted(p, 1250));
	peers_release(&list);
}

Test(peers, who_is_doubted_is_not_forgotten)
{
	struct peers list;

	peers_init(&list);
	peer_called_in_vain(get(&list, "10.0.0.1"), 1000);
	/* It owes no more, and is remembered. */
	peers_sweep(&list, 1000 + PEER_DOUBT_MS - 1);
	cr_expect(!RB_EMPTY(&list.tree));
	peers_sweep(&list, 1000 + PEER_DOUBT_MS);
	cr_expect(RB_EMPTY(&list.tree));
	peer_called_in_vain(get(&list, "10.0.0.1"), 50000);
	peer_greeted(get(&list, "10.0.0.1"));
	peers_sweep(&list, 50000 + 249);
	cr_expect(!RB_EMPTY(&list.tree));
	peers_sweep(&list, 50000 + 250);
	cr_expect(RB_EMPTY(&list.tree));
	peers_release(&list);
}

Test(peers, texts_of_addresses)
{
	static const struct {
		const char *in, *out;
	} v[] = {{"10.0.0.1", "10.0.0.1:1234"},
	    {"2001:db8::1", "[2001:db8::1]:1234"}};
	struct sockaddr_storage a;
	char text[80];
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		a = address(v[i].in);
		peer_text((struct sockaddr *)&a, text, sizeof(text));
		cr_expect_str_eq(text, v[i].out);
	}
	a.ss_family = AF_UNIX;
	peer_text((struct sockaddr *)&a, text, sizeof(text));
	cr_expect_str_eq(text, "?");
}
