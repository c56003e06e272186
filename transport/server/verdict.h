#ifndef ERPSYNC_TRANSPORT_SERVER_VERDICT_H
#define ERPSYNC_TRANSPORT_SERVER_VERDICT_H

/*
 * May this client build be updated without a question?  Build codes look like
 * 7.00.191205P: numbers and letters between dots.  The rule (erpsync(1)):
 * no build configured on the server, or the same code, or at least
 * MinClientBuild where that is set: compatible; anything else is not.
 *
 * And who may come in at all: one answer to a HELLO, by whoever runs the
 * sessions.
 */

#include "engine/tree/manifest.h"
#include "transport/wire/msg.h"

#include <stdbool.h>
#include <stdint.h>

struct live_release;

struct server_policy {
	bool enabled;
	char build[MANIFEST_MAX_BUILD +
	    1]; /* the server's code, or ""; a release has its own */
	char min_client_build[MANIFEST_MAX_BUILD + 1]; /* or "" */
	struct msg_ini ini; /* told to stations that are served */
};

enum verdict verdict_of(
    const struct server_policy *policy, bool has_release, const char *client);

/* What a station is told when it has said HELLO. */
struct admission {
	enum verdict verdict;
	uint32_t retry_after; /* seconds to stay away: BUSY, else 0 */
	char build[MANIFEST_MAX_BUILD + 1]; /* ours, or "" */
	/* What it is served, borrowed: COMPATIBLE or INCOMPATIBLE, else NULL.
	 */
	struct live_release *served;
	struct msg_ini ini; /* with served */
};

/*
 * The answer under this policy, to a station with this build: busy when
 * retry_after > 0, else as verdict_of.  A release (NULL: there is none) brings
 * its build: a new Build is not told before its release is there.
 */
void admission_decide(const struct server_policy *policy,
    struct live_release *served, uint32_t retry_after, const char *client,
    struct admission *out);

#endif
