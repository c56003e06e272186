/*
 * What programs have open or run, as Linux tells it in /proc: for the report of
 * a check.  Where that is not mounted nothing is known.
 */
#include "cli/in_use.h"

#include "transport/api/erpsync.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct search {
	char folder[PATH_MAX + 1]; /* with a slash at its end */
	size_t folder_n;
	const struct erpsync_change *v;
	size_t n;
	bool *seen;
	size_t found;
	char *out;
	size_t cap;
};

static bool
goes(const struct erpsync_change *x)
{
	return x->type == ERPSYNC_FILE &&
	    (x->action == ERPSYNC_ACTION_CHANGED ||
		x->action == ERPSYNC_ACTION_DELETE);
}

/* One more, unless there is no room for its name. */
static void
tell(struct search *s, const char *path, const char *process)
{
	size_t n = strlen(s->out);
	int more = snprintf(s->out + n, s->cap - n, "%s%s (%s)",
	    n > 0 ? ", " : "", path, process);

	if (more < 0 || (size_t)more >= s->cap - n)
		s->out[n] = '\0';
}

/* A process has the file at this path. */
static void
look_at(struct search *s, const char *path, const char *process)
{
	size_t low = 0, high = s->n, mid;
	int order;

	if (strncmp(path, s->folder, s->folder_n) != 0)
		return;
	path += s->folder_n;
	while (low < high) {
		mid = low + (high - low) / 2;
		order = strcmp(path, s->v[mid].path);
		if (order == 0) {
			if (goes(&s->v[mid]) && !s->seen[mid]) {
				s->seen[mid] = true;
				s->found++;
				tell(s, path, process);
			}
			return;
		}
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
}

/* What it runs, and the libraries with it. */
static void
look_at_maps(struct search *s, const char *process)
{
	char name[64], *line = NULL, *path;
	size_t cap = 0;
	FILE *maps;

	(void)snprintf(name, sizeof(name), "/proc/%.20s/maps", process);
	if ((maps = fopen(name, "re")) == NULL)
		return;
	while (getline(&line, &cap, maps) > 0) {
		if ((path = strchr(line, '/')) == NULL)
			continue;
		path[strcspn(path, "\n")] = '\0';
		look_at(s, path, process);
	}
	free(line);
	(void)fclose(maps);
}

static void
look_at_open_files(struct search *s, const char *process)
{
	char name[64], path[PATH_MAX + 1];
	struct dirent *entry;
	ssize_t n;
	DIR *dir;

	(void)snprintf(name, sizeof(name), "/proc/%.20s/fd", process);
	if ((dir = opendir(name)) == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		n = readlinkat(
		    dirfd(dir), entry->d_name, path, sizeof(path) - 1);
		if (n <= 0)
			continue;
		path[n] = '\0';
		look_at(s, path, process);
	}
	(void)closedir(dir);
}

static void
look_at_all(struct search *s)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		look_at_maps(s, entry->d_name);
		look_at_open_files(s, entry->d_name);
	}
	(void)closedir(dir);
}

size_t
in_use_list(const char *folder, const struct erpsync_change *v, size_t n,
    char *out, size_t cap)
{
	struct search s = {.v = v, .n = n, .out = out, .cap = cap};
	char *real = realpath(folder, NULL);

	out[0] = '\0';
	s.seen = calloc(n + 1, sizeof(*s.seen));
	if (real != NULL && s.seen != NULL && strlen(real) < PATH_MAX) {
		s.folder_n =
		    (size_t)snprintf(s.folder, sizeof(s.folder), "%s/", real);
		look_at_all(&s);
	}
	free(real);
	free(s.seen);
	return s.found;
}
