#ifndef ERPSYNC_ENGINE_TREE_NAMESAKE_H
#define ERPSYNC_ENGINE_TREE_NAMESAKE_H

/*
 * Which file of one folder is most like a wanted file of another, by names
 * and sizes alone: its namesake, or one whose name is the same but for a
 * version and that has no namesake over there, as a library that was renamed
 * with its release.  (Names that differ in case are for spelling.h.)  Where
 * names are known to tell nothing a hint goes first (hints.h).  Both ends ask
 * the same question: a station for its basis, a server for what stations will
 * come from.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct entry;
struct err;
struct manifest;

struct namesakes {
	const struct manifest *other, *wanted; /* borrowed */
	char *const *hints; /* a path of other for each of wanted, or NULL */
	struct entry **stranger; /* its files without a namesake */
	size_t n;
	uint64_t budget; /* pairs of names still to be compared */
};

/* other and wanted outlive k, and so do hints, which may be NULL: as in
 * struct hints, in the order of wanted. */
int namesake_init(struct namesakes *k, const struct manifest *other,
    const struct manifest *wanted, char *const *hints, struct err *e);
void namesake_release(struct namesakes *k); /* zeroes are fine */

/* May it be a basis?  Not what is empty, secret or an INI file (kind.h). */
bool namesake_is_basis(const struct entry *entry);

/* How good a basis is have for want, by place and then by size: less is
 * better. */
uint64_t namesake_badness(const struct entry *want, const struct entry *have);

/* What a hint says about an entry of wanted, or NULL. */
struct entry *namesake_hinted(
    const struct namesakes *k, const struct entry *want);

/* The file of other, or NULL.  Empty files are like nothing. */
struct entry *namesake_find(struct namesakes *k, const struct entry *want);

#endif
