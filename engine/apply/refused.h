#ifndef ERPSYNC_ENGINE_APPLY_REFUSED_H
#define ERPSYNC_ENGINE_APPLY_REFUSED_H

/* The releases that this station refused, by its health check or because a
 * person went back from them: none is installed again by itself, whatever came
 * in between. */

struct err;
struct folder;
struct hash;

enum refused_why { REFUSED_NOT, REFUSED_BY_CHECK, REFUSED_BY_PERSON };

int refused_write(struct folder *f, const struct hash *release,
    enum refused_why why, struct err *e);

/* In tmp.TX, as what is refused after the commit of TX, by which a person goes
 * from the release left to back, which is wanted again; NULL for one that
 * nobody knows. */
int refused_write_next(struct folder *f, const char *tmp,
    const struct hash *left, const struct hash *back, struct err *e);

/* Is this one?  enum refused_why or a code; a damaged record is none. */
int refused_is(struct folder *f, const struct hash *release, struct err *e);

/* This one was installed, so somebody wanted it; the others stay refused. */
int refused_lift(struct folder *f, const struct hash *release, struct err *e);

#endif
