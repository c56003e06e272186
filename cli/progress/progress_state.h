#ifndef ERPSYNC_CLI_PROGRESS_PROGRESS_STATE_H
#define ERPSYNC_CLI_PROGRESS_PROGRESS_STATE_H

/*
 * How far an update is, made of the library's events and the time: phase,
 * share, files, rate.  A plain value that whoever shows it reads; it knows of
 * no terminal, no file and no language.
 *
 * Phases follow each other in the order check, receive, backup, swap; what
 * comes late for an earlier one is not taken, and nothing ever falls.
 */

#include "cli/messages/figures.h"
#include "transport/api/erpsync.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRESS_PATH_MAX = 256 };

enum phase {
	PHASE_NONE,
	PHASE_CHECK,
	PHASE_RECEIVE,
	PHASE_BACKUP,
	PHASE_SWAP,
	PHASE_DONE
};

/* Zeroed, it is the state before the first event. */
struct progress_state {
	enum phase phase;
	char path[PROGRESS_PATH_MAX]; /* escaped */
	uint64_t files; /* received so far, with the one being received */
	uint64_t files_n; /* expected, 0 = not known */
	uint64_t done; /* of the phase: entries, bytes or files */
	uint64_t total; /* of bytes: about so many */
	unsigned permille; /* of the phase */
	/* The rate, smoothed over samples. */
	uint64_t sample_ms;
	uint64_t sample_done;
	uint64_t rate; /* bytes a second, 0 = not known yet */
	unsigned samples;
	bool has_left;
	uint64_t left_s; /* time left; it never grows */
};

/* The phase that an event belongs to; PHASE_NONE: to none. */
enum phase phase_of_event(enum erpsync_event_kind kind);

/* Take an event at a monotonic time: is it one of the phase that is on or
 * begins with it, so that there is something to show? */
bool progress_state_take(
    struct progress_state *s, const struct erpsync_event *ev, uint64_t now_ms);

/* Files expected, but never fewer than there were. */
uint64_t progress_state_files(const struct progress_state *s);

/* "1:07", "2:00:00", or "--:--" when nobody knows. */
void progress_state_time_left(
    const struct progress_state *s, char out[FIGURES_MAX]);

#endif
