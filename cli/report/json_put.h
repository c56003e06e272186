#ifndef ERPSYNC_CLI_REPORT_JSON_PUT_H
#define ERPSYNC_CLI_REPORT_JSON_PUT_H

/*
 * JSON for the forms that programs read, on jansson: values are made and put
 * into objects, and a lack of memory shows where they are put.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct err;

/* Put value, which may be NULL for a lack of memory, into an object or a list;
 * false: there was no memory.  Takes value in any case. */
bool json_put(json_t *object, const char *key, json_t *value);
bool json_put_last(json_t *list, json_t *value);

/* A string, escaped if it is not UTF-8; null for NULL. */
json_t *json_put_text(const char *text);
json_t *json_put_number(uint64_t v); /* INT64_MAX for what is larger */

/* Write object and a newline.  ERP_NOMEM: what was written is cut; a failure to
 * write shows in out.  Takes object. */
int json_put_out(FILE *out, json_t *object, struct err *e);

#endif
