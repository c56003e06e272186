#ifndef ERPSYNC_ENGINE_BASE_LARGE_H
#define ERPSYNC_ENGINE_BASE_LARGE_H

/*
 * Memory for tables of many megabytes that are read here and there: in huge
 * pages where the kernel gives them on request, since else every second read
 * misses the processor's table of pages.
 */

#include <stddef.h>

/* n > 0 bytes of any content, or NULL; to be given to free(). */
void *large_alloc(size_t n);

/* The same of zeroes. */
void *large_zeroed(size_t n);

#endif
