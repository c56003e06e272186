/*
 * The commands that change a client folder without a server: rollback,
 * recover.  The library does the work, here is what is said of it.
 */
#include "cli/cmd.h"

#include "cli/fault.h"
#include "cli/local.h"
#include "cli/messages/details.h"
#include "cli/messages/messages.h"
#include "cli/opt.h"
#include "cli/progress/progress.h"
#include "cli/progress/progress_json.h"
#include "cli/said.h"
#include "cli/signals.h"
#include "cli/station_ini.h"
#include "cli/streams.h"
#include "cli/stuck.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <string.h>

static bool
take_backup(struct opt *o, void *out)
{
	const char *why;
	int *backup = out;

	*backup = (int)strtonum(o->arg, 1, 3, &why);
	if (why == NULL)
		return true;
	(void)opt_usage(o,
	    "--to: '%s' is no backup; there can be 001, 002 and 003, the "
	    "newest",
	    o->arg);
	return false;
}

static const struct opt_row rollback_rows[] = {
    {0, "to", "001|002|003", "which backup; the newest if not given",
	take_backup, .offset = offsetof(struct local, backup)},
    {0, "all", NULL, "also undo what the user edited, removed and added",
	opt_flag, .offset = offsetof(struct local, all)},
    {0, "backup-exclude", "PATTERN",
	"leave such files of the user's out of backups (repeatable)",
	opt_pattern, .offset = offsetof(struct local, backup_exclude)},
    {0, "progress", "bar|plain|json", "in which form progress is shown",
	opt_progress, .offset = offsetof(struct local, progress),
	.may_lack = true},
    {.name = NULL},
};

static const struct opt_command rollback_command = {"rollback", "",
    "Bring back a backup of a client folder; the folder as it is becomes a "
    "backup.",
    {{local_rows, 0}, {rollback_rows, 0},
	{opt_common, offsetof(struct local, speech)}},
    false, ""};

static const struct opt_command recover_command = {"recover", "",
    "Finish or undo an update of a client folder that was interrupted.",
    {{local_rows, 0}, {opt_common, offsetof(struct local, speech)}}, false, ""};

/* Is standard output for a program? */
static bool
has_lines(const struct local *c)
{
	return c->progress == PROGRESS_JSON;
}

static int
local_progress(const struct local *c, struct progress **p, struct err *e)
{
	struct progress_options opt = {.out = has_lines(c) ? stdout : stderr,
	    .clock = clock_real(),
	    .folder = c->dir,
	    .mode = c->speech.quiet && !has_lines(c)
		? PROGRESS_QUIET
		: (enum progress_mode)c->progress,
	    .lang = c->speech.lang};

	return progress_new(&opt, p, e);
}

/* The exit code tells of the folder: that words of what was done to it reach
 * nobody is a warning. */
static int
done(const struct local *c)
{
	struct err e;
	int lost = streams_flush();

	if (lost != 0 && lost != EPIPE) {
		(void)err_sys(&e, lost, "write", "standard output");
		messages_warn(stderr, c->speech.lang, e.msg);
	}
	return EXIT_OK;
}

/* Was a release left, which no update brings back by itself? */
static bool
has_left(
    const struct erpsync_folder_info *was, const struct erpsync_folder_info *is)
{
	return was->known &&
	    !(is->known &&
		memcmp(is->release, was->release, sizeof(is->release)) == 0);
}

/* A rollback, and what there is to tell of it. */
struct rollback {
	const struct local *c;
	struct progress *progress;
	struct erpsync_observer shown;
	struct erpsync_folder_info was, is;
	uint64_t changes; /* names that were swapped, or are to be */
	int rc; /* of the library */
	struct said said; /* only where a program is told */
};

static void
note(void *ctx, const struct erpsync_event *ev)
{
	struct rollback *r = ctx;

	if (ev->kind == ERPSYNC_EVENT_SWAP)
		r->changes = ev->total;
	r->shown.event(r->shown.ctx, ev);
}

/* Say why it failed; returns the exit code. */
static int
failed(struct rollback *r, const struct erpsync_error *error, bool is_stuck)
{
	static const struct advice by_hand = {UPD040, DO040},
				   another = {UPD025, DO026};
	const struct advice *told = is_stuck ? &by_hand : NULL;
	enum lang lang = r->c->speech.lang;
	struct err e;

	r->rc = fault_take(&e, error);
	r->is.stuck = is_stuck;
	/* What else could be no good here than the backup? */
	if (!is_stuck && (r->rc == ERP_CORRUPT || r->rc == ERP_MISMATCH))
		told = &another;
	if (told != NULL && has_lines(r->c))
		said_advice(&r->said, lang, NULL, *told, e.msg);
	else if (told != NULL)
		messages_advice(stderr, lang, *told, e.msg);
	else if (has_lines(r->c))
		said_failure(&r->said, lang, NULL, &e);
	else
		messages_reason(stderr, lang, &e);
	return is_stuck ? EXIT_RECOVERY : failure_exit(e.code);
}

/* What is said of one that went well; the exit code. */
static int
rollback_said(const struct rollback *r)
{
	const struct local *c = r->c;
	bool left = has_left(&r->was, &r->is);

	if (has_lines(c)) {
		if (left)
			progress_json_note(stdout, false,
			    messages_text(c->speech.lang, CLI033));
		return EXIT_OK;
	}
	/* That there was nothing to bring back has been said. */
	if (!c->speech.quiet && r->rc == 0 && c->backup == 0)
		messages_print(stdout, c->speech.lang, CLI004);
	else if (!c->speech.quiet && r->rc == 0)
		messages_print(stdout, c->speech.lang, CLI005, c->backup);
	if (!c->speech.quiet && left)
		messages_print(stdout, c->speech.lang, CLI033);
	return done(c);
}

static int
rollback(struct rollback *r)
{
	const struct erpsync_observer obs = {note, r};
	const struct local *c = r->c;
	struct erpsync_folder *f;
	struct erpsync_error e;

	r->shown = progress_observer(r->progress);
	r->was.size = r->is.size = sizeof(r->is);
	if ((r->rc = local_open(c, &obs, false, &f, &e)) < 0) {
		progress_end_line(r->progress);
		return failed(r, &e, stuck_is(NULL, e.code));
	}
	/* Half a transaction would only have to be recovered: finish it. */
	signals_catch();
	erpsync_folder_info(f, &r->was);
	r->rc = erpsync_rollback(f, c->backup, c->all, &e);
	progress_end_line(r->progress);
	erpsync_folder_info(f, &r->is);
	erpsync_folder_close(f);
	return r->rc < 0 ? failed(r, &e, r->is.stuck) : rollback_said(r);
}

/* The same, told to a program. */
static int
rollback_in_lines(struct rollback *r)
{
	const struct progress_start start = {"rollback", r->c->dir, NULL};
	uint64_t began = clock_ms(clock_real());
	char release[HASH_HEX_LEN + 1] = "";
	struct progress_result result = {.said = &r->said};
	struct hash id;

	progress_json_start(stdout, &start);
	result.exit_code = rollback(r);
	result.outcome = r->rc == 0      ? PROGRESS_UPDATED
	    : r->rc > 0                  ? PROGRESS_CURRENT
	    : r->rc == ERPSYNC_CANCELLED ? PROGRESS_INTERRUPTED
					 : PROGRESS_FAILED;
	result.may_start = !r->is.stuck;
	result.from_build = r->was.build;
	result.to_build = r->is.build;
	memcpy(id.b, r->is.release, sizeof(id.b));
	if (r->is.known)
		hash_hex(&id, release);
	result.release = release;
	result.changes = r->rc == 0 ? r->changes : 0;
	result.elapsed_ms = clock_ms(clock_real()) - began;
	progress_json_result(stdout, &result);
	return result.exit_code;
}

int
cmd_rollback(int argc, char **argv)
{
	struct rollback r;
	struct local c;
	struct opt o;
	struct err e;
	int status;

	opt_begin(&o, &rollback_command, argc, argv);
	memset(&r, 0, sizeof(r));
	r.c = &c;
	if (local_options(&c, &o) < 0) {
		status = o.exit_code;
	} else if (local_progress(&c, &r.progress, &e) < 0) {
		messages_reason(stderr, c.speech.lang, &e);
		status = failure_exit(e.code);
	} else {
		station_ini_backup_exclude(c.dir, &c.backup_exclude);
		status = has_lines(&c) ? rollback_in_lines(&r) : rollback(&r);
		progress_free(r.progress);
	}
	names_release(&c.backup_exclude);
	return status;
}

static void
warn(void *ctx, const struct erpsync_event *ev)
{
	const struct local *c = ctx;
	char text[DETAIL_MAX];

	if (ev->kind != ERPSYNC_EVENT_WARN || ev->text == NULL)
		return;
	text_escape_rest(text, sizeof(text), ev->text);
	messages_warn(stderr, c->speech.lang, text);
}

int
cmd_recover(int argc, char **argv)
{
	struct erpsync_folder_info info = {.size = sizeof(info)};
	struct erpsync_folder *f;
	struct erpsync_error e;
	struct local c;
	const struct erpsync_observer obs = {warn, &c};
	struct opt o;

	opt_begin(&o, &recover_command, argc, argv);
	if (local_options(&c, &o) < 0)
		return o.exit_code;
	if (local_open(&c, &obs, false, &f, &e) < 0)
		return local_open_failed(&c, &e);
	erpsync_folder_info(f, &info);
	erpsync_folder_close(f);
	if (c.speech.quiet)
		return EXIT_OK;
	switch (info.recovery) {
	case ERPSYNC_RECOVERY_NONE:
		messages_print(stdout, c.speech.lang, CLI001);
		break;
	case ERPSYNC_RECOVERY_UNDONE:
		messages_print(stdout, c.speech.lang, UPD027);
		messages_print(stdout, c.speech.lang, CLI002);
		break;
	case ERPSYNC_RECOVERY_FINISHED:
		messages_print(stdout, c.speech.lang, UPD027);
		messages_print(stdout, c.speech.lang, CLI003);
		break;
	}
	return done(&c);
}
