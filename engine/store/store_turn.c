/*
 * Turns of those who make releases current, beside the store's own lock: taken
 * by engine/release for what it does with a store.
 */
#include "engine/store/store_turn.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/store/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

static const char turn_file[] = "turn";

enum { LOOK_MS = 100, LOOKS = 300 };

/* Who has the state folder makes the file, so that it is of the right user;
 * before that nobody publishes by turns.  The open file, -ENOENT or a code. */
static int
open_turn(struct store *s, struct err *e)
{
	const int how =
	    s->lock_fd >= 0 ? FS_WRITE | FS_CREATE_OR_OPEN : FS_WRITE;
	int fd = fs_open(s->fs, s->root, turn_file, how, 0600);

	if (fd >= 0 || (fd == -ENOENT && s->lock_fd < 0))
		return fd;
	return err_sys(e, -fd, "open lock of", turn_file);
}

int
store_turn_begin(
    struct store *s, const struct store_wait *wait, int *turn, struct err *e)
{
	bool stopped = false;
	int i, rc;

	*turn = open_turn(s, e);
	if (*turn < 0)
		return *turn == -ENOENT ? 0 : *turn;
	for (i = 0; (rc = fs_lock(s->fs, *turn)) == -EAGAIN && i < LOOKS; i++) {
		stopped = wait->stop != NULL && atomic_load(wait->stop);
		if (stopped)
			break;
		if (wait->sleep_ms != NULL)
			wait->sleep_ms(wait->ctx, LOOK_MS);
		else
			clock_sleep_ms(NULL, LOOK_MS);
	}
	if (rc == 0)
		return 0;
	fs_close_quietly(s->fs, turn);
	if (stopped)
		return err_set(e, ERP_CANCELLED, "interrupted");
	return rc == -EAGAIN
	    ? err_set(e, ERP_BUSY, "others publish all the time; try again")
	    : err_sys(e, -rc, "lock", turn_file);
}

void
store_turn_end(struct store *s, int *turn)
{
	fs_close_quietly(s->fs, turn);
}
