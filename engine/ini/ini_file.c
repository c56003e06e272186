/*
 * An INI file as rows in UTF-8, and UTF-8 as the bytes of a file: the ground
 * of the merge (ini_merge.c).
 */
#include "engine/ini/ini_file.h"

#include "engine/base/buf.h"
#include "engine/base/cp1252.h"
#include "engine/base/err.h"
#include "engine/base/text.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char bom[3] = {'\xef', '\xbb', '\xbf'};

static bool
is_ascii(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)p[i] >= 0x80)
			return false;
	return true;
}

static bool
has_bom(const void *p, size_t n)
{
	return n >= sizeof(bom) && memcmp(p, bom, sizeof(bom)) == 0;
}

static bool
is_utf16(const void *p, size_t n)
{
	return n >= 2 &&
	    (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0);
}

/* Its text as UTF-8, of *len bytes, and how it was written. */
static int
decode(struct ini_bytes from, struct ini_file *f, size_t *len, struct err *e)
{
	const char *p = from.p;
	size_t n = from.n;

	f->style.bom = has_bom(p, n);
	if (f->style.bom) {
		p += sizeof(bom);
		n -= sizeof(bom);
	}
	if (n > 0 && !utf8_is_valid(p, n)) {
		f->style.encoding = INI_CP1252;
		f->text = cp1252_to_utf8(p, n, len);
		return f->text == NULL ? err_nomem(e) : 0;
	}
	if (f->style.bom || !is_ascii(p, n))
		f->style.encoding = INI_UTF8;
	if ((f->text = malloc(n + 1)) == NULL)
		return err_nomem(e);
	if (n > 0)
		memcpy(f->text, p, n);
	*len = n;
	return 0;
}

/* The next row at p, of the section so far; how many bytes it takes. */
static size_t
read_row(const char *p, size_t n, struct ini_span section, struct ini_row *r)
{
	const char *lf = memchr(p, '\n', n);
	size_t len = lf == NULL ? n : (size_t)(lf - p);
	size_t all =
	    lf != NULL && len > 0 && p[len - 1] == '\r' ? len - 1 : len;
	size_t used = lf == NULL ? n : len + 1;
	struct ini_line line;

	ini_line_read(p, all, &line);
	r->kind = line.kind;
	r->all = (struct ini_span){p, all};
	r->end = (struct ini_span){p + all, used - all};
	r->section = line.kind == INI_SECTION ? line.name : section;
	if (line.kind != INI_KEY)
		return used;
	if (line.name.len == 0) {
		r->kind = INI_STRAY;
		return used;
	}
	r->key = line.name;
	r->value = line.value;
	return used;
}

static int
compare_sections(struct ini_span a, struct ini_span b)
{
	if (a.p == NULL || b.p == NULL)
		return (a.p != NULL) - (b.p != NULL);
	return ini_name_compare(a, b);
}

static int
compare_names(const struct ini_row *x, const struct ini_row *y)
{
	int order = compare_sections(x->section, y->section);

	return order != 0 || x->key.p == NULL
	    ? order
	    : ini_name_compare(x->key, y->key);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct ini_row *x = *(const struct ini_row *const *)a;
	const struct ini_row *y = *(const struct ini_row *const *)b;
	int order = compare_names(x, y);

	return order != 0 ? order : (x > y) - (x < y);
}

static void
sort_rows(const struct ini_row **v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), compare_rows);
}

static int
make_index(struct ini_file *f, struct err *e)
{
	size_t i;

	f->keys = calloc(f->n + 1, sizeof(*f->keys));
	f->sections = calloc(f->n + 1, sizeof(*f->sections));
	if (f->keys == NULL || f->sections == NULL)
		return err_nomem(e);
	for (i = 0; i < f->n; i++) {
		if (f->rows[i].kind == INI_KEY)
			f->keys[f->keys_n++] = &f->rows[i];
		else if (f->rows[i].kind == INI_SECTION)
			f->sections[f->sections_n++] = &f->rows[i];
	}
	sort_rows(f->keys, f->keys_n);
	sort_rows(f->sections, f->sections_n);
	return 0;
}

/* How many rows n bytes of text have. */
static size_t
count_rows(const char *text, size_t n)
{
	size_t i, rows = n > 0 && text[n - 1] != '\n';

	for (i = 0; i < n; i++)
		rows += text[i] == '\n';
	return rows;
}

int
ini_file_read(struct ini_bytes from, struct ini_file *f, struct err *e)
{
	struct ini_span section = {NULL, 0};
	size_t len = 0, used = 0, rows;
	int rc;

	memset(f, 0, sizeof(*f));
	if (from.n > INI_FILE_BYTES || is_utf16(from.p, from.n) ||
	    (from.n > 0 && memchr(from.p, '\0', from.n) != NULL))
		return 1;
	if ((rc = decode(from, f, &len, e)) != 0)
		return rc;
	if ((rows = count_rows(f->text, len)) > INI_FILE_ROWS)
		return 1;
	if ((f->rows = calloc(rows + 1, sizeof(*f->rows))) == NULL)
		return err_nomem(e);
	while (used < len) {
		used += read_row(
		    f->text + used, len - used, section, &f->rows[f->n]);
		section = f->rows[f->n++].section;
	}
	assert(f->n == rows);
	return make_index(f, e);
}

void
ini_file_release(struct ini_file *f)
{
	free(f->text);
	free(f->rows);
	free(f->keys);
	free(f->sections);
	memset(f, 0, sizeof(*f));
}

/* The first of the rows with the names of like, which are sorted. */
static const struct ini_row *
find(const struct ini_row *const *v, size_t n, const struct ini_row *like)
{
	size_t low = 0, high = n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (compare_names(v[mid], like) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && compare_names(v[low], like) == 0 ? v[low] : NULL;
}

const struct ini_row *
ini_file_key(
    const struct ini_file *f, struct ini_span section, struct ini_span key)
{
	struct ini_row like = {.section = section, .key = key};

	return find(f->keys, f->keys_n, &like);
}

const struct ini_row *
ini_file_section(const struct ini_file *f, struct ini_span section)
{
	struct ini_row like = {.section = section};

	return find(f->sections, f->sections_n, &like);
}

bool
ini_file_can_hold(const struct ini_file *f, struct ini_span text)
{
	return f->style.encoding != INI_CP1252 || cp1252_has(text.p, text.len);
}

/* Would these bytes, with or without a mark in front, be read as those of
 * Windows-1252? */
static bool
reads_as_cp1252(const uint8_t *p, size_t n, bool marked)
{
	return !utf8_is_valid((const char *)p, n) &&
	    (marked || (!has_bom(p, n) && !is_utf16(p, n)));
}

int
ini_file_encode(const struct ini_style *style, const char *text, size_t n,
    struct buf *out, struct err *e)
{
	bool ascii = is_ascii(text, n);
	size_t mark = style->bom ? sizeof(bom) : 0, used = n;
	uint8_t *to;
	int rc;

	assert(utf8_is_valid(text, n));
	if ((style->encoding == INI_ASCII && !ascii) ||
	    (!style->bom && has_bom(text, n)))
		return 1;
	if (mark + n == 0)
		return 0;
	if ((rc = buf_reserve(out, mark + n, &to, e)) != 0)
		return rc;
	memcpy(to, bom, mark);
	if (style->encoding == INI_CP1252 && !ascii) {
		if (!cp1252_from_utf8(text, n, to + mark, &used) ||
		    !reads_as_cp1252(to + mark, used, style->bom))
			return 1;
	} else if (n > 0) {
		memcpy(to + mark, text, n);
	}
	buf_commit(out, mark + used);
	return 0;
}
