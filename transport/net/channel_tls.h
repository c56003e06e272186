#ifndef ERPSYNC_TRANSPORT_NET_CHANNEL_TLS_H
#define ERPSYNC_TRANSPORT_NET_CHANNEL_TLS_H

/*
 * TLS 1.3 over a channel, and who is believed in it.  A struct tls is what an
 * end shows of itself and whom it believes; it is made once and used by all
 * connections of that end, on one thread.  docs/protocol.md, "TLS".
 *
 * A pin names a key: "sha256//" and the base64 of the SHA-256 of the
 * certificate's SubjectPublicKeyInfo, as curl's --pinnedpubkey has it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct channel;
struct err;
struct tls;

enum {
	TLS_PIN_BYTES = 56, /* of a pin, with its NUL */
	TLS_FIRST_BYTE = 0x16 /* of a connection that begins with TLS */
};

struct tls_client {
	const char *host; /* as it was dialled */
	/* Certificates that issue servers', and their CRLs: a PEM file.  Then
	 * name and time count as well. */
	const char *ca; /* or NULL */
	const char *pin; /* the only key to believe, or NULL */
	/* The pin that the same server had before, "" or NULL: none.  Another
	 * one is refused in other words; it does not count beside a CA. */
	const char *before;
	/* The pin is none of a person's: that of before counts as well. */
	bool pin_yields;
	/* The station's own: PEM files, or NULL. */
	const char *certificate, *key;
};

struct tls_server {
	const char *certificate, *key; /* PEM files */
	const char *own; /* instead of both: PEM text of both, NUL-ended */
	/* Who issues stations' certificates, PEM: they have to show one.  NULL:
	 * none is asked for. */
	const char *client_ca;
};

/* 0, or a code that names the file: ERP_NOTFOUND, ERP_USAGE for what is in it.
 * ERP_USAGE for what is no pin. */
int tls_client_new(
    const struct tls_client *from, struct tls **out, struct err *e);
int tls_server_new(
    const struct tls_server *from, struct tls **out, struct err *e);

/* Would a station's files load, each of which may be NULL?  0, or a code as
 * of tls_client_new. */
int tls_check_files(
    const char *ca, const char *certificate, const char *key, struct err *e);

/* Connections that use it keep it alive.  NULL is fine. */
void tls_free(struct tls *t);

/* The pin of a server's own key; at a station that of the last server that was
 * believed, "" before. */
const char *tls_pin(const struct tls *t);

/* When the certificate that a server shows begins to be valid and ceases to be,
 * in seconds since 1970: of itself, not of who issued it. */
struct tls_dates {
	int64_t from, until;
};
int tls_dates(const struct tls *t, struct tls_dates *out, struct err *e);

/* Is this the text of a pin? */
bool tls_pin_is_valid(const char *pin);

/*
 * Put TLS over ch, which is connected and of which nothing was taken: from now
 * on its calls are about what is inside, and the handshake goes on with them.
 * After a failure ch is as it was.
 */
int channel_tls_begin(struct channel *ch, struct tls *t, struct err *e);

/*
 * At a station, before anything is sent: go on with the handshake.  1: it is
 * over and the server is believed; 0: wait for CHANNEL_RECV, and call again;
 * or a code: ERP_UNTRUSTED with what is wrong about the server called shown,
 * ERP_LOST when the connection ended.
 */
int channel_tls_shake(struct channel *ch, const char *shown, struct err *e);

/*
 * Tickets.  A server gives a station one that remembers what it said first.  A
 * station that would say the same again has said it by taking up the ticket,
 * if the server agrees; and the server may answer before the station's last
 * words of the handshake came, when it can be an echo of an earlier one only:
 * it must not act on what is said before channel_tls_is_shaken.
 */

/* At a station, before channel_tls_shake: this is what it will say first.  A
 * ticket of tls is used if what the server showed then is believed now. */
int channel_tls_offer(
    struct channel *ch, const uint8_t *says, size_t n, struct err *e);

/* After it: is that as said? */
bool channel_tls_is_said(const struct channel *ch);

/* A station's ticket as bytes, appended to out, which are its secret; none if
 * no other one came since tls_resume.  ERP_NOMEM. */
int tls_ticket(struct tls *t, struct buf *out, struct err *e);

/* Before the first connection: n bytes of tls_ticket from an earlier run.  What
 * is none, or was another certificate's of the station, is passed over. */
void tls_resume(struct tls *t, const uint8_t *p, size_t n);

/* At a server, with TLS or without: a ticket for who said this.  It leaves with
 * what is sent next. */
void channel_tls_remember(struct channel *ch, const uint8_t *said, size_t n);

/* At a server: what is as said in this connection, or 0 bytes; is the handshake
 * over; and before it is, answer.  False: nothing left. */
size_t channel_tls_said(const struct channel *ch, const uint8_t **out);
bool channel_tls_is_shaken(const struct channel *ch);
bool channel_tls_answer(struct channel *ch, const uint8_t *p, size_t n);

/* Why TLS failed, if that is why a call of ch did; else NULL. */
const char *channel_tls_why(const struct channel *ch);

/* The same to the person at a station, about the server called shown: a code,
 * or 0 if it was not TLS that failed. */
int channel_tls_blame(
    const struct channel *ch, const char *shown, struct err *e);

/* Bytes that came from the socket below, those of TLS itself included. */
uint64_t channel_tls_heard(const struct channel *ch);

/* What the certificate of the other end calls it: its common name, cut to cap
 * bytes; "" without one. */
void channel_tls_peer(const struct channel *ch, char *out, size_t cap);

/*
 * Make a key and a certificate for it that names it by n names (DNS names or
 * addresses; the first is its common name) and is valid for so many days from
 * yesterday on: PEM, the key first, appended to out; the pin of the key.
 */
struct tls_names {
	const char *const *v;
	size_t n; /* at least 1 */
};
int tls_make_key(const struct tls_names *names, unsigned days, struct buf *key,
    struct buf *certificate, char pin[TLS_PIN_BYTES], struct err *e);

#endif
