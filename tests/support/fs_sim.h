#ifndef ERPSYNC_TESTS_SUPPORT_FS_SIM_H
#define ERPSYNC_TESTS_SUPPORT_FS_SIM_H

/*
 * A file system on a simulated disk (fs_sim_disk.h) behind struct fs, for
 * one process at a time.  A hook sees each call before it happens: it may
 * look at the disk and copy it (a crash right there), let the call fail, be
 * ignored or do only a part.  Files of a folder are listed in an order that
 * only the seed decides.  Like openat2: nothing is followed, nothing is
 * above.  Rights are not checked.  It behaves as Linux, or as Windows with an
 * NTFS (fs_sim_ntfs.c): what is open or read-only, or a program that runs.
 */

#include "engine/base/fs.h"
#include "tests/support/fs_sim_disk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_call_kind {
	SIM_OPEN_ROOT,
	SIM_OPEN,
	SIM_CREATE,
	SIM_PREAD,
	SIM_PWRITE,
	SIM_FSYNC,
	SIM_SYNCFS, /* not for too few files */
	SIM_FSTAT,
	SIM_STAT,
	SIM_LIST,
	SIM_MKDIR,
	SIM_UNLINK,
	SIM_RMDIR,
	SIM_RENAME,
	SIM_LINK,
	SIM_SYMLINK,
	SIM_READLINK,
	SIM_FCHMOD,
	SIM_FUTIMES,
	SIM_UTIMES,
	SIM_TRUNCATE,
	SIM_ALLOCATE,
	SIM_CLONE,
	SIM_SPACE,
	SIM_LOCK,
	SIM_FCHOWN,
	SIM_ATTR_LIST, /* not of what has none */
	SIM_ATTR_GET,
	SIM_ATTR_SET,
	SIM_ATTR_REMOVE,
	SIM_CALLS
};

struct sim_call {
	enum sim_call_kind kind;
	bool changes; /* something on the disk */
	uint32_t ino; /* of the descriptor or folder it is about */
	const char *name; /* in that folder, or NULL */
	size_t n; /* bytes to read or write; the hook may make it less */
};

struct sim;
/* 0: go on; SIM_IGNORE: report success, do nothing; else -errno. */
enum { SIM_IGNORE = 1 };
typedef int sim_hook_fn(void *arg, struct sim *s, struct sim_call *c);

enum { SIM_FDS = 64 };

struct sim {
	struct fs fs; /* give this to the code under test */
	struct sim_disk disk;
	uint32_t fds[SIM_FDS]; /* inode, or 0 */
	bool locked[SIM_FDS], writes[SIM_FDS];
	uint64_t seed;
	sim_hook_fn *hook; /* may be NULL */
	void *hook_arg;
	uint64_t calls, changes; /* counted so far */
	/* What the file system cannot do. */
	bool no_links, no_clone, no_utimes;
	bool fat; /* one mode for all, times in steps of two seconds, and
		   * nothing is set aside */
	/* Each process sees another device and other inode numbers. */
	bool renumbers;
	uint32_t booted; /* so often */
	size_t syncfs_files; /* so many make syncfs worth it; 0: never */
	uint64_t bytes_most; /* size of the disk, or 0: endless */
	uint64_t inodes_most;
};

/* An empty disk. */
void sim_open(struct sim *s);
/* The empty disk is an NTFS, and Windows has it. */
void sim_make_ntfs(struct sim *s);
/* Start the program of this name on an NTFS, and let it end. */
void sim_start_program(struct sim *s, const char *folder, const char *name);
void sim_end_program(struct sim *s);
/* A new process on a disk, which becomes the simulator's. */
void sim_boot(struct sim *s, const struct sim *like);
void sim_close(struct sim *s);

/* Descriptors that are open. */
unsigned sim_open_fds(const struct sim *s);

/* The inode of a path, or 0. */
uint32_t sim_walk(const struct sim *s, const char *path);

/*
 * A number for all names below path with type, owner, attributes, mode, time
 * and bytes.  Of the live folder: without our own names and without the times
 * of folders; of a backup: without the times of .erpsync in it; of bytes:
 * without times.
 */
enum sim_digest { SIM_LIVE, SIM_BACKUP, SIM_BYTES, SIM_ALL };
uint64_t sim_digest(
    const struct sim *s, const char *path, enum sim_digest what);

#endif
