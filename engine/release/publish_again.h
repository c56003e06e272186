#ifndef ERPSYNC_ENGINE_RELEASE_PUBLISH_AGAIN_H
#define ERPSYNC_ENGINE_RELEASE_PUBLISH_AGAIN_H

/*
 * A kept release becomes the current one again, whatever the update folder has:
 * the server's way back from a bad one.  A server may run meanwhile.
 */

#include "engine/release/publish.h"

struct hash;
struct observer;

/*
 * What was current is held first, so that the folder, which may still be it, is
 * not published over it; the release itself is held no more.  Of src its system
 * and what there is to know of seals count: where stations may ask for one, as
 * the current release or this one has one, it takes a new seal, which the
 * sealer makes or which lies beside the folder.  ERP_UNSEALED without it;
 * ERP_NOTFOUND: it is not kept.  out (initialised, empty) gets the release.
 * After a failure it is not current, unless it was.
 */
int publish_again(struct store *s, const struct publish_source *src,
    const struct hash *id, struct manifest *out, struct err *e);

/*
 * Of a publication in its turn, whose folder is m: is that a release which is
 * held back, as another Build or touched files do not change, and another is
 * current, as after the above?  Then obs hears it, that one stays, and is m
 * from here on: 1.  Else 0, or a code.
 */
int publish_stand_back(struct store *s, const struct publish_source *src,
    const struct observer *obs, struct manifest *m, struct err *e);

#endif
