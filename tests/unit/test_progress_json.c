/* What a program reads of an update: each line as it is documented, and never
 * too many of them. */
#include "cli/progress/progress_json.h"

#include "cli/progress/progress_internal.h"
#include "cli/progress/progress_state.h"
#include "cli/said.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Lines in memory. */
static FILE *out;
static char *text;
static size_t len;

static void
begin(void)
{
	out = open_memstream(&text, &len);
	cr_assert_not_null(out);
}

static void
end_with(const char *wanted)
{
	(void)fclose(out);
	cr_expect_str_eq(text, wanted, "%s", text);
	free(text);
}

Test(progress_json, the_start_has_the_format)
{
	const struct progress_start all = {"update", "/erp", "erp:2345"};
	const struct progress_start some = {"check", NULL, NULL};

	begin();
	progress_json_start(out, &all);
	progress_json_start(out, &some);
	end_with("{\"type\":\"start\",\"format\":1,\"version\":"
		 "\"" ERPSYNC_VERSION "\",\"command\":\"update\","
		 "\"folder\":\"/erp\",\"server\":\"erp:2345\"}\n"
		 "{\"type\":\"start\",\"format\":1,\"version\":"
		 "\"" ERPSYNC_VERSION "\",\"command\":\"check\","
		 "\"folder\":null,\"server\":null}\n");
}

/* What is not known is null, not a number that looks like one. */
Test(progress_json, a_state_by_its_phase)
{
	struct progress_state s = {
	    .phase = PHASE_CHECK, .path = "dlls/\\033a.dll", .done = 12};

	begin();
	progress_json_state(out, &s);
	s = (struct progress_state){.phase = PHASE_RECEIVE,
	    .path = "b.dll",
	    .files = 2,
	    .files_n = 4,
	    .done = 10,
	    .total = 40,
	    .permille = 259};
	progress_json_state(out, &s);
	s.rate = 5;
	s.has_left = true;
	s.left_s = 6;
	progress_json_state(out, &s);
	s.phase = PHASE_BACKUP;
	s.path[0] = '\0';
	progress_json_state(out, &s);
	s.phase = PHASE_SWAP;
	s.total = 0;
	progress_json_state(out, &s);
	end_with("{\"type\":\"progress\",\"phase\":\"check\","
		 "\"file\":\"dlls/\\\\033a.dll\",\"n\":12,\"of\":null,"
		 "\"percent\":null,\"bytes\":null,\"total_bytes\":null,"
		 "\"bytes_per_second\":null,\"seconds_left\":null}\n"
		 "{\"type\":\"progress\",\"phase\":\"receive\","
		 "\"file\":\"b.dll\",\"n\":2,\"of\":4,"
		 "\"percent\":25,\"bytes\":10,\"total_bytes\":40,"
		 "\"bytes_per_second\":null,\"seconds_left\":null}\n"
		 "{\"type\":\"progress\",\"phase\":\"receive\","
		 "\"file\":\"b.dll\",\"n\":2,\"of\":4,"
		 "\"percent\":25,\"bytes\":10,\"total_bytes\":40,"
		 "\"bytes_per_second\":5,\"seconds_left\":6}\n"
		 "{\"type\":\"progress\",\"phase\":\"backup\","
		 "\"file\":null,\"n\":10,\"of\":40,"
		 "\"percent\":25,\"bytes\":null,\"total_bytes\":null,"
		 "\"bytes_per_second\":null,\"seconds_left\":null}\n"
		 "{\"type\":\"progress\",\"phase\":\"swap\","
		 "\"file\":null,\"n\":10,\"of\":null,"
		 "\"percent\":25,\"bytes\":null,\"total_bytes\":null,"
		 "\"bytes_per_second\":null,\"seconds_left\":null}\n");
}

Test(progress_json, notes_are_one_line_whatever_they_say)
{
	begin();
	progress_json_note(out, true, "a \"b\"\nc");
	progress_json_note(out, false, "ação");
	end_with("{\"type\":\"note\",\"warning\":true,"
		 "\"text\":\"a \\\"b\\\"\\nc\"}\n"
		 "{\"type\":\"note\",\"warning\":false,\"text\":\"ação\"}\n");
}

/* What is answered, how often it is asked, and what that means. */
Test(progress_json, a_question_takes_three_answers_at_most)
{
	static const struct {
		const char *answers;
		size_t asked;
		bool yes;
	} cases[] = {
	    {"y\n", 1, true},
	    {"Sim\r\n", 1, true},
	    {"yes", 1, true},
	    {"n\n", 1, false},
	    {"\n", 1, false},
	    {"", 1, false},
	    {"perhaps\ny\n", 2, true},
	    {"perhaps\n", 2, false},
	    {"a\nb\nc\nyes\n", 3, false},
	};
	size_t i, n;
	const char *p;
	bool yes;
	FILE *in;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin();
		in = tmpfile();
		cr_assert_not_null(in);
		(void)fputs(cases[i].answers, in);
		rewind(in);
		yes = progress_json_ask(out, in, LANG_EN, "", "7.00.2");
		(void)fclose(in);
		(void)fclose(out);
		for (n = 0, p = text; (p = strchr(p, '\n')) != NULL; p++)
			n++;
		cr_expect_eq(yes, cases[i].yes, "%s", cases[i].answers);
		cr_expect_eq(n, cases[i].asked, "%s", cases[i].answers);
		cr_expect_not_null(strstr(text,
		    "{\"type\":\"question\",\"from_build\":null,"
		    "\"to_build\":\"7.00.2\",\"text\":\"Smart Client and "));
		free(text);
	}
}

Test(progress_json, a_result_that_went_well)
{
	const struct said none = {.what = ""};
	const struct progress_result r = {.outcome = PROGRESS_UPDATED,
	    .may_start = true,
	    .from_build = "",
	    .to_build = "7.00.2",
	    .release = "ab",
	    .changes = 3,
	    .sent = 4,
	    .received = 5,
	    .elapsed_ms = 6,
	    .said = &none};

	begin();
	progress_json_result(out, &r);
	end_with("{\"type\":\"result\",\"outcome\":\"updated\","
		 "\"exit_code\":0,\"may_start\":true,\"from_build\":null,"
		 "\"to_build\":\"7.00.2\",\"release\":\"ab\",\"changes\":3,"
		 "\"sent_bytes\":4,\"received_bytes\":5,\"elapsed_ms\":6,"
		 "\"refusal\":null,\"failure\":null}\n");
}

/* The words of all outcomes, which never change. */
Test(progress_json, each_outcome_has_its_word)
{
	static const char *const words[] = {"failed", "updated", "current",
	    "differences", "outdated", "declined", "disabled", "interrupted"};
	const struct said none = {.what = ""};
	struct progress_result r = {.exit_code = 64, .said = &none};
	char wanted[64];
	int i;

	for (i = PROGRESS_FAILED; i <= PROGRESS_INTERRUPTED; i++) {
		r.outcome = (enum progress_outcome)i;
		begin();
		progress_json_result(out, &r);
		(void)fclose(out);
		(void)snprintf(wanted, sizeof(wanted),
		    "\"outcome\":\"%s\",\"exit_code\":64,"
		    "\"may_start\":false,",
		    words[i]);
		cr_expect_not_null(strstr(text, wanted), "%s", text);
		free(text);
	}
}

/* A failure has its code for programs, and the words for people. */
Test(progress_json, a_failure_has_code_and_words)
{
	static const struct {
		struct said said;
		const char *failure;
	} cases[] = {
	    {{"first", "UPD028: no connection: why", "do this"},
		"{\"code\":\"UPD028\",\"headline\":\"first\","
		"\"what\":\"UPD028: no connection: why\","
		"\"what_to_do\":\"do this\"}"},
	    {{"", "no code", ""},
		"{\"code\":null,\"headline\":null,\"what\":\"no code\","
		"\"what_to_do\":null}"},
	    /* One more than a code can have. */
	    {{"", "ABCDEFGHIJKLMNOP: x", ""},
		"{\"code\":null,\"headline\":null,"
		"\"what\":\"ABCDEFGHIJKLMNOP: x\",\"what_to_do\":null}"},
	};
	struct progress_result r = {.refusal = "too much"};
	char wanted[300];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		r.said = &cases[i].said;
		begin();
		progress_json_result(out, &r);
		(void)fclose(out);
		(void)snprintf(wanted, sizeof(wanted),
		    "\"refusal\":\"too much\",\"failure\":%s}\n",
		    cases[i].failure);
		cr_expect_not_null(strstr(text, wanted), "%s", text);
		free(text);
	}
}

static uint64_t now;

static uint64_t
tell_now(void *ctx)
{
	(void)ctx;
	return now;
}

/* Lines of text so far. */
static unsigned
lines(void)
{
	unsigned n = 0;
	const char *p;

	(void)fflush(out);
	for (p = text; p != NULL && (p = strchr(p, '\n')) != NULL; p++)
		n++;
	return n;
}

/* All four phases within the worst second there can be, after a long one: in
 * no second are there more than ten lines, and no phase is left out. */
Test(progress_json, no_more_than_ten_lines_in_a_second)
{
	enum { STEP_MS = 10, STEPS = 300, SECOND = 1000 / STEP_MS };
	const struct clock clock = {.monotonic_ms = tell_now};
	unsigned seen[STEPS + 1] = {0}, most = 0, i;
	struct progress_options opt = {
	    .clock = &clock, .mode = PROGRESS_JSON, .lang = LANG_EN};
	struct erpsync_event ev = {.path = "a"};
	struct erpsync_observer obs;
	struct progress *p;
	struct err e;

	begin();
	opt.out = out;
	now = 1000;
	cr_assert_eq(progress_new(&opt, &p, &e), 0);
	obs = progress_observer(p);
	for (i = 0; i < STEPS; i++) {
		now += STEP_MS;
		ev.kind = i < 20 ? ERPSYNC_EVENT_SCAN
		    : i < 270    ? ERPSYNC_EVENT_RECEIVE
		    : i < 272    ? ERPSYNC_EVENT_BACKUP
				 : ERPSYNC_EVENT_SWAP;
		ev.done = i;
		ev.total = STEPS;
		obs.event(obs.ctx, &ev);
		seen[i + 1] = lines();
	}
	ev.kind = ERPSYNC_EVENT_COMMIT;
	obs.event(obs.ctx, &ev);
	cr_expect_eq(lines(), seen[STEPS], "the end is for the result");
	for (i = 0; i + SECOND <= STEPS; i++)
		if (seen[i + SECOND] - seen[i] > most)
			most = seen[i + SECOND] - seen[i];
	cr_expect_leq(most, 10);
	cr_expect_geq(most, 6);
	progress_free(p);
	(void)fclose(out);
	cr_expect_not_null(strstr(text, "\"phase\":\"check\""));
	cr_expect_not_null(strstr(text, "\"phase\":\"receive\""));
	cr_expect_not_null(strstr(text, "\"phase\":\"backup\""));
	cr_expect_not_null(strstr(text, "\"phase\":\"swap\""));
	free(text);
}
