/*
 * Decode any bytes as hints about two releases.  What is accepted names files
 * of theirs and encodes to the same bytes again.
 */
#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/tree/hints.h"
#include "engine/tree/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRIES = 300 };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Files, and every 16th a folder. */
static void
make_release(struct manifest *m, char first)
{
	char path[16];
	struct entry entry;
	int i;

	manifest_init(m, PATH_OS_LINUX);
	for (i = 0; i < ENTRIES; i++) {
		memset(&entry, 0, sizeof(entry));
		(void)snprintf(path, sizeof(path), "%c%03d", first, i);
		entry.path = path;
		entry.type = i % 16 == 15 ? ENTRY_DIR : ENTRY_FILE;
		if (manifest_add(m, &entry, NULL) != 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct manifest release, older;
	struct hints h = {.v = NULL};
	struct buf in, again;
	struct err e;
	int rc;

	make_release(&release, 'n');
	make_release(&older, 'o');
	buf_init(&in, n + 1);
	buf_init(&again, HINTS_MAX_BYTES);
	if (buf_append(&in, p, n, &e) != 0)
		abort();
	rc = hints_decode(&h, &release, &older, &in, &e);
	if (rc != 0 && (rc != ERP_PROTO || h.v != NULL))
		abort();
	if (rc == 0 &&
	    (hints_encode(&h, &older, &again, &e) != 0 || again.len != n ||
		(n > 0 && memcmp(buf_data(&again), p, n) != 0)))
		abort();
	hints_release(&h);
	buf_release(&in);
	buf_release(&again);
	manifest_release(&release);
	manifest_release(&older);
	return 0;
}
