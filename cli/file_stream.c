/*
 * Inputs and outputs of the commands signature, delta and patch: files or
 * standard streams, as the library's readers and writers, that a signal ends
 * without anything half-done.
 */
#include "cli/file_stream.h"

#include "cli/fault.h"
#include "cli/file_stream_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_owned.h"
#include "engine/base/sparse.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_standard(const char *path)
{
	return strcmp(path, "-") == 0;
}

static int
is_folder(struct err *e, const char *path)
{
	(void)err_path(e, ERP_IO, path, "is a folder, a file is needed");
	e->sys = EISDIR;
	return ERP_IO;
}

int
input_open(struct input *in, const char *path, const struct stop_signals *stop,
    struct err *e)
{
	struct stream_facts f;
	int rc;

	*in = (struct input){.path = path,
	    .stop = stop,
	    .size = UINT64_MAX,
	    .fd = stream_standard(false)};
	if (is_standard(path))
		in->path = "standard input";
	else if ((in->fd = stream_open_input(path, stop, e)) < 0)
		return in->fd;
	if ((rc = stream_look_open(in->fd, &f)) != 0)
		return err_sys(e, rc, "stat", in->path);
	if (f.is_folder)
		return is_folder(e, in->path);
	in->id = f.id;
	/* Standard input may be in the middle of a file. */
	if (f.is_file && stream_at_start(in->fd)) {
		in->is_file = true;
		in->size = f.size;
	}
	return 0;
}

void
input_close(struct input *in)
{
	if (in->fd >= 0)
		stream_close(in->fd);
	in->fd = -1;
}

/* Remember the beginning, and that there is no more. */
static void
note_read(struct input *in, const uint8_t *p, size_t n)
{
	size_t room;

	in->ended = n == 0;
	if (in->read < INPUT_HEAD_LEN) {
		room = INPUT_HEAD_LEN - (size_t)in->read;
		memcpy(in->head + in->read, p, n < room ? n : room);
	}
	in->read += n;
}

static int64_t
input_read(void *ctx, void *p, size_t n, struct erpsync_error *error)
{
	struct input *in = ctx;
	struct err e;
	int64_t got = stream_read(in, p, n, &e);

	if (got < 0)
		return fault_give(error, &e);
	note_read(in, p, (size_t)got);
	return got;
}

struct erpsync_reader
reader_of_input(struct input *in)
{
	struct erpsync_reader r = {input_read, in};

	return r;
}

static int64_t
input_read_at(
    void *ctx, uint64_t off, void *p, size_t n, struct erpsync_error *error)
{
	struct err e;
	int64_t got = stream_read_at(ctx, off, p, n, &e);

	return got >= 0 ? got : fault_give(error, &e);
}

int
range_of_input(struct input *in, struct erpsync_range *out, struct err *e)
{
	int64_t size = (int64_t)in->size;

	/* A device has a length too: nothing in the case of /dev/null. */
	if (!in->is_file && (size = stream_length(in->fd)) < 0)
		return err_set(e, ERP_USAGE,
		    "a patch needs a basis that is a file: %s", in->path);
	*out = (struct erpsync_range){input_read_at, in, (uint64_t)size};
	return 0;
}

/* Take path apart into an open folder and a name in it. */
static int
find_place(struct output *out, const char *path, struct err *e)
{
	char *folder;
	int rc = stream_place(path, &folder, &out->name, e);

	if (rc != 0)
		return rc;
	if ((out->dir = fs_open_root(fs_real(), folder)) < 0)
		rc = err_sys(e, -out->dir, "open", folder);
	free(folder);
	return rc;
}

int
output_open(struct output *out, const char *path, bool keep,
    const struct stop_signals *stop, struct err *e)
{
	struct stream_facts f = {.is_file = true};

	*out = (struct output){.path = path,
	    .stop = stop,
	    .fd = stream_standard(true),
	    .dir = -1,
	    .keep = keep};
	if (is_standard(path)) {
		out->path = "standard output";
		if (stream_look_open(out->fd, &f) == 0)
			out->id = f.id;
		return 0;
	}
	out->fd = -1;
	if (stream_look(path, &f)) {
		if (f.is_folder)
			return is_folder(e, path);
		if (keep)
			return err_sys(e, EEXIST, "create", path);
		out->id = f.id;
	}
	if (f.is_file)
		return find_place(out, path, e);
	/* A device or a pipe cannot be replaced, only written. */
	out->fd = stream_open_output(path, &f, stop, e);
	return out->fd < 0 ? out->fd : 0;
}

bool
output_is_input(const struct output *out, const struct input *in)
{
	return out->id.ino != 0 && out->id.dev == in->id.dev &&
	    out->id.ino == in->id.ino;
}

/* What belongs to the file that is replaced goes to the new one. */
static int
take_over(struct output *out, uint32_t mode, struct err *e)
{
	const struct fs *fs = fs_real();
	struct owned_like like = {-1, OWNED_OTHER, 0};
	struct owned_new to = {out->fd, out->path, mode & 0777, NULL};
	int rc;

	like.fd = fs_open(fs, out->dir, out->name, FS_READ, 0);
	rc = owned_set(fs, &like, &to, e);
	fs_close_quietly(fs, &like.fd);
	return rc;
}

int
output_begin(struct output *out, struct err *e)
{
	const struct fs *fs = fs_real();
	struct fs_stat st;
	int rc;

	if (out->dir < 0)
		return 0;
	(void)snprintf(out->temp, sizeof(out->temp), ".erpsync-%08x%08x",
	    arc4random(), arc4random());
	out->fd = fs_open(fs, out->dir, out->temp, FS_WRITE | FS_CREATE, 0666);
	if (out->fd < 0)
		return err_sys(e, -out->fd, "create a file for", out->path);
	rc = fs_stat(fs, out->dir, out->name, &st);
	if (rc == 0 && st.type == FS_FILE)
		return take_over(out, st.mode, e);
	return rc < 0 && rc != -ENOENT ? err_sys(e, -rc, "stat", out->path) : 0;
}

static int
write_directly(struct output *out, const uint8_t *p, size_t n, struct err *e)
{
	int64_t put;

	while (n > 0) {
		if ((put = stream_write(out, p, n, e)) < 0)
			return (int)put;
		p += put;
		n -= (size_t)put;
		out->pos += (size_t)put;
	}
	return 0;
}

static int
write_some(struct output *out, const void *p, size_t n, struct err *e)
{
	int rc;

	if (out->dir < 0)
		return write_directly(out, p, n, e);
	if ((rc = stream_wait_write(out, e)) != 0)
		return rc;
	rc = sparse_pwrite(fs_real(), out->fd, p, n, out->pos);
	if (rc < 0)
		return err_sys(e, -rc, "write", out->path);
	out->pos += n;
	return 0;
}

static int
output_write(void *ctx, const void *p, size_t n, struct erpsync_error *error)
{
	struct err e;

	return write_some(ctx, p, n, &e) < 0 ? fault_give(error, &e) : 0;
}

struct erpsync_writer
writer_of_output(struct output *out)
{
	struct erpsync_writer w = {output_write, out};

	return w;
}

int
output_commit(struct output *out, struct err *e)
{
	const struct fs *fs = fs_real();
	int rc;

	if (out->dir < 0)
		return 0;
	if ((rc = sparse_end(fs, out->fd, out->pos)) < 0 ||
	    (rc = fs_fsync(fs, out->fd)) < 0)
		return err_sys(e, -rc, "write", out->path);
	rc =
	    fs_rename(fs, out->dir, out->temp, out->dir, out->name, !out->keep);
	if (rc < 0)
		return err_sys(e, -rc, "rename a file to", out->path);
	out->temp[0] = '\0';
	if ((rc = fs_fsync(fs, out->dir)) < 0)
		return err_sys(e, -rc, "write the folder of", out->path);
	return 0;
}

void
output_close(struct output *out)
{
	const struct fs *fs = fs_real();

	if (out->dir >= 0)
		fs_close_quietly(fs, &out->fd);
	else if (out->fd >= 0)
		stream_close(out->fd);
	if (out->dir >= 0 && out->temp[0] != '\0')
		(void)fs_unlink(fs, out->dir, out->temp);
	fs_close_quietly(fs, &out->dir);
	free(out->name);
	out->name = NULL;
	out->fd = -1;
}
