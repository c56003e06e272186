/*
 * mob PORT ADDRESS CALLERS SIZE SMALL KIND...: callers who mean harm, see
 * tests/support/mob.h, until SIGTERM; then what they did.  SIZE is that of the
 * release's first file, SMALL the number of those behind it.
 */
#include "tests/support/mob.h"

#include <stdio.h>
#include <stdlib.h>

static volatile sig_atomic_t stop;

static void
on_term(int sig)
{
	(void)sig;
	stop = 1;
}

int
main(int argc, char **argv)
{
	struct mob m = {.stop = &stop};
	struct mob_counts n;
	enum mob_kind kind;
	int i;

	if (argc < 7)
		return 2;
	m.port = (uint16_t)strtoul(argv[1], NULL, 10);
	m.address = argv[2];
	m.callers = (unsigned)strtoul(argv[3], NULL, 10);
	m.size = strtoull(argv[4], NULL, 10);
	m.small = (uint32_t)strtoul(argv[5], NULL, 10);
	for (i = 6; i < argc; i++) {
		if ((kind = mob_kind_of(argv[i])) == MOB_KINDS)
			return 2;
		m.kinds |= (uint32_t)1 << kind;
	}
	(void)signal(SIGTERM, on_term);
	if (mob_run(&m, &n) != 0)
		return 1;
	(void)printf("%u calls, %u offers, %llu bytes sent\n", n.calls,
	    n.offers, (unsigned long long)n.sent);
	return 0;
}
