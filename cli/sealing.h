#ifndef ERPSYNC_CLI_SEALING_H
#define ERPSYNC_CLI_SEALING_H

/* Who seals: the options of seal and publish, and the key of keygen. */

#include "cli/opt.h"
#include "cli/passphrase.h"
#include "transport/api/erpsync_server.h"

struct sealing {
	const char *key; /* of --seal-key, or NULL */
	const char *older, *product;
	uint32_t serial, days;
	bool downgrade;
};

extern const struct opt_row sealing_rows[];

/* For the library; what it points to must last as long.  Warns of a key that
 * others may read. */
struct erpsync_sealing sealing_of(
    const struct sealing *s, struct passphrase *passphrase);

/* Say why the library failed, or make NAME.key and NAME.pub and say so unless
 * quiet; the exit code. */
int sealing_failed(enum lang lang, const struct erpsync_error *error);
int sealing_make_key(
    const char *name, bool no_passphrase, const struct opt_speech *speech);

#endif
