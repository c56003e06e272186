/*
 * Signs of life: what the server says while it has nothing to say, and what a
 * station awaits, for whoever has to be patient.  Below station.c.
 */
#include "transport/station/station_internal.h"

#include "engine/base/err.h"
#include "transport/wire/frame.h"

int
nop_receive(struct station *s, const struct frame *f, struct err *e)
{
	struct msg_nop m;

	if (++s->signs.nops > NOPS_MAX)
		return err_set(e, ERP_PROTO,
		    "the server says more than %d times that it is there",
		    NOPS_MAX);
	s->signs.nop_bytes += FRAME_HEADER_LEN + f->len;
	/* A sign of life comes or not as the server has to do: no report counts
	 * it, so that a dry run foretells what an update takes. */
	s->account.received -= FRAME_HEADER_LEN + f->len;
	nop_decode(f->payload, f->len, &m);
	if (!m.says_ahead)
		return 0;
	s->signs.worked_on++;
	s->signs.ahead = m.ahead;
	return 0;
}

struct station_signs
station_signs(const struct station *s)
{
	struct station_signs signs = s->signs;

	signs.gained = s->transfers.content_done;
	return signs;
}

enum station_awaits
station_awaits(const struct station *s)
{
	switch (s->state) {
	case STATE_PREFACE:
		return STATION_AWAITS_GREETING;
	case STATE_WELCOME:
	case STATE_SEAL:
	case STATE_ASK:
	case STATE_MANIFEST:
		return STATION_AWAITS_OPENING;
	case STATE_PLAN:
	case STATE_TRANSFER:
	case STATE_PREVIEW:
	case STATE_APPLY:
	case STATE_END:
		break;
	}
	return STATION_AWAITS_CONTENTS;
}
