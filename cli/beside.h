#ifndef ERPSYNC_CLI_BESIDE_H
#define ERPSYNC_CLI_BESIDE_H

/*
 * The kept releases of a server for those commands that work beside it: which
 * state folder it is, which system is meant, and what they say of a release.
 */

#include "cli/config/config.h"
#include "cli/opt.h"

struct erpsync_error;
struct erpsync_kept;

struct beside_options {
	const char *config;
	const char *state; /* NULL: the configuration's */
	int os; /* enum path_os; -1: not said */
	struct opt_speech speech;
};

/* --config, --state and --os, for who has a struct beside_options first. */
extern const struct opt_row beside_rows[];

/* Parse into values, of which kept is the first part: at most so many operands.
 * OPT_END, or OPT_STOP with o->exit_code. */
int beside_parse(
    struct beside_options *kept, void *values, struct opt *o, int operands);

/* The configuration, and with it the state folder, which will be written to:
 * EXIT_OK, or an exit code after a complaint and nothing in c. */
int beside_load(
    struct beside_options *kept, bool writes, struct server_config *c);

/* The system that is meant: os, or if that is -1 the only one with an update
 * folder; -1 after a complaint, with o->exit_code. */
int beside_system(const struct server_config *c, int os, struct opt *o);

/* The first digits of its id, for people. */
enum { BESIDE_ID_SHOWN = 16 };
void beside_id(char out[BESIDE_ID_SHOWN + 1], const struct erpsync_kept *k);

/* Say why the library failed; returns the exit code. */
int beside_failed(enum lang lang, const struct erpsync_error *error);

#endif
