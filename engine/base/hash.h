#ifndef ERPSYNC_ENGINE_BASE_HASH_H
#define ERPSYNC_ENGINE_BASE_HASH_H

/*
 * The content hash used everywhere: the first 32 bytes of BLAKE2b-512
 * (RFC 7693), so that `b2sum FILE | cut -c1-64` shows it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum { HASH_LEN = 32, HASH_HEX_LEN = 64 };

struct hash {
	uint8_t b[HASH_LEN];
};

/*
 * What a file contains, as far as that is known: copied, compared and kept as
 * one.
 */
struct content {
	uint64_t size; /* bytes */
	bool known; /* hash is the hash of the content */
	struct hash hash;
};

struct hasher; /* a hash being computed */

/* ERP_NOMEM when OpenSSL has no memory or no BLAKE2b. */
int hasher_new(struct hasher **out, struct err *e);
void hasher_free(struct hasher *h);
int hasher_update(struct hasher *h, const void *p, size_t n, struct err *e);

/* The hash of all updates; h may then only be reset or freed. */
int hasher_final(struct hasher *h, struct hash *out, struct err *e);

/* Start over with the same hasher. */
int hasher_reset(struct hasher *h, struct err *e);

/* Hash of one byte range. */
int hash_bytes(const void *p, size_t n, struct hash *out, struct err *e);

bool hash_equal(const struct hash *a, const struct hash *b);
bool hash_is_zero(const struct hash *h);

/* Lower-case hexadecimal with a final NUL. */
void hash_hex(const struct hash *h, char out[HASH_HEX_LEN + 1]);

/* Parse exactly 64 lower-case hexadecimal digits; false if it is not that. */
bool hash_parse(const char *hex, struct hash *out);

#endif
