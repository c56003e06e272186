#ifndef ERPSYNC_CLI_REPORT_REPORT_INTERNAL_H
#define ERPSYNC_CLI_REPORT_REPORT_INTERNAL_H

/* The writers behind report_write, and the words that they share. */

#include "cli/report/report.h"

void report_text(FILE *out, enum lang lang, const struct report *r);
void report_itemize(FILE *out, const struct report *r);
int report_json(FILE *out, const struct report *r, struct err *e);
void report_csv(FILE *out, const struct report *r);
void report_html(FILE *out, enum lang lang, const struct report *r);

/* The fixed words of JSON and CSV. */
const char *report_action_word(enum erpsync_action kind);
const char *report_type_word(enum erpsync_type type);
/* NULL: no transfer. */
const char *report_codec_word(enum erpsync_codec codec);
const char *report_verdict_word(enum erpsync_verdict verdict);

/* The words of a reason, the weightiest first. */
enum { REPORT_REASONS = 6 };
struct report_reason {
	unsigned bit;
	const char *word; /* fixed */
	const char *key; /* of the catalogue */
};
extern const struct report_reason report_reasons[REPORT_REASONS];

/* The same as keys of the catalogue. */
const char *report_action_key(enum erpsync_action kind);
const char *report_verdict_key(enum erpsync_verdict verdict);

/* Why, in words of the language: "size, time"; "" for a new file. */
enum { REPORT_WHY_MAX = 160 };
void report_why(char out[REPORT_WHY_MAX], enum lang lang, unsigned reasons);

/* Is this item listed?  What stays as it is, is only counted. */
bool report_is_listed(const struct erpsync_change *item);

/* Has it a line where people read?  What differs in time only would bury the
 * rest: unless all are wanted, so many are only counted. */
bool report_has_line(const struct report *r, const struct erpsync_change *item);
size_t report_folded(const struct report *r);

/* "123 bytes", from a kilobyte on with "(1.2K)" behind. */
enum { REPORT_BYTES_MAX = 64 };
void report_bytes(char out[REPORT_BYTES_MAX], enum lang lang, uint64_t bytes);

/* The line that says it all. */
void report_conclusion(FILE *out, enum lang lang, const struct report *r);

/* "7.00.1 -> 7.00.2". */
enum { REPORT_VERSIONS_MAX = 2 * ERPSYNC_LABEL_MAX + 64 };
void report_versions(
    char out[REPORT_VERSIONS_MAX], enum lang lang, const struct report *r);

#endif
