/*
 * What the commands on a client folder that need no server have in common:
 * their options, opening the folder through the library, and its failures.
 */
#include "cli/local.h"

#include "cli/cmd.h"
#include "cli/fault.h"
#include "cli/station_ini.h"
#include "cli/stuck.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <string.h>

const struct opt_row local_rows[] = {
    {'d', "dir", "DIR", "the client folder", opt_text,
	.offset = offsetof(struct local, dir)},
    {.name = NULL},
};

int
local_options(struct local *c, struct opt *o)
{
	memset(c, 0, sizeof(*c));
	if (opt_parse(o, c) == OPT_STOP || !opt_operands(o, 0, 0))
		return OPT_STOP;
	return local_settle(c, o);
}

int
local_settle(struct local *c, struct opt *o)
{
	if (c->dir == NULL || c->dir[0] == '\0') {
		(void)opt_usage(o, "--dir is missing: which client folder?");
		return OPT_STOP;
	}
	c->speech.lang = station_ini_lang(c->dir, c->speech.language);
	return OPT_END;
}

const char *
local_good_backups(const struct erpsync_history *h)
{
	int i;

	for (i = 0; i < h->n; i++)
		if (h->v[i].state == ERPSYNC_BACKUP_FOREIGN)
			return CLI057;
	return h->n > 0 ? CLI013 : CLI011;
}

int
local_failed(const struct local *c, const struct erpsync_error *error)
{
	struct err e;

	(void)fault_take(&e, error);
	messages_reason(stderr, c->speech.lang, &e);
	return failure_exit(e.code);
}

int
local_open_failed(const struct local *c, const struct erpsync_error *error)
{
	struct err e;

	return stuck_is(NULL, fault_take(&e, error))
	    ? stuck_say(c->speech.lang, &e)
	    : local_failed(c, error);
}

int
local_open(const struct local *c, const struct erpsync_observer *obs,
    bool read_only, struct erpsync_folder **f, struct erpsync_error *e)
{
	struct erpsync_folder_options opt = {.size = sizeof(opt),
	    .read_only = read_only,
	    .backup_exclude = (const char *const *)c->backup_exclude.v,
	    .backup_exclude_n = c->backup_exclude.n};

	if (obs != NULL)
		opt.observer = *obs;
	return erpsync_folder_open(c->dir, &opt, f, e);
}
