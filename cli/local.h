#ifndef ERPSYNC_CLI_LOCAL_H
#define ERPSYNC_CLI_LOCAL_H

/* What the commands on a client folder that need no server have in common. */

#include "cli/opt.h"
#include "engine/base/fs_file.h"

#include <stdbool.h>
#include <stdint.h>

struct erpsync_error;
struct erpsync_folder;
struct erpsync_history;
struct erpsync_observer;

struct local {
	const char *dir;
	struct opt_speech speech; /* lang: the one that was found */
	int backup; /* of --to: 1..3, 0 = the newest */
	bool all; /* of --all */
	bool backups; /* of --backups */
	int format; /* of --format */
	int progress; /* of --progress: enum progress_mode */
	/* Of --exclude and --backup-exclude; who offers them releases them. */
	struct names exclude, backup_exclude;
};

/* --dir. */
extern const struct opt_row local_rows[];

/* Parse into c: OPT_END, or OPT_STOP with o->exit_code. */
int local_options(struct local *c, struct opt *o);
/* The same for what was parsed into c already. */
int local_settle(struct local *c, struct opt *o);

/* Open the folder; obs may be NULL. */
int local_open(const struct local *c, const struct erpsync_observer *obs,
    bool read_only, struct erpsync_folder **f, struct erpsync_error *e);

/* Say that it could not be opened; returns the exit code.  What recovery
 * could not explain has its own. */
int local_open_failed(const struct local *c, const struct erpsync_error *e);

/* What is told of backups of which none is bad: a key of the catalogue. */
const char *local_good_backups(const struct erpsync_history *h);

/* Say why the library failed; returns the exit code. */
int local_failed(const struct local *c, const struct erpsync_error *e);

#endif
