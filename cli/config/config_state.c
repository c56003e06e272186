/*
 * State folder, log and key must be apart from what is published and from each
 * other, and the folders of two systems should be: looked at after the settings
 * are read, before any is opened.
 */
#include "cli/config/config_state.h"

#include "cli/config/config.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/path_file.h"
#include "engine/base/who.h"

#include <bsd/string.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_BYTES = 1024 /* of a warning */, LINKS_MOST = 40 };

/* The resolved path of what may not exist yet: that of its nearest parent
 * that does.  False when nothing of it can be resolved. */
static bool
resolve(const char *path, char out[PATH_MAX])
{
	char part[PATH_MAX];
	char *slash;

	if (strlcpy(part, path, sizeof(part)) >= sizeof(part))
		return false;
	while (realpath(part, out) == NULL) {
		if ((slash = strrchr(part, '/')) == NULL)
			return realpath(".", out) != NULL;
		if (slash == part)
			slash++;
		if (*slash == '\0')
			return false;
		*slash = '\0';
	}
	return true;
}

/* Is inner the folder outer, or below it? */
static bool
is_below(const char *inner, const char *outer)
{
	size_t n = strlen(outer);

	if (strcmp(outer, "/") == 0)
		return true;
	return strncmp(inner, outer, n) == 0 &&
	    (inner[n] == '/' || inner[n] == '\0');
}

/* One folder under two names: the same one, also where it is mounted twice. */
static bool
is_same(const char *a, const char *b)
{
	struct stat one, other;

	return strcmp(a, b) == 0 ||
	    (stat(a, &one) == 0 && stat(b, &other) == 0 &&
		one.st_dev == other.st_dev && one.st_ino == other.st_ino);
}

/* An update folder that is another one, told at the first of them, or lies in
 * it. */
static int
warn_shared(struct server_config *c, int os, const char *folder, struct err *e)
{
	char other[PATH_MAX], line[LINE_BYTES];
	bool same;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < PATH_OS_N; i++) {
		if (i == os || c->path[i] == NULL ||
		    realpath(c->path[i], other) == NULL)
			continue;
		same = is_same(folder, other);
		if (same && i > os)
			(void)snprintf(line, sizeof(line),
			    "%s=%.300s and %s=%.300s are one folder, which is "
			    "published for both systems; give each its own, "
			    "unless its files are for both",
			    config_os_key((enum path_os)os), c->path[os],
			    config_os_key((enum path_os)i), c->path[i]);
		else if (!same && is_below(folder, other))
			(void)snprintf(line, sizeof(line),
			    "%s=%.300s lies in %s=%.300s and is published "
			    "with it, unless Exclude leaves it out",
			    config_os_key((enum path_os)os), c->path[os],
			    config_os_key((enum path_os)i), c->path[i]);
		else
			continue;
		rc = names_add(&c->warnings, line, e);
	}
	return rc;
}

static int
warn_writable(struct server_config *c, const char *state, struct err *e)
{
	char line[LINE_BYTES];
	struct stat st;

	if (stat(state, &st) != 0 || (st.st_mode & S_IWOTH) == 0)
		return 0;
	(void)snprintf(line, sizeof(line),
	    "every user of this machine can write in the state folder %.600s, "
	    "and so change what stations get; take that right from them",
	    state);
	return names_add(&c->warnings, line, e);
}

/* "name" beside the file at path, in its place; false: too long. */
static bool
put_beside(char path[PATH_MAX], const char *name)
{
	char *slash = name[0] == '/' ? NULL : strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path) + 1;

	return strlcpy(path + n, name, PATH_MAX - n) < PATH_MAX - n;
}

/* Where the link at path leads to, as it says; false: it is none. */
static bool
read_link(const char *path, char out[PATH_MAX])
{
	struct at in;
	int n;

	if (path_file_open_folder(fs_real(), path, &in, NULL) != 0)
		return false;
	n = fs_readlink(fs_real(), in.dir, in.path, out, PATH_MAX - 1);
	(void)fs_close(fs_real(), in.dir);
	if (n <= 0 || n >= PATH_MAX)
		return false;
	out[n] = '\0';
	return true;
}

/* The resolved path of a file that may not exist yet, as whoever creates it
 * would follow the links; false for none. */
static bool
resolve_file(const char *path, char out[PATH_MAX])
{
	char at[PATH_MAX], to[PATH_MAX];
	const char *name;
	int links;

	if (path == NULL || strlcpy(at, path, sizeof(at)) >= sizeof(at))
		return false;
	for (links = 0; links < LINKS_MOST; links++) {
		if (realpath(at, out) != NULL)
			return true;
		if (!read_link(at, to))
			break;
		if (!put_beside(at, to))
			return false;
	}
	name = strrchr(at, '/');
	(void)strlcpy(to, name == NULL ? at : name + 1, sizeof(to));
	return put_beside(at, ".") && resolve(at, out) &&
	    strlcat(out, "/", PATH_MAX) < PATH_MAX &&
	    strlcat(out, to, PATH_MAX) < PATH_MAX;
}

bool
config_is_published(
    const char *path, const char *folder, const struct names *exclude)
{
	char file[PATH_MAX], outer[PATH_MAX];
	size_t n;

	if (realpath(folder, outer) == NULL || !resolve_file(path, file) ||
	    !is_below(file, outer))
		return false;
	n = strcmp(outer, "/") == 0 ? 0 : strlen(outer);
	return file[n] == '\0' ||
	    !erpsync_is_excluded(
		(const char *const *)exclude->v, exclude->n, file + n + 1);
}

/* Would this file of the server's own go to stations out of the folder? */
static bool
is_published(
    const struct server_config *c, const char *path, const char *folder)
{
	return config_is_published(path, folder, &c->exclude);
}

/* A log that is published with the next change is the next change; a key, or
 * what the ERP's own INI says of databases, is for nobody. */
static int
check_own(struct server_config *c, int os, const char *folder, struct err *e)
{
	const struct {
		const char *key, *file;
	} own[] = {{"LogFile", c->log_file}, {"KeyServer", c->tls.key}};
	const char *key = config_os_key((enum path_os)os);
	char line[LINE_BYTES];
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (is_published(c, own[i].file, folder))
			return err_set(e, ERP_USAGE,
			    "[ErpSync] %s=%.200s lies in the update folder "
			    "%s=%.200s and would be published; move it out of "
			    "there, or leave it out by Exclude",
			    own[i].key, own[i].file, key, c->path[os]);
	if (!is_published(c, c->file, folder))
		return 0;
	(void)snprintf(line, sizeof(line),
	    "%.300s, with all it says of this server, lies in the update "
	    "folder %s=%.300s and is published; move it out of there, or leave "
	    "it out by Exclude",
	    c->file, key, c->path[os]);
	return names_add(&c->warnings, line, e);
}

/* Is it, in the state folder, what the server has there itself?
 * (docs/storage-server.md) */
static bool
is_of_state(const char *name)
{
	static const char *const names[] = {"format", "lock", "turn", "content",
	    "blob", "key", "release", "tls.pem", "tmp"};
	size_t i, n = strcspn(name, "/");

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == n && strncmp(name, names[i], n) == 0)
			return true;
	return strncmp(name, "hashes-", strlen("hashes-")) == 0;
}

/* The log may lie beside the server's own files, but is none of them. */
static int
check_state(const struct server_config *c, const char *state, struct err *e)
{
	char own[PATH_MAX], file[PATH_MAX];

	if (!resolve(state, own) || !resolve_file(c->log_file, file) ||
	    !is_below(file, own) || file[strlen(own)] != '/' ||
	    !is_of_state(file + strlen(own) + 1))
		return 0;
	return err_set(e, ERP_USAGE,
	    "[ErpSync] LogFile=%.300s is a file of the state folder's own; "
	    "give the log another name",
	    c->log_file);
}

/* Nor is the log written into a file that says something. */
static int
check_log(const struct server_config *c, struct err *e)
{
	const struct {
		const char *key, *file;
	} others[] = {{"--config", c->file},
	    {"CertificateServer", c->tls.certificate},
	    {"KeyServer", c->tls.key}, {"ClientCA", c->tls.client_ca},
	    {"SealKey", c->seal_key}};
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (c->log_file != NULL && others[i].file != NULL &&
		    is_same(c->log_file, others[i].file))
			return err_set(e, ERP_USAGE,
			    "[ErpSync] LogFile=%.300s is the file of %s, too; "
			    "give the log a file of its own",
			    c->log_file, others[i].key);
	return 0;
}

int
server_config_check_folders(
    struct server_config *c, const char *state, struct err *e)
{
	char own[PATH_MAX], folder[PATH_MAX], line[LINE_BYTES];
	bool known = resolve(state, own); /* else opening it will say why */
	int os, rc;

	if ((rc = check_log(c, e)) != 0 || (rc = check_state(c, state, e)) != 0)
		return rc;
	for (os = 0; os < PATH_OS_N; os++) {
		if (c->path[os] == NULL ||
		    realpath(c->path[os], folder) == NULL)
			continue;
		if (known && is_below(own, folder))
			return err_set(e, ERP_USAGE,
			    "the state folder %s lies in the update folder "
			    "%s=%s and would be published; set [ErpSync] "
			    "State to a folder elsewhere",
			    state, config_os_key((enum path_os)os),
			    c->path[os]);
		if ((rc = check_own(c, os, folder, e)) != 0 ||
		    (rc = warn_shared(c, os, folder, e)) != 0)
			return rc;
	}
	if (config_warn_key(c->tls.key, line, sizeof(line)) &&
	    (rc = names_add(&c->warnings, line, e)) != 0)
		return rc;
	return warn_writable(c, state, e);
}

int
server_config_check_owner(const char *state, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	/* Once a server is at home there its files tell, not the folder. */
	(void)snprintf(path, sizeof(path), "%s/format", state);
	if (!who_is_root() || (stat(path, &st) != 0 && stat(state, &st) != 0) ||
	    st.st_uid == 0)
		return 0;
	return err_set(e, ERP_AUTH,
	    "the state folder %.600s is another user's, whose server could not "
	    "read what root makes there; run this as that user",
	    state);
}
