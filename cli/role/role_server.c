/*
 * The program erpsync-server: publishing and serving, and nothing that
 * changes a client folder.
 */
#include "cli/role/role.h"

#include <stddef.h>

const struct command *const role_commands[] = {
    commands_server,
    commands_file,
    NULL,
};
