#ifndef ERPSYNC_TESTS_SUPPORT_TERMINAL_H
#define ERPSYNC_TESTS_SUPPORT_TERMINAL_H

/* A terminal of so many columns, which shows nobody what it gets. */

#include <stddef.h>
#include <stdio.h>

struct terminal {
	int fd;
	FILE *out; /* what is written there is few enough bytes to be kept */
};

void terminal_open(struct terminal *t, unsigned short columns);

/* All that was written, and the terminal's end. */
void terminal_close(struct terminal *t, char *text, size_t cap);

#endif
