/* The difference of two texts: told in diff(1)'s form, and always one that
 * makes the second out of the first. */
#include "cli/report/diff.h"

#include "engine/base/err.h"

#include <bsd/string.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOLD_MAX = 64 * 1024 };

static int
add(void *ctx, const char *line, struct err *e)
{
	char *told = ctx;

	(void)e;
	(void)strlcat(told, line, TOLD_MAX);
	(void)strlcat(told, "\n", TOLD_MAX);
	return 0;
}

static const char *
diff(const char *a, const char *b)
{
	static char told[TOLD_MAX];
	struct err e;

	told[0] = '\0';
	cr_assert_eq(diff_texts(a, b, add, told, &e), 0);
	return told;
}

Test(diff, tells_what_differs_in_the_form_of_diff)
{
	static const struct {
		const char *a, *b, *told;
	} rows[] = {
	    {"", "", ""},
	    {"a\nb\n", "a\nb\n", ""},
	    {"a\r\nb\r\n", "a\nb", ""},
	    {"a\n", "b\n", "@@ -1,1 +1,1 @@\n-a\n+b\n"},
	    {"", "a\n", "@@ -0,0 +1,1 @@\n+a\n"},
	    {"a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n"},
	    {"a\nb\nc\n", "a\nc\n", "@@ -1,3 +1,2 @@\n a\n-b\n c\n"},
	    {"a\nc\n", "a\nb\nc\n", "@@ -1,2 +1,3 @@\n a\n+b\n c\n"},
	    /* Three lines around, and no more. */
	    {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nX\n6\n7\n8\n9\n",
		"@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n"},
	    /* Six lines between are one hunk, seven are two. */
	    {"A\n1\n2\n3\n4\n5\n6\nB\n", "X\n1\n2\n3\n4\n5\n6\nY\n",
		"@@ -1,8 +1,8 @@\n-A\n+X\n 1\n 2\n 3\n 4\n 5\n 6\n-B\n+Y\n"},
	    {"A\n1\n2\n3\n4\n5\n6\n7\nB\n", "X\n1\n2\n3\n4\n5\n6\n7\nY\n",
		"@@ -1,4 +1,4 @@\n-A\n+X\n 1\n 2\n 3\n"
		"@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-B\n+Y\n"},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_str_eq(diff(rows[i].a, rows[i].b), rows[i].told,
		    "row %zu: %s", i, diff(rows[i].a, rows[i].b));
}

/* Lines of the shortest text that has both: as few as any comparison finds. */
static size_t
edits_least(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), i, j;
	static size_t t[64][64];

	for (i = 0; i <= n; i++)
		for (j = 0; j <= m; j++)
			if (i == 0 || j == 0)
				t[i][j] = i + j;
			else if (a[i - 1] == b[j - 1])
				t[i][j] = t[i - 1][j - 1];
			else
				t[i][j] = 1 +
				    (t[i - 1][j] < t[i][j - 1] ? t[i - 1][j]
							       : t[i][j - 1]);
	return t[n][m];
}

/* A line for each letter. */
static void
as_lines(const char *letters, char *out)
{
	for (; *letters != '\0'; letters++) {
		*out++ = *letters;
		*out++ = '\n';
	}
	*out = '\0';
}

/* Every pair of texts of three letters: what is told makes one out of the
 * other, and with no more lines than needed. */
Test(diff, makes_one_out_of_the_other_by_the_fewest_lines)
{
	static const char letters[] = "ab\0ab\0ab\0ab\0";
	char a[8], b[8], x[16], y[16], gone[16], came[16], *g, *c;
	const char *p;
	size_t edits;
	int i, j;

	for (i = 0; i < 256; i++)
		for (j = 0; j < 256; j++) {
			int k;

			for (k = 0; k < 4; k++) {
				a[k] = letters[3 * k + (i >> 2 * k & 3) % 3];
				b[k] = letters[3 * k + (j >> 2 * k & 3) % 3];
			}
			a[4] = b[4] = '\0';
			as_lines(a, x);
			as_lines(b, y);
			g = gone;
			c = came;
			edits = 0;
			for (p = diff(x, y); *p != '\0';
			     p = strchr(p, '\n') + 1) {
				if (*p == '@')
					continue;
				if (*p != '+')
					*g++ = p[1];
				if (*p != '-')
					*c++ = p[1];
				edits += *p != ' ';
			}
			*g = *c = '\0';
			/* What is the same from end to end is not told. */
			if (strcmp(a, b) == 0)
				continue;
			cr_assert_str_eq(gone, a);
			cr_assert_str_eq(came, b);
			cr_assert_eq(edits, edits_least(a, b), "%s %s", a, b);
		}
}

Test(diff, what_has_little_in_common_is_one_gone_and_one_new)
{
	static char a[8 * 2000], b[8 * 2000], told[TOLD_MAX];
	struct err e;
	size_t n = 0, m = 0;
	int i;

	for (i = 0; i < 700; i++) {
		n += (size_t)snprintf(a + n, sizeof(a) - n, "a%d\n", i);
		m += (size_t)snprintf(b + m, sizeof(b) - m, "b%d\n", i);
	}
	cr_assert_eq(diff_texts(a, b, add, told, &e), 0);
	cr_expect_eq(strncmp(told, "@@ -1,700 +1,700 @@\n-a0\n-a1\n", 28), 0);
	cr_expect_not_null(strstr(told, "-a699\n+b0\n"));
	cr_expect_not_null(strstr(told, "+b699\n"));
}

static int
stop(void *ctx, const char *line, struct err *e)
{
	int *left = ctx;

	(void)line;
	return --*left > 0 ? 0 : err_set(e, ERP_CANCELLED, "enough");
}

Test(diff, ends_when_it_is_told_to)
{
	struct err e;
	int left = 2;

	cr_assert_eq(
	    diff_texts("a\nb\n", "c\nd\n", stop, &left, &e), ERP_CANCELLED);
	cr_expect_eq(left, 0);
}
