/*
 * What the commands on a client folder that need no server have in common:
 * their options, opening the folder through the library, and its failures.
 */
#include "cli/local.h"

#include "cli/cmd.h"
#include "cli/fault.h"
#include "cli/report/report_history.h"
#include "cli/station_ini.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <bsd/stdlib.h>
#include <string.h>

const struct opt_row local_rows[] = {
    {'d', "dir", "DIR", "the client folder"},
    {0, NULL, NULL, NULL},
};

int
local_options(struct local *c, struct opt *o)
{
	struct erpsync_error bad;
	const char *why;
	struct err e;
	int id;

	memset(c, 0, sizeof(*c));
	while ((id = opt_next(o)) > 0)
		switch (id) {
		case 'd':
			c->dir = o->arg;
			break;
		case LOCAL_TO:
			c->backup = strtonum(o->arg, 1, 3, &why);
			if (why == NULL)
				break;
			(void)opt_usage(o,
			    "--to: '%s' is no backup; there can be 001, 002 "
			    "and 003, the newest",
			    o->arg);
			return OPT_STOP;
		case OPT_LANG:
			if (!lang_of_name(o->arg, &c->lang)) {
				(void)opt_usage(o,
				    "--lang: '%s' is none of pt, es, en",
				    o->arg);
				return OPT_STOP;
			}
			c->language = o->arg;
			break;
		case LOCAL_ALL:
			c->all = true;
			break;
		case LOCAL_BACKUPS:
			c->backups = true;
			break;
		case LOCAL_EXCLUDE:
			if (erpsync_exclude_check(o->arg, &bad) != 0)
				(void)fault_take(&e, &bad);
			else if (names_add(&c->exclude, o->arg, &e) == 0)
				break;
			(void)opt_usage(o, "--exclude: %s", e.msg);
			return OPT_STOP;
		case LOCAL_FORMAT:
			if (!opt_choice(o, history_formats, &c->format))
				return OPT_STOP;
			break;
		case 'q':
			c->quiet = true;
			break;
		default:
			break;
		}
	if (id < 0 || !opt_operands(o, 0, 0))
		return OPT_STOP;
	if (c->dir == NULL) {
		(void)opt_usage(o, "--dir is required");
		return OPT_STOP;
	}
	c->lang = station_ini_lang(c->dir, c->language);
	return OPT_END;
}

int
local_failed(const struct local *c, const struct erpsync_error *error)
{
	struct err e;

	(void)fault_take(&e, error);
	messages_reason(stderr, c->lang, &e);
	return exit_of_failure(&e);
}

int
local_open_failed(const struct local *c, const struct erpsync_error *error)
{
	struct err e;

	if (fault_take(&e, error) != ERP_CORRUPT)
		return local_failed(c, error);
	messages_stuck(stderr, c->lang, &e);
	return EXIT_RECOVERY;
}

int
local_open(const struct local *c, const struct erpsync_observer *obs,
    bool read_only, struct erpsync_folder **f, struct erpsync_error *e)
{
	struct erpsync_folder_options opt = {
	    .size = sizeof(opt), .read_only = read_only};

	if (obs != NULL)
		opt.observer = *obs;
	return erpsync_folder_open(c->dir, &opt, f, e);
}
