/* The payload of a backup's record, as bytes from a damaged disk. */
#include "engine/apply/backup.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct backup b;
	struct cursor c;
	struct buf again;
	struct err e;

	backup_init(&b);
	cursor_init(&c, data, size);
	if (backup_decode(&c, &b, &e) != 0)
		return 0;
	buf_init(&again, SIZE_MAX);
	if (backup_encode(&b, &again, &e) != 0)
		abort();
	buf_release(&again);
	backup_release(&b);
	return 0;
}
