#ifndef ERPSYNC_ENGINE_APPLY_INI_BASE_H
#define ERPSYNC_ENGINE_APPLY_INI_BASE_H

/*
 * What a client folder remembers of INI files that are the station's own: the
 * files as releases brought them, by hash in .erpsync/ini, from which the next
 * merge sees who changed what; and the policies of the last update, by which
 * what differs from the release is no damage.  A base belongs to a content,
 * not to an update, so it is true whatever is installed; losing one costs that
 * the next merge has none.
 */

#include <stddef.h>

struct buf;
struct err;
struct folder;
struct hash;
struct ini_policies;

/* Append the base of this content to out: 1; 0 when there is none, or not as
 * it was; or a code: what cannot be read now may be there, and without it a
 * merge would come to something else. */
int ini_base_find(
    struct folder *f, const struct hash *hash, struct buf *out, struct err *e);

/* Keep n bytes, whose hash this is; durable. */
int ini_base_keep(struct folder *f, const struct hash *hash, const void *p,
    size_t n, struct err *e);

/* Remember what the installed release brought at the places of the station's
 * INI (kind_station_ini), so that it is known where the next one has none and
 * leaves what lies there.  What cannot be noted is a warning. */
void ini_base_note(struct folder *f);
/* Append to out what an installed release brought last as this path: 1, or 0
 * when there is none. */
int ini_base_brought(
    struct folder *f, const char *path, struct buf *out, struct err *e);

/* Remove the bases that neither the installed release nor one in a backup
 * has; what was brought is remembered. */
int ini_base_trim(struct folder *f, struct err *e);

/* The policies that an update goes by, NULL or empty: none. */
int ini_policies_note(
    struct folder *f, const struct ini_policies *p, struct err *e);
/* And those of the last one, into an empty p.  Damaged ones count as none. */
int ini_policies_recall(
    const struct folder *f, struct ini_policies *p, struct err *e);

#endif
