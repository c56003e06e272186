/*
 * The program erpsync, which is both ends: what is installed where it does
 * not matter what else is in the file.
 */
#include "cli/cmd.h"
#include "cli/role/role.h"

#include <stddef.h>

static const struct command commands_doctor[] = {
    {"doctor", cmd_doctor, "find out what is wrong at a station or a server"},
    {NULL, NULL, NULL},
};

const struct command_table role_commands[] = {
    COMMANDS_SERVER,
    COMMANDS_STATION,
    COMMANDS_DOCTOR,
    COMMANDS_FILE,
    {NULL, NULL},
};
