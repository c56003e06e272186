#ifndef ERPSYNC_ENGINE_APPLY_REFUSED_H
#define ERPSYNC_ENGINE_APPLY_REFUSED_H

/* The release that this station's health check refused last: it is not
 * installed again by itself. */

struct err;
struct folder;
struct hash;

int refused_write(struct folder *f, const struct hash *release, struct err *e);

/* Is it this one?  1, 0 or a code; a damaged record is none. */
int refused_is(struct folder *f, const struct hash *release, struct err *e);

int refused_clear(struct folder *f, struct err *e);

#endif
