#ifndef ERPSYNC_ENGINE_APPLY_APPLY_H
#define ERPSYNC_ENGINE_APPLY_APPLY_H

/*
 * The apply transaction (docs/storage.md): everything verified is moved into
 * tmp.TX, a complete backup is made and made durable, the journal is
 * written, names are swapped with barriers, one rename commits, backups are
 * rotated, the state is written.  After any crash folder_open brings the
 * folder to the old or the new release.
 */

#include <stdbool.h>
#include <stdint.h>

struct action;
struct buf;
struct backup_list;
struct err;
struct filter;
struct folder;
struct hash;
struct manifest;
struct plan;
struct stage;

/*
 * Can all names of the plan be changed, as far as one sees without writing,
 * and is there room for this update?  wire_bytes: blobs that lie on the disk
 * while they come.  ERP_NOSPACE naming needed, free and where; ERP_AUTH naming
 * a folder that cannot be written, what is immutable, or a file that cannot be
 * read for the backup; ERP_BLOCKED naming a link where the disk has none, what
 * the comparison left out and what lies where something is to be added, or
 * what has the name of a backup and is none.  The room is set aside until the
 * update took it or the folder is closed; nothing else changes.
 */
int apply_preflight(struct folder *f, const struct plan *plan,
    uint64_t wire_bytes, struct err *e);

/* What an update would do to the disk, as far as it could be told. */
struct apply_outlook {
	uint64_t needed, is_free; /* bytes; 0: not known */
	/* The number of its backup, for which the oldest may have to go; 0:
	 * nothing is backed up, or none that gets a number for sure. */
	int backup;
	bool pushes;
	bool of_nothing; /* rotate_is_of_nothing */
	uint64_t files, bytes; /* of that backup, shared or not */
};

/* Add those of a backup that holds these. */
void apply_count_backup(
    const struct backup_list *files, struct apply_outlook *out);

/*
 * The same for a folder that is only looked at, but for links: nothing is set
 * aside or written.  ERP_HELD naming another updater at work.  *out is what is
 * known by then, also after a failure.
 */
int apply_foretell(struct folder *f, const struct plan *plan,
    uint64_t wire_bytes, struct apply_outlook *out, struct err *e);

/*
 * Would this delete more files than is right?  max: how many may go; NULL:
 * up to ten, or a fifth of the installed release.  ERP_DELETES.
 */
int apply_check_deletes(const struct folder *f, const struct plan *plan,
    const uint64_t *max, struct err *e);

/* ERP_HEALTH if the health check refused this release last. */
int apply_check_refused(
    struct folder *f, const struct hash *release, struct err *e);

/*
 * Was an update interrupted before its health check ended?  Then it is checked
 * now: kept, or taken back with a warning (0), or ERP_CANCELLED, or ERP_HEALTH
 * when going back failed, or why it could not be checked, and was taken back.
 */
int apply_prove_earlier(struct folder *f, struct err *e);

/*
 * Bring the release's changes into the INI files that are the station's own
 * (plan->ini), with the contents in stage, so that the plan says of each what
 * it is to become; the result is in stage, too.  What was decided where both
 * had changed a key is told as warnings.  Nothing else changes; before
 * apply_update, also where there is nothing to do.  ERP_BUSY: a file changes
 * meanwhile.
 */
int apply_merge(
    struct folder *f, struct stage *stage, struct plan *plan, struct err *e);

/*
 * What would it make of the one action a of the plan, whose file the release
 * has as this?  The bytes are appended to out, and the plan has their size and
 * hash; warnings are told as by apply_merge.  Nothing changes on the disk.
 */
int apply_merge_foretell(struct folder *f, struct plan *plan, struct action *a,
    const struct buf *release, struct buf *out, struct err *e);

/*
 * Make the folder the release want: the actions of plan, with all contents
 * in stage.  With nothing to do, only the state is written.  ERP_UNSEALED
 * where the folder asks for seals and this one was not let in (trust.h).  On
 * failure the folder is as it was.  Durable when it returns 0. ERP_HEALTH: the
 * health check (folder.h) failed, so it was taken back and is refused from now
 * on; with a check that could not be asked it is not refused.
 */
int apply_update(struct folder *f, struct stage *stage,
    const struct manifest *want, const struct plan *plan, struct err *e);

/*
 * Bring back backup number (1..3; 0 = the newest), as a transaction of the
 * same kind: the folder as it is becomes a backup itself.  ERP_NOTFOUND.
 *
 * What updates wrote since is taken back; files that only the user touched
 * stay, and so do text files (INI above all) that the user edited since an
 * update wrote them.  ERP_MISMATCH naming what the backup does not have as
 * it was made: of what is brought back, and of what shares its inode.
 */
int apply_rollback(struct folder *f, int number, struct err *e);

struct rollback_options {
	int number; /* as above */
	/* The folder becomes what the backup is: also what the user changed
	 * or removed comes back, and what the user added goes. */
	bool all;
};
/* The same; 1 with a warning: there is nothing to bring back. */
int apply_rollback_with(
    struct folder *f, const struct rollback_options *opt, struct err *e);

/* One finding of a verification. */
typedef void apply_finding_fn(void *arg, const char *path, const char *what);

/*
 * Compare the folder with the installed release, by content, but for what
 * filter (may be NULL) excludes; returns the number of findings or a code.
 * ERP_NOTFOUND: nothing installed by us.  Of an INI file that is the station's
 * own only that it is there is asked.
 */
int apply_verify(struct folder *f, const struct filter *filter,
    apply_finding_fn *fn, void *arg, struct err *e);

#endif
