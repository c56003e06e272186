/* Limits of what leaves the server. */
#include "transport/host/rates.h"

#include "engine/base/err.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* 2023-11-13, a Monday, 0:00 UTC. */
#define MONDAY ((int64_t)1699833600)

static const uint8_t *
key(const char *address)
{
	static uint8_t out[PEER_KEY];

	memset(out, 0, sizeof(out));
	if (inet_pton(AF_INET, address, out + 12) == 1)
		out[10] = out[11] = 0xff;
	else
		cr_assert_eq(inet_pton(AF_INET6, address, out), 1);
	return out;
}

static struct rates
rates(const char *text)
{
	struct rates r;
	struct err e;
	int rc = rates_parse(text, &r, &e);

	cr_assert_eq(rc, 0, "%s: %s", text, e.msg);
	rates_begin(&r, 5000);
	(void)setenv("TZ", "UTC0", 1);
	rates_look(&r, MONDAY);
	return r;
}

Test(rates, are_of_all_or_of_a_range)
{
	static const struct {
		const char *text, *address;
		bool counts;
	} rows[] = {
	    {"1M", "10.1.2.3", true},
	    {"1M", "2001:db8::1", true},
	    {"10.1.0.0/16 1M", "10.1.255.3", true},
	    {"10.1.0.0/16 1M", "10.2.0.0", false},
	    {"10.1.0.0/16 1M", "2001:db8::1", false},
	    {"10.1.2.3 1M", "10.1.2.3", true},
	    {"10.1.2.3 1M", "10.1.2.2", false},
	    {"10.1.0.0/13 1M", "10.7.0.1", true},
	    {"10.1.0.0/13 1M", "10.8.0.1", false},
	    {"128.0.0.0/1 1M", "255.0.0.1", true},
	    {"128.0.0.0/1 1M", "127.0.0.1", false},
	    {"2001:db8::/32 1M", "2001:db8:ffff::1", true},
	    {"2001:db8::/32 1M", "2001:db9::1", false},
	    {"2001:db8::/33 1M", "2001:db8:8000::1", false},
	    {"2001:db8::1 1M", "2001:db8::", true},
	    {"tue, 1M", NULL, false}, /* no rate */
	    {"2,5M", NULL, false}, /* is no fraction */
	    {"1M mon, 5M", "10.1.2.3", true},
	    {"5M, 1M mon", "10.1.2.3", true},
	    {"10.1.0.0/16 1M, 5M", "10.1.2.3", true},
	    {"1M mon", "10.1.2.3", true},
	    {"1M tue", "10.1.2.3", false},
	    {"1M mon 0:00-1:00", "10.1.2.3", true},
	    {"1M 1:00-0:00", "10.1.2.3", false},
	};
	struct rates r;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].address == NULL) {
			cr_expect_eq(
			    rates_parse(rows[i].text, &r, &e), ERP_USAGE);
			continue;
		}
		r = rates(rows[i].text);
		cr_expect_eq(
		    rates_room(&r, key(rows[i].address), 6000) != SIZE_MAX,
		    rows[i].counts, "row %zu", i);
	}
}

Test(rates, one_that_is_missing_is_named)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"10.1.0.0/16", "'10.1.0.0/16' is not a rate like 512 or 2M"},
	    {"5M,", "',' is not a rate like 512 or 2M"},
	    {"1M mon, 2,5M",
		"'5M' is a second rate of all at all hours; 2.5M is 2560K"},
	};
	struct rates r;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect_eq(rates_parse(rows[i].text, &r, &e), ERP_USAGE);
		cr_expect_str_eq(e.msg, rows[i].says);
	}
}

Test(rates, the_tightest_counts_and_all_are_charged)
{
	struct rates r = rates("100K, 10.0.0.0/8 40");
	size_t room;

	/* A quarter of a second's bytes, of each. */
	cr_expect_eq(rates_room(&r, key("9.0.0.1"), 6000), 25600);
	room = rates_room(&r, key("10.0.0.1"), 6000);
	cr_expect_eq(room, 10240);
	rates_take(&r, key("10.0.0.1"), room);
	cr_expect_eq(rates_room(&r, key("9.0.0.1"), 6000), 15360);
	cr_expect_eq(rates_room(&r, key("10.0.0.2"), 6000), 0);
	rates_take(&r, key("9.0.0.1"), 15360);
	cr_expect_eq(rates_room(&r, key("9.0.0.1"), 6000), 0);
	cr_expect_eq(rates_room(&r, key("10.0.0.2"), 6010), 409);
	/* From another hour on. */
	rates_look(&r, MONDAY + 1);
	cr_expect_eq(rates_room(&r, key("9.0.0.1"), 7000), 25600);
}

Test(rates, none_is_no_limit)
{
	struct rates r = {.n = 0};

	rates_look(&r, 0);
	cr_expect_eq(rates_room(&r, key("10.0.0.1"), 0), SIZE_MAX);
	rates_take(&r, key("10.0.0.1"), 1000);
	cr_expect_eq(rates_room(&r, key("10.0.0.1"), 0), SIZE_MAX);
}

Test(rates, what_is_none_is_told)
{
	static const char *const rows[] = {"", "fast", "0", "0K", "1T", "1MM",
	    "-1", "1.5M", "10.0.0.0/8", "10.0.0.0/33 1M", "10.0.0.0/0 1M",
	    "10.0.0.0/ 1M", "10.0.0.0/8x 1M", "2001:db8::/65 1M", "1M,",
	    "1M xyz", "1M 8", "1025G", "1073741825M",
	    "99999999999999999999999G"};
	char many[200] = "1";
	struct rates r;
	struct err e;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(
		    rates_parse(rows[i], &r, &e), ERP_USAGE, "%s", rows[i]);
	for (i = 1; i < RATES_MAX; i++)
		(void)strcat(many, ",10.0.0.1 1");
	cr_expect_eq(rates_parse(many, &r, &e), 0);
	cr_expect_eq(r.n, RATES_MAX);
	cr_expect_eq(r.v[15].limit.rate, 1024);
	(void)strcat(many, ",10.0.0.1 1");
	cr_expect_eq(rates_parse(many, &r, &e), ERP_USAGE);
	cr_expect_eq(rates_parse("1024G", &r, &e), 0);
	cr_expect_eq(r.v[0].limit.rate, (uint64_t)1 << 40);
	cr_expect_eq(rates_parse("2k ", &r, &e), 0);
	cr_expect_eq(r.v[0].limit.rate, 2048);
	cr_expect_eq(rates_parse(" 3m; 10.0.0.1 4", &r, &e), 0);
	cr_expect_eq(r.v[0].limit.rate, 3 << 20);
	cr_expect_eq(r.v[1].limit.rate, 4096);
}
