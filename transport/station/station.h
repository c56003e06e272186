#ifndef ERPSYNC_TRANSPORT_STATION_STATION_H
#define ERPSYNC_TRANSPORT_STATION_STATION_H

/*
 * The station's side of one session, from the first byte to the installed
 * release: a step machine without socket, thread or clock of its own.  It
 * works on the client folder itself (scan, hash, stage, apply), inline, in
 * steps; the caller moves bytes in between.
 *
 *	station_new
 *	loop: move bytes (station_input, station_output/station_sent)
 *	      station_step until it says what it waits for
 *	station_report; station_free
 */

#include "engine/apply/apply.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"
#include "engine/base/path.h"
#include "engine/delta/pack.h"
#include "engine/tree/plan.h"
#include "transport/wire/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct clock;
struct filter;
struct folder;
struct manifest;
struct observer;
struct station;

struct station_options {
	struct folder *folder; /* read-only is enough for a dry run */
	const struct clock *clock;
	const struct observer *obs; /* may be NULL */
	const struct filter *filter; /* may be NULL */
	const char *station_id;
	const char *arch;
	const char *build; /* the client's build code, or "" */
	enum path_os os;
	uint8_t lang; /* 0 not said, 1 pt, 2 es, 3 en */
	bool dry_run;
	bool look; /* a dry run that ends when it is known what is to be done */
	/* Fetch, and leave all for another update; of a dry run only that the
	 * server's hours do not count. */
	bool download_only;
	bool agreed; /* do not ask, the answer is yes */
	bool checksum; /* compare by content */
	bool whole_file; /* no deltas */
	bool remove; /* delete what the previous release had */
	uint32_t modify_window; /* seconds */
	bool force; /* also a release that the health check refused */
	const uint64_t *max_delete; /* files; NULL: apply.h says */
	/* Its own rules for INI files, before the server's: a list, or NULL;
	 * and whose value counts, as struct msg_ini. */
	const char *ini_rules;
	bool ini_yields; /* they never keep its smartclient.ini, but merge it */
	uint8_t ini_conflict;
	const struct hash *only; /* this release and no other; or NULL */
	/* The one whose link broke, or NULL: the report counts what it moved.
	 * It may be freed after station_new, and is good for nothing else. */
	struct station *before;
};

enum station_step {
	STATION_AGAIN, /* call again; output may be waiting meanwhile */
	STATION_IO, /* waits for input, or for output to leave */
	STATION_ASK, /* waits for station_answer */
	STATION_DONE /* finished; send the rest of the output */
};

/* One file of the update, for reports. */
struct station_item {
	bool transfer; /* content travels (else only time or mode) */
	enum codec codec; /* with transfer and an offer */
	/* Bytes for this file, without the headers of frames it shares with
	 * others; of a group's blob and messages its part by size. */
	uint64_t blob_len;
	uint64_t sent;
	uint64_t received;
};

struct station_report {
	struct msg_welcome welcome;
	bool is_answered; /* WELCOME came, to this station or one before */
	enum outcome outcome;
	bool asked; /* the person had to be asked */
	const struct manifest *want; /* NULL before the manifest came */
	const struct plan *plan; /* NULL before it was made */
	const struct station_item *items; /* one for each action of plan */
	/* Dry run: why an update now would be refused; code 0: it would not;
	 * and what it would do to the disk. */
	struct err refusal;
	struct apply_outlook outlook;
	/* Bytes a second at which the list of files came; 0: it was too short
	 * to tell. */
	uint64_t rate;
	/* Bytes on the wire with all overhead, also of the stations before.
	 * Dry run: what an update now would send and receive, as long as no
	 * transfer must be repeated. */
	uint64_t sent;
	uint64_t received;
	uint64_t blob_bytes; /* of all blobs fetched (dry run: to fetch) */
	uint64_t elapsed_ms;
};

int station_new(
    const struct station_options *opt, struct station **out, struct err *e);
void station_free(struct station *s);

/* Bytes from the server: all are taken.  n == 0: it closed the connection. */
int station_input(struct station *s, const uint8_t *p, size_t n, struct err *e);

/* Bytes for the server; tell with station_sent how many left. */
const struct buf *station_output(const struct station *s);
void station_sent(struct station *s, size_t n);

/*
 * Do the next piece of work.  Returns enum station_step or a code; after a
 * code an ERROR or RESULT message for the server may wait in the output.
 */
int station_step(struct station *s, struct err *e);

/* After a code: is it for what the server said?  Its name is not in the error,
 * since only the link knows it. */
bool station_blames_server(const struct station *s);

/* The person's answer to STATION_ASK. */
void station_answer(struct station *s, bool yes);

/*
 * What the INI file of this action of the plan is to become, after its merge:
 * known to a dry run, of files that are not too large or too many, where the
 * server lets a dry run fetch.  Else NULL.
 */
const struct buf *station_preview(const struct station *s, size_t action);

/* Valid until station_free; any time after station_new. */
const struct station_report *station_report(struct station *s);

/* What the station waits for. */
enum station_awaits {
	STATION_AWAITS_GREETING, /* nothing valid came yet */
	STATION_AWAITS_OPENING, /* the server's answer, the list of files */
	STATION_AWAITS_CONTENTS /* all that follows */
};
enum station_awaits station_awaits(const struct station *s);

/* Signs of the server that are no bytes of contents; all only grow, but
 * ahead. */
struct station_signs {
	uint64_t nops; /* it said that it is there */
	uint64_t nop_bytes; /* that it said so with */
	/* It said that it works on what the station asked for, or will after
	 * ahead others: a step towards the update, though no byte came. */
	uint64_t worked_on;
	uint32_t ahead;
	uint64_t gained; /* bytes of contents that are complete */
};
struct station_signs station_signs(const struct station *s);

/* Is input worth reading now?  False while too much of it is unprocessed. */
bool station_wants_input(const struct station *s);

#endif
