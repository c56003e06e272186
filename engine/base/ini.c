/*
 * What the ERP's INI files say.  Written here because inih and
 * iniparser, as Debian builds them, cut values at ';' and know no "//"
 * comments, no line numbers, no duplicates and no Windows-1252.
 */
#include "engine/base/ini.h"

#include "engine/base/buf.h"
#include "engine/base/cp1252.h"
#include "engine/base/err.h"
#include "engine/base/fs.h"
#include "engine/base/ini_line.h"
#include "engine/base/path.h"
#include "engine/base/path_file.h"
#include "engine/base/text.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READ_BYTES = 4096, SHOWN_BYTES = 200, MESSAGE_BYTES = 400 };

/* More than any real file has; they bound the time and memory of a bad one. */
enum { MAX_KEYS = 10000, MAX_WARNINGS = 100 };

/* What the loop over the lines knows. */
struct parser {
	struct ini *ini;
	const char *section;
	unsigned section_line;
	unsigned line;
};

bool
ini_name_equal(const char *a, const char *b)
{
	return ini_name_compare((struct ini_span){a, strlen(a)},
		   (struct ini_span){b, strlen(b)}) == 0;
}

const struct ini_entry *
ini_get(const struct ini *ini, const char *section, const char *key)
{
	size_t i;

	for (i = 0; i < ini->n; i++)
		if (ini_name_equal(ini->v[i].section, section) &&
		    ini_name_equal(ini->v[i].key, key))
			return &ini->v[i];
	return NULL;
}

bool
ini_has_section(const struct ini *ini, const char *section)
{
	size_t i;

	for (i = 0; i < ini->n; i++)
		if (ini_name_equal(ini->v[i].section, section))
			return true;
	return false;
}

/* "file:line: text" with the text made safe to show. */
static void message(char *out, size_t cap, const struct ini *ini, unsigned line,
    const char *fmt, va_list ap) __attribute__((format(printf, 5, 0)));

static void
message(char *out, size_t cap, const struct ini *ini, unsigned line,
    const char *fmt, va_list ap)
{
	char text[MESSAGE_BYTES], shown[MESSAGE_BYTES];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	text_escape_rest(shown, sizeof(shown), text);
	(void)snprintf(out, cap, "%s:%u: %s", ini->file, line, shown);
}

int
ini_warn(struct ini *ini, struct err *e, unsigned line, const char *fmt, ...)
{
	char text[MESSAGE_BYTES + SHOWN_BYTES];
	va_list ap;

	if (ini->warnings.n > MAX_WARNINGS)
		return 0;
	if (ini->warnings.n == MAX_WARNINGS)
		return names_add(
		    &ini->warnings, "more warnings are not shown", e);
	va_start(ap, fmt);
	message(text, sizeof(text), ini, line, fmt, ap);
	va_end(ap);
	return names_add(&ini->warnings, text, e);
}

int
ini_fail(
    const struct ini *ini, struct err *e, unsigned line, const char *fmt, ...)
{
	char text[MESSAGE_BYTES + SHOWN_BYTES];
	va_list ap;

	va_start(ap, fmt);
	message(text, sizeof(text), ini, line, fmt, ap);
	va_end(ap);
	return err_set(e, ERP_USAGE, "%s", text);
}

void
ini_release(struct ini *ini)
{
	free(ini->file);
	free(ini->text);
	free(ini->v);
	names_release(&ini->warnings);
	memset(ini, 0, sizeof(*ini));
}

char *
ini_as_utf8(const void *p, size_t n)
{
	size_t len;
	char *text;

	if (!utf8_is_valid((const char *)p, n))
		return cp1252_to_utf8(p, n, &len);
	if ((text = calloc(1, n + 1)) != NULL && n > 0)
		memcpy(text, p, n);
	return text;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

char *
ini_trim(char *text)
{
	size_t len;

	while (is_blank(*text))
		text++;
	for (len = strlen(text); len > 0 && is_blank(text[len - 1]); len--)
		text[len - 1] = '\0';
	return text;
}

/* Does what looks like a comment follow the value on its line? */
static bool
has_comment_look(const char *value)
{
	const char *p;

	for (p = value; *p != '\0'; p++)
		if (p > value && is_blank(p[-1]) &&
		    (*p == ';' || strncmp(p, "//", 2) == 0))
			return true;
	return false;
}

/* A part of a line, as a text of its own. */
static char *
cut(char *line, struct ini_span part)
{
	char *at = line + (part.p - line);

	at[part.len] = '\0';
	return at;
}

static int
parse_section(
    struct parser *p, char *line, const struct ini_line *is, struct err *e)
{
	size_t i;

	p->section = cut(line, is->name);
	p->section_line = p->line;
	for (i = 0; i < p->ini->n; i++)
		if (ini_name_equal(p->ini->v[i].section, p->section))
			break;
	if (i < p->ini->n &&
	    ini_warn(p->ini, e, p->line,
		"section [%.100s] is also at line %u; both are read as one",
		p->section, p->ini->v[i].section_line) != 0)
		return ERP_NOMEM;
	if (is->rest.len > 0)
		return ini_warn(
		    p->ini, e, p->line, "text behind ']' is ignored");
	return 0;
}

/* Remember an entry unless an earlier one has its name. */
static int
add_entry(struct parser *p, char *key, char *value, struct err *e)
{
	struct ini *ini = p->ini;
	const struct ini_entry *first = ini_get(ini, p->section, key);
	struct ini_entry *v;
	size_t cap = ini->cap == 0 ? 64 : 2 * ini->cap;

	if (first != NULL)
		return ini_warn(ini, e, p->line,
		    "%.100s in [%.100s] is also at line %u; line %u counts",
		    key, p->section, first->line, first->line);
	if (ini->n == MAX_KEYS)
		return ini_fail(ini, e, p->line, "more than %d keys", MAX_KEYS);
	if (ini->n == ini->cap) {
		if ((v = reallocarray(ini->v, cap, sizeof(*v))) == NULL)
			return err_nomem(e);
		ini->v = v;
		ini->cap = cap;
	}
	assert(ini->n < ini->cap);
	v = &ini->v[ini->n++];
	v->section = p->section;
	v->key = key;
	v->value = value;
	v->line = p->line;
	v->section_line = p->section_line;
	return 0;
}

static int
parse_key(
    struct parser *p, char *line, const struct ini_line *is, struct err *e)
{
	char *key = cut(line, is->name), *value = cut(line, is->value);

	if (p->section_line == 0)
		return ini_warn(p->ini, e, p->line,
		    "%.100s stands before the first [section]; ignored", key);
	if (*key == '\0')
		return ini_warn(
		    p->ini, e, p->line, "no key before '='; ignored");
	if (has_comment_look(value) &&
	    ini_warn(p->ini, e, p->line,
		"the value of %.100s goes to the end of the line, with what "
		"looks like a comment; put comments on lines of their own",
		key) != 0)
		return ERP_NOMEM;
	return add_entry(p, key, cut(line, ini_unquoted(is->value)), e);
}

static int
parse_line(struct parser *p, char *line, struct err *e)
{
	struct ini_line is;

	ini_line_read(line, strlen(line), &is);
	switch (is.kind) {
	case INI_BLANK:
	case INI_COMMENT:
		return 0;
	case INI_SECTION:
		return parse_section(p, line, &is, e);
	case INI_UNCLOSED:
		return ini_fail(p->ini, e, p->line,
		    "a section begins with '[' but has no ']'");
	case INI_KEY:
		return parse_key(p, line, &is, e);
	case INI_STRAY:
		break;
	}
	return ini_warn(p->ini, e, p->line,
	    "neither [section] nor key=value nor comment; ignored");
}

/* What makes bytes no INI file at all. */
static int
check_bytes(const struct ini *ini, const uint8_t *p, size_t n, struct err *e)
{
	const uint8_t *nul = n == 0 ? NULL : memchr(p, '\0', n);
	unsigned line = 1;

	if (n > INI_MAX_BYTES)
		return err_set(e, ERP_USAGE,
		    "%.180s is larger than %d bytes; it is no INI file",
		    ini->file, INI_MAX_BYTES);
	if (n >= 2 &&
	    ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff)))
		return ini_fail(
		    ini, e, 1, "the file is UTF-16; save it as UTF-8 or ANSI");
	if (nul == NULL)
		return 0;
	for (; p < nul; p++)
		line += *p == '\n';
	return ini_fail(
	    ini, e, line, "there is a NUL byte; this is no text file");
}

int
ini_parse(const char *file, const void *bytes, size_t n, struct ini *out,
    struct err *e)
{
	struct parser p = {out, "", 0, 0};
	const uint8_t *from = bytes;
	char shown[SHOWN_BYTES], *line, *next;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	text_escape(shown, sizeof(shown), file);
	if ((out->file = strdup(shown)) == NULL)
		return err_nomem(e);
	if ((rc = check_bytes(out, from, n, e)) != 0)
		goto out;
	if (n >= 3 && memcmp(from, "\xef\xbb\xbf", 3) == 0) {
		from += 3;
		n -= 3;
	}
	if ((out->text = ini_as_utf8(from, n)) == NULL) {
		rc = err_nomem(e);
		goto out;
	}
	for (line = out->text; rc == 0 && line != NULL; line = next) {
		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		p.line++;
		rc = parse_line(&p, line, e);
	}
out:
	if (rc != 0)
		ini_release(out);
	return rc;
}

/* Read a file by its path, following links as an administrator expects. */
static int
read_whole(const char *path, struct buf *bytes, struct err *e)
{
	uint8_t *to;
	size_t got;
	FILE *f;
	int rc = path_file_open(path, &f, e);

	if (rc != 0)
		return rc;
	do {
		if ((rc = buf_reserve(bytes, READ_BYTES, &to, e)) != 0)
			break;
		got = fread(to, 1, READ_BYTES, f);
		buf_commit(bytes, got);
	} while (got > 0 && bytes->len <= INI_MAX_BYTES);
	if (rc == 0 && ferror(f))
		rc = err_sys(e, errno, "read", path);
	(void)fclose(f);
	return rc;
}

int
ini_read(const struct fs *fs, int fd, const char *name, struct ini *out,
    struct err *e)
{
	uint8_t *to;
	struct buf bytes;
	int64_t got;
	int rc;

	assert(fd >= 0);
	memset(out, 0, sizeof(*out));
	buf_init(&bytes, INI_MAX_BYTES + 2 * READ_BYTES);
	do {
		if ((rc = buf_reserve(&bytes, READ_BYTES, &to, e)) != 0)
			break;
		got = fs_pread(fs, fd, to, READ_BYTES, bytes.len);
		if (got < 0) {
			rc = err_sys(e, (int)-got, "read", name);
			break;
		}
		buf_commit(&bytes, (size_t)got);
	} while (got == READ_BYTES && bytes.len <= INI_MAX_BYTES);
	if (rc == 0)
		rc = ini_parse(name, bytes.p, bytes.len, out, e);
	buf_release(&bytes);
	return rc;
}

int
ini_load(const char *path, struct ini *out, struct err *e)
{
	struct buf bytes;
	int rc;

	memset(out, 0, sizeof(*out));
	buf_init(&bytes, INI_MAX_BYTES + 2 * READ_BYTES);
	if ((rc = read_whole(path, &bytes, e)) == 0)
		rc = ini_parse(path_base(path), bytes.p, bytes.len, out, e);
	buf_release(&bytes);
	return rc;
}
