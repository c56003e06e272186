/*
 * Beside progress_bar.c and progress_lines.c: the state as lines that another
 * program reads.
 */
#include "cli/progress/progress_json.h"

#include "cli/progress/progress_internal.h"
#include "cli/report/json_put.h"
#include "cli/said.h"
#include "engine/base/clock.h"

#include <string.h>

/* Between two lines of one phase.  With the four that begin a phase, which are
 * never held back, there are not more than ten in any second. */
enum { LINE_MS = 170, ASK_TRIES = 3, CODE_MAX = 16 };

/* Write o, which it takes, unless something of it could not be made. */
static void
write_line(FILE *out, json_t *o, bool is_whole)
{
	if (is_whole && json_dumpf(o, out, JSON_COMPACT) == 0)
		(void)fputc('\n', out);
	(void)fflush(out);
	json_decref(o);
}

static json_t *
text_or_null(const char *text)
{
	return json_put_text(text != NULL && text[0] != '\0' ? text : NULL);
}

/* null where it is not known. */
static json_t *
number_if(bool is_known, uint64_t n)
{
	return is_known ? json_put_number(n) : json_null();
}

void
progress_json_start(FILE *out, const struct progress_start *s)
{
	json_t *o = json_object();

	write_line(out, o,
	    json_put(o, "type", json_put_text("start")) &&
		json_put(o, "format", json_put_number(PROGRESS_JSON_FORMAT)) &&
		json_put(o, "version", json_put_text(ERPSYNC_VERSION)) &&
		json_put(o, "command", json_put_text(s->command)) &&
		json_put(o, "folder", text_or_null(s->folder)) &&
		json_put(o, "server", text_or_null(s->server)));
}

static const char *const phase_words[] = {
    [PHASE_NONE] = "check",
    [PHASE_CHECK] = "check",
    [PHASE_RECEIVE] = "receive",
    [PHASE_BACKUP] = "backup",
    [PHASE_SWAP] = "swap",
    [PHASE_DONE] = "swap",
};

void
progress_json_state(FILE *out, const struct progress_state *s)
{
	bool receives = s->phase == PHASE_RECEIVE;
	bool is_counted = s->phase != PHASE_CHECK;
	uint64_t of = receives ? progress_state_files(s) : s->total;
	json_t *o = json_object();

	write_line(out, o,
	    json_put(o, "type", json_put_text("progress")) &&
		json_put(o, "phase", json_put_text(phase_words[s->phase])) &&
		json_put(o, "file", text_or_null(s->path)) &&
		json_put(
		    o, "n", json_put_number(receives ? s->files : s->done)) &&
		json_put(o, "of", number_if(is_counted && of > 0, of)) &&
		json_put(
		    o, "percent", number_if(is_counted, s->permille / 10)) &&
		json_put(o, "bytes", number_if(receives, s->done)) &&
		json_put(o, "total_bytes", number_if(receives, s->total)) &&
		json_put(o, "bytes_per_second",
		    number_if(receives && s->rate > 0, s->rate)) &&
		json_put(o, "seconds_left",
		    number_if(receives && s->has_left, s->left_s)));
}

void
progress_json_note(FILE *out, bool is_warning, const char *line)
{
	json_t *o = json_object();

	write_line(out, o,
	    json_put(o, "type", json_put_text("note")) &&
		json_put(o, "warning", json_boolean(is_warning)) &&
		json_put(o, "text", json_put_text(line)));
}

bool
progress_json_ask(FILE *out, FILE *in, enum lang lang, const char *from_build,
    const char *to_build)
{
	int try, answer = ANSWER_NEITHER;
	json_t *o;

	for (try = 0; try < ASK_TRIES && answer == ANSWER_NEITHER; try++) {
		o = json_object();
		write_line(out, o,
		    json_put(o, "type", json_put_text("question")) &&
			json_put(o, "from_build", text_or_null(from_build)) &&
			json_put(o, "to_build", text_or_null(to_build)) &&
			json_put(
			    o, "text", json_put_text(messages_text(lang, K1))));
		answer = messages_answer(in);
	}
	return answer == ANSWER_YES;
}

/* What was said of a failure; its code, as UPD028, is in front of what. */
static json_t *
failure_json(const struct said *said)
{
	size_t n = strcspn(said->what, ":");
	char code[CODE_MAX] = "";
	json_t *o;

	if (said->what[0] == '\0')
		return json_null();
	if (n < sizeof(code) && said->what[n] == ':')
		memcpy(code, said->what, n);
	o = json_object();
	if (json_put(o, "code", text_or_null(code)) &&
	    json_put(o, "headline", text_or_null(said->first)) &&
	    json_put(o, "what", json_put_text(said->what)) &&
	    json_put(o, "what_to_do", text_or_null(said->act)))
		return o;
	json_decref(o);
	return NULL;
}

static const char *const outcome_words[] = {
    [PROGRESS_FAILED] = "failed",
    [PROGRESS_UPDATED] = "updated",
    [PROGRESS_CURRENT] = "current",
    [PROGRESS_DIFFERENCES] = "differences",
    [PROGRESS_OUTDATED] = "outdated",
    [PROGRESS_DECLINED] = "declined",
    [PROGRESS_DISABLED] = "disabled",
    [PROGRESS_INTERRUPTED] = "interrupted",
};

void
progress_json_result(FILE *out, const struct progress_result *r)
{
	json_t *o = json_object();

	write_line(out, o,
	    json_put(o, "type", json_put_text("result")) &&
		json_put(
		    o, "outcome", json_put_text(outcome_words[r->outcome])) &&
		json_put(
		    o, "exit_code", json_put_number((uint64_t)r->exit_code)) &&
		json_put(o, "may_start", json_boolean(r->may_start)) &&
		json_put(o, "from_build", text_or_null(r->from_build)) &&
		json_put(o, "to_build", text_or_null(r->to_build)) &&
		json_put(o, "release", text_or_null(r->release)) &&
		json_put(o, "changes", json_put_number(r->changes)) &&
		json_put(o, "sent_bytes", json_put_number(r->sent)) &&
		json_put(o, "received_bytes", json_put_number(r->received)) &&
		json_put(o, "elapsed_ms", json_put_number(r->elapsed_ms)) &&
		json_put(o, "refusal", text_or_null(r->refusal)) &&
		json_put(o, "failure", failure_json(r->said)));
}

static void
json_show(void *ctx, const struct progress_state *s, bool begins)
{
	struct progress_terminal *t = ctx;
	uint64_t now = clock_ms(t->clock);

	if (s->phase == PHASE_DONE || (!begins && now - t->drawn_ms < LINE_MS))
		return;
	progress_json_state(t->out, s);
	t->drawn_ms = now;
}

static void
json_note(void *ctx, bool is_warning, const char *line)
{
	const struct progress_terminal *t = ctx;

	progress_json_note(t->out, is_warning, line);
}

struct progress_sink
progress_json_sink(struct progress_terminal *t)
{
	return (struct progress_sink){json_show, NULL, json_note, t};
}
