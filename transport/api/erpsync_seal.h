#ifndef ERPSYNC_TRANSPORT_API_ERPSYNC_SEAL_H
#define ERPSYNC_TRANSPORT_API_ERPSYNC_SEAL_H

/*
 * Seals for a station (docs/security.md), beside erpsync.h, which it includes:
 * whose releases a client folder takes.  What erpsync.h says of all functions
 * holds here.
 */

#include "erpsync.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/*
 * Keys whose seals the folder asks for (docs/security.md), as minisign has
 * them: with one, nothing is installed that none of them sealed.  How many,
 * each told by its number and as the line that minisign -P takes.
 */
typedef void erpsync_key_fn(void *ctx, const char *id, const char *line);
int erpsync_keys(struct erpsync_folder *f, erpsync_key_fn *told, void *ctx,
    struct erpsync_error *e);
/* One more: its file of n bytes, or its line.  product: what its releases are
 * of; "": what the first that comes is of.  ERPSYNC_USAGE for one that is
 * there. */
int erpsync_key_add(struct erpsync_folder *f, const char *text, size_t n,
    const char *product, struct erpsync_error *e);
/* One less, by its number; ERPSYNC_NOTFOUND. */
int erpsync_key_remove(
    struct erpsync_folder *f, const char *id, struct erpsync_error *e);

/* By whom the installed release is sealed. */
struct erpsync_seal {
	char key[ERPSYNC_KEY_ID + 1]; /* its number */
	char product[ERPSYNC_LABEL_MAX + 1];
	char build[ERPSYNC_LABEL_MAX + 1];
	uint64_t serial;
	int64_t issued, expires; /* seconds since 1970 */
};
/* 1 and out; 0 where no seals are asked for; ERPSYNC_UNSEALED, ... */
int erpsync_folder_seal(struct erpsync_folder *f, struct erpsync_seal *out,
    struct erpsync_error *e);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
