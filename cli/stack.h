#ifndef ERPSYNC_CLI_STACK_H
#define ERPSYNC_CLI_STACK_H

/* The stack of the process's first thread. */

struct err;

/*
 * May it become as large as folders in folders need it?  Where its limit can
 * be raised that is done, for it counts whenever the stack grows.  ERP_NOMEM
 * naming what to do.
 */
int stack_settle(struct err *e);

#endif
