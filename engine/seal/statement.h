#ifndef ERPSYNC_ENGINE_SEAL_STATEMENT_H
#define ERPSYNC_ENGINE_SEAL_STATEMENT_H

/*
 * What a seal says in its trusted comment: of a release, or of the key that
 * takes the place of the one it is made with.  Each has exactly one form
 * (docs/security.md); ERP_CORRUPT for anything else.
 */

#include "engine/base/hash.h"
#include "engine/base/path.h"
#include "engine/seal/minisign.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	STATEMENT_NAME = 64, /* bytes of product and build */
	/* Seconds that a seal may be valid for. */
	STATEMENT_VALID_MOST = 400 * 86400
};

struct statement {
	struct hash release; /* its id */
	uint64_t size; /* of its canonical bytes */
	uint64_t serial; /* grows with each seal */
	enum path_os os;
	char product[STATEMENT_NAME + 1]; /* 1..64 of A-Z a-z 0-9 . _ - */
	char build[STATEMENT_NAME + 1]; /* printable ASCII, or "" */
	int64_t issued, expires; /* seconds since 1970 */
	bool downgrade; /* an older build is meant */
};

int statement_encode(const struct statement *s,
    char out[MINISIGN_COMMENT_MAX + 1], struct err *e);
int statement_decode(const char *text, struct statement *out, struct err *e);

/* From this serial and time on counts the key that is sealed. */
struct successor {
	uint64_t serial;
	int64_t issued;
};
void successor_encode(
    const struct successor *s, char out[MINISIGN_COMMENT_MAX + 1]);
int successor_decode(const char *text, struct successor *out, struct err *e);

/* May a product be called so?  ERP_USAGE says what may be. */
bool statement_product_is_valid(const char *text);
int statement_check_product(const char *text, struct err *e);

#endif
