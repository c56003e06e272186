/* The INI dialect: what is read, what is warned about, what is refused. */
#include "engine/base/ini.h"

#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "tests/support/sweep.h"
#include "tests/support/tempdir.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct ini ini;
static struct err e;

static int
parse(const char *text)
{
	return ini_parse("App.ini", text, strlen(text), &ini, &e);
}

/* The value of a key in a text, or "(none)"; the INI stays parsed. */
static const char *
value(const char *section, const char *key)
{
	const struct ini_entry *v = ini_get(&ini, section, key);

	return v == NULL ? "(none)" : v->value;
}

static bool
warns(const char *part)
{
	size_t i;

	for (i = 0; i < ini.warnings.n; i++)
		if (strstr(ini.warnings.v[i], part) != NULL)
			return true;
	return false;
}

Test(ini, reads_every_form_of_the_dialect)
{
	static const struct {
		const char *text, *section, *key, *value;
	} cases[] = {
	    {"[Update]\nEnable=1\n", "Update", "Enable", "1"},
	    {"[UPDATE]\r\nENABLE=1\r\n", "update", "enable", "1"},
	    {"\xef\xbb\xbf[a]\nb=c", "a", "b", "c"},
	    {"[ a b ]\n x  =  y z \t\n", "a b", "x", "y z"},
	    {"[WebApp/webapp]\nport=1\n", "webapp/WEBAPP", "Port", "1"},
	    {"[a]\nb=\"c d\"\n", "a", "b", "c d"},
	    {"[a]\nb='c;d'\n", "a", "b", "c;d"},
	    {"[a]\nb=\"c\n", "a", "b", "\"c"},
	    {"[a]\nb=\"c\" \"d\"\n", "a", "b", "\"c\" \"d\""},
	    {"[a]\nb=\"\"\n", "a", "b", ""},
	    {"[a]\nb=\n", "a", "b", ""},
	    {"[a]\n;b=1\n// b=2\n  ; b=3\nb=4\n", "a", "b", "4"},
	    {"[a]\nb=c;d//e\n", "a", "b", "c;d//e"},
	    {"[a]\nb=c=d\n", "a", "b", "c=d"},
	    {"[a]\nb=1\n[c]\nb=2\n", "c", "b", "2"},
	    {"[a]\nb=1\nB=2\n", "a", "b", "1"},
	    {"[a]\nb=1\n[x]\n[A]\nc=2\n", "a", "c", "2"},
	    {"[a]\nb=atualiza\xe7\xe3o\n", "a", "b",
		"atualiza\xc3\xa7\xc3\xa3o"},
	    {"[a]\nb=\x80\x9f\n", "a", "b", "\xe2\x82\xac\xc5\xb8"},
	    {"[a]\nb=\xc3\xa7\n", "a", "b", "\xc3\xa7"},
	    {"b=1\n[a]\n", "", "b", "(none)"},
	    {"[a]\nc=1\n", "a", "b", "(none)"},
	    {"[a]\n=1\nb=2\n", "a", "b", "2"},
	    {"", "a", "b", "(none)"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(parse(cases[i].text), 0, "%s", cases[i].text);
		cr_assert_str_eq(value(cases[i].section, cases[i].key),
		    cases[i].value, "%s", cases[i].text);
		ini_release(&ini);
	}
}

Test(ini, warns_with_the_line)
{
	static const struct {
		const char *text, *warning;
	} cases[] = {
	    {"[a]\n\nb=1 ; two\n", "App.ini:3: the value of b goes to"},
	    {"[a]\nb=1 // two\n", "App.ini:2: the value of b goes to"},
	    {"[a]\nb=1\n\nB=2\n",
		"App.ini:4: B in [a] is also at line 2; line 2 counts"},
	    {"[a]\nb=1\n[c]\nd=1\n[A]\ne=2\n",
		"App.ini:5: section [A] is also at line 1"},
	    {"[a]\nnonsense\n", "App.ini:2: neither [section]"},
	    {"x=1\n[a]\n", "App.ini:1: x stands before the first"},
	    {"[a] tail\n", "App.ini:1: text behind ']'"},
	    {"[a]\n=1\n", "App.ini:2: no key before '='"},
	    {"[a]\nb\x1b[2J=1\nb\x1b[2J=1\n", "b\\033[2J in [a]"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(parse(cases[i].text), 0);
		cr_assert_eq(ini.warnings.n, 1, "%s", cases[i].text);
		cr_assert(warns(cases[i].warning), "%s", ini.warnings.v[0]);
		ini_release(&ini);
	}
}

Test(ini, a_clean_file_has_no_warnings)
{
	cr_assert_eq(parse("; TOTVS\n[a]\nb=\"c;d\"\nurl=http://x;y\n"), 0);
	cr_assert_eq(ini.warnings.n, 0);
	cr_assert(ini_has_section(&ini, "A"));
	cr_assert_not(ini_has_section(&ini, "b"));
	cr_assert_eq(ini_get(&ini, "a", "url")->line, 4);
	ini_release(&ini);
}

Test(ini, refuses_what_is_no_ini_file)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *message;
	} cases[] = {
	    {"[a]\n[b\nc=1\n", 10, "App.ini:2: a section begins"},
	    {"[a]\nb=\0c\n", 9, "App.ini:2: there is a NUL byte"},
	    {"\xff\xfe[\0a\0", 6, "App.ini:1: the file is UTF-16"},
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(
		    ini_parse("App.ini", cases[i].bytes, cases[i].n, &ini, &e),
		    ERP_USAGE);
		cr_assert_eq(
		    strncmp(e.msg, cases[i].message, strlen(cases[i].message)),
		    0, "%s", e.msg);
		cr_assert_null(ini.v);
		cr_assert_null(ini.text);
	}
}

Test(ini, sizes_and_counts_are_bounded)
{
	char *big = malloc(INI_MAX_BYTES + 1);
	size_t n = 0, i;

	cr_assert_not_null(big);
	memset(big, '\n', INI_MAX_BYTES + 1);
	cr_assert_eq(
	    ini_parse("a", big, INI_MAX_BYTES + 1, &ini, &e), ERP_USAGE);
	cr_assert_eq(ini_parse("a", big, INI_MAX_BYTES, &ini, &e), 0);
	ini_release(&ini);
	/* Every line is a complaint: only the first hundred are told. */
	memset(big, 'x', INI_MAX_BYTES);
	for (i = 1; i < INI_MAX_BYTES; i += 2)
		big[i] = '\n';
	cr_assert_eq(ini_parse("a", big, INI_MAX_BYTES, &ini, &e), 0);
	cr_assert_eq(ini.warnings.n, 101);
	ini_release(&ini);
	/* The hundredth is told, and that there are more when there are. */
	for (i = 99; i <= 101; i++) {
		cr_assert_eq(ini_parse("a", big, 2 * i, &ini, &e), 0);
		cr_expect_eq(ini.warnings.n, i);
		cr_expect_eq(
		    strstr(ini.warnings.v[i - 1], "more") != NULL, i > 100);
		ini_release(&ini);
	}
	n = (size_t)snprintf(big, INI_MAX_BYTES, "[a]\n");
	for (i = 0; i < 10000; i++)
		n +=
		    (size_t)snprintf(big + n, INI_MAX_BYTES - n, "k%zu=1\n", i);
	cr_assert_eq(ini_parse("a", big, n, &ini, &e), 0);
	cr_expect_eq(ini.n, 10000);
	ini_release(&ini);
	n += (size_t)snprintf(big + n, INI_MAX_BYTES - n, "k=1\n");
	cr_assert_eq(ini_parse("a", big, n, &ini, &e), ERP_USAGE);
	free(big);
}

Test(ini, loads_a_file_or_says_why_not)
{
	struct tempdir t;
	char path[400];

	tempdir_open(&t);
	tempdir_text(&t, "AppServer.ini", "[a]\nb\n", -1);
	(void)snprintf(path, sizeof(path), "%s/AppServer.ini", t.path);
	cr_assert_eq(ini_load(path, &ini, &e), 0);
	cr_assert(warns("AppServer.ini:2: "));
	ini_release(&ini);
	(void)snprintf(path, sizeof(path), "%s/none.ini", t.path);
	cr_assert_eq(ini_load(path, &ini, &e), ERP_NOTFOUND);
	cr_assert_not_null(strstr(e.msg, "none.ini"));
	cr_assert_neq(ini_load(t.path, &ini, &e), 0);
	/* Nobody will ever write into it. */
	(void)snprintf(path, sizeof(path), "%s/fifo", t.path);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_assert_eq(ini_load(path, &ini, &e), ERP_USAGE);
	cr_assert_not_null(
	    strstr(e.msg, "fifo: is no regular file"), "%s", e.msg);
	cr_assert_eq(ini_load("/dev/null", &ini, &e), ERP_USAGE);
	tempdir_close(&t);
}

static int
read_it(void *arg, const struct fs *fs, struct err *why)
{
	struct tempdir *t = arg;
	int fd = fs_open(fs, t->fd, "a.ini", FS_READ, 0), rc;

	if (fd < 0)
		return err_sys(why, -fd, "open", "a.ini");
	rc = ini_read(fs, fd, "a.ini", &ini, why);
	fs_close_quietly(fs, &fd);
	if (rc == 0 && strcmp(value("a", "b"), "c") != 0)
		rc = SWEEP_WRONG;
	ini_release(&ini);
	return rc;
}

/* Pieces are of 4 KiB; what comes behind one is read, too. */
Test(ini, is_read_whole_whatever_its_length)
{
	static const int lens[] = {4095, 4096, 4097, 8192, 8193};
	struct tempdir t;
	char text[8194];
	size_t i;
	int fd;

	tempdir_open(&t);
	for (i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		(void)snprintf(
		    text, sizeof(text), "[a]\n;%0*d\nb=c", lens[i] - 9, 0);
		cr_assert_eq(strlen(text), (size_t)lens[i]);
		tempdir_text(&t, "a.ini", text, -1);
		fd = fs_open(fs_real(), t.fd, "a.ini", FS_READ, 0);
		cr_assert(fd >= 0);
		cr_assert_eq(ini_read(fs_real(), fd, "a.ini", &ini, &e), 0);
		cr_expect_str_eq(value("a", "b"), "c");
		ini_release(&ini);
		fs_close_quietly(fs_real(), &fd);
	}
	tempdir_close(&t);
}

Test(ini, what_cannot_be_read_is_told)
{
	struct tempdir t;

	tempdir_open(&t);
	tempdir_text(&t, "a.ini", "[a]\nb=c\n", -1);
	SWEEP(fs_real(), read_it, &t);
	tempdir_close(&t);
}
