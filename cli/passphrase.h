#ifndef ERPSYNC_CLI_PASSPHRASE_H
#define ERPSYNC_CLI_PASSPHRASE_H

/*
 * Passphrases of secret keys, asked on the terminal without being shown, or
 * read from standard input where that is none; never an argument, which others
 * see.
 */

#include "cli/messages/messages.h"

#include <stdbool.h>
#include <stddef.h>

struct erpsync_error;

struct passphrase {
	enum lang lang;
	bool none; /* keys are made without one, and nothing is asked */
};

/* An erpsync_passphrase_fn; ctx is a struct passphrase.  A new one is asked
 * twice. */
int passphrase_ask(void *ctx, const char *file, bool anew, char *out, size_t n,
    struct erpsync_error *e);

#endif
