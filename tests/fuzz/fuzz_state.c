/* The payload of a state file, as bytes from a damaged disk. */
#include "engine/apply/folder.h"
#include "engine/apply/folder_state.h"
#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/hash.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = HASH_LEN + 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct folder_state s;
	struct cursor c;
	struct hash h;
	struct err e;
	uint8_t *copy;

	cursor_init(&c, data, size);
	if (state_decode(&c, &s, &e) == 0)
		state_release(&s);
	if (size <= HEAD || (copy = malloc(size)) == NULL)
		return 0;
	/* Once more with the id that lets the manifest through. */
	memcpy(copy, data, size);
	if (hash_bytes(data + HEAD, size - HEAD, &h, &e) == 0)
		memcpy(copy, h.b, HASH_LEN);
	cursor_init(&c, copy, size);
	if (state_decode(&c, &s, &e) == 0)
		state_release(&s);
	free(copy);
	return 0;
}
