/*
 * erpsync history: the backups of a client folder, each with whether it is as
 * it was made.  Options in, the list to standard output.
 */
#include "cli/cmd.h"

#include "cli/local.h"
#include "cli/report/report_history.h"
#include "cli/streams.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <errno.h>

static const struct opt_row history_rows[] = {
    {0, "format", "text|json|csv", "the list's form", opt_choice,
	.offset = offsetof(struct local, format)},
    {.name = NULL},
};

static const struct opt_command history_command = {"history", "",
    "List the backups of a client folder, and whether each is still what it "
    "was.",
    {{local_rows, 0}, {history_rows, 0},
	{opt_common, offsetof(struct local, speech)}},
    false, ""};

static int
show(const struct local *c, struct erpsync_folder *f)
{
	struct erpsync_history history;
	struct erpsync_error error;
	struct err e;
	int bad = erpsync_history(f, NULL, NULL, &history, &error);

	if (bad < 0)
		return local_failed(c, &error);
	if (history.n == 0 && c->format == HISTORY_TEXT) {
		if (!c->speech.quiet)
			messages_print(stdout, c->speech.lang, CLI011);
	} else if (history_write(stdout, (enum history_format)c->format,
		       c->speech.lang, streams_columns(stdout), &history,
		       &e) != 0 &&
	    streams_flush() != EPIPE) {
		messages_plain(stderr, c->speech.lang, &e);
		return failure_exit(e.code);
	}
	if (history.waits)
		messages_print(stderr, c->speech.lang, CLI056);
	if (bad == 0)
		return EXIT_OK;
	messages_print(stderr, c->speech.lang, CLI012, bad);
	return EXIT_PARTIAL;
}

int
cmd_history(int argc, char **argv)
{
	struct erpsync_folder *f;
	struct erpsync_error e;
	struct local c;
	struct opt o;
	int status;

	opt_begin(&o, &history_command, argc, argv);
	if (local_options(&c, &o) < 0)
		return o.exit_code;
	if (local_open(&c, NULL, true, &f, &e) < 0)
		return local_open_failed(&c, &e);
	status = show(&c, f);
	erpsync_folder_close(f);
	return status;
}
