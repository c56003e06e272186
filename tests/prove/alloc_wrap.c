/*
 * The allocations of our own objects, through the linker's --wrap: each can
 * be made to fail.  Those inside libraries (librsync aborts without memory)
 * are not reached, nor is aligned_alloc, which the simulated disk uses.
 */
#include "tests/prove/alloc_wrap.h"

#include <errno.h>
#include <pwd.h>
#include <stddef.h>

static struct alloc_fault fault;

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
int __wrap_getpwuid_r(
    uid_t uid, struct passwd *pw, char *store, size_t n, struct passwd **out);

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
	return due() ? NULL : __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return due() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	return due() ? NULL : __real_realloc(p, n);
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return due() ? NULL : __real_reallocarray(p, n, size);
}

char *
__wrap_strdup(const char *s)
{
	return due() ? NULL : __real_strdup(s);
}

char *
__wrap_strndup(const char *s, size_t n)
{
	return due() ? NULL : __real_strndup(s, n);
}

/* Who holds a lock is only for messages; looking it up a million times
 * would cost more than all the rest. */
int
__wrap_getpwuid_r(
    uid_t uid, struct passwd *pw, char *store, size_t n, struct passwd **out)
{
	(void)uid;
	(void)pw;
	(void)store;
	(void)n;
	*out = NULL;
	return 0;
}
