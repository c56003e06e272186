#ifndef ERPSYNC_CLI_FAULT_H
#define ERPSYNC_CLI_FAULT_H

/*
 * The library's errors and those of the program's own parts are one kind of
 * thing in two structs: here is the way between them.
 */

struct err;
struct erpsync_error;

/* Take the library's error into e; returns its code. */
int fault_take(struct err *e, const struct erpsync_error *from);

/* Give the library e as the failure of a callback; returns its code. */
int fault_give(struct erpsync_error *to, const struct err *e);

#endif
