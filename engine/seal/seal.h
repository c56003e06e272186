#ifndef ERPSYNC_ENGINE_SEAL_SEAL_H
#define ERPSYNC_ENGINE_SEAL_SEAL_H

/*
 * Is a release sealed for us, now?  The one place where that is decided: what
 * is trusted and what was seen before come in as values, and go out as they
 * are to be remembered.  No disk, no clock, no peer.
 *
 * Each attack has its code: ERP_UNSEALED (arbitrary installation),
 * ERP_ROLLED_BACK, ERP_FROZEN, ERP_ENDLESS, ERP_MIXED, ERP_FORWARDED,
 * ERP_OTHER_SOFTWARE.
 */

#include "engine/base/hash.h"
#include "engine/base/path.h"
#include "engine/seal/minisign.h"
#include "engine/seal/statement.h"

#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct manifest;

enum {
	SEAL_KEYS_MAX = 8, /* keys that one station trusts */
	SEAL_SUCCESSIONS_MAX = 16, /* that travel with a seal */
	SEAL_TEXT_MAX = 15 * 1024, /* bytes of a seal's file with all of them */
	SEAL_JUMP_MOST = 1 << 20, /* serials that one seal may skip */
	SEAL_AHEAD_MOST = 86400 /* seconds that it may be ahead of our clock */
};

/* The newest that was seen; zeroes: nothing yet. */
struct seal_seen {
	uint64_t serial;
	int64_t issued; /* the latest of any */
	struct hash release; /* of that serial */
	char product[STATEMENT_NAME + 1];
	char build[STATEMENT_NAME + 1];
};

struct seal_trust {
	struct minisign_key keys[SEAL_KEYS_MAX];
	size_t n;
	struct seal_seen seen;
};

/* A text that is borrowed. */
struct seal_text {
	const char *p;
	size_t n;
};

/* What a server offers, and what is asked for. */
struct seal_claim {
	/* A seal's file; n == 0: none.  Behind the seal stand successions: each
	 * a public key's file and the seal over it. */
	struct seal_text text;
	struct hash release; /* that it is about */
	uint64_t size; /* of that release's canonical bytes */
	enum path_os os; /* whose files are wanted */
	int64_t now; /* our clock, seconds since 1970 */
};

struct sealed {
	struct minisign_seal seal;
	struct minisign_key key; /* by which it is sealed */
	struct statement says;
};

/*
 * All but the canonical bytes themselves, so that nothing is fetched in vain.
 * On success trust is what is to be remembered from now on: keys that others
 * took the place of are gone, and seen has grown.
 */
int seal_check(struct seal_trust *trust, const struct seal_claim *claim,
    struct sealed *out, struct err *e);

/* Are these the sealed bytes, or those of this release?  ERP_MIXED. */
int seal_check_bytes(
    const struct sealed *s, const void *p, size_t n, struct err *e);
int seal_check_release(
    const struct sealed *s, const struct manifest *m, struct err *e);

/* A server offers no release: may that be, with the newest seal that came and
 * at this time?  ERP_FROZEN once that has expired. */
int seal_check_none(const struct seal_trust *trust, struct seal_text newest,
    int64_t now, struct err *e);

/*
 * Whose seal is it, whatever time it is and whatever was seen: of a key that
 * is trusted, over these canonical bytes?  ERP_UNSEALED, ERP_MIXED.
 */
int seal_identify(const struct seal_trust *trust, struct seal_text text,
    struct seal_text bytes, struct sealed *out, struct err *e);
int seal_identify_release(const struct seal_trust *trust, struct seal_text text,
    const struct manifest *m, struct sealed *out, struct err *e);

/* Which of its keys has this number: trust->n for none. */
size_t seal_find_key(
    const struct seal_trust *trust, const uint8_t id[MINISIGN_ID]);

/* Of one that nobody vouches for: its seal and what that says; ERP_CORRUPT.
 * rest, unless it is NULL, is what stands behind the seal. */
int seal_read(struct seal_text text, struct sealed *out, struct seal_text *rest,
    struct err *e);

/*
 * The serial number above which a station that took the last seal wants the
 * next one to be: the last one's, or where a succession to another key lets it
 * count from.  Nobody vouches for either; ERP_CORRUPT, ERP_UNSEALED.
 */
int seal_serial_before(struct seal_text last, struct seal_text next,
    uint64_t *serial, struct err *e);

struct seal_order {
	const struct minisign_secret *secret;
	const struct minisign_secret *older; /* that it succeeds, or NULL */
	struct statement says;
	struct seal_text bytes; /* the canonical ones */
	struct seal_text before; /* the file that is replaced; n == 0: none */
};
/* Append the file of a new seal to out, with the successions of the one
 * before (seal_make.c). */
int seal_make(const struct seal_order *order, struct buf *out, struct err *e);

#endif
