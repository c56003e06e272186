#ifndef ERPSYNC_ENGINE_RELEASE_PUBLISH_CHECK_H
#define ERPSYNC_ENGINE_RELEASE_PUBLISH_CHECK_H

/*
 * What an administrator has to be told about an update folder before it is
 * published.  Looks at a scanned manifest only.
 */

#include <stddef.h>

struct err;
struct manifest;
struct names;
struct observer;
struct publish_source;

/* A warning names at most this many examples, then says how many more. */
enum { PUBLISH_SHOWN_MAX = 10 };

/* The errors of publish_folder that a manifest shows. */
int publish_check_errors(
    const struct manifest *m, const struct publish_source *src, struct err *e);

/* The warnings; top are the names directly in the folder, our reserved ones
 * among them. */
void publish_check_warnings(const struct manifest *m,
    const struct publish_source *src, const struct names *top,
    const struct observer *obs);

#endif
