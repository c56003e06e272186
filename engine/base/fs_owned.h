#ifndef ERPSYNC_ENGINE_BASE_FS_OWNED_H
#define ERPSYNC_ENGINE_BASE_FS_OWNED_H

/*
 * What belongs to a file or folder beside content, mode and time: its owner
 * and group, its POSIX ACLs, what was attached to it (user.*), and what lends
 * a program the rights of others: set-id bits and capabilities.  A new file
 * that takes another's place gets it here.
 *
 * A disk without such things, and a user who may not give them, are no
 * failure: what could not be given is counted as lost.
 */

#include "engine/base/stamp.h"

#include <stddef.h>
#include <stdint.h>

struct err;
struct fs;

enum owned_how {
	OWNED_SAME, /* a copy of it: all */
	OWNED_OTHER, /* other content in its place: all but rights of others */
	OWNED_BORN /* new in that folder, and as it says: its group, its ACL */
};

enum owned_lost {
	OWNED_LOST_OWNER = 1, /* the owner or the group */
	OWNED_LOST_ATTR = 2, /* an ACL or another attribute */
	OWNED_LOST_RIGHTS = 4 /* set-id bits or capabilities */
};

/* Whose is a new file? */
struct owned_like {
	int fd; /* in: open, or -1: it stays as it was made */
	enum owned_how how; /* in */
	unsigned lost; /* in and out: what could not be given is added */
};

struct owned_new {
	int fd; /* open; nobody else has it yet */
	const char *path; /* for messages */
	/* The set-id bits of a file count where it is OWNED_SAME and like has
	 * them too.  Of what is BORN where a default ACL says who may do what,
	 * only the owner's x counts. */
	uint32_t mode;
	const struct stamp *mtime; /* NULL: as it is */
};

/* Give it all: owner, attributes, mode, time. */
int owned_set(const struct fs *fs, struct owned_like *like,
    const struct owned_new *to, struct err *e);

/*
 * The permission bits that an ACL stands for, as its file shows them: those of
 * the owner, the mask (or the group where there is none) and others.  -1 when
 * these bytes are no ACL of this kind (acl(5), in the kernel's form).
 */
int owned_acl_mode(const void *acl, size_t n);

#endif
