#ifndef ERPSYNC_TRANSPORT_NET_CHANNEL_TLS_INTERNAL_H
#define ERPSYNC_TRANSPORT_NET_CHANNEL_TLS_INTERNAL_H

/*
 * What the parts of TLS share: the context of an end, and how the channel over
 * it stands.
 */

#include "engine/base/buf.h"
#include "transport/net/channel.h"
#include "transport/net/channel_tls.h"

#include <openssl/ssl.h>

#define TLS_ALPN                                                               \
	"\x09"                                                                 \
	"erpsync/1" /* its length in front */
/* The same, and what the station said first is as said again. */
#define TLS_ALPN_AGAIN                                                         \
	"\x0f"                                                                 \
	"erpsync/1/again"

enum { TLS_WHY_BYTES = 160, TLS_HOST_BYTES = 256 };

/* Of a station: whom to believe, and what came of it. */
struct tls_trust {
	char host[TLS_HOST_BYTES];
	bool has_ca;
	char pin[TLS_PIN_BYTES]; /* "": any key */
	bool pin_is_before; /* it is what was seen before */
	char other[TLS_PIN_BYTES]; /* counts as well; "": none */
	char shown[TLS_PIN_BYTES]; /* of the last server, believed or not */
	bool other_key; /* the server's is not of this pin */
};

struct tls {
	unsigned users;
	bool is_server;
	SSL_CTX *ctx;
	BIO_METHOD *bio; /* to the channel below */
	char pin[TLS_PIN_BYTES]; /* as tls_pin tells */
	struct tls_trust trust;
	/* A station's, for its next connection; what it said first when that
	 * came; and whether it is from a connection of this struct. */
	SSL_SESSION *session;
	struct buf said;
	bool fresh;
};

struct channel_tls {
	struct channel below;
	struct tls *tls;
	SSL *ssl;
	struct buf unsent; /* what below did not take so far */
	bool more; /* other bytes will follow at once */
	bool gathering; /* so that they leave together */
	bool eof; /* below has ended */
	bool opened; /* at a server: its half of the handshake has left */
	bool shaken; /* the handshake is over, and the protocol is ours */
	bool failed;
	bool over; /* and we have ended: nothing more is looked at */
	bool ending; /* end, once nothing is unsent */
	int reason; /* OpenSSL's number, when TLS itself is to blame */
	char why[TLS_WHY_BYTES]; /* and in words; "": it is not */
	/* At a station: what it says first, and whether it has offered that
	 * this be as said. */
	struct buf says;
	bool repeats;
};

/* A context of TLS 1.3 with all that both ends have in common. */
int tls_new(bool is_server, struct tls **out, struct err *e);

/* What OpenSSL says of the last thing that failed on this thread. */
const char *tls_reason(void);

/* Show this certificate, and the chain behind it, with this key. */
int tls_use_files(
    struct tls *t, const char *certificate, const char *key, struct err *e);
int tls_use_pem(struct tls *t, const char *pem, struct err *e);

/* Believe the certificates of a file, but for those on its CRLs. */
int tls_believe(struct tls *t, const char *ca, struct err *e);

/* One step of the handshake alone: 1 when it is over, and else as
 * channel_recv. */
int channel_tls_step(struct channel *ch);

/* Was this protocol, of the two above, agreed on? */
bool tls_has_protocol(const SSL *ssl, const char *alpn);

/* A certificate without the chain behind it, to be verified as that of the
 * other end would be; NULL: no memory.  X509_STORE_CTX_free. */
X509_STORE_CTX *tls_chain_of(SSL *ssl, X509 *certificate);

/* Whom a station believes: 1, or 0 and the error of chain says why.  arg is its
 * struct tls. */
int tls_judge(X509_STORE_CTX *chain, void *arg);

int tls_pin_of(X509 *certificate, char pin[TLS_PIN_BYTES]);

#endif
