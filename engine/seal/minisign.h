#ifndef ERPSYNC_ENGINE_SEAL_MINISIGN_H
#define ERPSYNC_ENGINE_SEAL_MINISIGN_H

/*
 * The files of minisign (https://jedisct1.github.io/minisign/): public keys,
 * secret keys, and signatures with a trusted comment, which are called seals
 * here.  Pure functions on bytes; every length is bounded before it is used.
 * ERP_CORRUPT: the text is no such file.
 */

#include "engine/seal/ed25519.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

enum {
	MINISIGN_ID = 8, /* bytes of a key's number */
	MINISIGN_ID_HEX = 16,
	MINISIGN_COMMENT_MAX = 1024, /* bytes of either comment */
	MINISIGN_FILE_MAX = 4096 /* bytes of any of the files */
};

struct minisign_key {
	uint8_t id[MINISIGN_ID];
	uint8_t public[ED25519_PUBLIC];
};

struct minisign_secret {
	struct minisign_key key;
	uint8_t seed[ED25519_SEED];
};

struct minisign_seal {
	bool prehashed; /* over the BLAKE2b-512 of the bytes */
	uint8_t id[MINISIGN_ID]; /* of the key that made it */
	uint8_t sig[ED25519_SIG];
	uint8_t global[ED25519_SIG]; /* over sig and comment */
	char comment[MINISIGN_COMMENT_MAX + 1]; /* the trusted one */
};

/* A key's number as minisign shows it. */
void minisign_id_hex(
    const uint8_t id[MINISIGN_ID], char out[MINISIGN_ID_HEX + 1]);

/* A public key: its file, or the line of it that is no comment. */
int minisign_key_decode(
    const char *text, size_t n, struct minisign_key *out, struct err *e);
int minisign_key_encode(
    const struct minisign_key *key, struct buf *out, struct err *e);

/* One file behind the other: the bytes of the first, or a code. */
int64_t minisign_key_take(
    const char *text, size_t n, struct minisign_key *out, struct err *e);
int64_t minisign_seal_take(
    const char *text, size_t n, struct minisign_seal *out, struct err *e);

int minisign_seal_decode(
    const char *text, size_t n, struct minisign_seal *out, struct err *e);
int minisign_seal_encode(
    const struct minisign_seal *seal, struct buf *out, struct err *e);

/* A new key (minisign_secret.c).  Wipe it after use. */
int minisign_secret_new(struct minisign_secret *out, struct err *e);
/* *locked: there is a passphrase on it. */
int minisign_secret_is_locked(
    const char *text, size_t n, bool *locked, struct err *e);
/* ERP_USAGE: another passphrase.  NULL is none, for a key without one. */
int minisign_secret_decode(const char *text, size_t n, const char *passphrase,
    struct minisign_secret *out, struct err *e);
int minisign_secret_encode(const struct minisign_secret *secret,
    const char *passphrase, struct buf *out, struct err *e);

/* Seal n bytes, prehashed, with this trusted comment, which is printable. */
int minisign_sign(const struct minisign_secret *secret, const void *p, size_t n,
    const char *comment, struct minisign_seal *out, struct err *e);

/* Is the trusted comment of this key?  1, 0 or a code. */
int minisign_verify_comment(const struct minisign_seal *seal,
    const struct minisign_key *key, struct err *e);
/* Are comment and these bytes sealed by this key?  1, 0 or a code. */
int minisign_verify(const struct minisign_seal *seal,
    const struct minisign_key *key, const void *p, size_t n, struct err *e);

/* What the lines of the files are, for minisign_secret.c. */
struct minisign_line {
	const char *p;
	size_t n; /* without its end */
};
/* Take a line off the text; false without one. */
bool minisign_line_take(
    const char **text, size_t *n, struct minisign_line *out);
/* The same for an untrusted comment. */
bool minisign_comment_take(const char **text, size_t *n);
int minisign_put_line(
    struct buf *out, const char *head, const void *p, size_t n, struct err *e);

#endif
