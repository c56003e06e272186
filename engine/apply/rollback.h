#ifndef ERPSYNC_ENGINE_APPLY_ROLLBACK_H
#define ERPSYNC_ENGINE_APPLY_ROLLBACK_H

/*
 * What a rollback has to decide about each path: it takes back what updates
 * wrote since the backup, and leaves alone what the user did.  The records
 * of the backup and of all newer ones say what updates wrote, and where a
 * record is gone, the installed release does: a file that is as it has it was
 * edited by nobody.  What was written in place into an inode shared with a
 * backup is damaged: the backup's copy replaces it, which fails later if that
 * is damaged too.
 *
 * A backup of the ERP's own updater has no record: it is a complete copy of
 * the folder as it was then, so what differs from it by content comes back,
 * whoever changed it.
 */

#include "engine/apply/backup.h"
#include "engine/apply/folder.h"
#include "engine/apply/rotate.h"

#include <stdbool.h>

struct entry;
struct err;

struct rollback {
	/* The caller's to set; all else begins as zero. */
	struct folder *f;
	bool all; /* as in struct rollback_options */
	bool foreign; /* the backup has no record: it is what lies there */
	bool by_person; /* what is left is refused from now on */
	bool leave_damaged; /* warn of what cannot be repaired and go on */
	char folder[ROTATE_NAME_BYTES]; /* the backup, in the client folder */
	struct backup target; /* its record */
	struct folder_state then; /* not known: it has no good one */
	/* Records from the newest down to the backup itself. */
	struct backup newer[ROTATE_REPAIRED];
	int newer_number[ROTATE_REPAIRED];
	int newer_n;
};

/* Read the records, or of a foreign backup the files; number 0 is the newest,
 * ROTATE_REPAIRED the one without a number.  ERP_NOTFOUND, ERP_CORRUPT. */
int rollback_open(struct rollback *r, int number, struct err *e);
/* Then the records and the installed release take the names that the folder
 * has now (spelling.h). */
int rollback_take_names(struct rollback *r, struct err *e);
void rollback_release(struct rollback *r);

/* What the updates since the backup last did to path, or NULL. */
const struct backup_entry *rollback_latest(
    const struct rollback *r, const char *path);

enum rollback_step {
	ROLLBACK_KEEP, /* nothing to do, or not ours to touch */
	ROLLBACK_ADD, /* missing: bring it back */
	ROLLBACK_REPLACE, /* bring it back over what is live */
	ROLLBACK_RETYPE, /* what is live goes first: one is a folder */
	ROLLBACK_REMOVE, /* written by an update, unknown to the backup */
	ROLLBACK_RMDIR /* the same of a folder, which goes if it is empty */
};

/* For an entry of the backup, or of a newer record and not in the backup:
 * a step, or a code. */
int rollback_decide(
    struct rollback *r, const struct backup_entry *x, struct err *e);
int rollback_decide_newer(
    struct rollback *r, const struct backup_entry *x, struct err *e);
/* For what the installed release has, as rollback_of_release makes it, borrowed
 * from the release's entry: it goes where no record knows of it. */
int rollback_decide_release(
    struct rollback *r, const struct backup_entry *x, struct err *e);
void rollback_of_release(const struct entry *x, struct backup_entry *out);
/* With all: for something live. */
int rollback_decide_live(
    const struct rollback *r, const struct backup_entry *x);

#endif
