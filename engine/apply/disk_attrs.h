#ifndef ERPSYNC_ENGINE_APPLY_DISK_ATTRS_H
#define ERPSYNC_ENGINE_APPLY_DISK_ATTRS_H

/*
 * Attributes that the disk cannot hold: FAT's times in steps of two seconds,
 * no exec bit, no dates after 2038.  What was written and how it came back is
 * remembered by file (.erpsync/held, docs/storage.md), and the comparison
 * goes by that: what lies there as it came back counts as what was written.
 * Losing the file costs one look.
 */

#include <stdbool.h>
#include <stddef.h>

struct err;
struct folder;
struct manifest;
struct plan;

/* What a scan found, as it was written.  The raw times stay. */
int disk_attrs_read_back(
    const struct folder *f, struct manifest *have, struct err *e);

/*
 * Try what the disk makes of the attributes that plan is to set, and let be
 * (ACTION_SAME) what would lie there as it lies now.  Nothing in a folder
 * that is only looked at.  What is found is remembered.
 */
int disk_attrs_settle(
    struct folder *f, struct plan *plan, bool ignore_exec, struct err *e);

/* After the commit: remember how the files of plan came back, and warn once
 * in a folder's life.  What cannot be remembered costs another look. */
void disk_attrs_note(
    struct folder *f, const struct plan *plan, bool ignore_exec);

#endif
