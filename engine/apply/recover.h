#ifndef ERPSYNC_ENGINE_APPLY_RECOVER_H
#define ERPSYNC_ENGINE_APPLY_RECOVER_H

/*
 * From whatever a crash left to exactly one release.  The transaction itself
 * calls the same functions: undo when it fails, finish when it committed.
 */

#include <stdbool.h>

struct err;
struct folder;
struct journal;

/*
 * The start of every run: a committed update is finished, one with a journal
 * is undone, everything else of ours that is unfinished is garbage.
 */
int recover_run(struct folder *f, struct err *e);

/* Back to the old release; the journal is gone after it.  May be repeated. */
int recover_undo(struct folder *f, const struct journal *j, struct err *e);

/*
 * After the commit: rotate the backups, write the state, remove emptied
 * folders, forget the record of the transaction.  May be repeated; the first
 * time it gives up at anything (patient), in recovery only at what matters.
 */
int recover_finish(
    struct folder *f, const struct journal *j, bool patient, struct err *e);

/* A backup that waits for its number gets it, or nothing changes and the code
 * says why not: without it, the newest with a number is one too old. */
int recover_number(struct folder *f, struct err *e);

/* Remove unfinished files and folders of ours, unless a transaction still
 * needs them, once the names that brought them there are durable.  What resists
 * is reported as EVENT_WARN and tried again next time. */
void recover_collect(struct folder *f);

#endif
