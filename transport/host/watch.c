/*
 * inotify on a folder tree: tells the publisher that something changed, and
 * that it has been quiet for Settle since.  Only a trigger: what changed is for
 * a scan to find, and that nothing half copied is published for
 * engine/release/publish.c.
 */
#include "transport/host/watch.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"

#include <bsd/string.h>
#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef ZFS_SUPER_MAGIC
#define ZFS_SUPER_MAGIC 0x2fc12fc1 /* is not of Linux itself */
#endif

enum {
	POLL_MS = 60 * 1000,
	PATIENCE_MS = 60 * 1000, /* changes that never end are told anyway */
	FOLDERS_MAX = 16384 /* watches on one tree; each costs kernel memory */
};

struct watch {
	struct watch_options opt;
	char *path, *beside;
	int fd; /* inotify */
	struct event *readable;
	struct event *quiet; /* pending: a change will be told */
	struct event *poll;
	uint64_t first; /* when the untold changes began; 0: none */
	bool polled; /* inotify does not see everything */
	/* The folder and what lies beside it, when last looked at. */
	struct stat seen, seen_beside;
};

static struct timeval
timeval_of(uint32_t ms)
{
	struct timeval tv = {
	    .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};

	return tv;
}

/* Something changed: tell when it is over, or has taken too long. */
static void
note_change(struct watch *w)
{
	uint64_t now = clock_ms(w->opt.clock);
	uint64_t waited, wait = w->opt.settle_ms;
	struct timeval tv;

	if (w->first == 0)
		w->first = now;
	waited = now - w->first;
	if (waited + wait > PATIENCE_MS)
		wait = waited < PATIENCE_MS ? PATIENCE_MS - waited : 0;
	tv = timeval_of((uint32_t)wait);
	(void)event_add(w->quiet, &tv);
}

static void
on_quiet(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	(void)fd;
	(void)what;
	w->first = 0;
	w->opt.changed(w->opt.ctx);
}

/* What happened does not matter, as everything is looked at again; a lost
 * event (IN_Q_OVERFLOW) is an event like others therefore. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	char events[16 * 1024];
	bool any = false;
	ssize_t n;

	(void)what;
	while ((n = read(fd, events, sizeof(events))) > 0 ||
	    (n < 0 && errno == EINTR))
		any = true;
	if (any)
		note_change(arg);
}

/* Is it another file or folder than the last time? */
static bool
look_at(const char *path, struct stat *seen)
{
	struct stat st;
	bool other;

	if (stat(path, &st) != 0)
		memset(&st, 0, sizeof(st));
	other = st.st_dev != seen->st_dev || st.st_ino != seen->st_ino;
	*seen = st;
	return other;
}

/* Look whether it still is the same folder, with the same file beside it. */
static bool
was_replaced(struct watch *w)
{
	struct stat before = w->seen_beside;
	bool replaced = look_at(w->path, &w->seen);

	if (w->beside == NULL)
		return replaced;
	if (look_at(w->beside, &w->seen_beside))
		return true;
	return replaced || before.st_size != w->seen_beside.st_size ||
	    before.st_mtim.tv_sec != w->seen_beside.st_mtim.tv_sec ||
	    before.st_mtim.tv_nsec != w->seen_beside.st_mtim.tv_nsec;
}

static void
on_poll(evutil_socket_t fd, short what, void *arg)
{
	struct watch *w = arg;

	(void)fd;
	(void)what;
	if (was_replaced(w) || w->polled)
		note_change(w);
}

int
watch_new(const struct watch_options *opt, struct watch **out, struct err *e)
{
	const struct timeval period = timeval_of(POLL_MS);
	struct watch *w = calloc(1, sizeof(*w));
	int rc = 0;

	*out = NULL;
	if (w == NULL)
		return err_nomem(e);
	w->opt = *opt;
	w->opt.path = w->opt.beside = NULL;
	w->path = strdup(opt->path);
	if (opt->beside != NULL)
		w->beside = strdup(opt->beside);
	w->quiet = evtimer_new(opt->base, on_quiet, w);
	w->poll = event_new(opt->base, -1, EV_PERSIST, on_poll, w);
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd >= 0)
		w->readable = event_new(
		    opt->base, w->fd, EV_READ | EV_PERSIST, on_readable, w);
	/* Too many users of inotify: that is what polling is for. */
	w->polled = w->fd < 0;
	if (w->path == NULL || (opt->beside != NULL && w->beside == NULL) ||
	    w->quiet == NULL || w->poll == NULL ||
	    (w->fd >= 0 &&
		(w->readable == NULL || event_add(w->readable, NULL) != 0)) ||
	    event_add(w->poll, &period) != 0) {
		rc = err_nomem(e);
		watch_free(w);
		return rc;
	}
	(void)was_replaced(w);
	*out = w;
	return rc;
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	if (w->readable != NULL)
		event_free(w->readable);
	if (w->quiet != NULL)
		event_free(w->quiet);
	if (w->poll != NULL)
		event_free(w->poll);
	if (w->fd >= 0)
		(void)close(w->fd);
	free(w->path);
	free(w->beside);
	free(w);
}

void
watch_again(struct watch *w, uint32_t ms)
{
	const struct timeval tv = timeval_of(ms);

	if (!event_pending(w->quiet, EV_TIMEOUT, NULL))
		(void)event_add(w->quiet, &tv);
}

bool
watch_is_blind(const struct watch *w)
{
	return w->fd < 0;
}

int
watch_dup(const struct watch *w)
{
	int fd = w->fd < 0 ? -1 : fcntl(w->fd, F_DUPFD_CLOEXEC, 0);

	return fd >= 0 ? fd : w->fd < 0 ? -ENOSPC : -errno;
}

/* Watch one folder; false when there is no room for it. */
static bool
add_folder(int fd, const char *path, bool is_root)
{
	uint32_t mask = IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB |
	    IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR |
	    IN_EXCL_UNLINK | IN_DELETE_SELF | IN_MOVE_SELF;

	if (!is_root)
		mask |= IN_DONT_FOLLOW;
	/* Watching a folder twice is the same as once.  One that is gone, or
	 * unreadable, is the scan's business. */
	return inotify_add_watch(fd, path, mask) >= 0 ||
	    (errno != ENOSPC && errno != ENOMEM);
}

/*
 * May others change it without this system's knowing, as a network's folder by
 * another machine, and one by FUSE beneath it?
 */
static bool
is_shared(const char *path)
{
	static const uint32_t told[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC,
	    BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC, ZFS_SUPER_MAGIC, TMPFS_MAGIC,
	    OVERLAYFS_SUPER_MAGIC};
	struct statfs s;
	size_t i;

	if (statfs(path, &s) != 0)
		return false;
	for (i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if ((uint32_t)s.f_type == told[i])
			return false;
	return true;
}

/* Of a walk: where it is, and what it has met. */
struct walk {
	int fd; /* inotify */
	size_t n; /* folders so far */
	dev_t dev; /* of the first one */
	size_t len;
	char path[PATH_MAX]; /* of len bytes */
};

/* A folder is what the listing calls one: most names are of files, and a look
 * at each takes as long as all else. */
static bool
may_be_folder(DIR *in, const struct dirent *x)
{
	struct stat st;

	if (strcmp(x->d_name, ".") == 0 || strcmp(x->d_name, "..") == 0)
		return false;
	if (x->d_type != DT_UNKNOWN)
		return x->d_type == DT_DIR;
	return fstatat(dirfd(in), x->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode);
}

/* Is that this system's want, not the folder's fault? */
static bool
is_short(int sys)
{
	return sys == EMFILE || sys == ENFILE || sys == ENOMEM;
}

/* The folder of w->path, to be read: NULL if it cannot be, or is of another
 * file system; *room: unless only descriptors or memory are short. */
static DIR *
open_folder(struct walk *w, bool *room)
{
	int follow = w->n == 1 ? 0 : O_NOFOLLOW;
	int fd = open(w->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow);
	struct stat st;
	DIR *in = NULL;

	*room = fd >= 0 || !is_short(errno);
	if (fd < 0 || fstat(fd, &st) != 0)
		goto out;
	if (w->n == 1)
		w->dev = st.st_dev;
	if (st.st_dev == w->dev && (in = fdopendir(fd)) == NULL)
		*room = !is_short(errno);
out:
	if (in == NULL && fd >= 0)
		(void)close(fd);
	return in;
}

/* Watch the folder of w->path and those below; false when there is no room for
 * one.  It is watched before its names are read, so nothing comes between. */
static bool
walk_folder(struct walk *w)
{
	const struct dirent *x;
	size_t len = w->len;
	bool room;
	int n;
	DIR *in;

	if (w->n++ == FOLDERS_MAX || !add_folder(w->fd, w->path, w->n == 1))
		return false;
	if ((in = open_folder(w, &room)) == NULL)
		return room;
	while (room && (x = readdir(in)) != NULL) {
		if (!may_be_folder(in, x))
			continue;
		n = snprintf(
		    w->path + len, sizeof(w->path) - len, "/%s", x->d_name);
		w->len = len + (size_t)n;
		/* What is too long is not published. */
		if (w->len < sizeof(w->path))
			room = walk_folder(w);
	}
	w->len = len;
	w->path[len] = '\0';
	(void)closedir(in);
	return room;
}

enum watch_walk
watch_walk(int fd, const char *path)
{
	struct walk w = {.fd = fd};
	struct stat st;

	w.len = strlcpy(w.path, path, sizeof(w.path));
	if (w.len >= sizeof(w.path) || stat(path, &st) != 0 ||
	    !S_ISDIR(st.st_mode))
		return WATCH_ABSENT;
	if (!walk_folder(&w))
		return WATCH_PARTS;
	return is_shared(path) ? WATCH_SHARED : WATCH_WHOLE;
}

void
watch_walked(struct watch *w, enum watch_walk result)
{
	w->polled = result != WATCH_WHOLE;
}
