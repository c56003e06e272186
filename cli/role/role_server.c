/*
 * The program erpsync-server: publishing and serving, and nothing that
 * changes a client folder.
 */
#include "cli/role/role.h"

#include <stddef.h>

const struct command_table role_commands[] = {
    COMMANDS_SERVER,
    COMMANDS_FILE,
    {NULL, NULL},
};
