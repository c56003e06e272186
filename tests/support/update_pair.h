#ifndef ERPSYNC_TESTS_SUPPORT_UPDATE_PAIR_H
#define ERPSYNC_TESTS_SUPPORT_UPDATE_PAIR_H

/*
 * A small client folder and two releases between which everything happens
 * that an update can do: new, changed, deleted, time only, exec bit, a file
 * becoming a folder and back, a moved link, an emptied folder, an empty
 * file, one content under two names; and files of the user around it.
 */

#include "tests/support/tempdir.h"

/* The releases, into the subfolders "v1" and "v2" of t. */
void pair_releases(struct tempdir *t);

/* A client folder on v1, with files of the user, into subfolder name. */
void pair_client(struct tempdir *t, const char *name);

/* Open t with both releases and a client folder "c", and tell where they are.
 */
enum { PAIR_PATH = 320 };
void pair_folders(struct tempdir *t, char client[PAIR_PATH], char v1[PAIR_PATH],
    char v2[PAIR_PATH]);

#endif
