/*
 * The program erpsync-server: publishing and serving, and nothing that
 * changes a client folder.
 */
#include "cli/cmd.h"
#include "cli/role/role.h"

#include <stddef.h>

static const struct command commands_doctor[] = {
    {"doctor", cmd_doctor_config, "find out what is wrong at a server"},
    {NULL, NULL, NULL},
};

const struct command_table role_commands[] = {
    COMMANDS_SERVER,
    COMMANDS_DOCTOR,
    COMMANDS_FILE,
    {NULL, NULL},
};
