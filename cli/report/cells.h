#ifndef ERPSYNC_CLI_REPORT_CELLS_H
#define ERPSYNC_CLI_REPORT_CELLS_H

/* Cells of lists: the table that they are on a terminal, and what programs
 * read. */

#include "engine/base/hash.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { CELLS_DATE_MAX = 32 };

/* How a table is printed. */
struct cells_form {
	size_t columns;
	unsigned right; /* bits of those that are numbers */
	unsigned width; /* of the terminal; 0: any */
	size_t first; /* where a row is wider, so many are in its first line */
};

/* Print rows, one after another in v, each column as wide as its widest
 * cell. */
void cells_print(FILE *out, const char *const *v, size_t rows,
    const struct cells_form *form);

/* Seconds since 1970 as ISO 8601 in UTC, for programs. */
void cells_date(char out[CELLS_DATE_MAX], int64_t date);

/* An id as the library gives it. */
void cells_id(char out[HASH_HEX_LEN + 1], const uint8_t id[HASH_LEN]);

#endif
