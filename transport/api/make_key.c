/*
 * A server's key and certificate as files, for the library's callers: made in
 * memory (transport/net), written here with the rights that they need.
 */
#include "transport/api/api_internal.h"

#include "engine/base/buf.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "transport/net/channel_tls.h"

#include <bsd/string.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

enum {
	PEM_MAX = 64 * 1024,
	DAYS = 3650,
	FOR_ALL = 0644 /* the certificate, which is shown to everybody */
};

SAME(ERPSYNC_PIN_MAX + 1, TLS_PIN_BYTES);

/* The folder of a path, open, and the name in it. */
static int
open_folder(const char *path, const char **name, struct err *e)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	int rc;

	*name = path + n;
	if (n >= sizeof(folder) || **name == '\0')
		return err_path(e, ERP_USAGE, path, "is no name of a file");
	(void)strlcpy(folder, slash == NULL ? "." : path, sizeof(folder));
	if (slash != NULL)
		folder[n] = '\0';
	if ((rc = fs_open_root(fs_real(), folder)) < 0)
		return err_sys(e, -rc, "open folder", folder);
	return rc;
}

/* Nothing that is there is written over: it may be the only one. */
static int
check_free(const char *path, struct err *e)
{
	const char *name;
	struct fs_stat st;
	int dir = open_folder(path, &name, e), rc;

	if (dir < 0)
		return dir;
	rc = fs_stat(fs_real(), dir, name, &st);
	fs_close_quietly(fs_real(), &dir);
	if (rc == 0)
		return err_path(e, ERP_USAGE, path,
		    "is there already, and no key is written over");
	return rc == -ENOENT ? 0 : err_sys(e, -rc, "look at", path);
}

static int
write_file(
    const char *path, uint32_t mode, const struct buf *pem, struct err *e)
{
	struct at to;
	int rc;

	if ((to.dir = open_folder(path, &to.path, e)) < 0)
		return to.dir;
	rc = file_write_shared(fs_real(), to, mode, buf_data(pem), pem->len, e);
	fs_close_quietly(fs_real(), &to.dir);
	return rc;
}

static int
make_files(const struct erpsync_key_options *opt, char pin[ERPSYNC_PIN_MAX + 1],
    struct err *e)
{
	const struct tls_names names = {opt->names, opt->names_n};
	struct buf key, certificate;
	int rc;

	if (opt->names_n == 0 || opt->certificate == NULL || opt->key == NULL)
		return err_set(e, ERP_USAGE,
		    "a key needs a name, and files for itself and its "
		    "certificate");
	buf_init(&key, PEM_MAX);
	buf_init(&certificate, PEM_MAX);
	if ((rc = check_free(opt->key, e)) == 0 &&
	    (rc = check_free(opt->certificate, e)) == 0 &&
	    (rc = tls_make_key(&names, opt->days > 0 ? opt->days : DAYS, &key,
		 &certificate, pin, e)) == 0 &&
	    (rc = write_file(opt->key, AT_PRIVATE, &key, e)) == 0)
		rc = write_file(opt->certificate, FOR_ALL, &certificate, e);
	buf_release(&key);
	buf_release(&certificate);
	return rc;
}

int
erpsync_make_key(const struct erpsync_key_options *opt,
    char pin[ERPSYNC_PIN_MAX + 1], struct erpsync_error *error)
{
	struct erpsync_key_options own;
	struct err e;
	int rc = api_options(&own, sizeof(own), opt, &e);

	if (rc == 0)
		rc = make_files(&own, pin, &e);
	return rc != 0 ? api_fail(error, &e) : 0;
}
