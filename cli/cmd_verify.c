/*
 * verify: is a client folder as its release says?  The library compares, here
 * is what is said of it.
 */
#include "cli/cmd.h"

#include "cli/local.h"
#include "cli/messages/details.h"
#include "cli/messages/messages.h"
#include "cli/opt.h"
#include "cli/station_files.h"
#include "cli/station_ini.h"
#include "cli/station_job.h"
#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/base/text.h"
#include "transport/api/erpsync_seal.h"

#include <bsd/string.h>

static const struct opt_row verify_rows[] = {
    {0, "backups", NULL, "also compare each backup with its record", opt_flag,
	.offset = offsetof(struct local, backups)},
    {0, "exclude", "PATTERN", "do not compare such files (repeatable)",
	opt_pattern, .offset = offsetof(struct local, exclude)},
    {.name = NULL},
};

static const struct opt_command verify_command = {"verify", "",
    "Compare the contents of a client folder with the release it was "
    "updated to.",
    {{local_rows, 0}, {verify_rows, 0},
	{opt_common, offsetof(struct local, speech)}},
    false, ""};

static void
finding_print(void *arg, const char *path, const char *what)
{
	const struct local *c = arg;
	char shown[4 * PATH_MAX_BYTES + 1], words[DETAIL_MAX];

	text_escape(shown, sizeof(shown), path);
	details_text(c->speech.lang, what, words);
	printf("%s: %s\n", shown, words);
}

/* The live files: how many differ, or a code. */
static int
verify_live(struct local *c, struct erpsync_folder *f, struct erpsync_error *e)
{
	const char *const *exclude = (const char *const *)c->exclude.v;
	int findings =
	    erpsync_verify(f, exclude, c->exclude.n, finding_print, c, e);

	if (findings > 0)
		messages_print(stderr, c->speech.lang, CLI007, findings);
	else if (findings == 0 && !c->speech.quiet)
		messages_print(stdout, c->speech.lang, CLI006);
	return findings;
}

static int
verify_backups(
    struct local *c, struct erpsync_folder *f, struct erpsync_error *e)
{
	struct erpsync_history history;
	int bad = erpsync_history(f, finding_print, c, &history, e);

	if (bad >= 0 && history.waits)
		messages_print(stderr, c->speech.lang, CLI056);
	if (bad > 0)
		messages_print(stderr, c->speech.lang, CLI012, bad);
	else if (bad == 0 && !c->speech.quiet)
		(void)puts(messages_text(
		    c->speech.lang, local_good_backups(&history)));
	return bad;
}

/* By whom it is sealed, where the folder asks for that. */
static int
verify_seal(struct local *c, struct erpsync_folder *f, struct erpsync_error *e)
{
	struct erpsync_seal seal;
	int rc = erpsync_folder_seal(f, &seal, e);

	if (rc == 1 && !c->speech.quiet)
		messages_print(stdout, c->speech.lang, CLI055, seal.key,
		    seal.serial, seal.product);
	return rc;
}

static int
verify(struct local *c, struct erpsync_folder *f)
{
	struct erpsync_error e;
	int live = verify_live(c, f, &e), bad = 0;

	if (live >= 0 && c->backups)
		bad = verify_backups(c, f, &e);
	if (live < 0 || bad < 0 || verify_seal(c, f, &e) < 0)
		return local_failed(c, &e);
	return live > 0 || bad > 0 ? EXIT_PARTIAL : EXIT_OK;
}

/* The file may be one of those that are looked at, so it is said. */
static void
add_exclude(struct local *c, const char *name, struct station_config *config)
{
	char line[DETAIL_MAX], shown[DETAIL_MAX];
	size_t i;

	(void)snprintf(
	    line, sizeof(line), "%s: not verified by its Exclude: ", name);
	for (i = 0; i < config->exclude.n; i++) {
		text_escape(shown, sizeof(shown), config->exclude.v[i]);
		(void)strlcat(line, i == 0 ? "" : ", ", sizeof(line));
		(void)strlcat(line, shown, sizeof(line));
		(void)names_add(&c->exclude, config->exclude.v[i], NULL);
	}
	if (i > 0 &&
	    (!c->speech.quiet || station_files_has_all(&config->exclude)))
		messages_warn(stderr, c->speech.lang, line);
	station_config_release(config);
}

/* What updates leave alone by the folder's INI files is no finding; one that
 * cannot be read names nothing. */
static void
leave_alone(struct local *c)
{
	struct station_config config;
	char name[NAME_MAX + 1];
	bool insecure; /* nobody is asked */

	if (station_ini_load(c->dir, name, NULL, &config, NULL) == 1) {
		(void)station_job_drop_brought(c->dir, &config, &insecure);
		add_exclude(c, name, &config);
	}
	if (station_ini_own(c->dir, &config, NULL) == 1)
		add_exclude(c, ".erpsync/station.ini", &config);
}

int
cmd_verify(int argc, char **argv)
{
	struct erpsync_folder *f;
	struct erpsync_error e;
	struct local c;
	struct opt o;
	int status;

	opt_begin(&o, &verify_command, argc, argv);
	if (local_options(&c, &o) < 0) {
		status = o.exit_code;
	} else if (local_open(&c, NULL, true, &f, &e) < 0) {
		status = local_open_failed(&c, &e);
	} else {
		leave_alone(&c);
		status = verify(&c, f);
		erpsync_folder_close(f);
	}
	names_release(&c.exclude);
	return status;
}
