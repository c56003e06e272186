/*
 * Which system a client folder is of: asked before an update begins, so that
 * no station gets the files of another system for want of an option.
 */
#include "engine/apply/system.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/path.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

/* What a listing of the folder saw. */
struct seen {
	const struct folder *f;
	bool of[PATH_OS_N];
};

static bool
is_elf(const struct folder *f, const char *name)
{
	char magic[4];
	int fd = fs_open(f->fs, f->dir, name, FS_READ, 0);
	int64_t got;

	if (fd < 0)
		return false;
	got = fs_pread(f->fs, fd, magic, sizeof(magic), 0);
	fs_close_quietly(f->fs, &fd);
	return got == (int64_t)sizeof(magic) &&
	    memcmp(magic, "\177ELF", sizeof(magic)) == 0;
}

/* The client's program, as each system has it. */
static int
see(void *arg, const char *name)
{
	static const char *const programs[PATH_OS_N] = {
	    [PATH_OS_WINDOWS] = "smartclient.exe",
	    [PATH_OS_LINUX] = "smartclient",
	    [PATH_OS_MACOSX] = "smartclient.app"};
	struct seen *s = arg;
	struct fs_stat st;
	int os;

	for (os = 0; os < PATH_OS_N; os++) {
		if (strcasecmp(name, programs[os]) != 0 ||
		    fs_stat(s->f->fs, s->f->dir, name, &st) != 0)
			continue;
		if (os == PATH_OS_MACOSX)
			s->of[os] = st.type == FS_DIR;
		else if (st.type == FS_FILE)
			s->of[os] = os == PATH_OS_WINDOWS || is_elf(s->f, name);
	}
	return 0;
}

int
system_of_folder(const struct folder *f)
{
	struct seen s = {.f = f};
	int os, which = SYSTEM_UNKNOWN;

	if (f->state.known)
		return (int)f->state.manifest.os;
	(void)fs_list(f->fs, f->dir, see, &s);
	for (os = 0; os < PATH_OS_N; os++) {
		if (!s.of[os])
			continue;
		if (which >= 0)
			return SYSTEM_SEVERAL;
		which = os;
	}
	assert(which < PATH_OS_N);
	return which;
}
