#ifndef ERPSYNC_TESTS_SUPPORT_GUARDED_H
#define ERPSYNC_TESTS_SUPPORT_GUARDED_H

/*
 * Memory that ends where an unreadable page begins, so that a read behind it
 * ends the test.
 */

#include <stddef.h>
#include <stdint.h>

/* n bytes of zero whose end is that of a page; never NULL. */
uint8_t *guarded_new(size_t n);
void guarded_free(uint8_t *p, size_t n);

#endif
