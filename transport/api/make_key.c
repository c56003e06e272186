/*
 * A server's key and certificate as files, for the library's callers: made in
 * memory (transport/net), written here with the rights that they need; and
 * whether those that are there can be used.
 */
#include "transport/api/api_internal.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/fs_at.h"
#include "engine/base/path_file.h"
#include "transport/host/certificate.h"
#include "transport/host/net_server.h"
#include "transport/net/channel_tls.h"

#include <bsd/string.h>
#include <string.h>

enum {
	PEM_MAX = 64 * 1024,
	DAYS = 3650,
	FOR_ALL = 0644 /* the certificate, which is shown to everybody */
};

SAME(ERPSYNC_PIN_MAX + 1, TLS_PIN_BYTES);

/* Nothing that is there is written over: it may be the only one. */
static int
check_free(const char *path, struct err *e)
{
	int rc = path_file_exists(fs_real(), path, e);

	return rc <= 0 ? rc
		       : err_path(e, ERP_USAGE, path,
			     "is there already, and no key is written over");
}

static int
make_files(const struct erpsync_key_options *opt, char pin[ERPSYNC_PIN_MAX + 1],
    struct err *e)
{
	const struct tls_names names = {opt->names, opt->names_n};
	struct buf key, certificate;
	bool written = false;
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
	    (rc = path_file_write(fs_real(), opt->key, AT_PRIVATE, &key, e)) ==
		0) {
		written = true;
		/* It may be the key's, also by another name. */
		if ((rc = path_file_exists(fs_real(), opt->certificate, e)) ==
		    1)
			rc = err_path(e, ERP_USAGE, opt->certificate,
			    "is the file of the key, too; give each its own");
		else if (rc == 0)
			rc = path_file_write(fs_real(), opt->certificate,
			    FOR_ALL, &certificate, e);
	}
	/* A key without its certificate is good for nothing. */
	if (rc != 0 && written)
		(void)path_file_remove(fs_real(), opt->key, NULL);
	buf_wipe(&key);
	buf_release(&certificate);
	return rc;
}

int
erpsync_security_check(const struct erpsync_server_security *security,
    char pin[ERPSYNC_PIN_MAX + 1], struct erpsync_error *error)
{
	const struct net_security from = {security->certificate, security->key,
	    security->client_ca, security->insecure};
	struct err e;
	int rc = certificate_check(&from, clock_s(clock_real()), pin, &e);

	if (rc < 0)
		return api_fail(error, &e);
	if (error != NULL) {
		memset(error, 0, sizeof(*error));
		if (rc == 1)
			(void)strlcpy(
			    error->message, e.msg, sizeof(error->message));
	}
	return 0;
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
