#ifndef ERPSYNC_TESTS_PROVE_SCENE_H
#define ERPSYNC_TESTS_PROVE_SCENE_H

/*
 * A scene: a client folder on a simulated disk and what is done to it, with
 * what may be found afterwards: exactly the folder as it was, or exactly the
 * folder as a faultless run leaves it.
 */

#include "engine/base/err.h"
#include "tests/support/fs_sim.h"

#include <stdbool.h>
#include <stdint.h>

/* A folder, without what does not matter. */
struct sight {
	/* Behind those with a number: .erpsync/repaired, and the one that
	 * waits for its number. */
	uint64_t live, state, backup[5];
	uint64_t release; /* that state names */
	uint64_t bases; /* of merges */
	bool refused; /* is there one? */
};

enum act { ACT_UPDATE, ACT_ROLLBACK };

/* What the health check says. */
enum health { NOT_ASKED, WELL, UNWELL };

struct scene {
	const char *name;
	enum act act;
	int version; /* of an update */
	int number; /* of a rollback */
	bool no_preflight;
	bool long_only; /* not in the short form */
	uint32_t beside; /* files side by side in tmp.TX; 0: as ever */
	bool merges; /* INI files that are the station's own */
	bool intruded; /* somebody writes meanwhile, so that it is undone */
	enum health health;
	int rc; /* of a run without faults */
	struct sim start;
	struct sight before, after;
	struct sight refused; /* UNWELL: while it is checked */
};

/* DONE: nothing of it may be missing, as it said that all went well. */
enum ending { ENDING_ANY, ENDING_BEFORE, ENDING_AFTER, ENDING_DONE };

struct ended {
	int rc;
	bool committed; /* EVENT_COMMIT was seen */
	bool warned;
	bool done; /* it has returned */
	struct sim *intruded; /* where somebody writes meanwhile */
	struct err e;
};

/* All scenes on such a disk, ended by one without a name. */
enum disk { DISK_LINUX, DISK_NTFS };
const struct scene *scenes_make(enum disk disk);
/* The scene of this name. */
const struct scene *scene_find(const struct scene *all, const char *name);

/* Do it on s, a copy of the start; *out tells how far it came, even while
 * it runs. */
void scene_run(const struct scene *c, struct sim *s, struct ended *out);

/* The same on any disk. */
void scene_update(struct sim *s, int version, struct ended *out);
/* Have the contents, and change nothing. */
void scene_fetch(struct sim *s, int version);
void scene_rollback(struct sim *s, int number, struct ended *out);

/* What has happened to its start: an update by its policies. */
void scene_install(struct scene *c, int version, struct ended *out);

/* A new process opens the folder, which recovers it, and asks the health check
 * of what waits for it: 0 or a code. */
int scene_recover(const struct scene *c, struct sim *s, struct err *e);

/* A copy of a disk for a new process. */
void scene_copy(struct sim *to, const struct sim *from);
void scene_copy_start(struct sim *to, const struct scene *c);

/* What is there now. */
void scene_look(const struct sim *s, struct sight *out);
bool sight_equal(const struct sight *a, const struct sight *b);

/* What may be found after what it said. */
enum ending scene_allows(const struct scene *c, const struct ended *out);

/* What is wrong, or NULL.  which: how it ended, when nothing is wrong. */
const char *scene_judge(const struct scene *c, const struct sim *s,
    enum ending must_be, enum ending *which);

/* Is the client as it was before in the newest backup, whatever made that? */
bool scene_is_backed_up(const struct scene *c, const struct sim *s);

/* Is there anything of ours that should have gone?  Its name, or NULL. */
const char *scene_leftover(const struct sim *s);

/* Does a backup wait for its number, at its start or end?  What fails then may
 * give it up, or come to another id for the next one. */
bool scene_waits(const struct scene *c);

/* For the making of scenes. */
void scene_releases_make(void);
void scene_intrude(struct sim *s);

#endif
