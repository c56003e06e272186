/*
 * A server's ticket on the disk (docs/storage.md): found before a station
 * connects, written when another one came.
 */
#include "engine/apply/ticket.h"

#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/record.h"
#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/who.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define TICKET_MAGIC "ERPTICK1"

enum {
	OTHERS_WRITE = 0022,
	SERVER_MAX = 300,
	TICKET_FILE_MAX = RECORD_OVERHEAD + 2 + SERVER_MAX + TICKET_MAX
};

/* Can nobody else put a ticket there?  Whoever has one can be the server, and
 * whoever wrote it says who that is. */
static bool
is_ours(const struct folder *f)
{
	struct fs_stat own;

	return fs_fstat(f->fs, f->own, &own) == 0 && own.uid == who_uid() &&
	    (own.mode & OTHERS_WRITE) == 0;
}

/* What lies there, if it is private: where the folder's mode says nothing,
 * another could have put it there, too. */
static int
read_private(const struct folder *f, struct buf *b)
{
	int fd = at_open(f->fs, f->own, OWN_TICKET, FS_READ, NULL), rc;

	if (fd < 0)
		return fd;
	rc = at_is_closed(f->fs, fd)
	    ? file_read_open(f->fs, fd, OWN_TICKET, b, NULL)
	    : ERP_AUTH;
	fs_close_quietly(f->fs, &fd);
	return rc;
}

void
ticket_find(const struct folder *f, const char *server, struct buf *out)
{
	char of[SERVER_MAX + 1];
	struct cursor c;
	struct buf b;

	if (f->own < 0 || !is_ours(f))
		return;
	buf_init(&b, TICKET_FILE_MAX);
	if (read_private(f, &b) == 0 &&
	    record_open(buf_data(&b), b.len, TICKET_MAGIC, &c, NULL) == 0 &&
	    record_get_label(&c, of, sizeof(of), NULL) == 0 &&
	    strcmp(of, server) == 0)
		(void)buf_append(out, c.p, c.len, NULL);
	buf_wipe(&b);
}

int
ticket_keep(struct folder *f, const char *server, const struct buf *ticket,
    struct err *e)
{
	struct buf b;
	int rc;

	assert(f->own >= 0 && strlen(server) <= SERVER_MAX);
	assert(ticket->len > 0 && ticket->len <= TICKET_MAX);
	if (!is_ours(f))
		return 0;
	buf_init(&b, TICKET_FILE_MAX);
	if ((rc = record_begin(&b, TICKET_MAGIC, e)) == 0 &&
	    (rc = record_put_text(&b, server, e)) == 0 &&
	    (rc = buf_append(&b, buf_data(ticket), ticket->len, e)) == 0 &&
	    (rc = record_end(&b, e)) == 0)
		rc = file_write_shared(f->fs, (struct at){f->own, OWN_TICKET},
		    AT_CLOSED, buf_data(&b), b.len, e);
	buf_wipe(&b);
	/* None is kept where it would lie open. */
	return rc > 0 ? 0 : own_failed(rc, e);
}
