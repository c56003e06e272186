/*
 * What a file or a plain terminal gets of an update's progress: a line for
 * each phase and for each tenth of the download.
 */
#include "cli/progress/progress_internal.h"

static void
receive_line(struct progress *p)
{
	const struct progress_state *s = &p->state;
	char left[32];

	progress_state_time_left(s, left, sizeof(left));
	messages_print(p->opt.out, p->opt.lang, UPD002, s->path, s->files,
	    progress_state_files(s), s->permille / 10, left);
}

void
progress_line(struct progress *p, bool begins)
{
	FILE *out = p->opt.out;
	enum lang lang = p->opt.lang;
	int tens = (int)p->state.permille / 100;

	switch (p->state.phase) {
	case PHASE_CHECK:
		if (begins)
			messages_print(out, lang, UPD001);
		break;
	case PHASE_RECEIVE:
		if (tens <= p->tens)
			return;
		p->tens = tens;
		receive_line(p);
		break;
	case PHASE_BACKUP:
		if (begins)
			messages_print(out, lang, UPD003,
			    p->opt.folder != NULL ? p->opt.folder : ".");
		break;
	case PHASE_SWAP:
		if (begins)
			messages_print(out, lang, UPD004);
		break;
	case PHASE_NONE:
	case PHASE_DONE:
		break;
	}
	(void)fflush(out);
}
