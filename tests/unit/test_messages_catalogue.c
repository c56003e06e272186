/* The catalogue is whole: every message in three languages, with one code
 * and the same arguments. */
#include "cli/messages/messages.h"

#include <criterion/criterion.h>
#include <string.h>

/* The conversions of a format, as "%s%u": what its arguments must be. */
static void
conversions_of(const char *format, char *out, size_t cap)
{
	size_t used = 0, len;
	const char *p;

	out[0] = '\0';
	for (p = format; (p = strchr(p, '%')) != NULL; p += len) {
		len = 1 + strcspn(p + 1, "%sudxc") + 1;
		cr_assert(used + len < cap);
		memcpy(out + used, p, len);
		out[used += len] = '\0';
	}
}

static size_t
code_len(const char *text)
{
	const char *end = strstr(text, ": ");

	cr_assert_not_null(end, "%s", text);
	return (size_t)(end - text);
}

Test(messages_catalogue, translations_match_their_key)
{
	const struct message *m;
	char want[64], got[64];
	size_t n, i, j, len;

	m = messages_catalogue(&n);
	cr_assert_gt(n, 60);
	for (i = 0; i < n; i++) {
		len = code_len(m[i].key) + 2;
		cr_expect_eq(
		    strncmp(m[i].pt, m[i].key, len), 0, "%s", m[i].key);
		cr_expect_eq(
		    strncmp(m[i].es, m[i].key, len), 0, "%s", m[i].key);
		for (j = 0; j < i; j++)
			cr_expect_neq(strncmp(m[j].key, m[i].key, len), 0,
			    "the code of %s is there twice", m[i].key);
		conversions_of(m[i].key, want, sizeof(want));
		conversions_of(m[i].pt, got, sizeof(got));
		cr_expect_str_eq(got, want, "%s", m[i].pt);
		conversions_of(m[i].es, got, sizeof(got));
		cr_expect_str_eq(got, want, "%s", m[i].es);
	}
}
