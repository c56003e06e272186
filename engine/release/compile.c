/*
 * The door of the compiler: single files and groups part here
 * (compile_road.c, compile_group.c).  Either way an answer is made once and
 * found by its key from then on.
 */
#include "engine/base/err.h"
#include "engine/release/compile_internal.h"
#include "engine/tree/missing.h"

#include <assert.h>
#include <string.h>

/* Kept free beside a new blob: its key, folders, blocks half used. */
enum { ROOM_MORE = 256 * 1024 };

static int
answer(struct store *s, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	const struct compile_work work = {s, &req->one, &req->how};

	memset(out, 0, sizeof(*out));
	return req->is_group ? compile_group(s, &req->group, &out->blob, e)
			     : compile_one(&work, out, e);
}

int
compile_blob(struct store *s, const struct compile_request *req,
    struct compile_answer *out, struct err *e)
{
	/* No blob is much larger than what it makes. */
	uint64_t need = ROOM_MORE +
	    (req->is_group ? (uint64_t)GROUP_FILES : req->one.target_size);
	int rc = answer(s, req, out, e);

	/* Old answers are only a saving: they make room for new ones. */
	if (rc == ERP_NOSPACE && store_make_room(s, need) > 0)
		rc = answer(s, req, out, e);
	if (rc == ERP_NOSPACE && store_make_room(s, UINT64_MAX) > 0)
		rc = answer(s, req, out, e);
	assert(rc <= 0);
	return rc;
}

int
compile_best(struct store *s, const struct compile_request *req,
    const struct compile_stop *stop, struct err *e)
{
	const struct compile_how how = {.stop = stop, .crew = req->how.crew};
	const struct compile_work work = {s, &req->one, &how};
	int rc;

	rc = req->is_group ? compile_group_best(s, &req->group, stop, e)
			   : compile_one_best(&work, e);
	assert(rc <= 0);
	return rc;
}

int
compile_key(const struct compile_request *req, struct hash *key, struct err *e)
{
	return req->is_group ? compile_group_key(&req->group, key, e)
			     : compile_one_key(&req->one, key, e);
}
