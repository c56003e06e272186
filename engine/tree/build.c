/*
 * The order of build codes: for who judges clients by theirs, and seals that
 * lead back to an older one.
 */
#include "engine/tree/build.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Compare the numbers that both texts begin with, and step over them. */
static int
compare_numbers(const char **a, const char **b)
{
	size_t an, bn;
	int order;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	an = strspn(*a, "0123456789");
	bn = strspn(*b, "0123456789");
	if (an != bn)
		return an < bn ? -1 : 1;
	order = strncmp(*a, *b, an);
	*a += an;
	*b += bn;
	return order;
}

int
build_compare(const char *a, const char *b)
{
	int order, ca, cb;

	while (*a != '\0' && *b != '\0') {
		if (is_digit(*a) && is_digit(*b)) {
			if ((order = compare_numbers(&a, &b)) != 0)
				return order;
			continue;
		}
		ca = toupper((unsigned char)*a++);
		cb = toupper((unsigned char)*b++);
		if (ca != cb)
			return ca < cb ? -1 : 1;
	}
	return (*a != '\0') - (*b != '\0');
}
