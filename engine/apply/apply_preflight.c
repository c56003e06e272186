/* Room and rights, looked at before anything is received or changed. */
#include "engine/apply/apply.h"

#include "engine/apply/apply_internal.h"
#include "engine/apply/backup.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own.h"
#include "engine/apply/rotate.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/base/text.h"
#include "engine/tree/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* A file takes whole blocks; records take about this many bytes an entry. */
enum { BLOCK = 4096, RECORD_BYTES = 400, SLACK_INODES = 64 };
#define SLACK_BYTES ((uint64_t)1 << 20)
#define MIB ((uint64_t)1 << 20)

struct need {
	uint64_t bytes;
	uint64_t inodes;
};

static void
add_file(struct need *n, uint64_t size)
{
	n->bytes += (size + BLOCK - 1) / BLOCK * BLOCK;
	n->inodes++;
}

/* Contents of the plan that still have to find room. */
static void
add_contents(struct folder *f, const struct plan *plan, struct need *n)
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
			add_file(n, BLOCK);
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

static int
add_backup(
    struct folder *f, const struct plan *plan, struct need *n, struct err *e)
{
	struct backup_hints hints = {NULL, 0, 0};
	struct backup b;
	const struct backup_entry *x;
	size_t i;
	int rc;

	backup_init(&b);
	if ((rc = apply_hints(plan, &hints, e)) == 0)
		rc = backup_collect(f, &hints, &b.files, e);
	for (i = 0; rc == 0 && i < b.files.n; i++) {
		x = &b.files.v[i];
		n->bytes += RECORD_BYTES;
		if (x->type == FS_FILE && x->how == BACKUP_COPY)
			add_file(n, x->size);
		else if (x->type != FS_FILE)
			add_file(n, BLOCK);
	}
	backup_release(&b);
	backup_hints_release(&hints);
	return rc;
}

static int
check_space(struct folder *f, const struct need *n, struct err *e)
{
	char where[160];
	struct fs_space s;
	int rc = fs_space(f->fs, f->dir, &s);

	if (rc < 0)
		return err_sys(e, -rc, "find the free space of", f->path);
	text_escape(where, sizeof(where), f->path);
	if (n->bytes > s.bytes_free)
		return err_set(e, ERP_NOSPACE,
		    "not enough disk space for %s: %" PRIu64
		    " MiB needed, %" PRIu64
		    " MiB free; make room and try again",
		    where, (n->bytes + MIB - 1) / MIB, s.bytes_free / MIB);
	if (n->inodes > s.inodes_free)
		return err_set(e, ERP_NOSPACE,
		    "not enough inodes for %s: %" PRIu64 " needed, %" PRIu64
		    " free; remove files and try again",
		    where, n->inodes, s.inodes_free);
	return 0;
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
	struct need n = {SLACK_BYTES + wire_bytes, SLACK_INODES};
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
	return check_space(f, &n, e);
}
