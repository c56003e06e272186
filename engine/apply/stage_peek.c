/* A look at the receiving area without touching it. */
#include "engine/apply/folder_internal.h"
#include "engine/apply/stage_internal.h"

#include <stdio.h>

/* The size of a file in recv/, or -1. */
static int64_t
size_of(const struct folder *f, const struct hash *hash, const char *suffix)
{
	char name[STAGE_NAME_BYTES], path[STAGE_NAME_BYTES + 8];
	struct fs_stat st;

	stage_name(name, hash, suffix);
	(void)snprintf(path, sizeof(path), "recv/%s", name);
	if (f->own < 0 || fs_stat(f->fs, f->own, path, &st) < 0 ||
	    st.type != FS_FILE)
		return -1;
	return (int64_t)st.size;
}

int
stage_peek(const struct folder *f, const struct hash *hash, uint64_t size)
{
	return size_of(f, hash, "") == (int64_t)size;
}

uint64_t
stage_peek_part(const struct folder *f, const struct hash *blob)
{
	int64_t size = size_of(f, blob, ".part");

	return size < 0 ? 0 : (uint64_t)size;
}
