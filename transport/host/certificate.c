/*
 * From what is configured to what the server shows in TLS; a key of its own
 * lies in the state folder, beside what the store has there.  For net_server.c,
 * at the start and at each reload.
 */
#include "transport/host/certificate.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"
#include "engine/base/path.h"
#include "engine/base/who.h"
#include "engine/store/store.h"
#include "engine/store/store_hold.h"
#include "engine/store/store_stations.h"
#include "transport/host/net_server.h"
#include "transport/net/channel_tls.h"

#include <assert.h>
#include <bsd/string.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	PEM_MAX = 64 * 1024,
	/* Stations know it by its key, which does not age: a century. */
	OWN_DAYS = 36500,
	SOON_S = 30 * 24 * 60 * 60,
	DATE_MAX = 40
};

static int
make_own(struct store *s, struct buf *pem, struct err *e)
{
	char host[256], pin[TLS_PIN_BYTES];
	const char *name = host;
	const struct tls_names names = {&name, 1};
	int rc;

	who_host(host, sizeof(host));
	if (host[0] == '\0')
		name = "erpsync";
	if ((rc = tls_make_key(&names, OWN_DAYS, pem, pem, pin, e)) != 0)
		return rc;
	return file_write_durable(store_fs(s), store_dir(s), CERTIFICATE_OWN,
	    buf_data(pem), pem->len, e);
}

/* What it names, without its own; a certificate and its key or neither. */
static int
name_files(
    const struct net_security *security, struct tls_server *out, struct err *e)
{
	*out = (struct tls_server){
	    .certificate = security->certificate,
	    .key = security->key,
	    .client_ca = security->client_ca,
	};
	if ((out->certificate == NULL) == (out->key == NULL))
		return 0;
	return err_set(e, ERP_USAGE,
	    "a certificate and its key go together: set both "
	    "CertificateServer and KeyServer, or none");
}

static const char *
date(int64_t when, char out[DATE_MAX])
{
	time_t t = (time_t)when;
	struct tm utc;

	if (gmtime_r(&t, &utc) == NULL ||
	    strftime(out, DATE_MAX, "%Y-%m-%d %H:%M:%S UTC", &utc) == 0)
		(void)strlcpy(out, "?", DATE_MAX);
	return out;
}

/* The bounds are as OpenSSL has them. */
int
certificate_judge(const struct tls *shown, int64_t now, struct err *e)
{
	struct tls_dates valid;
	char when[DATE_MAX];
	int rc = tls_dates(shown, &valid, e);

	if (rc != 0)
		return rc;
	if (valid.until <= now)
		return err_set(e, ERP_USAGE,
		    "the certificate of CertificateServer expired on %s, and "
		    "stations with a CA refuse it; get a new one",
		    date(valid.until, when));
	if (valid.from > now)
		return err_set(e, ERP_USAGE,
		    "the certificate of CertificateServer is not valid before "
		    "%s, and stations with a CA refuse it; get another one, or "
		    "set this machine's clock right",
		    date(valid.from, when));
	if (valid.until - now > SOON_S)
		return 0;
	(void)err_set(e, ERP_USAGE,
	    "the certificate of CertificateServer expires on %s, and stations "
	    "with a CA refuse it from then on; get a new one",
	    date(valid.until, when));
	return 1;
}

int
certificate_check(
    const struct net_security *security, int64_t now, char *pin, struct err *e)
{
	struct tls_server from;
	struct tls *tls;
	int rc = name_files(security, &from, e);

	pin[0] = '\0';
	if (rc != 0 || from.certificate == NULL)
		return rc;
	if ((rc = tls_server_new(&from, &tls, e)) != 0)
		return rc;
	(void)strlcpy(pin, tls_pin(tls), TLS_PIN_BYTES);
	rc = certificate_judge(tls, now, e);
	tls_free(tls);
	return rc;
}

/* Has any station one of its releases? */
static bool
has_served(const struct store *s)
{
	struct store_list list;
	bool has = false;
	size_t i;
	int os;

	for (os = 0; !has && os < PATH_OS_N; os++) {
		(void)store_list_releases(s, (enum path_os)os, &list, NULL);
		for (i = 0; !has && i < list.n; i++)
			has = store_count_stations(
				  s, (enum path_os)os, &list.v[i].id) > 0;
		free(list.v);
	}
	return has;
}

/* Its own into pem, as a text: as certificate_load. */
static int
read_own(struct store *s, bool is_shown, struct buf *pem, struct err *e)
{
	bool is_missed = false;
	uint8_t *all;
	int rc;

	/* All at once, so that it is nowhere but here. */
	if ((rc = buf_reserve(pem, PEM_MAX, &all, e)) == 0)
		rc = file_read(
		    store_fs(s), store_dir(s), CERTIFICATE_OWN, pem, e);
	if (rc == ERP_NOTFOUND && is_shown)
		return err_path(e, ERP_NOTFOUND, CERTIFICATE_OWN,
		    "the server's own key is gone from the state folder; put "
		    "it back, or start the server again for a new one, which "
		    "stations refuse that know this one");
	if (rc == ERP_NOTFOUND) {
		rc = make_own(s, pem, e);
		is_missed = has_served(s);
	}
	if (rc == 0)
		rc = buf_append(pem, "", 1, e);
	return rc != 0 ? rc : is_missed;
}

int
certificate_load(struct store *s, const struct net_security *security,
    bool is_shown, struct tls **out, struct err *e)
{
	struct tls_server from;
	int rc, own = 0;
	struct buf pem;

	*out = NULL;
	if ((rc = name_files(security, &from, e)) != 0)
		return rc;
	buf_init(&pem, PEM_MAX);
	if (from.certificate == NULL &&
	    (own = read_own(s, is_shown, &pem, e)) >= 0)
		from.own = (const char *)buf_data(&pem);
	rc = own < 0 ? own : tls_server_new(&from, out, e);
	buf_wipe(&pem);
	assert((rc == 0) == (*out != NULL));
	return rc != 0 ? rc : own;
}
