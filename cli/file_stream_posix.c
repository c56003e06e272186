/*
 * Part of file_stream.c: pipes, devices and the standard streams as POSIX has
 * them.  Whoever waits for one waits for a signal, too.
 */
#include "cli/file_stream_internal.h"

#include "engine/base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
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

int
stream_standard(bool output)
{
	return output ? STDOUT_FILENO : STDIN_FILENO;
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

static void
tell_facts(const struct stat *st, struct stream_facts *f)
{
	*f = (struct stream_facts){.is_file = S_ISREG(st->st_mode),
	    .is_folder = S_ISDIR(st->st_mode),
	    .is_fifo = S_ISFIFO(st->st_mode),
	    .size = (uint64_t)st->st_size,
	    .id = id_of(st)};
}

bool
stream_look(const char *path, struct stream_facts *f)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	tell_facts(&st, f);
	return true;
}

int
stream_look_open(int fd, struct stream_facts *f)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return errno;
	tell_facts(&st, f);
	return 0;
}

/*
 * Open a named pipe or a device without waiting for its other end: a pipe to
 * read is waited for by its reader, one to write here, until somebody reads.
 */
static int
open_special(const char *path, int how, bool is_fifo,
    const struct stop_signals *stop, struct err *e)
{
	struct pollfd p = {stop->fd, POLLIN, 0};
	int fd;

	while ((fd = open(path, how | O_CLOEXEC | O_NONBLOCK)) < 0) {
		if (errno != ENXIO || !is_fifo)
			return err_sys(e, errno, "open", path);
		if (poll(&p, 1, 20) > 0)
			return err_set(
			    e, ERP_CANCELLED, "interrupted by a signal");
	}
	return fd;
}

int
stream_open_input(
    const char *path, const struct stop_signals *stop, struct err *e)
{
	struct stat st;
	int fd;

	if (stat(path, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return open_special(
		    path, O_RDONLY, S_ISFIFO(st.st_mode), stop, e);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? err_sys(e, errno, "open", path) : fd;
}

int
stream_open_output(const char *path, const struct stream_facts *f,
    const struct stop_signals *stop, struct err *e)
{
	return open_special(path, O_WRONLY, f->is_fifo, stop, e);
}

void
stream_close(int fd)
{
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

bool
stream_at_start(int fd)
{
	return lseek(fd, 0, SEEK_CUR) == 0;
}

int64_t
stream_length(int fd)
{
	return lseek(fd, 0, SEEK_END);
}

int64_t
stream_read(const struct input *in, void *p, size_t n, struct err *e)
{
	ssize_t got;
	int rc;

	do {
		if ((rc = wait_for(in->fd, POLLIN, in->stop, e)) != 0)
			return rc;
		got = read(in->fd, p, n);
	} while (got < 0 && (errno == EINTR || errno == EAGAIN));
	return got < 0 ? err_sys(e, errno, "read", in->path) : got;
}

int64_t
stream_read_at(
    const struct input *in, uint64_t off, void *p, size_t n, struct err *e)
{
	ssize_t got;

	do {
		got = pread(in->fd, p, n, (off_t)off);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? err_sys(e, errno, "read", in->path) : got;
}

int
stream_wait_write(const struct output *out, struct err *e)
{
	return wait_for(out->fd, POLLOUT, out->stop, e);
}

/* No more at a time than poll promised room for. */
int64_t
stream_write(const struct output *out, const void *p, size_t n, struct err *e)
{
	ssize_t put;
	int rc;

	do {
		if ((rc = stream_wait_write(out, e)) != 0)
			return rc;
		put = write(out->fd, p, n < PIPE_BUF ? n : PIPE_BUF);
	} while (put < 0 && (errno == EINTR || errno == EAGAIN));
	return put < 0 ? err_sys(e, errno, "write", out->path) : put;
}

int
stream_place(const char *path, char **folder, char **name, struct err *e)
{
	/* The file behind a link is replaced, not the link. */
	char *real = realpath(path, NULL), *slash;

	if (real == NULL && (real = strdup(path)) == NULL)
		return err_nomem(e);
	slash = strrchr(real, '/');
	*name = strdup(slash == NULL ? real : slash + 1);
	if (slash != NULL)
		slash[slash == real] = '\0'; /* "/" keeps its slash */
	*folder = slash != NULL ? strdup(real) : strdup(".");
	free(real);
	if (*name != NULL && *folder != NULL)
		return 0;
	free(*name);
	free(*folder);
	*name = NULL;
	return err_nomem(e);
}
