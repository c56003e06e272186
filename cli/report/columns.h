#ifndef ERPSYNC_CLI_REPORT_COLUMNS_H
#define ERPSYNC_CLI_REPORT_COLUMNS_H

/*
 * Text in columns: one column per character of UTF-8.  Double-width and
 * combining characters, which an ERP client's file names do not have, would
 * only shift what stands behind them.
 */

#include <stddef.h>
#include <stdio.h>

/* Columns that text takes. */
size_t columns_of(const char *text);

/* What follows the first n columns of text. */
const char *columns_skip(const char *text, size_t n);

/* Print text in a cell of this many columns, blanks behind or in front. */
void columns_left(FILE *out, const char *text, size_t width);
void columns_right(FILE *out, const char *text, size_t width);

#endif
