/* Room and rights, looked at before anything is received or changed. */
#include "engine/apply/apply.h"

#include "engine/apply/apply_internal.h"
#include "engine/apply/backup.h"
#include "engine/apply/ballast.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own.h"
#include "engine/apply/rotate.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/tree/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* Deletions of this many files, or one in so many, are no accident. */
enum { DELETES_LEAST = 10, DELETES_PART = 5 };

/* Records take about this many bytes an entry, folders a block. */
enum { RECORD_BYTES = 400, FOLDER_BYTES = 4096, SLACK_INODES = 64 };

static void
add_file(struct ballast_need *n, uint64_t size)
{
	n->bytes += ballast_blocks(size);
	n->inodes++;
}

/* Contents of the plan that still have to find room. */
static void
add_contents(struct folder *f, const struct plan *plan, struct ballast_need *n)
{
	char name[STAGE_NAME_BYTES], path[OWN_PATH_BYTES];
	const struct action *a;
	struct fs_stat st;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		if (a->kind == ACTION_SAME || a->want == NULL)
			continue;
		n->bytes += RECORD_BYTES;
		if (a->want->type != ENTRY_FILE) {
			add_file(n, FOLDER_BYTES);
			continue;
		}
		stage_name(name, &a->want->hash, "");
		if (a->kind != ACTION_META &&
		    own_join(path, OWN_RECV, name, NULL) == 0 &&
		    fs_stat(f->fs, f->own, path, &st) == 0 &&
		    st.size == a->want->size)
			continue; /* received already */
		add_file(n, a->want->size);
	}
}

/* A shared file takes an inode at most. */
static int
add_backup(struct folder *f, const struct plan *plan, struct ballast_need *n,
    struct err *e)
{
	struct backup_hints hints = {NULL, 0, 0};
	struct backup b;
	const struct backup_entry *x;
	size_t i;
	int rc;

	backup_init(&b);
	if ((rc = apply_hints(f, plan, &hints, e)) == 0)
		rc = backup_collect(f, &hints, &b.files, e);
	for (i = 0; rc == 0 && i < b.files.n; i++) {
		x = &b.files.v[i];
		n->bytes += RECORD_BYTES;
		if (x->type != FS_FILE)
			add_file(n, FOLDER_BYTES);
		else
			add_file(n, x->how == BACKUP_COPY ? x->size : 0);
	}
	backup_release(&b);
	backup_hints_release(&hints);
	return rc;
}

/* Can names in the folder of path be changed, as far as its mode tells? */
static int
check_parent(struct folder *f, const char *path, struct err *e)
{
	char above[OWN_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	struct fs_stat st;
	uint32_t need;
	int rc;

	if (slash == NULL || slash - path >= OWN_PATH_BYTES)
		return 0;
	memcpy(above, path, (size_t)(slash - path));
	above[slash - path] = '\0';
	rc = fs_stat(f->fs, f->dir, above, &st);
	if (rc < 0) /* new as well */
		return rc == -ENOENT || rc == -ENOTDIR
		    ? 0
		    : err_sys(e, -rc, "stat", above);
	need = st.uid == geteuid() ? 0200 : 0022;
	if (geteuid() == 0 || (st.mode & need) != 0)
		return 0;
	return err_path(e, ERP_AUTH, above,
	    "the folder cannot be written; give this user the right to write "
	    "in it");
}

int
apply_preflight(struct folder *f, const struct plan *plan, uint64_t wire_bytes,
    struct err *e)
{
	struct ballast_need n = {BALLAST_SLACK, wire_bytes, SLACK_INODES};
	const struct action *a;
	size_t i;
	int rc;

	if ((rc = rotate_check(f, e)) != 0)
		return rc;
	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		if (a->kind == ACTION_SAME || a->kind == ACTION_EXTRA)
			continue;
		if ((rc = check_parent(f,
			 (a->want != NULL ? a->want : a->have)->path, e)) != 0)
			return rc;
	}
	add_contents(f, plan, &n);
	if ((rc = add_backup(f, plan, &n, e)) != 0)
		return rc;
	return ballast_reserve(f, &n, e);
}

int
apply_check_deletes(const struct folder *f, const struct plan *plan,
    const uint64_t *max, struct err *e)
{
	const struct manifest *m = &f->state.manifest;
	uint64_t gone = 0, had = 0, may;
	size_t i;

	for (i = 0; i < plan->n; i++)
		gone += plan->v[i].kind == ACTION_DELETE &&
		    plan->v[i].have->type != ENTRY_DIR;
	for (i = 0; f->state.known && i < m->n; i++)
		had += m->v[i].type != ENTRY_DIR;
	may = had / DELETES_PART < DELETES_LEAST ? DELETES_LEAST
						 : had / DELETES_PART;
	if (gone <= (max != NULL ? *max : may))
		return 0;
	return err_set(e, ERP_DELETES,
	    "%" PRIu64 " of %" PRIu64 " files would be deleted, %" PRIu64
	    " at most may be; --max-delete=%" PRIu64 " allows it",
	    gone, had, max != NULL ? *max : may, gone);
}
