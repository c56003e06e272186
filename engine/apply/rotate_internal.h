#ifndef ERPSYNC_ENGINE_APPLY_ROTATE_INTERNAL_H
#define ERPSYNC_ENGINE_APPLY_ROTATE_INTERNAL_H

/* Shared by the files rotate*.c. */

#include "engine/apply/rotate.h"

/* 1 when something has this number, else 0, or a code. */
int rotate_is_taken(struct folder *f, int number, struct err *e);

/* Rename inside the client folder. */
int rotate_move(struct folder *f, int from, int to, struct err *e);

#endif
