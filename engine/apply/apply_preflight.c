/*
 * Room and rights, looked at before anything is received or changed: after the
 * plan, before the first WANT.  What can be refused in time is refused here;
 * whether the room that is needed is there is for space.c, how much may be
 * deleted for apply_deletes.c.
 */
#include "engine/apply/apply.h"

#include "engine/apply/apply_internal.h"
#include "engine/apply/backup.h"
#include "engine/apply/backup_before.h"
#include "engine/apply/folder_internal.h"
#include "engine/apply/own_names.h"
#include "engine/apply/rotate.h"
#include "engine/apply/space.h"
#include "engine/apply/spare.h"
#include "engine/apply/stage_internal.h"
#include "engine/base/err.h"
#include "engine/base/fs_at.h"
#include "engine/base/fs_file.h"
#include "engine/base/text.h"
#include "engine/base/who.h"
#include "engine/tree/manifest.h"
#include "engine/tree/plan.h"

#include <bsd/string.h>
#include <errno.h>
#include <string.h>

enum { SHOWN_BYTES = 300 }; /* of a path in a message */

/* Records take about this many bytes an entry, folders a block. */
enum { RECORD_BYTES = 400, FOLDER_BYTES = 4096, SLACK_INODES = 64 };

static void
add_file(struct space_need *n, uint64_t size)
{
	n->bytes += space_blocks(size);
	n->inodes++;
}

typedef int peek_fn(
    const struct folder *f, const struct hash *hash, uint64_t size);

/* Contents of the plan that still have to find room. */
static void
add_contents(struct folder *f, const struct plan *plan, peek_fn *peek,
    struct space_need *n)
{
	const struct action *a;
	size_t i, come = 0, changes = 0;

	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		if (a->kind == ACTION_SAME)
			continue;
		/* tmp.TX has one more folder. */
		if (++changes % OWN_BESIDE == 0)
			add_file(n, FOLDER_BYTES);
		if (a->want == NULL)
			continue;
		n->bytes += RECORD_BYTES;
		if (a->want->type != ENTRY_FILE) {
			add_file(n, FOLDER_BYTES);
			continue;
		}
		if (a->kind != ACTION_META &&
		    peek(f, &a->want->content.hash, a->want->content.size) == 1)
			continue; /* received already */
		add_file(n, a->want->content.size);
		/* Each may be the first in its folder. */
		if (a->kind != ACTION_META && come++ < STAGE_HOMES)
			add_file(n, STAGE_HOME_SIZE);
	}
}

/* Can it be read?  Its copy would fail, but after the download. */
static int
check_readable(struct folder *f, const char *path, struct err *e)
{
	int fd = fs_open(f->fs, f->dir, path, FS_READ, 0);

	if (fd == -EACCES || fd == -EPERM)
		return err_path(e, ERP_AUTH, path, BACKUP_UNREADABLE);
	fs_close_quietly(f->fs, &fd);
	return 0;
}

void
apply_count_backup(const struct backup_list *files, struct apply_outlook *out)
{
	const struct backup_entry *x;

	for (x = files->v; x != files->v + files->n; x++) {
		if (x->type != FS_FILE || x->how == BACKUP_LEAVE)
			continue;
		out->files++;
		out->bytes += x->content.size;
	}
}

/* What the update will do to names that are there, as the record of its backup
 * has it. */
static int
foretell_written(
    const struct plan *plan, struct backup_list *written, struct err *e)
{
	const struct action *a;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		if (a->kind == ACTION_SAME || a->kind == ACTION_NEW ||
		    a->kind == ACTION_EXTRA)
			continue;
		if (backup_list_add(written, a->have->path) == NULL)
			return err_nomem(e);
	}
	backup_list_sort(written);
	return 0;
}

/* A shared file takes an inode at most. */
static int
add_backup(struct folder *f, const struct plan *plan, struct space_need *n,
    struct apply_outlook *out, struct err *e)
{
	struct backup_hints hints = {.looks = true};
	struct backup b;
	const struct backup_entry *x;
	size_t i;
	int rc;

	backup_init(&b);
	backup_before_note(f, NULL);
	b.has_from = f->state.known;
	if ((rc = apply_hints(f, plan, &hints, e)) == 0 &&
	    (rc = backup_collect(f, &hints, &b.files, e)) == 0)
		rc = foretell_written(plan, &b.written, e);
	for (i = 0; rc == 0 && i < b.files.n; i++) {
		x = &b.files.v[i];
		n->bytes += RECORD_BYTES;
		if (x->type != FS_FILE)
			add_file(n, FOLDER_BYTES);
		else if (x->how != BACKUP_LEAVE)
			add_file(n, x->how == BACKUP_COPY ? x->taken : 0);
		if (x->type == FS_FILE && x->how == BACKUP_COPY && !x->opened)
			rc = check_readable(f, x->path, e);
	}
	if (rc == 0) {
		apply_count_backup(&b.files, out);
		out->of_nothing = rotate_is_of_nothing(&b);
		backup_before_note(f, &b.files);
		x = apply_hints_lack(&hints, f->looked);
		n->most = x != NULL ? x->taken : 0;
		n->most_of = x != NULL ? x->path : NULL;
	}
	backup_release(&b);
	backup_hints_release(&hints);
	return rc;
}

/* What chattr(1) protects is not even root's to replace. */
static int
check_fixed(const char *path, const struct fs_stat *st, struct err *e)
{
	return st->fixed ? err_path(e, ERP_AUTH, path,
			       "is immutable or append-only; take that from "
			       "it (chattr -ia), or leave it out (--exclude)")
			 : 0;
}

/* May names in the folder path be changed, as the system tells?  1, 0 where
 * this user has not the right, or a code. */
static int
may_change(struct folder *f, const char *path, const char *shown, struct err *e)
{
	int rc, fd = fs_open(f->fs, f->dir, path, FS_DIRECTORY, 0);

	if (fd == -EACCES || fd == -EPERM)
		return 0;
	if (fd < 0)
		return err_sys(e, -fd, "open folder", path);
	rc = fs_may_change(f->fs, fd);
	fs_close_quietly(f->fs, &fd);
	return rc == 0 || rc == -EACCES ? rc == 0
					: at_not_writable(-rc, shown, e);
}

/* The same of a folder that has to be changed, which is called shown. */
static int
check_writable(struct folder *f, const char *path, const char *shown,
    const struct fs_stat *st, struct err *e)
{
	int rc = check_fixed(shown, st, e);

	if (rc != 0 || (rc = may_change(f, path, shown, e)) != 0)
		return rc < 0 ? rc : 0;
	return at_not_writable(EACCES, shown, e);
}

/*
 * Can names in the folder of path, which is in home, be changed?  last is the
 * one that was looked at before: neighbours mostly share theirs.
 */
static int
check_parent(struct folder *f, const char *path, const struct fs_stat *home,
    char last[OWN_PATH_BYTES], struct err *e)
{
	char above[OWN_PATH_BYTES];
	const char *slash = strrchr(path, '/');
	struct fs_stat st;
	int rc;

	if (slash == NULL || slash - path >= OWN_PATH_BYTES)
		return 0;
	memcpy(above, path, (size_t)(slash - path));
	above[slash - path] = '\0';
	if (strcmp(above, last) == 0)
		return 0;
	(void)strlcpy(last, above, OWN_PATH_BYTES);
	/* It is new as well, or takes the place of a file. */
	if ((rc = at_find(f->fs, f->dir, above, &st, e)) <= 0 ||
	    st.type != FS_DIR)
		return rc < 0 ? rc : 0;
	if (st.encrypted && !home->encrypted)
		return err_path(e, ERP_BLOCKED, above,
		    "is encrypted, and the client folder is not, so that "
		    "nothing can be moved into it; leave it out (--exclude) or "
		    "encrypt the whole client folder");
	return check_writable(f, above, above, &st, e);
}

/* May what is there be replaced or removed? */
static int
check_old(struct folder *f, const struct action *a, struct err *e)
{
	struct at it = {f->dir, NULL};
	struct fs_stat st;
	int rc;

	if (a->have == NULL)
		return 0;
	if ((rc = at_find(f->fs, f->dir, a->have->path, &st, e)) <= 0)
		return rc;
	it.path = a->have->path;
	if ((rc = check_fixed(it.path, &st, e)) != 0 || who_is_root())
		return rc;
	return at_sticky(f->fs, &it, it.path, e);
}

/*
 * The oldest backup has to make room for the next one where no number is free.
 * A folder that moves into another one must itself be writable, and in a
 * sticky one only its owner moves it.
 */
static int
check_oldest(struct folder *f, struct err *e)
{
	char name[ROTATE_NAME_BYTES];
	const struct at it = {f->dir, name};
	struct fs_stat st;
	int k, rc;

	for (k = ROTATE_SLOTS; k > 0; k--) {
		rotate_name(name, k);
		if ((rc = at_find(f->fs, f->dir, name, &st, e)) <= 0)
			return rc;
	}
	if (st.uid == who_uid())
		return 0;
	if ((who_is_root() || at_sticky(f->fs, &it, name, NULL) == 0) &&
	    (rc = may_change(f, name, name, e)) != 0)
		return rc < 0 ? rc : 0;
	return err_path(e, ERP_AUTH, name,
	    "belongs to another user, and the next backup needs its place; "
	    "move it away as its owner");
}

/*
 * Where something is to be added, may something lie that the comparison left
 * out, such as a link that leaves the folder?  Of what is in the way of a
 * folder, or is a folder in the way, the plan knows.
 */
static int
check_free(struct folder *f, const struct action *a, struct err *e)
{
	static const char *const what[] = {
	    [FS_FILE] = "file that has just appeared",
	    [FS_DIR] = "folder that is mounted or has just appeared",
	    [FS_SYMLINK] = "symbolic link that leads elsewhere",
	    [FS_OTHER] = "device, FIFO or socket"};
	static const char *const mounted[] = {
	    [FS_FILE] = "file that is mounted",
	    [FS_DIR] = "folder that is mounted or a subvolume"};
	static const char *const wanted[] = {[ENTRY_FILE] = "file",
	    [ENTRY_DIR] = "folder",
	    [ENTRY_SYMLINK] = "link"};
	char shown[SHOWN_BYTES];
	struct fs_stat st;
	int rc;

	if (a->kind != ACTION_NEW || (a->reasons & REASON_TYPE) != 0)
		return 0;
	rc = fs_stat(f->fs, f->dir, a->want->path, &st);
	/* Its folder is new, or another one is in the way. */
	if (rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP || rc == -EXDEV)
		return 0;
	if (rc < 0)
		return err_sys(e, -rc, "stat", a->want->path);
	text_escape(shown, sizeof(shown), a->want->path);
	if (st.mounted)
		return err_set(e, ERP_BLOCKED,
		    "%s: a %s is where the release has a %s; leave it out "
		    "(--exclude) or unmount it",
		    shown, mounted[st.type], wanted[a->want->type]);
	return err_set(e, ERP_BLOCKED,
	    "%s: a %s is where the release has a %s; leave it out (--exclude) "
	    "or move it away",
	    shown, what[st.type], wanted[a->want->type]);
}

/*
 * Is all in a folder that has to go for a file or link known to the plan?  Not
 * what the comparison left out: excluded names, those that no release may have,
 * devices, what is mounted.
 */
static int
check_emptied(struct folder *f, const struct plan *plan, const struct action *a,
    struct err *e)
{
	char path[OWN_PATH_BYTES];
	struct names inside = {NULL, 0, 0};
	size_t i;
	int rc;

	if (a->kind != ACTION_DELETE || a->have->type != ENTRY_DIR ||
	    (a->reasons & REASON_TYPE) == 0)
		return 0;
	rc = names_read(f->fs, f->dir, a->have->path, &inside, e);
	for (i = 0; rc == 0 && i < inside.n; i++) {
		rc = own_join(path, a->have->path, inside.v[i], e);
		if (rc == 0 && !plan_removes(plan, path))
			rc = err_path(e, ERP_BLOCKED, path,
			    "is not of a release, but its folder would have to "
			    "go; move it away");
	}
	names_release(&inside);
	return rc;
}

int
apply_check_numbers(struct folder *f, const struct plan *plan, struct err *e)
{
	if (plan->current && f->opt.health == NULL)
		return 0;
	return rotate_check(f, e);
}

static int
check_names(struct folder *f, const struct plan *plan, struct err *e)
{
	char last[OWN_PATH_BYTES] = "";
	const struct action *a;
	struct fs_stat home;
	const char *path;
	size_t i;
	int rc;

	if ((rc = at_stat(f->fs, f->dir, ".", &home, e)) != 0 ||
	    (rc = check_writable(f, ".", f->path, &home, e)) != 0)
		return rc;
	if ((rc = apply_check_numbers(f, plan, e)) != 0 ||
	    (!plan->current && (rc = check_oldest(f, e)) != 0))
		return rc;
	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		if (a->kind == ACTION_SAME || a->kind == ACTION_EXTRA)
			continue;
		path = (a->want != NULL ? a->want : a->have)->path;
		if ((rc = check_free(f, a, e)) != 0 ||
		    (rc = check_emptied(f, plan, a, e)) != 0 ||
		    (rc = check_old(f, a, e)) != 0 ||
		    (rc = check_parent(f, path, &home, last, e)) != 0)
			return rc;
	}
	return 0;
}

/* Who only looks tries it as well, where it leaves no trace and may. */
static bool
makes_links(struct folder *f)
{
	return f->own < 0 || fs_may_change(f->fs, f->own) != 0 ||
	    backup_makes_links(f);
}

/* Can what is planned of symbolic links be done?  Where the disk makes none,
 * one that is there all the same can go, but not be replaced: no backup has
 * it. */
static int
check_links(struct folder *f, const struct plan *plan, struct err *e)
{
	const struct action *a;
	bool makes, replaces;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		a = &plan->v[i];
		makes = a->kind != ACTION_SAME && a->want != NULL &&
		    a->want->type == ENTRY_SYMLINK;
		replaces =
		    a->kind == ACTION_CHANGED && a->have->type == ENTRY_SYMLINK;
		if (!makes && !replaces)
			continue;
		if (makes_links(f))
			return 0;
		if (!makes)
			return backup_lacks_link(a->have->path, e);
		return err_path(e, ERP_BLOCKED, a->want->path,
		    "this disk has no symbolic links; leave it out "
		    "(--exclude), or put a file in its place in the release");
	}
	return 0;
}

int
apply_preflight(struct folder *f, const struct plan *plan, uint64_t wire_bytes,
    struct err *e)
{
	struct space_need n = {SPACE_SLACK, wire_bytes, SLACK_INODES, 0, NULL};
	struct apply_outlook ignored = {.needed = 0};
	int rc;

	if ((rc = check_names(f, plan, e)) != 0 ||
	    (rc = folder_check_removes(f, e)) != 0 ||
	    (rc = check_links(f, plan, e)) != 0)
		return rc;
	add_contents(f, plan, stage_peek_trimmed, &n);
	if ((rc = add_backup(f, plan, &n, &ignored, e)) != 0)
		return rc;
	rc = space_reserve(f, &n, e);
	/* What a person removed to make room may have a name there. */
	if (rc == ERP_NOSPACE && spare_drop(f))
		rc = space_reserve(f, &n, e);
	return rc;
}

/* Which number would its backup get?  That of a repair has rules of its own
 * (rotate.h), and nothing needs none. */
static int
foretell_backup(struct folder *f, const struct plan *plan,
    struct apply_outlook *out, struct err *e)
{
	int rc;

	if (out->of_nothing || plan->current ||
	    (f->state.known && plan_keeps_content(plan)))
		return 0;
	if ((rc = rotate_next(f, &out->pushes, e)) > 0)
		out->backup = rc;
	return rc < 0 ? rc : 0;
}

int
apply_foretell(struct folder *f, const struct plan *plan, uint64_t wire_bytes,
    struct apply_outlook *out, struct err *e)
{
	struct space_need n = {SPACE_SLACK, wire_bytes, SLACK_INODES, 0, NULL};
	struct fs_space space;
	uint64_t spare;
	int rc;

	memset(out, 0, sizeof(*out));
	if ((rc = folder_check_user(f, e)) != 0)
		return rc;
	/* Another's update has set aside what is missing now. */
	if ((rc = check_names(f, plan, e)) != 0 ||
	    (rc = folder_check_lock(f, e)) != 0 ||
	    (rc = check_links(f, plan, e)) != 0)
		return rc;
	add_contents(f, plan, stage_peek, &n);
	if ((rc = add_backup(f, plan, &n, out, e)) != 0 ||
	    (rc = foretell_backup(f, plan, out, e)) != 0)
		return rc;
	out->needed = n.bytes + n.passing;
	if (fs_space(f->fs, f->dir, &space) >= 0)
		out->is_free = space.bytes_free;
	if ((rc = space_check(f, &n, e)) != ERP_NOSPACE)
		return rc;
	/* An update that finds too little room removes it. */
	spare = spare_bytes(f);
	n.bytes -= spare < n.bytes ? spare : n.bytes;
	return space_check(f, &n, e);
}
