/*
 * The compatibility rule, and the answer to a HELLO that follows from it: pure
 * functions, called by the server around the sessions (net_admission.c), which
 * knows the policy and the releases, and sends away whom it has no place for.
 */
#include "transport/server/verdict.h"

#include "engine/tree/build.h"
#include "engine/tree/pattern.h"
#include "transport/server/live_release.h"

#include <assert.h>
#include <bsd/string.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Is it one of the builds, or patterns of builds, of this list? */
static bool
is_listed(const char *list, const char *client)
{
	char one[MANIFEST_MAX_BUILD + 1];
	size_t n;

	for (;; list += n + 1) {
		n = strcspn(list, ", ");
		(void)snprintf(one, sizeof(one), "%.*s", (int)n, list);
		if (n > 0 && n < sizeof(one) &&
		    (build_compare(client, one) == 0 ||
			pattern_matches(one, client, false)))
			return true;
		if (list[n] == '\0')
			return false;
	}
}

enum verdict
verdict_of(
    const struct server_policy *policy, bool has_release, const char *client)
{
	if (!policy->enabled)
		return VERDICT_DISABLED;
	if (!has_release)
		return VERDICT_NO_PACKAGE;
	if (policy->build[0] == '\0' ||
	    (client[0] != '\0' && build_compare(client, policy->build) == 0))
		return VERDICT_COMPATIBLE;
	if (client[0] != '\0' && policy->min_client_build[0] != '\0' &&
	    build_compare(client, policy->min_client_build) >= 0)
		return VERDICT_COMPATIBLE;
	if (client[0] != '\0' && is_listed(policy->acceptable, client))
		return VERDICT_COMPATIBLE;
	return VERDICT_INCOMPATIBLE;
}

void
admission_decide(const struct server_policy *policy, const struct arrival *a,
    struct admission *out)
{
	struct server_policy now = *policy;

	if (a->served != NULL)
		(void)strlcpy(
		    now.build, a->served->manifest.build, sizeof(now.build));
	memset(out, 0, sizeof(*out));
	(void)strlcpy(out->build, now.build, sizeof(out->build));
	out->retry_after = a->retry_after;
	out->verdict = a->retry_after > 0
	    ? VERDICT_BUSY
	    : verdict_of(&now, a->served != NULL, a->client);
	if (out->verdict != VERDICT_COMPATIBLE &&
	    out->verdict != VERDICT_INCOMPATIBLE)
		return;
	assert(a->served != NULL && a->retry_after == 0);
	if (!a->held && !a->downloads && !a->is_current)
		out->retry_after = timetable_opens_in(&policy->window, a->now);
	if (a->held || out->retry_after > 0) {
		out->verdict = VERDICT_NOT_NOW;
		return;
	}
	out->served = a->served;
	out->ini = policy->ini;
}
