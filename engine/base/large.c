/* malloc and madvise. */
#include "engine/base/large.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Huge pages of x86-64 and of arm64 with small pages of 4 KiB.  Less than a
 * few of them are not worth it. */
enum { HUGE_LEN = 2 << 20, FROM = 4 * HUGE_LEN };

void *
large_alloc(size_t n)
{
	size_t whole = n - n % HUGE_LEN;
	void *p = NULL;

	if (n < FROM)
		return malloc(n);
	if (posix_memalign(&p, HUGE_LEN, n) != 0)
		return NULL;
	/* Advice: without it, or where it is refused, all works as well. */
	(void)madvise(p, whole, MADV_HUGEPAGE);
	return p;
}

void *
large_zeroed(size_t n)
{
	void *p;

	if (n < FROM)
		return calloc(1, n);
	if ((p = large_alloc(n)) != NULL)
		memset(p, 0, n);
	return p;
}
