/*
 * How findings are told: under the doctor's two rounds, doctor_dir.c and
 * doctor_config.c, above the messages.
 */
#include "cli/doctor/doctor.h"

#include "cli/messages/details.h"
#include "cli/messages/figures.h"
#include "cli/paint.h"
#include "cli/report/columns.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/text.h"
#include "engine/base/who.h"
#include "transport/api/erpsync.h"

#include <string.h>

enum { WHAT_COLUMNS = 24, HOW_COLUMNS = 11, NAME_BYTES = 256, HOW_BYTES = 64 };

int
doctor_parse(struct doctor_options *opt, struct opt *o,
    const struct opt_command *command, int argc, char **argv)
{
	memset(opt, 0, sizeof(*opt));
	opt_begin(o, command, argc, argv);
	if (opt_parse(o, opt) == OPT_STOP || !opt_operands(o, 0, 0))
		return OPT_STOP;
	opt->speech.lang = o->lang;
	return OPT_END;
}

void
doctor_begin(struct doctor *d, FILE *out, const struct opt_speech *speech,
    const char *of)
{
	char user[NAME_BYTES], host[NAME_BYTES], shown[DETAIL_MAX];
	char now[FIGURES_MAX];

	*d = (struct doctor){
	    .out = out, .lang = speech->lang, .quiet = speech->quiet};
	if (d->quiet)
		return;
	who_user(user, sizeof(user));
	who_host(host, sizeof(host));
	text_escape(shown, sizeof(shown), of);
	figures_time(now, clock_s(clock_real()));
	messages_print(
	    out, d->lang, DOC001, shown, ERPSYNC_VERSION, user, host, now);
}

/* Its line; which words of a terminal are coloured the how tells. */
static void
line(struct doctor *d, const char *what, const char *how, const char *detail)
{
	char padded[HOW_BYTES];
	const char *word = messages_text(d->lang, how);
	size_t n = columns_of(word);
	bool is_wrong = strcmp(how, TST005) == 0;

	if (d->quiet && !is_wrong)
		return;
	columns_left(d->out, messages_text(d->lang, what), WHAT_COLUMNS);
	(void)snprintf(padded, sizeof(padded), " %s%*s", word,
	    detail[0] == '\0' || n >= HOW_COLUMNS ? 0 : (int)(HOW_COLUMNS - n),
	    "");
	if (is_wrong || strcmp(how, DOC002) == 0)
		paint_print(
		    d->out, is_wrong ? PAINT_BAD : PAINT_WARNING, padded);
	else
		fputs(padded, d->out);
	fprintf(d->out, detail[0] == '\0' ? "\n" : " %s\n", detail);
	(void)fflush(d->out);
}

void
doctor_right(struct doctor *d, const char *what, const char *detail)
{
	d->right++;
	line(d, what, TST002, detail);
}

void
doctor_warn(struct doctor *d, const char *what, const char *detail)
{
	char text[DETAIL_MAX];

	d->warned++;
	details_text(d->lang, detail, text);
	line(d, what, DOC002, text);
}

void
doctor_note(void *ctx, const struct erpsync_event *ev)
{
	struct doctor *d = ctx;

	if (d->is_asking && ev->kind == ERPSYNC_EVENT_WARN && ev->path == NULL)
		doctor_warn(d, DOC019, ev->text);
}

void
doctor_untried(struct doctor *d, const char *what, const char *why)
{
	line(d, what, TST004, messages_text(d->lang, why));
}

/* Its detail and what to do are in the person's language. */
static void
tell_fault(struct doctor *d, const char *what, const struct doctor_fault *f,
    char *text, const char *act)
{
	char whole[2 * DETAIL_MAX];

	messages_cut_said(d->lang, f->advice.what, text);
	if (d->wrong++ == 0)
		d->exit_code = f->exit_code;
	(void)snprintf(whole, sizeof(whole), "%s%s%s",
	    messages_coded(d->lang, f->advice.what),
	    text[0] != '\0' ? ": " : "", text);
	line(d, what, TST005, whole);
	fputs("    ", d->out);
	messages_print(d->out, d->lang, CLI009, act);
	(void)fflush(d->out);
}

/* Nothing is received here that another try would go on from. */
static const char *
act_of(struct advice advice)
{
	return strcmp(advice.act, DO029) == 0 ? DO028 : advice.act;
}

void
doctor_fault(struct doctor *d, const char *what, const struct doctor_fault *f)
{
	char text[DETAIL_MAX];

	details_text(d->lang, f->detail, text);
	tell_fault(d, what, f, text, messages_text(d->lang, act_of(f->advice)));
}

static void
tell_failure(struct doctor *d, const char *what, const struct err *e,
    struct advice advice)
{
	const struct doctor_fault f = {advice, e->msg, failure_exit(e->code)};
	char text[DETAIL_MAX], act[DETAIL_MAX];

	messages_detail(d->lang, e, act_of(advice), text, act);
	tell_fault(d, what, &f, text, act);
}

void
doctor_wrong(struct doctor *d, const char *what, const struct err *e)
{
	tell_failure(d, what, e, failure_advice(e));
}

void
doctor_wrong_plain(struct doctor *d, const char *what, const struct err *e)
{
	tell_failure(d, what, e, failure_advice_plain(e));
}

uint64_t
doctor_space(struct doctor *d, int dir)
{
	char size[FIGURES_MAX], text[DETAIL_MAX];
	struct fs_space space;

	if (fs_space(fs_real(), dir, &space) < 0 ||
	    space.bytes_free == UINT64_MAX) {
		doctor_untried(d, DOC017, DOC052);
		return UINT64_MAX;
	}
	figures_bytes(size, d->lang, space.bytes_free);
	(void)snprintf(
	    text, sizeof(text), messages_text(d->lang, DOC053), size);
	doctor_right(d, DOC017, text);
	return space.bytes_free;
}

int
doctor_end(struct doctor *d)
{
	if (d->quiet)
		return d->exit_code;
	if (d->wrong == 0)
		messages_print(d->out, d->lang, DOC003, d->right, d->warned);
	else
		messages_print(
		    d->out, d->lang, DOC004, d->wrong, d->right, d->warned);
	return d->exit_code;
}
