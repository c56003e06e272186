#ifndef ERPSYNC_TESTS_SUPPORT_HASHED_H
#define ERPSYNC_TESTS_SUPPORT_HASHED_H

/* Folders scanned with all their hashes at once, as no station does. */

struct err;
struct fs;
struct manifest;
struct scan_options;

/* As scan_folder (scan.h), into m; each file is read for its hash. */
int scan_hashed(const struct fs *fs, int dir, const struct scan_options *opt,
    struct manifest *m, struct err *e);

#endif
