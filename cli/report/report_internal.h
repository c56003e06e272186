#ifndef ERPSYNC_CLI_REPORT_REPORT_INTERNAL_H
#define ERPSYNC_CLI_REPORT_REPORT_INTERNAL_H

/* The writers behind report_write, and the words that they share. */

#include "cli/report/report.h"

void report_text(FILE *out, enum lang lang, const struct report *r);
void report_brief(FILE *out, enum lang lang, const struct report *r);
void report_itemize(FILE *out, const struct report *r);
int report_json(FILE *out, const struct report *r, struct err *e);
void report_csv(FILE *out, const struct report *r);
void report_html(FILE *out, enum lang lang, const struct report *r);

/* The fixed words of JSON and CSV; NULL: no class, no transfer, no verdict. */
const char *report_action_word(enum erpsync_action kind);
const char *report_type_word(enum erpsync_type type);
const char *report_class_word(enum report_class class);
const char *report_codec_word(enum erpsync_codec codec);
const char *report_verdict_word(enum erpsync_verdict verdict);
/* Who wins; NULL of none. */
const char *report_conflict_word(const struct erpsync_conflict *c);

/* The words of a reason, the weightiest first. */
enum { REPORT_REASONS = 7 };
struct report_reason {
	unsigned bit;
	const char *word; /* fixed */
	const char *key; /* of the catalogue */
};
extern const struct report_reason report_reasons[REPORT_REASONS];

/* The same as keys of the catalogue. */
const char *report_action_key(enum erpsync_action kind);
const char *report_class_key(enum report_class class);
const char *report_verdict_key(enum erpsync_verdict verdict);
const char *report_title_key(const struct report *r);
const char *report_refusal_key(const struct report *r);
const char *report_conflict_key(const struct erpsync_conflict *c);

/* Why, in words of the language: "size, time"; "" for a new file. */
enum { REPORT_WHY_MAX = 160 };
void report_why(char out[REPORT_WHY_MAX], enum lang lang, unsigned reasons);

/* Is this item listed?  What stays as it is, is only counted. */
bool report_is_listed(const struct erpsync_change *item);

/* Has it a line where people read?  What differs in time only would bury the
 * rest: unless all are wanted, so many are only counted. */
bool report_has_line(const struct report *r, const struct erpsync_change *item);
size_t report_folded(const struct report *r);

/* "123 bytes", from a kilobyte on with "(1 KB)" behind. */
enum { REPORT_BYTES_MAX = 96 };
void report_bytes(char out[REPORT_BYTES_MAX], enum lang lang, uint64_t bytes);

/* The line that says it all. */
void report_conclusion(FILE *out, enum lang lang, const struct report *r);

/* The heading: what it is called, a key of the catalogue, and what it is. */
enum {
	REPORT_FACTS = 11,
	REPORT_FACT_MAX = PATH_MAX_BYTES + 64 /* bytes of one */
};
struct report_fact {
	const char *key;
	char text[REPORT_FACT_MAX];
};
/* Those that are known, in their order: how many. */
size_t report_heading(struct report_fact out[REPORT_FACTS], enum lang lang,
    const struct report *r);

/* Seconds that the transfer takes at what is known of the link; 0: nothing
 * is. */
uint64_t report_seconds(const struct report *r);

/* "bkp_remote.003"; false: there is none. */
enum { REPORT_BACKUP_MAX = 24 };
bool report_backup(char out[REPORT_BACKUP_MAX], const struct report *r);

/* The time as "2026-11-29T07:13:00Z". */
enum { REPORT_DATE_MAX = 32 };
void report_date(char out[REPORT_DATE_MAX], int64_t date);

#endif
