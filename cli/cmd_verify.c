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
#include "engine/base/fs.h"
#include "engine/base/path.h"
#include "engine/base/text.h"
#include "transport/api/erpsync_seal.h"

#include <limits.h>
#include <stdio.h>
#include <strings.h>

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

struct verify {
	struct local c;
	/* Patterns that a release brought and that would leave out the
	 * folder's smartclient.ini, and where that is; "": there is none. */
	struct names yields;
	char ini[FS_PATH_BYTES];
	int findings;
};

static void
finding_print(void *arg, const char *path, const char *what)
{
	const struct local *c = arg;
	char shown[4 * PATH_MAX_BYTES + 1], words[DETAIL_MAX];

	text_escape(shown, sizeof(shown), path);
	details_text(c->speech.lang, what, words);
	printf("%s: %s\n", shown, words);
}

/* One of the live files: what a release brought leaves out no
 * smartclient.ini, as in updates. */
static void
finding_take(void *arg, const char *path, const char *what)
{
	struct verify *v = arg;

	if (strcasecmp(path, v->ini) != 0 &&
	    erpsync_is_excluded(
		(const char *const *)v->yields.v, v->yields.n, path))
		return;
	v->findings++;
	finding_print(&v->c, path, what);
}

/* The live files: how many differ, or a code. */
static int
verify_live(struct verify *v, struct erpsync_folder *f, struct erpsync_error *e)
{
	const struct local *c = &v->c;
	const char *const *exclude = (const char *const *)c->exclude.v;
	bool all = c->exclude.n + v->yields.n == 0;
	int rc = erpsync_verify(f, exclude, c->exclude.n, finding_take, v, e);

	if (rc < 0)
		return rc;
	if (v->findings > 0)
		messages_print(stderr, c->speech.lang, CLI007, v->findings);
	else if (!c->speech.quiet)
		messages_print(stdout, c->speech.lang, all ? CLI006 : CLI059);
	return v->findings;
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
verify(struct verify *v, struct erpsync_folder *f)
{
	struct local *c = &v->c;
	struct erpsync_error e;
	int live = verify_live(v, f, &e), bad = 0;

	if (live >= 0 && c->backups)
		bad = verify_backups(c, f, &e);
	if (live < 0 || bad < 0 || verify_seal(c, f, &e) < 0)
		return local_failed(c, &e);
	return live > 0 || bad > 0 ? EXIT_PARTIAL : EXIT_OK;
}

/* The file may be one of those that are looked at, so it is said; above all
 * of one that others than who administers the station may write. */
static void
add_exclude(struct verify *v, const char *name, bool is_private,
    struct station_config *config)
{
	struct names *from = &config->exclude, *to;
	char line[DETAIL_MAX], list[STATION_FILES_LIST];
	size_t i;

	for (i = 0; i < from->n; i++) {
		to = i < config->doubt.brought.exclude_n &&
			erpsync_is_excluded(
			    (const char *const *)&from->v[i], 1, v->ini)
		    ? &v->yields
		    : &v->c.exclude;
		(void)names_add(to, from->v[i], NULL);
	}
	station_files_list(list, from);
	(void)snprintf(line, sizeof(line),
	    "%s: not verified by its Exclude: %s", name, list);
	if (from->n > 0 &&
	    (!v->c.speech.quiet || !is_private || station_files_has_all(from)))
		messages_warn(stderr, v->c.speech.lang, line);
	station_config_release(config);
}

/* What updates leave alone by the folder's INI files is no finding, though
 * another row of smartclient.ini is wrong. */
static void
leave_alone(struct verify *v)
{
	const char *dir = v->c.dir;
	struct station_config config;
	char name[NAME_MAX + 1];
	bool insecure; /* nobody is asked */

	if (station_ini_path(dir, v->ini)) {
		if (station_ini_load(dir, name, NULL, &config, NULL) != 1)
			station_ini_salvage(dir, &config);
		(void)station_job_drop_brought(dir, &config, &insecure);
		add_exclude(v, path_base(v->ini), false, &config);
	}
	if (station_ini_own(dir, &config, NULL) == 1)
		add_exclude(v, ".erpsync/station.ini", true, &config);
}

int
cmd_verify(int argc, char **argv)
{
	struct verify v = {.findings = 0};
	struct erpsync_folder *f;
	struct erpsync_error e;
	struct opt o;
	int status;

	opt_begin(&o, &verify_command, argc, argv);
	if (local_options(&v.c, &o) < 0) {
		status = o.exit_code;
	} else if (local_open(&v.c, NULL, true, &f, &e) < 0) {
		status = local_open_failed(&v.c, &e);
	} else {
		leave_alone(&v);
		status = verify(&v, f);
		erpsync_folder_close(f);
	}
	names_release(&v.c.exclude);
	names_release(&v.yields);
	return status;
}
