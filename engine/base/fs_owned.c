/*
 * Owner, group, mode (no set-id bit), ACLs and attributes of new files. Between
 * the calls of fs.h and all who make a file that takes the place of another:
 * the transaction's new files, copies for backups and out of them.
 */
#include "engine/base/fs_owned.h"

#include "engine/base/codec.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/fs_at.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ACL_ACCESS "system.posix_acl_access"
#define ACL_DEFAULT "system.posix_acl_default"
#define CAPABILITY "security.capability"
/* Of Windows, by fs_win32_acl.c: who may do what with a file, and what a folder
 * says of what is new in it. */
#define DACL "win32.dacl"
#define DACL_OF_FILES "win32.dacl.files"
#define DACL_OF_FOLDERS "win32.dacl.folders"
#define OF_USERS "user."

enum {
	/* Linux has no longer list or value, and no file gets more of us. */
	ATTR_BYTES = 64 * 1024,
	LIST_BYTES = 1024, /* mostly enough */
	ACL_VERSION = 2,
	ACL_USER = 0x01,
	ACL_GROUP = 0x04,
	ACL_MASK = 0x10,
	ACL_OTHERS = 0x20,
	SET_UID = 04000,
	SET_GID = 02000
};

/* Names of attributes, each with its NUL. */
struct attr_names {
	char few[LIST_BYTES];
	char *many; /* instead, or NULL */
	size_t n;
};

/* What is being given. */
struct giving {
	const struct fs *fs;
	struct owned_like *like;
	const struct owned_new *to;
	struct fs_stat from, now; /* of like, and of the new file */
	uint32_t mode;
	uint8_t *value; /* ATTR_BYTES, once needed */
	size_t left; /* bytes of values that it may still get */
};

/* There is nothing of this kind here, or we may not. */
static bool
is_denied(int64_t rc)
{
	return rc == -EPERM || rc == -EACCES || rc == -EOPNOTSUPP ||
	    rc == -ENOSYS || rc == -EINVAL;
}

int
owned_acl_mode(const void *acl, size_t n)
{
	uint32_t owner = 8, group = 8, mask = 8, others = 8;
	struct cursor c;
	uint16_t tag, may;

	cursor_init(&c, acl, n);
	if (cursor_u32(&c) != ACL_VERSION)
		return -1;
	while (!c.bad && c.len > 0) {
		tag = cursor_u16(&c);
		may = cursor_u16(&c) & 7;
		(void)cursor_u32(&c); /* which user or group */
		owner = tag == ACL_USER ? may : owner;
		group = tag == ACL_GROUP ? may : group;
		mask = tag == ACL_MASK ? may : mask;
		others = tag == ACL_OTHERS ? may : others;
	}
	if (c.bad || owner > 7 || group > 7 || others > 7)
		return -1;
	return (int)(owner << 6 | (mask > 7 ? group : mask) << 3 | others);
}

/* May the mode of the new file be set?  (Not by what tolerates that.) */
static bool
may_set_mode(const struct giving *g)
{
	return g->fs->ops->attr.fchmod(g->fs->ctx, g->to->fd, g->now.mode) !=
	    -EPERM;
}

/*
 * Root without CAP_FOWNER, as in a container, can give a file away and then
 * neither set its mode nor its time: such an owner cannot be kept.
 */
static int
give_away(const struct giving *g, uint32_t uid, uint32_t gid)
{
	bool could = uid != g->now.uid && may_set_mode(g);
	int rc = fs_fchown(g->fs, g->to->fd, uid, gid);

	if (rc == 0 && could && !may_set_mode(g))
		rc = fs_fchown(g->fs, g->to->fd, g->now.uid, gid);
	return rc;
}

/* The old file's owner and group; of what is new the folder's group. */
static int
give_owner(struct giving *g, struct err *e)
{
	bool born = g->like->how == OWNED_BORN;
	uint32_t uid = born ? g->now.uid : g->from.uid, gid = g->from.gid;
	int rc;

	if (uid == g->now.uid && gid == g->now.gid)
		return 0;
	rc = give_away(g, uid, gid);
	/* Who may not give it away may often choose the group. */
	if (is_denied(rc) && uid != g->now.uid && gid != g->now.gid)
		rc = fs_fchown(g->fs, g->to->fd, FS_AS_IT_IS, gid);
	if (rc < 0 && !is_denied(rc))
		return err_sys(e, -rc, "set owner of", g->to->path);
	if ((rc = at_fstat(g->fs, g->to->fd, g->to->path, &g->now, e)) != 0)
		return rc;
	/* Where the folder is not set-gid the group is no more than a wish. */
	if ((uid != g->now.uid || gid != g->now.gid) &&
	    !(born && (g->from.mode & SET_GID) == 0))
		g->like->lost |= OWNED_LOST_OWNER;
	return 0;
}

/* Attributes. */

static const char *
names_of(const struct attr_names *list)
{
	return list->many == NULL ? list->few : list->many;
}

/* The names at fd; none where there is no such thing. */
static int
read_names(struct giving *g, int fd, struct attr_names *list, struct err *e)
{
	int64_t n = fs_attr_list(g->fs, fd, list->few, sizeof(list->few));

	list->many = NULL;
	list->n = 0;
	if (n == -ERANGE) {
		if ((list->many = malloc(ATTR_BYTES)) == NULL)
			return err_nomem(e);
		n = fs_attr_list(g->fs, fd, list->many, ATTR_BYTES);
	}
	if (n == -ERANGE || n == -E2BIG)
		g->like->lost |= OWNED_LOST_ATTR;
	else if (n < 0 && !is_denied(n))
		return err_sys(e, (int)-n, "read attributes of", g->to->path);
	list->n = n < 0 ? 0 : (size_t)n;
	return 0;
}

/* The name after this one, or the first; NULL after the last. */
static const char *
next_name(const struct attr_names *list, const char *name)
{
	const char *all = names_of(list), *end = all + list->n;

	name = name == NULL ? all : name + strlen(name) + 1;
	return name < end && memchr(name, '\0', (size_t)(end - name)) != NULL
	    ? name
	    : NULL;
}

static bool
has_name(const struct attr_names *list, const char *wanted)
{
	const char *name;

	for (name = next_name(list, NULL); name != NULL;
	     name = next_name(list, name))
		if (strcmp(name, wanted) == 0)
			return true;
	return false;
}

static bool
is_acl(const char *name)
{
	return strcmp(name, ACL_ACCESS) == 0 || strcmp(name, ACL_DEFAULT) == 0;
}

/* Does an attribute of this name go with the file?  Those of the system's own
 * (labels, an overlay's book-keeping) are made anew for each file. */
static bool
is_ours_to_give(const char *name)
{
	return is_acl(name) || strcmp(name, DACL) == 0 ||
	    strncmp(name, OF_USERS, strlen(OF_USERS)) == 0 ||
	    strcmp(name, CAPABILITY) == 0;
}

/* The value of one of like's: *n is -1 when there is none for us. */
static int
read_value(struct giving *g, const char *name, int64_t *n, struct err *e)
{
	if (g->value == NULL && (g->value = malloc(ATTR_BYTES)) == NULL)
		return err_nomem(e);
	*n = fs_attr_get(g->fs, g->like->fd, name, g->value, ATTR_BYTES);
	if (*n < 0 && *n != -ENODATA && *n != -ERANGE && *n != -E2BIG &&
	    !is_denied(*n))
		return err_sys(e, (int)-*n, "read attributes of", g->to->path);
	*n = *n < 0 ? -1 : *n;
	return 0;
}

static void
lose(struct giving *g, const char *name)
{
	g->like->lost |=
	    strcmp(name, CAPABILITY) == 0 ? OWNED_LOST_RIGHTS : OWNED_LOST_ATTR;
	/* What the mode shows for the group was the ACL's mask: without the
	 * ACL it would be the group's right. */
	if (strcmp(name, ACL_ACCESS) == 0)
		g->mode &= ~(uint32_t)0070;
}

/* The n bytes of g->value. */
static int
give_value(struct giving *g, const char *name, size_t n, struct err *e)
{
	int rc = -E2BIG;

	assert(g->value != NULL && n <= ATTR_BYTES);
	if (n <= g->left)
		rc = fs_attr_set(g->fs, g->to->fd, name, g->value, n);
	if (rc == -E2BIG || is_denied(rc))
		lose(g, name);
	else if (rc < 0)
		return err_sys(e, -rc, "set attributes of", g->to->path);
	else
		g->left -= n;
	return 0;
}

static int
give_attr(struct giving *g, const char *name, struct err *e)
{
	int64_t n;
	int rc;

	if (g->like->how == OWNED_OTHER && strcmp(name, CAPABILITY) == 0) {
		g->like->lost |= OWNED_LOST_RIGHTS;
		return 0;
	}
	if ((rc = read_value(g, name, &n, e)) != 0)
		return rc;
	if (n >= 0)
		return give_value(g, name, (size_t)n, e);
	lose(g, name);
	return 0;
}

/* The folder of what is BORN says by its default ACL who may do what, and a
 * new folder says so too. */
static int
give_default(struct giving *g, struct err *e)
{
	bool folder = g->now.type == FS_DIR;
	int64_t n;
	int may, rc = read_value(g, ACL_DEFAULT, &n, e);

	if (rc != 0 || n < 0 || (may = owned_acl_mode(g->value, (size_t)n)) < 0)
		return rc;
	g->mode =
	    (folder || (g->mode & 0100) != 0 ? 0777 : 0666) & (uint32_t)may;
	rc = give_value(g, ACL_ACCESS, (size_t)n, e);
	return rc == 0 && folder ? give_value(g, ACL_DEFAULT, (size_t)n, e)
				 : rc;
}

/* The same on Windows, where it has what its first folder said. */
static int
give_inherited(struct giving *g, struct err *e)
{
	int64_t n;
	int rc = read_value(
	    g, g->now.type == FS_DIR ? DACL_OF_FOLDERS : DACL_OF_FILES, &n, e);

	return rc != 0 || n < 0 ? rc : give_value(g, DACL, (size_t)n, e);
}

/* The folder that it was made in has given it an ACL, or somebody has. */
static int
drop_attr(struct giving *g, const char *name, struct err *e)
{
	int rc = fs_attr_remove(g->fs, g->to->fd, name);

	return rc == 0 || rc == -ENODATA || is_denied(rc)
	    ? 0
	    : err_sys(e, -rc, "set attributes of", g->to->path);
}

/* First what is there goes: what is to come may not find room beside it. */
static int
give_attrs(struct giving *g, const struct attr_names *wanted,
    const struct attr_names *there, struct err *e)
{
	bool born = g->like->how == OWNED_BORN;
	const char *name;
	int rc = 0;

	for (name = next_name(there, NULL); rc == 0 && name != NULL;
	     name = next_name(there, name))
		if (is_ours_to_give(name))
			rc = drop_attr(g, name, e);
	if (rc == 0 && born && has_name(wanted, ACL_DEFAULT))
		rc = give_default(g, e);
	if (rc == 0 && born && has_name(wanted, DACL))
		rc = give_inherited(g, e);
	for (name = next_name(wanted, NULL); rc == 0 && !born && name != NULL;
	     name = next_name(wanted, name))
		if (is_ours_to_give(name))
			rc = give_attr(g, name, e);
	return rc;
}

static int
exchange_attrs(struct giving *g, struct err *e)
{
	struct attr_names wanted, there = {.many = NULL};
	int rc = read_names(g, g->like->fd, &wanted, e);

	if (rc == 0)
		rc = read_names(g, g->to->fd, &there, e);
	if (rc == 0)
		rc = give_attrs(g, &wanted, &there, e);
	free(wanted.many);
	free(there.many);
	return rc;
}

/* The mode: what lends the rights of others is only given with the owner or
 * group whose rights they are, to a program of the same content. */
static void
settle_mode(struct giving *g)
{
	uint32_t lends = g->from.mode & (SET_UID | SET_GID), may = 0;
	uint32_t x = g->from.mode;

	if (g->now.type != FS_FILE) {
		if (g->like->how == OWNED_BORN)
			g->mode |= g->from.mode & SET_GID;
		else if (g->now.gid != g->from.gid)
			g->mode &= ~(uint32_t)SET_GID;
		return;
	}
	if (g->like->how == OWNED_BORN)
		lends = 0;
	if (g->like->how == OWNED_SAME) {
		lends &= g->mode;
		may |= g->now.uid == g->from.uid ? SET_UID : 0;
		may |= g->now.gid == g->from.gid ? SET_GID : 0;
	}
	g->mode = (g->mode & 0777) | (lends & may);
	/* Without x, then and now, they mean nothing, and nobody misses them.
	 */
	x |= g->mode;
	lends &= (x & 0100 ? SET_UID : 0) | (x & 0010 ? SET_GID : 0);
	if ((lends & ~may) != 0)
		g->like->lost |= OWNED_LOST_RIGHTS;
}

/*
 * Has the folder its mode already?  To set the set-gid bit that it was made
 * with would take it away, where this user is not in the group.
 */
static bool
has_mode(const struct giving *g)
{
	struct fs_stat st;

	return g->like->fd >= 0 && g->now.type == FS_DIR &&
	    fs_fstat(g->fs, g->to->fd, &st) == 0 && st.mode == g->mode;
}

int
owned_set(const struct fs *fs, struct owned_like *like,
    const struct owned_new *to, struct err *e)
{
	struct giving g = {.fs = fs,
	    .like = like,
	    .to = to,
	    .mode = to->mode,
	    .left = ATTR_BYTES};
	int rc = 0;

	if (like->fd >= 0 &&
	    (rc = at_fstat(fs, like->fd, to->path, &g.from, e)) == 0 &&
	    (rc = at_fstat(fs, to->fd, to->path, &g.now, e)) == 0 &&
	    (rc = give_owner(&g, e)) == 0 && (rc = exchange_attrs(&g, e)) == 0)
		settle_mode(&g);
	free(g.value);
	if (rc == 0 && !has_mode(&g) &&
	    (rc = fs_fchmod(fs, to->fd, g.mode)) < 0)
		rc = err_sys(e, -rc, "set mode of", to->path);
	if (rc == 0 && to->mtime != NULL &&
	    (rc = fs_futimes(fs, to->fd, *to->mtime)) < 0)
		rc = err_sys(e, -rc, "set time of", to->path);
	return rc;
}
