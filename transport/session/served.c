/* A release, ready for many sessions. */
#include "transport/session/served.h"

#include "engine/base/err.h"
#include "engine/delta/compress.h"

#include <stdlib.h>

/* Made once for a release, sent to every station: worth a slow level. */
enum { PACK_LEVEL = 19 };

int
served_new(struct manifest *m, struct served **out, struct err *e)
{
	struct served *s = calloc(1, sizeof(*s));
	struct buf raw;
	int rc;

	*out = NULL;
	if (s == NULL)
		return err_set(e, ERP_NOMEM, "out of memory");
	buf_init(&raw, MANIFEST_MAX_BYTES);
	buf_init(&s->packed, MANIFEST_MAX_BYTES);
	s->manifest = *m;
	manifest_init(m, s->manifest.os);
	atomic_init(&s->refs, 1);
	if ((rc = manifest_encode(&s->manifest, &raw, e)) != 0 ||
	    (rc = hash_bytes(buf_data(&raw), raw.len, &s->id, e)) != 0 ||
	    (rc = compress_bytes(
		 buf_data(&raw), raw.len, PACK_LEVEL, &s->packed, e)) != 0)
		goto out;
	s->manifest_len = (uint32_t)raw.len;
out:
	buf_release(&raw);
	if (rc != 0)
		served_unref(s);
	else
		*out = s;
	return rc;
}

struct served *
served_ref(struct served *s)
{
	if (s != NULL)
		atomic_fetch_add(&s->refs, 1);
	return s;
}

void
served_unref(struct served *s)
{
	if (s == NULL || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	manifest_release(&s->manifest);
	buf_release(&s->packed);
	free(s);
}
