#ifndef ERPSYNC_CLI_REPORT_REPORT_RELEASES_H
#define ERPSYNC_CLI_REPORT_REPORT_RELEASES_H

/* The list of a server's kept releases, for people and for programs.  Keys and
 * words of JSON and CSV never change; they are documented in erpsync(1). */

#include "cli/messages/messages.h"

#include <stddef.h>
#include <stdio.h>

struct err;
struct erpsync_kept;

/* In the order of the words of --format. */
enum releases_format { RELEASES_TEXT, RELEASES_JSON, RELEASES_CSV };

struct releases_form {
	enum releases_format format;
	enum lang lang;
	unsigned width; /* of the terminal; 0: any */
};

struct releases_item {
	const char *system; /* linux */
	const struct erpsync_kept *kept;
};

/* ERP_NOMEM, or ERP_IO when out could not be written. */
int releases_write(FILE *out, const struct releases_form *form,
    const struct releases_item *v, size_t n, struct err *e);

#endif
