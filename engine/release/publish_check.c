/* The rules for update folders, and their messages. */
#include "engine/release/publish_check.h"

#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/observer.h"
#include "engine/base/path.h"
#include "engine/base/text.h"
#include "engine/release/publish.h"
#include "engine/tree/manifest.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { SHOWN_BYTES = 400, TEXT_BYTES = 600 };

static const char *
shown(char out[SHOWN_BYTES], const char *text)
{
	text_escape(out, SHOWN_BYTES, text);
	return out;
}

static bool
has_file(const struct manifest *m)
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

int
publish_check_errors(
    const struct manifest *m, const struct publish_source *src, struct err *e)
{
	char name[SHOWN_BYTES];
	size_t i;
	int rc;

	if (!has_file(m))
		return err_set(e, ERP_USAGE,
		    "%s=%s: the folder is empty; put the client's files there",
		    src->key, shown(name, src->path));
	if (m->os == PATH_OS_MACOSX && !has_app(m))
		return err_set(e, ERP_USAGE,
		    "%s=%s: there is no folder smartclient.app; the folder "
		    "must hold it unpacked",
		    src->key, shown(name, src->path));
	for (i = 0; i < m->n; i++)
		if (src->lowercase_only && is_upper(&m->v[i], m))
			return err_set(e, ERP_USAGE,
			    "%s: %s has upper-case letters, which "
			    "LowercaseOnly=1 forbids; rename it",
			    src->key, shown(name, m->v[i].path));
	if ((rc = manifest_check(m, e)) != 0)
		(void)err_context(e, "%s=%s", src->key, shown(name, src->path));
	return rc;
}

/* One kind of finding: told for the first ones, then counted. */
struct finding {
	const struct observer *obs;
	const char *key; /* of the INI */
	const char *what;
	size_t n;
};

static void
tell(const struct finding *f, const char *path, const char *text)
{
	struct event ev = {.kind = EVENT_WARN, .path = path, .text = text};

	observe(f->obs, &ev);
}

static void
finding_add(struct finding *f, const char *path)
{
	char text[TEXT_BYTES + SHOWN_BYTES], name[SHOWN_BYTES];

	if (f->n++ >= PUBLISH_SHOWN_MAX)
		return;
	(void)snprintf(text, sizeof(text), "%s: %s %s", f->key,
	    shown(name, path), f->what);
	tell(f, path, text);
}

static void
finding_end(const struct finding *f)
{
	char text[TEXT_BYTES];

	if (f->n <= PUBLISH_SHOWN_MAX)
		return;
	(void)snprintf(text, sizeof(text), "%s: %zu more like that: %s", f->key,
	    f->n - PUBLISH_SHOWN_MAX, f->what);
	tell(f, NULL, text);
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

static void
warn_entries(const struct manifest *m, struct finding *upper,
    struct finding *packed, struct finding *traces, struct finding *own)
{
	static const char *const archives[] = {
	    ".zip", ".cab", ".gz", ".7z", ".rar", NULL};
	static const char *const left[] = {".log", ".lck", NULL};
	const struct entry *entry = m->v;
	size_t i;

	for (i = 0; i < m->n; i++, entry++) {
		if (is_upper(entry, m))
			finding_add(upper, entry->path);
		if (entry->type != ENTRY_FILE)
			continue;
		if (strcasecmp(path_base(entry->path), "smartclient.ini") == 0)
			finding_add(own, entry->path);
		if (ends_with_one_of(entry->path, archives))
			finding_add(packed, entry->path);
		/* The search beside it is only made for few. */
		if (traces->n < PUBLISH_SHOWN_MAX &&
		    ends_with_one_of(entry->path, left) &&
		    has_ini_beside(m, entry->path))
			finding_add(traces, entry->path);
	}
}

void
publish_check_warnings(const struct manifest *m,
    const struct publish_source *src, const struct names *top,
    const struct observer *obs)
{
	struct finding upper = {obs, src->key,
	    "has upper-case letters; on a Linux server all names should be "
	    "lower case",
	    0};
	struct finding packed = {obs, src->key,
	    "is a packed archive and is sent as it is; the client's files "
	    "must be unpacked",
	    0};
	struct finding traces = {obs, src->key,
	    "is a sign that a client runs from this folder; use a folder for "
	    "updates only",
	    0};
	struct finding own = {obs, src->key,
	    "replaces each station's own settings, as its server and port; "
	    "[ErpSync] Exclude=smartclient.ini leaves them alone",
	    0};
	size_t i;

	for (i = 0; i < top->n; i++)
		if (path_is_reserved(top->v[i]))
			finding_add(&traces, top->v[i]);
	warn_entries(m, &upper, &packed, &traces, &own);
	finding_end(&upper);
	finding_end(&packed);
	finding_end(&traces);
	finding_end(&own);
}
