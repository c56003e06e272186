#ifndef ERPSYNC_TESTS_SUPPORT_FS_FAULT_H
#define ERPSYNC_TESTS_SUPPORT_FS_FAULT_H

/*
 * A file system that passes calls on to another one, counts them, and at a
 * chosen call fails once, fails from then on, or stops doing anything (what
 * a kill looks like to the disk).  Closing always works.
 */

#include "engine/base/fs.h"

#include <stdbool.h>
#include <stdint.h>

enum fault_mode {
	FAULT_NONE, /* only count */
	FAULT_ONCE, /* call number `at` fails */
	FAULT_FROM, /* it and all later ones fail */
	FAULT_KILL /* nothing happens any more, reading neither */
};

struct fs_fault {
	struct fs fs; /* give this to the code under test */
	const struct fs *real;
	enum fault_mode mode;
	uint64_t at; /* 1 is the first counted call */
	int error; /* positive errno of the failure */
	uint64_t calls; /* counted so far: those that change something */
	bool fired;
	bool lost_sync; /* what failed was a sync */
	bool looks; /* calls that change nothing are counted, too */
};

void fs_fault_init(struct fs_fault *f, const struct fs *real);

/* Arm it, counting from zero again. */
void fs_fault_arm(
    struct fs_fault *f, enum fault_mode mode, uint64_t at, int error);

/* A reflink of a small file, as far as a file system without one can play
 * it. */
int fs_play_clone(void *ctx, int to, int from);

/* An unlink of the real one by which no file called "stays" goes. */
int fs_keep_stays(void *ctx, int dir, const char *name);

#endif
