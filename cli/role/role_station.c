/*
 * The program erpsync-station, which stations have: no publishing, no
 * listening, and none of the libraries that only those need.
 */
#include "cli/cmd.h"
#include "cli/role/role.h"

#include <stddef.h>

static const struct command commands_doctor[] = {
    {"doctor", cmd_doctor_dir, "find out what is wrong at a station"},
    {NULL, NULL, NULL},
};

const struct command_table role_commands[] = {
    COMMANDS_STATION,
    COMMANDS_DOCTOR,
    COMMANDS_FILE,
    {NULL, NULL},
};
