#ifndef ERPSYNC_ENGINE_APPLY_BACKUP_SAVE_H
#define ERPSYNC_ENGINE_APPLY_BACKUP_SAVE_H

/* Filling a backup; the part of backup_make before anything is synced. */

struct backup;
struct err;
struct folder;
struct tx_names;

/* Make all of b->files in bkp.TX, which is there and empty; those that a
 * program has removed meanwhile leave the list.  Folders get their modes and
 * times later. */
int backup_save(struct folder *f, const struct tx_names *names,
    struct backup *b, struct err *e);

#endif
