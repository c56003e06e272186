/*
 * Between the command lines for single files (cmd_delta.c, cmd_rdiff.c) and
 * the library's delta engine: opens what it reads and writes, sees that
 * neither destroys the other, and says which of them a failure is about.
 */
#include "cli/file_work.h"

#include "cli/fault.h"
#include "cli/file_stream.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

struct streams {
	struct input in[FILES_MAX - 1];
	struct output out;
	struct stop_signals stop;
};

static const uint8_t delta_magic[] = {'r', 's', 2, '6'};
static const uint8_t signature_magic[] = {'r', 's', 1};

int
file_verb_files(enum file_verb verb)
{
	return verb == VERB_SIGNATURE ? 2 : 3;
}

/* Put the file at fault in front of a message about content. */
static int
blame(int rc, const char *path, struct err *e)
{
	char shown[256];

	if (rc == ERP_CORRUPT || rc == ERP_MISMATCH) {
		text_escape(shown, sizeof(shown), path);
		(void)err_context(e, "%s", shown);
	}
	return rc;
}

/* What is wrong with an input that should begin so? */
static enum file_flaw
flaw_of(const struct input *in, const uint8_t *magic, size_t n)
{
	size_t seen = in->read < n ? (size_t)in->read : n;

	assert(n <= sizeof(in->head));
	if (memcmp(in->head, magic, seen) != 0)
		return FLAW_KIND;
	return in->ended ? FLAW_END : FLAW_CONTENT;
}

/* The lengths in a signature's header, which is read whole before it is
 * judged. */
static bool
has_odd_lengths(const struct input *in)
{
	const uint8_t *p = in->head;

	return in->read >= sizeof(in->head) &&
	    ((p[4] | p[5] | p[6] | p[7]) == 0 || p[4] > 1 || p[8] != 0 ||
		p[9] != 0 || p[10] != 0 || p[11] == 0 ||
		p[11] > ERPSYNC_SUM_MAX);
}

static int
do_signature(struct file_work *w, struct streams *s, struct err *e)
{
	struct erpsync_reader basis = reader_of_input(&s->in[0]);
	struct erpsync_writer to = writer_of_output(&s->out);
	struct erpsync_sizes sizes = {
	    s->in[0].size, w->block_len, w->sum_len, w->rollsum, w->md4};
	struct erpsync_error error;

	if (erpsync_signature(&basis, &sizes, &to, &error) != 0)
		return fault_take(e, &error);
	return 0;
}

static int
do_delta(struct file_work *w, struct streams *s, struct err *e)
{
	struct erpsync_reader from = reader_of_input(&s->in[0]);
	struct erpsync_reader target = reader_of_input(&s->in[1]);
	struct erpsync_writer to = writer_of_output(&s->out);
	struct erpsync_error error;

	if (erpsync_delta(&from, &target, &to, &error) == 0)
		return 0;
	w->flaw = flaw_of(&s->in[0], signature_magic, sizeof(signature_magic));
	if (w->flaw == FLAW_END && has_odd_lengths(&s->in[0]))
		w->flaw = FLAW_CONTENT;
	return blame(fault_take(e, &error), w->path[0], e);
}

static int
do_patch(struct file_work *w, struct streams *s, struct err *e)
{
	struct erpsync_reader delta = reader_of_input(&s->in[1]);
	struct erpsync_writer to = writer_of_output(&s->out);
	struct erpsync_range basis;
	struct erpsync_error error;
	int rc;

	if ((rc = range_of_input(&s->in[0], &basis, e)) != 0)
		return rc;
	if (erpsync_patch(&basis, &delta, &to, &error) == 0)
		return 0;
	rc = fault_take(e, &error);
	/* Only the basis can change its length under our hands. */
	w->flaw = rc == ERP_MISMATCH
	    ? FLAW_END
	    : flaw_of(&s->in[1], delta_magic, sizeof(delta_magic));
	return blame(rc, w->path[rc == ERP_MISMATCH ? 0 : 1], e);
}

/* Is anything read that would be written over? */
static int
check_distinct(
    const struct file_work *w, const struct streams *s, struct err *e)
{
	int i;

	for (i = 0; i < file_verb_files(w->verb) - 1; i++) {
		/* All of a new file is made before it takes the name. */
		if (w->verb == VERB_PATCH && i == 0 && s->out.dir >= 0)
			continue;
		if (output_is_input(&s->out, &s->in[i]))
			return err_path(e, ERP_USAGE, w->path[i],
			    "the same file is to be read and to be written");
	}
	return 0;
}

static int
open_all(struct file_work *w, struct streams *s, struct err *e)
{
	int last = file_verb_files(w->verb) - 1, i, rc;

	if ((rc = stop_signals_begin(&s->stop, e)) != 0)
		return rc;
	for (i = 0; i < last && rc == 0; i++)
		rc = input_open(&s->in[i], w->path[i], &s->stop, e);
	if (rc == 0)
		rc = output_open(&s->out, w->path[last], w->keep, &s->stop, e);
	if (rc == 0)
		rc = check_distinct(w, s, e);
	return rc != 0 ? rc : output_begin(&s->out, e);
}

static void
finish(struct file_work *w, struct streams *s)
{
	int i;

	w->written = s->out.pos;
	output_close(&s->out);
	for (i = 0; i < FILES_MAX - 1; i++)
		w->read += s->in[i].read;
	stop_signals_end(&s->stop);
}

int
file_work_do(struct file_work *w, struct err *e)
{
	static int (*const verbs[])(struct file_work *, struct streams *,
	    struct err *) = {do_signature, do_delta, do_patch};
	struct streams s = {
	    {{.fd = -1}, {.fd = -1}}, {.fd = -1, .dir = -1}, {.fd = -1}};
	int i, rc;

	w->flaw = FLAW_NONE;
	w->read = 0;
	for (i = 0; i < file_verb_files(w->verb); i++)
		if (w->path[i][0] == '\0')
			return err_set(
			    e, ERP_NOTFOUND, "the name of a file is empty");
	if ((rc = open_all(w, &s, e)) == 0)
		rc = verbs[w->verb](w, &s, e);
	/* Not every system replaces what is open, as a patch's basis. */
	for (i = 0; i < FILES_MAX - 1; i++)
		input_close(&s.in[i]);
	if (rc == 0)
		rc = output_commit(&s.out, e);
	finish(w, &s);
	return rc;
}
