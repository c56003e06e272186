#ifndef ERPSYNC_ENGINE_APPLY_SWAP_H
#define ERPSYNC_ENGINE_APPLY_SWAP_H

/*
 * The second wave: the renames of a journal, forward and back.  Before it
 * the new files lie synced in tmp.TX and the old ones in bkp.TX, so every
 * byte of both releases has a durable name and any mix of these renames can
 * be undone.  The same undo serves a failure in this process and a crash.
 */

#include <stdbool.h>

struct err;
struct folder;
struct journal;

/*
 * Run the operations in order.  A file that is no longer what the journal
 * says is ERP_BUSY; a file in use is retried while there is a way to wait.
 * After any failure the caller undoes.
 */
int swap_forward(struct folder *f, const struct journal *j, struct err *e);

/* Make the names in the folders of tmp.TX durable. */
int swap_sync_homes(struct folder *f, const struct journal *j, struct err *e);

/* Make the renames durable, then look once more: is every new file there? */
int swap_settle(struct folder *f, const struct journal *j, struct err *e);

/*
 * Undo: decide for every operation by identity, and only when all can be
 * explained change anything; then make it durable.  ERP_CORRUPT naming the
 * file when one cannot be explained: nothing was changed.  May be repeated.
 */
int swap_undo(struct folder *f, const struct journal *j, struct err *e);

/*
 * Remove the folders that the release no longer has, where they are empty.
 * patient: a folder that cannot be removed for want of rights is an error
 * (and tried again at the next start), else it stays.
 */
int swap_remove_emptied(
    struct folder *f, const struct journal *j, bool patient, struct err *e);

#endif
