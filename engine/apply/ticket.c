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
	OTHERS = 0077, /* rights of all but the owner */
	OTHERS_WRITE = 0022,
	SERVER_MAX = 300,
	TICKET_FILE_MAX = RECORD_OVERHEAD + 2 + SERVER_MAX + TICKET_MAX
};

/* Is this file there, this user's, and nobody else's to read or to put there?
 * Whoever has a ticket can be the server, and whoever wrote it says who that
 * is; some disks close no file to others. */
static bool
is_private(const struct folder *f, const char *name)
{
	struct fs_stat own, st;

	return fs_fstat(f->fs, f->own, &own) == 0 && own.uid == who_uid() &&
	    (own.mode & OTHERS_WRITE) == 0 &&
	    at_find(f->fs, f->own, name, &st, NULL) == 1 &&
	    st.uid == who_uid() && (st.mode & OTHERS) == 0;
}

void
ticket_find(const struct folder *f, const char *server, struct buf *out)
{
	const struct at file = {f->own, OWN_TICKET};
	char of[SERVER_MAX + 1];
	struct cursor c;
	struct buf b;

	if (f->own < 0 || !is_private(f, OWN_TICKET))
		return;
	buf_init(&b, TICKET_FILE_MAX);
	if (record_find(f->fs, file, TICKET_MAGIC, &b, &c, NULL) == 1 &&
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
	/* It would lie as the lock does. */
	if (!is_private(f, OWN_LOCK))
		return 0;
	buf_init(&b, TICKET_FILE_MAX);
	if ((rc = record_begin(&b, TICKET_MAGIC, e)) == 0 &&
	    (rc = record_put_text(&b, server, e)) == 0 &&
	    (rc = buf_append(&b, buf_data(ticket), ticket->len, e)) == 0 &&
	    (rc = record_end(&b, e)) == 0)
		rc = file_write_durable(
		    f->fs, f->own, OWN_TICKET, buf_data(&b), b.len, e);
	buf_wipe(&b);
	return own_failed(rc, e);
}
