#ifndef ERPSYNC_ENGINE_APPLY_RENEW_H
#define ERPSYNC_ENGINE_APPLY_RENEW_H

/*
 * Some disks rename files but not every folder: one in the lower layer of an
 * overlay, or that is a subvolume, is EXDEV.  A folder of ours (a backup) is
 * then made anew: a tree of the same files, as links where they can be, takes
 * its place, and that one can be renamed.  A crash leaves the old tree whole,
 * or the new one in .erpsync, which the next start puts in place.
 */

#include "engine/base/fs_file.h"

struct err;
struct folder;

/*
 * Rename from, a folder of ours in the client folder or .erpsync, to where
 * nothing is; made anew first if it must be.  As fs_rename it is not durable
 * yet.  verb is for the message.
 */
int renew_rename(struct folder *f, struct at from, struct at to,
    const char *verb, struct err *e);

/* Is this name of .erpsync what renew_settle looks for? */
bool renew_is_left(const char *name);

/* Finish what a crash left half-way. */
int renew_settle(struct folder *f, struct err *e);

/*
 * Remove the backup `name`, which nobody needs, where it is: for one that
 * cannot be renamed.  Its files go first and durably so, then its record and
 * state: a crash leaves a backup of ours with both of them, or a remainder.
 */
int renew_remove(struct folder *f, const char *name, struct err *e);

/* Is nothing in dir/name, or an .erpsync that has not both record and state?  A
 * whole backup of no files, which has no state, gets no number. */
bool renew_is_remainder(struct folder *f, const char *name);

#endif
