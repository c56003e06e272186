#ifndef ERPSYNC_TRANSPORT_SERVER_VERDICT_H
#define ERPSYNC_TRANSPORT_SERVER_VERDICT_H

/*
 * May this client build be updated without a question?  Build codes look like
 * 7.00.191205P: numbers and letters between dots.  The rule (erpsync(1)):
 * no build configured on the server, or the same code, or at least
 * MinClientBuild where that is set, or one that Acceptable names: compatible;
 * anything else is not.
 *
 * And who may come in at all: one answer to a HELLO, by whoever runs the
 * sessions.
 */

#include "engine/tree/manifest.h"
#include "transport/server/timetable.h"
#include "transport/wire/msg.h"

#include <stdbool.h>
#include <stdint.h>

struct live_release;

enum { ACCEPTABLE_MAX = 1000 };

struct server_policy {
	bool enabled;
	char build[MANIFEST_MAX_BUILD +
	    1]; /* the server's code, or ""; a release has its own */
	char min_client_build[MANIFEST_MAX_BUILD + 1]; /* or "" */
	char acceptable[ACCEPTABLE_MAX + 1]; /* builds with commas between */
	struct timetable window; /* when stations may update */
	struct msg_ini ini; /* told to stations that are served */
};

enum verdict verdict_of(
    const struct server_policy *policy, bool has_release, const char *client);

/* What a station is told when it has said HELLO. */
struct admission {
	enum verdict verdict;
	/* Seconds to stay away: BUSY; NOT_NOW, 0: nobody knows; else 0. */
	uint32_t retry_after;
	char build[MANIFEST_MAX_BUILD + 1]; /* ours, or "" */
	/* What it is served, borrowed: COMPATIBLE or INCOMPATIBLE, else NULL.
	 */
	struct live_release *served;
	struct msg_ini ini; /* with served */
};

/* What a station finds when it comes. */
struct arrival {
	const char *client; /* its build, or "" */
	struct live_release *served; /* NULL: there is none */
	uint32_t retry_after; /* seconds, when the server is busy; else 0 */
	bool held; /* the release is held back */
	bool downloads; /* it changes nothing now: no window counts */
	bool is_current; /* it has served: nor for who has nothing to do */
	int64_t now; /* seconds since 1970 */
};

/*
 * The answer under this policy: busy when retry_after > 0, else as verdict_of,
 * but not now where the release is held or the window is closed.  A release
 * brings its build: a new Build is not told before its release is there.
 */
void admission_decide(const struct server_policy *policy,
    const struct arrival *a, struct admission *out);

#endif
