#ifndef ERPSYNC_CLI_REPORT_REPORT_HTML_INTERNAL_H
#define ERPSYNC_CLI_REPORT_REPORT_HTML_INTERNAL_H

/* What the files report_html*.c share of the page. */

#include "cli/report/report_internal.h"

/* Text as content or attribute value; NULL is a dash. */
void html_text(FILE *out, const char *text);

/* A number with what the language puts between its thousands. */
void html_number(FILE *out, enum lang lang, uint64_t v);

/* The page up to its body, and from its end on (report_html_page.c).  dense:
 * so many rows that paper has them small, in columns. */
void html_begin(FILE *out, enum lang lang, const char *title,
    const char *folder, bool dense);
void html_end(FILE *out);

/* Two charts of the bytes that travel: by kind, and by file
 * (report_html_chart.c). */
void html_charts(FILE *out, enum lang lang, const struct report *r);

#endif
