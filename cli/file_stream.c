/*
 * Inputs and outputs of the commands signature, delta and patch: files or
 * standard streams, as the library's readers and writers, that a signal ends
 * without anything half-done.
 */
#include "cli/file_stream.h"

#include "cli/fault.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_owned.h"
#include "engine/base/sparse.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Wait until fd can be read or written, or a signal says stop. */
static int
wait_for(int fd, short events, const struct stop_signals *stop, struct err *e)
{
	struct pollfd p[2];

	p[0] = (struct pollfd){fd, events, 0};
	p[1] = (struct pollfd){stop->fd, POLLIN, 0};
	while (poll(p, 2, -1) < 0)
		if (errno != EINTR)
			return err_sys(e, errno, "wait for", "a stream");
	if (p[1].revents != 0)
		return err_set(e, ERP_CANCELLED, "interrupted by a signal");
	return 0;
}

static bool
is_standard(const char *path)
{
	return strcmp(path, "-") == 0;
}

static struct file_id
id_of(const struct stat *st)
{
	if (S_ISREG(st->st_mode))
		return (struct file_id){st->st_dev, st->st_ino};
	if (S_ISBLK(st->st_mode))
		return (struct file_id){st->st_rdev, UINT64_MAX};
	return (struct file_id){0, 0};
}

static int
is_folder(struct err *e, const char *path)
{
	(void)err_path(e, ERP_IO, path, "is a folder, a file is needed");
	e->sys = EISDIR;
	return ERP_IO;
}

/*
 * Open a named pipe or a device without waiting for its other end: a pipe to
 * read is waited for by its reader, one to write here, until somebody reads.
 */
static int
open_special(const char *path, int how, mode_t mode,
    const struct stop_signals *stop, struct err *e)
{
	struct pollfd p = {stop->fd, POLLIN, 0};
	int fd;

	while ((fd = open(path, how | O_CLOEXEC | O_NONBLOCK)) < 0) {
		if (errno != ENXIO || !S_ISFIFO(mode))
			return err_sys(e, errno, "open", path);
		if (poll(&p, 1, 20) > 0)
			return err_set(
			    e, ERP_CANCELLED, "interrupted by a signal");
	}
	return fd;
}

static int
open_input(const char *path, const struct stop_signals *stop, struct err *e)
{
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return open_special(path, O_RDONLY, st.st_mode, stop, e);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? err_sys(e, errno, "open", path) : fd;
}

int
input_open(struct input *in, const char *path, const struct stop_signals *stop,
    struct err *e)
{
	struct stat st;

	*in = (struct input){
	    .path = path, .stop = stop, .size = UINT64_MAX, .fd = STDIN_FILENO};
	if (is_standard(path))
		in->path = "standard input";
	else if ((in->fd = open_input(path, stop, e)) < 0)
		return in->fd;
	if (fstat(in->fd, &st) != 0)
		return err_sys(e, errno, "stat", in->path);
	if (S_ISDIR(st.st_mode))
		return is_folder(e, in->path);
	in->id = id_of(&st);
	/* Standard input may be in the middle of a file. */
	if (S_ISREG(st.st_mode) && lseek(in->fd, 0, SEEK_CUR) == 0) {
		in->is_file = true;
		in->size = (uint64_t)st.st_size;
	}
	return 0;
}

void
input_close(struct input *in)
{
	if (in->fd > STDERR_FILENO)
		(void)close(in->fd);
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
	ssize_t got;

	do {
		if (wait_for(in->fd, POLLIN, in->stop, &e) != 0)
			return fault_give(error, &e);
		got = read(in->fd, p, n);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	if (got < 0) {
		(void)err_sys(&e, errno, "read", in->path);
		return fault_give(error, &e);
	}
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
	struct input *in = ctx;
	struct err e;
	ssize_t got;

	do {
		got = pread(in->fd, p, n, (off_t)off);
	} while (got < 0 && errno == EINTR);
	if (got >= 0)
		return got;
	(void)err_sys(&e, errno, "read", in->path);
	return fault_give(error, &e);
}

int
range_of_input(struct input *in, struct erpsync_range *out, struct err *e)
{
	off_t size = (off_t)in->size;

	/* A device has a length too: nothing in the case of /dev/null. */
	if (!in->is_file && (size = lseek(in->fd, 0, SEEK_END)) < 0)
		return err_set(e, ERP_USAGE,
		    "a patch needs a basis that is a file: %s", in->path);
	*out = (struct erpsync_range){input_read_at, in, (uint64_t)size};
	return 0;
}

/* Take path apart into an open folder and a name in it. */
static int
find_place(struct output *out, const char *path, struct err *e)
{
	/* The file behind a link is replaced, not the link. */
	char *real = realpath(path, NULL), *slash;
	const char *folder = ".";
	int rc = 0;

	if (real == NULL)
		real = strdup(path);
	if (real == NULL)
		return err_nomem(e);
	slash = strrchr(real, '/');
	out->name = strdup(slash == NULL ? real : slash + 1);
	if (slash != NULL) {
		slash[slash == real] = '\0'; /* "/" keeps its slash */
		folder = real;
	}
	if (out->name == NULL)
		rc = err_nomem(e);
	else if ((out->dir = fs_open_root(fs_real(), folder)) < 0)
		rc = err_sys(e, -out->dir, "open", folder);
	free(real);
	return rc;
}

int
output_open(struct output *out, const char *path, bool keep,
    const struct stop_signals *stop, struct err *e)
{
	bool is_there, is_file = true;
	struct stat st;

	*out = (struct output){.path = path,
	    .stop = stop,
	    .fd = STDOUT_FILENO,
	    .dir = -1,
	    .keep = keep};
	if (is_standard(path)) {
		out->path = "standard output";
		if (fstat(out->fd, &st) == 0)
			out->id = id_of(&st);
		return 0;
	}
	out->fd = -1;
	is_there = stat(path, &st) == 0;
	if (is_there) {
		if (S_ISDIR(st.st_mode))
			return is_folder(e, path);
		if (keep)
			return err_sys(e, EEXIST, "create", path);
		out->id = id_of(&st);
		is_file = S_ISREG(st.st_mode);
	}
	if (is_file)
		return find_place(out, path, e);
	/* A device or a pipe cannot be replaced, only written. */
	out->fd = open_special(path, O_WRONLY, st.st_mode, stop, e);
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

/* Pipes and devices: no more at a time than poll promised room for. */
static int
write_directly(struct output *out, const uint8_t *p, size_t n, struct err *e)
{
	ssize_t put;
	int rc;

	while (n > 0) {
		if ((rc = wait_for(out->fd, POLLOUT, out->stop, e)) != 0)
			return rc;
		put = write(out->fd, p, n < PIPE_BUF ? n : PIPE_BUF);
		if (put < 0 && errno != EINTR && errno != EAGAIN)
			return err_sys(e, errno, "write", out->path);
		if (put > 0) {
			p += put;
			n -= (size_t)put;
			out->pos += (size_t)put;
		}
	}
	return 0;
}

static int
write_some(struct output *out, const void *p, size_t n, struct err *e)
{
	int rc;

	if (out->dir < 0)
		return write_directly(out, p, n, e);
	if ((rc = wait_for(out->fd, POLLOUT, out->stop, e)) != 0)
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

	if (out->fd > STDERR_FILENO)
		fs_close_quietly(fs, &out->fd);
	if (out->dir >= 0 && out->temp[0] != '\0')
		(void)fs_unlink(fs, out->dir, out->temp);
	fs_close_quietly(fs, &out->dir);
	free(out->name);
	out->name = NULL;
	out->fd = -1;
}
