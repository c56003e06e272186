#ifndef ERPSYNC_TRANSPORT_HOST_CERTIFICATE_H
#define ERPSYNC_TRANSPORT_HOST_CERTIFICATE_H

/*
 * What a server shows in TLS: what it was given, or a key of its own.
 */

#include <stdbool.h>
#include <stdint.h>

struct err;
struct net_security;
struct store;
struct tls;

/* Key and certificate of its own, in the state folder; nobody else reads it. */
#define CERTIFICATE_OWN "tls.pem"

/*
 * Load what security names.  Where that is nothing: its own, which is made and
 * kept if it is not there yet: 1 where stations were served before, so that
 * some may know another, else 0.  One that is_shown by now, and not there any
 * more, is not made anew: ERP_NOTFOUND.  Without NULLs only together:
 * ERP_USAGE.
 */
int certificate_load(struct store *s, const struct net_security *security,
    bool is_shown, struct tls **out, struct err *e);

/* What stations that know its issuer by a CA will say at now, in seconds since
 * 1970, of a certificate that was given: 0, all is well; 1 and e tells that it
 * expires within 30 days; or ERP_USAGE: they refuse it by its dates.  Nobody
 * asks for those of its own, which goes by its key. */
int certificate_judge(const struct tls *shown, int64_t now, struct err *e);

/* Would that be possible with the files that it names, at now?  As
 * certificate_judge, and the pin, of TLS_PIN_BYTES; 0 and "" for its own, which
 * is not looked at. */
int certificate_check(
    const struct net_security *security, int64_t now, char *pin, struct err *e);

#endif
