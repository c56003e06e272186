/*
 * Finding a client folder's smartclient.ini, and the language in it: before
 * options are complete, since messages about them have a language too.
 */
#include "cli/station_ini.h"

#include "cli/config/config.h"
#include "engine/base/fs.h"

#include <bsd/string.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>

struct search {
	char name[NAME_MAX + 1];
};

/* Ends the listing at the first name that fits. */
static int
take_ini(void *arg, const char *name)
{
	struct search *s = arg;

	if (strcasecmp(name, "smartclient.ini") != 0)
		return 0;
	(void)strlcpy(s->name, name, sizeof(s->name));
	return 1;
}

bool
station_ini_find(const char *dir, char *out, size_t cap)
{
	const struct fs *fs = fs_real();
	struct search s = {""};
	int root = fs_open_root(fs, dir), n;

	if (root < 0)
		return false;
	(void)fs_list(fs, root, take_ini, &s);
	fs_close_quietly(fs, &root);
	if (s.name[0] == '\0')
		return false;
	n = snprintf(out, cap, "%s/%s", dir, s.name);
	return n > 0 && (size_t)n < cap;
}

enum lang
station_ini_lang(const char *dir, const char *option)
{
	struct station_config config;
	char path[PATH_MAX];
	int language = 0;

	if (station_ini_find(dir, path, sizeof(path)) &&
	    station_config_load(path, &config, NULL) == 0) {
		language = (int)config.language;
		station_config_release(&config);
	}
	return lang_choose(option, language, lang_locale());
}
