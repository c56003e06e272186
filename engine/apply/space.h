#ifndef ERPSYNC_ENGINE_APPLY_SPACE_H
#define ERPSYNC_ENGINE_APPLY_SPACE_H

/*
 * Space set aside for an update before its first byte arrives: one file
 * without a name, from which each step takes back what it is about to write.
 * It goes with the folder's descriptor, so a crash leaves nothing of it.
 */

#include <stdint.h>

struct err;
struct folder;

/* What lies beyond the sum of all steps, and is kept until the journal is
 * written: the swap and what follows find room however full the disk became. */
#define SPACE_SLACK ((uint64_t)1 << 20)

/* Bytes that a file of this size takes. */
uint64_t space_blocks(uint64_t size);

struct space_need {
	uint64_t bytes; /* files that stay until the commit */
	uint64_t passing; /* and those that come and go: not set aside */
	uint64_t inodes; /* only looked at: nothing can reserve them */
	/* Of bytes, the largest copy that backups may do without. */
	uint64_t most;
	const char *most_of; /* borrowed; NULL: there is none */
};

/* Is there so much?  ERP_NOSPACE naming needed, free and where. */
int space_check(struct folder *f, const struct space_need *need, struct err *e);

/*
 * Set bytes aside, instead of what was before.  ERP_NOSPACE naming needed,
 * free and where.  Where the file system cannot reserve, it only looks.
 */
int space_reserve(
    struct folder *f, const struct space_need *need, struct err *e);

/* A file of this size is about to be written: let its room go. */
void space_give(struct folder *f, uint64_t size);

/* Let all but the slack go. */
void space_give_rest(struct folder *f);

void space_drop(struct folder *f);

#endif
