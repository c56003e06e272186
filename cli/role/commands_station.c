/*
 * The commands on a client folder.  What they call is all that keeps the
 * station's rooms of engine and transport in a program.
 */
#include "cli/cmd.h"
#include "cli/role/role.h"

#include <stddef.h>

const struct command commands_station[] = {
    {"update", cmd_update, "make a client folder equal to the server's"},
    {"check", cmd_check, "show what an update would change and cost"},
    {"run", cmd_run, "update, then become the program"},
    {"rollback", cmd_rollback, "bring back a backup of a client folder"},
    {"recover", cmd_recover, "finish or undo an interrupted update"},
    {"verify", cmd_verify, "compare a client folder with its release"},
    {"history", cmd_history, "list the backups of a client folder"},
    {"keys", cmd_keys, "the keys whose seals a client folder asks for"},
    {"self-test", cmd_self_test, "try a disk for what updates rely on"},
    {NULL, NULL, NULL},
};
