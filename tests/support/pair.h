#ifndef ERPSYNC_TESTS_SUPPORT_PAIR_H
#define ERPSYNC_TESTS_SUPPORT_PAIR_H

/*
 * A server session and a station session joined by a memory pipe: no socket,
 * no thread, and a clock that only the test moves.  The server has a real
 * store and publishes real folders; the station has a real client folder.
 */

#include "engine/tree/manifest.h"
#include "tests/support/tempdir.h"
#include "transport/server/live_release.h"
#include "transport/server/server.h"
#include "transport/station/station.h"

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct compile_request;
struct filter;
struct fs;
struct minisign_secret;
struct statement;

enum { PAIR_JOBS = 16 };

struct pair {
	struct tempdir server_dir; /* update/ and state/ */
	struct tempdir client;
	/* Another file system for the client folder, at /client; may be NULL.
	 */
	const struct fs *client_fs;
	struct store *store;
	struct live_release *served; /* current release, or NULL */
	const struct filter *exclude; /* from what is published; or NULL */
	struct server_policy policy;
	uint32_t retry_after;
	bool held; /* the release is held back */
	struct job *jobs[PAIR_JOBS]; /* submitted, not yet run */
	size_t jobs_n;
	uint64_t now_ms; /* the clock */
	/* Sees what the server is to compile; may be NULL. */
	void (*watch)(const struct compile_request *req);
	/* What crosses is appended, unless they are NULL: to the server, and
	 * to the station. */
	struct buf *up, *down;
	/* How the pipe carries: at most piece bytes at a time. */
	size_t piece;
	/* Cut the link after so many bytes to the station; 0 = never. */
	uint64_t cut_after;
	/* Flip a bit of the byte with this number to the station; 0 = none. */
	uint64_t damage_at;
	/* Keep the station for the next session, which goes on from it. */
	bool keeps;
	struct folder *kept_folder;
	struct station *kept;
	bool answer; /* to STATION_ASK */
	unsigned asked;
	/* What the server reported at the end of the last session. */
	bool reported, report_failed, report_has_result;
	enum outcome report_outcome;
	uint32_t report_files;
	uint64_t report_sent, report_received;
	/* Result of the last session. */
	int rc;
	char error[512];
	enum outcome outcome;
	enum verdict verdict;
	char build[MANIFEST_MAX_BUILD + 1]; /* that the server told */
	uint64_t sent, received, blob_bytes;
	uint64_t really_sent, really_received; /* bytes that crossed */
	size_t new_n, changed_n, meta_n, same_n, extra_n;
	size_t conflicts_n, taken_n; /* in INI files; won by the release */
	char released[60]; /* the release's value in the last one; "(none)" */
	uint64_t deltas; /* files that came as a delta */
	/* Sums over all files. */
	uint64_t items_sent, items_received, items_blob;
};

void pair_open(struct pair *p);
void pair_close(struct pair *p);

/* Publish the folder update/ of server_dir for linux stations. */
void pair_publish(struct pair *p);

/* Seal what is published: all that says does not know of it is filled in. */
void pair_seal(struct pair *p, const struct minisign_secret *secret,
    const struct statement *says);

/* Options with everything usual set; folder is filled in by pair_run. */
struct station_options pair_options(struct pair *p);

/* Run one session to its end; p->rc says how it went. */
void pair_run(struct pair *p, const struct station_options *opt);

#endif
