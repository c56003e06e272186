/*
 * Below report_data.c and report_history.c: the values and objects of their
 * JSON.  Whoever makes a value hands it on at once, so that a lack of memory
 * has to be looked at in one place, where it is put.
 */
#include "cli/report/json_put.h"

#include "engine/base/err.h"
#include "engine/base/path.h"
#include "engine/base/text.h"

#include <string.h>

/* jansson takes the reference also when it fails, and refuses NULL. */
bool
json_put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

bool
json_put_last(json_t *list, json_t *value)
{
	return json_array_append_new(list, value) == 0;
}

json_t *
json_put_text(const char *text)
{
	char shown[4 * PATH_MAX_BYTES + 1];

	if (text == NULL)
		return json_null();
	if (utf8_is_valid(text, strlen(text)))
		return json_string(text);
	text_escape(shown, sizeof(shown), text);
	return json_string(shown);
}

json_t *
json_put_number(uint64_t v)
{
	return json_integer(v > INT64_MAX ? INT64_MAX : (json_int_t)v);
}

int
json_put_out(FILE *out, json_t *object, struct err *e)
{
	int rc = 0;

	if (json_dumpf(object, out, JSON_INDENT(2)) == 0)
		(void)fputc('\n', out);
	else if (!ferror(out))
		rc = err_set(e, ERP_NOMEM, "no memory for the report");
	json_decref(object);
	return rc;
}
