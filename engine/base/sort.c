/*
 * Sorting, under whoever keeps lists that are searched.  Most lists here were
 * made from something sorted, so that they are looked at before they are moved.
 */
#include "engine/base/sort.h"

#include <stdlib.h>

void
sort_array(void *v, size_t n, size_t size, sort_compare *compare)
{
	const char *at = v;
	size_t i;

	for (i = 1; i < n; i++, at += size)
		if (compare(at, at + size) > 0) {
			qsort(v, n, size, compare);
			return;
		}
}
