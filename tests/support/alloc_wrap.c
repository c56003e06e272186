/*
 * The allocations of our own objects, through the linker's --wrap: each can
 * be made to fail.  Those inside libraries (librsync aborts without memory)
 * are not reached, nor is aligned_alloc, which the simulated disk uses.
 */
#include "tests/support/alloc_wrap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct alloc_fault {
	bool on;
	bool persistent; /* all after it fail too */
	uint64_t at; /* 1 is the first; 0: none, only count */
	uint64_t count;
};

enum { WATCHED_MAX = 1 << 16 };

struct watch {
	bool over;
	const void *v[WATCHED_MAX]; /* not yet freed */
	size_t n;
};

static _Thread_local struct alloc_fault fault;
static _Thread_local struct watch *watch;
static _Thread_local void (*look_at_freed)(const void *p);

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
void __wrap_free(void *p);

void
alloc_arm(uint64_t at, bool persistent)
{
	fault = (struct alloc_fault){true, persistent, at, 0};
}

uint64_t
alloc_disarm(void)
{
	fault.on = false;
	return fault.count;
}

void
alloc_watch(void)
{
	if (watch == NULL && (watch = __real_calloc(1, sizeof(*watch))) == NULL)
		abort();
	watch->n = 0;
	watch->over = false;
}

size_t
alloc_kept(void)
{
	size_t n = watch->over ? SIZE_MAX : watch->n;

	__real_free(watch);
	watch = NULL;
	return n;
}

void
alloc_look_at_freed(void (*look)(const void *p))
{
	look_at_freed = look;
}

static void *
came(void *p)
{
	if (p == NULL || watch == NULL)
		return p;
	if (watch->n == WATCHED_MAX)
		watch->over = true;
	else
		watch->v[watch->n++] = p;
	return p;
}

/* What went last is freed first, mostly. */
static void
goes(const void *p)
{
	size_t i;

	if (p == NULL || watch == NULL)
		return;
	for (i = watch->n; i-- > 0;)
		if (watch->v[i] == p) {
			watch->v[i] = watch->v[--watch->n];
			return;
		}
}

static bool
due(void)
{
	if (!fault.on)
		return false;
	fault.count++;
	if (fault.count != fault.at &&
	    !(fault.persistent && fault.at != 0 && fault.count > fault.at))
		return false;
	errno = ENOMEM;
	return true;
}

void *
__wrap_malloc(size_t n)
{
	return due() ? NULL : came(__real_malloc(n));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return due() ? NULL : came(__real_calloc(n, size));
}

void *
__wrap_realloc(void *p, size_t n)
{
	if (due())
		return NULL;
	goes(p);
	return came(__real_realloc(p, n));
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	if (due())
		return NULL;
	goes(p);
	return came(__real_reallocarray(p, n, size));
}

char *
__wrap_strdup(const char *s)
{
	return due() ? NULL : came(__real_strdup(s));
}

char *
__wrap_strndup(const char *s, size_t n)
{
	return due() ? NULL : came(__real_strndup(s, n));
}

void
__wrap_free(void *p)
{
	goes(p);
	if (look_at_freed != NULL)
		look_at_freed(p);
	__real_free(p);
}
