#ifndef ERPSYNC_ENGINE_BASE_SORT_H
#define ERPSYNC_ENGINE_BASE_SORT_H

/*
 * Sorting of what mostly comes in order: names of a folder, entries of a
 * manifest.  One look over it tells, where qsort(3) would compare and move all
 * of it some seventeen times over for a hundred thousand entries.
 */

#include <stddef.h>

typedef int sort_compare(const void *a, const void *b);

/* As qsort(3), but that v may be NULL when n is 0. */
void sort_array(void *v, size_t n, size_t size, sort_compare *compare);

#endif
