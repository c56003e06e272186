#ifndef ERPSYNC_ENGINE_RELEASE_PUBLISH_CLOSED_H
#define ERPSYNC_ENGINE_RELEASE_PUBLISH_CLOSED_H

/* Files of an update folder that whoever publishes may not read: looked for
 * where publishing fails, so that all of them are told at once. */

#include <stddef.h>

struct fs;
struct manifest;
struct refusals;

/* Opens each file of m, which is of the folder root, adds those to r and
 * returns how many they are. */
size_t publish_closed(const struct fs *fs, int root, const struct manifest *m,
    struct refusals *r);

#endif
