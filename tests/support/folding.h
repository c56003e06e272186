#ifndef ERPSYNC_TESTS_SUPPORT_FOLDING_H
#define ERPSYNC_TESTS_SUPPORT_FOLDING_H

/*
 * A played disk that folds names, with an empty /client.  A failing call
 * aborts: it is the test that is broken.
 */

#include "tests/support/fs_sim.h"

#include <stdbool.h>

struct folding {
	struct sim disk;
	int client; /* the open folder */
};

void folding_open(struct folding *f);
/* All descriptors must be closed by then. */
void folding_close(struct folding *f);

/* A new file in /client with this text; does one hold exactly that? */
void folding_put(struct folding *f, const char *path, const char *text);
bool folding_holds(struct folding *f, const char *path, const char *text);

#endif
