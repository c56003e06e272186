#ifndef ERPSYNC_TESTS_PROVE_BARRIER_H
#define ERPSYNC_TESTS_PROVE_BARRIER_H

/*
 * The classes of barriers of docs/storage.md, told from what is synced and
 * what lies in .erpsync at that moment.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;

enum barrier {
	B_STAGED_DATA, /* tmp.TX/N */
	B_STATE_DATA, /* tmp.TX/state.new */
	B_TMP_DIR, /* tmp.TX, before the journal */
	B_BACKUP_DATA, /* copies in bkp.TX */
	B_BACKUP_RECORD, /* its record and state */
	B_BACKUP_DIRS,
	B_AT_ONCE, /* all of these in one go, instead of each */
	B_ROOT_EARLY, /* the client folder before the journal */
	B_JOURNAL_DATA,
	B_JOURNAL_DIR,
	B_LIVE_DIRS, /* after the swap */
	B_SWAP_TMP, /* tmp.TX after the swap */
	B_COMMIT,
	B_ROTATE_ROOT, /* the client folder after the renames of rotation */
	B_ROTATE_OWN,
	B_REPAIRED, /* the last repair's backup without a number is gone */
	B_RENEW_DATA, /* anew.NAME.new: its files and folders */
	B_RENEW_NAME, /* and its way to the place of the old one */
	B_EMPTIED, /* a backup that cannot be renamed, removed in place */
	B_STATE_TMP, /* tmp.TX after the state has left it */
	B_STATE_DIR,
	B_RMDIR_PARENT,
	B_END, /* after the unlink of committed */
	B_RECOVER_START, /* .erpsync before recovery does anything */
	B_UNDO_DIRS,
	B_UNDO_TMP,
	B_UNDO_SAVED, /* folders of bkp.TX that files came back from */
	B_UNDO_MADE, /* a folder made again in tmp.TX */
	B_UNDO_END,
	B_SETTLE_ROOT, /* before garbage that a kill left is removed */
	B_SETTLE_OWN,
	B_MARK_DATA, /* refused or unchecked */
	B_MARK_NAME,
	B_MARK_END, /* after its unlink */
	B_UNWIND_ROOT, /* backups after a health check that failed */
	B_UNWIND_OWN,
	BARRIERS
};

const char *barrier_name(int class);

/* The path of an inode, from its names. */
bool barrier_path(const struct sim *s, uint32_t ino, char *out, size_t cap);

#endif
