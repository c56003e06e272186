#ifndef ERPSYNC_ENGINE_APPLY_APPLY_INTERNAL_H
#define ERPSYNC_ENGINE_APPLY_APPLY_INTERNAL_H

/* Shared by the files apply*.c. */

#include <stdbool.h>
#include <stdint.h>

struct backup_entry;
struct backup_hints;
struct backup_list;
struct err;
struct folder;
struct plan;
struct rollback;
struct stage;
struct txn;
struct manifest;

/* What a plan knows of live files; paths stay the plan's. */
int apply_hints(const struct folder *f, const struct plan *plan,
    struct backup_hints *out, struct err *e);
/* Of list, which may be NULL, the largest copy of a file that is none of
 * theirs; NULL: there is none. */
const struct backup_entry *apply_hints_lack(
    const struct backup_hints *hints, const struct backup_list *list);

/* Can the backup of this update get a number?  Who repairs what is installed
 * does not ask, where no check may have to go back.  As rotate_check. */
int apply_check_numbers(
    struct folder *f, const struct plan *plan, struct err *e);

/* As apply_rollback_with of a zeroed r with f, all, by_person and
 * leave_damaged set; releases r.  The transaction's number goes to *tx. */
int apply_rollback_run(
    struct rollback *r, int number, uint64_t *tx, struct err *e);

/* Ask the health check about the update tx, which may have repaired a release
 * that ran here; ERP_HEALTH when it failed, or why it could not be asked: was
 * the update taken back? */
int apply_prove(
    struct folder *f, uint64_t tx, bool repairs, bool *back, struct err *e);

/* The operations of a plan, with their new files in tmp.TX. */
int apply_build(struct txn *t, struct stage *stage, const struct manifest *want,
    const struct plan *plan, struct err *e);

#endif
