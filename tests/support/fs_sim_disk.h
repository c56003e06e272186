#ifndef ERPSYNC_TESTS_SUPPORT_FS_SIM_DISK_H
#define ERPSYNC_TESTS_SUPPORT_FS_SIM_DISK_H

/*
 * A disk in memory with two faces: what programs see now, and what is sure
 * to be there after a power cut.  Between them lie the changes of names that
 * no fsync of a folder has made durable yet, which may survive in any order
 * that respects what depends on what, and the contents, modes and times of
 * inodes that were not synced.
 *
 * An NTFS writes down each change of names, modes, times and sizes in one log,
 * which a power cut leaves from its beginning to somewhere; only bytes need a
 * sync of their own, and those that have none are zeros in a file that has its
 * size.
 *
 * A value: sim_disk_copy makes another disk, contents are shared until one
 * is written.  Its memory never runs out (it comes from aligned_alloc, which
 * the tests that make malloc fail leave alone).
 */

#include "engine/base/fs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_ROOT = 1, SIM_BLOCK = 4096, SIM_PENDING = 1024 };

struct sim_blob {
	uint32_t refs, len, cap;
	bool hashed;
	uint64_t hash; /* of the bytes, when hashed */
	uint8_t b[];
};

/* What fsync of an inode makes durable. */
struct sim_meta {
	struct sim_blob *data; /* content, or target of a link; may be NULL */
	/* Extended attributes: name, NUL, length (2), value, again; or NULL. */
	struct sim_blob *attrs;
	uint32_t mode, uid, gid;
	struct stamp mtime;
};

enum { SIM_NOW, SIM_KEPT }; /* the two faces */

struct sim_inode {
	bool used;
	bool lost; /* an fsync failed: the kernel believes it is clean */
	bool lower; /* a folder that cannot be renamed */
	bool folds; /* a folder: names are the same whatever ASCII's case */
	uint8_t stays; /* a folder that can go nowhere, by this errno */
	uint8_t type; /* enum fs_type */
	uint32_t links[2], entries[2];
	int32_t head[2]; /* of a folder's names, or -1 */
	int64_t born, changed; /* ticks; what a disk tells of an inode itself */
	uint32_t pins, opens; /* pending changes and descriptors naming it */
	uint64_t logged; /* when it last changed, on an NTFS */
	bool doomed; /* removed, as soon as nobody has it open any more */
	uint32_t doomed_dir, doomed_name;
	struct sim_meta m[2];
};

struct sim_name {
	uint32_t dir, name, ino;
	int32_t next;
};

struct sim_view {
	struct sim_name *v;
	uint32_t n, cap;
	int32_t spare; /* list of unused ones */
};

struct sim_assign {
	uint32_t dir, name, ino; /* ino 0: the name goes */
};

/* One call that changed names: it persists as a whole or not at all. */
struct sim_change {
	uint32_t n;
	struct sim_assign a[2];
	uint32_t emptied; /* rmdir: the folder that must be empty, or 0 */
	bool synced[2]; /* the folders of a, since then */
	uint64_t logged;
};

struct sim_disk {
	struct sim_inode *v;
	uint32_t n, cap;
	struct sim_view view[2];
	struct sim_change pending[SIM_PENDING];
	uint32_t pending_n;
	int64_t tick; /* the time; it stands still, as for fast programs */
	bool ntfs;
	uint64_t logged, durable; /* changes so far, and of them for sure */
	/* A program that runs, whoever started it, and the folder where it has
	 * the name that it was started by; or 0. */
	uint32_t program, program_dir;
};

void sim_disk_init(struct sim_disk *d);
void sim_disk_release(struct sim_disk *d);
void sim_disk_copy(struct sim_disk *to, const struct sim_disk *from);

void *sim_alloc(size_t n);
struct sim_blob *sim_blob_new(const void *p, size_t n);
struct sim_blob *sim_blob_keep(struct sim_blob *b);
void sim_blob_drop(struct sim_blob *b);
void sim_meta_set(struct sim_meta *to, const struct sim_meta *from);

/* Names are numbers; equal texts have equal numbers. */
uint32_t sim_intern(const char *text);
const char *sim_text(uint32_t name);
/* The number of the name in lower case. */
uint32_t sim_folded(uint32_t name);

/* The inode a name leads to, or 0. */
uint32_t sim_find(
    const struct sim_disk *d, int face, uint32_t dir, uint32_t name);

uint32_t sim_inode_new(struct sim_disk *d, enum fs_type type, uint32_t mode);
/* It is made in the folder dir, which may say whose it is and who may what. */
void sim_inherit(struct sim_disk *d, uint32_t ino, uint32_t dir);
/* An attribute of what is seen; replaced, or with p NULL removed. */
const uint8_t *sim_attr(
    const struct sim_disk *d, uint32_t ino, const char *name, size_t *n);
void sim_attr_put(struct sim_disk *d, uint32_t ino, const char *name,
    const void *p, size_t n);
/* All folders that there are lie in the lower layer of an overlay. */
void sim_make_lower(struct sim_disk *d);
/* Free it when nothing refers to it. */
void sim_inode_drop(struct sim_disk *d, uint32_t ino);

/* A change of names: seen at once, durable later. */
void sim_change(struct sim_disk *d, const struct sim_change *c);

/* The inode changes now, for the log of an NTFS. */
void sim_log(struct sim_disk *d, uint32_t ino);
/* What is doomed goes, if nobody has it open. */
void sim_settle_doomed(struct sim_disk *d, uint32_t ino);

/* For fs_sim_cut.c: a change as one face has it, and a face's own copy. */
void sim_assign(struct sim_disk *d, int face, const struct sim_change *c);
void sim_view_copy(struct sim_view *to, const struct sim_view *from);

/* fsync: an inode's content and, of a folder, its names. */
void sim_sync(struct sim_disk *d, uint32_t ino);
/* Everything. */
void sim_sync_all(struct sim_disk *d);

/* Make the content writable and n bytes long, zeroes behind. */
void sim_resize(struct sim_disk *d, uint32_t ino, size_t n);
uint64_t sim_blob_hash(struct sim_blob *b);

/* Which changes each pending one needs, itself included, as bits. */
enum { SIM_WORDS = SIM_PENDING / 64 };
struct sim_needs {
	uint64_t w[SIM_PENDING][SIM_WORDS];
};
void sim_needs(const struct sim_disk *d, struct sim_needs *out);

/* What happens to an inode that was not synced. */
enum sim_fate {
	FATE_KEPT, /* as of the last sync */
	FATE_FULL, /* as seen */
	FATE_EMPTY, /* size 0 */
	FATE_GARBAGE, /* the size as seen, other bytes */
	FATE_PREFIX, /* the first part */
	FATES
};
/* Is the inode not synced? */
bool sim_is_dirty(const struct sim_inode *in);

/*
 * The disk after a power cut in which the pending changes of persist
 * survived; fate(arg, ino) decides for each inode that is dirty, with
 * FATE_META_KEPT added when mode and time are of the last sync.
 */
enum { FATE_META_KEPT = 16 };
typedef unsigned sim_fate_fn(void *arg, uint32_t ino);
void sim_power_cut(struct sim_disk *to, const struct sim_disk *from,
    const uint64_t persist[SIM_WORDS], sim_fate_fn *fate, void *arg);

/* The disk after a kill: all that is seen; descriptors are gone. */
void sim_killed(struct sim_disk *to, const struct sim_disk *from);

uint64_t sim_bytes_used(const struct sim_disk *d);
uint64_t sim_inodes_used(const struct sim_disk *d);

#endif
