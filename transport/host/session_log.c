/*
 * A session in one line: from what the session counted to what the log gets
 * when it ends.  Pure.
 */
#include "transport/host/session_log.h"

#include "engine/base/err.h"
#include "engine/base/text.h"
#include "engine/store/store.h"
#include "transport/host/net_log.h"
#include "transport/server/server.h"

#include <inttypes.h>
#include <stdio.h>

/* Text of a station, escaped: each byte can become four. */
enum { SHOWN_SHORT = 4 * TEXT_SHORT + 3, SHOWN_LONG = 4 * TEXT_LONG + 3 };

static const char *
verdict_name(enum verdict v)
{
	switch (v) {
	case VERDICT_COMPATIBLE:
		return "compatible";
	case VERDICT_INCOMPATIBLE:
		return "incompatible";
	case VERDICT_DISABLED:
		return "disabled";
	case VERDICT_NO_PACKAGE:
		return "no package";
	case VERDICT_BUSY:
		return "busy";
	case VERDICT_NOT_NOW:
		return "not now";
	}
	return "?";
}

static const char *
outcome_name(const struct server_report *r)
{
	switch (r->result->outcome) {
	case OUTCOME_CURRENT:
		return "current";
	case OUTCOME_UPDATED:
		return "updated";
	case OUTCOME_DRY_RUN:
		return r->hello == NULL || (r->hello->flags & HELLO_DRY_RUN)
		    ? "dry run"
		    : "downloaded";
	case OUTCOME_DECLINED:
		return "declined";
	case OUTCOME_FAILED:
		return "failed";
	}
	return "?";
}

/* Was there nothing for the station?  Then it leaves without a result. */
static bool
is_refused(const struct server_report *r)
{
	return r->hello != NULL && r->error == NULL &&
	    r->verdict != VERDICT_COMPATIBLE &&
	    r->verdict != VERDICT_INCOMPATIBLE;
}

/* Who it was and what it was told. */
static void
show_station(const struct server_report *r, char *out, size_t cap)
{
	char arch[SHOWN_SHORT], client[SHOWN_SHORT];

	if (r->hello == NULL) {
		(void)snprintf(out, cap, "no station");
		return;
	}
	text_word(arch, sizeof(arch), r->hello->arch);
	text_word(client, sizeof(client), r->hello->build);
	(void)snprintf(out, cap, "station %s, %s %s, build %s, ours %s, %s",
	    r->hello->station, path_os_name(r->hello->os), arch,
	    client[0] != '\0' ? client : "-",
	    r->build[0] != '\0' ? r->build : "-", verdict_name(r->verdict));
}

static void
show_end(const struct server_report *r, char *out, size_t cap)
{
	char text[SHOWN_LONG] = "";

	if (r->result != NULL) {
		if (r->result->text[0] != '\0')
			text_word(text, sizeof(text), r->result->text);
		(void)snprintf(out, cap, "%s, %" PRIu32 " files%s%s",
		    outcome_name(r), r->result->files,
		    text[0] != '\0' ? ": " : "", text);
	} else if (r->error != NULL) {
		(void)snprintf(out, cap, "error %s: %s",
		    err_name(r->error->code), r->error->msg);
	} else {
		(void)snprintf(out, cap, "%s",
		    is_refused(r) ? "turned away" : "ended early");
	}
}

void
session_log(const struct net_log *log, const struct server_report *r,
    uint64_t elapsed_ms)
{
	char station[4 * SHOWN_SHORT], end[2 * SHOWN_LONG];
	enum net_log_level level = NET_LOG_INFO;

	show_station(r, station, sizeof(station));
	show_end(r, end, sizeof(end));
	if (r->result == NULL ? !is_refused(r)
			      : r->result->outcome == OUTCOME_FAILED)
		level = NET_LOG_WARN;
	net_log_line(log, level,
	    "%s: %s: %s, %" PRIu64 " bytes sent, %" PRIu64 " received, %" PRIu64
	    " ms",
	    r->peer, station, end, r->sent, r->received, elapsed_ms);
}
