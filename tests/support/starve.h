#ifndef ERPSYNC_TESTS_SUPPORT_STARVE_H
#define ERPSYNC_TESTS_SUPPORT_STARVE_H

/* What a module does when memory runs out: each allocation in turn fails. */

struct err;

/*
 * An operation that makes what it needs, looks at what comes of it and frees
 * all: 0, a negative code, or STARVE_WRONG when something came that is not
 * right.
 */
typedef int starve_fn(void *arg, struct err *e);
enum { STARVE_WRONG = 1 };

/*
 * Run op with enough memory, and then with each allocation failing, alone and
 * with all that follow.  Each time it must be right, or ERP_NOMEM with a text,
 * and keep nothing.  NULL, or what was wrong, until the next call.
 */
const char *starve(starve_fn *op, void *arg);

/* The same as an expectation of Criterion's. */
#define STARVE(op, arg)                                                        \
	do {                                                                   \
		const char *wrong = starve(op, arg);                           \
		cr_expect_null(wrong, "%s: %s", #op, wrong);                   \
	} while (0)

#endif
