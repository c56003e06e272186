/*
 * The seal of the release that is offered.  What it has to be is the folder's
 * to say (engine/apply/trust.c); a folder that asks for none never sees one.
 */
#include "engine/apply/trust.h"
#include "engine/base/err.h"
#include "transport/station/station_internal.h"

#include <inttypes.h>

/* Packed bytes that a list of so many may take, hints apart. */
static uint64_t
packed_most(uint64_t size)
{
	return size + size / 64 + 65536;
}

int
seal_look(struct station *s, const uint8_t *p, size_t n, struct err *e)
{
	const struct msg_welcome *w = &s->report.welcome;
	struct seal_claim claim = {.text = {(const char *)p, n},
	    .release = w->release,
	    .size = w->manifest_len,
	    .os = s->opt.os};
	int rc = trust_look(s->opt.folder, &claim, e);

	if (rc == 0 && n > 0 &&
	    w->packed_len > packed_most(w->manifest_len) + HINTS_MAX_BYTES)
		rc = err_set(e, ERP_ENDLESS,
		    "the server announces %" PRIu32 " packed bytes for a list "
		    "of files of %" PRIu32,
		    w->packed_len, w->manifest_len);
	return rc;
}

int
seal_admit(struct station *s, struct err *e)
{
	return trust_admit(s->opt.folder, &s->manifest.want, e);
}
