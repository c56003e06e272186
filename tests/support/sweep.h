#ifndef ERPSYNC_TESTS_SUPPORT_SWEEP_H
#define ERPSYNC_TESTS_SUPPORT_SWEEP_H

/* What a module does when the disk fails: each call of it in turn. */

struct err;
struct fs;

/*
 * An operation on a file system that begins at the same state each time, looks
 * at what comes of it and frees all: 0, a negative code, or SWEEP_WRONG when
 * something came that is not right.
 */
typedef int sweep_fn(void *arg, const struct fs *fs, struct err *e);
enum { SWEEP_WRONG = 1 };

/*
 * Run op on fs, which works, and then with each call failing once, be
 * it a look or a change.  Each time it must be right, or an error with a text
 * and no other errno than that of the call; who does not hear of a sync that
 * failed is wrong; and no descriptor stays open.  NULL, or what was wrong,
 * until the next call.
 */
const char *sweep(const struct fs *fs, sweep_fn *op, void *arg);

/* The same as an expectation of Criterion's. */
#define SWEEP(fs, op, arg)                                                     \
	do {                                                                   \
		const char *wrong = sweep(fs, op, arg);                        \
		cr_expect_null(wrong, "%s: %s", #op, wrong);                   \
	} while (0)

#endif
