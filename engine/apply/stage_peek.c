/*
 * A look at the receiving area without touching it: which contents and parts
 * are there already, so that a station, or its dry run, does not ask for them
 * again.
 */
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
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
	int64_t size = size_of(f, blob, STAGE_PART);

	return size < 0 ? 0 : (uint64_t)size;
}

/* The parts of a listing, and the longest so far. */
struct longest {
	const struct folder *f;
	struct hash blob;
	int64_t size; /* -1: none */
};

static int
see_part(void *arg, const char *name)
{
	struct longest *l = arg;
	struct hash blob;
	int64_t size;

	if (!stage_name_parse(name, STAGE_PART, &blob) ||
	    (size = size_of(l->f, &blob, STAGE_PART)) <= l->size)
		return 0;
	l->blob = blob;
	l->size = size;
	return 0;
}

uint64_t
stage_find_part(const struct folder *f, struct hash *blob)
{
	struct longest l = {.f = f, .size = -1};
	int dir;

	if (f->own < 0)
		return 0;
	if ((dir = fs_open(f->fs, f->own, OWN_RECV, FS_DIRECTORY, 0)) < 0)
		return 0;
	(void)fs_list(f->fs, dir, see_part, &l);
	fs_close_quietly(f->fs, &dir);
	*blob = l.blob;
	return l.size < 0 ? 0 : (uint64_t)l.size;
}
