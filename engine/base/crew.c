/*
 * Work for several threads, or for the one there is: the choice between a crew
 * that was given and a plain loop, with the same first error.
 */
#include "engine/base/crew.h"

int
crew_run(const struct crew *c, crew_fn *fn, void *arg, size_t n, struct err *e)
{
	size_t i;
	int rc = 0;

	if (c != NULL)
		return c->run(c->ctx, fn, arg, n, e);
	for (i = 0; rc == 0 && i < n; i++)
		rc = fn(arg, i, true, e);
	return rc;
}
