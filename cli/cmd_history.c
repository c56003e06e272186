/* history: the backups of a client folder. */
#include "cli/cmd.h"

#include "cli/local.h"
#include "cli/report/report_history.h"
#include "engine/apply/folder.h"
#include "engine/apply/history.h"
#include "engine/base/err.h"

static const struct opt_row history_rows[] = {
    {LOCAL_FORMAT, "format", "text|json|csv", "the list's form"},
    {0, NULL, NULL, NULL},
};

static const struct opt_command history_command = {"history", "",
    "List the backups of a client folder, and whether each is still what it "
    "was.",
    {local_rows, history_rows, opt_common}, false};

static int
show(const struct local *c, struct folder *f)
{
	struct history history;
	struct err e = {0};
	int bad = history_read(f, NULL, NULL, &history, &e), rc = 0;

	if (bad >= 0 && history.n == 0 && c->format == HISTORY_TEXT) {
		if (!c->quiet)
			messages_print(stdout, c->lang, CLI011);
	} else if (bad >= 0) {
		rc = history_write(stdout, (enum history_format)c->format,
		    c->lang, &history, &e);
	}
	if (bad < 0 || rc != 0) {
		messages_reason(stderr, c->lang, &e);
		return exit_of_failure(&e);
	}
	if (bad == 0)
		return EXIT_OK;
	messages_print(stderr, c->lang, CLI012, bad);
	return EXIT_PARTIAL;
}

int
cmd_history(int argc, char **argv)
{
	struct folder *f = NULL;
	struct err e = {0};
	struct local c;
	struct opt o;
	int status;

	opt_begin(&o, &history_command, argc, argv);
	if (local_options(&c, &o) < 0)
		return o.exit_code;
	if (local_open(&c, NULL, true, &f, &e) < 0)
		return local_open_failed(&c, &e);
	status = show(&c, f);
	folder_close(f);
	return status;
}
