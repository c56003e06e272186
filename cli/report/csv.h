#ifndef ERPSYNC_CLI_REPORT_CSV_H
#define ERPSYNC_CLI_REPORT_CSV_H

/* Comma-separated values of RFC 4180. */

#include <stdio.h>

/* Write text as one field: in quotes when it has to be. */
void csv_field(FILE *out, const char *text);

#endif
