#ifndef ERPSYNC_ENGINE_APPLY_JOURNAL_H
#define ERPSYNC_ENGINE_APPLY_JOURNAL_H

/*
 * The journal: what a transaction is going to do to the names of the client
 * folder, with the identity of everything it touches.  While the file
 * "journal" exists the transaction can be undone; from its rename to
 * "committed" on it can only be finished.
 *
 * Life: operations are added in any order, journal_sort puts them in the
 * order they run in (and are undone in backwards), journal_write makes it
 * durable.
 */

#include "engine/apply/identity.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct cursor;
struct err;
struct fs;

#define JOURNAL_MAX ((size_t)512 << 20)

enum op_kind {
	OP_DELETE = 1, /* live -> tmp.TX/old.N */
	OP_ADD = 2, /* tmp.TX/N -> live, where nothing is */
	OP_REPLACE = 3, /* tmp.TX/N -> live, over the old one */
	OP_RMDIR = 4 /* after the commit: remove the folder if it is empty */
};

struct op {
	enum op_kind kind;
	uint32_t number; /* N, unique in the transaction (own_names.h) */
	char *path;
	struct identity old; /* DELETE, REPLACE: what is live before */
	struct identity saved; /* REPLACE: its copy in the backup */
	struct identity fresh; /* ADD, REPLACE: what becomes live */
	/* Not encoded: */
	bool of_live; /* fresh will be a copy of what is live */
	unsigned lost; /* what fresh could not be given (enum owned_lost) */
};

struct journal {
	uint64_t tx;
	uint64_t dev; /* device the inode numbers belong to */
	bool has_state; /* tmp.TX/state becomes the state, else it goes */
	struct op *v;
	size_t n;
	size_t cap;
};

void journal_init(struct journal *j, uint64_t tx);
void journal_release(struct journal *j);

/* Append an operation; path is copied.  *out stays valid until the next. */
int journal_add(struct journal *j, enum op_kind kind, const char *path,
    struct op **out, struct err *e);

/* DELETE deepest first, then ADD and REPLACE parents first, then RMDIR
 * deepest first. */
void journal_sort(struct journal *j);

int journal_encode(const struct journal *j, struct buf *out, struct err *e);
/* Decode the payload of a record into an empty j; released on failure. */
int journal_decode(struct cursor *c, struct journal *j, struct err *e);

/* Write the file "journal" durably into our folder own. */
int journal_write(
    const struct fs *fs, int own, const struct journal *j, struct err *e);

/* Read "journal" or "committed": ERP_NOTFOUND, or ERP_CORRUPT saying that
 * recovery by hand is required. */
int journal_read(const struct fs *fs, int own, const char *name,
    struct journal *j, struct err *e);

#endif
