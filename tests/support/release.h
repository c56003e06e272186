#ifndef ERPSYNC_TESTS_SUPPORT_RELEASE_H
#define ERPSYNC_TESTS_SUPPORT_RELEASE_H

/*
 * A store in a temporary folder, for tests of what is served from it.  A
 * failing call aborts: it is the test that is broken.
 */

#include "engine/base/hash.h"
#include "engine/store/store.h"
#include "tests/support/tempdir.h"

#include <stddef.h>
#include <stdint.h>

struct manifest;

struct release_fixture {
	struct tempdir dir; /* the state folder is "state" in it */
	struct store *store;
};

void release_begin(struct release_fixture *f);
void release_end(struct release_fixture *f);

/* Close the store and open it again; on this file system.  By its clock a
 * lease passes with each look. */
void release_reopen(struct release_fixture *f);
void release_reopen_on(struct release_fixture *f, const struct fs *fs);

/* Put bytes into the store as a content. */
struct hash release_content(struct release_fixture *f, const void *p, size_t n);

/* Append a file entry for these bytes, which are put into the store. */
void release_file(struct release_fixture *f, struct manifest *m,
    const char *path, const void *p, size_t n);

/* Save a release for Linux, of one file with this text, and keep so many;
 * its id. */
struct hash release_save(struct release_fixture *f, const char *text, int keep);

/* The store beside the one that is open, as another process has it. */
struct store *release_beside(struct release_fixture *f);

/* The hash of a text. */
struct hash release_hash(const char *text);

/* Store n bytes that begin with the question as its answer, about a content
 * or NULL; and ask it.  Results are the store's. */
int release_add_blob(struct release_fixture *f, const char *question, size_t n,
    const struct hash *about, struct blob *out);
int release_find_blob(
    struct release_fixture *f, const char *question, struct blob *out);

/* The path of content, blob or key h in the fixture's folder, malloc'd. */
char *release_path(const char *kind, const struct hash *h);

#endif
