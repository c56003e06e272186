/*
 * erpsync self-test: what an update relies on, tried on the disk of a folder
 * and with the programs of this system.  A table, and whether all is well.
 */
#include "cli/cmd.h"

#include "cli/companion.h"
#include "cli/messages/details.h"
#include "cli/opt.h"
#include "cli/report/columns.h"
#include "cli/streams.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/fs_probe.h"
#include "engine/base/path_file.h"
#include "engine/base/text.h"

#include <bsd/stdlib.h>
#include <stdio.h>
#include <string.h>

enum { WHAT_COLUMNS = 40, HOW_COLUMNS = 11, NAME_MAX_BYTES = 32 };

/* What is tried, and the companion that runs meanwhile. */
struct self_test {
	const char *dir; /* operand */
	struct opt_speech speech;
	char name[NAME_MAX_BYTES]; /* of the folder in it */
	struct companion *companion;
	unsigned tried;
};

static const struct opt_command self_test_command = {"self-test", "DIR",
    "Try whether the disk of a folder and this system do what updates rely "
    "on.",
    {{opt_common, offsetof(struct self_test, speech)}}, false, ""};

/* Our own program, as program.exe in folder. */
static int
copy_program(const char *self, int folder, struct err *e)
{
	const struct fs *fs = fs_real();
	struct copied made = {.as = NULL};
	struct at from, to = {folder, "program.exe"};
	struct fs_stat st;
	int rc;

	if ((rc = path_file_open_folder(fs, self, &from, e)) != 0)
		return rc;
	if ((rc = at_stat(fs, from.dir, from.path, &st, e)) == 0) {
		st.mode = 0755;
		made.as = &st;
		rc = file_copy(fs, from, to, &made, e);
	}
	(void)fs_close(fs, from.dir);
	return rc;
}

static int
friend_start(void *ctx, int folder, struct err *e)
{
	struct self_test *s = ctx;
	char self[COMPANION_PATH_MAX], at[COMPANION_PATH_MAX];
	char program[COMPANION_PATH_MAX + NAME_MAX_BYTES];
	char command[] = "self-test", option[] = "--hold";
	char *const argv[] = {program, command, option, at, NULL};
	int rc;

	if ((rc = companion_self(self, e)) != 0 ||
	    (rc = copy_program(self, folder, e)) != 0)
		return rc;
	(void)snprintf(at, sizeof(at), "%s/%s/t", s->dir, s->name);
	(void)snprintf(program, sizeof(program), "%s/program.exe", at);
	return companion_start(argv, &s->companion, e);
}

static void
friend_end(void *ctx)
{
	struct self_test *s = ctx;

	companion_end(s->companion);
}

/* What the copy does in the folder that it was started for. */
static int
hold(const char *folder)
{
	const struct fs *fs = fs_real();
	char path[COMPANION_PATH_MAX];
	struct err e;
	int dir = fs_open_root(fs, folder), fd;

	(void)snprintf(path, sizeof(path), "%s/held", folder);
	if (dir < 0 || (fd = at_open(fs, dir, "lock", FS_WRITE, &e)) < 0 ||
	    fs_lock(fs, fd) != 0 || companion_hold(path, &e) != 0)
		return EXIT_FILE_IO;
	companion_wait();
	return EXIT_OK;
}

static const char *
how_key(enum probe_how how)
{
	switch (how) {
	case PROBE_RIGHT:
		return TST002;
	case PROBE_OTHERWISE:
		return TST003;
	case PROBE_UNTRIED:
		return TST004;
	case PROBE_WRONG:
		break;
	}
	return TST005;
}

static void
tell(void *arg, const char *what, enum probe_how how, const struct err *note)
{
	struct self_test *s = arg;
	char words[DETAIL_MAX], detail[DETAIL_MAX];
	enum lang lang = s->speech.lang;

	s->tried += how != PROBE_UNTRIED;
	if (s->speech.quiet && how != PROBE_WRONG)
		return;
	details_text(lang, what, words);
	details_text(lang, note->msg, detail);
	columns_left(stdout, words, WHAT_COLUMNS);
	if (detail[0] == '\0') {
		printf("%s\n", messages_text(lang, how_key(how)));
	} else {
		columns_left(
		    stdout, messages_text(lang, how_key(how)), HOW_COLUMNS);
		printf("%s\n", detail);
	}
	(void)fflush(stdout);
}

static int
self_test(struct self_test *s)
{
	const struct probe_friend friend = {friend_start, friend_end, s};
	struct probe probe = {
	    fs_real(), -1, s->name, &friend, .told = tell, .arg = s};
	char shown[COMPANION_PATH_MAX];
	struct err e;
	int wrong;

	(void)snprintf(s->name, sizeof(s->name), "erpsync-test.%08x",
	    (unsigned)arc4random());
	if ((probe.dir = fs_open_root(probe.fs, s->dir)) < 0) {
		wrong = err_sys(&e, -probe.dir, "open folder", s->dir);
	} else {
		text_escape_rest(shown, sizeof(shown), s->dir);
		if (!s->speech.quiet)
			messages_print(stdout, s->speech.lang, TST001, shown);
		wrong = fs_probe(&probe, &e);
		(void)fs_close(probe.fs, probe.dir);
	}
	if (wrong < 0) {
		messages_plain(stderr, s->speech.lang, &e);
		return failure_exit(e.code);
	}
	if (wrong > 0)
		messages_print(stdout, s->speech.lang, TST007, wrong);
	else if (!s->speech.quiet)
		messages_print(stdout, s->speech.lang, TST006, s->tried);
	return wrong == 0 ? EXIT_OK : EXIT_USAGE;
}

int
cmd_self_test(int argc, char **argv)
{
	struct self_test s;
	struct opt o;

	/* For our own copy, and no option of anybody's. */
	if (argc == 3 && strcmp(argv[1], "--hold") == 0)
		return hold(argv[2]);
	memset(&s, 0, sizeof(s));
	opt_begin(&o, &self_test_command, argc, argv);
	if (opt_parse(&o, &s) == OPT_STOP || !opt_operands(&o, 1, 1))
		return o.exit_code;
	s.speech.lang = o.lang;
	s.dir = argv[o.first];
	return self_test(&s);
}
