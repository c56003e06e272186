/* Fuzz target: the INI parser, and what it promises about its result. */
#include "engine/base/ini.h"

#include "engine/base/err.h"
#include "engine/base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct ini_entry *v;
	struct ini ini;
	struct err e;
	size_t i;

	if (ini_parse("fuzz.ini", p, n, &ini, &e) != 0) {
		if (e.code != ERP_USAGE || e.msg[0] == '\0')
			abort();
		return 0;
	}
	for (i = 0; i < ini.n; i++) {
		v = &ini.v[i];
		/* Every entry is found by its own name, and is UTF-8. */
		if (ini_get(&ini, v->section, v->key) != v || v->line == 0 ||
		    !utf8_is_valid(v->value, strlen(v->value)))
			abort();
	}
	for (i = 0; i < ini.warnings.n; i++)
		if (!utf8_is_valid(
			ini.warnings.v[i], strlen(ini.warnings.v[i])))
			abort();
	ini_release(&ini);
	return 0;
}
