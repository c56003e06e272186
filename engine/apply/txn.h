#ifndef ERPSYNC_ENGINE_APPLY_TXN_H
#define ERPSYNC_ENGINE_APPLY_TXN_H

/*
 * One transaction on a client folder, the same for an update and a rollback:
 * begin; add operations and build their new files; commit; end.  Until the
 * commit nothing in the folder has changed; when it fails, the folder is as
 * it was.  Only one at a time, under the folder's lock.
 */

#include "engine/apply/backup.h"
#include "engine/apply/folder.h"
#include "engine/apply/journal.h"
#include "engine/apply/own_names.h"

#include <stdbool.h>
#include <stdint.h>

struct err;

struct txn {
	struct folder *f;
	struct tx_names names;
	struct journal j;
	struct backup b; /* its head (from, to) is the caller's */
	struct backup_hints hints; /* of live files, for the backup */
	struct backup_twin *twins; /* of the operations of_live, in order */
	struct folder_state next; /* installed after the commit */
	bool begun; /* there are folders of it to be removed */
	struct fs_near near; /* of the last txn_old */
	struct fs_near home; /* where the last new file will lie */
};

/* Also finishes an earlier transaction whose clean-up failed.
 * Whether backups can be rotated was looked at before (rotate_check). */
int txn_begin(struct txn *t, struct folder *f, struct err *e);

/* Add an operation (journal_add), and the folder that its things will lie in,
 * if it is the first there. */
int txn_add(struct txn *t, enum op_kind kind, const char *path, struct op **out,
    struct err *e);

/* Record what is live at op->path as old; it must not change any more. */
int txn_old(struct txn *t, struct op *op, bool with_hash, struct err *e);

/* The new thing of op, in tmp.TX under its number: an empty folder, a link,
 * or the file that was put there, which gets its mode and time.  What belongs
 * to it (engine/base/fs_owned.h) is that of the file it replaces, else what its
 * folder gives to new ones; of a folder that is a copy it is that of `like`, a
 * path in the client folder, with this mode.  NULL: none. */
struct fresh {
	uint32_t mode;
	struct stamp mtime;
	const struct hash *hash; /* of a file's content */
};
int txn_fresh_dir(struct txn *t, struct op *op, const char *like, uint32_t mode,
    struct err *e);
int txn_fresh_link(struct txn *t, struct op *op, const char *target,
    const struct fresh *as, struct err *e);
int txn_fresh_file(
    struct txn *t, struct op *op, const struct fresh *as, struct err *e);

/* The state after the commit: this release, installed now. */
int txn_state(struct txn *t, const struct manifest *m, struct err *e);

/* Back up, write the journal, swap, commit, clean up. */
int txn_commit(struct txn *t, struct err *e);

/* Free it; remove its folders if it did not commit. */
void txn_end(struct txn *t);

#endif
