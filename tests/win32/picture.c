/*
 * The window as the pictures of the manual show it: with a given state, until
 * Esc is pressed.  tests/win32/pictures takes them.
 */
#include "tests/win32/picture.h"

#include "cli/window/window.h"
#include "cli/window/window_text.h"
#include "engine/base/wide_win32.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_MS = 20 * 1000, LOOK_MS = 50 };

#define MIB ((uint64_t)1024 * 1024)

static void
show_progress(struct window *w, const char *page)
{
	struct progress_sink sink = window_sink(w);
	struct progress_state s;
	unsigned ms;

	memset(&s, 0, sizeof(s));
	if (strcmp(page, "check") == 0) {
		s.phase = PHASE_CHECK;
		s.done = 214;
		(void)strcpy(s.path, "dlls/qt5webenginecore.dll");
	} else {
		s.phase = PHASE_RECEIVE;
		s.files = 12;
		s.files_n = 40;
		s.done = 34 * MIB + MIB / 5;
		s.total = 55 * MIB;
		s.permille = 621;
		s.rate = 2 * MIB + MIB / 10;
		s.has_left = true;
		s.left_s = 10;
		(void)strcpy(s.path, "dlls/platforms/qwindows.dll");
	}
	sink.show(sink.ctx, &s, true);
	for (ms = 0; ms < SHOWN_MS && !window_is_cancelled(w); ms += LOOK_MS)
		Sleep(LOOK_MS);
}

static void
show_failure(struct window *w, enum lang lang)
{
	static const struct window_place place = {"CAIXA-07",
	    "C:\\ERP\\smartclient", "erp.example:2345", "2026-11-28 09:15:00",
	    35};
	struct window_failure f;
	struct said said;

	memset(&said, 0, sizeof(said));
	said_advice(&said, lang, K2, (struct advice){UPD028, DO028},
	    "connect to erp.example:2345: Connection refused");
	window_failure(&said, &place, false, lang, &f);
	window_fail(w, &f, SHOWN_MS);
}

int
picture_main(int argc, char **argv)
{
	struct window_question q;
	enum lang lang = LANG_PT;
	struct window *w;

	if (argc < 2 || !lang_of_name(argv[1], &lang) ||
	    (w = window_new(WINDOW_ALWAYS, lang, "erp.example:2345")) == NULL)
		return 1;
	window_question("7.00.170117A", "7.00.191205P", lang, &q);
	if (strcmp(argv[0], "question") == 0)
		(void)window_ask(w, &q);
	else if (strcmp(argv[0], "failure") == 0)
		show_failure(w, lang);
	else
		show_progress(w, argv[0]);
	window_free(w, false);
	return 0;
}
