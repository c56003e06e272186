#ifndef ERPSYNC_ENGINE_APPLY_BACKUP_BEFORE_H
#define ERPSYNC_ENGINE_APPLY_BACKUP_BEFORE_H

/*
 * What is known of live files before they are opened for a backup: what the
 * preflight found, a moment ago, and what the newest backup has.  A file that
 * has not changed since its copy there was made is in the next backup as that
 * copy again.  Only a help: what cannot be read is not known.
 */

#include "engine/apply/backup.h"

#include <stdbool.h>
#include <stddef.h>

struct folder;

struct backup_before {
	const struct folder *f;
	struct backup newest; /* its record */
	int dir; /* the newest backup, or -1 */
	uint64_t dev; /* the disk of the client folder */
	struct fs_near near;
	/* The copy there of the name last asked for: looked for, found. */
	bool asked, found;
	struct fs_stat copy;
	size_t at; /* where the next file is looked for */
};

/* o is to be closed. */
void backup_before_open(struct backup_before *o, struct folder *f);
void backup_before_close(struct backup_before *o);

/*
 * To be asked first of each name.  Is the live file, as hint has it (or NULL),
 * one with that of the newest backup?  Then a look at this one, in st, tells
 * of both.
 */
bool backup_before_shares(struct backup_before *o,
    const struct backup_hint *hint, struct fs_stat *st);

/*
 * Is it known how x, a file that lies there as live says, gets into the backup?
 * Then all of x is filled.  x->content has a hash if one is known from
 * elsewhere.
 */
bool backup_before_tells(struct backup_before *o, const struct fs_stat *live,
    const struct backup_hint *hint, struct backup_entry *x);

/* The preflight found this, which is taken from list; NULL: nothing is known
 * any more. */
void backup_before_note(struct folder *f, struct backup_list *list);

#endif
