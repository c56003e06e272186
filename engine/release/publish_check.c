/*
 * The rules for update folders, and their messages: looks at a scanned
 * manifest between the scan and the copy, so that nothing is published that a
 * station could not install.
 */
#define _GNU_SOURCE /* strcasestr */
#include "engine/release/publish_check.h"

#include "engine/base/clock.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/base/path.h"
#include "engine/base/reserved.h"
#include "engine/base/text.h"
#include "engine/release/publish.h"
#include "engine/tree/ini_policy.h"
#include "engine/tree/manifest.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { DAY_S = 24 * 60 * 60 };
enum { SHOWN_BYTES = 300, SHOWN_CLASH = 170, TEXT_BYTES = 600 };

static const char *
shown(char out[SHOWN_BYTES], const char *text)
{
	text_escape(out, SHOWN_BYTES, text);
	return out;
}

bool
publish_has_file(const struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].type == ENTRY_FILE)
			return true;
	return false;
}

/* Is the application's folder there, in any case? */
static bool
has_app(const struct manifest *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].type == ENTRY_DIR &&
		    strcasecmp(m->v[i].path, "smartclient.app") == 0)
			return true;
	return false;
}

/* The case of Latin letters is what matters; path_fold would also change
 * characters that have no upper case. */
static bool
has_upper(const char *path)
{
	size_t n, len = strlen(path);
	uint32_t cp;

	for (; len > 0; path += n, len -= n) {
		if ((n = utf8_next(path, len, &cp)) == 0)
			return false;
		if ((cp >= 'A' && cp <= 'Z') ||
		    (cp >= 0xc0 && cp <= 0xde && cp != 0xd7))
			return true;
	}
	return false;
}

static bool
is_upper(const struct entry *entry, const struct manifest *m)
{
	return m->os != PATH_OS_MACOSX && has_upper(path_base(entry->path));
}

static void
tell(const struct observer *obs, const char *path, const char *text)
{
	struct event ev = {.kind = EVENT_WARN, .path = path, .text = text};

	observe(obs, &ev);
}

static void
warn_refused(const struct refusals *r, const char *text)
{
	char line[TEXT_BYTES + SHOWN_BYTES];

	(void)snprintf(line, sizeof(line), "%s: %s", r->key, text);
	tell(r->obs, NULL, line);
}

void
refusals_add(struct refusals *r, const char *text)
{
	if (r->n++ == 0) {
		(void)strlcpy(r->first, text, sizeof(r->first));
		return;
	}
	/* One alone is told by the error. */
	if (r->n == 2)
		warn_refused(r, r->first);
	if (r->n <= PUBLISH_REFUSED_MAX)
		warn_refused(r, text);
}

int
refusals_end(const struct refusals *r, int code, struct err *e)
{
	char text[TEXT_BYTES];

	if (r->n == 0)
		return 0;
	if (r->n > PUBLISH_REFUSED_MAX) {
		(void)snprintf(text, sizeof(text), "and %zu more",
		    r->n - PUBLISH_REFUSED_MAX);
		warn_refused(r, text);
	}
	if (r->n == 1)
		(void)err_set(e, code, "%s: %s", r->key, r->first);
	else
		(void)err_set(e, code,
		    "%s: %zu names or files cannot be published, see the "
		    "warnings; the first is %s",
		    r->key, r->n, r->first);
	/* What helps is told by the errno. */
	if (code == ERP_AUTH && e != NULL)
		e->sys = EACCES;
	return code;
}

static void
refuse_upper(struct refusals *r, const char *path)
{
	char text[TEXT_BYTES], name[SHOWN_BYTES];

	(void)snprintf(text, sizeof(text),
	    "%s has upper-case letters, which LowercaseOnly=1 forbids; rename "
	    "it",
	    shown(name, path));
	refusals_add(r, text);
}

static void
refuse_clash(void *ctx, const char *a, const char *b)
{
	char text[TEXT_BYTES], first[SHOWN_CLASH], second[SHOWN_CLASH];

	text_escape(first, sizeof(first), a);
	text_escape(second, sizeof(second), b);
	(void)snprintf(text, sizeof(text),
	    "%s and %s are the same name where case does not count", first,
	    second);
	refusals_add(ctx, text);
}

static int
check_names(const struct manifest *m, const struct publish_source *src,
    const struct observer *obs, struct err *e)
{
	struct refusals r = {.obs = obs, .key = src->key};
	char name[SHOWN_BYTES];
	size_t i;
	int rc;

	for (i = 0; src->lowercase_only && i < m->n; i++)
		if (is_upper(&m->v[i], m))
			refuse_upper(&r, m->v[i].path);
	if ((rc = manifest_check(m, e)) == 0 || rc == ERP_NOMEM)
		return rc != 0 ? rc : refusals_end(&r, ERP_USAGE, e);
	/* It tells the first fault only, which mostly is of this kind. */
	(void)err_context(e, "%s=%s", src->key, shown(name, src->path));
	if (manifest_clashes(m, refuse_clash, &r, NULL) != 0 || r.n == 0)
		return rc;
	return refusals_end(&r, ERP_USAGE, e);
}

int
publish_check_errors(const struct manifest *m, const struct publish_source *src,
    const struct observer *obs, struct err *e)
{
	char name[SHOWN_BYTES];

	if (!publish_has_file(m))
		return err_set(e, ERP_USAGE,
		    "%s=%s: the folder is empty; put the client's files there",
		    src->key, shown(name, src->path));
	if (m->os == PATH_OS_MACOSX && !has_app(m))
		return err_set(e, ERP_USAGE,
		    "%s=%s: there is no folder smartclient.app; the folder "
		    "must hold it unpacked",
		    src->key, shown(name, src->path));
	return check_names(m, src, obs, e);
}

/* One kind of finding: told for the first ones, then counted. */
struct finding {
	const struct observer *obs;
	const char *key; /* of the INI */
	const char *what;
	size_t n;
};

static void
finding_add(struct finding *f, const char *path)
{
	char text[TEXT_BYTES + SHOWN_BYTES], name[SHOWN_BYTES];

	if (f->n++ >= PUBLISH_SHOWN_MAX)
		return;
	(void)snprintf(text, sizeof(text), "%s: %s %s", f->key,
	    shown(name, path), f->what);
	tell(f->obs, path, text);
}

static void
finding_end(const struct finding *f)
{
	char text[TEXT_BYTES];

	if (f->n <= PUBLISH_SHOWN_MAX)
		return;
	(void)snprintf(text, sizeof(text), "%s: %zu more like that: %s", f->key,
	    f->n - PUBLISH_SHOWN_MAX, f->what);
	tell(f->obs, NULL, text);
}

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcasecmp(name, *names) == 0)
			return true;
	return false;
}

static bool
ends_with_one_of(const char *path, const char *const *endings)
{
	size_t n, len = strlen(path);

	for (; *endings != NULL; endings++) {
		n = strlen(*endings);
		if (len > n && strcasecmp(path + len - n, *endings) == 0)
			return true;
	}
	return false;
}

/* Is there a smartclient.ini in the folder that path is in? */
static bool
has_ini_beside(const struct manifest *m, const char *path)
{
	size_t i, len = (size_t)(path_base(path) - path);

	for (i = 0; i < m->n; i++)
		if (strncmp(m->v[i].path, path, len) == 0 &&
		    strcasecmp(m->v[i].path + len, "smartclient.ini") == 0)
			return true;
	return false;
}

/* By its name, whatever it is: what is no file no station can read. */
static bool
is_own(const struct entry *entry)
{
	return strcasecmp(path_base(entry->path), "smartclient.ini") == 0;
}

/* Is it meant to be started, by its name, and may not be? */
static bool
lacks_exec(const struct entry *entry, const struct manifest *m)
{
	static const char *const scripts[] = {".sh", ".run", ".appimage", NULL};

	if (entry->exec || m->os == PATH_OS_WINDOWS)
		return false;
	return strcasecmp(path_base(entry->path), "smartclient") == 0 ||
	    ends_with_one_of(entry->path, scripts) ||
	    strcasestr(entry->path, ".app/contents/macos/") != NULL;
}

static bool
begins_with_one_of(const char *name, const char *const *beginnings)
{
	for (; *beginnings != NULL; beginnings++)
		if (strncmp(name, *beginnings, strlen(*beginnings)) == 0)
			return true;
	return false;
}

/* Is it something that editors, systems and running programs leave? */
static bool
is_junk(const char *path)
{
	static const char *const endings[] = {".tmp", ".temp", ".bak", ".old",
	    ".orig", ".rej", ".swp", ".swo", ".part", ".crdownload", "~", NULL};
	static const char *const beginnings[] = {
	    "._", ".#", "~$", ".nfs0", ".fuse_hidden", NULL};
	static const char *const names[] = {"console.log", "thumbs.db",
	    "desktop.ini", ".ds_store", "core", "nohup.out", ".git",
	    ".gitignore", ".gitattributes", ".directory", NULL};

	return is_one_of(path_base(path), names) ||
	    begins_with_one_of(path_base(path), beginnings) ||
	    ends_with_one_of(path, endings);
}

/* A folder of one who works on these files, or of his system. */
static bool
is_junk_folder(const char *name)
{
	static const char *const names[] = {".git", ".svn", ".hg", ".bzr",
	    "cvs", ".idea", ".vscode", ".vs", "__macosx", "@eadir", "#recycle",
	    "$recycle.bin", "system volume information", NULL};
	static const char *const beginnings[] = {".Trash", NULL};

	return is_one_of(name, names) || begins_with_one_of(name, beginnings);
}

/* Does it lie in such a folder?  That is told once. */
static bool
is_in_junk(const char *path)
{
	char name[PATH_MAX_BYTES];
	const char *slash;
	size_t len;

	for (; (slash = strchr(path, '/')) != NULL; path = slash + 1) {
		len = (size_t)(slash - path);
		if (len >= sizeof(name))
			continue;
		memcpy(name, path, len);
		name[len] = '\0';
		if (is_junk_folder(name))
			return true;
	}
	return false;
}

/* What was found, one kind each. */
struct findings {
	struct finding upper, packed, traces, own, exec, junk, future;
	bool has_own; /* there is one, also where stations keep theirs */
};

static void
warn_file(const struct manifest *m, const struct entry *entry,
    const struct ini_policies *ini, int64_t now_s, struct findings *f)
{
	static const char *const archives[] = {
	    ".zip", ".cab", ".gz", ".7z", ".rar", NULL};
	static const char *const left[] = {".log", ".lck", NULL};

	if (is_own(entry) && ini_policy_of(ini, entry->path) == INI_OVERWRITE)
		finding_add(&f->own, entry->path);
	if (ends_with_one_of(entry->path, archives))
		finding_add(&f->packed, entry->path);
	if (lacks_exec(entry, m))
		finding_add(&f->exec, entry->path);
	if (entry->mtime.s > now_s + DAY_S)
		finding_add(&f->future, entry->path);
	/* The search beside it is only made for few. */
	if (f->traces.n < PUBLISH_SHOWN_MAX &&
	    ends_with_one_of(entry->path, left) &&
	    has_ini_beside(m, entry->path))
		finding_add(&f->traces, entry->path);
	else if (is_junk(entry->path))
		finding_add(&f->junk, entry->path);
}

/* Stations get the nearest time that a manifest can say. */
static void
warn_times(const struct manifest *m, const struct publish_source *src,
    const struct observer *obs)
{
	struct finding beyond = {obs, src->key,
	    "is dated before 1970 or after 2242; stations get the nearest date "
	    "between these",
	    0};
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].type != ENTRY_DIR &&
		    m->v[i].raw.s != m->v[i].mtime.s)
			finding_add(&beyond, m->v[i].path);
	finding_end(&beyond);
}

/* What keeps one station from the next release keeps all. */
static void
warn_ini(const struct publish_source *src, const struct observer *obs)
{
	char text[TEXT_BYTES + SHOWN_BYTES], why[TEXT_BYTES];

	if (src->judge_ini == NULL ||
	    src->judge_ini(src->path, (int)src->os, why, sizeof(why)))
		return;
	(void)snprintf(text, sizeof(text), "%s: %s", src->key, why);
	tell(obs, NULL, text);
}

void
publish_check_warnings(const struct manifest *m,
    const struct publish_source *src, const struct names *top,
    const struct observer *obs)
{
	struct findings f = {
	    {obs, src->key,
		"has upper-case letters; on a Linux server all names should "
		"be lower case",
		0},
	    {obs, src->key,
		"is a packed archive and is sent as it is; the client's files "
		"must be unpacked",
		0},
	    {obs, src->key,
		"is a sign that a client runs from this folder; use a folder "
		"for updates only",
		0},
	    {obs, src->key,
		"replaces each station's own settings, as its server and "
		"port, unless [ErpSync] has IniPolicy=smartclient.ini:merge "
		"or Exclude=smartclient.ini",
		0},
	    {obs, src->key, "cannot be started on stations; chmod +x it here",
		0},
	    {obs, src->key,
		"looks like a leftover and goes to every station; remove it "
		"or name it in [ErpSync] Exclude",
		0},
	    {obs, src->key,
		"is dated in the future; correct its date or the clock", 0},
	    false,
	};
	int64_t now_s = clock_s(src->clock == NULL ? clock_real() : src->clock);
	size_t i;

	for (i = 0; i < top->n; i++)
		if (path_is_reserved(top->v[i]) && !path_is_of_disk(top->v[i]))
			finding_add(&f.traces, top->v[i]);
	for (i = 0; i < m->n; i++) {
		if (is_in_junk(m->v[i].path))
			continue;
		if (m->v[i].type == ENTRY_DIR &&
		    is_junk_folder(path_base(m->v[i].path))) {
			finding_add(&f.junk, m->v[i].path);
			continue;
		}
		/* An error has said so where it is one. */
		if (!src->lowercase_only && is_upper(&m->v[i], m))
			finding_add(&f.upper, m->v[i].path);
		f.has_own |= is_own(&m->v[i]);
		if (m->v[i].type == ENTRY_FILE)
			warn_file(m, &m->v[i], src->ini, now_s, &f);
	}
	warn_times(m, src, obs);
	finding_end(&f.upper);
	finding_end(&f.packed);
	finding_end(&f.traces);
	finding_end(&f.own);
	if (f.has_own)
		warn_ini(src, obs);
	finding_end(&f.exec);
	finding_end(&f.junk);
	finding_end(&f.future);
}
