#ifndef ERPSYNC_ENGINE_RELEASE_PUBLISH_H
#define ERPSYNC_ENGINE_RELEASE_PUBLISH_H

/*
 * From an update folder to an immutable release: scan twice until equal,
 * copy contents into the store, write the manifest.  A half-copied folder is
 * never published: the folder is scanned again after the copy and must still
 * be what was copied.
 */

#include "engine/base/path.h"
#include "engine/seal/minisign.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct clock;
struct crew;
struct err;
struct filter;
struct manifest;
struct observer;
struct store;

/* How a release is to be sealed. */
struct publish_sealer {
	const struct minisign_secret *secret;
	const struct minisign_secret *older; /* that it succeeds, or NULL */
	const char *product;
	uint64_t serial; /* 0: one above that of the seal before */
	uint32_t days; /* that it is valid */
	bool downgrade; /* an older build is meant */
};

struct publish_source {
	enum path_os os;
	const char *key; /* the INI key it came from, for messages */
	const char *path; /* the update folder */
	const char *build; /* label, or "" */
	bool lowercase_only; /* upper-case names are an error, not a warning */
	int keep; /* releases to keep, >= 1 */
	/* Wait so long between two scans that must agree, 0 = not at all. */
	uint32_t settle_ms;
	void (*sleep_ms)(void *ctx, uint32_t ms); /* the caller's way to wait */
	void *sleep_ctx;
	/* Set by another thread: wait for nobody's turn; NULL: as long as it
	 * takes. */
	const atomic_bool *stop;
	const struct filter *filter; /* names to leave out; may be NULL */
	const struct clock *clock; /* NULL: the machine's */
	const struct crew *crew; /* for reading and copying; may be NULL */
	/* Nothing is published but what this key sealed; NULL: there need be
	 * no seal, but one that is there must fit. */
	const struct minisign_key *seal_key;
	const struct publish_sealer *sealer; /* NULL: somebody else seals */
	/* Asked where the folder has a smartclient.ini: would stations of this
	 * enum path_os take it?  Else false, and why.  NULL: nobody knows. */
	bool (*judge_ini)(const char *path, int os, char *why, size_t cap);
	/* What stations do with their INI files; NULL: they get these. */
	const struct ini_policies *ini;
};

/*
 * Publish; out (initialised, empty) gets the release, also when nothing had
 * changed.  One folder at a time: a second caller waits.  Warnings go to obs as
 * EVENT_WARN, one each: upper-case names, packed archives, signs of a running
 * client; and what cannot be published, if it is more than one.  Errors:
 * ERP_NOTFOUND folder missing; ERP_USAGE folder empty, no smartclient.app for
 * macosx, names equal without case, a name or type that cannot be published;
 * ERP_BUSY the folder keeps changing; those of publish_seal.h; or of the disk.
 * The release that was current before stays it after any error.
 */
int publish_folder(struct store *s, const struct publish_source *src,
    const struct observer *obs, struct manifest *out, struct err *e);

#endif
