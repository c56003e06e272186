/*
 * A channel with TLS over another one: OpenSSL above, the channel that it was
 * below, and between them what that has not taken yet.  What is shown and who
 * is believed is in channel_tls_context.c and its neighbours.
 */
#include "transport/net/channel_tls_internal.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"

#include <assert.h>
#include <bsd/string.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

enum {
	RECORD = 16 * 1024, /* the most that one record has */
	GATHERED = 2 * RECORD, /* records that leave in one call */
	/* Whoever makes us answer, and takes no answers, has this much. */
	UNSENT_MAX = 128 * 1024
};

/* What waits goes first: 1 when some is left. */
static int
tls_flush(struct channel *ch)
{
	struct channel_tls *t = ch->tls;
	int64_t n;

	while (t->unsent.len > 0) {
		n = channel_send(
		    &t->below, buf_data(&t->unsent), t->unsent.len, t->more);
		if (n == 0)
			return 1;
		if (n < 0) {
			ch->sys = n == CHANNEL_END ? EPIPE : t->below.sys;
			t->failed = true;
			return ERP_IO;
		}
		buf_consume(&t->unsent, (size_t)n);
	}
	buf_release(&t->unsent);
	if (!t->ending)
		return 0;
	t->ending = false;
	return channel_end(&t->below);
}

/* The BIO between OpenSSL and the channel below.  Writing never has to wait, so
 * no call of OpenSSL stops in the middle of a record. */

static int
bio_write(BIO *b, const char *p, int n)
{
	struct channel_tls *t = BIO_get_data(b);
	int64_t sent = 0;

	BIO_clear_retry_flags(b);
	if (n <= 0 || t->failed)
		return -1;
	if (t->unsent.len == 0 && !t->gathering)
		sent = channel_send(&t->below, p, (size_t)n, t->more);
	if (sent < 0)
		return -1;
	assert(sent <= n);
	if (sent < n &&
	    buf_append(&t->unsent, p + sent, (size_t)(n - sent), NULL) != 0)
		return -1;
	return n;
}

static int
bio_read(BIO *b, char *p, int n)
{
	struct channel_tls *t = BIO_get_data(b);
	int64_t got;

	BIO_clear_retry_flags(b);
	if (n <= 0 || t->failed)
		return -1;
	if ((got = channel_recv(&t->below, p, (size_t)n)) > 0)
		return (int)got;
	if (got == 0) {
		BIO_set_retry_read(b);
		return -1;
	}
	t->eof = got == CHANNEL_END;
	return t->eof ? 0 : -1;
}

static long
bio_ctrl(BIO *b, int what, long n, void *p)
{
	const struct channel_tls *t = BIO_get_data(b);

	(void)n;
	(void)p;
	if (what == BIO_CTRL_EOF)
		return t->eof;
	return what == BIO_CTRL_FLUSH;
}

static BIO_METHOD *
make_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "channel");

	if (m != NULL &&
	    (BIO_meth_set_write(m, bio_write) != 1 ||
		BIO_meth_set_read(m, bio_read) != 1 ||
		BIO_meth_set_ctrl(m, bio_ctrl) != 1)) {
		BIO_meth_free(m);
		return NULL;
	}
	return m;
}

/* Did a call of OpenSSL, which moved nothing, only find nothing yet?  0, or
 * CHANNEL_END, or ERP_IO with its reason. */
static int
nothing(struct channel *ch, int rc)
{
	struct channel_tls *t = ch->tls;

	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		return CHANNEL_END;
	case SSL_ERROR_SSL:
		if (t->eof && !t->shaken)
			return CHANNEL_END;
		ch->sys = EPROTO;
		t->reason = ERR_GET_REASON(ERR_peek_error());
		(void)strlcpy(t->why, tls_reason(), sizeof(t->why));
		break;
	default:
		if (t->eof)
			return CHANNEL_END;
		ch->sys = t->below.sys != 0 ? t->below.sys : EIO;
		break;
	}
	t->failed = true;
	return ERP_IO;
}

/* Can anything be as said again?  A server chooses that only where it can. */
static bool
may_repeat(const struct channel_tls *t)
{
	return SSL_session_reused(t->ssl) == 1 &&
	    (t->tls->is_server || t->repeats);
}

/* The handshake is over: is it about our protocol? */
static int
settle(struct channel *ch)
{
	struct channel_tls *t = ch->tls;

	if (t->shaken || !SSL_is_init_finished(t->ssl))
		return 0;
	if (!tls_has_protocol(t->ssl, TLS_ALPN) &&
	    !(tls_has_protocol(t->ssl, TLS_ALPN_AGAIN) && may_repeat(t))) {
		ch->sys = EPROTO;
		(void)strlcpy(
		    t->why, "the protocol is not erpsync/1", sizeof(t->why));
		t->failed = true;
		return ERP_IO;
	}
	t->shaken = true;
	return 0;
}

int
channel_tls_step(struct channel *ch)
{
	struct channel_tls *t = ch->tls;
	int rc;

	if (t->failed || tls_flush(ch) < 0)
		return ERP_IO;
	ERR_clear_error();
	rc = SSL_do_handshake(t->ssl);
	if (settle(ch) != 0)
		return ERP_IO;
	return rc == 1 ? 1 : nothing(ch, rc);
}

/* After a failure that was told: whatever comes is let go until the other end
 * has closed, so that it is no reset that reaches it first. */
static int64_t
drain(struct channel_tls *t, void *p, size_t n)
{
	int64_t got = channel_recv(&t->below, p, n);

	return got > 0 ? 0 : got;
}

/*
 * A server answers the first words of a handshake: only by this way OpenSSL
 * lets it say something of its own before the last ones came.  What a station
 * sends as early data is never taken: none is allowed for in any ticket.
 */
static int64_t
open_handshake(struct channel *ch)
{
	struct channel_tls *t = ch->tls;
	uint8_t none[1];
	size_t n;
	int rc;

	if (!t->tls->is_server || t->opened)
		return 1;
	ERR_clear_error();
	/* It leaves with what is sent next, or is flushed. */
	t->gathering = true;
	rc = SSL_read_early_data(t->ssl, none, sizeof(none), &n);
	t->gathering = false;
	t->opened = rc == SSL_READ_EARLY_DATA_FINISH;
	return t->opened ? 1 : nothing(ch, 0);
}

static int64_t
tls_recv(struct channel *ch, void *p, size_t n)
{
	struct channel_tls *t = ch->tls;
	size_t done = 0, room;
	int64_t opened;
	int rc;

	if (t->over)
		return drain(t, p, n);
	if (t->failed || tls_flush(ch) < 0)
		return ERP_IO;
	if ((opened = open_handshake(ch)) <= 0)
		return opened;
	/* A record is begun only with room for all of it, so that nothing stays
	 * here that no poll would tell of; but for the first one. */
	do {
		room = n - done < RECORD ? n - done : RECORD;
		ERR_clear_error();
		rc = SSL_read(t->ssl, (uint8_t *)p + done, (int)room);
		if (settle(ch) != 0)
			return ERP_IO;
		if (rc <= 0)
			break;
		done += (size_t)rc;
	} while (n - done >= RECORD || (n > done && SSL_pending(t->ssl) > 0));
	return done > 0 ? (int64_t)done : nothing(ch, rc);
}

static int64_t
tls_send(struct channel *ch, const void *p, size_t n, bool more)
{
	struct channel_tls *t = ch->tls;
	size_t done = 0, piece;
	int rc;

	if (t->failed || (rc = tls_flush(ch)) < 0)
		return ERP_IO;
	if (rc > 0)
		return 0;
	while (done < n && t->unsent.len < GATHERED) {
		piece = n - done < RECORD ? n - done : RECORD;
		t->gathering = done + piece < n;
		t->more = more;
		ERR_clear_error();
		rc = SSL_write(t->ssl, (const uint8_t *)p + done, (int)piece);
		t->gathering = t->more = false;
		if (settle(ch) != 0)
			return ERP_IO;
		if (rc <= 0)
			return done > 0 ? (int64_t)done : nothing(ch, rc);
		assert((size_t)rc == piece);
		done += piece;
	}
	t->more = more || done < n;
	rc = tls_flush(ch);
	t->more = false;
	return rc < 0 ? rc : (int64_t)done;
}

/* One copy, by as many bytes as leave at a time. */
static int64_t
tls_send_file(struct channel *ch, int file, uint64_t off, size_t n)
{
	uint8_t piece[GATHERED];
	size_t done = 0, ask;
	int64_t got, sent;

	while (done < n && ch->tls->unsent.len == 0) {
		ask = n - done < GATHERED ? n - done : GATHERED;
		got = fs_pread(fs_real(), file, piece, ask, off + done);
		if (got <= 0 && done == 0) {
			ch->sys = got < 0 ? (int)-got : EIO;
			return ERP_IO;
		}
		if (got <= 0)
			break;
		sent = tls_send(ch, piece, (size_t)got, done + ask < n);
		if (sent <= 0)
			return done > 0 ? (int64_t)done : sent;
		done += (size_t)sent;
	}
	return done > 0 ? (int64_t)done : tls_flush(ch) < 0 ? ERP_IO : 0;
}

static int
tls_wait(struct channel *ch, unsigned wants, uint32_t wait_ms)
{
	struct channel_tls *t = ch->tls;
	unsigned below = wants;
	int rc;

	if ((wants & CHANNEL_RECV) != 0 && SSL_pending(t->ssl) > 0)
		return 1;
	/* Before it is over nothing of ours can be sent. */
	if (wants != 0 && !SSL_is_init_finished(t->ssl))
		below = CHANNEL_RECV;
	if (t->unsent.len > 0)
		below |= CHANNEL_SEND;
	rc = channel_wait(&t->below, below, wait_ms);
	if (rc > 0 && t->unsent.len > 0 && tls_flush(ch) < 0)
		rc = ERP_IO;
	if (rc < 0 && !t->failed)
		ch->sys = t->below.sys;
	return rc > 0 && wants == 0 ? 0 : rc;
}

static int
tls_end(struct channel *ch)
{
	struct channel_tls *t = ch->tls;

	t->over = t->failed;
	if (!t->failed && SSL_is_init_finished(t->ssl)) {
		ERR_clear_error();
		(void)SSL_shutdown(t->ssl);
	}
	t->ending = true;
	return tls_flush(ch) < 0 ? ERP_IO : 0;
}

/* A station may begin its next connection where this one stands, if a ticket
 * came that says so; what it said first belongs to that one. */
static void
keep_session(struct channel_tls *t)
{
	struct tls *tls = t->tls;
	SSL_SESSION *session;

	if (tls->is_server || !t->shaken)
		return;
	session = SSL_get1_session(t->ssl);
	if (session == NULL || session == tls->session ||
	    !SSL_SESSION_is_resumable(session)) {
		SSL_SESSION_free(session);
		return;
	}
	SSL_SESSION_free(tls->session);
	tls->session = session;
	tls->fresh = true;
	buf_release(&tls->said);
	tls->said = t->says;
	buf_init(&t->says, t->says.limit);
}

static void
tls_close(struct channel *ch)
{
	struct channel_tls *t = ch->tls;

	keep_session(t);
	/* Without a last word a session could not be taken up again. */
	SSL_set_shutdown(t->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(t->ssl);
	channel_close(&t->below);
	buf_release(&t->unsent);
	buf_release(&t->says);
	tls_free(t->tls);
	free(t);
	ch->tls = NULL;
	ch->fd = -1;
}

static int
open_ssl(struct channel_tls *t)
{
	struct tls_trust *trust = &t->tls->trust;
	X509_VERIFY_PARAM *param;
	BIO *bio;

	if (t->tls->bio == NULL)
		t->tls->bio = make_method();
	if (t->tls->bio == NULL || (t->ssl = SSL_new(t->tls->ctx)) == NULL ||
	    (bio = BIO_new(t->tls->bio)) == NULL)
		return ERP_NOMEM;
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	SSL_set_bio(t->ssl, bio, bio);
	if (t->tls->is_server) {
		SSL_set_accept_state(t->ssl);
		return 0;
	}
	SSL_set_connect_state(t->ssl);
	param = SSL_get0_param(t->ssl);
	/* A number is not told to the server, and looked for as such. */
	if (X509_VERIFY_PARAM_set1_ip_asc(param, trust->host) != 1 &&
	    (X509_VERIFY_PARAM_set1_host(param, trust->host, 0) != 1 ||
		SSL_set_tlsext_host_name(t->ssl, trust->host) != 1))
		return ERP_NOMEM;
	return 0;
}

int
channel_tls_begin(struct channel *ch, struct tls *tls, struct err *e)
{
	static const struct channel_ops ops = {tls_wait, tls_recv, tls_send,
	    tls_send_file, tls_flush, tls_end, tls_close};
	struct channel_tls *t = calloc(1, sizeof(*t));

	assert(ch->tls == NULL);
	if (t == NULL)
		return err_nomem(e);
	t->below = *ch;
	t->tls = tls;
	buf_init(&t->unsent, UNSENT_MAX);
	if (open_ssl(t) != 0) {
		SSL_free(t->ssl);
		free(t);
		return err_nomem(e);
	}
	tls->users++;
	ch->ops = &ops;
	ch->tls = t;
	return 0;
}

const char *
channel_tls_why(const struct channel *ch)
{
	return ch->tls != NULL && ch->tls->why[0] != '\0' ? ch->tls->why : NULL;
}

void
channel_tls_peer(const struct channel *ch, char *out, size_t cap)
{
	X509 *certificate = ch->tls != NULL && ch->tls->shaken
	    ? SSL_get1_peer_certificate(ch->tls->ssl)
	    : NULL;

	assert(cap > 0);
	out[0] = '\0';
	if (certificate != NULL &&
	    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate),
		NID_commonName, out, (int)cap) < 0)
		out[0] = '\0';
	X509_free(certificate);
}

uint64_t
channel_tls_heard(const struct channel *ch)
{
	return ch->tls != NULL ? ch->tls->below.heard : ch->heard;
}
