#ifndef ERPSYNC_CLI_MESSAGES_DETAILS_INTERNAL_H
#define ERPSYNC_CLI_MESSAGES_DETAILS_INTERNAL_H

/* The tables behind details.c; a row without a key ends each. */

#include <stddef.h>

struct detail {
	const char *key; /* English, %s and %m for what differs */
	const char *pt;
	const char *es;
};

extern const struct detail details_of_folder[];
extern const struct detail details_of_backups[];
extern const struct detail details_of_names[];
extern const struct detail details_of_peers[];
extern const struct detail details_of_security[];
extern const struct detail details_of_usage[];
extern const struct detail details_of_server[];
extern const struct detail details_of_ini[];
extern const struct detail details_of_disks[];
extern const struct detail details_of_seals[];
extern const struct detail details_of_calls[]; /* "open %s", of them ... */
extern const struct detail details_of_system[]; /* ... "File exists" */

#endif
