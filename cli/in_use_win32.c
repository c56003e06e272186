/*
 * What programs have open or run, as Windows' Restart Manager tells it of each
 * file (engine/base/fs_win32_holder.c): for the report of a check.
 */
#include "cli/in_use.h"

#include "engine/base/fs.h"
#include "transport/api/erpsync.h"

#include <stdio.h>
#include <string.h>

/* Each question takes a moment. */
enum { ASKED_MAX = 200, WHO_BYTES = 160 };

/* One more, unless there is no room for its name. */
static void
tell(char *out, size_t cap, const char *path, const char *who)
{
	size_t n = strlen(out);
	int more = snprintf(
	    out + n, cap - n, "%s%s (%s)", n > 0 ? ", " : "", path, who);

	if (more < 0 || (size_t)more >= cap - n)
		out[n] = '\0';
}

size_t
in_use_list(const char *folder, const struct erpsync_change *v, size_t n,
    char *out, size_t cap)
{
	const struct fs *fs = fs_real();
	int asked = 0, dir = fs_open_root(fs, folder);
	char who[WHO_BYTES];
	size_t i, found = 0;

	out[0] = '\0';
	if (dir < 0)
		return 0;
	for (i = 0; i < n && asked < ASKED_MAX; i++) {
		if (v[i].type != ERPSYNC_FILE ||
		    (v[i].action != ERPSYNC_ACTION_CHANGED &&
			v[i].action != ERPSYNC_ACTION_DELETE))
			continue;
		asked++;
		if (fs_holder(fs, dir, v[i].path, who, sizeof(who)) == 0)
			continue;
		found++;
		tell(out, cap, v[i].path, who);
	}
	fs_close_quietly(fs, &dir);
	return found;
}
