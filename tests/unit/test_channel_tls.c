/* TLS over channels through memory: both ends, and who is believed. */
#include "transport/net/channel_tls_internal.h"

#include "engine/base/err.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PIPE_MAX = 256 * 1024, BIG = 200 * 1000, TURNS = 100000 };

/* Bytes on their way from one end to the other. */
struct pipe {
	uint8_t bytes[PIPE_MAX];
	size_t n, room; /* there, and how many there may be */
	bool closed;
	unsigned puts; /* calls that put bytes */
};

struct ends {
	struct pipe up, down; /* from the station; to it */
	struct channel_stream streams[2];
	struct channel station, server;
	struct tempdir dir;
	char pem[4096]; /* the server's own */
	char pin[TLS_PIN_BYTES];
	struct tls *station_tls, *server_tls;
	struct err e;
};

static int64_t
pipe_take(struct pipe *from, void *p, size_t n)
{
	if (from->n == 0)
		return from->closed ? CHANNEL_END : 0;
	if (n > from->n)
		n = from->n;
	memcpy(p, from->bytes, n);
	from->n -= n;
	memmove(from->bytes, from->bytes + n, from->n);
	return (int64_t)n;
}

static int64_t
pipe_put(struct pipe *to, const void *p, size_t n)
{
	if (n > to->room - to->n)
		n = to->room - to->n;
	memcpy(to->bytes + to->n, p, n);
	to->n += n;
	to->puts++;
	return (int64_t)n;
}

static int64_t
station_recv(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	(void)wait_ms;
	return pipe_take(&((struct ends *)ctx)->down, p, n);
}

static int64_t
station_send(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	(void)wait_ms;
	return pipe_put(&((struct ends *)ctx)->up, p, n);
}

static int64_t
server_recv(void *ctx, void *p, size_t n, uint32_t wait_ms)
{
	(void)wait_ms;
	return pipe_take(&((struct ends *)ctx)->up, p, n);
}

static int64_t
server_send(void *ctx, const void *p, size_t n, uint32_t wait_ms)
{
	(void)wait_ms;
	return pipe_put(&((struct ends *)ctx)->down, p, n);
}

/* The server's key and certificate, for these names. */
static void
make_pem(struct ends *t, const char *const *names, size_t n)
{
	const struct tls_names all = {names, n};
	struct buf b;

	buf_init(&b, sizeof(t->pem) - 1);
	cr_assert_eq(
	    tls_make_key(&all, 1000, &b, &b, t->pin, &t->e), 0, "%s", t->e.msg);
	memcpy(t->pem, buf_data(&b), b.len);
	t->pem[b.len] = '\0';
	buf_release(&b);
	tempdir_text(&t->dir, "server.pem", t->pem, 1000000000);
}

static struct ends *
ends_new(void)
{
	static const char *const names[] = {"erp.example", "127.0.0.1", "::1"};
	struct ends *t = calloc(1, sizeof(*t));

	cr_assert_not_null(t);
	tempdir_open(&t->dir);
	make_pem(t, names, 3);
	t->streams[0] = (struct channel_stream){station_recv, station_send, t};
	t->streams[1] = (struct channel_stream){server_recv, server_send, t};
	t->up.room = t->down.room = PIPE_MAX;
	return t;
}

/* Fresh channels, TLS over each. */
static void
connect_ends(struct ends *t)
{
	t->up.n = t->down.n = 0;
	t->up.closed = t->down.closed = false;
	channel_of_stream(&t->station, &t->streams[0]);
	channel_of_stream(&t->server, &t->streams[1]);
	cr_assert_eq(channel_tls_begin(&t->station, t->station_tls, &t->e), 0);
	cr_assert_eq(channel_tls_begin(&t->server, t->server_tls, &t->e), 0);
}

static void
begin(struct ends *t, const struct tls_client *from)
{
	const struct tls_server own = {.own = t->pem};

	cr_assert_eq(
	    tls_server_new(&own, &t->server_tls, &t->e), 0, "%s", t->e.msg);
	cr_assert_eq(
	    tls_client_new(from, &t->station_tls, &t->e), 0, "%s", t->e.msg);
	connect_ends(t);
}

/* Until the station has an opinion. */
static int
shake(struct ends *t)
{
	char got[16];
	int i, rc = 0;

	for (i = 0; rc == 0 && i < TURNS; i++) {
		rc = channel_tls_shake(&t->station, "erp:1", &t->e);
		if (rc == 0 && channel_recv(&t->server, got, sizeof(got)) < 0)
			t->down.closed = true;
		(void)channel_flush(&t->server);
	}
	return rc;
}

static void
ends_close(struct ends *t)
{
	channel_close(&t->station);
	channel_close(&t->server);
	tls_free(t->station_tls);
	tls_free(t->server_tls);
	t->station_tls = t->server_tls = NULL;
}

static void
ends_free(struct ends *t)
{
	ends_close(t);
	tempdir_close(&t->dir);
	free(t);
}

/* All n bytes from one channel to the other, in whatever pieces. */
static void
carry(struct channel *from, struct channel *to, size_t n)
{
	uint8_t *out = malloc(n), *in = malloc(n);
	size_t sent = 0, got = 0, i;
	int64_t rc;
	int turn;

	cr_assert(out != NULL && in != NULL);
	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(i * 7 + i / 251);
	for (turn = 0; turn < TURNS && (channel_flush(from) > 0 || got < n);
	     turn++) {
		if (sent < n) {
			rc = channel_send(from, out + sent, n - sent, false);
			cr_assert_geq(rc, 0);
			sent += (size_t)rc;
		}
		cr_assert_geq(channel_wait(to, CHANNEL_RECV, 0), 0);
		rc = got < n ? channel_recv(to, in + got, n - got) : 0;
		cr_assert_geq(rc, 0);
		got += (size_t)rc;
	}
	cr_assert_eq(got, n, "%zu of %zu", got, n);
	cr_assert_arr_eq(in, out, n);
	free(out);
	free(in);
}

Test(channel_tls, bytes_pass_both_ways_whatever_the_line_takes)
{
	static const size_t sizes[] = {1, 100, 16384, 16385, BIG};
	static const size_t rooms[] = {1, 700, 5000, PIPE_MAX};
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	size_t i, r;

	begin(t, &from);
	cr_assert_eq(shake(t), 1, "%s", t->e.msg);
	cr_expect_str_eq(tls_pin(t->station_tls), t->pin);
	cr_expect_str_eq(tls_pin(t->server_tls), t->pin);
	for (r = 0; r < 4; r++)
		for (i = 0; i < (r == 0 ? 2 : 5); i++) {
			t->up.room = t->down.room = rooms[r];
			carry(&t->station, &t->server, sizes[i]);
			carry(&t->server, &t->station, sizes[i]);
		}
	cr_expect_eq(t->station.tls->unsent.cap, 0, "nothing is held idle");
	ends_free(t);
}

/* Two records leave in one call, and no more than they are kept of a line that
 * takes nothing. */
Test(channel_tls, records_leave_together)
{
	enum { RECORD = 16384, AROUND = 22 };
	static uint8_t bytes[3 * RECORD];
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();

	begin(t, &from);
	cr_assert_eq(shake(t), 1);
	t->up.puts = 0;
	t->up.n = 0; /* what ends the handshake */
	cr_expect_eq(
	    channel_send(&t->station, bytes, sizeof(bytes), false), 2 * RECORD);
	cr_expect_eq(t->up.puts, 1);
	cr_expect_eq(t->up.n, 2 * (RECORD + AROUND));
	cr_expect_eq(
	    channel_send(&t->station, bytes, RECORD + 1, false), RECORD + 1);
	cr_expect_eq(t->up.puts, 2);
	t->up.room = t->up.n + 1;
	cr_expect_eq(
	    channel_send(&t->station, bytes, sizeof(bytes), false), 2 * RECORD);
	cr_expect_eq(t->station.tls->unsent.len, 2 * (RECORD + AROUND) - 1);
	cr_expect_eq(channel_send(&t->station, bytes, sizeof(bytes), false), 0);
	ends_free(t);
}

Test(channel_tls, a_small_buffer_takes_a_record_in_parts)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	char got[4];

	begin(t, &from);
	cr_assert_eq(shake(t), 1);
	cr_assert_eq(channel_send(&t->station, "abcdefg", 7, false), 7);
	cr_assert_eq(channel_recv(&t->server, got, 4), 4);
	cr_expect_arr_eq(got, "abcd", 4);
	cr_expect_eq(channel_wait(&t->server, CHANNEL_RECV, 0), 1,
	    "what is left is told of");
	cr_assert_eq(channel_recv(&t->server, got, 4), 3);
	cr_expect_arr_eq(got, "efg", 3);
	cr_expect_eq(channel_recv(&t->server, got, 4), 0);
	ends_free(t);
}

Test(channel_tls, a_file_goes_by_one_copy)
{
	struct tls_client from = {.host = "erp.example"};
	uint8_t *bytes = calloc(1, BIG), *got = malloc(BIG);
	struct ends *t = ends_new();
	size_t sent = 0, done = 0;
	int64_t rc;
	int fd, i;

	cr_assert(bytes != NULL && got != NULL);
	for (i = 0; i < BIG; i++)
		bytes[i] = (uint8_t)(i / 3);
	tempdir_write(&t->dir, "f", bytes, BIG, 1000000000);
	fd = openat(t->dir.fd, "f", O_RDONLY);
	cr_assert_geq(fd, 0);
	begin(t, &from);
	cr_assert_eq(shake(t), 1);
	t->down.room = 3000;
	for (i = 0; i < TURNS && done < BIG; i++) {
		if (sent < BIG) {
			rc =
			    channel_send_file(&t->server, fd, sent, BIG - sent);
			cr_assert_geq(rc, 0);
			sent += (size_t)rc;
		}
		(void)channel_flush(&t->server);
		rc = channel_recv(&t->station, got + done, BIG - done);
		cr_assert_geq(rc, 0);
		done += (size_t)rc;
	}
	cr_assert_eq(done, BIG);
	cr_assert_arr_eq(got, bytes, BIG);
	cr_expect_eq(channel_send_file(&t->server, fd, BIG, 5), ERP_IO);
	cr_expect_eq(t->server.sys, EIO);
	(void)close(fd);
	ends_free(t);
	free(bytes);
	free(got);
}

Test(channel_tls, the_end_is_told_behind_the_last_byte)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	char got[100];
	int i;

	begin(t, &from);
	cr_assert_eq(shake(t), 1);
	t->up.room = t->up.n + 40;
	cr_assert_eq(channel_send(&t->station, "last words", 10, false), 10);
	cr_assert_eq(channel_end(&t->station), 0);
	cr_expect_eq(channel_flush(&t->station), 1, "the line is full");
	for (i = 0; i < 100 && channel_recv(&t->server, got, 100) != 10; i++)
		(void)channel_flush(&t->station);
	cr_expect_arr_eq(got, "last words", 10);
	cr_expect_eq(channel_flush(&t->station), 0);
	cr_expect_eq(channel_recv(&t->server, got, 100), CHANNEL_END);
	cr_assert_eq(channel_send(&t->server, "answer", 6, false), 6);
	cr_expect_eq(channel_recv(&t->station, got, 100), 6,
	    "the other direction stays");
	t->down.closed = true;
	cr_expect_eq(channel_recv(&t->station, got, 100), CHANNEL_END,
	    "without a word it is one, too");
	ends_free(t);
}

Test(channel_tls, a_pin_is_one_key)
{
	static const char *const bad[] = {"", "sha256//", "sha1//abc",
	    "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	    "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA =",
	    "SHA256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
	static const char other[] =
	    "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	static const char third[] =
	    "sha256//BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=";
	struct tls_client from = {.host = "whatever"};
	struct ends *t = ends_new();
	size_t i;

	from.pin = t->pin;
	from.before = other;
	begin(t, &from);
	cr_expect_eq(shake(t), 1, "a pin is more than what was before");
	ends_close(t);
	from.pin = other;
	from.before = t->pin;
	begin(t, &from);
	cr_expect_eq(shake(t), ERP_UNTRUSTED);
	cr_expect_not_null(strstr(t->e.msg, "Pin"), "%s", t->e.msg);
	cr_expect_not_null(strstr(t->e.msg, t->pin), "%s", t->e.msg);
	ends_close(t);
	/* Unless it is none of a person's; then what was before counts, and
	 * nobody else. */
	from.pin_yields = true;
	begin(t, &from);
	cr_expect_eq(shake(t), 1, "%s", t->e.msg);
	ends_close(t);
	from.before = "";
	begin(t, &from);
	cr_expect_eq(shake(t), ERP_UNTRUSTED);
	ends_close(t);
	from.before = third;
	begin(t, &from);
	cr_expect_eq(shake(t), ERP_UNTRUSTED);
	ends_close(t);
	from.pin = t->pin;
	begin(t, &from);
	cr_expect_eq(shake(t), 1, "the pin counts as before");
	ends_close(t);
	from.pin_yields = false;
	from.before = t->pin;
	from.pin = NULL;
	begin(t, &from);
	cr_expect_eq(shake(t), 1);
	ends_close(t);
	from.before = other;
	begin(t, &from);
	cr_expect_eq(shake(t), ERP_UNTRUSTED);
	cr_expect_not_null(strstr(t->e.msg, "--accept-key"), "%s", t->e.msg);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct tls *none;

		from.pin = bad[i];
		cr_expect_eq(tls_client_new(&from, &none, &t->e), ERP_USAGE);
		cr_expect_null(none);
	}
	ends_free(t);
}

Test(channel_tls, a_certificate_counts_for_its_names)
{
	static const struct {
		const char *host;
		int rc;
	} rows[] = {{"erp.example", 1}, {"ERP.example", 1}, {"127.0.0.1", 1},
	    {"::1", 1}, {"127.0.0.2", ERP_UNTRUSTED},
	    {"erp.example.org", ERP_UNTRUSTED}, {"example", ERP_UNTRUSTED},
	    {"a.erp.example", ERP_UNTRUSTED}};
	struct tls_client from = {.host = NULL};
	struct ends *t = ends_new();
	char ca[600];
	size_t i;

	(void)snprintf(ca, sizeof(ca), "%s/server.pem", t->dir.path);
	from.ca = ca;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		from.host = rows[i].host;
		begin(t, &from);
		cr_expect_eq(
		    shake(t), rows[i].rc, "%s: %s", rows[i].host, t->e.msg);
		if (rows[i].rc != 1)
			cr_expect_not_null(
			    strstr(t->e.msg, "another name"), "%s", t->e.msg);
		ends_close(t);
	}
	/* Of somebody else's. */
	make_pem(t, &rows[0].host, 1);
	(void)unlinkat(t->dir.fd, "other.pem", 0);
	tempdir_text(&t->dir, "other.pem", t->pem, 1000000000);
	make_pem(t, &rows[0].host, 1);
	(void)snprintf(ca, sizeof(ca), "%s/other.pem", t->dir.path);
	from.host = rows[0].host;
	begin(t, &from);
	cr_expect_eq(shake(t), ERP_UNTRUSTED);
	cr_expect_not_null(
	    strstr(t->e.msg, "issued by nobody"), "%s", t->e.msg);
	ends_free(t);
}

/* The server's key again, under a passphrase. */
static void
lock_key(struct ends *t, const char *file)
{
	BIO *in = BIO_new_mem_buf(t->pem, -1), *out = BIO_new_file(file, "w");
	EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);

	cr_assert_not_null(key);
	cr_assert_eq(PEM_write_bio_PKCS8PrivateKey(
			 out, key, EVP_aes_128_cbc(), "pw", 2, NULL, NULL),
	    1);
	EVP_PKEY_free(key);
	BIO_free(in);
	BIO_free(out);
}

Test(channel_tls, a_key_that_cannot_be_used_says_why)
{
	struct tls_server to = {.own = NULL};
	struct ends *t = ends_new();
	char good[600], bad[600];
	struct tls *none;

	(void)snprintf(good, sizeof(good), "%s/server.pem", t->dir.path);
	(void)snprintf(bad, sizeof(bad), "%s/bad.pem", t->dir.path);
	to.certificate = good;
	to.key = bad;
	lock_key(t, bad);
	cr_expect_eq(tls_server_new(&to, &none, &t->e), ERP_USAGE);
	cr_expect_not_null(
	    strstr(t->e.msg, "bad.pem: has a passphrase"), "%s", t->e.msg);
	tempdir_text(&t->dir, "bad.pem", "", 1000000000);
	cr_expect_eq(tls_server_new(&to, &none, &t->e), ERP_USAGE);
	cr_expect_not_null(
	    strstr(t->e.msg, "bad.pem: has no key in it"), "%s", t->e.msg);
	to.key = t->dir.path;
	cr_expect_eq(tls_server_new(&to, &none, &t->e), ERP_USAGE);
	cr_expect_not_null(
	    strstr(t->e.msg, "is no regular file"), "%s", t->e.msg);
	to.key = good;
	to.certificate = bad;
	cr_expect_eq(tls_server_new(&to, &none, &t->e), ERP_USAGE);
	cr_expect_not_null(
	    strstr(t->e.msg, "has no certificate"), "%s", t->e.msg);
	tempdir_close(&t->dir);
	free(t);
}

Test(channel_tls, files_that_do_not_fit_are_named)
{
	struct tls_client from = {.host = "erp.example"};
	struct tls_server to = {.own = NULL};
	struct ends *t = ends_new();
	char mine[600], other[600], missing[600], junk[600];
	struct tls *none;
	const char *name = "x";

	(void)snprintf(mine, sizeof(mine), "%s/server.pem", t->dir.path);
	(void)snprintf(other, sizeof(other), "%s/other.pem", t->dir.path);
	(void)snprintf(missing, sizeof(missing), "%s/none", t->dir.path);
	(void)snprintf(junk, sizeof(junk), "%s/junk", t->dir.path);
	tempdir_text(&t->dir, "other.pem", t->pem, 1000000000);
	make_pem(t, &name, 1);
	tempdir_text(&t->dir, "junk", "no certificate\n", 1000000000);
	from.ca = missing;
	cr_expect_eq(tls_client_new(&from, &none, &t->e), ERP_NOTFOUND);
	cr_expect_not_null(strstr(t->e.msg, missing), "%s", t->e.msg);
	from.ca = junk;
	cr_expect_eq(tls_client_new(&from, &none, &t->e), ERP_USAGE);
	cr_expect_not_null(strstr(t->e.msg, junk), "%s", t->e.msg);
	/* In words of ours, which are translated. */
	tempdir_text(
	    &t->dir, "junk", "-----BEGIN CERTIFICATE-----\ncut\n", 1000000000);
	cr_expect_eq(tls_client_new(&from, &none, &t->e), ERP_USAGE);
	cr_expect_not_null(
	    strstr(t->e.msg, "is damaged (OpenSSL: "), "%s", t->e.msg);
	to.certificate = mine;
	to.key = mine;
	cr_expect_eq(
	    tls_server_new(&to, &t->server_tls, &t->e), 0, "%s", t->e.msg);
	tls_free(t->server_tls);
	t->server_tls = NULL;
	to.key = other;
	cr_expect_eq(tls_server_new(&to, &none, &t->e), ERP_USAGE);
	cr_expect_not_null(strstr(t->e.msg, other), "%s", t->e.msg);
	cr_expect_not_null(strstr(t->e.msg, "not the key"), "%s", t->e.msg);
	to.key = junk;
	cr_expect_eq(tls_server_new(&to, &none, &t->e), ERP_USAGE);
	to.certificate = missing;
	cr_expect_eq(tls_server_new(&to, &none, &t->e), ERP_NOTFOUND);
	cr_expect_null(none);
	tempdir_close(&t->dir);
	free(t);
}

/* Both ends, of a station that this name is in the certificate of. */
static struct ends *
ends_named(const char *name)
{
	struct tls_client from = {.host = "erp.example"};
	struct tls_server to = {.own = NULL};
	struct ends *t = ends_new();
	char ca[600], own[4096];

	memcpy(own, t->pem, sizeof(own));
	make_pem(t, &name, 1);
	(void)snprintf(ca, sizeof(ca), "%s/server.pem", t->dir.path);
	to.own = own;
	to.client_ca = ca;
	cr_assert_eq(tls_server_new(&to, &t->server_tls, &t->e), 0);
	from.certificate = ca;
	cr_assert_eq(
	    tls_client_new(&from, &t->station_tls, &t->e), 0, "%s", t->e.msg);
	return t;
}

Test(channel_tls, a_station_shows_who_it_is)
{
	const struct tls_client nameless = {.host = "erp.example"};
	const char *name = "station-7";
	struct ends *t = ends_named(name);
	char got[16];

	cr_expect_str_eq(tls_pin(t->station_tls), "", "its own is none");
	connect_ends(t);
	cr_assert_eq(shake(t), 1, "%s", t->e.msg);
	carry(&t->station, &t->server, 10);
	channel_tls_peer(&t->server, got, sizeof(got));
	cr_expect_str_eq(got, name);
	channel_tls_peer(&t->server, got, 4);
	cr_expect_str_eq(got, "sta");
	channel_close(&t->station);
	channel_close(&t->server);
	tls_free(t->station_tls);
	/* And without. */
	cr_assert_eq(tls_client_new(&nameless, &t->station_tls, &t->e), 0);
	connect_ends(t);
	cr_assert_eq(shake(t), 1, "it does not know so far");
	cr_expect_eq(channel_recv(&t->server, got, sizeof(got)), ERP_IO);
	cr_expect_not_null(channel_tls_why(&t->server));
	cr_expect_eq(channel_recv(&t->station, got, sizeof(got)), ERP_IO);
	channel_tls_peer(&t->server, got, sizeof(got));
	cr_expect_str_eq(got, "");
	ends_free(t);
}

Test(channel_tls, who_does_not_speak_it_is_told_apart)
{
	static const struct {
		const char *says;
		size_t n;
		int rc;
		const char *text;
	} rows[] = {{"HTTP/1.1 400 Bad Request\r\n\r\n", 28, ERP_UNTRUSTED,
			"does not answer in TLS"},
	    {"ERPsync\n\1\0\1\0\0\0\0\0", 16, ERP_UNTRUSTED,
		"does not answer in TLS"},
	    {"\x15\x03\x03\0\2\2\x46", 7, ERP_UNTRUSTED, "no TLS 1.3"},
	    {"\x15\x03\x03\0\2\2\x78", 7, ERP_UNTRUSTED, "TLS failed"},
	    {"\x15\x03\x03\0\2\2\x14", 7, ERP_LOST, "arrived damaged"},
	    {"", 0, ERP_LOST, "closed the connection before"}};
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin(t, &from);
		cr_assert_eq(channel_tls_shake(&t->station, "erp:1", &t->e), 0);
		t->up.n = 0;
		(void)pipe_put(&t->down, rows[i].says, rows[i].n);
		t->down.closed = true;
		cr_expect_eq(channel_tls_shake(&t->station, "erp:1", &t->e),
		    rows[i].rc, "row %zu: %s", i, t->e.msg);
		cr_expect_not_null(
		    strstr(t->e.msg, rows[i].text), "row %zu: %s", i, t->e.msg);
		ends_close(t);
	}
	tempdir_close(&t->dir);
	free(t);
}

Test(channel_tls, what_arrives_damaged_is_a_lost_connection)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	char got[16];
	size_t i;

	for (i = 0; i < 3; i++) {
		begin(t, &from);
		cr_assert_eq(shake(t), 1, "%s", t->e.msg);
		carry(&t->server, &t->station, 10);
		cr_assert_eq(channel_send(&t->server, "damage", 6, false), 6);
		(void)channel_flush(&t->server);
		cr_assert_gt(t->down.n, 6);
		/* The type of the record, its version, its last byte. */
		t->down.bytes[i < 2 ? i : t->down.n - 1] ^= 0x40;
		cr_expect_eq(
		    channel_recv(&t->station, got, sizeof(got)), ERP_IO);
		cr_expect_eq(channel_tls_blame(&t->station, "erp:1", &t->e),
		    ERP_LOST, "%zu: %s", i, t->e.msg);
		ends_close(t);
	}
	tempdir_close(&t->dir);
	free(t);
}

/* Whatever follows the byte by which TLS is told, a server ends in order. */
Test(channel_tls, garbage_behind_the_first_byte_only_ends_it)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	uint8_t got[64], hello[4096];
	unsigned seed = 1;
	size_t n, i, round;
	int64_t rc;

	begin(t, &from);
	cr_assert_eq(channel_tls_shake(&t->station, "erp:1", &t->e), 0);
	n = t->up.n;
	cr_assert(n > 100 && n <= sizeof(hello));
	memcpy(hello, t->up.bytes, n);
	cr_assert_eq(hello[0], TLS_FIRST_BYTE);
	for (round = 0; round < 300; round++) {
		ends_close(t);
		begin(t, &from);
		memcpy(t->up.bytes, hello, n);
		t->up.n = n;
		/* A flipped byte of a good beginning, or noise. */
		for (i = 1; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			if (round % 3 == 0 || i == seed / 65536 % n)
				t->up.bytes[i] = (uint8_t)(seed >> 16);
		}
		if (round % 2 == 0)
			t->up.closed = true;
		for (i = 0; i < 20; i++)
			if ((rc = channel_recv(&t->server, got, sizeof(got))) <
			    0)
				break;
		cr_assert(rc == 0 || rc == CHANNEL_END || rc == ERP_IO);
		cr_assert(rc != 0 || !t->up.closed, "round %zu", round);
	}
	ends_free(t);
}

Test(channel_tls, who_takes_no_answers_has_only_so_much)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	size_t i, most = 0;
	int64_t rc = 0;
	char got[64];

	begin(t, &from);
	cr_assert_eq(shake(t), 1);
	carry(&t->station, &t->server, 1);
	carry(&t->server, &t->station, 1);
	t->down.room = 0;
	for (i = 0; i < TURNS && rc >= 0; i++) {
		cr_assert_eq(SSL_key_update(
				 t->station.tls->ssl, SSL_KEY_UPDATE_REQUESTED),
		    1);
		cr_assert_eq(SSL_do_handshake(t->station.tls->ssl), 1);
		rc = channel_recv(&t->server, got, sizeof(got));
		if (t->server.tls->unsent.cap > most)
			most = t->server.tls->unsent.cap;
	}
	cr_expect_eq(rc, ERP_IO);
	cr_expect_leq(most, 256 * 1024);
	ends_free(t);
}

/* What a station says first, and the server's answer to it. */
static const uint8_t hello[] = "here is who I am";
static const uint8_t welcome[] = "nothing new";

/* One connection of a station that says this: 1 when it was believed; the
 * server has what was said, in whatever way, and gives a ticket for words that
 * were said.  The answer leaves as early as it can. */
static int
converse(struct ends *t, const uint8_t *says, size_t n)
{
	const uint8_t *said;
	uint8_t got[64];
	int rc;

	cr_assert_eq(channel_tls_offer(&t->station, says, n, &t->e), 0);
	cr_assert_eq(channel_tls_shake(&t->station, "erp:1", &t->e), 0);
	cr_assert_leq(channel_recv(&t->server, got, sizeof(got)), 0);
	if (channel_tls_said(&t->server, &said) > 0)
		cr_assert(
		    channel_tls_answer(&t->server, welcome, sizeof(welcome)));
	if ((rc = shake(t)) != 1)
		return rc;
	if (!channel_tls_is_said(&t->station)) {
		cr_expect_eq(channel_tls_said(&t->server, &said), 0);
		carry(&t->station, &t->server, n);
		channel_tls_remember(&t->server, says, n);
		(void)channel_send(&t->server, welcome, sizeof(welcome), false);
	} else {
		cr_expect_leq(channel_recv(&t->server, got, sizeof(got)), 0);
		cr_expect_eq(channel_tls_said(&t->server, &said), n);
		cr_expect_arr_eq(said, says, n);
	}
	cr_assert(channel_tls_is_shaken(&t->server));
	cr_assert_eq(
	    channel_recv(&t->station, got, sizeof(got)), sizeof(welcome));
	cr_expect_arr_eq(got, welcome, sizeof(welcome));
	return rc;
}

/* The next one. */
static void
connect_again(struct ends *t)
{
	channel_close(&t->station);
	channel_close(&t->server);
	connect_ends(t);
}

static bool
is_reused(const struct ends *t)
{
	return SSL_session_reused(t->station.tls->ssl) == 1;
}

Test(channel_tls, the_next_connection_takes_up_the_session)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	size_t first, second;

	begin(t, &from);
	cr_assert_eq(channel_tls_shake(&t->station, "erp:1", &t->e), 0);
	(void)channel_recv(&t->server, &first, sizeof(first));
	(void)channel_flush(&t->server);
	first = t->down.n;
	cr_assert_eq(shake(t), 1);
	cr_assert_eq(t->station.tls->repeats, false);
	connect_again(t);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect_not(is_reused(t), "nobody gave a ticket so far");
	connect_again(t);
	cr_assert_eq(channel_tls_offer(&t->station, welcome, 5, &t->e), 0);
	cr_assert_eq(channel_tls_shake(&t->station, "erp:1", &t->e), 0);
	(void)channel_recv(&t->server, &second, sizeof(second));
	(void)channel_flush(&t->server);
	second = t->down.n;
	cr_assert_eq(shake(t), 1);
	cr_expect(is_reused(t));
	cr_expect_lt(second + 300, first, "no certificate comes again");
	cr_expect_str_eq(tls_pin(t->station_tls), t->pin);
	ends_free(t);
}

Test(channel_tls, what_is_said_again_is_answered_at_once)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	const uint8_t *said;
	uint8_t got[64];

	begin(t, &from);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect_not(channel_tls_is_said(&t->station));
	connect_again(t);
	cr_assert_eq(
	    channel_tls_offer(&t->station, hello, sizeof(hello), &t->e), 0);
	/* There ... */
	cr_assert_eq(channel_tls_shake(&t->station, "erp:1", &t->e), 0);
	cr_assert_eq(channel_recv(&t->server, got, sizeof(got)), 0);
	cr_expect_not(channel_tls_is_shaken(&t->server));
	cr_assert_eq(channel_tls_said(&t->server, &said), sizeof(hello));
	cr_expect_eq(t->down.n, 0, "it all leaves together");
	t->down.puts = 0;
	cr_assert(channel_tls_answer(&t->server, welcome, sizeof(welcome)));
	cr_expect_eq(channel_flush(&t->server), 0);
	cr_expect_eq(t->down.puts, 1);
	cr_expect(t->down.n > 100 && t->down.n < 600, "%zu", t->down.n);
	/* ... and back. */
	cr_assert_eq(channel_tls_shake(&t->station, "erp:1", &t->e), 1);
	cr_expect(channel_tls_is_said(&t->station));
	cr_assert_eq(
	    channel_recv(&t->station, got, sizeof(got)), sizeof(welcome));
	cr_expect_arr_eq(got, welcome, sizeof(welcome));
	cr_expect_eq(channel_recv(&t->server, got, sizeof(got)), 0);
	cr_expect(channel_tls_is_shaken(&t->server));
	carry(&t->station, &t->server, 100);
	carry(&t->server, &t->station, 100);
	/* The same ticket does again. */
	connect_again(t);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect(channel_tls_is_said(&t->station));
	ends_free(t);
}

Test(channel_tls, other_words_have_to_be_said)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();

	begin(t, &from);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	connect_again(t);
	cr_assert_eq(converse(t, hello, sizeof(hello) - 1), 1);
	cr_expect(is_reused(t));
	cr_expect_not(channel_tls_is_said(&t->station));
	/* And they are what the next ticket is for. */
	connect_again(t);
	cr_assert_eq(converse(t, hello, sizeof(hello) - 1), 1);
	cr_expect(channel_tls_is_said(&t->station));
	connect_again(t);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1);
	cr_expect_not(channel_tls_is_said(&t->station));
	ends_free(t);
}

/* A connection that no ticket came by leaves the one there was, with its own
 * words. */
Test(channel_tls, a_ticket_stays_with_the_words_it_was_given_for)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();

	begin(t, &from);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	connect_again(t);
	cr_assert_eq(channel_tls_offer(&t->station, hello, 3, &t->e), 0);
	cr_assert_eq(shake(t), 1);
	cr_assert(is_reused(t));
	connect_again(t);
	cr_assert_eq(converse(t, hello, 3), 1);
	cr_expect_not(channel_tls_is_said(&t->station));
	ends_free(t);
}

Test(channel_tls, who_repeats_what_he_recorded_has_nothing_of_it)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	uint8_t first[4096], got[64];
	const uint8_t *said;
	size_t n, i;

	begin(t, &from);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	connect_again(t);
	cr_assert_eq(
	    channel_tls_offer(&t->station, hello, sizeof(hello), &t->e), 0);
	cr_assert_eq(channel_tls_shake(&t->station, "erp:1", &t->e), 0);
	n = t->up.n;
	cr_assert_leq(n, sizeof(first));
	memcpy(first, t->up.bytes, n);
	connect_again(t);
	(void)pipe_put(&t->up, first, n);
	cr_assert_eq(channel_recv(&t->server, got, sizeof(got)), 0);
	cr_assert_eq(channel_tls_said(&t->server, &said), sizeof(hello));
	cr_assert(channel_tls_answer(&t->server, welcome, sizeof(welcome)));
	cr_expect_eq(channel_flush(&t->server), 0);
	cr_assert_gt(t->down.n, 100);
	for (i = 0; i + sizeof(welcome) <= t->down.n; i++)
		cr_assert_neq(memcmp(&t->down.bytes[i], welcome, 7), 0);
	cr_expect_not(channel_tls_is_shaken(&t->server));
	/* He has no last words for it, nor are they the first ones. */
	(void)pipe_put(&t->up, first, n);
	cr_expect_eq(channel_recv(&t->server, got, sizeof(got)), ERP_IO);
	cr_expect_not(channel_tls_is_shaken(&t->server));
	cr_expect_eq(channel_tls_said(&t->server, &said), 0);
	ends_free(t);
}

/* The station's end of another run. */
static void
run_again(struct ends *t, const struct tls_client *from, const struct buf *b)
{
	channel_close(&t->station);
	channel_close(&t->server);
	tls_free(t->station_tls);
	cr_assert_eq(tls_client_new(from, &t->station_tls, &t->e), 0);
	tls_resume(t->station_tls, buf_data(b), b->len);
	connect_ends(t);
}

Test(channel_tls, a_ticket_is_kept_from_run_to_run)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	struct buf b, part;
	size_t i;

	from.pin = t->pin;
	buf_init(&b, 16 * 1024);
	begin(t, &from);
	cr_assert_eq(tls_ticket(t->station_tls, &b, &t->e), 0);
	cr_expect_eq(b.len, 0, "none came");
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	channel_close(&t->station);
	channel_of_stream(&t->station, &t->streams[0]);
	cr_assert_eq(tls_ticket(t->station_tls, &b, &t->e), 0);
	cr_expect(b.len > 500 && b.len < 2048, "%zu", b.len);
	run_again(t, &from, &b);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect(channel_tls_is_said(&t->station));
	cr_expect_str_eq(tls_pin(t->station_tls), t->pin);
	buf_init(&part, 16 * 1024);
	cr_assert_eq(tls_ticket(t->station_tls, &part, &t->e), 0);
	cr_expect_eq(part.len, 0, "it is the same still");
	/* What is none is as none. */
	for (i = 0; i < b.len; i += i < 60 ? 1 : 37) {
		buf_clear(&part);
		cr_assert_eq(buf_append(&part, buf_data(&b), i, NULL), 0);
		cr_assert_eq(buf_append(&part, "", 1, NULL), 0);
		run_again(t, &from, &part);
		cr_assert_eq(
		    converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
		cr_expect_not(channel_tls_is_said(&t->station), "%zu", i);
	}
	buf_release(&part);
	buf_release(&b);
	ends_free(t);
}

/* Whoever is not believed now is no better for having been so. */
Test(channel_tls, a_ticket_is_judged_by_what_counts_now)
{
	static const char other[] =
	    "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	char ca[600];
	struct buf b;

	(void)snprintf(ca, sizeof(ca), "%s/server.pem", t->dir.path);
	from.ca = ca;
	buf_init(&b, 16 * 1024);
	begin(t, &from);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	connect_again(t);
	cr_assert_eq(tls_ticket(t->station_tls, &b, &t->e), 0);
	run_again(t, &from, &b);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect(channel_tls_is_said(&t->station));
	/* A year from now the CA's word is over: both find so. */
	run_again(t, &from, &b);
	X509_VERIFY_PARAM_set_time(SSL_get0_param(t->station.tls->ssl),
	    time(NULL) + (time_t)2000 * 24 * 60 * 60);
	cr_expect_eq(converse(t, hello, sizeof(hello)), ERP_UNTRUSTED);
	cr_expect_not(is_reused(t));
	/* Its name is another. */
	from.host = "other.example";
	run_again(t, &from, &b);
	cr_expect_eq(converse(t, hello, sizeof(hello)), ERP_UNTRUSTED);
	cr_expect_not(is_reused(t));
	/* Nobody vouches for it. */
	from = (struct tls_client){.host = "erp.example"};
	run_again(t, &from, &b);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect_not(is_reused(t));
	from.pin = other;
	run_again(t, &from, &b);
	cr_expect_eq(converse(t, hello, sizeof(hello)), ERP_UNTRUSTED);
	cr_expect_not_null(strstr(t->e.msg, t->pin), "%s", t->e.msg);
	/* Nor is it the server's fault when there is none. */
	run_again(t, &from, &b);
	cr_assert_eq(channel_tls_offer(&t->station, hello, 1, &t->e), 0);
	t->down.closed = true;
	cr_expect_eq(channel_tls_shake(&t->station, "erp:1", &t->e), ERP_LOST);
	/* The station is another. */
	from.pin = t->pin;
	from.certificate = ca;
	run_again(t, &from, &b);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect_not(is_reused(t));
	buf_release(&b);
	ends_free(t);
}

Test(channel_tls, a_server_that_starts_again_takes_no_ticket)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	const struct tls_server own = {.own = t->pem};

	begin(t, &from);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	channel_close(&t->station);
	channel_close(&t->server);
	tls_free(t->server_tls);
	cr_assert_eq(tls_server_new(&own, &t->server_tls, &t->e), 0);
	connect_ends(t);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect_not(is_reused(t));
	connect_again(t);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect(channel_tls_is_said(&t->station));
	ends_free(t);
}

/* A certificate that is good no longer does not live on in a ticket. */
Test(channel_tls, who_shows_a_certificate_is_who_it_is_by_a_ticket)
{
	const char *name = "station-7";
	struct ends *t = ends_named(name);
	char got[16];

	connect_ends(t);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	connect_again(t);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	cr_expect(channel_tls_is_said(&t->station));
	channel_tls_peer(&t->server, got, sizeof(got));
	cr_expect_str_eq(got, name);
	channel_close(&t->station);
	channel_close(&t->server);
	X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(t->server_tls->ctx),
	    time(NULL) + (time_t)2000 * 24 * 60 * 60);
	connect_ends(t);
	cr_assert_eq(channel_tls_offer(&t->station, hello, 1, &t->e), 0);
	cr_assert_eq(shake(t), 1, "it does not know so far");
	cr_expect_not(is_reused(t));
	cr_expect_eq(channel_recv(&t->server, got, sizeof(got)), ERP_IO);
	cr_expect_not_null(channel_tls_why(&t->server));
	ends_free(t);
}

/* Nobody agrees to what was not offered. */
Test(channel_tls, an_answer_to_nothing_is_no_protocol)
{
	static const unsigned char both[] = TLS_ALPN_AGAIN TLS_ALPN;
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	const uint8_t *said;

	begin(t, &from);
	cr_assert_eq(converse(t, hello, sizeof(hello)), 1, "%s", t->e.msg);
	/* Offered, and not by a ticket. */
	connect_again(t);
	cr_assert_eq(
	    SSL_set_alpn_protos(t->station.tls->ssl, both, sizeof(both) - 1),
	    0);
	cr_assert_eq(shake(t), 1, "%s", t->e.msg);
	cr_expect_eq(channel_tls_said(&t->server, &said), 0);
	/* By a ticket, with other words. */
	connect_again(t);
	cr_assert_eq(channel_tls_offer(&t->station, hello, 1, &t->e), 0);
	cr_assert_eq(
	    SSL_set_alpn_protos(t->station.tls->ssl, both, sizeof(both) - 1),
	    0);
	cr_expect_eq(shake(t), ERP_UNTRUSTED);
	cr_expect_not_null(
	    strstr(t->e.msg, "the protocol is not"), "%s", t->e.msg);
	ends_free(t);
}

/* The next connection of the same run, to a server with another key. */
static void
connect_to_another(struct ends *t)
{
	static const char *const name = "erp.example";
	const struct tls_server other = {.own = t->pem};

	channel_close(&t->station);
	channel_close(&t->server);
	tls_free(t->server_tls);
	(void)unlinkat(t->dir.fd, "server.pem", 0);
	make_pem(t, &name, 1);
	cr_assert_eq(tls_server_new(&other, &t->server_tls, &t->e), 0);
	connect_ends(t);
}

Test(channel_tls, who_was_refused_is_not_who_is_remembered)
{
	struct tls_client from = {.host = "erp.example"};
	struct ends *t = ends_new();
	char good[TLS_PIN_BYTES], ca[600];
	int i;

	(void)snprintf(ca, sizeof(ca), "%s/server.pem", t->dir.path);
	/* A key known, one of a CA's, and one that was first seen here. */
	for (i = 0; i < 3; i++) {
		if (i > 0)
			ends_close(t);
		memcpy(good, t->pin, sizeof(good));
		from.before = i == 0 ? good : NULL;
		from.ca = i == 1 ? ca : NULL;
		begin(t, &from);
		cr_assert_eq(shake(t), 1, "%s", t->e.msg);
		connect_to_another(t);
		cr_expect_eq(shake(t), ERP_UNTRUSTED, "row %d", i);
		cr_expect_not_null(strstr(t->e.msg, t->pin), "%s", t->e.msg);
		cr_expect_str_eq(tls_pin(t->station_tls), good, "row %d", i);
	}
	ends_free(t);
}

Test(channel_tls, a_ca_may_vouch_for_a_new_key)
{
	static const char other[] =
	    "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct tls_client from = {.host = "erp.example", .before = other};
	struct ends *t = ends_new();
	char ca[600];

	(void)snprintf(ca, sizeof(ca), "%s/server.pem", t->dir.path);
	from.ca = ca;
	begin(t, &from);
	cr_expect_eq(shake(t), 1, "%s", t->e.msg);
	cr_expect_str_eq(tls_pin(t->station_tls), t->pin);
	ends_free(t);
}
