/* Operations that are short of memory. */
#include "tests/support/starve.h"

#include "engine/base/err.h"
#include "tests/support/alloc_wrap.h"

#include <inttypes.h>
#include <stdio.h>

static char text[600];

/* One run; false, with the text, when something was wrong. */
static bool
run(starve_fn *op, void *arg, uint64_t at, bool stays, uint64_t *n)
{
	struct err e = {.msg = ""};
	const char *why = NULL;
	size_t kept;
	int rc;

	alloc_watch();
	alloc_arm(at, stays);
	rc = op(arg, &e);
	*n = alloc_disarm();
	kept = alloc_kept();
	if (rc == STARVE_WRONG)
		why = "a wrong result";
	else if (rc != 0 && (at == 0 || rc != ERP_NOMEM))
		why = e.msg;
	else if (rc != 0 && (e.code != ERP_NOMEM || e.msg[0] == '\0'))
		why = "no message";
	else if (kept != 0)
		why = "something is not freed";
	if (why == NULL)
		return true;
	(void)snprintf(text, sizeof(text),
	    "allocation %" PRIu64 " fails%s: code %d, %zu kept: %s", at,
	    stays ? " and all that follow" : "", rc, kept, why);
	return false;
}

const char *
starve(starve_fn *op, void *arg)
{
	uint64_t n, at, unused;

	/* Libraries take what they take once. */
	if (!run(op, arg, 0, false, &n) || !run(op, arg, 0, false, &n))
		return text;
	for (at = 1; at <= n; at++)
		if (!run(op, arg, at, false, &unused) ||
		    !run(op, arg, at, true, &unused))
			return text;
	return n > 0 ? NULL : "it allocates nothing";
}
