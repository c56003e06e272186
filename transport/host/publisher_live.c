/*
 * From what was published to what is served: another release, or the same with
 * another seal or other names that are left out; and whether what the store has
 * may be served at all.
 */
#include "transport/host/publisher_internal.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/release/publish_seal.h"
#include "engine/store/store.h"
#include "transport/host/net_log.h"
#include "transport/server/live_release.h"

/* 1, 0 or a code. */
static int
is_other(struct store *store, const struct buf *left_out,
    const struct live_release *current, const struct manifest *m, struct err *e)
{
	struct hash id;
	struct buf seal;
	int rc = manifest_id(m, &id, e);

	if (rc != 0 || current == NULL || !hash_equal(&id, &current->id) ||
	    !buf_equal(left_out, &current->left_out))
		return rc != 0 ? rc : 1;
	buf_init(&seal, current->seal.limit);
	rc = store_load_seal(store, m->os, &id, &seal, e);
	if (rc >= 0)
		rc = !buf_equal(&seal, &current->seal);
	buf_release(&seal);
	return rc;
}

static int
copy(struct buf *to, const struct buf *from, struct err *e)
{
	return buf_append(to, buf_data(from), from->len, e);
}

int
live_of(struct store *store, const struct buf *left_out,
    const struct live_release *current, struct manifest *m,
    struct live_release **out, struct err *e)
{
	int rc = is_other(store, left_out, current, m, e);

	*out = NULL;
	if (rc <= 0)
		return rc;
	if ((rc = live_release_new(m, out, e)) == 0 &&
	    (rc = copy(&(*out)->left_out, left_out, e)) == 0 &&
	    (rc = live_release_find_ancestors(*out, store, e)) == 0)
		rc = live_release_find_seal(*out, store, e);
	return rc;
}

int
live_stored(struct store *store, const struct live_release *current,
    struct live_release **out, struct err *e)
{
	enum path_os os = current->manifest.os;
	struct manifest m;
	int rc;

	*out = NULL;
	manifest_init(&m, os);
	if ((rc = store_load_current(store, os, &m, e)) == 0)
		rc = live_of(store, &current->left_out, current, &m, out, e);
	manifest_release(&m);
	return rc;
}

void
tell_untold(const struct origin *origin, const struct net_log *log)
{
	if (origin->untold > 0)
		net_log_line(log, NET_LOG_WARN,
		    "%s: %zu patterns of Exclude are too long or too many for "
		    "stations to be told; --delete removes there what they "
		    "leave out from now on",
		    path_os_name(origin->src.os), origin->untold);
}

void
tell_polled(const struct origin *origin, const struct net_log *log,
    enum watch_walk walk, bool is_blind)
{
	const char *os = path_os_name(origin->src.os), *path = origin->path;

	if (walk == WATCH_SHARED)
		net_log_line(log, NET_LOG_INFO,
		    "%s: %s may be changed by other machines, which nobody "
		    "tells here; it is looked at once a minute, too",
		    os, path);
	else
		net_log_line(log, NET_LOG_WARN,
		    "%s: %s %s; it is looked at once a minute instead "
		    "(sysctl fs.inotify.%s is the limit)",
		    os,
		    is_blind ? "this system has no inotify left to watch"
			     : "too many folders to watch in",
		    path, is_blind ? "max_user_instances" : "max_user_watches");
}

bool
is_sealed(const struct origin *origin, const struct net_log *log,
    const struct live_release *served)
{
	struct err e;

	if (publish_seal_check(
		&origin->src, &served->manifest, &served->seal, &e) == 0)
		return true;
	net_log_line(log, NET_LOG_ERROR,
	    "%s: the stored release is not served: %s",
	    path_os_name(served->manifest.os), e.msg);
	return false;
}

struct live_release *
live_load(
    struct store *store, const struct origin *origin, const struct net_log *log)
{
	enum path_os os = origin->src.os;
	struct live_release *served;
	struct err e;
	int rc = live_release_load(store, os, &served, &e);

	if (rc == 0)
		rc = copy(&served->left_out, &origin->left_out, &e);
	if (rc == 0 && is_sealed(origin, log, served))
		return served;
	if (rc != 0 && rc != ERP_NOTFOUND)
		net_log_line(log, NET_LOG_ERROR,
		    "%s: cannot load the stored release: %s", path_os_name(os),
		    e.msg);
	live_release_unref(served);
	return NULL;
}

static void
tell_moved(const struct store *store, const struct net_log *log, bool *moved)
{
	bool was = *moved;

	*moved = store_is_moved(store);
	if (*moved && !was)
		net_log_line(log, NET_LOG_ERROR,
		    "the state folder was moved away; the server goes on in "
		    "it where it is now: put it back, or start the server "
		    "again with its new place");
}

/* A lock that was removed, as a stale one is, keeps no second server away. */
static void
tell_unlocked(struct store *store, const struct net_log *log, bool *unlocked)
{
	bool was = *unlocked;
	struct err e;
	int rc = store_lock_again(store, &e);

	*unlocked = rc < 0;
	if (rc == 1)
		net_log_line(log, NET_LOG_ERROR,
		    "the file lock was removed from the state folder; it is "
		    "held again: leave it there, it is never in the way");
	else if (rc == ERP_HELD && !was)
		net_log_line(log, NET_LOG_ERROR,
		    "the file lock was removed from the state folder, and "
		    "another server has it now: stop one of both");
	else if (rc < 0 && !was)
		net_log_line(log, NET_LOG_ERROR,
		    "the file lock was removed from the state folder: %s",
		    e.msg);
}

bool
tell_absence(struct store *store, const struct net_log *log, struct absence *is)
{
	bool emptied;

	if (is->gone)
		return false;
	if (!store_is_gone(store)) {
		tell_moved(store, log, &is->moved);
		tell_unlocked(store, log, &is->unlocked);
		return false;
	}
	emptied = store_found_anew(store, NULL) == 0;
	is->gone = !emptied;
	if (emptied)
		net_log_line(log, NET_LOG_ERROR,
		    "the state folder was emptied: all is published into it "
		    "again; put tls.pem back if there is a copy, for it is the "
		    "key that stations know");
	else
		net_log_line(log, NET_LOG_ERROR,
		    "the state folder was removed; put it back if there is a "
		    "copy, for tls.pem in it is the key that stations know, "
		    "and start the server again");
	return emptied;
}
