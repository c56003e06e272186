#ifndef ERPSYNC_ENGINE_RELEASE_PUBLISH_SEAL_H
#define ERPSYNC_ENGINE_RELEASE_PUBLISH_SEAL_H

/*
 * The seal file beside an update folder, FOLDER.minisig: read, and held against
 * what the folder is now; or made, where the secret key is at hand.
 */

#include "engine/release/publish.h"

struct buf;
struct fs;
struct hash;
struct manifest;

/* Its path, malloc'd; NULL without memory. */
char *publish_seal_file(const char *folder);

/*
 * The text of the seal of this release into out, which stays empty where there
 * is none and need be none.  ERP_UNSEALED: it is missing, or not of the key
 * that src names; ERP_MIXED: it is of another release, so either is half
 * copied; ERP_CORRUPT: it is no seal.
 */
int publish_seal(const struct fs *fs, const struct publish_source *src,
    const struct manifest *m, struct buf *out, struct err *e);

/*
 * Does the serial number of a seal go on behind that of the last one, or is it
 * the same where again says that it may be?  Else, as of one that was made
 * without the one before beside it, stations take it for an attack:
 * ERP_UNSEALED, with what to do.  Or what reading either gives.
 */
int publish_seal_follows(const struct publish_source *src,
    const struct buf *last, const struct buf *text, bool again, struct err *e);

/* Warn of a seal of the release id that does not follow that of the current
 * release. */
void publish_seal_warn(struct store *s, const struct publish_source *src,
    const struct hash *id, const struct buf *text, const struct observer *obs);

/* Is it of the key that src asks for, if it does?  ERP_UNSEALED, ERP_MIXED. */
int publish_seal_check(const struct publish_source *src,
    const struct manifest *m, const struct buf *text, struct err *e);

/*
 * Make one for these canonical bytes and put it into the file (another one
 * than FOLDER.minisig may be named), whose seal it succeeds.
 */
int publish_seal_make(const struct fs *fs, const char *file,
    const struct publish_sealer *sealer, const struct manifest *m,
    struct buf *out, struct err *e);

#endif
