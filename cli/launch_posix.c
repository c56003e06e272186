/*
 * The last step of `run`: the program takes the place of this process.  What
 * execve(2) calls by one errno has many causes; the file is looked at for the
 * one that a person can do something about.
 */
#define _GNU_SOURCE /* ST_NOEXEC */
#include "cli/launch.h"

#include "cli/signals.h"
#include "cli/streams.h"
#include "engine/base/err.h"
#include "engine/base/text.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { HEAD_MAX = 256 }; /* bytes of a file's beginning: the kernel's too */

/* The file's first bytes as text that ends; how many, 0 if it cannot be
 * read. */
static size_t
read_head(const char *path, char head[HEAD_MAX + 1])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, head, HEAD_MAX);
	(void)close(fd);
	head[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* The interpreter that a script names, cut out of its head; or NULL.  The CR of
 * a script from Windows is part of the name that is not found. */
static const char *
interpreter_of(char *head)
{
	char *name;

	if (strncmp(head, "#!", 2) != 0)
		return NULL;
	name = head + 2 + strspn(head + 2, " \t");
	name[strcspn(name, " \t\n")] = '\0';
	return name;
}

/* A program, but of another system or processor? */
static bool
is_foreign(const char *head, size_t n)
{
	static const char *const magics[] = {"\177ELF", "MZ",
	    "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xca\xfe\xba\xbe"};
	size_t i;

	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (n >= strlen(magics[i]) &&
		    memcmp(head, magics[i], strlen(magics[i])) == 0)
			return true;
	return false;
}

/* The kernel found no program in a file of ours. */
static struct advice
why_of_content(const char *path, int sys, char detail[LAUNCH_DETAIL_MAX])
{
	char head[HEAD_MAX + 1] = "", shown[2 * HEAD_MAX];
	size_t n = read_head(path, head);
	bool foreign = is_foreign(head, n);
	const char *interpreter = interpreter_of(head);

	if (interpreter != NULL && sys != ENOEXEC) {
		text_escape(shown, sizeof(shown), interpreter);
		(void)strlcat(detail, ": ", LAUNCH_DETAIL_MAX);
		(void)strlcat(detail, shown, LAUNCH_DETAIL_MAX);
		return (struct advice){RUN105, DO105};
	}
	/* Without a loader: of another system's libraries. */
	if (foreign)
		return (struct advice){RUN104, DO104};
	if (sys == ENOEXEC)
		return (struct advice){RUN106, DO106};
	return (struct advice){NULL, NULL};
}

struct advice
launch_why(const char *path, int sys, char detail[LAUNCH_DETAIL_MAX])
{
	const mode_t exec = S_IXUSR | S_IXGRP | S_IXOTH;
	struct statvfs disk;
	struct stat st;

	text_escape(detail, LAUNCH_DETAIL_MAX, path);
	/* What was found in PATH has its folder in front. */
	if (strchr(path, '/') == NULL)
		return (struct advice){RUN101, DO101};
	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR
		    ? (struct advice){RUN101, DO101}
		    : (struct advice){NULL, NULL};
	if (!S_ISREG(st.st_mode))
		return (struct advice){RUN106, DO106};
	if (sys == EACCES && statvfs(path, &disk) == 0 &&
	    (disk.f_flag & ST_NOEXEC) != 0)
		return (struct advice){RUN103, DO103};
	if (sys == EACCES && (st.st_mode & exec) == 0)
		return (struct advice){RUN102, DO102};
	if (sys == ENOEXEC || sys == ENOENT || sys == ENOTDIR ||
	    sys == ELIBBAD || (sys == EACCES && access(path, X_OK) == 0))
		return why_of_content(path, sys, detail);
	return (struct advice){NULL, NULL};
}

/* The next folder of a PATH with the name behind it, or false at the end.  An
 * empty one is the current folder. */
static bool
next_candidate(const char **path, const char *name, char out[PATH_MAX])
{
	const char *dir = *path;
	size_t len;

	if (dir == NULL)
		return false;
	len = strcspn(dir, ":");
	*path = dir[len] == ':' ? dir + len + 1 : NULL;
	if (len + strlen(name) + 2 > PATH_MAX)
		out[0] = '\0';
	else if (len == 0)
		(void)snprintf(out, PATH_MAX, "./%s", name);
	else
		(void)snprintf(out, PATH_MAX, "%.*s/%s", (int)len, dir, name);
	return true;
}

/* Try the name as it is or in PATH.  The errno of the file that was meant,
 * which is then in found. */
static int
try_all(char **argv, char found[PATH_MAX])
{
	const char *path = getenv("PATH"), *name = argv[0];
	char at[PATH_MAX];
	int sys = ENOENT, why;

	(void)strlcpy(found, name, PATH_MAX);
	if (name[0] == '\0')
		return ENOENT;
	if (strchr(name, '/') != NULL) {
		(void)execv(name, argv);
		return errno;
	}
	if (path == NULL)
		path = "/usr/bin:/bin";
	while (next_candidate(&path, name, at)) {
		(void)execv(at, argv);
		why = errno;
		/* Go on where it is not, or may not be meant. */
		if (access(at, F_OK) != 0)
			continue;
		sys = why;
		(void)strlcpy(found, at, PATH_MAX);
		if (sys != EACCES)
			break;
	}
	return sys;
}

int
launch(char **argv, enum lang lang, struct said *said)
{
	char found[PATH_MAX], detail[LAUNCH_DETAIL_MAX];
	struct advice advice;
	struct err e;
	int sys;

	/* It expects the world as whoever started us made it. */
	streams_unbound();
	signals_restore();
	sys = try_all(argv, found);
	/* What is said of it is for people again. */
	streams_bound();
	advice = launch_why(found, sys, detail);
	if (advice.what == NULL) {
		(void)err_sys(&e, sys, "start", found);
		said_failure(said, lang, NULL, &e);
		return failure_exit(e.code);
	}
	said_advice(said, lang, NULL, advice, detail);
	return EXIT_FILE_IO;
}
