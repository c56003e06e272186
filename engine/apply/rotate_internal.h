#ifndef ERPSYNC_ENGINE_APPLY_ROTATE_INTERNAL_H
#define ERPSYNC_ENGINE_APPLY_ROTATE_INTERNAL_H

/* Shared by the files rotate*.c. */

#include "engine/apply/rotate.h"

/* 1 when something has this number, else 0, or a code. */
int rotate_is_taken(struct folder *f, int number, struct err *e);

/* The record of dir/name into an initialised b: 1, 0 without a good one. */
int rotate_read_at(struct folder *f, int dir, const char *name,
    struct backup *b, struct err *e);

/* Rename inside the client folder. */
int rotate_move(struct folder *f, int from, int to, struct err *e);

/*
 * What makes room for next, the backup bkp.TX of a repair: the number of one
 * that goes; 0 when a number is free, or the oldest is to go as for any
 * update; ROTATE_REPAIRED when it is to lie apart, as none may go or it is
 * worth no number; or a code.
 */
int rotate_place(struct folder *f, const struct tx_names *names,
    const struct backup *next, struct err *e);

/* All numbers are taken: the one of a repair that goes before the oldest,
 * since its release is there twice, and what other times alone took away is not
 * in it; else 0, or a code. */
int rotate_spare(struct folder *f, struct err *e);

#endif
