/*
 * On top of the writers: each form that was asked for, and whether all of it
 * reached its file.
 */
#include "cli/report/report_internal.h"

#include "engine/base/err.h"

#include <assert.h>
#include <errno.h>

static int
write_one(const struct report *r, const struct report_sink *to, struct err *e)
{
	FILE *out = to->out;
	int rc = 0;

	switch (to->format) {
	case REPORT_TEXT:
		report_text(out, to->lang, r);
		break;
	case REPORT_ITEMIZE:
		report_itemize(out, r);
		break;
	case REPORT_JSON:
		rc = report_json(out, r, e);
		break;
	case REPORT_CSV:
		report_csv(out, r);
		break;
	case REPORT_HTML:
		report_html(out, to->lang, r);
		break;
	case REPORT_BRIEF:
		report_brief(out, to->lang, r);
		break;
	}
	if (rc == 0 && (fflush(out) != 0 || ferror(out)))
		rc = err_sys(e, errno, "write", "the report");
	return rc;
}

int
report_write(const struct report *r, const struct report_sink *sinks, size_t n,
    struct err *e)
{
	int first = 0, rc;
	size_t i;

	assert(r->v != NULL || r->n == 0);
	for (i = 0; i < n; i++) {
		rc = write_one(r, &sinks[i], first == 0 ? e : NULL);
		if (first == 0)
			first = rc;
	}
	return first;
}
