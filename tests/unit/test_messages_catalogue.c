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

/* Is there another of the same code? */
static bool
is_double(const struct message *row, size_t len)
{
	const struct message *m;
	size_t part;

	for (part = 0; (m = messages_catalogue(part)) != NULL; part++)
		for (; m->key != NULL; m++)
			if (m != row && strncmp(m->key, row->key, len) == 0)
				return true;
	return false;
}

static void
check_row(const struct message *row)
{
	size_t len = code_len(row->key) + 2;
	char want[64], got[64];

	cr_expect_eq(strncmp(row->pt, row->key, len), 0, "%s", row->key);
	cr_expect_eq(strncmp(row->es, row->key, len), 0, "%s", row->key);
	cr_expect(
	    !is_double(row, len), "the code of %s is there twice", row->key);
	conversions_of(row->key, want, sizeof(want));
	conversions_of(row->pt, got, sizeof(got));
	cr_expect_str_eq(got, want, "%s", row->pt);
	conversions_of(row->es, got, sizeof(got));
	cr_expect_str_eq(got, want, "%s", row->es);
}

Test(messages_catalogue, translations_match_their_key)
{
	const struct message *m;
	size_t part, n = 0;

	for (part = 0; (m = messages_catalogue(part)) != NULL; part++)
		for (; m->key != NULL; m++, n++)
			check_row(m);
	cr_assert_gt(n, 150);
}
