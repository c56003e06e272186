/* INI files as rows: no byte lost, encodings, what is none. */
#include "engine/ini/ini_file.h"

#include "engine/base/buf.h"
#include "engine/base/err.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct ini_file file;
static struct err e;

static int
read_text(const char *text)
{
	return ini_file_read((struct ini_bytes){text, strlen(text)}, &file, &e);
}

static struct ini_span
span(const char *text)
{
	return (struct ini_span){text, text == NULL ? 0 : strlen(text)};
}

/* The file written again is the file. */
static void
expect_whole(const char *text)
{
	struct buf joined, out;
	size_t i;

	cr_assert_eq(read_text(text), 0, "%s", text);
	buf_init(&joined, 4096);
	buf_init(&out, 4096);
	for (i = 0; i < file.n; i++) {
		const struct ini_row *r = &file.rows[i];

		cr_assert_eq(buf_append(&joined, r->all.p, r->all.len, &e), 0);
		cr_assert_eq(buf_append(&joined, r->end.p, r->end.len, &e), 0);
	}
	cr_assert_eq(ini_file_encode(&file.style,
			 (const char *)buf_data(&joined), joined.len, &out, &e),
	    0);
	cr_expect_eq(out.len, strlen(text), "%s", text);
	if (out.len == strlen(text) && out.len > 0)
		cr_expect_arr_eq(buf_data(&out), text, out.len, "%s", text);
	buf_release(&joined);
	buf_release(&out);
	ini_file_release(&file);
}

Test(ini_file, keeps_every_byte)
{
	static const char *const texts[] = {"", "\n", "\r\n", "\r", "a",
	    "a\n\n", "[a]\r\nb = c \r\n", "x\ny\r\nz", "\xef\xbb\xbf",
	    "\xef\xbb\xbf[a]\n", "[a]\nb=\xe7\xe3o\n", "[a]\nb=\xc3\xa7\n",
	    "\xef\xbb\xbf[a]\nb=\xe7\n", "\x81\x8d\x8f\x90\x9d\x80\xff\n",
	    "[\n]\n=\n;\n//\n", "a\r\r\nb\rc\n"};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_whole(texts[i]);
}

Test(ini_file, tells_the_encoding)
{
	static const struct {
		const char *text;
		enum ini_encoding encoding;
		bool bom;
	} table[] = {
	    {"", INI_ASCII, false},
	    {"[a]\x7f\n", INI_ASCII, false},
	    {"\xef\xbb\xbf", INI_UTF8, true},
	    {"\xef\xbb", INI_CP1252, false},
	    {"\xc2\x80", INI_UTF8, false},
	    {"\x80", INI_CP1252, false},
	    {"\xc3\xa7\xe7", INI_CP1252, false},
	    {"\xef\xbb\xbf\xe7", INI_CP1252, true},
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		cr_assert_eq(read_text(table[i].text), 0);
		cr_expect_eq(file.style.encoding, table[i].encoding, "%zu", i);
		cr_expect_eq(file.style.bom, table[i].bom, "%zu", i);
		ini_file_release(&file);
	}
}

Test(ini_file, rows_know_their_place)
{
	const struct ini_row *r;

	cr_assert_eq(
	    read_text("k=0\n[A]\nk=1\nK=2\n=x\n[b]\nk=3\n[a]\nm=4"), 0);
	cr_assert_eq(file.n, 9);
	cr_expect_eq(file.keys_n, 5);
	cr_expect_eq(file.sections_n, 3);
	cr_expect_null(file.rows[0].section.p);
	cr_expect_eq(file.rows[4].kind, INI_STRAY);
	cr_expect_null(file.rows[4].key.p);
	cr_expect_eq(file.rows[8].end.len, 0);
	cr_expect_eq(ini_file_key(&file, span(NULL), span("K")), file.rows);
	cr_expect_eq(ini_file_key(&file, span("a"), span("k")), &file.rows[2]);
	cr_expect_eq(ini_file_key(&file, span("B"), span("k")), &file.rows[6]);
	cr_expect_eq(ini_file_key(&file, span("a"), span("M")), &file.rows[8]);
	cr_expect_null(ini_file_key(&file, span("b"), span("m")));
	cr_expect_null(ini_file_key(&file, span(""), span("k")));
	cr_expect_null(ini_file_key(&file, span("z"), span("k")));
	r = ini_file_section(&file, span("a"));
	cr_expect_eq(r, &file.rows[1]);
	cr_expect_eq(ini_file_section(&file, span("B")), &file.rows[5]);
	cr_expect_null(ini_file_section(&file, span("c")));
	cr_expect_null(ini_file_section(&file, span(NULL)));
	ini_file_release(&file);
}

Test(ini_file, refuses_what_is_none)
{
	char *big = malloc(INI_FILE_BYTES + 1);
	size_t i;

	cr_assert_not_null(big);
	cr_expect_eq(
	    ini_file_read((struct ini_bytes){"a\0b", 3}, &file, &e), 1);
	ini_file_release(&file);
	cr_expect_eq(ini_file_read((struct ini_bytes){"\xff\xfe"
						      "a",
				       3},
			 &file, &e),
	    1);
	ini_file_release(&file);
	cr_expect_eq(
	    ini_file_read((struct ini_bytes){"\xfe\xff", 2}, &file, &e), 1);
	ini_file_release(&file);
	cr_expect_eq(
	    ini_file_read((struct ini_bytes){"\xfe", 1}, &file, &e), 0);
	ini_file_release(&file);
	memset(big, 'x', INI_FILE_BYTES + 1);
	for (i = 0; i <= 1; i++) {
		cr_expect_eq(
		    ini_file_read(
			(struct ini_bytes){big, INI_FILE_BYTES + i}, &file, &e),
		    (int)i);
		ini_file_release(&file);
	}
	memset(big, '\n', INI_FILE_ROWS + 1);
	for (i = 0; i <= 1; i++) {
		cr_expect_eq(
		    ini_file_read(
			(struct ini_bytes){big, INI_FILE_ROWS + i}, &file, &e),
		    (int)i);
		ini_file_release(&file);
	}
	/* The last row needs no end to be one. */
	big[INI_FILE_ROWS] = 'x';
	cr_expect_eq(ini_file_read(
			 (struct ini_bytes){big, INI_FILE_ROWS + 1}, &file, &e),
	    1);
	ini_file_release(&file);
	free(big);
}

Test(ini_file, encodes_or_says_that_it_cannot)
{
	static const struct {
		struct ini_style style;
		const char *text, *bytes; /* NULL: it cannot */
	} table[] = {
	    {{INI_ASCII, false}, "a", "a"},
	    {{INI_ASCII, false}, "\xc3\xa7", NULL},
	    {{INI_UTF8, false}, "\xc3\xa7", "\xc3\xa7"},
	    {{INI_UTF8, true}, "\xc3\xa7", "\xef\xbb\xbf\xc3\xa7"},
	    {{INI_UTF8, true}, "", "\xef\xbb\xbf"},
	    {{INI_CP1252, false}, "a\xc3\xa7", "a\xe7"},
	    {{INI_CP1252, true}, "\xc3\xa7", "\xef\xbb\xbf\xe7"},
	    {{INI_CP1252, false}, "a", "a"},
	    {{INI_CP1252, false}, "\xc4\x80", NULL},
	    /* In Windows-1252 these bytes would be a character of UTF-8. */
	    {{INI_CP1252, false}, "\xc3\x83\xc2\xa7", NULL},
	    {{INI_CP1252, true}, "\xc3\x83\xc2\xa7", NULL},
	    /* Or marks of another encoding. */
	    {{INI_CP1252, false}, "\xc3\xaf\xc2\xbb\xc2\xbf\xc3\xa7", NULL},
	    {{INI_CP1252, true}, "\xc3\xaf\xc2\xbb\xc2\xbf\xc3\xa7",
		"\xef\xbb\xbf\xef\xbb\xbf\xe7"},
	    {{INI_CP1252, false}, "\xc3\xbf\xc3\xbe", NULL},
	    {{INI_UTF8, false},
		"\xef\xbb\xbf"
		"a",
		NULL},
	    {{INI_UTF8, true},
		"\xef\xbb\xbf"
		"a",
		"\xef\xbb\xbf\xef\xbb\xbf"
		"a"},
	};
	struct buf out;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_init(&out, 64);
		rc = ini_file_encode(&table[i].style, table[i].text,
		    strlen(table[i].text), &out, &e);
		cr_expect_eq(rc, table[i].bytes == NULL, "%zu", i);
		cr_assert_eq(out.len,
		    table[i].bytes == NULL ? 0 : strlen(table[i].bytes), "%zu",
		    i);
		if (out.len > 0)
			cr_expect_arr_eq(
			    buf_data(&out), table[i].bytes, out.len, "%zu", i);
		buf_release(&out);
	}
}
