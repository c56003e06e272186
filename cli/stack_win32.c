/*
 * The stack of the program on Windows, which its file says the size of
 * (win64.mk).  Before main begins.
 */
#include "cli/stack.h"

int
stack_settle(struct err *e)
{
	(void)e;
	return 0;
}
