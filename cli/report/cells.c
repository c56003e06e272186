/*
 * Cells of lists: below report_history.c and report_releases.c, which know what
 * stands in them.
 */
#include "cli/report/cells.h"

#include "cli/report/columns.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

static size_t
width_of(const char *const *v, size_t rows, size_t columns, size_t column)
{
	size_t i, n, width = 0;

	for (i = 0; i < rows; i++)
		if ((n = columns_of(v[i * columns + column])) > width)
			width = n;
	return width;
}

static size_t
total_of(const char *const *v, size_t rows, size_t columns)
{
	size_t k, sum = 2 * (columns - 1);

	for (k = 0; k < columns; k++)
		sum += width_of(v, rows, columns, k);
	return sum;
}

void
cells_print(
    FILE *out, const char *const *v, size_t rows, const struct cells_form *form)
{
	size_t columns = form->columns, i, k, width;
	bool narrow =
	    form->width > 0 && total_of(v, rows, columns) >= form->width;
	const char *const *row = v;

	assert(columns > 0 && form->first < columns);
	for (i = 0; i < rows; i++, row += columns) {
		for (k = 0; k + 1 < columns; k++) {
			width = width_of(v, rows, columns, k);
			if ((form->right >> k & 1) != 0)
				columns_right(out, row[k], width);
			else
				columns_left(out, row[k], width);
			(void)fputs(
			    narrow && k + 1 == form->first ? "\n    " : "  ",
			    out);
		}
		fprintf(out, "%s\n", row[k]);
	}
}

void
cells_date(char out[CELLS_DATE_MAX], int64_t date)
{
	time_t t = (time_t)date;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, CELLS_DATE_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		(void)snprintf(out, CELLS_DATE_MAX, "?");
}

void
cells_id(char out[HASH_HEX_LEN + 1], const uint8_t id[HASH_LEN])
{
	struct hash hash;

	memcpy(hash.b, id, sizeof(hash.b));
	hash_hex(&hash, out);
}
