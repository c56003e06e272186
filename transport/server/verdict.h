#ifndef ERPSYNC_TRANSPORT_SERVER_VERDICT_H
#define ERPSYNC_TRANSPORT_SERVER_VERDICT_H

/*
 * May this client build be updated without a question?  Build codes look like
 * 7.00.191205P: numbers and letters between dots.  The rule (erpsync(1)):
 * no build configured on the server, or the same code, or at least
 * MinClientBuild where that is set: compatible; anything else is not.
 */

#include "transport/wire/proto.h"

#include <stdbool.h>

struct server_policy {
	bool enabled;
	char build[65]; /* the server's code, or ""; a release has its own */
	char min_client_build[65]; /* or "" */
};

/* Order two build codes: <0, 0, >0.  Digits compare as numbers, letters as
 * text, without regard to case; a shorter code that is a prefix is lower. */
int build_compare(const char *a, const char *b);

enum verdict verdict_of(
    const struct server_policy *policy, bool has_release, const char *client);

#endif
