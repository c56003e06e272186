#ifndef ERPSYNC_CLI_REPORT_REPORT_HISTORY_H
#define ERPSYNC_CLI_REPORT_REPORT_HISTORY_H

/* The list of a folder's backups, for people and for programs.  Keys and
 * words of JSON and CSV never change; they are documented in erpsync(1). */

#include "cli/messages/messages.h"

#include <stdio.h>

struct err;
struct erpsync_history;

/* In the order of the words of --format. */
enum history_format { HISTORY_TEXT, HISTORY_JSON, HISTORY_CSV };

/* A table wider than these columns has several lines for each backup; 0 is for
 * no terminal.  ERP_NOMEM, or ERP_IO when out could not be written. */
int history_write(FILE *out, enum history_format format, enum lang lang,
    unsigned width, const struct erpsync_history *h, struct err *e);

#endif
