/*
 * Under station_ini.c and the station's job, on top of the INI's rows: are the
 * files there that its connection needs?
 */
#include "cli/station_files.h"

#include "cli/config/config.h"
#include "engine/base/err.h"
#include "engine/base/path_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What each begins with, be it a certificate, a list or a key. */
#define PEM_BEGIN "-----BEGIN "

enum { LINE_BYTES = 256 };

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

static int
check_pem(const char *path, struct err *e)
{
	char line[LINE_BYTES];
	bool begins = false;
	FILE *in;
	int rc;

	if ((rc = path_file_open(path, &in, e)) != 0)
		return rc;
	while (!begins && fgets(line, sizeof(line), in) != NULL)
		begins = strncmp(line, PEM_BEGIN, strlen(PEM_BEGIN)) == 0;
	(void)fclose(in);
	return begins
	    ? 0
	    : err_path(e, ERP_USAGE, path, "has nothing of a PEM file in it");
}

int
station_files_check(const char *dir, const char *name,
    const struct station_config *c, const struct station_config *but,
    struct err *e)
{
	const struct {
		const char *key, *text, *instead;
		int code;
	} rows[] = {
	    {"CA", c->ca, but != NULL ? but->ca : NULL, ERP_UNTRUSTED},
	    {"CertificateClient", c->certificate,
		but != NULL ? but->certificate : NULL, ERP_USAGE},
	    /* Of no use without, and never read. */
	    {"KeyClient", c->certificate != NULL ? c->key : NULL,
		but != NULL ? but->key : NULL, ERP_USAGE},
	};
	char *place;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].text == NULL || rows[i].instead != NULL)
			continue;
		if ((place = station_files_place(dir, rows[i].text)) == NULL)
			return err_nomem(e);
		rc = check_pem(place, e);
		free(place);
		if (rc == 0)
			continue;
		(void)err_context(
		    e, "%s: %s=%.100s", name, rows[i].key, rows[i].text);
		e->code = rows[i].code;
		return rows[i].code;
	}
	return 0;
}
