/*
 * Errors on their way between the library (transport/api) and what the
 * program says about them (cli/messages).
 */
#include "cli/fault.h"

#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <bsd/string.h>

int
fault_take(struct err *e, const struct erpsync_error *from)
{
	e->code = from->code;
	e->sys = from->sys;
	(void)strlcpy(e->msg, from->message, sizeof(e->msg));
	return e->code;
}

int
fault_give(struct erpsync_error *to, const struct err *e)
{
	to->code = e->code;
	to->sys = e->sys;
	(void)strlcpy(to->message, e->msg, sizeof(to->message));
	return to->code;
}
