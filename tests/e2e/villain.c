/*
 * villain SEAL RELEASE FOLDER ORDER: a server that means harm.  It serves the
 * sealed release RELEASE (its canonical bytes) with the seal SEAL and contents
 * out of FOLDER as a good server would, but for one bit, which is another each
 * time that it is sent.  All that the seal vouches for is one row of bits: the
 * seal from its second line on, the canonical bytes, the contents of the files
 * in the order of the release.
 *
 * Prints "PORT BITS_OF_SEAL BITS_OF_RELEASE BITS_OF_CONTENTS".  Before each
 * connection on 127.0.0.1 it reads the file ORDER: "none", or the number of a
 * bit, and "as sealed" if the flipped release is to go by the id that was
 * sealed, else it goes by its own.
 */
#include "engine/base/buf.h"
#include "engine/base/crc.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/path_file.h"
#include "engine/delta/compress/compress.h"
#include "engine/delta/pack.h"
#include "engine/tree/manifest.h"
#include "transport/wire/frame.h"
#include "transport/wire/msg.h"
#include "transport/wire/preface.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 16 * 1024 * 1024, LEVEL = 3 };

struct villain {
	struct buf seal, release, contents;
	struct manifest m;
	size_t *begins; /* of each entry's content in contents */
	size_t head; /* bytes of the seal that nothing vouches for */
	struct hash id;
	/* As they are sent this time. */
	struct buf sent_seal, sent_release, sent_contents;
	struct hash sent_id;
};

struct session {
	int fd;
	struct buf in, out;
	/* Blobs offered, by index: bytes and where they end in blobs. */
	struct buf blobs;
	size_t *blob_at, *blob_len;
};

static void
must(int rc, const struct err *e)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "villain: %s\n", e->msg);
	exit(2);
}

static void
copy(struct buf *to, const struct buf *from)
{
	struct err e;

	buf_release(to);
	buf_init(to, ROOM);
	must(buf_append(to, buf_data(from), from->len, &e), &e);
}

static void
load(struct villain *v, char **argv)
{
	struct buf *const into[] = {&v->seal, &v->release};
	char path[4096];
	struct buf one;
	struct err e;
	size_t i;

	for (i = 0; i < 2; i++) {
		buf_init(into[i], ROOM);
		must(path_file_read(fs_real(), argv[1 + i], into[i], &e), &e);
	}
	v->head = (size_t)((const uint8_t *)memchr(
			       buf_data(&v->seal), '\n', v->seal.len) -
		      buf_data(&v->seal)) +
	    1;
	manifest_init(&v->m, PATH_OS_LINUX);
	must(manifest_decode(&v->m, buf_data(&v->release), v->release.len, &e),
	    &e);
	must(manifest_id(&v->m, &v->id, &e), &e);
	v->begins = calloc(v->m.n, sizeof(*v->begins));
	buf_init(&v->contents, ROOM);
	for (i = 0; v->begins != NULL && i < v->m.n; i++) {
		v->begins[i] = v->contents.len;
		if (v->m.v[i].type != ENTRY_FILE)
			continue;
		(void)snprintf(
		    path, sizeof(path), "%s/%s", argv[3], v->m.v[i].path);
		buf_init(&one, ROOM);
		must(path_file_read(fs_real(), path, &one, &e), &e);
		must(buf_append(&v->contents, buf_data(&one), one.len, &e), &e);
		buf_release(&one);
	}
}

static void
flip(struct buf *b, size_t bit)
{
	b->p[b->off + bit / 8] ^= (uint8_t)(1 << bit % 8);
}

/* What is sent this time, by the file ORDER. */
static void
prepare(struct villain *v, const char *order)
{
	size_t seal = 8 * (v->seal.len - v->head), release = 8 * v->release.len;
	char text[64] = "none", *rest;
	struct err e;
	size_t bit;
	FILE *f = fopen(order, "r");

	if (f != NULL && fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	if (f != NULL)
		(void)fclose(f);
	copy(&v->sent_seal, &v->seal);
	copy(&v->sent_release, &v->release);
	copy(&v->sent_contents, &v->contents);
	v->sent_id = v->id;
	bit = strtoull(text, &rest, 10);
	if (rest == text)
		return;
	if (bit < seal) {
		flip(&v->sent_seal, 8 * v->head + bit);
	} else if (bit < seal + release) {
		flip(&v->sent_release, bit - seal);
		if (strstr(rest, "as sealed") == NULL)
			must(hash_bytes(buf_data(&v->sent_release),
				 v->sent_release.len, &v->sent_id, &e),
			    &e);
	} else if (bit < seal + release + 8 * v->contents.len) {
		flip(&v->sent_contents, bit - seal - release);
	}
}

static void
bulk(struct session *s, enum msg_type type, uint32_t index, const uint8_t *p,
    size_t n)
{
	uint8_t head[BULK_HEAD_MAX];
	size_t part, len;
	struct err e;

	for (; n > 0; p += part, n -= part) {
		part = n < BULK_PIECE ? n : BULK_PIECE;
		len = bulk_head(head, type, index, part, crc_add(0, p, part));
		must(buf_append(&s->out, head, len, &e), &e);
		must(buf_append(&s->out, p, part, &e), &e);
	}
}

static void
greet(const struct villain *v, struct session *s)
{
	struct msg_welcome w;
	struct buf packed;
	struct err e;

	buf_init(&packed, ROOM);
	must(compress_bytes(buf_data(&v->sent_release), v->sent_release.len,
		 LEVEL, &packed, &e),
	    &e);
	memset(&w, 0, sizeof(w));
	w.verdict = VERDICT_COMPATIBLE;
	w.flags = WELCOME_SEAL;
	w.release = v->sent_id;
	w.manifest_len = (uint32_t)v->sent_release.len;
	w.packed_len = (uint32_t)packed.len;
	must(welcome_encode(&w, &s->out, &e), &e);
	must(
	    seal_encode(buf_data(&v->sent_seal), v->sent_seal.len, &s->out, &e),
	    &e);
	bulk(s, MSG_MANIFEST, 0, buf_data(&packed), packed.len);
	buf_release(&packed);
}

/* Offer, as what the first of them is wanted by, all of their contents. */
static void
offer(const struct villain *v, struct session *s, const struct msg_want *want,
    size_t n)
{
	struct msg_offer o = {.codec = CODEC_FULL, .index = want[0].index};
	struct buf all;
	struct err e;
	size_t i, at;

	buf_init(&all, ROOM);
	for (i = 0; i < n; i++) {
		at = want[i].index;
		if (at >= v->m.n)
			exit(2);
		must(buf_append(&all,
			 buf_data(&v->sent_contents) + v->begins[at],
			 (size_t)v->m.v[at].content.size, &e),
		    &e);
	}
	s->blob_at[o.index] = s->blobs.len;
	must(compress_bytes(buf_data(&all), all.len, LEVEL, &s->blobs, &e), &e);
	o.len = s->blob_len[o.index] = s->blobs.len - s->blob_at[o.index];
	must(hash_bytes(buf_data(&s->blobs) + s->blob_at[o.index],
		 (size_t)o.len, &o.blob, &e),
	    &e);
	must(offers_encode(&o, 1, &s->out, &e), &e);
	buf_release(&all);
}

/* One message of the station; false: it has ended the session. */
static bool
hear(const struct villain *v, struct session *s, const struct frame *f)
{
	static struct msg_want want[GROUP_MAX];
	struct msg_fetch fetch[WANT_MAX];
	struct err e;
	int i, n;

	switch (f->type) {
	case MSG_HELLO:
		greet(v, s);
		return true;
	case MSG_GROUP:
		n = group_decode(f->payload, f->len, want, &e);
		must(n, &e);
		offer(v, s, want, (size_t)n);
		return true;
	case MSG_WANT:
		n = wants_decode(f->payload, f->len, want, &e);
		must(n, &e);
		for (i = 0; i < n; i++)
			offer(v, s, &want[i], 1);
		return true;
	case MSG_FETCH:
		n = fetches_decode(f->payload, f->len, fetch, &e);
		must(n, &e);
		for (i = 0; i < n; i++)
			bulk(s, MSG_DATA, fetch[i].index,
			    buf_data(&s->blobs) + s->blob_at[fetch[i].index] +
				fetch[i].offset,
			    s->blob_len[fetch[i].index] -
				(size_t)fetch[i].offset);
		return true;
	default:
		return false;
	}
}

static bool
speak(struct session *s)
{
	ssize_t n;

	while (s->out.len > 0) {
		n = send(s->fd, buf_data(&s->out), s->out.len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		buf_consume(&s->out, (size_t)n);
	}
	return true;
}

static void
serve(const struct villain *v, struct session *s)
{
	uint8_t bytes[4096];
	bool greeted = false;
	struct frame f;
	struct err e;
	int64_t used;
	ssize_t n;

	while ((n = recv(s->fd, bytes, sizeof(bytes), 0)) > 0) {
		must(buf_append(&s->in, bytes, (size_t)n, &e), &e);
		if (!greeted && s->in.len >= PREFACE_LEN) {
			greeted = true;
			buf_consume(&s->in, PREFACE_LEN);
			must(preface_encode(FEATURE_SEALS, &s->out, &e), &e);
		}
		while (greeted &&
		    (used = frame_decode(buf_data(&s->in), s->in.len, &f, &e)) >
			0) {
			if (!hear(v, s, &f))
				return;
			buf_consume(&s->in, (size_t)used);
		}
		if (!speak(s))
			return;
	}
}

static void
serve_one(const struct villain *v, int fd)
{
	struct session s = {.fd = fd,
	    .blob_at = calloc(v->m.n, sizeof(size_t)),
	    .blob_len = calloc(v->m.n, sizeof(size_t))};

	buf_init(&s.in, ROOM);
	buf_init(&s.out, ROOM);
	buf_init(&s.blobs, ROOM);
	if (s.blob_at != NULL && s.blob_len != NULL)
		serve(v, &s);
	(void)close(fd);
	buf_release(&s.in);
	buf_release(&s.out);
	buf_release(&s.blobs);
	free(s.blob_at);
	free(s.blob_len);
}

int
main(int argc, char **argv)
{
	struct sockaddr_in a = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0), c;
	socklen_t len = sizeof(a);
	struct villain v;

	if (argc != 5)
		return 2;
	memset(&v, 0, sizeof(v));
	load(&v, argv);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 ||
	    listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return 2;
	printf("%d %zu %zu %zu\n", ntohs(a.sin_port), 8 * (v.seal.len - v.head),
	    8 * v.release.len, 8 * v.contents.len);
	(void)fflush(stdout);
	while ((c = accept(fd, NULL, NULL)) >= 0) {
		prepare(&v, argv[4]);
		serve_one(&v, c);
	}
	return 2;
}
