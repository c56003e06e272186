/*
 * Below the table of settings: what a value may be.  Each way takes the text
 * of one entry into one field, or fails naming file and line.
 */
#include "cli/config/settings_internal.h"

#include "cli/config/config.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "transport/api/erpsync.h"

#include <assert.h>
#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static bool
is_one_of(const char *text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (ini_name_equal(text, *list))
			return true;
	return false;
}

int
take_flag(struct reader *r, const struct setting *s, const struct ini_entry *v,
    void *out)
{
	static const char *const yes[] = {
	    "1", "yes", "true", "on", "sim", "si", NULL};
	static const char *const no[] = {
	    "0", "no", "false", "off", "nao", "n\xc3\xa3o", NULL};
	bool *flag = out;

	*flag = is_one_of(v->value, yes);
	if (!*flag && !is_one_of(v->value, no))
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.100s is neither yes nor no; write %s=1 or %s=0",
		    s->key, v->value, s->key, s->key);
	return 0;
}

int
settings_number(struct reader *r, const struct setting *s,
    const struct ini_entry *v, long long *out)
{
	const char *why = NULL;
	long long n;

	assert(s->least < s->most);
	if (v == NULL)
		return 0;
	n = strtonum(v->value, s->least, s->most, &why);
	if (why != NULL)
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.100s is not a whole number from %lld to %lld", v->key,
		    v->value, s->least, s->most);
	*out = n;
	return 0;
}

int
take_int(struct reader *r, const struct setting *s, const struct ini_entry *v,
    void *out)
{
	int *number = out, rc;
	long long n = 0;

	assert(s->most <= INT_MAX);
	if ((rc = settings_number(r, s, v, &n)) == 0)
		*number = (int)n;
	return rc;
}

/* One more than it says: 0 is for what is not there. */
int
take_count(struct reader *r, const struct setting *s, const struct ini_entry *v,
    void *out)
{
	int rc = take_int(r, s, v, out), *number = out;

	if (rc == 0)
		++*number;
	return rc;
}

int
take_seconds(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out)
{
	uint32_t *ms = out;
	long long n = 0;
	int rc;

	assert(s->least >= 0 && s->most <= UINT32_MAX / 1000);
	if ((rc = settings_number(r, s, v, &n)) == 0)
		*ms = (uint32_t)n * 1000;
	return rc;
}

int
take_mebibytes(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out)
{
	uint64_t *bytes = out;
	long long n = 0;
	int rc;

	assert(s->least >= 0 && s->most <= INT64_MAX >> 20);
	if ((rc = settings_number(r, s, v, &n)) == 0)
		*bytes = (uint64_t)n << 20;
	return rc;
}

int
take_os(struct reader *r, const struct setting *s, const struct ini_entry *v,
    void *out)
{
	int *system = out, os;

	for (os = 0; os < PATH_OS_N; os++)
		if (ini_name_equal(v->value, path_os_name((enum path_os)os))) {
			*system = 1 + os;
			return 0;
		}
	return ini_fail(&r->ini, r->e, v->line,
	    "%s=%.100s is none of windows, linux and macosx", s->key, v->value);
}

int
take_window(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out)
{
	/* In the order of --window. */
	static const char *const words[] = {"auto", "always", "never"};
	int *wish = out, i;

	for (i = 0; i < 3; i++)
		if (ini_name_equal(v->value, words[i])) {
			*wish = 1 + i;
			return 0;
		}
	return ini_fail(&r->ini, r->e, v->line,
	    "%s=%.100s is none of auto, always and never", s->key, v->value);
}

/* As --bwlimit: a rate without a letter is in KiB. */
int
take_rate(struct reader *r, const struct setting *s, const struct ini_entry *v,
    void *out)
{
	if (text_rate(v->value, out))
		return 0;
	return ini_fail(&r->ini, r->e, v->line,
	    "%s=%.100s is not a rate like 512 or 2M", s->key, v->value);
}

int
take_pin(struct reader *r, const struct setting *s, const struct ini_entry *v,
    void *out)
{
	if (erpsync_pin_is_valid(v->value))
		return take_text(r, s, v, out);
	(void)ini_fail(&r->ini, r->e, v->line,
	    "%s=%.100s is no pin: it is sha256// and 44 characters, as the "
	    "server's log and erpsync keygen tell it",
	    s->key, v->value);
	/* Whoever passes over bad values must not pass over this one. */
	if (r->e != NULL)
		r->e->code = ERP_UNTRUSTED;
	return ERP_UNTRUSTED;
}

int
take_station_id(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out)
{
	if (!erpsync_station_id_is_valid(v->value))
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.100s: use 1 to 64 of A-Z a-z 0-9 . _ -", s->key,
		    v->value);
	(void)strlcpy(out, v->value, CONFIG_MAX_LABEL + 1);
	return 0;
}

/* A build label: short printable ASCII. */
int
take_label(struct reader *r, const struct setting *s, const struct ini_entry *v,
    void *out)
{
	const char *p;

	for (p = v->value; *p > ' ' && *p < 0x7f; p++)
		continue;
	if (*p != '\0' || p - v->value > CONFIG_MAX_LABEL)
		return ini_fail(&r->ini, r->e, v->line,
		    "%s may only have ASCII characters without blanks, up to "
		    "%d",
		    s->key, CONFIG_MAX_LABEL);
	(void)strlcpy(out, v->value, CONFIG_MAX_LABEL + 1);
	return 0;
}

static bool
is_windows_path(const char *path)
{
	return strchr(path, '\\') != NULL ||
	    (path[0] != '\0' && path[1] == ':');
}

int
take_path(struct reader *r, const struct setting *s, const struct ini_entry *v,
    void *out)
{
	const char *slash = strrchr(r->path, '/');
	int folder = slash == NULL ? 0 : (int)(slash - r->path) + 1;
	char **path = out;
	size_t size;

	assert(*path == NULL);
	if (is_windows_path(v->value))
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.150s is a path of Windows; write the folder's path "
		    "on this server, as in /erp/bin/remote_upd",
		    s->key, v->value);
	if (v->value[0] == '/')
		folder = 0;
	size = (size_t)folder + strlen(v->value) + 1;
	if ((*path = malloc(size)) == NULL)
		return err_nomem(r->e);
	(void)snprintf(*path, size, "%.*s%s", folder, r->path, v->value);
	return 0;
}

int
take_text(struct reader *r, const struct setting *s, const struct ini_entry *v,
    void *out)
{
	char **text = out;

	(void)s;
	assert(*text == NULL);
	if ((*text = strdup(v->value)) == NULL)
		return err_nomem(r->e);
	return 0;
}

int
take_ini_policy(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out)
{
	struct erpsync_error why;

	if (erpsync_ini_policy_check(v->value, &why) != 0)
		return ini_fail(
		    &r->ini, r->e, v->line, "%s: %s", s->key, why.message);
	return take_text(r, s, v, out);
}

int
take_ini_conflict(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out)
{
	int *conflict = out;

	if (ini_name_equal(v->value, "station"))
		*conflict = ERPSYNC_STATION_WINS;
	else if (ini_name_equal(v->value, "release"))
		*conflict = ERPSYNC_RELEASE_WINS;
	else
		return ini_fail(&r->ini, r->e, v->line,
		    "%s=%.100s is none of station and release", s->key,
		    v->value);
	return 0;
}

int
take_patterns(struct reader *r, const struct setting *s,
    const struct ini_entry *v, void *out)
{
	char *list, *next, *pattern;
	struct erpsync_error why;
	int rc = 0;

	if ((list = next = strdup(v->value)) == NULL)
		return err_nomem(r->e);
	while (rc == 0 && (pattern = strsep(&next, ",;")) != NULL) {
		pattern = ini_trim(pattern);
		if (*pattern == '\0')
			continue;
		rc = erpsync_exclude_check(pattern, &why);
		if (rc == 0)
			rc = names_add(out, pattern, r->e);
		else if (rc == ERP_NOMEM)
			rc = err_nomem(r->e);
		else
			rc = ini_fail(&r->ini, r->e, v->line, "%s: %s", s->key,
			    why.message);
	}
	free(list);
	return rc;
}
