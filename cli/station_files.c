/*
 * Under station_ini.c and the station's job, on top of the INI's rows: are the
 * files there that its connection needs?
 */
#include "cli/station_files.h"

#include "cli/config/config.h"
#include "cli/fault.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
station_files_is_beside(const char *text)
{
	return text[0] != '/' && text[0] != '\\' && text[0] != '\0' &&
	    text[1] != ':';
}

char *
station_files_place(const char *dir, const char *text)
{
	bool beside = station_files_is_beside(text);
	size_t n = strlen(text) + 1;
	char *place;

	if (beside)
		n += strlen(dir) + 1;
	if ((place = malloc(n)) != NULL)
		(void)snprintf(place, n, "%s%s%s", beside ? dir : "",
		    beside ? "/" : "", text);
	return place;
}

/* A row of name whose files have to load.  Those that are not there, or have
 * nothing of use in them, give the row's code; what only cannot be looked at
 * now, as on a share that is away, keeps its own. */
static int
check_row(const char *name, const char *key, const char *text,
    const struct erpsync_security *files, int code, struct err *e)
{
	struct erpsync_error error;
	int rc = erpsync_station_files_check(files, &error);

	if (rc == 0)
		return 0;
	rc = fault_take(e, &error);
	(void)err_context(e, "%s: %s=%.100s", name, key, text);
	if (rc == ERP_USAGE || rc == ERP_NOTFOUND)
		e->code = code;
	return e->code;
}

static int
check_ca(const char *dir, const char *name, const struct station_config *c,
    struct err *e)
{
	char *ca = station_files_place(dir, c->ca);
	const struct erpsync_security files = {.ca = ca};
	int rc = ca == NULL
	    ? err_nomem(e)
	    : check_row(name, "CA", c->ca, &files, ERP_UNTRUSTED, e);

	free(ca);
	return rc;
}

/* A certificate and its key are of use together only.  key: another's, or
 * NULL. */
static int
check_own(const char *dir, const char *name, const struct station_config *c,
    const char *key, struct err *e)
{
	char *shown = station_files_place(dir, c->certificate);
	char *beside = key == NULL && c->key != NULL
	    ? station_files_place(dir, c->key)
	    : NULL;
	const struct erpsync_security files = {
	    .certificate = shown, .key = key != NULL ? key : beside};
	int rc = shown == NULL || (files.key == NULL && c->key != NULL)
	    ? err_nomem(e)
	    : check_row(name, "CertificateClient", c->certificate, &files,
		  ERP_USAGE, e);

	free(shown);
	free(beside);
	return rc;
}

int
station_files_check(const char *dir, const char *name,
    const struct station_config *c, const struct erpsync_security *but,
    struct err *e)
{
	int rc = 0;

	if (c->ca != NULL && (but == NULL || but->ca == NULL))
		rc = check_ca(dir, name, c, e);
	if (rc == 0 && c->certificate != NULL &&
	    (but == NULL || but->certificate == NULL))
		rc = check_own(dir, name, c, but != NULL ? but->key : NULL, e);
	return rc;
}

bool
station_files_is_all(const char *pattern)
{
	return strchr(pattern, '*') != NULL &&
	    pattern[strspn(pattern, "*/?")] == '\0';
}

bool
station_files_has_all(const struct names *patterns)
{
	size_t i;

	for (i = 0; i < patterns->n; i++)
		if (station_files_is_all(patterns->v[i]))
			return true;
	return false;
}

void
station_files_list(char out[STATION_FILES_LIST], const struct names *patterns)
{
	static const char more[] = ", ... (+18446744073709551615)";
	char shown[STATION_FILES_LIST];
	size_t i, len = 0, room = STATION_FILES_LIST - sizeof(more);

	out[0] = '\0';
	for (i = 0; i < patterns->n; i++) {
		/* One that is cut by this is too long for the room, too. */
		text_escape(shown, sizeof(shown), patterns->v[i]);
		if (len + strlen(", ") + strlen(shown) > room)
			break;
		len += (size_t)snprintf(out + len, STATION_FILES_LIST - len,
		    "%s%s", i == 0 ? "" : ", ", shown);
	}
	if (i < patterns->n)
		(void)snprintf(out + len, STATION_FILES_LIST - len,
		    "%s... (+%zu)", i == 0 ? "" : ", ", patterns->n - i);
}

bool
station_files_drop(struct station_config *c, int code)
{
	if (code == ERP_UNTRUSTED && c->ca != NULL) {
		free(c->ca);
		c->ca = NULL;
		return true;
	}
	if (code == ERP_USAGE && c->certificate != NULL) {
		free(c->certificate);
		free(c->key);
		c->certificate = c->key = NULL;
		return true;
	}
	return false;
}
