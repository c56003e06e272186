/* Two contents of the store and the patch between them. */
#include "engine/release/compile_internal.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/stream.h"
#include "engine/delta/patch.h"

#include <stdlib.h>

/* Above the first the quick way has to do: a station waits for the first
 * patch of a pair.  Above the second the memory of a server has its limit. */
#define BEST_UP_TO ((uint64_t)32 << 20)
#define PATCH_UP_TO ((uint64_t)192 << 20)

bool
patch_is_possible(const struct compile_request *req)
{
	return req->basis_size <= PATCH_UP_TO &&
	    req->target_size <= PATCH_UP_TO;
}

int
content_read(struct store *s, const struct hash *want, uint64_t size,
    uint8_t *to, struct err *e)
{
	const struct fs *fs = store_fs(s);
	struct hash got;
	uint64_t real;
	int64_t n;
	int rc, fd = store_open_content(s, want, &real, e);

	if (fd < 0)
		return fd;
	n = fs_pread(fs, fd, to, (size_t)size, 0);
	fs_close_quietly(fs, &fd);
	if (n < 0)
		return err_sys(e, (int)-n, "read", "content in the store");
	if ((rc = hash_bytes(to, (size_t)n, &got, e)) != 0)
		return rc;
	if ((uint64_t)n == size && hash_equal(&got, want))
		return 0;
	store_drop_content(s, want);
	return err_set(e, ERP_CORRUPT,
	    "a content in the state folder was damaged and is removed; "
	    "publish again");
}

/* The same into memory of its own. */
static int
read_content(struct store *s, const struct hash *want, uint64_t size,
    uint8_t **out, struct err *e)
{
	if ((*out = malloc((size_t)size + 1)) == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	return content_read(s, want, size, *out, e);
}

int
patch_write(struct store *s, const struct compile_request *req,
    struct blob_writer *w, struct err *e)
{
	uint8_t *basis = NULL, *target = NULL;
	struct sink to = blob_writer_sink(w);
	struct patch_pair pair;
	int rc;

	if ((rc = read_content(s, &req->basis, req->basis_size, &basis, e)) !=
		0 ||
	    (rc = read_content(
		 s, &req->target, req->target_size, &target, e)) != 0)
		goto out;
	pair.basis = basis;
	pair.basis_len = (size_t)req->basis_size;
	pair.target = target;
	pair.target_len = (size_t)req->target_size;
	pair.effort = req->basis_size + req->target_size <= 2 * BEST_UP_TO
	    ? PATCH_BEST
	    : PATCH_QUICK;
	rc = patch_make(&pair, &to, e);
out:
	free(basis);
	free(target);
	return rc;
}
