/* Shell patterns match what fnmatch(3) matches. */
#include "engine/tree/pattern.h"

#include <criterion/criterion.h>
#include <fnmatch.h>
#include <locale.h>
#include <string.h>

Test(pattern, matches_names)
{
	static const struct {
		const char *pattern, *text;
		bool slashes, matches;
	} table[] = {
	    {"", "", true, true},
	    {"", "a", true, false},
	    {"*", "", true, true},
	    {"a*b*c", "aXbYbc", true, true},
	    {"a*b*c", "aXbYb", true, false},
	    {"*/b", "a/b", true, true},
	    {"*b", "a/b", true, false},
	    {"*b", "a/b", false, true},
	    {"a?b", "a/b", true, false},
	    {"a?b", "a/b", false, true},
	    {"a[/]b", "a/b", true, false},
	    {"[!a]", "b", true, true},
	    {"a/[!/]*", "a/bc", true, true},
	    {"a[/]b", "a/b", true, false},
	    {"[^a]", "a", true, false},
	    {"[]]", "]", true, true},
	    {"[a", "[a", true, true},
	    {"[a-c]x", "bx", true, true},
	    {"[a\\-c]", "b", true, false},
	    {"[[:digit:]x].log", "7.log", true, true},
	    {"[[:nothing:]", ":", true, true},
	    {"\\*", "*", true, true},
	    {"\\*", "a", true, false},
	    {"a\\", "a\\", true, false},
	    {"a?\303\247\303\243o", "a\303\247\303\247\303\243o", true, true},
	    {"?", "\303\247", true, true},
	    {"?", "\377", true, true},
	    {"\377*", "\377\376", true, true},
	    {"[\303\240-\303\277]", "\303\247", true, true},
	    {"[\303\240-\303\277]", "z", true, false},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		cr_expect_eq(pattern_matches(table[i].pattern, table[i].text,
				 table[i].slashes),
		    table[i].matches, "%s on %s", table[i].pattern,
		    table[i].text);
}

/* A number below n; always the same ones. */
static unsigned
draw(unsigned n)
{
	static unsigned long long state = 88172645463325252ULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % n);
}

static void
make(char *out, const char *of, unsigned most)
{
	unsigned n = draw(most);

	while (n-- > 0)
		*out++ = of[draw((unsigned)strlen(of))];
	*out = '\0';
}

Test(pattern, agrees_with_the_system)
{
	char pattern[16], text[16];
	bool ours, theirs;
	size_t i, both = 0;

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	for (i = 0; i < 300000; i++) {
		make(pattern, "ab/*?[]!-\\", 9);
		make(text, "ab/[]-.!", 7);
		/* Of slashes in a set and behind a backslash, and of ranges
		 * that end with the pattern, systems say different things. */
		if ((strchr(pattern, '/') != NULL &&
			strpbrk(pattern, "[\\") != NULL) ||
		    (strlen(pattern) > 1 &&
			pattern[strlen(pattern) - 1] == '-'))
			continue;
		ours = pattern_matches(pattern, text, i % 2 == 0);
		theirs =
		    fnmatch(pattern, text, i % 2 == 0 ? FNM_PATHNAME : 0) == 0;
		cr_assert_eq(ours, theirs, "%s on %s", pattern, text);
		both += ours;
	}
	cr_assert_gt(both, 1000, "too few matched to tell");
}

Test(pattern, many_stars_end_soon, .timeout = 60)
{
	char text[4096];

	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	cr_expect_not(
	    pattern_matches("*a*a*a*a*a*a*a*a*a*a*a*a*b", text, true));
}
