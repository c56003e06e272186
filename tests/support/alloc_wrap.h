#ifndef ERPSYNC_TESTS_SUPPORT_ALLOC_WRAP_H
#define ERPSYNC_TESTS_SUPPORT_ALLOC_WRAP_H

/* Allocations that fail on request, of the thread that requests it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void alloc_arm(uint64_t at, bool persistent); /* 1 is the first; 0: count */
/* Back to normal; how many were counted. */
uint64_t alloc_disarm(void);

/* Remember what is allocated from now on, until alloc_kept. */
void alloc_watch(void);
/* How much of it was not freed; SIZE_MAX: it was too much to remember. */
size_t alloc_kept(void);

/* What this thread frees is shown before; NULL: no more. */
void alloc_look_at_freed(void (*look)(const void *p));

#endif
