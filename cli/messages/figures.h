#ifndef ERPSYNC_CLI_MESSAGES_FIGURES_H
#define ERPSYNC_CLI_MESSAGES_FIGURES_H

/*
 * Figures for people, wherever they are shown: counts, sizes, spans and times,
 * with the signs of their language.  For programs there are plain numbers.
 */

#include "cli/messages/messages.h"

#include <stdint.h>

/* Room for any of them, with its NUL. */
enum { FIGURES_MAX = 40 };

/* "1.234.567"; in English "1,234,567". */
void figures_count(char out[FIGURES_MAX], enum lang lang, uint64_t n);

/* "812 B", "3 KB", "34,2 MB": 1 KB is 1024 B, as systems show files. */
void figures_bytes(char out[FIGURES_MAX], enum lang lang, uint64_t bytes);

/* Seconds as "1:07", "2:00:00". */
void figures_span(char out[FIGURES_MAX], uint64_t seconds);

/* Seconds since 1970 as a local time with its distance from UTC,
 * "2026-11-29 07:13:18 -03:00"; "?" for one that no calendar has. */
void figures_time(char out[FIGURES_MAX], int64_t when);

#endif
