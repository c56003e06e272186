/*
 * The end of a station session: the RESULT it says, the ERROR it says or
 * hears.  Beside station.c, which comes here when nothing follows.
 */
#include "engine/apply/folder.h"
#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/station/station_internal.h"
#include "transport/wire/frame.h"

#include <bsd/string.h>
#include <string.h>

uint64_t
station_elapsed_ms(const struct station *s)
{
	return clock_ms(s->opt.clock) - s->born;
}

int
station_finish(
    struct station *s, enum outcome outcome, const char *text, struct err *e)
{
	struct msg_result m;

	memset(&m, 0, sizeof(m));
	m.outcome = outcome;
	if (outcome == OUTCOME_UPDATED)
		m.files = (uint32_t)plan_files(&s->plan);
	m.elapsed_ms = (uint32_t)station_elapsed_ms(s);
	m.sent = s->account.sent + s->out.len;
	m.received = s->account.received;
	text_escape_rest(m.text, sizeof(m.text), text);
	s->report.outcome = outcome;
	s->state = STATE_END;
	return say_result(s, &m, e);
}

/* What an ERROR of the server's means here. */
static int
code_of_error(uint16_t code)
{
	switch (code) {
	case ERROR_VERSION:
		return ERP_NOVERSION;
	case ERROR_TIMEOUT:
		return ERP_TIMEOUT;
	case ERROR_GONE:
		/* Asking again helps: this is like a link that broke. */
		return ERP_LOST;
	case ERROR_FULL:
		return ERP_SERVER_FULL;
	case ERROR_PROTOCOL:
		return ERP_PROTO;
	case ERROR_PLAIN:
		return ERP_UNTRUSTED;
	default:
		return ERP_SERVER_FAILED;
	}
}

int
error_receive(struct station *s, const struct frame *f, struct err *e)
{
	char shown[TEXT_LONG + 1];
	struct msg_error m;
	int rc;

	if ((rc = error_decode(f->payload, f->len, &m, e)) != 0)
		return rc;
	text_escape_rest(shown, sizeof(shown), m.text);
	/* It has ended the session: there is nobody to be told. */
	if (s->state < STATE_END)
		s->report.outcome = OUTCOME_FAILED;
	s->state = STATE_END;
	return err_set(
	    e, code_of_error(m.code), "the server reports: %s", shown);
}

/* A server without a WELCOME cannot be told a RESULT. */
static void
complain(struct station *s, int code, const char *text)
{
	struct msg_error m = {.code = code == ERP_PROTO ? ERROR_PROTOCOL
		: code == ERP_LOST                      ? ERROR_GONE
							: ERROR_FAILED};

	text_escape_rest(m.text, sizeof(m.text), text);
	(void)say_error(s, &m, NULL);
	s->state = STATE_END;
}

/* Not what this station could not do with it. */
static bool
is_of_server(int code)
{
	switch (code) {
	case ERP_PROTO:
	case ERP_NOVERSION:
	case ERP_CORRUPT:
	case ERP_MISMATCH:
	case ERP_TIMEOUT:
	case ERP_LOST:
	case ERP_OVERLOAD:
	case ERP_SERVER_FULL:
	case ERP_SERVER_FAILED:
	case ERP_UNTRUSTED:
	case ERP_UNSEALED:
	case ERP_ROLLED_BACK:
	case ERP_FROZEN:
	case ERP_ENDLESS:
	case ERP_MIXED:
	case ERP_FORWARDED:
	case ERP_OTHER_SOFTWARE:
		return true;
	default:
		return false;
	}
}

int
station_fail_heard(struct station *s, struct err *e)
{
	s->blames_server = is_of_server(e->code);
	return station_fail(s, e);
}

bool
station_blames_server(const struct station *s)
{
	return s->blames_server;
}

int
station_fail(struct station *s, struct err *e)
{
	char text[sizeof(e->msg)];
	struct err ignored;

	/* Its names are not there since all of it is not. */
	if (e->code == ERP_NOTFOUND)
		(void)folder_check_place(s->opt.folder, e);
	if (s->state == STATE_PREFACE || s->state == STATE_END)
		return e->code;
	(void)strlcpy(text, e->msg, sizeof(text));
	if (s->state == STATE_WELCOME) {
		complain(s, e->code, text);
		return e->code;
	}
	(void)station_finish(s, OUTCOME_FAILED, text, &ignored);
	return e->code;
}
