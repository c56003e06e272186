/* The table of settings: presets, bounds, and what is no key. */
#include "cli/config/settings.h"

#include "cli/config/config.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct reader r;
static struct err e;

static void
load(const char *text)
{
	memset(&r, 0, sizeof(r));
	r.path = "dir/x.ini";
	r.e = &e;
	cr_assert_eq(ini_parse("x.ini", text, strlen(text), &r.ini, &e), 0);
}

Test(settings, each_row_is_whole_and_each_key_once)
{
	const struct setting *s, *t;

	for (s = settings; s != settings + SETTINGS_N; s++) {
		cr_expect_not_null(s->key);
		cr_expect_not_null(s->help, "%s", s->key);
		cr_expect(s->take == NULL || s->section != NULL, "%s", s->key);
		for (t = settings; t != s; t++)
			cr_expect(t->file != s->file || t->section == NULL ||
				s->section == NULL ||
				strcmp(t->section, s->section) != 0 ||
				!ini_name_equal(t->key, s->key),
			    "%s", s->key);
	}
}

Test(settings, what_is_missing_has_its_preset)
{
	struct server_config c;

	load("[ErpSync]\nkeep=\nBuild=x\n");
	memset(&c, 0, sizeof(c));
	cr_assert_eq(settings_read(&r, SETTING_SERVER, "ErpSync", &c), 0);
	cr_assert_eq(c.keep, 8);
	cr_assert(c.terms.compile_ahead);
	cr_assert_not(c.lowercase_only);
	cr_assert_eq(c.max_stations, 1000);
	cr_assert_eq(c.max_per_address, 0);
	cr_assert_eq(c.settle_ms, 2000);
	cr_assert_eq(c.blob_cache_bytes, (uint64_t)2 << 30);
	cr_assert_str_eq(c.state, "dir/erpsync-state");
	cr_assert_null(c.log_file);
	cr_assert_str_eq(c.build, "x");
	cr_assert_eq(c.port, 0, "has rules of its own");
	server_config_release(&c);
	ini_release(&r.ini);
}

Test(settings, every_number_has_its_bounds)
{
	const struct setting *s;
	struct server_config c;
	struct station_config station;
	char text[100], want[100];

	for (s = settings; s != settings + SETTINGS_N; s++) {
		if (s->take == NULL || s->most == 0)
			continue;
		(void)snprintf(text, sizeof(text), "[%s]\n%s=%lld\n",
		    s->section, s->key, s->most + 1);
		(void)snprintf(want, sizeof(want),
		    "is not a whole number from %lld to %lld", s->least,
		    s->most);
		load(text);
		memset(&c, 0, sizeof(c));
		memset(&station, 0, sizeof(station));
		cr_assert_eq(settings_read(&r, s->file, s->section,
				 s->file == SETTING_SERVER ? (void *)&c
							   : (void *)&station),
		    ERP_USAGE);
		cr_assert_not_null(strstr(e.msg, want), "%s", e.msg);
		server_config_release(&c);
		station_config_release(&station);
		ini_release(&r.ini);
	}
}

Test(settings, keys_of_others_are_warned_of)
{
	load("[ErpSync]\nKEEP=1\nHealthCheck=x\nNothing=\n[Other]\nx=1\n");
	cr_assert_eq(settings_warn_unknown(&r, SETTING_SERVER, "ErpSync"), 0);
	cr_assert_eq(r.ini.warnings.n, 2);
	cr_assert_not_null(
	    strstr(r.ini.warnings.v[0], "HealthCheck is no key of [ErpSync]"));
	ini_release(&r.ini);
}

Test(settings, active_leads_to_a_section)
{
	const char *section = "";

	load("[drivers]\nACTIVE=tcp\n[TCP]\nPort=7\n");
	cr_assert_eq(settings_active(&r, SERVER_ACTIVE, &section), 0);
	cr_assert_str_eq(section, "tcp");
	cr_assert_str_eq(
	    settings_get(&r, SERVER_ACTIVE_PORT, section)->value, "7");
	ini_release(&r.ini);
	load("[drivers]\nactive=tcp\n");
	cr_assert_eq(settings_active(&r, STATION_ACTIVE, &section), ERP_USAGE);
	cr_assert_null(section);
	ini_release(&r.ini);
}

static const char *
section_of(const struct setting *s)
{
	return s->section == NULL ? "" : s->section;
}

Test(settings, help_names_every_key)
{
	char *text = NULL, line[60];
	const struct setting *s;
	size_t len, heads = 0, changes = 0;
	FILE *out = open_memstream(&text, &len);
	const char *head;

	cr_assert_not_null(out);
	settings_help(out);
	(void)fclose(out);
	for (s = settings; s != settings + SETTINGS_N; s++) {
		(void)snprintf(line, sizeof(line), "\n  %s%s", s->key,
		    s->most > 0 ? "=" : " ");
		cr_expect_not_null(strstr(text, line), "%s", s->key);
	}
	cr_expect_not_null(strstr(
	    text, "\n  Keep=1..100                 releases to keep (8)\n"));
	/* Each file has its head, once, and each section of it. */
	cr_expect_eq(strncmp(text, "AppServer.ini\n[", 15), 0, "%s", text);
	cr_expect_not_null(strstr(text, "\n\nsmartclient.ini\n["));
	for (head = text; (head = strstr(head, "\n[")) != NULL; head++)
		heads += head[1] == '[';
	for (s = settings; s != settings + SETTINGS_N; s++)
		changes += s == settings || s->file != s[-1].file ||
		    strcmp(section_of(s), section_of(s - 1)) != 0;
	cr_expect_eq(heads, changes, "%s", text);
	free(text);
}
