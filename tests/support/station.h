#ifndef ERPSYNC_TESTS_SUPPORT_STATION_H
#define ERPSYNC_TESTS_SUPPORT_STATION_H

/*
 * A station without a server: brings a client folder to a release that lies
 * in another folder, through the real scan, plan, stage and apply; and takes
 * pictures of folders to compare them.
 */

#include "engine/base/fs.h"
#include "engine/tree/manifest.h"

#include <stdbool.h>

struct crew;
struct err;
struct filter;
struct folder;
struct observer;

struct station {
	const struct fs *fs; /* for the client folder */
	const struct observer *obs; /* may be NULL */
	const struct crew *crew; /* may be NULL */
	const char *client; /* path */
	bool remove; /* delete what the previous release had */
	bool windows; /* releases are for that system, else for Linux */
	bool looks; /* only foretell it, as a check does */
	/* As in struct folder_options; may be NULL. */
	int (*health)(void *ctx, const struct folder *f, struct err *e);
	void *health_ctx;
	const struct filter *backup_exclude; /* may be NULL */
};

/* Open the client folder (recovers), with a clock that moves at each call. */
int station_open(const struct station *s, struct folder **f, struct err *e);

/* Update the client folder to what lies in release. */
int station_update(const struct station *s, const char *release, struct err *e);

/* Scan and hash a folder as a release of this build. */
int station_manifest(
    const char *path, const char *build, struct manifest *out, struct err *e);

/*
 * Put this test's folders into memory if there is such a file system:
 * thousands of barriers on a disk take minutes, and tests that lose no power
 * learn nothing from them.
 */
void station_use_memory(void);

enum picture { PICTURE_CONTENT, PICTURE_FULL };

/*
 * Every name below path with type and content hash; full: also with mode and
 * time.  Our own folder and backups are left out.  malloc'd.
 */
char *station_picture(const char *path, enum picture what);

#endif
