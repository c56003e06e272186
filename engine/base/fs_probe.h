#ifndef ERPSYNC_ENGINE_BASE_FS_PROBE_H
#define ERPSYNC_ENGINE_BASE_FS_PROBE_H

/*
 * Does a disk do what an update relies on?  Each thing is tried by itself in
 * a new folder, through the same calls that updates make.
 */

struct err;
struct fs;

enum probe_how {
	PROBE_RIGHT,
	PROBE_OTHERWISE, /* in another way, which the note tells, and as well */
	PROBE_UNTRIED, /* the note says why */
	PROBE_WRONG /* and so */
};

/* Another program, for what takes two. */
struct probe_friend {
	/* Put program.exe into NAME/t, which is open as folder, and run it
	 * there: until it is ended it has the lock of the file "lock", and
	 * holds "held" so that no other may open it, where there is such a
	 * thing. */
	int (*start)(void *ctx, int folder, struct err *e);
	void (*end)(void *ctx);
	void *ctx;
};

struct probe {
	const struct fs *fs;
	int dir; /* an open folder on the disk */
	const char *name; /* of the new one in it, which goes at the end */
	const struct probe_friend *friend; /* NULL: such things stay untried */
	/* What was tried, in words; note->msg says more unless how is
	 * PROBE_RIGHT, then it may be empty. */
	void (*told)(void *arg, const char *what, enum probe_how how,
	    const struct err *note);
	void *arg;
};

/* How many things are wrong, or a code when nothing could be tried. */
int fs_probe(const struct probe *p, struct err *e);

#endif
