/*
 * A look at the receiving area without touching it: which contents and parts
 * are there already, so that a station, or its dry run, does not ask for them
 * again.
 */
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/stage_internal.h"

/* The size of the file name of recv/, or -1. */
static int64_t
size_of(const struct folder *f, const char *name)
{
	char path[OWN_PATH_BYTES];
	struct fs_stat st;

	if (f->own < 0 || own_join(path, OWN_RECV, name, NULL) != 0 ||
	    fs_stat(f->fs, f->own, path, &st) < 0 || st.type != FS_FILE)
		return -1;
	return (int64_t)st.size;
}

static int64_t
size_of_part(const struct folder *f, const struct hash *blob)
{
	char name[STAGE_NAME_BYTES];

	stage_name(name, blob, STAGE_PART);
	return size_of(f, name);
}

int
stage_peek_trimmed(
    const struct folder *f, const struct hash *hash, uint64_t size)
{
	char name[STAGE_NAME_BYTES];

	stage_place(name, hash);
	return size_of(f, name) == (int64_t)size;
}

int
stage_peek(const struct folder *f, const struct hash *hash, uint64_t size)
{
	char name[STAGE_NAME_BYTES];

	if (stage_peek_trimmed(f, hash, size))
		return 1;
	/* A trim moves it to its place. */
	stage_name(name, hash, "");
	return size_of(f, name) == (int64_t)size;
}

uint64_t
stage_peek_part(const struct folder *f, const struct hash *blob)
{
	int64_t size = size_of_part(f, blob);

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
	    (size = size_of_part(l->f, &blob)) <= l->size)
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
