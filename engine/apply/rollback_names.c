/*
 * The records that a rollback reads under the names that the folder has now.
 * Between reading them and deciding: where case does not count, a file that
 * was renamed in case only, or that another disk kept as two, is one.
 */
#include "engine/apply/rollback.h"

#include "engine/apply/folder_internal.h"
#include "engine/base/err.h"
#include "engine/tree/spelling.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int
find_names(const struct folder *f, const struct backup_list *list, char **lies,
    struct err *e)
{
	const struct spelling_folder at = {.fs = f->fs, .dir = f->dir};
	const char **paths = calloc(list->n + 1, sizeof(*paths));
	size_t i;
	int rc;

	if (paths == NULL)
		return err_nomem(e);
	for (i = 0; i < list->n; i++)
		paths[i] = list->v[i].path;
	rc = spelling_find(&at, paths, list->n, lies, e);
	free(paths);
	return rc;
}

/* 1 when a name of the list is another one now. */
static int
take_names(const struct folder *f, struct backup_list *list, struct err *e)
{
	char **lies = calloc(list->n + 1, sizeof(*lies));
	size_t i;
	int rc;

	if (lies == NULL)
		return err_nomem(e);
	rc = find_names(f, list, lies, e);
	for (i = 0; rc >= 0 && i < list->n; i++) {
		if (lies[i] == NULL)
			continue;
		assert(list->v[i].kept == NULL);
		list->v[i].kept = list->v[i].path;
		list->v[i].path = lies[i];
		rc = 1;
	}
	free(lies);
	if (rc == 1)
		backup_list_sort(list);
	return rc;
}

/* What a backup holds: two files that have one name now are one too many. */
static int
name_files(const struct folder *f, struct backup_list *list, struct err *e)
{
	size_t i;
	int rc = take_names(f, list, e);

	for (i = 1; rc == 1 && i < list->n; i++)
		if (strcmp(list->v[i - 1].path, list->v[i].path) == 0)
			return err_path(e, ERP_MISMATCH, list->v[i].path,
			    "is the name of two files of the backup, and on "
			    "this disk case does not count; nothing was "
			    "changed");
	return rc < 0 ? rc : 0;
}

int
rollback_take_names(struct rollback *r, struct err *e)
{
	int k, rc = name_files(r->f, &r->target.files, e);

	for (k = 0; rc == 0 && k < r->newer_n; k++) {
		if ((rc = take_names(r->f, &r->newer[k].files, e)) >= 0)
			rc = take_names(r->f, &r->newer[k].written, e);
		if (rc == 1)
			backup_list_join(&r->newer[k].written);
		rc = rc < 0 ? rc : 0;
	}
	return rc != 0 ? rc : folder_spell(r->f, NULL, NULL, e);
}
