/*
 * The keys of known servers and their file (docs/storage.md): asked before a
 * station believes a server, written when it has.
 */
#include "engine/apply/servers.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/fs_file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { SERVERS_BYTES_MAX = 64 * 1024, SERVER_MAX = 300 };

/* A line's two words, and how long it is with its end. */
struct line {
	const char *server, *pin;
	size_t server_n, pin_n, n;
};

/* The line at p; false for what is none. */
static bool
take_line(const char *p, size_t n, struct line *out)
{
	const char *end = memchr(p, '\n', n);
	const char *blank =
	    end != NULL ? memchr(p, ' ', (size_t)(end - p)) : NULL;

	if (blank == NULL)
		return false;
	out->server = p;
	out->server_n = (size_t)(blank - p);
	out->pin = blank + 1;
	out->pin_n = (size_t)(end - out->pin);
	out->n = (size_t)(end + 1 - p);
	return out->server_n > 0 && out->server_n <= SERVER_MAX &&
	    out->pin_n > 0 && out->pin_n <= SERVERS_PIN_MAX &&
	    memchr(out->pin, ' ', out->pin_n) == NULL;
}

int
servers_blame(int line, struct err *e)
{
	char where[64];

	(void)snprintf(
	    where, sizeof(where), FOLDER_OWN "/" OWN_SERVERS ":%d", line);
	return err_path(e, ERP_BLOCKED, where,
	    "is not HOST:PORT and a key; mend or remove this line");
}

/* As servers_find; the lines of other servers go to others (may be NULL). */
static int
read_lines(struct folder *f, const char *server, struct buf *others,
    char pin[SERVERS_PIN_MAX + 1], struct err *e)
{
	struct line line;
	const char *p;
	struct buf all;
	size_t left;
	int rc, number = 1, at = 0;

	pin[0] = '\0';
	if (f->own < 0)
		return 0;
	buf_init(&all, SERVERS_BYTES_MAX);
	rc = file_read(f->fs, f->own, OWN_SERVERS, &all, e);
	if (rc == ERP_NOTFOUND)
		rc = 0;
	else if (rc == ERP_CORRUPT)
		rc = err_path(e, ERP_BLOCKED, FOLDER_OWN "/" OWN_SERVERS,
		    "is no file of servers and their keys; move it away");
	else
		rc = own_failed(rc, e);
	p = (const char *)buf_data(&all);
	for (left = all.len; rc == 0 && left > 0;
	     left -= line.n, p += line.n, number++) {
		if (!take_line(p, left, &line)) {
			rc = servers_blame(number, e);
			break;
		}
		if (line.server_n == strlen(server) &&
		    memcmp(line.server, server, line.server_n) == 0) {
			memcpy(pin, line.pin, line.pin_n);
			pin[line.pin_n] = '\0';
			at = number;
		} else if (others != NULL) {
			rc = buf_append(others, p, line.n, e);
		}
	}
	buf_release(&all);
	return rc != 0 ? rc : at;
}

int
servers_find(struct folder *f, const char *server,
    char pin[SERVERS_PIN_MAX + 1], struct err *e)
{
	return read_lines(f, server, NULL, pin, e);
}

int
servers_keep(
    struct folder *f, const char *server, const char *pin, struct err *e)
{
	char before[SERVERS_PIN_MAX + 1];
	struct buf b;
	int rc;

	assert(f->own >= 0 && strlen(server) <= SERVER_MAX &&
	    strlen(pin) <= SERVERS_PIN_MAX);
	buf_init(&b, SERVERS_BYTES_MAX);
	if ((rc = read_lines(f, server, &b, before, e)) > 0 &&
	    strcmp(before, pin) == 0)
		rc = 0;
	else if (rc >= 0 &&
	    (rc = buf_append(&b, server, strlen(server), e)) == 0 &&
	    (rc = buf_append(&b, " ", 1, e)) == 0 &&
	    (rc = buf_append(&b, pin, strlen(pin), e)) == 0 &&
	    (rc = buf_append(&b, "\n", 1, e)) == 0)
		rc = file_write_durable(
		    f->fs, f->own, OWN_SERVERS, buf_data(&b), b.len, e);
	buf_release(&b);
	return rc;
}

int
servers_keep_last(
    struct folder *f, const char *host, uint16_t port, struct err *e)
{
	static const char begin[] = "[ErpSync]\nServer=";
	char end[sizeof("\nPort=65535\n")];
	struct buf before, now;
	int rc;

	(void)snprintf(end, sizeof(end), "\nPort=%u\n", (unsigned)port);
	buf_init(&before, SERVERS_BYTES_MAX);
	buf_init(&now, SERVERS_BYTES_MAX);
	/* What cannot be read, or is damaged, is as none. */
	if ((rc = buf_append(&now, begin, strlen(begin), e)) == 0 &&
	    (rc = buf_append(&now, host, strlen(host), e)) == 0 &&
	    (rc = buf_append(&now, end, strlen(end), e)) == 0 &&
	    (file_read(f->fs, f->own, OWN_LAST, &before, NULL) != 0 ||
		!buf_equal(&before, &now)))
		rc = own_failed(folder_write_shared(f, OWN_LAST, &now, e), e);
	buf_release(&before);
	buf_release(&now);
	return rc;
}
