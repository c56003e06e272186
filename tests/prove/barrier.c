/* Which barrier an fsync is. */
#include "tests/prove/barrier.h"

#include "tests/prove/prove.h"

#include <stdio.h>
#include <string.h>

const char *
barrier_name(int class)
{
	static const char *const names[BARRIERS] = {"staged data",
	    "next state's data", "tmp folder", "backup data", "backup record",
	    "backup folders", "files and backup at once",
	    "client folder before journal", "journal data", "journal's name",
	    "live folders", "tmp folder after swap", "commit",
	    "rotation, client folder", "rotation, .erpsync",
	    "rotation, last repair's backup", "rotation, folder made anew",
	    "rotation, name of that", "rotation, backup emptied",
	    "tmp folder after next state", "state's name",
	    "parent of removed folder", "end of committed", "start of recovery",
	    "undo, live folders", "undo, tmp folder", "undo, backup folders",
	    "undo, folder made again", "end of journal",
	    "garbage after a kill, client", "garbage after a kill, .erpsync",
	    "mark's data", "mark's name", "end of mark",
	    "way back, client folder", "way back, .erpsync"};

	return names[class];
}

bool
barrier_path(const struct sim *s, uint32_t ino, char *out, size_t cap)
{
	const struct sim_view *w = &s->disk.view[SIM_NOW];
	char above[1024];
	uint32_t i, d;
	int32_t at;

	if (ino == SIM_ROOT) {
		out[0] = '\0';
		return true;
	}
	for (d = SIM_ROOT; d < s->disk.n; d++) {
		if (!s->disk.v[d].used || s->disk.v[d].type != FS_DIR)
			continue;
		for (at = s->disk.v[d].head[SIM_NOW]; at >= 0;
		     at = w->v[at].next) {
			i = w->v[at].ino;
			if (i != ino ||
			    !barrier_path(s, d, above, sizeof(above)))
				continue;
			return snprintf(out, cap, "%s/%s", above,
				   sim_text(w->v[at].name)) < (int)cap;
		}
	}
	return false;
}

/* Has .erpsync something whose name begins so, seen (SIM_NOW) or durable? */
static bool
has_in(const struct sim *s, int face, const char *start)
{
	const struct sim_view *w = &s->disk.view[face];
	uint32_t own = sim_walk(s, "/client/.erpsync");
	int32_t i;

	if (own == 0)
		return false;
	for (i = s->disk.v[own].head[face]; i >= 0; i = w->v[i].next)
		if (strncmp(sim_text(w->v[i].name), start, strlen(start)) == 0)
			return true;
	return false;
}

static bool
has(const struct sim *s, const char *start)
{
	return has_in(s, SIM_NOW, start);
}

static bool
is_gone(const struct sim *s, const char *name)
{
	return has_in(s, SIM_KEPT, name) && !has(s, name);
}

/* Is a file of ours another one than the durable one? */
static bool
is_new(const struct sim *s, const char *name)
{
	uint32_t own = sim_walk(s, "/client/.erpsync"), now;

	now = own == 0 ? 0 : sim_find(&s->disk, SIM_NOW, own, sim_intern(name));
	return now != 0 &&
	    now != sim_find(&s->disk, SIM_KEPT, own, sim_intern(name));
}

static bool
has_next_state(const struct sim *s)
{
	const struct sim_view *w = &s->disk.view[SIM_NOW];
	uint32_t own = sim_walk(s, "/client/.erpsync");
	int32_t i;

	for (i = s->disk.v[own].head[SIM_NOW]; i >= 0; i = w->v[i].next)
		if (strncmp(sim_text(w->v[i].name), "tmp.", 4) == 0)
			return sim_find(&s->disk, SIM_NOW, w->v[i].ino,
				   sim_intern("state")) != 0;
	return false;
}

/* .erpsync, when the update is committed. */
static int
of_own_committed(const struct sim *s, bool recovering)
{
	/* A kill left its name visible only, perhaps. */
	if (recovering && is_new(s, "committed") &&
	    (has(s, "bkp.") || has_next_state(s)))
		return B_RECOVER_START;
	if (has(s, "anew."))
		return B_RENEW_NAME;
	if (has(s, "bkp.") && is_gone(s, "repaired"))
		return B_REPAIRED;
	if (has(s, "bkp.") && !has(s, "trash."))
		return recovering ? B_RECOVER_START : B_COMMIT;
	return has_next_state(s) ? B_ROTATE_OWN : B_STATE_DIR;
}

static int
of_own(const struct sim *s, bool recovering)
{
	if (has(s, "journal"))
		return recovering ? B_RECOVER_START : B_JOURNAL_DIR;
	if (has(s, "committed"))
		return of_own_committed(s, recovering);
	if (is_new(s, "refused"))
		return B_MARK_NAME;
	if (is_gone(s, "refused") || is_gone(s, "unchecked"))
		return B_MARK_END;
	if (is_gone(s, "journal"))
		return B_UNDO_END;
	if (is_gone(s, "committed"))
		return B_END;
	if (is_new(s, "unchecked"))
		return B_MARK_NAME;
	if (has(s, "anew."))
		return B_RENEW_NAME;
	return recovering ? B_SETTLE_OWN : B_UNWIND_OWN;
}

static int
of_tmp(const struct sim *s, const char *below, bool recovering)
{
	if (strcmp(below, "/state.new") == 0)
		return B_STATE_DATA;
	if (strcmp(below, "/refused.new") == 0)
		return B_MARK_DATA;
	if (below[0] == '/')
		return has(s, "journal") ? B_UNDO_MADE : B_STAGED_DATA;
	if (has(s, "committed"))
		return B_STATE_TMP;
	if (recovering)
		return B_UNDO_TMP;
	return has(s, "journal") ? B_SWAP_TMP : B_TMP_DIR;
}

static int
of_backup(const struct sim *s, uint32_t ino, const char *below)
{
	if (s->disk.v[ino].type == FS_DIR)
		return has(s, "journal") ? B_UNDO_SAVED : B_BACKUP_DIRS;
	return strncmp(below, "/.erpsync/", 10) == 0 ? B_BACKUP_RECORD
						     : B_BACKUP_DATA;
}

/* A folder of the client, or of a numbered backup. */
static int
of_live(const struct sim *s, const char *path, bool recovering)
{
	bool root = strcmp(path, "/client") == 0;

	if (strncmp(path, "/client/bkp_remote.", 19) == 0)
		return B_EMPTIED;
	if (root && has(s, "anew."))
		return B_RENEW_NAME;
	if (has(s, "committed"))
		return root && (has(s, "bkp.") || has_next_state(s))
		    ? B_ROTATE_ROOT
		    : B_RMDIR_PARENT;
	if (has(s, "journal"))
		return recovering ? B_UNDO_DIRS : B_LIVE_DIRS;
	if (recovering)
		return B_SETTLE_ROOT;
	return has(s, "tmp.") ? B_ROOT_EARLY : B_UNWIND_ROOT;
}

int
barrier_of(const struct sim *s, uint32_t ino, bool recovering)
{
	static const char own[] = "/client/.erpsync";
	char path[1024];
	const char *p;

	if (!barrier_path(s, ino, path, sizeof(path)))
		return -1;
	if (strcmp(path, own) == 0)
		return of_own(s, recovering);
	if (strncmp(path, own, sizeof(own) - 1) != 0)
		return of_live(s, path, recovering);
	p = path + sizeof(own);
	if (strcmp(p, "journal.new") == 0)
		return B_JOURNAL_DATA;
	if (strcmp(p, "refused.new") == 0 || strcmp(p, "unchecked.new") == 0)
		return B_MARK_DATA;
	if (strncmp(p, "anew.", 5) == 0)
		return B_RENEW_DATA;
	if (strncmp(p, "recv", 4) == 0)
		return s->disk.v[ino].type == FS_DIR ? -1 : B_STAGED_DATA;
	if (strncmp(p, "tmp.", 4) == 0)
		return of_tmp(s, p + strcspn(p, "/"), recovering);
	if (strncmp(p, "bkp.", 4) == 0)
		return of_backup(s, ino, p + strcspn(p, "/"));
	return -1;
}
