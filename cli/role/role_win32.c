/*
 * The program erpsync.exe: what a station needs.  The commands on single
 * files stay away until they can wait for this system's pipes.
 */
#include "cli/role/role.h"

#include <stddef.h>

const struct command *const role_commands[] = {
    commands_station,
    NULL,
};
