/*
 * Records in console.log's form, one write each: where the server's lines end,
 * from whatever thread they come.
 */
#include "cli/log.h"

#include "cli/streams.h"
#include "engine/base/err.h"
#include "engine/base/text.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { RECORD_BYTES = 2048, HEADER_BYTES = 96 };

struct log {
	pthread_mutex_t mutex; /* guards file during a reopening */
	FILE *file;
	char *path; /* NULL: the file is the caller's */
	bool failed; /* and it was told, on standard error */
};

size_t
log_format(
    char *out, size_t cap, const struct log_stamp *stamp, const char *text)
{
	static const char *const levels[] = {"INFO ", "WARN ", "ERROR"};
	char when[32] = "", zone[8] = "";
	time_t s = (time_t)stamp->s;
	struct tm tm;
	size_t used;

	if (localtime_r(&s, &tm) != NULL) {
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
		(void)strftime(zone, sizeof(zone), "%z", &tm);
	}
	(void)snprintf(out, cap, "%s.%06u%.3s:%s %ld|[%s][%s] ", when,
	    stamp->us, zone, strlen(zone) == 5 ? zone + 3 : "00", stamp->thread,
	    levels[stamp->level], stamp->part);
	used = strlen(out);
	/* Room for the newline: the text gets one byte less. */
	text_escape_rest(out + used, cap - used - 1, text);
	used += strlen(out + used);
	out[used++] = '\n';
	out[used] = '\0';
	return used;
}

/* Only once: the next record would most likely fail as well. */
static void
tell_failure(struct log *l, int sys)
{
	if (l->path == NULL || l->failed)
		return;
	l->failed = true;
	fprintf(stderr, "erpsync: write log file %s: %s; records may be lost\n",
	    l->path, strerror(sys));
}

void
log_write(
    struct log *l, enum log_level level, const char *part, const char *fmt, ...)
{
	struct log_stamp stamp = {.level = level, .part = part};
	char text[RECORD_BYTES - HEADER_BYTES], record[RECORD_BYTES];
	struct timespec now;
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	stamp.s = now.tv_sec;
	stamp.us = (uint32_t)(now.tv_nsec / 1000);
	stamp.thread = syscall(SYS_gettid);
	len = log_format(record, sizeof(record), &stamp, text);
	(void)pthread_mutex_lock(&l->mutex);
	if (fwrite(record, 1, len, l->file) != len || fflush(l->file) != 0)
		tell_failure(l, errno);
	(void)pthread_mutex_unlock(&l->mutex);
}

static int
log_new(FILE *file, const char *path, struct log **out, struct err *e)
{
	struct log *l = calloc(1, sizeof(*l));

	if (l == NULL || (path != NULL && (l->path = strdup(path)) == NULL)) {
		free(l);
		return err_nomem(e);
	}
	(void)pthread_mutex_init(&l->mutex, NULL);
	l->file = file;
	*out = l;
	return 0;
}

int
log_open_stream(FILE *f, struct log **out, struct err *e)
{
	*out = NULL;
	return log_new(f, NULL, out, e);
}

/* Waits for nobody: neither now nor when something is written. */
static int
open_file(const char *path, FILE **out, struct err *e)
{
	int fd = open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0666);

	if (fd < 0 && errno == ENXIO)
		return err_path(e, ERP_IO, path, STREAMS_UNREAD);
	if (fd < 0)
		return err_sys(e, errno, "open log file", path);
	if ((*out = fdopen(fd, "a")) != NULL)
		return 0;
	(void)close(fd);
	return err_nomem(e);
}

int
log_open(const char *path, struct log **out, struct err *e)
{
	FILE *f;
	int rc;

	*out = NULL;
	if ((rc = open_file(path, &f, e)) != 0)
		return rc;
	if ((rc = log_new(f, path, out, e)) != 0)
		(void)fclose(f);
	return rc;
}

int
log_reopen(struct log *l, struct err *e)
{
	FILE *f, *old;
	int rc;

	if (l->path == NULL)
		return 0;
	if ((rc = open_file(l->path, &f, e)) != 0)
		return rc;
	(void)pthread_mutex_lock(&l->mutex);
	old = l->file;
	l->file = f;
	l->failed = false;
	(void)pthread_mutex_unlock(&l->mutex);
	(void)fclose(old);
	return 0;
}

void
log_close(struct log *l)
{
	if (l == NULL)
		return;
	if (l->path != NULL)
		(void)fclose(l->file);
	(void)pthread_mutex_destroy(&l->mutex);
	free(l->path);
	free(l);
}
