/*
 * The limit of the stack, where it grows at need: the first thing of main, for
 * a stack that may not grow ends the program without a word.
 */
#include "cli/stack.h"

#include "engine/base/err.h"

#include <sys/resource.h>

enum { STACK_BYTES = 1 << 20 };

int
stack_settle(struct err *e)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_STACK, &l) != 0 || l.rlim_cur >= STACK_BYTES)
		return 0;
	l.rlim_cur = STACK_BYTES;
	l.rlim_max = l.rlim_max < STACK_BYTES ? STACK_BYTES : l.rlim_max;
	if (setrlimit(RLIMIT_STACK, &l) == 0)
		return 0;
	return err_set(e, ERP_NOMEM,
	    "the stack may have less than 1 MB here; give it more (ulimit "
	    "-s 1024)");
}
