/*
 * On top of the writers: the form that was asked for, and whether all of it
 * reached its file.
 */
#include "cli/report/report_internal.h"

#include "engine/base/err.h"

#include <errno.h>

int
report_write(FILE *out, enum report_format format, enum lang lang,
    const struct report *r, struct err *e)
{
	int rc = 0;

	switch (format) {
	case REPORT_TEXT:
		report_text(out, lang, r);
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
		report_html(out, lang, r);
		break;
	}
	if (rc == 0 && (fflush(out) != 0 || ferror(out)))
		rc = err_sys(e, errno, "write", "the report");
	return rc;
}
