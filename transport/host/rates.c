/*
 * Limits of what leaves the server: read from a setting, asked by connections
 * (conn.c) before they send.  Each is a bucket that all whom it is for share.
 */
#include "transport/host/rates.h"

#include "engine/base/err.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PART_MAX = 128, KIB_BITS = 10, V4_BEFORE = 96, V6_MOST = 64 };
#define RATE_MOST ((uint64_t)1 << 40)

/* A word at *at, which moves behind it and the blanks that follow. */
static void
take_word(const char **at, char out[PART_MAX])
{
	size_t n = strcspn(*at, " ");

	(void)snprintf(out, PART_MAX, "%.*s", (int)n, *at);
	*at += n;
	*at += strspn(*at, " ");
}

/* "10.1.0.0/16": 1, 0 if it is no address, -1 if there are not so many bits. */
static int
read_range(const char *word, struct rate *out)
{
	size_t n = strcspn(word, "/");
	char address[PART_MAX], *end;
	unsigned before = 0;
	long bits, most;

	(void)snprintf(address, sizeof(address), "%.*s", (int)n, word);
	memset(out->key, 0, PEER_KEY);
	if (inet_pton(AF_INET, address, out->key + 12) == 1) {
		out->key[10] = out->key[11] = 0xff;
		before = V4_BEFORE;
		most = 32;
	} else if (inet_pton(AF_INET6, address, out->key) == 1) {
		most = V6_MOST;
	} else {
		return 0;
	}
	bits = most;
	if (word[n] == '/') {
		bits = strtol(word + n + 1, &end, 10);
		if (end == word + n + 1 || *end != '\0' || bits < 1 ||
		    bits > most)
			return -1;
	}
	out->bits = before + (unsigned)bits;
	return 1;
}

/* KiB, or with a letter; at least 1 KiB. */
static bool
read_rate(const char *word, uint64_t *out)
{
	static const char letters[] = "kKmMgG";
	const char *letter;
	char *end;
	unsigned long long n;
	unsigned shift = KIB_BITS;

	if (word[0] < '1' || word[0] > '9')
		return false;
	n = strtoull(word, &end, 10);
	if (*end != '\0') {
		if ((letter = strchr(letters, *end)) == NULL || end[1] != '\0')
			return false;
		shift = KIB_BITS * (unsigned)((letter - letters) / 2 + 1);
	}
	if (n > RATE_MOST >> shift)
		return false;
	*out = (uint64_t)n << shift;
	return true;
}

static int
read_part(const char *text, struct rate *out, struct err *e)
{
	const char *whole = text[0] != '\0' ? text : ",";
	char word[PART_MAX];
	uint64_t rate;
	int range;

	memset(out, 0, sizeof(*out));
	take_word(&text, word);
	range = read_range(word, out);
	if (range < 0)
		return err_set(e, ERP_USAGE,
		    "'%s' is no range of addresses like 10.1.0.0/16", word);
	if (range > 0)
		take_word(&text, word);
	if (!read_rate(word, &rate))
		return err_set(e, ERP_USAGE,
		    "'%s' is not a rate like 512 or 2M",
		    word[0] != '\0' ? word : whole);
	bwlimit_init(&out->limit, rate, 0);
	return timetable_parse(text, &out->when, e);
}

/* A rate of all at all hours: where there are two, the comma was one of a
 * fraction. */
static bool
is_of_all(const struct rate *r)
{
	return r->bits == 0 && r->when.n == 0;
}

/* Is there another? */
static bool
has_other(const struct rates *r)
{
	size_t i;

	for (i = 0; i < r->n && !is_of_all(&r->v[i]); i++)
		continue;
	return i < r->n;
}

int
rates_parse(const char *text, struct rates *out, struct err *e)
{
	char part[PART_MAX];
	size_t n, blanks;
	int rc;

	memset(out, 0, sizeof(*out));
	for (;; text += n + 1) {
		blanks = strspn(text, " \t");
		text += blanks;
		n = strcspn(text, ",;");
		(void)snprintf(part, sizeof(part), "%.*s", (int)n, text);
		if (out->n == RATES_MAX || n >= sizeof(part))
			return err_set(e, ERP_USAGE,
			    "there are more than %d rates, or a longer one "
			    "than %d bytes",
			    RATES_MAX, PART_MAX - 1);
		if ((rc = read_part(part, &out->v[out->n], e)) != 0)
			return rc;
		if (is_of_all(&out->v[out->n]) && has_other(out))
			return err_set(e, ERP_USAGE,
			    "'%s' is a second rate of all at all hours; 2.5M "
			    "is 2560K",
			    part);
		out->n++;
		if (text[n] == '\0')
			return 0;
	}
}

void
rates_begin(struct rates *r, uint64_t now_ms)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		bwlimit_init(&r->v[i].limit, r->v[i].limit.rate, now_ms);
}

void
rates_look(struct rates *r, int64_t now_s)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		r->v[i].is_on = timetable_opens_in(&r->v[i].when, now_s) == 0;
}

/* Is it for this address, and now? */
static bool
counts(const struct rate *r, const uint8_t key[PEER_KEY])
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	if (!r->is_on || memcmp(r->key, key, whole) != 0)
		return false;
	return rest == 0 || (r->key[whole] ^ key[whole]) >> (8 - rest) == 0;
}

size_t
rates_room(struct rates *r, const uint8_t key[PEER_KEY], uint64_t now_ms)
{
	size_t room = SIZE_MAX, i, one;

	for (i = 0; i < r->n; i++)
		if (counts(&r->v[i], key) &&
		    (one = bwlimit_room(&r->v[i].limit, now_ms)) < room)
			room = one;
	return room;
}

void
rates_take(struct rates *r, const uint8_t key[PEER_KEY], size_t n)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (counts(&r->v[i], key))
			bwlimit_take(&r->v[i].limit, n);
}
