/*
 * What the commands beside a running server have in common.  Below
 * cmd_releases.c and cmd_publish.c.
 */
#include "cli/beside.h"

#include "cli/config/config_state.h"
#include "cli/failure.h"
#include "cli/fault.h"
#include "cli/messages/messages.h"
#include "cli/report/cells.h"
#include "engine/base/err.h"
#include "transport/api/erpsync_server.h"

#include <stdio.h>
#include <string.h>

const struct opt_row beside_rows[] = {
    {0, "config", "FILE", "the server's AppServer.ini", opt_text,
	.offset = offsetof(struct beside_options, config)},
    {0, "state", "DIR", "the state folder, instead of [ErpSync] State",
	opt_text, .offset = offsetof(struct beside_options, state)},
    {0, "os", "windows|linux|macosx", "whose releases", opt_choice,
	.offset = offsetof(struct beside_options, os)},
    {.name = NULL},
};

int
beside_parse(
    struct beside_options *kept, void *values, struct opt *o, int operands)
{
	kept->os = -1;
	kept->speech.lang = o->lang;
	if (opt_parse(o, values) == OPT_STOP || !opt_operands(o, 0, operands))
		return OPT_STOP;
	if (kept->config == NULL) {
		(void)opt_usage(o, "--config is missing");
		return OPT_STOP;
	}
	return OPT_END;
}

int
beside_load(struct beside_options *kept, bool writes, struct server_config *c)
{
	struct err e;
	int rc = server_config_load(kept->config, c, &e);

	if (rc == 0) {
		if (kept->state == NULL)
			kept->state = c->state;
		rc = writes ? server_config_check_owner(kept->state, &e) : 0;
		if (rc == 0)
			return EXIT_OK;
		server_config_release(c);
	}
	messages_plain(stderr, kept->speech.lang, &e);
	return failure_exit(rc);
}

int
beside_system(const struct server_config *c, int os, struct opt *o)
{
	int i, found = os, n = 0;

	for (i = 0; os < 0 && i < PATH_OS_N; i++) {
		if (c->path[i] == NULL)
			continue;
		found = i;
		n++;
	}
	if (os >= 0 || n == 1)
		return found;
	(void)opt_usage(o,
	    "--os is missing: AppServer.ini does not name exactly one update "
	    "folder");
	return -1;
}

void
beside_id(char out[BESIDE_ID_SHOWN + 1], const struct erpsync_kept *k)
{
	char id[HASH_HEX_LEN + 1];

	cells_id(id, k->release.id);
	(void)snprintf(out, BESIDE_ID_SHOWN + 1, "%.*s", BESIDE_ID_SHOWN, id);
}

int
beside_failed(enum lang lang, const struct erpsync_error *error)
{
	struct err e;

	(void)fault_take(&e, error);
	messages_plain(stderr, lang, &e);
	return failure_exit(e.code);
}
