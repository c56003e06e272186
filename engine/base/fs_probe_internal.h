#ifndef ERPSYNC_ENGINE_BASE_FS_PROBE_INTERNAL_H
#define ERPSYNC_ENGINE_BASE_FS_PROBE_INTERNAL_H

/*
 * The trials of fs_probe.c and fs_probe_shared.c: each has an empty folder,
 * and returns 0, one of the two below with a note in e, or the code of what
 * is wrong.
 */

#include "engine/base/err.h"
#include "engine/base/fs.h"

struct probe_friend;

enum { TRIAL_OTHERWISE = 1, TRIAL_UNTRIED = 2 };

struct trial {
	const struct fs *fs;
	int dir;
	const struct probe_friend *friend; /* or NULL */
};

/* A new file of this text; has a file this text?  Is nothing there? */
int trial_put(
    const struct trial *t, const char *path, const char *text, struct err *e);
int trial_has(
    const struct trial *t, const char *path, const char *text, struct err *e);
int trial_gone(const struct trial *t, const char *path, struct err *e);

int trial_mode(
    const struct trial *t, const char *path, uint32_t mode, struct err *e);

/* Put from in the place of to as the transaction does, which moves aside to
 * "aside" what cannot be replaced: TRIAL_OTHERWISE. */
int trial_put_in_place(
    const struct trial *t, const char *from, const char *to, struct err *e);

/* With another program. */
int trial_lock(const struct trial *t, struct err *e);
int trial_program(const struct trial *t, struct err *e);
int trial_held(const struct trial *t, struct err *e);

#endif
