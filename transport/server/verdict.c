/*
 * The compatibility rule, and the answer to a HELLO that follows from it: pure
 * functions, called by the server around the sessions (net_admission.c), which
 * knows the policy and the releases, and sends away whom it has no place for.
 */
#include "transport/server/verdict.h"

#include "engine/tree/build.h"
#include "transport/server/live_release.h"

#include <assert.h>
#include <bsd/string.h>
#include <string.h>
#include <strings.h>

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
	return VERDICT_INCOMPATIBLE;
}

void
admission_decide(const struct server_policy *policy,
    struct live_release *served, uint32_t retry_after, const char *client,
    struct admission *out)
{
	struct server_policy now = *policy;

	if (served != NULL)
		(void)strlcpy(
		    now.build, served->manifest.build, sizeof(now.build));
	memset(out, 0, sizeof(*out));
	(void)strlcpy(out->build, now.build, sizeof(out->build));
	out->retry_after = retry_after;
	out->verdict = retry_after > 0
	    ? VERDICT_BUSY
	    : verdict_of(&now, served != NULL, client);
	if (out->verdict == VERDICT_COMPATIBLE ||
	    out->verdict == VERDICT_INCOMPATIBLE)
		out->served = served;
	if (out->served != NULL)
		out->ini = policy->ini;
	assert(out->served == NULL || retry_after == 0);
}
