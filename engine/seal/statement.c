/*
 * The grammar of trusted comments: fields in a fixed order, each once.  What
 * was read is written again and must be the same, so there is one form.
 */
#include "engine/seal/statement.h"

#include "engine/base/err.h"

#include <assert.h>
#include <bsd/string.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RELEASE_HEAD "erpsync-seal-1"
#define SUCCESSOR_HEAD "erpsync-key-1"

enum { VALUE_MAX = 80 };

static int
no_statement(struct err *e)
{
	return err_set(
	    e, ERP_CORRUPT, "its trusted comment is no statement of erpsync");
}

bool
statement_product_is_valid(const char *text)
{
	size_t n = strlen(text);

	return n >= 1 && n <= STATEMENT_NAME &&
	    strspn(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789._-") == n;
}

int
statement_check_product(const char *text, struct err *e)
{
	return statement_product_is_valid(text)
	    ? 0
	    : err_set(e, ERP_USAGE,
		  "product %s: use 1 to 64 of A-Z a-z 0-9 . _ -", text);
}

static bool
is_build(const char *text)
{
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return i <= STATEMENT_NAME;
}

/* " name=value", up to the next blank. */
static bool
take(const char **at, const char *name, char value[VALUE_MAX])
{
	size_t n = strlen(name), len;

	if (**at != ' ' || strncmp(*at + 1, name, n) != 0 ||
	    (*at)[1 + n] != '=')
		return false;
	*at += n + 2;
	len = strcspn(*at, " ");
	if (len >= VALUE_MAX)
		return false;
	memcpy(value, *at, len);
	value[len] = '\0';
	*at += len;
	return true;
}

static bool
take_number(const char **at, const char *name, uint64_t most, uint64_t *out)
{
	char value[VALUE_MAX];
	const char *p = value;
	uint64_t digit;

	if (!take(at, name, value) || value[0] == '\0')
		return false;
	for (*out = 0; *p >= '0' && *p <= '9'; p++) {
		digit = (uint64_t)(*p - '0');
		if (*out > (most - digit) / 10)
			return false;
		*out = *out * 10 + digit;
	}
	return *p == '\0';
}

/* Seconds up to 2^33, as times of files. */
static bool
take_time(const char **at, const char *name, int64_t *out)
{
	uint64_t v;

	if (!take_number(at, name, UINT64_C(1) << 33, &v))
		return false;
	*out = (int64_t)v;
	return true;
}

static bool
take_os(const char **at, enum path_os *out)
{
	char value[VALUE_MAX];
	int os;

	if (!take(at, "system", value))
		return false;
	for (os = 0; os < PATH_OS_N; os++)
		if (strcmp(value, path_os_name((enum path_os)os)) == 0) {
			*out = (enum path_os)os;
			return true;
		}
	return false;
}

static bool
take_product(const char **at, char out[STATEMENT_NAME + 1])
{
	char value[VALUE_MAX];

	return take(at, "product", value) &&
	    strlcpy(out, value, STATEMENT_NAME + 1) <= STATEMENT_NAME;
}

/* The build is the rest of the line: it may have blanks. */
static bool
take_build(const char *at, char out[STATEMENT_NAME + 1])
{
	static const char name[] = " build=";

	return strncmp(at, name, sizeof(name) - 1) == 0 &&
	    strlcpy(out, at + sizeof(name) - 1, STATEMENT_NAME + 1) <=
	    STATEMENT_NAME;
}

static bool
is_sound(const struct statement *s)
{
	return s->serial >= 1 && s->expires > s->issued &&
	    s->expires - s->issued <= STATEMENT_VALID_MOST && s->issued >= 0 &&
	    statement_product_is_valid(s->product) && is_build(s->build);
}

int
statement_encode(const struct statement *s, char out[MINISIGN_COMMENT_MAX + 1],
    struct err *e)
{
	char hex[HASH_HEX_LEN + 1];

	if (!is_sound(s))
		return no_statement(e);
	hash_hex(&s->release, hex);
	(void)snprintf(out, MINISIGN_COMMENT_MAX + 1,
	    RELEASE_HEAD " release=%s size=%" PRIu64 " serial=%" PRIu64
			 " system=%s product=%s issued=%" PRId64
			 " expires=%" PRId64 " downgrade=%s build=%s",
	    hex, s->size, s->serial, path_os_name(s->os), s->product, s->issued,
	    s->expires, s->downgrade ? "yes" : "no", s->build);
	return 0;
}

static bool
parse(const char *at, struct statement *out)
{
	char hex[VALUE_MAX], answer[VALUE_MAX];

	if (strncmp(at, RELEASE_HEAD, strlen(RELEASE_HEAD)) != 0)
		return false;
	at += strlen(RELEASE_HEAD);
	if (!take(&at, "release", hex) || !hash_parse(hex, &out->release) ||
	    !take_number(&at, "size", UINT64_MAX, &out->size) ||
	    !take_number(&at, "serial", UINT64_MAX, &out->serial) ||
	    !take_os(&at, &out->os) || !take_product(&at, out->product) ||
	    !take_time(&at, "issued", &out->issued) ||
	    !take_time(&at, "expires", &out->expires) ||
	    !take(&at, "downgrade", answer) || !take_build(at, out->build))
		return false;
	out->downgrade = strcmp(answer, "yes") == 0;
	return true;
}

int
statement_decode(const char *text, struct statement *out, struct err *e)
{
	char again[MINISIGN_COMMENT_MAX + 1];

	memset(out, 0, sizeof(*out));
	if (!parse(text, out) || statement_encode(out, again, e) != 0 ||
	    strcmp(text, again) != 0)
		return no_statement(e);
	return 0;
}

void
successor_encode(const struct successor *s, char out[MINISIGN_COMMENT_MAX + 1])
{
	(void)snprintf(out, MINISIGN_COMMENT_MAX + 1,
	    SUCCESSOR_HEAD " serial=%" PRIu64 " issued=%" PRId64, s->serial,
	    s->issued);
}

int
successor_decode(const char *text, struct successor *out, struct err *e)
{
	char again[MINISIGN_COMMENT_MAX + 1];
	const char *at = text + strlen(SUCCESSOR_HEAD);

	memset(out, 0, sizeof(*out));
	if (strncmp(text, SUCCESSOR_HEAD, strlen(SUCCESSOR_HEAD)) != 0 ||
	    !take_number(&at, "serial", UINT64_MAX, &out->serial) ||
	    !take_time(&at, "issued", &out->issued))
		return no_statement(e);
	successor_encode(out, again);
	return strcmp(text, again) == 0 ? 0 : no_statement(e);
}
