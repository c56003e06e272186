#ifndef ERPSYNC_TESTS_SUPPORT_MOB_H
#define ERPSYNC_TESTS_SUPPORT_MOB_H

/*
 * A mob: many callers of one address who speak the protocol and mean harm.
 * Each has a kind; who is hung up on calls again.  One thread, no limits.
 */

#include <signal.h>
#include <stdint.h>

enum mob_kind {
	MOB_SILENT, /* connects and says nothing */
	MOB_HALF, /* half a preface */
	MOB_DRIP, /* a greeting, a byte a second */
	MOB_PARKED, /* is served and wants nothing */
	MOB_DEAF, /* fetches a file and reads nothing of it */
	MOB_SUMS, /* dry runs: deltas from random sums, one after another */
	MOB_GROUP, /* the same for a group of small files */
	MOB_WHOLE, /* wants whole what was offered */
	MOB_DOUBT, /* fetches, and says that it was wrong */
	MOB_KINDS
};

struct mob {
	uint16_t port; /* on 127.0.0.1 */
	const char *address; /* of all callers, 127.0.0.0/8 */
	unsigned callers; /* kinds one after the other */
	uint32_t kinds; /* bits of enum mob_kind */
	/* Entry 0 of the release has so many bytes; small files follow it. */
	uint64_t size;
	uint32_t small;
	const volatile sig_atomic_t *stop;
};

struct mob_counts {
	unsigned calls;
	unsigned offers; /* of blobs that had to be made, or found */
	uint64_t sent; /* bytes */
};

/* Until *stop; 0, or a code. */
int mob_run(const struct mob *m, struct mob_counts *out);

/* The kind of this name, or MOB_KINDS. */
enum mob_kind mob_kind_of(const char *name);

#endif
