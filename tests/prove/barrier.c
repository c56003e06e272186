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
	    ".erpsync before journal", "client folder before journal",
	    "journal data", "journal's name", "live folders",
	    "tmp folder after swap", "commit", "rotation, client folder",
	    "rotation, .erpsync", "state's name", "parent of removed folder",
	    "recv emptied", "end of committed", "start of recovery",
	    "undo, live folders", "undo, tmp folder", "end of journal"};

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

/* Has .erpsync something whose name begins so? */
static bool
has(const struct sim *s, const char *start)
{
	const struct sim_view *w = &s->disk.view[SIM_NOW];
	uint32_t own = sim_walk(s, "/client/.erpsync");
	int32_t i;

	if (own == 0)
		return false;
	for (i = s->disk.v[own].head[SIM_NOW]; i >= 0; i = w->v[i].next)
		if (strncmp(sim_text(w->v[i].name), start, strlen(start)) == 0)
			return true;
	return false;
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

static int
of_own(const struct sim *s, bool recovering)
{
	bool journal = has(s, "journal"), committed = has(s, "committed");

	if (has(s, "journal.new") && !journal)
		return B_OWN_EARLY;
	if (journal)
		return recovering ? B_RECOVER_START : B_JOURNAL_DIR;
	if (committed && has(s, "bkp.") && !has(s, "trash."))
		return recovering ? B_RECOVER_START : B_COMMIT;
	if (committed)
		return has_next_state(s) ? B_ROTATE_OWN : B_STATE_DIR;
	if (recovering)
		return has(s, "bkp.") ? B_UNDO_END : B_END;
	return has(s, "bkp.") ? B_OWN_EARLY : B_END;
}

static int
of_tmp(const struct sim *s, const char *below, bool recovering)
{
	if (strcmp(below, "/state.new") == 0)
		return B_STATE_DATA;
	if (below[0] == '/')
		return B_STAGED_DATA;
	if (recovering)
		return B_UNDO_TMP;
	return has(s, "journal") ? B_SWAP_TMP : B_TMP_DIR;
}

static int
of_backup(const struct sim *s, uint32_t ino, const char *below)
{
	if (s->disk.v[ino].type == FS_DIR)
		return B_BACKUP_DIRS;
	return strncmp(below, "/.erpsync/", 10) == 0 ? B_BACKUP_RECORD
						     : B_BACKUP_DATA;
}

/* A folder of the client. */
static int
of_live(const struct sim *s, bool root, bool recovering)
{
	if (has(s, "committed"))
		return root && (has(s, "bkp.") || has_next_state(s))
		    ? B_ROTATE_ROOT
		    : B_RMDIR_PARENT;
	if (recovering)
		return B_UNDO_DIRS;
	return has(s, "journal") ? B_LIVE_DIRS : B_ROOT_EARLY;
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
		return of_live(s, strcmp(path, "/client") == 0, recovering);
	p = path + sizeof(own);
	if (strcmp(p, "journal.new") == 0)
		return B_JOURNAL_DATA;
	if (strncmp(p, "recv", 4) == 0)
		return s->disk.v[ino].type == FS_DIR ? B_RECV : B_STAGED_DATA;
	if (strncmp(p, "tmp.", 4) == 0)
		return of_tmp(s, p + strcspn(p, "/"), recovering);
	if (strncmp(p, "bkp.", 4) == 0)
		return of_backup(s, ino, p + strcspn(p, "/"));
	return -1;
}
