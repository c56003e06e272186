/* The payload of a journal, as bytes from a damaged disk. */
#include "engine/apply/journal.h"

#include "engine/base/buf.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c;
	struct journal j;
	struct buf again;
	struct err e;

	cursor_init(&c, data, size);
	if (journal_decode(&c, &j, &e) != 0)
		return 0;
	/* What was understood can be written down. */
	buf_init(&again, JOURNAL_MAX);
	if (journal_encode(&j, &again, &e) != 0)
		abort();
	buf_release(&again);
	journal_release(&j);
	return 0;
}
