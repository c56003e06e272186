/* The window as another program draws it: what it is told, its answers, and
 * that its absence or death is nobody's trouble.  A script takes zenity's
 * place: it keeps its arguments and what it reads, and ends as it is told. */
#include "cli/window/window.h"

#include "cli/window/window_text.h"
#include "engine/base/clock.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_CAP = 16384, PATIENCE_MS = 10 * 1000 };

static char dir[] = "/tmp/erpsync-window.XXXXXX";

/* A zenity that runs these commands of a shell. */
static void
zenity_begin(const char *commands)
{
	char path[PATH_MAX];
	FILE *f;

	cr_assert_not_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/zenity", dir);
	f = fopen(path, "w");
	cr_assert_not_null(f);
	fprintf(f,
	    "#!/bin/sh\ncd %s\nfor i in \"$@\"; do echo \"$i\"; done "
	    ">>args\n%s\n",
	    dir, commands);
	(void)fclose(f);
	cr_assert_eq(chmod(path, 0755), 0);
	(void)snprintf(path, sizeof(path), "%s:/usr/bin:/bin", dir);
	(void)setenv("PATH", path, 1);
	(void)setenv("DISPLAY", ":none", 1);
}

static void
zenity_end(void)
{
	char command[PATH_MAX];

	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	cr_expect_eq(system(command), 0);
}

/* What it has kept. */
static const char *
kept(const char *name, char text[TEXT_CAP])
{
	char path[PATH_MAX];
	size_t n = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	if (f != NULL) {
		n = fread(text, 1, TEXT_CAP - 1, f);
		(void)fclose(f);
	}
	text[n] = '\0';
	return text;
}

/* Wait until a file of it has this. */
static bool
has(struct window *w, const char *name, const char *wanted)
{
	char text[TEXT_CAP];
	unsigned ms;

	for (ms = 0; ms < PATIENCE_MS; ms += 20) {
		if (strstr(kept(name, text), wanted) != NULL)
			return true;
		(void)window_is_cancelled(w);
		clock_sleep_ms(NULL, 20);
	}
	cr_log_error("%s has: %s", name, text);
	return false;
}

static struct progress_state
receiving(void)
{
	struct progress_state s;

	memset(&s, 0, sizeof(s));
	s.phase = PHASE_RECEIVE;
	(void)strcpy(s.path, "a\\033b.dll");
	s.done = 512 * 1024;
	s.total = 1024 * 1024;
	s.permille = 500;
	return s;
}

static const struct window_failure failure = {.headline = "headline",
    .what = "UPD028: what",
    .act = "act",
    .details = "line 1\nline 2\n"};
static const struct window_question question = {
    "incompatible & <old>", "versions", "consequence"};

Test(window, none_where_none_can_be)
{
	struct window *w;

	cr_expect_null(window_new(WINDOW_NEVER, LANG_EN, ""));
	(void)unsetenv("DISPLAY");
	(void)unsetenv("WAYLAND_DISPLAY");
	cr_expect_null(window_new(WINDOW_ALWAYS, LANG_EN, ""));
	(void)setenv("WAYLAND_DISPLAY", "wayland-0", 1);
	(void)setenv("PATH", "/nonexistent", 1);
	w = window_new(WINDOW_ALWAYS, LANG_EN, "");
	cr_expect_null(w);
	window_free(w, true);
}

/* Is there a window by itself, for who has no terminal and these streams? */
static bool
opens(int out, int err)
{
	int status = 0;

	if (fork() == 0) {
		(void)setsid();
		(void)dup2(out, STDOUT_FILENO);
		(void)dup2(err, STDERR_FILENO);
		_exit(window_new(WINDOW_AUTO, LANG_EN, "") != NULL ? 7 : 8);
	}
	cr_assert_gt(wait(&status), 0);
	cr_assert(WIFEXITED(status));
	return WEXITSTATUS(status) == 7;
}

Test(window, auto_is_for_who_has_no_console)
{
	int null = open("/dev/null", O_RDWR), ends[2];

	zenity_begin("exit 1");
	cr_assert_eq(pipe(ends), 0);
	/* Without a terminal of its own, as from a desktop. */
	cr_expect(opens(null, null));
	/* What goes into a pipe is read. */
	cr_expect_not(opens(ends[1], null));
	cr_expect_not(opens(null, ends[1]));
	(void)close(ends[0]);
	(void)close(ends[1]);
	(void)close(null);
	zenity_end();
}

/* Its Cancel, and until that is noticed. */
static void
press_cancel(struct window *w)
{
	struct progress_state s = receiving();
	struct progress_sink sink = window_sink(w);
	char path[PATH_MAX];
	unsigned ms;

	(void)snprintf(path, sizeof(path), "%s/cancel", dir);
	(void)close(open(path, O_CREAT | O_WRONLY, 0600));
	for (ms = 0; ms < PATIENCE_MS && !window_is_cancelled(w); ms += 20) {
		s.done += 10 * 1024;
		sink.show(sink.ctx, &s, false);
		clock_sleep_ms(NULL, 20);
	}
}

Test(window, tells_the_progress_and_sees_a_cancel)
{
	struct progress_state s = receiving();
	struct progress_sink sink;
	struct window *w;

	zenity_begin("while IFS= read -r line; do\n"
		     "printf '%s\\n' \"$line\" >>said\n"
		     "[ ! -e cancel ] || exit $ZENITY_CANCEL; done");
	w = window_new(WINDOW_ALWAYS, LANG_PT, "erp:2345");
	cr_assert_not_null(w);
	sink = window_sink(w);
	cr_expect(!window_is_cancelled(w));
	cr_expect(has(w, "said", "pulsate:true"));
	cr_expect(has(w, "said", "erp:2345"));
	sink.show(sink.ctx, &s, true);
	cr_expect(has(w, "said", "pulsate:false"));
	cr_expect(has(w, "said", "50"));
	/* A backslash is one, whatever stands behind it. */
	cr_expect(has(w, "said", "Baixando arquivos...\\na\\\\033b.dll\\n"));
	sink.note(sink.ctx, true, "um aviso");
	cr_expect(has(w, "said", "um aviso"));
	cr_expect(has(w, "args", "--cancel-label=Cancelar\n"));
	press_cancel(w);
	cr_expect(window_is_cancelled(w));
	window_free(w, false);
	zenity_end();
}

Test(window, its_death_cancels_nothing)
{
	struct progress_state s = receiving();
	struct progress_sink sink;
	struct window *w;
	unsigned ms;

	zenity_begin("exit 1");
	w = window_new(WINDOW_ALWAYS, LANG_EN, "");
	cr_assert_not_null(w);
	sink = window_sink(w);
	for (ms = 0; ms < 900; ms += 20) {
		s.done++;
		sink.show(sink.ctx, &s, false);
		cr_assert(!window_is_cancelled(w));
		clock_sleep_ms(NULL, 20);
	}
	window_free(w, true);
	zenity_end();
}

Test(window, a_reader_that_stops_is_not_waited_for)
{
	struct progress_state s = receiving();
	uint64_t began = clock_ms(clock_real());
	struct progress_sink sink;
	struct window *w;
	unsigned i;

	zenity_begin("exec sleep 60");
	w = window_new(WINDOW_ALWAYS, LANG_EN, "");
	cr_assert_not_null(w);
	sink = window_sink(w);
	for (i = 0; i < 800; i++) {
		s.done++;
		sink.show(sink.ctx, &s, false);
		clock_sleep_ms(NULL, 1);
	}
	window_free(w, false);
	cr_expect_lt(clock_ms(clock_real()) - began, 30000);
	zenity_end();
}

static int
ask(const char *commands)
{
	struct window *w;
	int answer;

	zenity_begin(commands);
	w = window_new(WINDOW_ALWAYS, LANG_PT, "");
	cr_assert_not_null(w);
	answer = window_ask(w, &question);
	cr_expect(has(w, "args", "--question\n"));
	cr_expect(has(w, "args", "--no-markup\n"));
	cr_expect(has(w, "args", "--ok-label=_Sim\n"));
	cr_expect(has(w, "args", "--cancel-label=_Não\n"));
	cr_expect(has(w, "args",
	    "--text=incompatible & <old>\n\nversions\n\nconsequence\n"));
	window_free(w, false);
	zenity_end();
	return answer;
}

Test(window, a_yes)
{
	cr_expect_eq(ask("exit 0"), 1);
}

Test(window, a_no)
{
	cr_expect_eq(ask("exit $ZENITY_CANCEL"), 0);
}

Test(window, esc_is_a_no)
{
	cr_expect_eq(ask("exit $ZENITY_ESC"), 0);
}

Test(window, no_screen_is_no_answer)
{
	cr_expect_eq(ask("exit 1"), -1);
}

Test(window, a_failure_with_its_details)
{
	struct window *w;

	zenity_begin("case $1 in --error) exit $ZENITY_EXTRA ;;\n"
		     "*) cat >copied ;; esac");
	w = window_new(WINDOW_ALWAYS, LANG_PT, "");
	cr_assert_not_null(w);
	window_fail(w, &failure, 0);
	cr_expect(has(w, "args", "--text=headline\n\nUPD028: what\n\nact\n"));
	cr_expect(has(w, "args", "--extra-button=_Detalhes\n"));
	cr_expect(has(w, "args", "--ok-label=Fechar\n"));
	cr_expect(has(w, "args", "--text-info\n"));
	cr_expect(has(w, "copied", "line 1\nline 2\n"));
	window_free(w, false);
	zenity_end();
}

Test(window, a_failure_that_nobody_reads_ends)
{
	uint64_t began = clock_ms(clock_real());
	struct window *w;

	zenity_begin("exec sleep 60");
	w = window_new(WINDOW_ALWAYS, LANG_EN, "");
	cr_assert_not_null(w);
	window_fail(w, &failure, 300);
	window_free(w, false);
	cr_expect_lt(clock_ms(clock_real()) - began, 30000);
	zenity_end();
}
