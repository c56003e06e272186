#ifndef ERPSYNC_ENGINE_APPLY_REFUSED_H
#define ERPSYNC_ENGINE_APPLY_REFUSED_H

/* The release that this station refused last, by its health check or because
 * a person went back from it: it is not installed again by itself. */

struct err;
struct folder;
struct hash;

enum refused_why { REFUSED_NOT, REFUSED_BY_CHECK, REFUSED_BY_PERSON };

int refused_write(struct folder *f, const struct hash *release,
    enum refused_why why, struct err *e);

/* The same in tmp.TX, as what is refused after the commit of TX. */
int refused_write_next(struct folder *f, const char *tmp,
    const struct hash *release, enum refused_why why, struct err *e);

/* Is it this one?  enum refused_why or a code; a damaged record is none. */
int refused_is(struct folder *f, const struct hash *release, struct err *e);

int refused_clear(struct folder *f, struct err *e);

#endif
