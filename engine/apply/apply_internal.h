#ifndef ERPSYNC_ENGINE_APPLY_APPLY_INTERNAL_H
#define ERPSYNC_ENGINE_APPLY_APPLY_INTERNAL_H

/* Shared by the files apply*.c. */

#include <stdbool.h>

struct backup_hints;
struct err;
struct folder;
struct plan;
struct stage;
struct txn;
struct manifest;

/* What a plan knows of live files; paths stay the plan's. */
int apply_hints(const struct folder *f, const struct plan *plan,
    struct backup_hints *out, struct err *e);

/* The operations of a plan, with their new files in tmp.TX. */
int apply_build(struct txn *t, struct stage *stage, const struct manifest *want,
    const struct plan *plan, struct err *e);

#endif
