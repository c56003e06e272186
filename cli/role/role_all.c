/*
 * The program erpsync, which is both ends: what is installed where it does
 * not matter what else is in the file.
 */
#include "cli/role/role.h"

#include <stddef.h>

const struct command_table role_commands[] = {
    COMMANDS_SERVER,
    COMMANDS_STATION,
    COMMANDS_FILE,
    {NULL, NULL},
};
