#ifndef ERPSYNC_TRANSPORT_HOST_WATCH_H
#define ERPSYNC_TRANSPORT_HOST_WATCH_H

/*
 * Notices that something in an update folder, or below, has changed: by
 * inotify, and once a minute by a look at the folder itself, which may have
 * been replaced as a whole.  Says so when it has been quiet for a while.
 */

#include <stdbool.h>
#include <stdint.h>

struct clock;
struct err;
struct event_base;
struct watch;

struct watch_options {
	struct event_base *base;
	const struct clock *clock;
	const char *path; /* the folder; it need not exist yet */
	const char *beside; /* a file that is looked at too, or NULL */
	uint32_t settle_ms; /* without a change before changed is called */
	/* Something has changed; on the loop's thread. */
	void (*changed)(void *ctx);
	void *ctx;
};

int watch_new(
    const struct watch_options *opt, struct watch **out, struct err *e);

/* NULL is fine. */
void watch_free(struct watch *w);

/* Did the system refuse it even one inotify instance?  Then it only polls. */
bool watch_is_blind(const struct watch *w);

/* Call changed after so long even if nothing happens. */
void watch_again(struct watch *w, uint32_t ms);

/*
 * Adding watches walks through the folder, which takes its time: so another
 * thread does that.  watch_dup gives a descriptor for it (or a negative
 * errno), watch_walk does it without touching the watch, watch_walked brings
 * the result.  Changes after the walk, and in folders that are new since,
 * are noticed.
 */
enum watch_walk {
	WATCH_WHOLE, /* every folder is watched */
	WATCH_PARTS, /* more than we or the system can watch: will be polled */
	WATCH_SHARED, /* watched, but others may change it unseen: polled, too
		       */
	WATCH_ABSENT /* the folder cannot be read */
};
int watch_dup(const struct watch *w);
enum watch_walk watch_walk(int fd, const char *path);
void watch_walked(struct watch *w, enum watch_walk result);

#endif
