/*
 * The keys that an update folder names, out of their files; a passphrase may
 * be on those that are secret.  Below publish.c and publish_seal.c.
 */
#include "transport/api/api_server_internal.h"

#include "engine/base/buf.h"
#include "engine/base/path_file.h"
#include "engine/seal/statement.h"

#include <string.h>

enum { DAYS_DEFAULT = 90, PASSPHRASE_MAX = 1024 };

/* A file that must be there. */
static int
read_key(const char *file, struct buf *out, struct err *e)
{
	int rc = path_file_read(fs_real(), file, out, e);

	if (rc == 0)
		return err_path(e, ERP_NOTFOUND, file, "there is no such file");
	return rc < 0 ? rc : 0;
}

static int
ask(const struct erpsync_sealing *how, const char *file, char *out, size_t n,
    struct err *e)
{
	struct erpsync_error why;
	int rc;

	if (how->passphrase == NULL)
		return err_set(e, ERP_USAGE, "its passphrase is needed");
	memset(&why, 0, sizeof(why));
	rc = how->passphrase(how->ctx, file, false, out, n, &why);
	return rc < 0 ? api_take(e, &why, rc) : 0;
}

static int
open_secret(const struct erpsync_sealing *how, const char *file,
    struct minisign_secret *out, struct err *e)
{
	char passphrase[PASSPHRASE_MAX] = "";
	const char *text;
	bool locked = false;
	struct buf b;
	int rc;

	buf_init(&b, MINISIGN_FILE_MAX);
	if ((rc = read_key(file, &b, e)) != 0)
		goto out;
	text = (const char *)buf_data(&b);
	if ((rc = minisign_secret_is_locked(text, b.len, &locked, e)) == 0 &&
	    (!locked ||
		(rc = ask(how, file, passphrase, sizeof(passphrase), e)) == 0))
		rc = minisign_secret_decode(
		    text, b.len, locked ? passphrase : NULL, out, e);
	if (rc != 0)
		(void)err_context(e, "%s", file);
out:
	secret_wipe(passphrase, sizeof(passphrase));
	buf_wipe(&b);
	return rc;
}

static int
open_public(const char *file, struct minisign_key *out, struct err *e)
{
	struct buf b;
	int rc;

	buf_init(&b, MINISIGN_FILE_MAX);
	if ((rc = read_key(file, &b, e)) == 0 &&
	    (rc = minisign_key_decode(
		 (const char *)buf_data(&b), b.len, out, e)) != 0)
		(void)err_context(e, "%s", file);
	buf_release(&b);
	return rc != 0 ? err_context(e, "SealKey") : 0;
}

static int
take_sealing(
    struct api_source *out, const struct erpsync_sealing *how, struct err *e)
{
	int rc;

	if (how->days > STATEMENT_VALID_MOST / 86400)
		return err_set(e, ERP_USAGE,
		    "a seal is valid for no more than %d days",
		    STATEMENT_VALID_MOST / 86400);
	if (how->product != NULL &&
	    (rc = statement_check_product(how->product, e)) != 0)
		return rc;
	if ((rc = open_secret(how, how->key, &out->secret, e)) != 0 ||
	    (how->older != NULL &&
		(rc = open_secret(how, how->older, &out->older, e)) != 0))
		return rc;
	if (how->older != NULL &&
	    memcmp(&out->older.key, &out->secret.key,
		sizeof(out->secret.key)) == 0)
		return err_path(e, ERP_USAGE, how->older,
		    "is the key that seals; name the one whose place it takes");
	out->sealer = (struct publish_sealer){
	    .secret = &out->secret,
	    .older = how->older != NULL ? &out->older : NULL,
	    .product = how->product != NULL ? how->product : "smartclient",
	    .serial = how->serial,
	    .days = how->days > 0 ? how->days : DAYS_DEFAULT,
	    .downgrade = how->downgrade,
	};
	out->source.sealer = &out->sealer;
	return 0;
}

int
api_source_keys(
    struct api_source *out, const struct erpsync_source *from, struct err *e)
{
	int rc;

	if (from->seal_key != NULL) {
		rc = open_public(from->seal_key, &out->seal_key, e);
		if (rc != 0)
			return rc;
		out->source.seal_key = &out->seal_key;
	}
	return from->sealing != NULL ? take_sealing(out, from->sealing, e) : 0;
}
