#ifndef ERPSYNC_TESTS_SUPPORT_TEMPDIR_H
#define ERPSYNC_TESTS_SUPPORT_TEMPDIR_H

/*
 * A folder for one test, under $TMPDIR or /tmp, and quick ways to fill and
 * look at it.  Paths are relative to the folder; parents are made when
 * missing.  A failing call names itself on stderr and aborts: it is the test
 * that is broken, not what it tests.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tempdir {
	char path[256]; /* absolute */
	int fd; /* the open folder */
};

void tempdir_open(struct tempdir *t);

/* Remove the folder with all below. */
void tempdir_close(struct tempdir *t);

/* Make folders, with their parents. */
void tempdir_mkdir(struct tempdir *t, const char *path);

/* Write a file of n bytes; mtime in seconds, < 0 leaves it as it comes. */
void tempdir_write(struct tempdir *t, const char *path, const void *p, size_t n,
    int64_t mtime);

/* The same for a text. */
void tempdir_text(
    struct tempdir *t, const char *path, const char *text, int64_t mtime);

void tempdir_symlink(struct tempdir *t, const char *target, const char *path);
void tempdir_chmod(struct tempdir *t, const char *path, unsigned mode);
void tempdir_touch(
    struct tempdir *t, const char *path, int64_t mtime, uint32_t ns);

/* Does something exist there (a dangling link counts)? */
bool tempdir_has(struct tempdir *t, const char *path);

/* Is it a file with exactly this text? */
bool tempdir_is_text(struct tempdir *t, const char *path, const char *text);

/* Its whole content, malloc'd with a NUL behind it; n may be NULL. */
char *tempdir_read(struct tempdir *t, const char *path, size_t *n);

#endif
