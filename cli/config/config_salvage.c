/*
 * On top of the table of settings, beside config_station.c: what a
 * smartclient.ini that cannot be all there is says all the same.  A row that
 * keeps files or asks for proof counts, though another one is wrong.
 */
#include "cli/config/config.h"

#include "cli/config/settings.h"
#include "engine/base/fs.h"

#include <stdlib.h>
#include <string.h>

/* What may stand in a row that could not be taken is the worst. */
static void
fear(struct station_config *c, enum setting_id id)
{
	c->doubt.vague |= id == STATION_EXCLUDE || id == STATION_INI_POLICY;
	c->doubt.unproven |= id == STATION_PIN || id == STATION_CA;
	c->secure |= id == STATION_SECURE;
}

/* Is it a row that asks for proof of the server? */
static bool
asks_proof(char *line)
{
	char *value = strchr(line, '=');

	if (value == NULL)
		return false;
	*value++ = '\0';
	while ((unsigned char)*line >= 0x80) /* a byte order mark */
		line++;
	line = ini_trim(line);
	return *ini_trim(value) != '\0' &&
	    (ini_name_equal(line, settings[STATION_PIN].key) ||
		ini_name_equal(line, settings[STATION_CA].key));
}

/* The same of a text whose rows cannot be told, be it UTF-16.  One that is not
 * all there is may go on with such a row. */
static bool
text_asks_proof(int fd)
{
	char *text = malloc(INI_MAX_BYTES + 1), *next, *line;
	bool asks = true;
	size_t i, n = 0;
	int64_t got;

	if (text == NULL)
		return true;
	got = fs_pread(fs_real(), fd, text, INI_MAX_BYTES, 0);
	if (got >= 0 && got < INI_MAX_BYTES) {
		for (i = 0; i < (size_t)got; i++)
			if (text[i] != '\0')
				text[n++] = text[i];
		text[n] = '\0';
		asks = false;
	}
	next = text;
	while (!asks && (line = strsep(&next, "\r\n")) != NULL)
		asks = asks_proof(line);
	free(text);
	return asks;
}

void
station_config_salvage(int fd, struct station_config *c)
{
	struct reader r = {.path = ""};
	int id;

	memset(c, 0, sizeof(*c));
	if (ini_read(fs_real(), fd, "", &r.ini, NULL) != 0) {
		c->doubt.vague = true;
		c->doubt.unproven = text_asks_proof(fd);
		return;
	}
	for (id = STATION_LANGUAGE; id < SETTINGS_N; id++)
		if (settings_take(&r, (enum setting_id)id, c) != 0)
			fear(c, (enum setting_id)id);
	c->insecure = false;
	ini_release(&r.ini);
}
