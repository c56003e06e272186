/*
 * The program erpsync-station, which stations have: no publishing, no
 * listening, and none of the libraries that only those need.
 */
#include "cli/role/role.h"

#include <stddef.h>

const struct command_table role_commands[] = {
    COMMANDS_STATION,
    COMMANDS_FILE,
    {NULL, NULL},
};
