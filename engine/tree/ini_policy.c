/*
 * Rules for INI files: from the settings of both ends to the plan, which asks
 * for each file.
 */
#include "engine/tree/ini_policy.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/base/text.h"
#include "engine/tree/kind.h"

#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [INI_OVERWRITE] = "overwrite", [INI_KEEP] = "keep", [INI_MERGE] = "merge"};

/* In place, ASCII letters alone. */
static char *
lower(char *text)
{
	char *c;

	for (c = text; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return text;
}

static char *
trim(char *text)
{
	char *end;

	text += strspn(text, " ");
	for (end = text + strlen(text); end > text && end[-1] == ' '; end--)
		end[-1] = '\0';
	return text;
}

/* The rule that one item of a list is; the text is changed. */
static int
read_rule(char *item, struct ini_rule *rule, struct err *e)
{
	char *colon = strrchr(item, ':');
	char *policy = trim(colon == NULL ? item : colon + 1);
	const char *pattern = "*";
	size_t i;

	if (colon != NULL) {
		*colon = '\0';
		pattern = lower(trim(item));
	}
	(void)lower(policy);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(policy, names[i]) == 0) {
			rule->policy = (enum ini_policy)i;
			return filter_add(&rule->pattern, pattern, e);
		}
	if (*policy == '\0')
		return err_set(e, ERP_USAGE,
		    "'%.100s' has no policy behind its colon; write "
		    "PATTERN:POLICY, the policy overwrite, keep or merge",
		    pattern);
	return err_set(e, ERP_USAGE,
	    "%.100s is none of overwrite, keep and merge; write PATTERN:POLICY",
	    policy);
}

static int
add_rule(struct ini_policies *p, char *item, struct err *e)
{
	struct ini_rule *v = reallocarray(p->v, p->n + 1, sizeof(*v));
	struct ini_rule rule;
	int rc;

	if (v == NULL)
		return err_nomem(e);
	p->v = v;
	memset(&rule, 0, sizeof(rule));
	filter_init(&rule.pattern);
	if ((rc = read_rule(item, &rule, e)) != 0) {
		filter_release(&rule.pattern);
		return rc;
	}
	p->v[p->n++] = rule;
	return 0;
}

int
ini_policies_add(struct ini_policies *p, const char *list, struct err *e)
{
	char text[INI_POLICY_MAX + 1], *next = text, *item;
	int rc = 0;

	if (strlcpy(text, list, sizeof(text)) >= sizeof(text) ||
	    !text_is_plain(list))
		return err_set(e, ERP_USAGE,
		    "the policies for INI files are no text of at most %d "
		    "bytes",
		    INI_POLICY_MAX);
	while (rc == 0 && (item = strsep(&next, ",")) != NULL) {
		item = trim(item);
		if (*item != '\0')
			rc = add_rule(p, item, e);
	}
	return rc;
}

void
ini_policies_release(struct ini_policies *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		filter_release(&p->v[i].pattern);
	free(p->v);
	memset(p, 0, sizeof(*p));
}

enum ini_policy
ini_policy_of(const struct ini_policies *p, const char *path)
{
	char text[PATH_MAX_BYTES + 1];
	enum ini_policy policy = INI_OVERWRITE;
	size_t i;

	if (p == NULL || p->n == 0 || !kind_is_ini(path) ||
	    strlcpy(text, path, sizeof(text)) >= sizeof(text))
		return INI_OVERWRITE;
	(void)lower(text);
	for (i = 0; i < p->n && !filter_excludes(&p->v[i].pattern, text); i++)
		continue;
	if (i < p->n)
		policy = p->v[i].policy;
	return policy == INI_KEEP && i < p->yields && kind_station_ini(text)
	    ? INI_MERGE
	    : policy;
}

static int
put(struct buf *out, const char *text, struct err *e)
{
	return buf_append(out, text, strlen(text), e);
}

int
ini_policies_text(const struct ini_policies *p, struct buf *out, struct err *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < p->n; i++) {
		if ((i == 0 || (rc = put(out, ",", e)) == 0) &&
		    (rc = put(out, p->v[i].pattern.v[0], e)) == 0 &&
		    (rc = put(out, ":", e)) == 0)
			rc = put(out, names[p->v[i].policy], e);
	}
	return rc;
}
