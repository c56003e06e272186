/* What a person sees of an update: monotone, not too often, in the width
 * there is, and safe to print. */
#include "cli/progress/progress_internal.h"

#include "cli/report/columns.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "transport/api/erpsync.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* A progress on a memory stream with a clock that the test sets. */
struct scene {
	uint64_t now;
	struct clock clock;
	struct progress *p;
	struct erpsync_observer obs;
	FILE *out;
	char *text;
	size_t len;
};

static uint64_t
scene_now(void *ctx)
{
	const struct scene *s = ctx;

	return s->now;
}

static void
scene_begin(struct scene *s, enum progress_mode mode, unsigned width)
{
	struct progress_options opt;
	struct err e;

	memset(s, 0, sizeof(*s));
	s->now = 1000;
	s->clock.monotonic_ms = scene_now;
	s->clock.ctx = s;
	s->out = open_memstream(&s->text, &s->len);
	cr_assert_not_null(s->out);
	opt = (struct progress_options){.out = s->out,
	    .clock = &s->clock,
	    .folder = "/erp",
	    .mode = mode,
	    .lang = LANG_EN,
	    .width = width};
	cr_assert_eq(progress_new(&opt, &s->p, &e), 0);
	s->obs = progress_observer(s->p);
}

static void
scene_end(struct scene *s)
{
	progress_free(s->p);
	(void)fclose(s->out);
	free(s->text);
}

static void
tell(struct scene *s, enum erpsync_event_kind kind, const char *path,
    uint64_t done, uint64_t total)
{
	struct erpsync_event ev = {kind, path, NULL, done, total};

	s->obs.event(s->obs.ctx, &ev);
}

static const char *
scene_text(struct scene *s)
{
	(void)fflush(s->out);
	return s->text;
}

Test(progress, plain_lines_for_phases_and_tenths)
{
	struct scene s;
	uint64_t i;

	scene_begin(&s, PROGRESS_LINES, 0);
	for (i = 0; i < 50; i++)
		tell(&s, ERPSYNC_EVENT_SCAN, NULL, i, 0);
	tell(&s, ERPSYNC_EVENT_HASH, "a.dll", 10, 10);
	tell(&s, ERPSYNC_EVENT_PLAN, NULL, 2, 1000);
	for (i = 0; i <= 1000; i += 5) {
		s.now += 50;
		tell(&s, ERPSYNC_EVENT_RECEIVE, i < 300 ? "a.dll" : "b.exe", i,
		    1000);
	}
	for (i = 0; i <= 9; i++)
		tell(&s, ERPSYNC_EVENT_BACKUP, "a.dll", i, 9);
	tell(&s, ERPSYNC_EVENT_SWAP, "a.dll", 1, 2);
	tell(&s, ERPSYNC_EVENT_SWAP, "b.exe", 2, 2);
	tell(&s, ERPSYNC_EVENT_COMMIT, NULL, 0, 0);
	cr_assert_str_eq(scene_text(&s),
	    "Checking files...\n"
	    "Downloading a.dll (1 of 2, 0%, --:-- left)\n"
	    "Downloading a.dll (1 of 2, 10%, 0:09 left)\n"
	    "Downloading a.dll (1 of 2, 20%, 0:08 left)\n"
	    "Downloading b.exe (2 of 2, 30%, 0:07 left)\n"
	    "Downloading b.exe (2 of 2, 40%, 0:06 left)\n"
	    "Downloading b.exe (2 of 2, 50%, 0:05 left)\n"
	    "Downloading b.exe (2 of 2, 60%, 0:04 left)\n"
	    "Downloading b.exe (2 of 2, 70%, 0:03 left)\n"
	    "Downloading b.exe (2 of 2, 80%, 0:02 left)\n"
	    "Downloading b.exe (2 of 2, 90%, 0:01 left)\n"
	    "Downloading b.exe (2 of 2, 100%, 0:00 left)\n"
	    "Creating backup in /erp\n"
	    "Applying update. Do not turn off the computer.\n");
	scene_end(&s);
}

Test(progress, quiet_tells_only_warnings)
{
	struct scene s;
	struct erpsync_event warn = {
	    ERPSYNC_EVENT_WARN, "x\033[1m", "is odd\n", 0, 0};

	scene_begin(&s, PROGRESS_QUIET, 0);
	tell(&s, ERPSYNC_EVENT_SCAN, NULL, 1, 0);
	tell(&s, ERPSYNC_EVENT_RECEIVE, "a", 1, 2);
	tell(&s, ERPSYNC_EVENT_RECOVER, NULL, 0, 0);
	tell(&s, ERPSYNC_EVENT_RETRY, "a", 0, 0);
	s.obs.event(s.obs.ctx, &warn);
	/* A text that begins with the path does not have it twice. */
	warn.path = "lib";
	warn.text = "lib: leads away";
	s.obs.event(s.obs.ctx, &warn);
	warn.path = "li";
	s.obs.event(s.obs.ctx, &warn);
	tell(&s, ERPSYNC_EVENT_COMMIT, NULL, 0, 0);
	cr_assert_str_eq(scene_text(&s),
	    "Warning: x\\033[1m: is odd\\n\n"
	    "Warning: lib: leads away\nWarning: li: lib: leads away\n");
	scene_end(&s);
}

/* The percentages of all bars drawn so far must not fall; their number. */
static size_t
bars_check(const char *text, const char *label, unsigned width)
{
	size_t n = 0, len;
	const char *p = text;
	char line[600];
	long last = 0, v;

	while ((p = strchr(p, '\r')) != NULL) {
		p++;
		len = strcspn(p, "\033\r\n");
		cr_assert(len < sizeof(line));
		memcpy(line, p, len);
		line[len] = '\0';
		cr_assert_lt(columns_of(line), width, "%s", line);
		if (strncmp(line, label, strlen(label)) != 0)
			continue;
		v = strtol(line + strlen(label), NULL, 10);
		cr_assert_geq(v, last, "%s", line);
		last = v;
		n++;
	}
	return n;
}

Test(progress, a_bar_never_goes_back_nor_too_fast)
{
	static const unsigned widths[] = {1, 2, 20, 40, 60, 80, 200, 9999};
	struct scene s;
	uint64_t i, done;
	size_t w, n;

	for (w = 0; w < sizeof(widths) / sizeof(widths[0]); w++) {
		scene_begin(&s, PROGRESS_BAR, widths[w]);
		tell(&s, ERPSYNC_EVENT_PLAN, NULL, 3, 4000);
		/* Ten seconds, a hundred events each, and some lie: they go
		 * back, or name a total that grows. */
		for (i = 0; i < 1000; i++) {
			s.now += 10;
			done = i % 7 == 0 ? i * 2 : i * 4;
			tell(&s, ERPSYNC_EVENT_RECEIVE,
			    "a/rather/long/path/of/a/library/átomo.dll", done,
			    i > 500 ? 4200 : 4000);
		}
		n = bars_check(scene_text(&s), "Downloading ",
		    widths[w] < 2 ? 2 : widths[w]);
		cr_assert_leq(n, 101);
		if (widths[w] >= 20)
			cr_assert_geq(n, 95);
		scene_end(&s);
	}
}

Test(progress, the_bar_shows_files_bytes_rate_and_time)
{
	struct scene s;
	int i;

	scene_begin(&s, PROGRESS_BAR, 120);
	tell(&s, ERPSYNC_EVENT_PLAN, NULL, 4, 40 << 20);
	tell(&s, ERPSYNC_EVENT_RECEIVE, "a.dll", 0, 40 << 20);
	for (i = 1; i <= 10; i++) {
		s.now += 1000;
		tell(&s, ERPSYNC_EVENT_RECEIVE, "dlls/b.dll", (uint64_t)i << 20,
		    40 << 20);
	}
	progress_end_line(s.p);
	cr_assert_not_null(strstr(scene_text(&s),
	    "\rDownloading  25% [#######-----------------------] 2/4  "
	    "10.0 MB/40.0 MB  1.0 MB/s  0:30 left  dlls/b.dll\033[K\n"));
	scene_end(&s);
}

/* Each phase in each language, and what is known of it. */
Test(progress, the_bar_speaks_the_language)
{
	static const struct {
		enum lang lang;
		enum phase phase;
		const char *want;
	} cases[] = {
	    {LANG_PT, PHASE_CHECK, "Verificando arquivos 10"},
	    {LANG_ES, PHASE_CHECK, "Verificando archivos 10"},
	    {LANG_PT, PHASE_RECEIVE,
		"Baixando  25% [####--------------] 2/4  10 B/40 B  5 B/s  "
		"restam 1:10"},
	    {LANG_ES, PHASE_RECEIVE,
		"Descargando  25% [###------------] 2/4  10 B/40 B  5 B/s  "
		"faltan 1:10"},
	    {LANG_PT, PHASE_BACKUP,
		"Copiando (segurança)  25% [#######-----------------------] "
		"10/40"},
	    {LANG_ES, PHASE_BACKUP,
		"Copiando (seguridad)  25% [#######-----------------------] "
		"10/40"},
	    {LANG_PT, PHASE_SWAP,
		"Aplicando  25% [#######-----------------------] 10/40"},
	    {LANG_ES, PHASE_SWAP,
		"Aplicando  25% [#######-----------------------] 10/40"},
	};
	struct progress_state s = {.files = 2,
	    .files_n = 4,
	    .done = 10,
	    .total = 40,
	    .permille = 250,
	    .rate = 5,
	    .has_left = true,
	    .left_s = 70};
	char line[PROGRESS_LINE_MAX];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s.phase = cases[i].phase;
		progress_bar(&s, cases[i].lang, 70, line, sizeof(line));
		cr_expect_str_eq(line, cases[i].want, "%s", line);
	}
}

/* In few columns fields go as a whole. */
Test(progress, a_narrow_bar_has_fewer_fields)
{
	static const struct {
		unsigned width;
		const char *want;
	} cases[] = {{59,
			 "Downloading  25% 2/4  10.0 MB/40.0 MB  1.0 MB/s  "
			 "0:30 left"},
	    {58, "Downloading  25% 2/4  10.0 MB/40.0 MB  0:30 left"},
	    {40, "Downloading  25% 2/4  0:30 left"},
	    {30, "Downloading  25% 0:30 left"}, {20, "Downloading  25%"},
	    {16, "25% 0:30 left"}, {8, "25%"}, {3, ""}};
	struct progress_state s = {.phase = PHASE_RECEIVE,
	    .files = 2,
	    .files_n = 4,
	    .done = 10 << 20,
	    .total = 40 << 20,
	    .permille = 250,
	    .rate = 1 << 20,
	    .has_left = true,
	    .left_s = 30};
	char line[PROGRESS_LINE_MAX];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		progress_bar(&s, LANG_EN, cases[i].width, line, sizeof(line));
		cr_expect_str_eq(
		    line, cases[i].want, "%u: %s", cases[i].width, line);
	}
}

/* One that could not be made is none. */
Test(progress, none_is_ended_and_cancels_nothing)
{
	progress_free(NULL);
	cr_expect_not(progress_is_cancelled(NULL));
}

Test(progress, notes_take_the_place_of_the_bar)
{
	struct scene s;
	struct erpsync_event retry = {
	    ERPSYNC_EVENT_RETRY, "a", "the hash is wrong", 0, 0};

	scene_begin(&s, PROGRESS_BAR, 40);
	tell(&s, ERPSYNC_EVENT_SWAP, NULL, 1, 2);
	s.obs.event(s.obs.ctx, &retry);
	tell(&s, ERPSYNC_EVENT_RECEIVE, "late", 1, 2);
	s.now += 1000;
	tell(&s, ERPSYNC_EVENT_SWAP, NULL, 2, 2);
	tell(&s, ERPSYNC_EVENT_COMMIT, NULL, 0, 0);
	cr_assert_str_eq(scene_text(&s),
	    "\rApplying  50% [#########----------] 1/2\033[K"
	    "\r\033[KFetching again: a: the hash is wrong\n"
	    "\rApplying 100% [###################] 2/2\033[K\n");
	scene_end(&s);
}

Test(progress, long_paths_lose_their_front)
{
	struct scene s;

	scene_begin(&s, PROGRESS_BAR, 40);
	tell(&s, ERPSYNC_EVENT_SCAN, NULL, 12, 0);
	s.now += 1000;
	tell(&s, ERPSYNC_EVENT_HASH,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaa/\001\xc3\xa7.dll", 1, 2);
	cr_assert_str_eq(scene_text(&s),
	    "\rChecking files 12\033[K"
	    "\rChecking files 12  ...aaaaaaa/\\001\xc3\xa7.dll\033[K");
	scene_end(&s);
}

/* The columns that a bar of this width leaves for a path of n. */
static size_t
shown_of(unsigned width, size_t n)
{
	char path[100] = "";
	const char *at;
	struct scene s;
	size_t shown;

	memset(path, 'b', n);
	scene_begin(&s, PROGRESS_BAR, width);
	tell(&s, ERPSYNC_EVENT_SCAN, NULL, 12, 0);
	s.now += 1000;
	tell(&s, ERPSYNC_EVENT_HASH, path, 1, 2);
	at = strrchr(scene_text(&s), '\r');
	cr_assert_not_null(at);
	if ((at = strchr(at, 'b')) == NULL)
		shown = 0;
	else
		shown = strspn(at, "b");
	scene_end(&s);
	return shown;
}

/* "Checking files 12" takes 17, two blanks are before the path, and the last
 * column stays free. */
Test(progress, a_path_is_whole_where_it_fits_and_none_where_little_does)
{
	cr_expect_eq(shown_of(40, 19), 19);
	cr_expect_eq(shown_of(40, 20), 20);
	cr_expect_eq(shown_of(40, 21), 17);
	cr_expect_eq(shown_of(32, 30), 9);
	cr_expect_eq(shown_of(31, 30), 0);
}
