#ifndef ERPSYNC_ENGINE_BASE_TEXT_H
#define ERPSYNC_ENGINE_BASE_TEXT_H

/* Text from outside: is it UTF-8, and how is it shown safely. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Decode one UTF-8 character of the len > 0 bytes at p: its length in bytes,
 * with the code point in *cp, or 0 for an overlong form, a surrogate or
 * anything else that is not UTF-8.
 */
size_t utf8_next(const char *p, size_t len, uint32_t *cp);

bool utf8_is_valid(const char *p, size_t len);

/* The same, and without controls (U+0000 to U+001F, U+007F to U+009F). */
bool utf8_is_printable(const char *p, size_t len);

/*
 * A copy of text fit for a log or a terminal: printable UTF-8 stays; controls,
 * backslash, stray bytes, and what is not seen but changes how a line is read
 * (U+2028, U+202E, U+200B and their like) become C-style backslash sequences.
 * out ends with NUL and is cut at a whole character.
 */
void text_escape(char *out, size_t cap, const char *text);

/* Is there nothing in it, but for backslashes, that text_escape would change?
 */
bool text_is_plain(const char *text);

/* The same for a text whose foreign parts may be escaped already, as those of
 * an error are: backslashes do not double. */
void text_escape_rest(char *out, size_t cap, const char *text);

/*
 * The same for one word of a line of several: quoted, with quotes escaped,
 * unless it is letters, digits and "._:/+-" alone.  At most 4 * its length + 3
 * bytes.
 */
void text_word(char *out, size_t cap, const char *text);

/*
 * A number of bytes as people write it: decimal digits, and perhaps a letter of
 * kmgtpe, large or small, for units of 1024, with B or iB behind it or not.
 * False, and *out as it was, for what is none or does not fit.
 */
bool text_size(const char *text, uint64_t *out);

/* The same of a rate: without a letter it is in units of 1024, as rsync's. */
bool text_rate(const char *text, uint64_t *out);

/* A number of bytes for the eye: "512 B", "1.2 KB", "34 MB", of
 * 1024. */
enum { TEXT_BYTES_MAX = 16 };
void text_bytes(char out[TEXT_BYTES_MAX], uint64_t bytes);

#endif
