/*
 * Sealing for the library's callers, without a state folder: seals of folders
 * and of releases by their files, and new keys.
 */
#include "transport/api/api_server_internal.h"

#include "engine/base/buf.h"
#include "engine/base/path_file.h"
#include "engine/release/publish_seal.h"
#include "engine/seal/seal.h"
#include "engine/tree/manifest.h"
#include "engine/tree/scan.h"

#include <bsd/string.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASSPHRASE_MAX = 1024, PATH_BYTES = 4096 };

/* The folder as it is now. */
static int
scan(const struct publish_source *src, int root, struct manifest *m,
    struct err *e)
{
	const struct scan_options opt = {
	    .filter = src->filter, .skip_unmanageable = true};
	int rc;

	(void)strlcpy(m->build, src->build, sizeof(m->build));
	rc = scan_folder(fs_real(), root, &opt, m, e);
	return rc != 0 ? rc : scan_hash(fs_real(), root, m, e);
}

/* A release by its file, as a state folder has it. */
static int
read_manifest(
    const struct publish_source *src, struct manifest *m, struct err *e)
{
	struct buf bytes;
	int rc;

	buf_init(&bytes, MANIFEST_MAX_BYTES);
	if ((rc = path_file_read(fs_real(), src->path, &bytes, e)) == 1 &&
	    (rc = manifest_decode(m, buf_data(&bytes), bytes.len, e)) != 0)
		(void)err_context(e, "%s", src->path);
	if (rc == 0 && m->os != src->os)
		rc = err_path(e, ERP_USAGE, src->path,
		    "is the release of another system");
	buf_release(&bytes);
	return rc;
}

static int
read_release(
    const struct publish_source *src, struct manifest *m, struct err *e)
{
	int rc, root = fs_open_root(fs_real(), src->path);

	if (root == -ENOTDIR)
		return read_manifest(src, m, e);
	if (root < 0)
		return err_sys(e, -root, "open folder", src->path);
	rc = scan(src, root, m, e);
	fs_close_quietly(fs_real(), &root);
	return rc;
}

static int
seal(const struct publish_source *src, const char *to, struct manifest *m,
    struct err *e)
{
	char *beside = NULL;
	struct buf text;
	int rc = read_release(src, m, e);

	if (rc != 0)
		return rc;
	if (to == NULL && (to = beside = publish_seal_file(src->path)) == NULL)
		return err_nomem(e);
	buf_init(&text, SEAL_TEXT_MAX);
	rc = publish_seal_make(fs_real(), to, src->sealer, m, &text, e);
	buf_release(&text);
	free(beside);
	return rc;
}

int
erpsync_seal_folder(const struct erpsync_source *source, const char *to,
    struct erpsync_release *out, struct erpsync_error *error)
{
	struct api_source src;
	struct manifest m;
	struct err e;
	int rc;

	manifest_init(&m, (enum path_os)source->os);
	memset(&src, 0, sizeof(src));
	if (source->sealing == NULL)
		rc = err_set(&e, ERP_USAGE, "no key to seal with");
	else if ((rc = api_source(&src, source, &e)) == 0 &&
	    (rc = seal(&src.source, to, &m, &e)) == 0)
		rc = api_release(&m, out, &e);
	api_source_release(&src);
	manifest_release(&m);
	return rc != 0 ? api_fail(error, &e) : 0;
}

/* Both files of a new key. */
static int
write_keys(const char *name, const char *passphrase,
    const struct minisign_secret *secret, struct err *e)
{
	char path[PATH_BYTES];
	struct buf text, public;
	uint8_t *all;
	int rc;

	buf_init(&text, MINISIGN_FILE_MAX);
	buf_init(&public, MINISIGN_FILE_MAX);
	(void)snprintf(path, sizeof(path), "%s.pub", name);
	if ((rc = buf_reserve(&text, MINISIGN_FILE_MAX, &all, e)) != 0 ||
	    (rc = minisign_secret_encode(secret,
		 passphrase[0] != '\0' ? passphrase : NULL, &text, e)) != 0 ||
	    (rc = minisign_key_encode(&secret->key, &public, e)) != 0 ||
	    (rc = path_file_write(fs_real(), path, 0644, &public, e)) != 0)
		goto out;
	/* Who has a key has its public half, or both can be made again. */
	(void)snprintf(path, sizeof(path), "%s.key", name);
	rc = path_file_write(fs_real(), path, 0600, &text, e);
	if (rc == 0)
		goto out;
	(void)snprintf(path, sizeof(path), "%s.pub", name);
	(void)path_file_remove(fs_real(), path, NULL);
out:
	buf_wipe(&text);
	buf_release(&public);
	return rc;
}

/* A key that is in use must not be lost by a slip. */
static int
check_absent(const char *name, const char *suffix, struct err *e)
{
	char path[PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s%s", name, suffix), rc;

	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(e, ERP_USAGE, "the name is too long");
	if ((rc = path_file_exists(fs_real(), path, e)) <= 0)
		return rc;
	return err_path(e, ERP_BLOCKED, path,
	    "is there already; give another name, or move it away");
}

int
erpsync_seal_key_make(const char *name, erpsync_passphrase_fn *passphrase,
    void *ctx, char id[ERPSYNC_KEY_ID + 1], struct erpsync_error *error)
{
	char words[PASSPHRASE_MAX] = "";
	struct minisign_secret secret;
	struct erpsync_error why;
	struct err e;
	int rc;

	memset(&why, 0, sizeof(why));
	if ((rc = check_absent(name, ".key", &e)) == 0 &&
	    (rc = check_absent(name, ".pub", &e)) == 0 && passphrase != NULL &&
	    (rc = passphrase(ctx, name, true, words, sizeof(words), &why)) < 0)
		rc = api_take(&e, &why, rc);
	if (rc == 0 && (rc = minisign_secret_new(&secret, &e)) == 0) {
		rc = write_keys(name, words, &secret, &e);
		minisign_id_hex(secret.key.id, id);
		secret_wipe(&secret, sizeof(secret));
	}
	secret_wipe(words, sizeof(words));
	return rc != 0 ? api_fail(error, &e) : 0;
}
