#ifndef ERPSYNC_ENGINE_BASE_ARENA_H
#define ERPSYNC_ENGINE_BASE_ARENA_H

/*
 * Memory for much that is small and goes at once, as the paths of a manifest:
 * taken from few blocks, so that it costs no bookkeeping for each and goes back
 * to the system as a whole.
 */

#include <stddef.h>

struct arena_block;

/* All zeroes: empty.  It may be moved. */
struct arena {
	struct arena_block *last;
};

/* n bytes for anything, or NULL; they are not cleared. */
void *arena_take(struct arena *a, size_t n);

/* A copy of the first n bytes of text and a NUL, or NULL. */
char *arena_text(struct arena *a, const char *text, size_t n);

/* All that was taken goes. */
void arena_release(struct arena *a);

#endif
