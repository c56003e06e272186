/*
 * What others may know of an open client folder, and two services of it: to
 * wait, and to warn.  The ground of engine/apply; folder_open.c opens it.
 */
#include "engine/apply/folder.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/observer.h"

const struct fs *
folder_fs(const struct folder *f)
{
	return f->fs;
}

const struct crew *
folder_crew(const struct folder *f)
{
	return f->opt.crew;
}

int
folder_dir(const struct folder *f)
{
	return f->dir;
}

int
folder_own_dir(const struct folder *f)
{
	return f->own;
}

const struct folder_state *
folder_state(const struct folder *f)
{
	return &f->state;
}

enum recovery
folder_recovery(const struct folder *f)
{
	return f->recovery;
}

bool
folder_sleep(const struct folder *f, uint32_t ms)
{
	if (f->opt.sleep_ms == NULL)
		return false;
	f->opt.sleep_ms(f->opt.sleep_ctx, ms);
	return true;
}

void
folder_warn(const struct folder *f, const char *path, const char *text)
{
	struct event ev = {EVENT_WARN, path, text, 0, 0};

	observe(f->opt.obs, &ev);
}

bool
folder_is_stuck(const struct folder *f)
{
	return f->stuck;
}
