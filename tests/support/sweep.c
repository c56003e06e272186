/* Operations on a disk that fails. */
#include "tests/support/sweep.h"

#include "engine/base/err.h"
#include "tests/support/fs_fault.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static char text[700];

static unsigned
descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (dir != NULL && readdir(dir) != NULL)
		n++;
	if (dir != NULL)
		(void)closedir(dir);
	return n;
}

/* What is wrong with how it ended, or NULL. */
static const char *
judge(const struct fs_fault *f, int rc, const struct err *e)
{
	if (rc == SWEEP_WRONG)
		return "a wrong result";
	if (rc == 0)
		return f->lost_sync ? "nobody is told" : NULL;
	if (!f->fired)
		return e->msg;
	if (e->msg[0] == '\0' || e->code != rc || strstr(e->msg, "(null)"))
		return "no message";
	return e->sys == 0 || e->sys == f->error ? NULL : e->msg;
}

/* One run; false, with the text, when something was wrong. */
static bool
run(sweep_fn *op, void *arg, uint64_t at, struct fs_fault *f)
{
	struct err e = {.msg = ""};
	unsigned open = descriptors();
	const char *why;
	int rc;

	fs_fault_arm(f, at == 0 ? FAULT_NONE : FAULT_ONCE, at, EIO);
	rc = op(arg, &f->fs, &e);
	why = judge(f, rc, &e);
	if (why == NULL && descriptors() != open)
		why = "descriptors are left open";
	if (why == NULL)
		return true;
	(void)snprintf(text, sizeof(text),
	    "call %" PRIu64 " fails: code %d: %s", at, rc, why);
	return false;
}

const char *
sweep(const struct fs *fs, sweep_fn *op, void *arg)
{
	struct fs_fault f;
	uint64_t at;

	fs_fault_init(&f, fs);
	f.looks = true;
	if (!run(op, arg, 0, &f))
		return text;
	if (f.calls == 0)
		return "it calls nothing";
	for (at = 1; at == 1 || f.fired; at++)
		if (!run(op, arg, at, &f))
			return text;
	return NULL;
}
