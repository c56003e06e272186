/*
 * The program erpsync, which is both ends: what is installed where it does
 * not matter what else is in the file.
 */
#include "cli/role/role.h"

#include <stddef.h>

const struct command *const role_commands[] = {
    commands_server,
    commands_station,
    commands_file,
    NULL,
};
