/*
 * A release that is fetched and not put in place: what the server said of it is
 * kept in the folder, so that the update needs no server.  Below station.c.
 */
#include "engine/apply/fetched.h"
#include "engine/apply/folder.h"
#include "engine/base/err.h"
#include "transport/station/station_internal.h"

int
fetched_note(
    struct station *s, enum station_state state, size_t n, struct err *e)
{
	return s->opt.download_only && !s->opt.dry_run && state < STATE_PLAN
	    ? buf_append(&s->opening, buf_data(&s->in), n, e)
	    : 0;
}

int
fetched_end(struct station *s, struct err *e)
{
	bool empty = plan_is_empty(&s->plan);
	int rc = empty ? fetched_forget(s->opt.folder, e)
		       : fetched_keep(s->opt.folder, &s->opening, e);

	return rc != 0 ? rc
		       : station_finish(s,
			     empty ? OUTCOME_CURRENT : OUTCOME_DRY_RUN, "", e);
}
