#ifndef ERPSYNC_TESTS_SUPPORT_OUTPUT_H
#define ERPSYNC_TESTS_SUPPORT_OUTPUT_H

/* What a server session has to send, for tests that have no socket. */

#include <stddef.h>
#include <stdint.h>

struct fs;
struct server;

/* Copy what is next, at most n bytes; returns how many, 0 if there is none. */
size_t output_copy(
    const struct server *sv, const struct fs *fs, uint8_t *to, size_t n);

/* How much of what is next is at *p, in memory: 0 if there is none. */
size_t output_bytes(const struct server *sv, const uint8_t **p);

#endif
