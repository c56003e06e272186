#ifndef ERPSYNC_CLI_REPORT_DIFF_H
#define ERPSYNC_CLI_REPORT_DIFF_H

/*
 * The difference of two texts, line by line, in diff(1)'s unified form, for
 * people: no patch is made of it.
 */

#include <stddef.h>

struct err;

/* A line of it: "@@ -1,3 +1,4 @@", or one of a text behind ' ', '-' or '+',
 * without its end.  0, or a code that ends it. */
typedef int diff_fn(void *ctx, const char *line, struct err *e);

/*
 * Tell the lines that differ and three around them; none: the texts differ in
 * line ends at most.  Texts that have little in common are told as one gone
 * and one new.  What tell returned, or ERP_NOMEM.
 */
int diff_texts(
    const char *a, const char *b, diff_fn *tell, void *ctx, struct err *e);

#endif
