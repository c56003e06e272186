#ifndef ERPSYNC_ENGINE_APPLY_BACKUP_H
#define ERPSYNC_ENGINE_APPLY_BACKUP_H

/*
 * Backups: a complete copy of everything in the client folder except our own
 * folder and earlier backups, made and made durable before the first name
 * changes.  A file that is as its release has it, and no text, is written by
 * updates only: it is shared (a reflink, else a hard link, else a copy).
 * Whatever programs may edit in place, or have edited, is a real copy; where
 * it has not changed since the newest backup, that one's again (a hard link,
 * else a copy).  Files of the user's may be left out by name: the record says
 * which, so that no rollback takes them for new ones.
 *
 * Inside lies .erpsync/backup, the record of what it holds and of what the
 * update wrote, and .erpsync/state as it was before.
 */

#include "engine/apply/identity.h"
#include "engine/base/fs.h"
#include "engine/base/hash.h"
#include "engine/tree/manifest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct cursor;
struct err;
struct folder;
struct folder_state;
struct tx_names;

#define BACKUP_UNREADABLE                                                      \
	"this user may not read it, so it cannot be backed up; give him the "  \
	"right, or leave it out (--backup-exclude)"
#define BACKUP_RECORD ".erpsync/backup"
#define BACKUP_STATE ".erpsync/state"

/* Of a file; one that shares its blocks only was to share its inode, with the
 * live file or with the newest backup; one that is left out has only its
 * entry. */
enum backup_how {
	BACKUP_SHARE,
	BACKUP_AGAIN,
	BACKUP_CLONE,
	BACKUP_COPY,
	BACKUP_LEAVE
};

/* A new file in tmp.TX that is to have the content of a live one, and is made
 * from the same read. */
struct backup_twin {
	uint32_t number; /* its name there */
	struct identity fresh; /* in: its content, mode, time; out: all */
	struct identity saved; /* out: the backup's; hashed if copied then */
	unsigned lost; /* out: by fresh, of enum owned_lost */
};

struct backup_entry {
	char *path; /* raw: may break the rules of manifests */
	char *kept; /* its path there, if another one; not encoded, or NULL */
	char *target; /* of a symbolic link, else NULL */
	enum fs_type type; /* FS_FILE, FS_DIR or FS_SYMLINK */
	uint32_t mode;
	struct stamp mtime;
	struct content content;
	bool added; /* of written: nothing was there before */
	bool gone; /* of written: it was deleted */
	/* While it is being made; not encoded, but for BACKUP_LEAVE. */
	enum backup_how how;
	uint64_t ino, taken; /* of the live file; a copy keeps its holes */
	struct stamp changed; /* of it, as struct fs_stat has it */
	uint64_t again; /* of BACKUP_AGAIN: inode of the newest backup's */
	bool there; /* it was part of what the backup is made of */
	bool opened; /* to know how: it can be read */
	bool hashed; /* hash is what was read while it was copied */
	bool vanished; /* the live file went meanwhile */
	struct backup_twin *twin; /* borrowed; NULL: there is none */
};

struct backup_list {
	struct backup_entry *v; /* sorted by path, bytewise */
	size_t n;
	size_t cap;
};

struct backup {
	uint64_t id; /* the transaction that made it; not its number */
	int64_t date; /* seconds since 1970 */
	bool has_from, has_to; /* were both releases known? */
	bool repair; /* of an update to a release of the same gist */
	struct hash from, to;
	char from_build[MANIFEST_MAX_BUILD + 1];
	char to_build[MANIFEST_MAX_BUILD + 1];
	struct backup_list files; /* what it holds */
	struct backup_list written; /* what the update then did */
};

void backup_init(struct backup *b);
void backup_release(struct backup *b);

/* Append a zeroed entry with a copy of path; NULL without memory. */
struct backup_entry *backup_list_add(
    struct backup_list *list, const char *path);
void backup_list_drop(struct backup_list *list, size_t i);
void backup_list_release(struct backup_list *list);
void backup_list_sort(struct backup_list *list);
struct backup_entry *backup_list_find(
    const struct backup_list *list, const char *path);
/* The same of paths that mostly come in order: *at is where to look first, in
 * the beginning 0. */
const struct backup_entry *backup_list_next(
    const struct backup_list *list, const char *path, size_t *at);
/* Of a sorted list of what was done: a path that went and came again is one
 * entry, which came. */
void backup_list_join(struct backup_list *list);
/* Where the backup has it. */
const char *backup_entry_kept(const struct backup_entry *x);

/* decode: its payload into an initialised b, released on failure. */
int backup_encode(const struct backup *b, struct buf *out, struct err *e);
int backup_decode(struct cursor *c, struct backup *b, struct err *e);

/* Read the record of the backup dir/name into an initialised b. */
int backup_read(const struct fs *fs, int dir, const char *name,
    struct backup *b, struct err *e);

/* The state in the backup dir/name into a zeroed out, for state_release: known
 * only where it is a good one, of the release that the record b has. */
int backup_state(const struct fs *fs, int dir, const char *name,
    const struct backup *b, struct folder_state *out, struct err *e);

/* Is dir/name a folder with a record of ours in it?  1, 0 or a code. */
int backup_identify(
    const struct fs *fs, int dir, const char *name, struct err *e);
/* Then fill has_from, has_to and repair of b, which may be damaged. */
int backup_glance(const struct fs *fs, int dir, const char *name,
    struct backup *b, struct err *e);
/* The same where what cannot be read is not ours. */
bool backup_is_ours(const struct fs *fs, int dir, const char *name);

/* What is known of a live file before the backup is made; one without a hint is
 * the user's. */
struct backup_hint {
	const char *path; /* borrowed */
	struct stamp mtime;
	uint64_t ino; /* 0: not known */
	struct content content;
	bool pristine; /* its content is the one of its release */
	bool goes; /* it is replaced or removed, and may come back */
};

struct backup_hints {
	struct backup_hint *v;
	size_t n;
	size_t cap;
	bool looks; /* no backup is made now: it will tell what it leaves out */
};
struct backup_hint *backup_hints_add(struct backup_hints *h);
void backup_hints_sort(struct backup_hints *h);
/* NULL: nothing is known of this path.  h is sorted; at as above. */
const struct backup_hint *backup_hints_next(
    const struct backup_hints *h, const char *path, size_t *at);
void backup_hints_release(struct backup_hints *h);

/*
 * List what a backup of f would hold and how each file would get there: one
 * of the user's that the folder's options leave out is BACKUP_LEAVE.  What a
 * look finds (hints->looks) may be given to f->looked, so that the next opens
 * less.  Devices, FIFOs and sockets are left out with EVENT_WARN.
 */
int backup_collect(struct folder *f, const struct backup_hints *hints,
    struct backup_list *out, struct err *e);

/* List what a backup holds, whoever made it, as it lies there; no hashes. */
int backup_scan(struct folder *f, const char *folder, struct backup_list *out,
    struct err *e);

/* Is the live file text, which is edited in place?  Any without a NUL byte at
 * its start, and every .ini.  1, 0 or a code. */
int backup_is_text(struct folder *f, const char *path, struct err *e);

/* Does this disk make symbolic links?  FAT, exFAT and some shares do not. */
bool backup_makes_links(const struct folder *f);

/* The error where a link that no backup can hold was to be replaced. */
int backup_lacks_link(const char *path, struct err *e);

/*
 * Make bkp.TX from b->files, write its record, make all of it durable.  An
 * entry with a twin has its live file read once for both copies, the one in
 * tmp.TX and the one here; ERP_BUSY when it is not what twin->fresh says.  So
 * many `others`, new files in .erpsync, wait to be durable too: 1 when they
 * are, since there were enough for one sync of everything, else 0.
 */
int backup_make(struct folder *f, const struct tx_names *names,
    struct backup *b, size_t others, struct err *e);

#endif
