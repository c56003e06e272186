/*
 * The keys of a client folder and the seal of what is installed, for the
 * library's callers; engine/apply/trust.c knows all about them.
 */
#include "transport/api/api_internal.h"

#include "engine/apply/trust.h"
#include "engine/base/buf.h"
#include "transport/api/erpsync_seal.h"

#include <assert.h>
#include <bsd/string.h>
#include <string.h>

SAME(ERPSYNC_KEY_ID, MINISIGN_ID_HEX);
SAME(ERPSYNC_LABEL_MAX, STATEMENT_NAME);

/* The second line of a key's file. */
static int
tell_key(const struct minisign_key *key, erpsync_key_fn *told, void *ctx,
    struct err *e)
{
	char id[MINISIGN_ID_HEX + 1], *line, *end;
	struct buf text;
	int rc;

	buf_init(&text, MINISIGN_FILE_MAX);
	if ((rc = minisign_key_encode(key, &text, e)) == 0 &&
	    (rc = buf_append(&text, "", 1, e)) == 0) {
		minisign_id_hex(key->id, id);
		line = strchr((char *)text.p + text.off, '\n') + 1;
		end = strchr(line, '\n');
		assert(end != NULL);
		*end = '\0';
		told(ctx, id, line);
	}
	buf_release(&text);
	return rc;
}

int
erpsync_keys(struct erpsync_folder *f, erpsync_key_fn *told, void *ctx,
    struct erpsync_error *error)
{
	struct err e;
	const struct seal_trust *t = trust_get(f->f, &e);
	size_t i;
	int rc = t != NULL ? 0 : e.code;

	for (i = 0; rc == 0 && i < t->n; i++)
		rc = tell_key(&t->keys[i], told, ctx, &e);
	return rc != 0 ? api_fail(error, &e) : (int)t->n;
}

int
erpsync_key_add(struct erpsync_folder *f, const char *text, size_t n,
    const char *product, struct erpsync_error *error)
{
	struct minisign_key key;
	struct err e;
	int rc = minisign_key_decode(text, n, &key, &e);

	if (rc == 0)
		rc = trust_add(f->f, &key, product, &e);
	return rc != 0 ? api_fail(error, &e) : 0;
}

int
erpsync_key_remove(
    struct erpsync_folder *f, const char *id, struct erpsync_error *error)
{
	struct err e;

	return trust_remove(f->f, id, &e) != 0 ? api_fail(error, &e) : 0;
}

void
api_seal(struct erpsync_seal *out, const struct sealed *from)
{
	minisign_id_hex(from->key.id, out->key);
	(void)strlcpy(out->product, from->says.product, sizeof(out->product));
	(void)strlcpy(out->build, from->says.build, sizeof(out->build));
	out->serial = from->says.serial;
	out->issued = from->says.issued;
	out->expires = from->says.expires;
}

int
erpsync_folder_seal(struct erpsync_folder *f, struct erpsync_seal *out,
    struct erpsync_error *error)
{
	struct sealed sealed;
	struct err e;
	int rc = trust_identify(f->f, &sealed, &e);

	memset(out, 0, sizeof(*out));
	if (rc < 0)
		return api_fail(error, &e);
	if (rc == 0)
		return 0;
	api_seal(out, &sealed);
	return 1;
}
