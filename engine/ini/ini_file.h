#ifndef ERPSYNC_ENGINE_INI_INI_FILE_H
#define ERPSYNC_ENGINE_INI_INI_FILE_H

/*
 * An INI file as its rows, no byte of which is lost: comments, order, case,
 * blanks, line ends, what is there twice, and what is no INI at all.  Its text
 * is handed out in UTF-8, whatever the file has.  Pure: bytes in, bytes out.
 */

#include "engine/base/ini_line.h"

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;

enum {
	INI_FILE_BYTES = 1024 * 1024, /* of a file, and of one that is made */
	INI_FILE_ROWS = 50000
};

/* The bytes of a file. */
struct ini_bytes {
	const void *p;
	size_t n;
};

enum ini_encoding { INI_ASCII, INI_UTF8, INI_CP1252 };

struct ini_style {
	enum ini_encoding encoding; /* ASCII: it could be either */
	bool bom; /* a byte order mark stands in front */
};

struct ini_row {
	enum ini_line_kind kind; /* a key without a name is INI_STRAY */
	struct ini_span all; /* without its end */
	struct ini_span end; /* "\n", "\r\n", or empty: the last one only */
	/* The section that it lies in or begins; NULL: before the first. */
	struct ini_span section;
	struct ini_span key, value; /* of INI_KEY; as struct ini_line */
};

struct ini_file {
	char *text; /* what the rows point into: valid UTF-8 */
	struct ini_style style;
	struct ini_row *rows;
	size_t n;
	/* Those with a key, and those that begin a section, each sorted by
	 * name and then by place. */
	const struct ini_row **keys, **sections;
	size_t keys_n, sections_n;
};

/*
 * Take a file apart; out is the caller's to release, whatever comes back.  1:
 * it is no INI file that could be kept as it is: a NUL byte, UTF-16, more than
 * INI_FILE_BYTES or INI_FILE_ROWS.  ERP_NOMEM.
 */
int ini_file_read(struct ini_bytes from, struct ini_file *out, struct err *e);
void ini_file_release(struct ini_file *f);

/* Has the encoding of f all characters of this valid UTF-8?  ASCII, which
 * could be either, has. */
bool ini_file_can_hold(const struct ini_file *f, struct ini_span text);

/* The first row of a key (section.p NULL: before the first one), and of a
 * section; NULL when there is none. */
const struct ini_row *ini_file_key(
    const struct ini_file *f, struct ini_span section, struct ini_span key);
const struct ini_row *ini_file_section(
    const struct ini_file *f, struct ini_span section);

/*
 * Add n bytes of UTF-8 to out, a file of this style.  1: there is a character
 * that its encoding lacks, or the file would be read as another encoding's;
 * nothing was added.  ERP_NOMEM.
 */
int ini_file_encode(const struct ini_style *style, const char *text, size_t n,
    struct buf *out, struct err *e);

#endif
