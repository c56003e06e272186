/*
 * Which files of a client folder a server may be told about: between the scan
 * of the folder and the search for bases.
 */
#include "engine/tree/kind.h"

#include "engine/base/path.h"
#include "engine/tree/manifest.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool
has_ending(const char *name, const char *const *endings)
{
	const char *dot = strrchr(name, '.');
	size_t i;

	if (dot == NULL || dot == name)
		return false;
	for (i = 0; endings[i] != NULL; i++)
		if (strcasecmp(dot + 1, endings[i]) == 0)
			return true;
	return false;
}

bool
kind_is_ini(const char *path)
{
	static const char *const endings[] = {"ini", NULL};

	return has_ending(path_base(path), endings);
}

/* On macOS beside the program, or with what comes with it. */
static const char *const places[] = {"smartclient.ini",
    "smartclient.app/Contents/MacOS/smartclient.ini",
    "smartclient.app/Contents/Resources/smartclient.ini"};

enum { PLACES = sizeof(places) / sizeof(places[0]) };

int
kind_station_ini(const char *path)
{
	int i;

	for (i = 0; i < PLACES; i++)
		if (strcasecmp(path, places[i]) == 0)
			return 1 + i;
	return 0;
}

bool
kind_leads_to_station_ini(const char *path)
{
	size_t n = strlen(path);
	int i;

	for (i = 0; i < PLACES; i++)
		if (strncasecmp(path, places[i], n) == 0 &&
		    (places[i][n] == '\0' || places[i][n] == '/'))
			return true;
	return false;
}

/* "libx.so.1.2" */
static bool
is_versioned_library(const char *name)
{
	const char *so = strstr(name, ".so.");

	return so != NULL && so != name &&
	    strspn(so + 4, "0123456789.") == strlen(so + 4);
}

bool
kind_is_code(const char *path)
{
	static const char *const endings[] = {"exe", "dll", "ocx", "sys", "com",
	    "so", "dylib", "a", "lib", "jar", "class", "pyd", "node", "wasm",
	    "apl", "rpo", NULL};
	const char *name = path_base(path);

	return has_ending(name, endings) || is_versioned_library(name);
}

bool
kind_is_program(const char *path)
{
	static const char *const endings[] = {"bin", "pak", "res", "qm", "mo",
	    "nib", "icns", "ico", "png", "jpg", "jpeg", "gif", "bmp", "svg",
	    "ttf", "otf", "woff", "woff2", "chm", "hlp", "js", "css", "htm",
	    "html", NULL};

	return kind_is_code(path) || has_ending(path_base(path), endings);
}

static bool
is_installed(const struct manifest *installed, const char *path)
{
	const struct entry *en =
	    installed == NULL ? NULL : manifest_find(installed, path);

	return en != NULL && en->type == ENTRY_FILE;
}

/* Do exec bits tell one file from another? */
static bool
has_exec_bits(const struct manifest *have)
{
	const struct entry *en;
	size_t with = 0, without = 0;

	for (en = have->v; en != have->v + have->n; en++)
		if (en->type == ENTRY_FILE)
			*(en->exec ? &with : &without) += 1;
	return have->os != PATH_OS_WINDOWS && (with == 1 || without > 0);
}

void
kind_mark_secrets(struct manifest *have, const struct manifest *installed)
{
	bool exec_bits = has_exec_bits(have);
	struct entry *en;

	for (en = have->v; en != have->v + have->n; en++) {
		if (en->type != ENTRY_FILE)
			continue;
		en->is_secret = kind_is_ini(en->path) ||
		    (!is_installed(installed, en->path) &&
			!(en->is_public &&
			    (kind_is_program(en->path) ||
				(exec_bits && en->exec))));
	}
}
