#ifndef ERPSYNC_ENGINE_APPLY_TRUST_H
#define ERPSYNC_ENGINE_APPLY_TRUST_H

/*
 * Which seals a client folder asks for: the keys in ".erpsync/keys", and what
 * was seen of seals, in ".erpsync/seals" (docs/storage.md).  No release can
 * write either.  With a key, nothing is installed but what trust_admit let in;
 * apply_update asks that of every release, on whatever road it came.
 */

#include "engine/seal/seal.h"

#include <stdbool.h>

struct err;
struct folder;
struct folder_state;
struct manifest;

/* Does the folder ask for seals?  1, 0 or a code: keys that cannot be read are
 * not as good as none. */
int trust_is_on(struct folder *f, struct err *e);

/* The keys and what was seen; borrowed, NULL after a failure. */
const struct seal_trust *trust_get(struct folder *f, struct err *e);

/*
 * What the server says of the release that it offers: is it worth fetching?
 * 0 also where no seal is asked for.  claim->now is set here.
 */
int trust_look(struct folder *f, struct seal_claim *claim, struct err *e);

/* The server offers none: may that be?  ERP_FROZEN once the newest seal that
 * was let in has expired; 0 also where no seal is asked for, or none came. */
int trust_look_at_none(struct folder *f, struct err *e);

/* Its manifest is there: let it in, by the seal that trust_look found good.
 * What was seen is remembered, unless the folder is only looked at. */
int trust_admit(struct folder *f, const struct manifest *want, struct err *e);

/* May this release be installed?  ERP_UNSEALED without trust_admit. */
int trust_require(struct folder *f, const struct manifest *want, struct err *e);

/* May a person go back to this one?  By a seal that was let in before. */
int trust_require_state(
    struct folder *f, const struct folder_state *state, struct err *e);

/* By whom is the one sealed that was let in since the folder was opened?  false
 * where no seal is asked for. */
bool trust_admitted(const struct folder *f, struct sealed *out);

/* By whom is the installed release sealed?  1 and out, 0 where the folder asks
 * for no seals, or a code. */
int trust_identify(struct folder *f, struct sealed *out, struct err *e);

/*
 * One key more, and what product its releases are of ("": the first that
 * comes); ERP_USAGE for one that is there, or one too many.  One less, by its
 * number; with the last goes all that was seen.  ERP_NOTFOUND.
 */
int trust_add(struct folder *f, const struct minisign_key *key,
    const char *product, struct err *e);
int trust_remove(struct folder *f, const char *id, struct err *e);

void trust_free(struct folder *f);

#endif
