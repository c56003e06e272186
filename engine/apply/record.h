#ifndef ERPSYNC_ENGINE_APPLY_RECORD_H
#define ERPSYNC_ENGINE_APPLY_RECORD_H

/*
 * The shell of every file we keep about ourselves (state, journal, backup):
 *   magic[8]  version u32  length u64  payload[length]  hash[32]
 * The hash is of all bytes before it, so a torn or altered file is noticed
 * before a single field of it is believed.
 */

#include "engine/base/hash.h"

#include <stddef.h>
#include <stdint.h>

struct at;
struct buf;
struct cursor;
struct err;
struct fs;

enum {
	RECORD_MAGIC_LEN = 8,
	RECORD_HEADER_LEN = RECORD_MAGIC_LEN + 4 + 8,
	RECORD_OVERHEAD = RECORD_HEADER_LEN + HASH_LEN
};

/* Start a record in the empty b; payload is appended, then record_end. */
int record_begin(struct buf *b, const char *magic, struct err *e);
int record_end(struct buf *b, struct err *e);

/* Check the shell; payload points into p.  ERP_CORRUPT, or ERP_NEWER for a
 * whole one of a version that we do not know. */
int record_open(const void *p, size_t n, const char *magic,
    struct cursor *payload, struct err *e);

/*
 * Read the file into b, which is initialised with its limit, and open it as
 * record_open does.  ERP_NOTFOUND, ERP_CORRUPT, ERP_NEWER naming the file, or
 * what reading meets.
 */
int record_read(const struct fs *fs, struct at file, const char *magic,
    struct buf *b, struct cursor *payload, struct err *e);
/* The same of a mark: 1, or 0 when there is none or a damaged one, or a
 * code. */
int record_find(const struct fs *fs, struct at file, const char *magic,
    struct buf *b, struct cursor *payload, struct err *e);

/* Text with a u16 length in front; at most max bytes, no NUL inside. */
int record_put_text(struct buf *b, const char *text, struct err *e);
/* *out is malloc'd.  ERP_CORRUPT or ERP_NOMEM. */
int record_get_text(struct cursor *c, size_t max, char **out, struct err *e);
/* The same into out, which has room for cap bytes with its NUL. */
int record_get_label(struct cursor *c, char *out, size_t cap, struct err *e);
/* The same for a raw path (own_names.h) that is none of our own names. */
int record_get_path(struct cursor *c, char **out, struct err *e);

#endif
