/* Owners and attributes on the simulated disk. */
#include "tests/support/fs_sim_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ACL_ACCESS "system.posix_acl_access"
#define ACL_DEFAULT "system.posix_acl_default"

enum { SET_GID = 02000 };

/* Where the attribute lies in b, with the bytes of its whole record; NULL. */
static uint8_t *
record_of(struct sim_blob *b, const char *name, size_t *whole)
{
	size_t at, n, len = strlen(name) + 1;

	for (at = 0; b != NULL && at < b->len; at += *whole) {
		n = strlen((const char *)b->b + at) + 1;
		*whole = n + 2 + (size_t)(b->b[at + n] | b->b[at + n + 1] << 8);
		if (n == len && memcmp(b->b + at, name, n) == 0)
			return b->b + at;
	}
	return NULL;
}

const uint8_t *
sim_attr(const struct sim_disk *d, uint32_t ino, const char *name, size_t *n)
{
	size_t whole, head = strlen(name) + 3;
	const uint8_t *p = record_of(d->v[ino].m[SIM_NOW].attrs, name, &whole);

	*n = p == NULL ? 0 : whole - head;
	return p == NULL ? NULL : p + head;
}

void
sim_attr_put(
    struct sim_disk *d, uint32_t ino, const char *name, const void *p, size_t n)
{
	struct sim_blob **at = &d->v[ino].m[SIM_NOW].attrs, *old = *at;
	size_t whole = 0, head, len = 0, name_len = strlen(name) + 1;
	const uint8_t *was = record_of(old, name, &whole);
	uint8_t *all =
	    sim_alloc((old == NULL ? 0 : old->len) + name_len + 2 + n);

	if (old != NULL) {
		head = was == NULL ? old->len : (size_t)(was - old->b);
		memcpy(all, old->b, head);
		len = head;
		if (was != NULL) {
			memcpy(all + len, was + whole, old->len - head - whole);
			len += old->len - head - whole;
		}
	}
	if (p != NULL) {
		memcpy(all + len, name, name_len);
		all[len + name_len] = (uint8_t)n;
		all[len + name_len + 1] = (uint8_t)(n >> 8);
		memcpy(all + len + name_len + 2, p, n);
		len += name_len + 2 + n;
	}
	*at = len == 0 ? NULL : sim_blob_new(all, len);
	sim_blob_drop(old);
	free(all);
}

void
sim_inherit(struct sim_disk *d, uint32_t ino, uint32_t dir)
{
	bool folder = d->v[ino].type == FS_DIR;
	struct sim_meta *m = &d->v[ino].m[SIM_NOW];
	const struct sim_meta *above = &d->v[dir].m[SIM_NOW];
	const uint8_t *acl;
	size_t n;

	if (above->mode & SET_GID) {
		m->gid = above->gid;
		m->mode |= folder ? SET_GID : 0;
	}
	if ((acl = sim_attr(d, dir, ACL_DEFAULT, &n)) != NULL) {
		sim_attr_put(d, ino, ACL_ACCESS, acl, n);
		if (folder)
			sim_attr_put(d, ino, ACL_DEFAULT, acl, n);
	}
	/* With its name, so much is there. */
	sim_meta_set(&d->v[ino].m[SIM_KEPT], m);
}

int
sim_call_fchown(void *ctx, int fd, uint32_t uid, uint32_t gid)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_FCHOWN, true, sim_ino_of(s, fd), NULL, 0};
	struct sim_meta *m = &s->disk.v[c.ino].m[SIM_NOW];
	int rc = sim_ask(s, &c);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	m->uid = uid == FS_AS_IT_IS ? m->uid : uid;
	m->gid = gid == FS_AS_IT_IS ? m->gid : gid;
	if (s->disk.v[c.ino].type == FS_FILE)
		m->mode &= 0777;
	sim_attr_put(&s->disk, c.ino, "security.capability", NULL, 0);
	return 0;
}

/* Of what has none nobody is asked: that would be half of all calls. */
int64_t
sim_call_attr_list(void *ctx, int fd, char *p, size_t cap)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_ATTR_LIST, false, sim_ino_of(s, fd), NULL, 0};
	const struct sim_blob *b = s->disk.v[c.ino].m[SIM_NOW].attrs;
	size_t at, n, len = 0;
	int rc;

	if (b == NULL)
		return 0;
	if ((rc = sim_ask(s, &c)) < 0)
		return rc;
	for (at = 0; at < b->len;
	     at += n + 2 + (size_t)(b->b[at + n] | b->b[at + n + 1] << 8)) {
		n = strlen((const char *)b->b + at) + 1;
		if (len + n > cap)
			return -ERANGE;
		memcpy(p + len, b->b + at, n);
		len += n;
	}
	return (int64_t)len;
}

int64_t
sim_call_attr_get(void *ctx, int fd, const char *name, void *p, size_t cap)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_ATTR_GET, false, sim_ino_of(s, fd), NULL, 0};
	const uint8_t *value;
	size_t n;
	int rc = sim_ask(s, &c);

	if (rc < 0)
		return rc;
	if ((value = sim_attr(&s->disk, c.ino, name, &n)) == NULL)
		return -ENODATA;
	if (n > cap)
		return -ERANGE;
	memcpy(p, value, n);
	return (int64_t)n;
}

int
sim_call_attr_set(void *ctx, int fd, const char *name, const void *p, size_t n)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_ATTR_SET, true, sim_ino_of(s, fd), NULL, 0};
	int rc = sim_ask(s, &c);

	if (rc == 0)
		sim_attr_put(&s->disk, c.ino, name, p, n);
	return rc < 0 ? rc : 0;
}

int
sim_call_attr_remove(void *ctx, int fd, const char *name)
{
	struct sim *s = ctx;
	struct sim_call c = {SIM_ATTR_REMOVE, true, sim_ino_of(s, fd), NULL, 0};
	size_t n;
	int rc = sim_ask(s, &c);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	if (sim_attr(&s->disk, c.ino, name, &n) == NULL)
		return -ENODATA;
	sim_attr_put(&s->disk, c.ino, name, NULL, 0);
	return 0;
}
