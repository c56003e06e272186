#include "tests/support/guarded.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t
page_len(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Pages for n bytes, without the guard. */
static size_t
body_len(size_t n)
{
	return (n + page_len() - 1) / page_len() * page_len();
}

uint8_t *
guarded_new(size_t n)
{
	size_t body = body_len(n);
	uint8_t *p = mmap(NULL, body + page_len(), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + body, page_len(), PROT_NONE) != 0)
		abort();
	return p + body - n;
}

void
guarded_free(uint8_t *p, size_t n)
{
	size_t body = body_len(n);

	(void)munmap(p + n - body, body + page_len());
}
