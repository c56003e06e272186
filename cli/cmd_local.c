/* The commands on a client folder that need no server: rollback, recover,
 * verify. */
#include "cli/cmd.h"

#include "cli/messages.h"
#include "cli/opt.h"
#include "cli/progress.h"
#include "cli/station_ini.h"
#include "engine/apply/apply.h"
#include "engine/apply/folder.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/observer.h"
#include "engine/base/text.h"

#include <string.h>

struct local {
	const char *dir;
	const char *language; /* of --lang, or NULL */
	enum lang lang;
	bool quiet;
	int64_t backup; /* 1..3, 0 = the newest */
};

static const struct opt_row dir_row[] = {
    {'d', "dir", "DIR", "the client folder"},
    {0, NULL, NULL, NULL},
};

static const struct opt_row rollback_rows[] = {
    {OPT_OWN, "to", "001|002|003", "which backup; the newest if not given"},
    {0, NULL, NULL, NULL},
};

static const struct opt_command rollback_command = {"rollback", "",
    "Bring back a backup of a client folder; the folder as it is becomes a "
    "backup.",
    {dir_row, rollback_rows, opt_common}, false};

static const struct opt_command recover_command = {"recover", "",
    "Finish or undo an update of a client folder that was interrupted.",
    {dir_row, opt_common}, false};

static const struct opt_command verify_command = {"verify", "",
    "Compare the contents of a client folder with the release it was "
    "updated to.",
    {dir_row, opt_common}, false};

/* Parse into c: OPT_END, or OPT_STOP with o->exit_code. */
static int
local_options(struct local *c, struct opt *o)
{
	int id;

	memset(c, 0, sizeof(*c));
	while ((id = opt_next(o)) > 0)
		switch (id) {
		case 'd':
			c->dir = o->arg;
			break;
		case OPT_OWN:
			if (!opt_number(o, 1, 3, &c->backup))
				return OPT_STOP;
			break;
		case OPT_LANG:
			if (!lang_of_name(o->arg, &c->lang)) {
				(void)opt_usage(o,
				    "--lang: '%s' is none of pt, es, en",
				    o->arg);
				return OPT_STOP;
			}
			c->language = o->arg;
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

/* A folder that cannot be opened; what recovery could not explain has its
 * own exit code. */
static int
open_failed(const struct local *c, const struct err *e)
{
	if (e->code == ERP_CORRUPT) {
		messages_stuck(stderr, c->lang, e);
		return EXIT_RECOVERY;
	}
	messages_reason(stderr, c->lang, e);
	return exit_of_failure(e);
}

static int
open_folder(const struct local *c, const struct observer *obs, bool read_only,
    struct folder **f, struct err *e)
{
	struct folder_options opt = {.fs = fs_real(),
	    .clock = clock_real(),
	    .obs = obs,
	    .read_only = read_only};

	return folder_open(c->dir, &opt, f, e);
}

static int
local_progress(const struct local *c, struct progress **p, struct err *e)
{
	struct progress_options opt = {.out = stderr,
	    .clock = clock_real(),
	    .folder = c->dir,
	    .mode = c->quiet ? PROGRESS_QUIET : PROGRESS_AUTO,
	    .lang = c->lang};

	return progress_new(&opt, p, e);
}

static int
rollback(const struct local *c)
{
	struct progress *progress = NULL;
	struct folder *f = NULL;
	struct err e = {0};
	struct observer obs;
	int rc, status;

	if (local_progress(c, &progress, &e) < 0)
		return open_failed(c, &e);
	obs = progress_observer(progress);
	if (open_folder(c, &obs, false, &f, &e) < 0) {
		progress_end_line(progress);
		status = open_failed(c, &e);
		goto out;
	}
	/* Half a transaction would only have to be recovered: finish it. */
	signals_catch();
	rc = apply_rollback(f, (int)c->backup, &e);
	progress_end_line(progress);
	folder_close(f);
	status = EXIT_OK;
	if (rc < 0) {
		messages_reason(stderr, c->lang, &e);
		status = exit_of_failure(&e);
	} else if (!c->quiet && c->backup == 0) {
		messages_print(stdout, c->lang, CLI004);
	} else if (!c->quiet) {
		messages_print(stdout, c->lang, CLI005, (int)c->backup);
	}
out:
	progress_free(progress);
	return status;
}

int
cmd_rollback(int argc, char **argv)
{
	struct local c;
	struct opt o;

	opt_begin(&o, &rollback_command, argc, argv);
	if (local_options(&c, &o) < 0)
		return o.exit_code;
	return rollback(&c);
}

int
cmd_recover(int argc, char **argv)
{
	struct folder *f = NULL;
	struct err e = {0};
	struct local c;
	struct opt o;
	enum recovery how;

	opt_begin(&o, &recover_command, argc, argv);
	if (local_options(&c, &o) < 0)
		return o.exit_code;
	/* Opening a folder recovers it: there is nothing more to do. */
	if (open_folder(&c, NULL, false, &f, &e) < 0)
		return open_failed(&c, &e);
	how = folder_recovery(f);
	folder_close(f);
	if (c.quiet)
		return EXIT_OK;
	switch (how) {
	case RECOVERY_NONE:
		messages_print(stdout, c.lang, CLI001);
		break;
	case RECOVERY_UNDONE:
		messages_print(stdout, c.lang, UPD027);
		messages_print(stdout, c.lang, CLI002);
		break;
	case RECOVERY_FINISHED:
		messages_print(stdout, c.lang, UPD027);
		messages_print(stdout, c.lang, CLI003);
		break;
	}
	return EXIT_OK;
}

static void
finding_print(void *arg, const char *path, const char *what)
{
	char shown[4 * PATH_MAX_BYTES + 1];

	(void)arg;
	text_escape(shown, sizeof(shown), path);
	printf("%s: %s\n", shown, what);
}

static int
verify(const struct local *c, struct folder *f)
{
	struct err e = {0};
	int findings;

	if (!folder_state(f)->known) {
		messages_print(stderr, c->lang, CLI008, c->dir);
		return EXIT_FILE_IO;
	}
	findings = apply_verify(f, finding_print, NULL, &e);
	if (findings < 0) {
		messages_reason(stderr, c->lang, &e);
		return exit_of_failure(&e);
	}
	if (findings > 0) {
		messages_print(stderr, c->lang, CLI007, findings);
		return EXIT_PARTIAL;
	}
	if (!c->quiet)
		messages_print(stdout, c->lang, CLI006);
	return EXIT_OK;
}

int
cmd_verify(int argc, char **argv)
{
	struct folder *f = NULL;
	struct err e = {0};
	struct local c;
	struct opt o;
	int status;

	opt_begin(&o, &verify_command, argc, argv);
	if (local_options(&c, &o) < 0)
		return o.exit_code;
	if (open_folder(&c, NULL, true, &f, &e) < 0)
		return open_failed(&c, &e);
	status = verify(&c, f);
	folder_close(f);
	return status;
}
