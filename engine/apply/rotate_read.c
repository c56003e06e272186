/*
 * The numbers of the backups, and what their records say: the bottom of
 * rotate*.c.
 */
#include "engine/apply/rotate_internal.h"

#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/base/err.h"

#include <assert.h>
#include <bsd/string.h>
#include <string.h>

void
rotate_name(char out[ROTATE_NAME_BYTES], int number)
{
	assert(number >= 1 && number <= ROTATE_REPAIRED);
	if (number == ROTATE_REPAIRED) {
		(void)strlcpy(
		    out, FOLDER_OWN "/" OWN_REPAIRED, ROTATE_NAME_BYTES);
		return;
	}
	(void)strlcpy(out, "bkp_remote.000", ROTATE_NAME_BYTES);
	out[strlen(out) - 1] = (char)('0' + number);
}

void
rotate_trash(
    char out[ROTATE_TRASH_BYTES], const struct tx_names *names, int number)
{
	assert(number >= 1 && number <= ROTATE_REPAIRED);
	(void)strlcpy(out, names->trash, ROTATE_TRASH_BYTES);
	if (number == 1)
		return;
	(void)strlcat(out, ".0", ROTATE_TRASH_BYTES);
	out[strlen(out) - 1] = (char)('0' + number);
}

int
rotate_is_taken(struct folder *f, int number, struct err *e)
{
	char name[ROTATE_NAME_BYTES];

	rotate_name(name, number);
	return own_exists(f->fs, f->dir, name, e);
}

/* Is it one? */
static int
good(int rc)
{
	return rc == 0 ? 1 : rc == ERP_CORRUPT || rc == ERP_NEWER ? 0 : rc;
}

int
rotate_read_at(struct folder *f, int dir, const char *name, struct backup *b,
    struct err *e)
{
	/* One that cannot be looked at now is not taken for another's. */
	int rc = backup_identify(f->fs, dir, name, e);

	return rc != 1 ? rc : good(backup_read(f->fs, dir, name, b, e));
}

int
rotate_read(struct folder *f, int number, struct backup *b, struct err *e)
{
	char name[ROTATE_NAME_BYTES];

	rotate_name(name, number);
	return rotate_read_at(f, f->dir, name, b, e);
}
