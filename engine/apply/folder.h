#ifndef ERPSYNC_ENGINE_APPLY_FOLDER_H
#define ERPSYNC_ENGINE_APPLY_FOLDER_H

/*
 * A client folder held by one updater: opened, locked, recovered.  Our own
 * files live in its sub-folder ".erpsync", which whoever may read the folder
 * may read, and only its owner write: lock, state, journal or
 * committed, hashes, recv/ (what was received), tmp.TX/ bkp.TX/ trash.TX/.
 * See docs/storage.md.
 */

#include "engine/base/hash.h"
#include "engine/tree/manifest.h"
#include "engine/tree/spelling.h"

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct crew;
struct err;
struct filter;
struct folder;
struct fs;
struct observer;

#define FOLDER_OWN ".erpsync"

struct folder_options {
	const struct fs *fs;
	const struct clock *clock;
	const struct observer *obs; /* may be NULL */
	const struct crew *crew; /* may be NULL */
	/* Look only: no lock, no recovery, nothing created.  An interrupted
	 * update found then is ERP_UNFINISHED ("run recover"). */
	bool read_only;
	/* The same where it is held by another or cannot be updated by this
	 * user or on this disk: folder_why_look tells. */
	bool or_look;
	/* How to wait for a file in use; NULL: such a file fails at once. */
	void (*sleep_ms)(void *ctx, uint32_t ms);
	void *sleep_ctx;
	/*
	 * Asked after an update is in place: is the client fit for use?  0, or
	 * a code with the reason, and the update is taken back.  It may start
	 * programs; it must end.  NULL: nobody asks.
	 */
	int (*health)(void *ctx, const struct folder *f, struct err *e);
	void *health_ctx;
	/* Of the user's files: not to be copied into backups.  NULL: none. */
	const struct filter *backup_exclude;
	/* How many new files lie side by side; 0: OWN_BESIDE.  For proofs. */
	uint32_t beside;
};

/* What is installed, as far as we did it. */
struct folder_state {
	bool known; /* false: never updated by us */
	bool unread; /* kept by a version that allowed more; not known */
	struct hash release; /* id */
	int64_t installed_at; /* seconds since 1970 */
	struct manifest manifest; /* of the installed release */
	struct spelling spelling; /* see folder_spell */
};

/*
 * Open.  Not read-only: refuse a folder that cannot be written (ERP_AUTH) or
 * that is somebody else's and writable for all when we are root (ERP_AUTH),
 * take the lock (ERP_HELD naming holder's pid, user and host), recover.
 * A state or journal that cannot be explained is ERP_CORRUPT and changes
 * nothing ("recovery required"); one of a newer erpsync is ERP_NEWER.
 */
int folder_open(const char *path, const struct folder_options *opt,
    struct folder **out, struct err *e);
void folder_close(struct folder *f);

const struct fs *folder_fs(const struct folder *f);
const struct crew *folder_crew(const struct folder *f);
int folder_dir(const struct folder *f); /* the client folder */
int folder_own_dir(const struct folder *f); /* .erpsync, or -1 read-only
					       when it does not exist */
const struct folder_state *folder_state(const struct folder *f);

/*
 * The installed release, or NULL: under the folder's names (spelling.h) once
 * these were looked for, until another release is installed.  have: what a
 * scan found, without what filter leaves out, or NULL; filter may be NULL.
 */
const struct manifest *folder_installed(const struct folder *f);
int folder_spell(struct folder *f, struct manifest *have,
    const struct filter *filter, struct err *e);

/*
 * Did a transaction of this process end in a way that only a new folder_open
 * can settle: undoing failed, or the outcome is not known?  The folder may
 * then be neither the old nor the new release.
 */
bool folder_is_stuck(const struct folder *f);

/* Does its path still lead to it?  ERP_HELD if another folder, or none, came
 * into its place: whoever did that would not find there what an update did;
 * else 0, and e as it was. */
int folder_check_place(const struct folder *f, struct err *e);

/* Why it is only looked at though it was to be updated, or NULL. */
const struct err *folder_why_look(const struct folder *f);

/* And is it for this user to update, so that no update comes until a person has
 * mended that? */
bool folder_needs_person(const struct folder *f);

/*
 * Is all of it of one release, as far as can be seen?  0, or a code:
 * ERP_UNFINISHED while a swap of names is going on, or was interrupted.
 */
int folder_check_whole(const struct folder *f, struct err *e);

/* Would this user be let update a folder that is only looked at?  ERP_AUTH
 * with the reason that folder_open has.  No trace is left. */
int folder_check_user(struct folder *f, struct err *e);

/* What recovery did when the folder was opened. */
enum recovery { RECOVERY_NONE, RECOVERY_UNDONE, RECOVERY_FINISHED };
enum recovery folder_recovery(const struct folder *f);

#endif
